"""Do the commands say what they should?"""

from blog.store import newest_first


def test_posts_lists_every_title(app, runner):
    result = runner.invoke(args=["posts"])
    with app.app_context():
        titles = [post.title for post in newest_first()]
    assert result.exit_code == 0
    assert titles and all(title in result.output for title in titles)


def test_the_newsletter_needs_a_base(runner):
    result = runner.invoke(args=["newsletter"])
    assert result.exit_code == 1
    assert "SERVER_NAME" in result.output


def test_the_newsletter_links_to_the_base(runner):
    result = runner.invoke(args=["newsletter", "--base", "https://blog.example"])
    assert "https://blog.example/post/" in result.output

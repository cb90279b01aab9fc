"""Does the blog show what it should?"""


def publish(member, **form):
    """Publish a post and return its page."""
    return member.post("/new", data=form, follow_redirects=True)


def test_home_has_the_name(app, client):
    assert app.config["BLOG_NAME"] in client.get("/").text


def test_a_missing_post_is_not_found(client):
    assert client.get("/post/no-such-post").status_code == 404


def test_the_newest_post_comes_first(member):
    publish(member, title="Older", body="one")
    publish(member, title="Newer", body="two")
    member.get("/about")  # where the messages go
    home = member.get("/").text
    assert home.index("Newer") < home.index("Older")


def test_a_body_is_escaped(member):
    page = publish(member, title="Tags", body="<b>bold</b>").text
    assert "&lt;b&gt;" in page and "<b>bold" not in page

"""Lesson 5, url_for: does every link lead there, wherever the blog stands?"""

from datetime import date
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest

from checks.pages import crawl, link_to, parse, texts

HOSTS = ["http://localhost", "https://{}.example", "https://{}.example/blog"]


@pytest.mark.step(1)
def test_each_title_links_to_its_post(make_app, unseen):
    posts = unseen.posts(3)
    page = home_page(make_app(posts=posts))
    for post in posts:
        link = link_on(page, post["title"])
        assert path_of(link) == f"/post/{post['id']}", f"the link leads to {link}"


@pytest.mark.step(1)
def test_a_title_stays_text(make_app, unseen):
    posts = unseen.posts(1)
    posts[0]["title"] = title = f"<b>{unseen.word()}"
    page = home_page(make_app(posts=posts))
    rule = "a title should arrive as text, even one that looks like HTML"
    assert title not in page, rule
    link_on(page, title)


@pytest.mark.step(1)
def test_each_name_links_to_its_author(make_app, unseen):
    posts = unseen.posts(3)
    posts[1]["author"] = f'{unseen.name()} "b?c"'
    page = home_page(make_app(posts=posts))
    for post in posts:
        link = link_on(page, post["author"])
        assert path_of(link) == f"/author/{post['author']}", f"the link leads to {link}"


@pytest.mark.step(2)
def test_each_tag_links_to_its_search(make_app, unseen):
    posts = unseen.posts(2)
    posts[1]["tags"] = [f"{unseen.word()} & b", unseen.word()]
    page = home_page(make_app(posts=posts))
    for post in posts:
        there = [tag for tag in post["tags"] if tag in parse(page).text]
        rule = "every tag of a post should be there: where does the loop end?"
        assert there == post["tags"], rule
    for tag in posts[0]["tags"] + posts[1]["tags"]:
        link = link_on(page, tag)
        assert path_of(link) == "/search"
        asked = parse_qs(urlsplit(link).query)
        assert asked == {"tag": [tag]}, f"the link of {tag!r} leads to {link}"


@pytest.mark.step(3)
def test_under_a_prefix_every_link_answers(make_app, unseen):
    client = make_app(posts=unseen.posts(3)).test_client()
    found = crawl(client, prefix="/blog")
    dead = [address for address, status in found.items() if status >= 400]
    names = " and ".join(sorted(dead))
    assert not dead, f"mounted under /blog, links lead to {names}: nothing answers"
    assert found.get("/blog/about") == 200, "the home page should have a link to /about"


@pytest.mark.step(4)
@pytest.mark.parametrize("host", HOSTS)
def test_the_site_map_is_absolute_on_every_host(make_app, unseen, host):
    base = host.format(unseen.word())
    posts = unseen.posts(3)
    client = make_app(posts=posts).test_client()
    response = client.get("/sitemap.txt", base_url=base)
    for post in posts:
        assert f"{base}/post/{post['id']}" in response.text


@pytest.mark.step(5)
@pytest.mark.parametrize("prefix", ["", "/blog"])
def test_the_old_address_moves_for_good(client, prefix):
    response = client.get("/home", base_url=f"http://localhost{prefix}")
    assert response.status_code in (301, 308)
    rule = f"mounted under {prefix or '/'}, it should lead to the home page there"
    assert path_of(response.location, response.request.url) == f"{prefix}/", rule


@pytest.mark.step(5)
@pytest.mark.parametrize("prefix", ["", "/blog"])
@pytest.mark.parametrize("place", [0, 2])
def test_latest_leads_to_the_newest_post_for_now(make_app, unseen, prefix, place):
    posts = sorted(unseen.posts(4), key=lambda post: post["id"])
    days = [date(2025, 3, 1), None, date(2025, 6, 1)]
    days.insert(place, date(2025, 9, 1))
    for post, day in zip(posts, days, strict=True):
        post["date"] = day
    client = make_app(posts=posts).test_client()
    response = client.get("/latest", base_url=f"http://localhost{prefix}")
    assert response.status_code in (302, 303)
    where = f"mounted under {prefix or '/'}"
    rule = f"{where}, it should lead to the post with the latest date"
    newest = f"{prefix}/post/{posts[place]['id']}"
    assert path_of(response.location, response.request.url) == newest, rule


@pytest.mark.step(6)
def test_the_newsletter_prints_a_link_for_every_post(cli, unseen):
    posts = unseen.posts(3)
    newsletter = cli("python", "newsletter.py", posts=posts)
    rule = "the newsletter should run to its end, with exit code 0"
    assert newsletter.exit_code == 0, rule
    for post in posts:
        assert post["title"] in newsletter.stdout
        assert f"https://blog.example/post/{post['id']}" in newsletter.stdout


def home_page(app):
    """Return the HTML of the home page."""
    response = app.test_client().get("/")
    assert response.status_code == 200
    return response.text


def link_on(page, text):
    """Return the address of the link with this text, which the page must have."""
    link, words = link_to(page, text), ", ".join(texts(page, "a"))
    assert link, f"no link on the home page says {text!r}; its links say: {words}"
    return link


def path_of(link, page="http://localhost/"):
    """Return the path that a link on a page leads to, decoded."""
    return unquote(urlsplit(urljoin(page, link or "")).path)

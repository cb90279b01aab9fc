"""Lesson 7, Templates: do pages come from templates, numbered, safe and greeting?"""

import re
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from checks.pages import link_to, links, parse, seen, texts

GREETINGS = ["Good to see you", "Welcome back", "Hello, World!"]

# Flask tells whoever asks which template it rendered; one without a file has no name.
RENDERED = """
import datetime, posts
from flask import template_rendered
from flask.cli import ScriptInfo

posts.POSTS[:] = {posts!r}
app = ScriptInfo(app_import_path="app").load_app()
app.testing = True
names = []

def note(sender, template, **more):
    names.append(template.name)

template_rendered.connect(note, app)
app.test_client().get("/post/{posts[0][id]}")
[name for name in names if name]
"""


@pytest.mark.step(1)
def test_a_post_shows_all_that_the_template_shows(make_app, unseen):
    posts = unseen.posts(2)
    client = make_app(posts=posts).test_client()
    for post in posts:
        response = client.get(f"/post/{post['id']}")
        assert response.status_code == 200
        for key in ("title", "author", "summary", "body"):
            assert post[key] in seen(response), f"the page should show the post's {key}"
        assert "</" not in seen(response), "HTML should not arrive as text"
        link = link_to(response.text, post["author"])
        rule = "the author's name should be a link to the author's page"
        assert path_of(link) == f"/author/{post['author']}", rule
        shown = texts(response.text, "a")
        twice = [tag for tag in post["tags"] if shown.count(tag) > 1]
        assert twice == [], "the template shows the tags; a second list is one too many"
        home = "/" in map(path_of, links(response.text))
        assert home, "the page should keep its link to the home page"


@pytest.mark.step(1)
@pytest.mark.parametrize("key", ["body", "summary", "title"])
def test_what_looks_like_html_arrives_as_text(make_app, unseen, key):
    posts = unseen.posts(1)
    posts[0][key] = hostile = f'<b>{unseen.word()}</b> & "{unseen.word()}"'
    response = make_app(posts=posts).test_client().get(f"/post/{posts[0]['id']}")
    rule = f"a {key} should arrive as it was written, also when it looks like HTML"
    assert hostile in seen(response), rule


@pytest.mark.step(1)
def test_the_page_of_a_post_comes_from_a_file_of_templates(python, unseen):
    rendered = python(RENDERED.format(posts=unseen.posts(1)))
    assert rendered, "the view should render a file of the folder templates/"


@pytest.mark.step(2)
def test_every_post_stands_on_the_home_page_with_its_number(make_app, unseen):
    posts = unseen.posts(4)
    home = home_of(make_app(posts=posts).test_client())
    for post in posts:
        assert post["title"] in seen(home), "the home page should show every post"
    rule = "a number and a full stop should stand before each title, from 1 on"
    if "<ol" in home.text:
        rule += "; the browser draws those of an <ol>, and the page does not hold them"
    assert [number_of(post, home.text) for post in posts] == ["1", "2", "3", "4"], rule
    drawn = [text for text in numbered(home.text) if "list-style" not in home.text]
    assert drawn == [], "an <ol> draws a number of its own, in front of yours"


@pytest.mark.step(2)
@pytest.mark.parametrize("prefix", ["", "/blog"])
def test_titles_and_authors_are_links(make_app, unseen, prefix):
    posts = unseen.posts(3)
    posts[1]["author"] = f"{unseen.name()} b?c"
    client = make_app(posts=posts).test_client()
    page = home_of(client, f"http://localhost{prefix}").text
    for post in posts:
        for text, address in [
            (post["title"], f"/post/{post['id']}"),
            (post["author"], f"/author/{post['author']}"),
        ]:
            link = link_to(page, text)
            assert link, no_link(page, text)
            assert path_of(link) == prefix + address, about(link, prefix)


@pytest.mark.step(2)
def test_a_title_in_the_list_stays_text(make_app, unseen):
    posts = unseen.posts(2)
    posts[1]["title"] = title = f"<b>{unseen.word()} & co"
    rule = "a title should arrive as it was written, also when it looks like HTML"
    assert title in seen(home_of(make_app(posts=posts).test_client())), rule


@pytest.mark.step(3)
def test_a_blog_without_posts_says_so(make_app):
    assert "No posts yet" in seen(home_of(make_app(posts=[]).test_client()))


@pytest.mark.step(3)
def test_a_blog_with_posts_does_not(make_app, unseen):
    text = seen(home_of(make_app(posts=unseen.posts(2)).test_client()))
    assert "No posts yet" not in text, "these words are for a blog without posts"


@pytest.mark.step(4)
@pytest.mark.parametrize(
    ("form", "rule"),
    [
        ("{}", "whoever brings a cookie called name should be greeted by that name"),
        ("<b>{}</b> & co", "a visitor wrote this name: it should arrive as text"),
    ],
)
def test_a_known_visitor_is_greeted_by_name(client, unseen, form, rule):
    name = form.format(unseen.name())
    client.set_cookie("name", name)
    assert f"Good to see you, {name}" in seen(home_of(client)), rule


@pytest.mark.step(4)
@pytest.mark.parametrize(
    ("cookies", "greeting"),
    [
        (["name", "visited"], "Good to see you"),
        (["visited"], "Welcome back"),
        ([], "Hello, World!"),
    ],
)
def test_every_visitor_gets_one_greeting(client, unseen, cookies, greeting):
    for cookie in cookies:
        client.set_cookie(cookie, unseen.name())
    text = seen(home_of(client))
    rule = f"whoever brings {' and '.join(cookies) or 'no cookie'} gets this one alone"
    assert [words for words in GREETINGS if words in text] == [greeting], rule


def home_of(client, base_url="http://localhost"):
    """Return the answer of the home page."""
    response = client.get("/", base_url=base_url)
    assert response.status_code == 200
    return response


def number_of(post, page):
    """Return the number in front of a post's title, "none" without one."""
    text = re.sub("<[^>]*>", " ", page)
    found = re.search(rf"(\d+)\s*[.):]\s*{re.escape(post['title'])}", text)
    return found[1] if found else "none"


def numbered(page):
    """Return the texts of items of an ordered list that begin with a number."""
    elements = [each for each in parse(page).elements if "ol" in each["inside"]]
    items = [each["text"].strip() for each in elements if each["tag"] == "li"]
    return [item for item in items if re.match(r"\d+\s*[.):]", item)]


def no_link(page, text):
    """Say that a text is no link, or name the link that holds it among other words."""
    more = [found for found in texts(page, "a") if text in found]
    if more:
        return f"a link's text is {more[0]!r}; it should be {text!r} alone"
    return f"{text!r} should be the text of a link"


def path_of(link):
    """Return the path that a link on a page leads to, decoded; "" without a link."""
    return unquote(urlsplit(urljoin("http://localhost", link or "")).path)


def about(link, prefix):
    """Say where a link leads, and what it leaves out if it was written by hand."""
    if "?" in link:
        return f"the path of {link} ends at the ?: url_for writes a ? of a name as %3F"
    if not link.startswith(prefix):
        return f"mounted under {prefix}, the link is {link}: url_for knows the prefix"
    return f"the link is {link}"

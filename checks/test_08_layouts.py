"""Lesson 8, Layouts: does every page stand in one frame, under a title of its own?"""

from urllib.parse import urlsplit

import pytest

from checks.pages import link_to, parse, seen, texts

DOCTYPE = "<!doctype html>"
FRAME = ["nav", "h1", "footer"]

PAGES = [
    "/",
    "/about",
    "/contact",
    "/authors/",
    "/author/{author}",
    "/post/{id}",
    "/search",
    "/tip/5",
    "/files/a.txt",
    "/draft/123e4567-e89b-12d3-a456-426614174000",
]

# Which file builds each link of some pages? {"/": {"/about": "templates/base.html"}}
FILES_OF_LINKS = """
import datetime, os, posts, sys
posts.POSTS = {posts!r}

from flask import request
from flask.cli import ScriptInfo

app = ScriptInfo(app_import_path="app").load_app()
build, found = app.jinja_env.globals["url_for"], {{}}

def url_for(*args, **values):
    frame = sys._getframe(1)
    while not frame.f_code.co_filename.startswith(app.root_path):
        frame = frame.f_back
    address = build(*args, **values)
    file = os.path.relpath(frame.f_code.co_filename, app.root_path)
    found.setdefault(request.path, {{}})[address] = file
    return address

app.jinja_env.globals["url_for"] = url_for
for page in {pages!r}:
    app.test_client().get(page)
found
"""

ONCE = "it should be written once"
OUTSIDE = "what a page says outside the frame's blocks is left out"
RENAMED = "import app; app.BLOG_NAME = {!r}; app.app.test_client().get('/').text"


@pytest.mark.step(1)
@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_one_frame(make_app, unseen, address):
    posts = unseen.posts(2)
    client = make_app(posts=posts).test_client()
    response = client.get(address.format(**posts[0]))
    assert response.status_code == 200
    page = response.text.lstrip()
    rule = "a page should begin with its doctype"
    assert page[: len(DOCTYPE)].lower() == DOCTYPE, rule
    assert page.lower().count("<!doctype") == 1, "one doctype a page is enough"
    found = [part["tag"] for part in parse(page).elements if part["tag"] in FRAME]
    assert texts(page, "h1"), f"no <h1> came: {OUTSIDE}"
    assert found == FRAME, "one of each, in this order"


@pytest.mark.step(1)
def test_navigation_and_footer_are_alike_on_every_page(make_app, unseen):
    posts = unseen.posts(2)
    client = make_app(posts=posts).test_client()
    about = client.get("/about").text
    for address in PAGES:
        page = client.get(address.format(**posts[0])).text
        rule = "its navigation and footer should say the same as those of /about"
        assert texts(page, "nav") == texts(about, "nav"), rule
        assert texts(page, "footer") == texts(about, "footer"), rule


@pytest.mark.step(1)
def test_the_home_page_lost_nothing(make_app, unseen):
    posts = unseen.posts(3)
    page = seen(make_app(posts=posts).test_client().get("/"))
    for words in ["Hello, World!", *[post["title"] for post in posts]]:
        assert words in page, OUTSIDE


@pytest.mark.step(1)
def test_the_navigation_is_written_once(python, unseen):
    code = FILES_OF_LINKS.format(posts=unseen.posts(1), pages=["/", "/about"])
    found = python(code)
    about, home = ({*found.get(page, {}).values()} for page in ("/about", "/"))
    assert about, "url_for should build the links of the navigation"
    rule = f"/about has its navigation from {', '.join(sorted(about))}, and / has not"
    assert not about - home, f"{rule}: {ONCE}"


@pytest.mark.step(2)
def test_the_tab_names_the_post(make_app, unseen):
    posts = unseen.posts(2)
    posts[1]["title"] = f"{unseen.word()} & </title><b>{unseen.word()}"
    client = make_app(posts=posts).test_client()
    for post in posts:
        response = client.get(f"/post/{post['id']}")
        assert response.status_code == 200
        title = title_of(response.text)
        rule = "the tab should name the post; a page fills its frame by blocks alone"
        assert post["title"] in title, rule
        assert " object at 0x" not in title


@pytest.mark.step(2)
def test_other_pages_keep_titles_of_their_own(client):
    about = client.get("/about").text
    response = client.get("/contact")
    assert response.status_code == 200
    assert title_of(response.text) != title_of(about), "two pages, two titles"


@pytest.mark.step(3)
def test_home_gets_the_blogs_name(client):
    """the home page sets no title, so it gets the blog's name"""
    response = client.get("/")
    assert response.status_code == 200
    rule = "the title should be what the heading is, the name of the blog"
    assert texts(response.text, "title") == texts(response.text, "h1"), rule


@pytest.mark.step(3)
def test_another_name_is_another_title(python, unseen):
    name = f"{unseen.word()} & {unseen.word()}"
    page = python(RENAMED.format(name))
    rule = "the title should follow BLOG_NAME, which the check changed"
    assert title_of(page) == name, rule


@pytest.mark.step(4)
@pytest.mark.parametrize("address", ["/", "/author/{author}"])
def test_a_card_links_title_and_author(make_app, unseen, address):
    posts = unseen.posts(3)
    post = posts[1]
    client = make_app(posts=posts).test_client()
    response = client.get(address.format(**post))
    assert response.status_code == 200
    for words, target in [
        (post["title"], f"/post/{post['id']}"),
        (post["author"], f"/author/{post['author']}"),
    ]:
        rule = f"each card should have a link that says {words!r}"
        assert urlsplit(link_to(response.text, words) or "").path == target, rule


@pytest.mark.step(4)
def test_the_card_is_written_once(python, unseen):
    posts = unseen.posts(2)
    pages = ["/", f"/author/{posts[0]['author']}"]
    found = python(FILES_OF_LINKS.format(posts=posts, pages=pages))
    files = [found.get(page, {}).get(f"/post/{posts[0]['id']}") for page in pages]
    assert any(files), "url_for should build the links of a card"
    rule = f"the card stands in {' and in '.join(map(str, files))}: {ONCE}"
    assert files[0] == files[1], rule


def title_of(page):
    """Return what the browser shows in the tab."""
    return "".join(texts(page, "title"))

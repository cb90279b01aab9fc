"""Lesson 10, Static files: do style, script and pictures reach the browser, fresh?"""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from checks.pages import parse, texts

BASES = ["http://localhost", "http://localhost/blog"]
JAVASCRIPT = ("text/javascript", "application/javascript")
COMMENT = re.compile(r"(?ms)/\*.*?\*/|^\s*//.*?$")

# The home page of a process of its own. All of its files are old, and no time passes.
HOME = """
import os, pathlib, time

time.time = lambda: 1_700_000_000.0
for path in pathlib.Path().rglob("*"):
    os.utime(path, (1_000_000_000, 1_000_000_000))
{before}
from flask.cli import ScriptInfo

app = ScriptInfo(app_import_path="app").load_app()
app.testing = True
app.test_client().get("/").text
"""
AS_IT_IS = HOME.format(before="")
CHANGED = """
for path in pathlib.Path().rglob("*.css"):
    path.write_bytes(path.read_bytes() + b"/* changed */")
    os.utime(path, (1_900_000_000, 1_900_000_000))
"""


@pytest.mark.step(1)
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("page", ["/about", "/authors/"])
def test_every_page_links_a_stylesheet_that_answers(client, page, base):
    response = visit(client, page, base)
    for link in stylesheets(response.text):
        answer = fetch(client, response, link)
        assert answer.status_code == 200, f"the link of the stylesheet says {link}"
        assert answer.mimetype == "text/css"
        assert answer.text.strip(), "the stylesheet is empty"


@pytest.mark.step(1)
def test_no_rules_are_left_in_the_page(client):
    response = client.get("/")
    blocks = texts(response.text, "style")
    assert not blocks, "the page still has a style block: the stylesheet replaces it"


@pytest.mark.step(2)
@pytest.mark.parametrize("base", BASES)
def test_every_script_is_a_file_that_answers(client, base):
    response = visit(client, "/authors/", base)
    scripts = elements(response.text, "script")
    assert scripts, "the page has no script, and the button needs one"
    opened, closed = response.text.count("<script"), response.text.count("</script>")
    assert closed == opened, "a <script> with a src needs its </script>, too"
    inline = [script for script in scripts if script["text"].strip()]
    assert not inline, "code still stands between <script> and </script> in the page"
    for script in scripts:
        link = script["attrs"].get("src")
        assert link, "a script without code in it needs a src"
        answer = fetch(client, response, link)
        assert answer.status_code == 200, f"the src of the script says {link}"
        assert answer.mimetype in JAVASCRIPT
        assert "<script" not in answer.text, "a file of JavaScript holds no tags"
        code = COMMENT.sub("", answer.text).strip()
        assert code, "the file of the script holds no code yet"


@pytest.mark.step(2)
def test_the_button_stays(client):
    response = client.get("/")
    buttons = [each["attrs"].get("id") for each in elements(response.text, "button")]
    stays = "theme" in buttons
    assert stays, 'the button with id="theme" should stay'


@pytest.mark.step(3)
@pytest.mark.parametrize("base", BASES)
def test_the_navigation_shows_a_logo(client, base):
    response = visit(client, "/authors/", base)
    images = [i for i in elements(response.text, "img") if "nav" in i["inside"]]
    assert images, "there is no <img> in the navigation"
    logos = [i["attrs"] for i in images if (i["attrs"].get("alt") or "").strip()]
    assert logos, "the logo has no alt text: what is read to those who cannot see it?"
    link = logos[0].get("src")
    assert link, "the logo has no src"
    answer = fetch(client, response, link)
    assert answer.status_code == 200, f"the src of the logo says {link}"
    kind = answer.mimetype.partition("/")[0]
    assert kind == "image", f"the src of the logo says {link}"


@pytest.mark.step(3)
def test_browsers_get_an_icon(client):
    response = client.get("/favicon.ico")
    if response.location:
        response = fetch(client, response, response.location)
    assert response.status_code == 200
    kind = response.mimetype.partition("/")[0]
    assert kind == "image", f"an icon is an image, and this came as {response.mimetype}"


@pytest.mark.step(4)
def test_the_address_changes_with_the_file(python):
    before = stylesheets(python(AS_IT_IS))
    after = stylesheets(python(HOME.format(before=CHANGED)))
    same = before == after
    assert not same, (
        f"the file changed, and its link is still {after[0]}: what builds it?"
    )


@pytest.mark.step(4)
def test_the_address_stays_while_the_file_does(python):
    first, again = stylesheets(python(AS_IT_IS)), stylesheets(python(AS_IT_IS))
    assert again == first, "nothing changed, so a restart should not change the link"


@pytest.mark.step(4)
def test_what_has_not_changed_is_not_sent_again(client):
    response = client.get("/about")
    link = stylesheets(response.text)[0]
    tag = fetch(client, response, link).headers.get("ETag")
    assert tag, "the stylesheet came without the header ETag: who sends it?"
    again = fetch(client, response, link, headers={"If-None-Match": tag})
    assert again.status_code == 304, "If-None-Match named the ETag that just came"


def visit(client, page, base):
    """Return a page of the app, which may be mounted under a prefix."""
    response = client.get(page, base_url=base)
    assert response.status_code == 200
    return response


def fetch(client, page, link, headers=None):
    """Ask for what a page links, as a browser does."""
    prefix = page.request.root_path
    parts = urlsplit(urljoin(page.request.url, link))
    assert parts.hostname == "localhost", f"{link} is not a file of your blog"
    inside = parts.path.startswith(f"{prefix}/")
    assert inside, f"mounted under {prefix}, a link leads to {link}: nothing answers"
    address = parts._replace(scheme="", netloc="", path=parts.path.removeprefix(prefix))
    base = f"http://localhost{prefix}"
    return client.get(address.geturl(), base_url=base, headers=headers)


def elements(html, tag):
    """Return the elements of one kind, each with its attributes and its text."""
    return [element for element in parse(html).elements if element["tag"] == tag]


def stylesheets(html):
    """Return the addresses of the blog's own stylesheets, as they stand in a page."""
    links = [element["attrs"] for element in elements(html, "link")]
    sheets = [link for link in links if "stylesheet" in (link.get("rel") or "").lower()]
    found = [sheet.get("href") or "" for sheet in sheets]
    own = [href for href in found if urlsplit(href).netloc in ("", "localhost")]
    assert own, 'the page has no <link rel="stylesheet"> to a file of yours'
    return own

"""Lesson 6, Responses: do people, robots and monitors each get the right answer?"""

import uuid

import pytest

from checks.pages import cookie

INSTALLED = "from importlib.metadata import version; version('flask')"

# Flask as it will be: of another version, and without the attribute that goes away.
ON_A_LATER_FLASK = """
import pathlib, warnings
from flask.cli import ScriptInfo

folder = pathlib.Path("flask-99.0.dist-info")
folder.mkdir()
(folder / "METADATA").write_text("Name: flask\\nVersion: 99.0\\n")
warnings.filterwarnings("error", "The '__version__' attribute")
app = ScriptInfo(app_import_path="app").load_app()
app.testing = True
app.test_client().get("/api/status").get_json(silent=True)
"""


@pytest.mark.step(1)
def test_robots_get_plain_text(client):
    response = client.get("/robots.txt")
    assert response.status_code == 200
    assert response.mimetype == "text/plain", "its Content-Type should be text/plain"
    assert response.text.splitlines()[:2] == ["User-agent: *", "Disallow: /search"]


@pytest.mark.step(2)
def test_a_missing_post_is_404_in_your_words(make_app, unseen):
    client = make_app(posts=unseen.posts(2)).test_client()
    response = client.get(f"/post/{unseen.number(1000, 9999)}")
    assert response.status_code == 404
    assert "No such post" in response.text


@pytest.mark.step(2)
def test_a_post_that_exists_is_still_200(make_app, unseen):
    posts = unseen.posts(2)
    client = make_app(posts=posts).test_client()
    response = client.get(f"/post/{posts[1]['id']}")
    assert response.status_code == 200
    assert posts[1]["body"] in response.text


@pytest.mark.step(3)
def test_the_status_is_json(make_app, python):
    installed = python(INSTALLED)
    response = make_app().test_client().get("/api/status")
    assert response.status_code == 200
    assert response.mimetype == "application/json", "a monitor should get JSON"
    assert response.json == {"status": "ok", "flask": installed}


@pytest.mark.step(3)
def test_the_version_is_asked_for_and_not_written_down(python):
    answer = python(ON_A_LATER_FLASK)
    rule = "flask should be the version that is installed, and here that is 99.0"
    assert answer == {"status": "ok", "flask": "99.0"}, rule


@pytest.mark.step(4)
def test_a_draft_asks_robots_to_leave_it_out(client, unseen):
    key = uuid.UUID(int=unseen.number(10**30, 10**31))
    response = client.get(f"/draft/{key}")
    assert response.status_code == 200
    assert response.mimetype == "text/html", "the other headers should stay"
    assert str(key) in response.text
    tag = response.headers.get("X-Robots-Tag")
    assert tag == "noindex", "a draft should carry X-Robots-Tag"


@pytest.mark.step(4)
@pytest.mark.parametrize("address", ["/", "/about"])
def test_all_other_pages_may_be_found(client, address):
    response = client.get(address)
    tag = response.headers.get("X-Robots-Tag", "")
    assert tag == "", "only drafts should carry X-Robots-Tag"


@pytest.mark.step(5)
def test_the_home_page_sets_a_cookie_with_flags(client):
    response = client.get("/")
    assert response.status_code == 200
    visited = cookie(response, "visited")
    assert visited, f"no cookie called 'visited' came{came_instead(response)}"
    assert visited.get("max-age") == "3600", "Max-Age should be an hour, in seconds"
    flags = ", ".join([*visited][1:])
    hidden = "httponly" in visited
    assert hidden, f"HttpOnly should be there, so that no script reads it; got {flags}"
    same_site = visited.get("samesite", "").lower()
    assert same_site == "lax", "SameSite should be Lax: no posted forms of other sites"


@pytest.mark.step(6)
def test_a_first_visit_is_greeted(client):
    response = client.get("/")
    assert "Hello, World!" in response.text
    assert "Welcome back" not in response.text


@pytest.mark.step(6)
def test_who_comes_again_is_welcomed_back(client):
    client.get("/")
    again = client.get("/")
    rule = "a browser that comes again should be welcomed back"
    assert "Welcome back" in again.text, rule


@pytest.mark.step(6)
def test_another_browser_is_a_first_visit(app):
    app.test_client().get("/")
    response = app.test_client().get("/")
    rule = "a browser that comes for the first time should get the first greeting"
    assert "Welcome back" not in response.text, rule


def came_instead(response):
    """Return which cookies the response sets, in words."""
    headers = response.headers.getlist("Set-Cookie")
    names = " and ".join(repr(header.partition("=")[0]) for header in headers)
    if names:
        return f", but {names}"
    return "; Set-Cookie is missing: is it set on the response that is returned?"

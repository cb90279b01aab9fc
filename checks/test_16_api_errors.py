"""Lesson 16, API errors: do programs get JSON and people pages, also for a crash?"""

import pytest

from checks.pages import links

JSON, RIGHT = "application/json", "the status is right"
REFUSED = {
    "Bad Request": {"data": '{"title": ', "content_type": JSON},
    "Unsupported Media Type": {"data": "tea", "content_type": "text/plain"},
}
ALLOWED = {
    "PUT /api/status": {"GET"},
    "PATCH /api/posts/7": {"GET", "PUT", "DELETE"},
    "POST /about": {"GET"},
    "PUT /contact": {"GET", "POST"},
}
LOGGED = """
import logging
from app import app
records, handler = [], logging.Handler(logging.ERROR)
handler.emit = records.append
logging.getLogger().addHandler(handler)
app.add_url_rule("ADDRESS", "crash_for_the_log", lambda: 1 / 0)
app.test_client().get("ADDRESS")
[[record.getMessage(), bool(record.exc_info)] for record in records]
"""


@pytest.fixture
def frame(client):
    """The links that every page has: those of /about."""
    return links(client.get("/about").text)


@pytest.mark.step(1)
@pytest.mark.parametrize("address", ["/api/posts/{}", "/api/{}", "/api/posts/{}/tags"])
def test_what_the_api_does_not_have_is_404_as_json(client, unseen, address):
    response = client.get(address.format(unseen.number(1000, 9999)))
    assert response.status_code == 404
    assert_tells(response, "Not Found")


@pytest.mark.step(1)
@pytest.mark.parametrize("name", REFUSED)
def test_what_get_json_refuses_is_told_as_json(client, name):
    response = client.post("/api/posts", **REFUSED[name])
    assert response.status_code in (400, 415)
    assert_tells(response, name)


@pytest.mark.step(1)
def test_what_a_view_returns_itself_stays_as_it_is(client):
    response = client.post("/api/posts", json={})
    assert response.status_code in (400, 422)
    assert "errors" in response.json


@pytest.mark.step(2)
@pytest.mark.parametrize("address", ["/{}", "/post/{}", "/about/api/{}", "/api{}"])
def test_an_unknown_address_elsewhere_is_a_page(frame, client, unseen, address):
    response = client.get(address.format(unseen.word()))
    assert response.status_code == 404
    assert_is_page(response, frame)


@pytest.mark.step(2)
@pytest.mark.parametrize("request_line", ["POST /about", "PUT /", "GET /admin"])
def test_every_other_error_elsewhere_is_a_page(frame, client, request_line):
    method, address = request_line.split()
    response = client.open(address, method=method)
    assert response.status_code == (403 if address == "/admin" else 405)
    assert_is_page(response, frame)


@pytest.mark.step(2)
@pytest.mark.parametrize("address", ["/authors", "/home"])
def test_redirects_pass(client, address):
    response = client.get(address, follow_redirects=True)
    assert response.status_code == 200
    assert response.history, f"{address} should redirect, as it did before"


@pytest.mark.step(3)
@pytest.mark.parametrize("request_line", ALLOWED)
def test_a_405_says_in_allow_which_methods_there_are(make_app, unseen, request_line):
    method, address = request_line.split()
    client = make_app(posts=[{**unseen.posts(1)[0], "id": 7}]).test_client()
    response = client.open(address, method=method)
    assert response.status_code == 405
    if address.startswith("/api/"):
        assert response.mimetype == JSON, f"{RIGHT}; a program should get JSON"
    allow = response.headers.get("Allow", "")
    missing = sorted(ALLOWED[request_line] - {*allow.replace(",", " ").split()})
    came = f"Allow: {allow}" if allow else ", ".join(response.headers.keys())
    assert not missing, f"{RIGHT}; Allow should name {', '.join(missing)}; came: {came}"


@pytest.mark.step(4)
@pytest.mark.parametrize("place", ["/api/{}", "/{}"])
def test_a_crash_is_told_without_a_detail(frame, make_app, unseen, place):
    address = place.format(unseen.word())
    response = make_app(crash=address).test_client().get(address)
    assert response.status_code == 500
    if place == "/{}":
        assert_is_page(response, frame)
    else:
        assert_tells(response, "Internal Server Error")
    assert "on purpose" not in response.text, "what broke is for the log alone"


@pytest.mark.step(4)
@pytest.mark.parametrize("place", ["/api/{}", "/{}"])
@pytest.mark.parametrize("key", ["TESTING", "DEBUG"])
def test_a_crash_is_not_hidden_from_developers(make_app, unseen, key, place):
    address = place.format(unseen.word())
    client = make_app(config={key: True}, crash=address).test_client()
    with pytest.raises(Exception) as caught:
        client.get(address)
        pytest.fail(f"with {key} on, the exception should come through, and no answer")
    if "on purpose" not in str(caught.value):
        raise caught.value


@pytest.mark.step(4)
@pytest.mark.parametrize("place", ["/api/{}", "/{}"])
def test_a_crash_is_logged_once(python, unseen, place):
    logged = python(LOGGED.replace("ADDRESS", place.format(unseen.word())))
    said = " and ".join(message for message, _ in logged) or "nothing"
    assert len(logged) == 1, f"a crash should be logged once; the log says: {said}"
    assert logged[0][1], f"the entry {said!r} should bring its traceback"


def assert_tells(response, name):
    """Assert that a program is told the name of an error, a text, and the status."""
    assert response.mimetype == JSON, f"{RIGHT}; a program should get JSON"
    told = response.json
    assert type(told).__name__ == "dict", f"{RIGHT}; it should come with a JSON object"
    came = f"(keys that came: {', '.join(told)})"
    for key, value in {"error": name, "status_code": response.status_code}.items():
        assert told.get(key) == value, f"{RIGHT}; its key {key!r} {came}"
    is_text = isinstance(told.get("message"), str) and told["message"].strip()
    assert is_text, f"{RIGHT}; its key 'message' should hold a text {came}"


def assert_is_page(response, frame):
    """Assert that people get a page, with all links of the frame."""
    assert response.mimetype == "text/html", f"{RIGHT}; people should get a page"
    missing = [link for link in frame if link not in links(response.text)]
    assert not missing, f"{RIGHT}; the page lacks the frame: a link to {missing[-1]}"

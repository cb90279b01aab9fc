"""Lesson 20, Blueprints: three rooms that can be moved, mounted and imported alone?"""

import io
import re
from collections import Counter
from urllib.parse import urljoin, urlsplit

import pytest

from checks.pages import crawl, links

TOKEN = {"Authorization": "Bearer only-for-development"}
# Variables stand without their names: <path:> takes slashes.
SHOWN = (
    *("/", "/home", "/latest", "/about", "/contact", "/new", "/authors/", "/search"),
    *("/author/<>", "/post/<>", "/post/<int:>", "/tag/<path:>", "/draft/<uuid:>"),
    *("/tip/<int:>", "/tip/<float:>", "/upload", "/files/<path:>", "/feed.xml"),
    *("/sitemap.txt", "/debug-request", "/favicon.ico", "/admin", "/places"),
    "/robots.txt",
)
SENT = ("/contact", "/new", "/upload")
PAGES = {f"GET {page}" for page in SHOWN} | {f"POST {page}" for page in SENT}
SIGN_IN = {"GET /login", "POST /login"}
API = {
    *("GET /status", "GET /posts", "POST /posts", "GET /posts/<int:>"),
    *("PUT /posts/<int:>", "DELETE /posts/<int:>"),
}
ELSEWHERE = {"GET /auth/login", "POST /auth/login", "GET /static/<path:>"}
PLACES = {
    *("/", "/latest", "/authors/", "/search", "/new", "/upload"),
    *("/auth/login", "/feed.xml", "/api/posts"),
}
# Two blogs in one process, as in lesson 19; each says how many rules it has.
TWO = "[len([*create_app().url_map.iter_rules()]) for _ in range(2)]"
# The blueprint "api" in an app that has nothing else, and its answers to requests.
BARE = """
from flask import Blueprint, Flask
import blog.api

bare = Flask("bare")
bare.config |= {{"TESTING": True, "API_TOKEN": {token!r}}}
bare.extensions["posts"] = {posts!r}
rooms = [each for each in vars(blog.api).values() if isinstance(each, Blueprint)]
room = next((each for each in rooms if each.name == "api"), None)
if room:
    bare.register_blueprint(room, url_prefix="/v2")


def ask(method, address, **sent):
    response = bare.test_client().open(address, method=method, **sent)
    told = {{"status": response.status_code, "location": response.location}}
    return told | {{"type": response.mimetype, "json": response.get_json(silent=True)}}


[ask(method, address, **sent) for method, address, sent in {asked!r}] if room else None
"""


@pytest.mark.step(1)
@pytest.mark.parametrize("endpoint", ["main.index", "auth.login", "api.posts"])
def test_the_blog_has_three_rooms(app, endpoint):
    room = endpoint.partition(".")[0]
    endpoints = {route["endpoint"] for route in app.routes}
    there = ", ".join(sorted(e for e in endpoints if e.startswith(f"{room}.")))
    question = f"none: is a blueprint called {room!r} made, and registered?"
    rule = f"no endpoint is {endpoint}; those that begin with {room}. are "
    missing = {endpoint} - endpoints
    assert not missing, rule + (there or question)


@pytest.mark.step(1)
def test_no_view_is_lost_or_left_outside(app):
    found = answered(app)
    bare = {re.sub(" (/auth|/api)+/", " /", each) for each in found}
    lost = (PAGES - found) | ((SIGN_IN | API) - bare)
    assert not lost, f"no view answers {listed(lost)} any more"
    endpoints = {route["endpoint"] for route in app.routes} - {"static"}
    outside = {each for each in endpoints if "." not in each}
    assert not outside, f"in no room yet: {listed(outside)}"


@pytest.mark.step(1)
def test_a_second_blog_has_the_same_rooms(python):
    first, second = python(f"from blog import create_app\n{TWO}")
    assert second == first, "of two blogs in one process, the second should have all"


@pytest.mark.step(2)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_sign_in_is_at_auth_login(app, method):
    rules = {each["rule"] for each in app.routes if method in each["methods"]}
    near = listed(rule for rule in rules if rule.endswith("login"))
    rule = f"/auth/login should answer {method}; what ends with login: {near}"
    missing, left = {"/auth/login"} - rules, {"/login"} & rules
    assert not missing, rule
    assert not left, "/login should be gone"


@pytest.mark.step(2)
def test_the_api_is_below_api_and_the_pages_where_they_were(app):
    found, api = answered(app), {each.replace(" ", " /api") for each in API}
    missing = (PAGES | api) - found
    instead = listed(found - PAGES - api - ELSEWHERE)
    assert not missing, f"no view answers {listed(missing)}; instead: {instead}"


@pytest.mark.step(3)
@pytest.mark.parametrize(
    "address",
    [
        *(
            "/",
            "/about",
            "/contact",
            "/new",
            "/upload",
            "/authors/",
            "/author/{author}",
        ),
        *(
            "/post/{slug}",
            "/tag/{tags[0]}",
            "/search?q=about",
            "/search?q=about&page=2",
        ),
        *("/feed.xml", "/sitemap.txt", "/places", "/auth/login"),
    ],
)
def test_every_page_answers(make_app, unseen, address):
    posts = unseen.posts(5)
    response = make_app(posts=posts).test_client().get(address.format(**posts[0]))
    assert response.status_code == 200


@pytest.mark.step(3)
@pytest.mark.parametrize("address", ["/{}", "/auth/{}", "/admin"])
def test_the_pages_for_errors_are_whole(client, unseen, address):
    response = client.get(address.format(unseen.word()))
    assert response.status_code == (403 if address == "/admin" else 404)
    sign_in = "/auth/login" in links(response.text)
    rule = "its navigation should be there, too, with a link to /auth/login"
    assert sign_in, f"the status is right; {rule}"


@pytest.mark.step(3)
def test_every_link_leads_to_a_page(make_app, unseen):
    """From the home page on, no link is dead, but for those on /places: step 6."""
    found = crawl(make_app(posts=unseen.posts(3)).test_client(), without=["/places"])
    dead = {address for address, status in found.items() if status >= 400}
    assert not dead, f"links lead to {listed(dead)}: nothing answers there"


@pytest.mark.step(3)
@pytest.mark.parametrize(
    ("address", "statuses", "there"),
    [
        ("/home", (301, 308), "/"),
        ("/latest", (302, 303, 307), "/post/{slug}"),
        ("/post/{id}", (301, 308), "/post/{slug}"),
    ],
)
def test_redirects_lead_where_they_did(make_app, unseen, address, statuses, there):
    (post,) = unseen.posts(1)
    response = make_app(posts=[post]).test_client().get(address.format(**post))
    assert response.status_code in statuses
    there = there.format(**post)
    assert response.location == there, f"it should lead to {there}"


@pytest.mark.step(3)
def test_who_signs_in_is_led_home(client, unseen):
    response = client.post("/auth/login", data={"name": unseen.word()})
    assert response.status_code in (302, 303)
    assert response.location == "/", "who signed in should come to the home page"


@pytest.mark.step(3)
@pytest.mark.parametrize(
    ("address", "there"), [("/new", "/post/"), ("/upload", "/files/")]
)
def test_who_sends_a_form_is_led_on(client, unseen, address, there):
    word = unseen.word()
    data = {"title": word, "body": word}
    data["picture"] = (io.BytesIO(b"a picture"), f"{word}.png")
    response = client.post(address, data=data)
    assert response.status_code in (302, 303)
    assert response.location.startswith(there), f"it should lead to {there}"


@pytest.mark.step(3)
def test_a_program_is_told_where_its_new_post_is(make_app, unseen):
    client = make_app(posts=[]).test_client()
    sent = {"title": unseen.word(), "body": unseen.word()}
    response = client.post("/api/posts", json=sent, headers=TOKEN)
    assert response.status_code == 201
    assert response.location == "/api/posts/1"


@pytest.mark.step(3)
@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/api/posts"),
        ("PUT", "/api/posts/{id}"),
        ("DELETE", "/api/posts/{id}"),
    ],
)
def test_without_a_token_no_post_changes(make_app, unseen, method, address):
    posts = unseen.posts(1)
    client = make_app(posts=posts).test_client()
    sent = {"title": unseen.word(), "body": unseen.word()}
    response = client.open(address.format(**posts[0]), method=method, json=sent)
    rule = "no token: does the blueprint's decorator stand above @token_required?"
    assert response.status_code == 401, rule
    listing = client.get("/api/posts").json
    assert [post["title"] for post in listing] == [posts[0]["title"]]


@pytest.mark.step(3)
def test_the_newsletter_still_prints_its_links(cli, unseen):
    (post,) = unseen.posts(1)
    newsletter = cli("python", "newsletter.py", posts=[post])
    assert newsletter.exit_code == 0, "newsletter.py should run to its end"
    assert f"https://blog.example/post/{post['slug']}" in newsletter.stdout


@pytest.mark.step(4)
def test_the_api_works_in_a_bare_app(python, unseen):
    """In an app that has nothing else, the API lists and stores posts below /v2."""
    posts = [post | {"date": None, "id": 7} for post in unseen.posts(1)]
    token, title = unseen.word(), unseen.word()
    sent = {"json": {"title": title, "body": unseen.word()}}
    sent["headers"] = {"Authorization": f"Bearer {token}"}
    asked = [("GET", "/v2/posts", {}), ("POST", "/v2/posts", sent)]
    asked += [("GET", "/v2/posts/8", {})]
    told = in_a_bare_app(python, token, posts, asked, [200, 201, 200])
    listing, created, found = told
    assert [post["title"] for post in listing["json"]] == [posts[0]["title"]]
    assert created["location"] == "/v2/posts/8", "Location should lead to the new post"
    assert found["json"]["title"] == title


@pytest.mark.step(4)
@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/v2/posts/{}", 404), ("POST", "/v2/posts", 401)],
)
def test_the_api_answers_its_errors_as_json_there(
    python, unseen, method, address, status
):
    """Where no app does it for the API, its own errors are JSON all the same."""
    asked = [(method, address.format(unseen.number()), {})]
    (told,) = in_a_bare_app(python, unseen.word(), [], asked, [status])
    rule = f"in a bare app, {method} {asked[0][1]} is {status}, and should be JSON"
    assert told["type"] == "application/json", rule
    assert told["json"]["status_code"] == status, "its key 'status_code'"


@pytest.mark.step(4)
@pytest.mark.parametrize(
    ("where", "kind"), [("/api/", "application/json"), ("/", "text/html")]
)
def test_unknown_addresses_are_answered_as_before(client, unseen, where, kind):
    """The blog's own 404: JSON for programs, below /api/, and a page for visitors."""
    response = client.get(f"{where}{unseen.word()}")
    assert response.status_code == 404
    rule = "below /api/ programs get JSON, elsewhere visitors get a page"
    assert response.mimetype == kind, f"the status is right; {rule}"


@pytest.mark.step(4)
def test_a_bare_app_keeps_its_own_pages(python, unseen):
    """An unknown address outside of /v2 is answered by the app, as if alone."""
    asked = [("GET", f"/{unseen.word()}", {})]
    (told,) = in_a_bare_app(python, unseen.word(), [], asked, [404])
    rule = "a room's handler should leave the app's own pages alone"
    assert told["type"] == "text/html", f"in a bare app, GET {asked[0][1]}: {rule}"


@pytest.mark.step(5)
@pytest.mark.parametrize("room", ["main", "auth", "api"])
def test_each_room_can_be_imported_alone(cli, room):
    run = cli("python", "-c", f"import blog.{room}")
    assert run.exit_code == 0, "a fresh Python should be able to import it first"


@pytest.mark.step(5)
@pytest.mark.parametrize("module", ["config", "errors", "helpers", "posts", "store"])
def test_each_other_module_can_be_imported_alone(python, module):
    assert python(f"import blog.{module}\n'imported'") == "imported"


@pytest.mark.step(5)
def test_a_post_is_still_found_by_its_number(make_app, unseen):
    (post,) = unseen.posts(1)
    client = make_app(posts=[post]).test_client()
    assert client.get(f"/post/{post['id']}").status_code in (301, 308)
    assert client.get(f"/api/posts/{post['id'] + 1}").status_code == 404


@pytest.mark.step(6)
@pytest.mark.parametrize("prefix", ["/blog", ""])
def test_no_link_leaves_the_blog(make_app, unseen, prefix):
    """Mounted under /blog, and at /, every link of every page leads to a page."""
    posts = unseen.posts(5)
    posts[2]["tags"] = [f"{unseen.word()} & b/c", "why?"]
    client = make_app(posts=posts).test_client()
    found = crawl(client, prefix=prefix)
    response = client.get("/places", base_url=f"http://localhost{prefix}")
    assert response.status_code == 200
    where = f"mounted under {prefix or '/'}"
    dead = {address for address, status in found.items() if status >= 400}
    assert not dead, f"{where}, links lead to {listed(dead)}: nothing answers there"
    assert f"{prefix}/places" in found, f"{where}, no link leads to {prefix}/places"


@pytest.mark.step(6)
@pytest.mark.parametrize("prefix", ["/blog", ""])
def test_the_list_of_places_keeps_all_nine(client, prefix):
    """Beside the links that every page has, it has one to each of nine places."""
    home = f"http://localhost{prefix}"
    everywhere = Counter(links(client.get("/about", base_url=home).text))
    response = client.get("/places", base_url=home)
    assert response.status_code == 200
    own = Counter(links(response.text)) - everywhere
    found = {urlsplit(urljoin(f"{home}/places", link)).path for link in own}
    missed = {prefix + place for place in PLACES} - found
    where = f"mounted under {prefix or '/'}"
    assert not missed, f"{where}, its list has no link to {listed(missed)}"


def answered(app):
    """Return what views answer: ``POST /new``, ``GET /post/<int:>``, …"""
    return {
        f"{method} {plain(route['rule'])}"
        for route in app.routes
        for method in {*route["methods"]} - {"HEAD", "OPTIONS"}
    }


def plain(rule):
    """Return a rule without the names of its variables: ``/post/<int:>``."""
    return re.sub(r"<(\w+:)?\w+>", r"<\1>", rule)


def listed(names):
    """Return names in one line, the first eight of them; none where there are none."""
    names = sorted(names)
    more = [f"{len(names) - 8} more"] if len(names) > 8 else []
    return ", ".join([*names[:8], *more]) or "none"


def in_a_bare_app(python, token, posts, asked, wanted):
    """Return what the API answers there: a dict for each request, in order."""
    told = python(BARE.format(token=token, posts=posts, asked=asked))
    found = told is not None
    assert found, "blog/api.py should hold a Blueprint called 'api'"
    for (method, address, _), each, status in zip(asked, told, wanted, strict=True):
        assert each["status"] == status, f"in a bare app: {method} {address}"
    return told

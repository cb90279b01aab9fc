"""Lesson 19, The factory: is all in the package, and is each blog a blog of its own?"""

import re
from io import BytesIO

import pytest

from checks.pages import cookie, crawl, links, seen

KEY = "123e4567-e89b-12d3-a456-426614174000"
# What lesson 18 answers, file by file, in the order of the README's table.
API = """GET /api/status  GET /api/posts  POST /api/posts  GET /api/posts/<int:post_id>
PUT /api/posts/<int:post_id>  DELETE /api/posts/<int:post_id>"""
AUTH = "GET /login  POST /login"
MAIN = """GET /  GET /home  GET /latest  GET /about  GET /contact  POST /contact
GET /new  POST /new  GET /authors/  GET /author/<name>  GET /post/<slug>
GET /post/<int:post_id>  GET /tag/<path:tag>  GET /feed.xml  GET /tip/<int:amount>
GET /tip/<float:amount>  GET /draft/<uuid:key>  GET /upload  POST /upload
GET /files/<path:name>  GET /search  GET /debug-request  GET /sitemap.txt
GET /favicon.ico  GET /admin  GET /robots.txt"""
PAGES = {
    "/robots.txt": "User-agent: *",
    "/about": "is a blog that grows",
    "/contact": "Your e-mail",
    "/new": "Write a post",
    "/upload": "Upload a picture",
    "/tip/3": "$3.00",
    "/tip/2.5": "$2.50",
    f"/draft/{KEY}": KEY,
}
# Counts the Flask objects that come into being.
COUNTED = """
import flask
made, make = [], flask.Flask.__init__
flask.Flask.__init__ = lambda *args, **more: made.append(1) or make(*args, **more)
import blog
at_import = len(made)
"""
# Two blogs in one process, each with a client, a name, and a token of its API.
TWO_BLOGS = """
from blog import create_app
green, red = [
    create_app("testing", {"BLOG_NAME": name, "API_TOKEN": name}).test_client()
    for name in ["Green", "Red"]
]
post = {"title": "Only here", "body": "A text."}
def posts(client):
    return client.get("/api/posts").json
def send(client, method, address, token):
    sent = {"Authorization": f"Bearer {token}"}
    return client.open(address, method=method, json=post, headers=sent).status_code
"""
PUBLISHED = """
sent = red.post("/new", data=post).status_code
later = create_app("testing").test_client()
[sent, *["Only here" in client.get("/").text for client in (red, green, later)]]
"""
CHANGED = """
for client, token in [(red, "Red"), (green, "Green")]:
    send(client, "POST", "/api/posts", token)
address, before = f"/api/posts/{posts(red)[0]['id']}", posts(green)
post["title"] = "Changed"
[send(red, METHOD, address, "Red"), posts(green) == before]
"""
SETTINGS = """
later = create_app("testing").test_client()
names = ["Red" in client.get("/about").text for client in (red, green, later)]
clients = (red, green, later)
[names, [send(client, "POST", "/api/posts", "Red") for client in clients]]
"""
RULES = """
from flask.cli import ScriptInfo
rules = ScriptInfo("blog").load_app().url_map.iter_rules()
[[rule.rule, *rule.methods] for rule in rules]
"""
STARTED = """
try:
    import wsgi
    said = "it started"
except (RuntimeError, SystemExit) as error:
    said = str(error)
said
"""


@pytest.mark.step(1)
def test_the_api_answers_errors_as_json(client):
    response = client.get("/api/nope")
    assert response.status_code == 404
    assert response.mimetype == "application/json", "below /api/ an error is JSON"


@pytest.mark.step(1)
def test_no_address_of_the_api_got_lost(python):
    found = rules(python)
    gone = lost(found, API)
    assert not gone, told(found, gone)


@pytest.mark.step(1)
def test_programs_read_and_write_as_before(make_app, unseen):
    token, posts = unseen.word(), unseen.posts(2)
    env = {"API_TOKEN": token}
    client = make_app(env=env, config=env, posts=posts).test_client()
    assert client.get("/api/status").json["status"] == "ok"
    assert [post["id"] for post in client.get("/api/posts").json] == [
        post["id"] for post in posts
    ]
    new = {"title": unseen.word(), "body": "A text about tea."}
    assert client.post("/api/posts", json=new).status_code == 401, "without a token"
    sent = {"Authorization": f"Bearer {token}"}
    response = client.post("/api/posts", json=new, headers=sent)
    assert response.status_code == 201, "with the token"
    there = response.headers.get("Location")
    assert client.get(there).json["title"] == new["title"], f"it should be at {there}"
    assert client.put(there, json=new).status_code == 401, "without a token"
    assert client.delete(there).status_code == 401, "without a token"
    assert client.put(there, json=new, headers=sent).status_code == 200
    assert client.delete(there, headers=sent).status_code == 204
    assert client.get(there).status_code == 404, "it was deleted"


@pytest.mark.step(1)
def test_no_address_of_signing_in_got_lost(python):
    found = rules(python)
    gone = lost(found, AUTH)
    assert not gone, told(found, gone)


@pytest.mark.step(1)
def test_no_page_got_lost(python):
    found = rules(python)
    gone = lost(found, MAIN)
    assert not gone, told(found, gone)


@pytest.mark.step(1)
def test_every_page_answers_as_before(client):
    for address, words in PAGES.items():
        response = client.get(address)
        assert response.status_code == 200
        assert words in seen(response)


@pytest.mark.step(1)
def test_a_crawl_finds_no_dead_link(make_app, unseen):
    posts = unseen.posts(3)
    client = make_app(posts=posts).test_client()
    found = crawl(client, prefix="/blog")
    dead = [address for address, status in found.items() if status >= 400]
    assert [
        client.get(address.removeprefix("/blog")).status_code for address in dead[:1]
    ] == [], f"mounted under /blog, links lead to {' and '.join(dead)}"
    wanted = {f"/blog/post/{post['slug']}" for post in posts}
    assert wanted <= found.keys(), "each post should be linked"


@pytest.mark.step(1)
def test_a_visitor_signs_in_and_publishes(make_app, unseen):
    client, name = make_app(posts=unseen.posts(2)).test_client(), unseen.name()
    response = client.post("/login", data={"name": name})
    assert response.status_code in (302, 303)
    assert cookie(response, "name").get("value") == name
    assert name in seen(client.get("/")), "the home page should greet by name"
    assert client.post("/new", data={"title": ""}).status_code in (400, 422)
    post = {"title": f"{unseen.word()} & <b>", "body": unseen.word(), "tags": "a/b"}
    response = client.post("/new", data=post)
    assert response.status_code in (302, 303)
    page = client.get(response.location)
    assert post["title"] in seen(page)
    assert name in seen(page), "a post has the name of its author"
    assert post["title"] in seen(client.get("/tag/a/b"))
    assert post["title"] in seen(client.get(f"/search?q={post['body']}"))


@pytest.mark.step(1)
def test_old_addresses_lead_on(make_app, unseen):
    posts = unseen.posts(2)
    client, slug = make_app(posts=posts).test_client(), posts[1]["slug"]
    for address, there in {
        "/home": "/",
        "/latest": f"/post/{slug}",
        f"/post/{posts[1]['id']}": f"/post/{slug}",
    }.items():
        assert client.get(address).location == there
    assert f"/post/{slug}" in client.get("/sitemap.txt").text
    assert f"/post/{slug}" in client.get("/feed.xml").text
    assert client.get("/favicon.ico").status_code == 200


@pytest.mark.step(1)
def test_a_picture_is_kept_and_sent_back(client, unseen):
    picture = unseen.word().encode()
    data = {"picture": (BytesIO(picture), "tea.png")}
    response = client.post("/upload", data=data)
    assert response.status_code in (201, 302, 303), "the picture should be kept"
    assert client.get(response.location or "/").data == picture, "it should come back"


@pytest.mark.step(1)
@pytest.mark.parametrize(("env", "code"), [({}, 404), ({"FLASK_DEBUG": "1"}, 200)])
def test_a_developers_page_is_for_developers(make_app, env, code):
    response = make_app(env=env).test_client().get("/debug-request")
    assert response.status_code == code, f"started with {env or 'no FLASK_DEBUG'}"


@pytest.mark.step(1)
@pytest.mark.parametrize(("address", "code"), [("/post/nope", 404), ("/admin", 403)])
def test_an_error_is_a_page_for_people(client, address, code):
    response = client.get(address)
    assert response.status_code == code
    assert links(response.text), "it should be your page, with its navigation"


@pytest.mark.step(1)
def test_the_newsletter_still_runs(cli, unseen):
    posts = unseen.posts(2)
    newsletter = cli("python", "newsletter.py", posts=posts)
    assert newsletter.exit_code == 0, "the newsletter should run to its end"
    assert f"https://blog.example/post/{posts[0]['slug']}" in newsletter.stdout


@pytest.mark.step(2)
def test_an_import_makes_no_app(python):
    count = python(COUNTED + "at_import")
    assert count == 0, "`import blog` should make no Flask object; it made one"


@pytest.mark.step(2)
def test_an_import_needs_no_settings(python):
    """`import blog` works where production lacks its secrets: nothing is made yet."""
    code = "import blog; callable(blog.create_app)"
    assert python(code, env={"APP_ENV": "production"}), "create_app should be there"


@pytest.mark.step(2)
def test_every_call_makes_one_app(python):
    count = python(COUNTED + "apps = [blog.create_app(), blog.create_app()]; len(made)")
    assert count == 2, "create_app() was called twice: that should make two apps"
    different = python("from blog import create_app; create_app() is not create_app()")
    assert different, "each call should return an app of its own"


@pytest.mark.step(3)
def test_what_one_blog_publishes_no_other_has(python):
    sent, *there = python(TWO_BLOGS + PUBLISHED)
    assert sent in (302, 303), "the first of two blogs should publish at /new"
    rule = (
        "one blog publishes: is the post on its home page, on that of a second blog, "
    )
    assert there == [True, False, False], rule + "on that of a third one, made later?"


@pytest.mark.step(3)
def test_each_blog_has_settings_of_its_own(python):
    names, codes = python(TWO_BLOGS + SETTINGS)
    rule = "of three blogs, the first got the settings BLOG_NAME and API_TOKEN Red: "
    assert names == [True, False, False], rule + "is Red on the page /about of each?"
    assert codes == [201, 401, 401], rule + "POST /api/posts with this token, in each"


@pytest.mark.step(3)
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_what_one_blog_changes_the_other_keeps(python, method):
    sent, kept = python(f"METHOD = {method!r}\n" + TWO_BLOGS + CHANGED)
    assert sent in (200, 204), f"the first of two blogs should answer {method}"
    assert kept, f"{method} in one blog should leave the posts of the other as they are"


@pytest.mark.step(4)
@pytest.mark.parametrize("env", [{}, {"APP_ENV": "development"}])
@pytest.mark.parametrize("place", ["env", "dotenv"])
def test_a_server_needs_its_secrets(python, env, place):
    said = python(STARTED, **{place: env})
    rule = f"wsgi.py was imported without secrets, with {env or 'nothing'} in the "
    rule += "environment" if place == "env" else "file .env"
    assert "SECRET_KEY" in said, f"{rule}: it should stop and name what is missing"


@pytest.mark.step(4)
def test_wsgi_holds_the_production_app(python, unseen):
    secret = unseen.word()
    env = {"APP_ENV": "testing", "SECRET_KEY": secret, "API_TOKEN": secret}
    found = python("import wsgi; [wsgi.app.secret_key, wsgi.app.testing]", env=env)
    rule = "with both secrets and APP_ENV=testing, wsgi.app has this secret key, "
    assert found == [secret, False], rule + "and is no testing app"


@pytest.mark.step(4)
def test_gunicorn_serves_the_production_blog(server, unseen):
    name, token = f"{unseen.word()} tea", unseen.word()
    env = {"BLOG_NAME": name, "SECRET_KEY": unseen.word(), "API_TOKEN": token}
    blog = server("gunicorn", "wsgi:app", env={"APP_ENV": "development", **env})
    assert name in seen(blog.get("/about"))
    post = {"title": "Tea", "body": "A text about tea."}
    for sent, code in {"only-for-development": 401, token: 201}.items():
        headers = {"Authorization": f"Bearer {sent}"}
        response = blog.post("/api/posts", json=post, headers=headers)
        assert response.status_code == code, f"API_TOKEN is {token}, and {sent} came"


def lost(found, listing):
    """Return the lines of a listing that are not among the rules."""
    there = {f"{verb} {rule}" for rule, verbs in found.items() for verb in verbs}
    return [line for line in re.split(r"  |\n", listing) if plain(line) not in there]


def rules(python):
    """Return the methods that the app answers, by rule."""
    found = {}
    for rule, *methods in python(RULES):
        found.setdefault(plain(rule), set()).update(methods)
    return found


def plain(rule):
    """Return a rule without the names of its variables, which are free."""
    return re.sub(r"<(?:string:|(\w+:))?\w+>", r"<\1>", rule)


def told(found, lines):
    """Return which address got lost, and how many others with it."""
    verb, rule = lines[0].split()
    here = sorted(found.get(plain(rule), set()) - {"HEAD", "OPTIONS"})
    said = f"{lines[0]} was there in lesson 18; it got lost on the way"
    if here:
        said = f"{rule} answers {' and '.join(here)} here, and in lesson 18 {verb} too"
    return said + (f" ({len(lines) - 1} more got lost)" if lines[1:] else "")

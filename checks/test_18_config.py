"""Lesson 18, Configuration: does all that differs by machine come from outside?"""

import re
from fnmatch import fnmatch

import pytest

from checks.pages import seen

LIST = ["flask", "--app", "app", "routes"]  # loads the app, and ends
WRITES = ["POST /api/posts", "PUT /api/posts/{}", "DELETE /api/posts/{}"]
OTHERS = ["Bearer", "Bearer {}x", "Token {}", "Bearer a=b"]
KNOWN = ["Bearer only-for-development", "Bearer t\xe9"]  # both are nobody's token
SERVERS = ["flask --app app run", "python app.py", "gunicorn app:app"]
NAMES = ["APP_ENV", "SECRET_KEY", "API_TOKEN", "BLOG_NAME", "POSTS_PER_PAGE"]
# As a service is started: the current folder is another one.
FROM_ELSEWHERE = """
import os
os.chdir(os.sep)
import app
from flask.cli import find_best_app
find_best_app(app).test_client().get("/about").text
"""


@pytest.mark.step(1)
@pytest.mark.parametrize("env", [{}, {"APP_ENV": "testing"}])
def test_the_name_of_the_blog_comes_from_the_environment(make_app, unseen, env):
    name = f"{unseen.word()} & <b>tea</b>"
    response = make_app(env={"BLOG_NAME": name, **env}).test_client().get("/about")
    assert response.status_code == 200
    assert name in seen(response)


@pytest.mark.step(1)
@pytest.mark.parametrize(
    ("size", "pages"), [("3", [3, 2]), ("1", [1, 1]), ("", [2, 2])]
)
def test_the_size_of_a_page_comes_from_the_environment(make_app, unseen, size, pages):
    posts = unseen.posts(5)
    for post in posts:
        post["tags"] = ["tea"]
    env = {"POSTS_PER_PAGE": size, "BLOG_NAME": ""}  # what is empty counts as not set
    app = make_app(env=env, posts=posts)
    client = app.test_client()
    found = [seen(client.get(f"/search?tag=tea&page={page}")) for page in (1, 2)]
    shown = [sum(post["title"] in page for post in posts) for page in found]
    rule = f"five posts, POSTS_PER_PAGE={size}: so many should be on pages 1 and 2"
    assert shown == pages, rule
    assert app.config["BLOG_NAME"], "an empty BLOG_NAME should count as not set"


@pytest.mark.step(2)
def test_development_needs_nothing(app):
    response = app.test_client().get("/")
    assert response.status_code == 200
    for key in ["SECRET_KEY", "API_TOKEN"]:
        assert app.config[key], f"in development, {key} should have a value of its own"


@pytest.mark.step(2)
@pytest.mark.parametrize("key", ["SECRET_KEY", "API_TOKEN"])
def test_production_takes_its_secrets_from_outside(make_app, unseen, key):
    env = {"SECRET_KEY": unseen.word(), "API_TOKEN": unseen.word()}
    app = make_app(env={"APP_ENV": "production", **env})
    rule = f"APP_ENV=production, and {key} is set outside: app.config should have it"
    assert app.config[key] == env[key], rule
    assert app.test_client().get("/").status_code == 200


@pytest.mark.step(2)
@pytest.mark.parametrize(
    ("env", "missing"),
    [
        ({}, ["SECRET_KEY", "API_TOKEN"]),
        ({"SECRET_KEY": "", "API_TOKEN": "a-long-one"}, ["SECRET_KEY"]),
    ],
)
def test_production_names_what_is_missing(cli, env, missing):
    run = cli(*LIST, env={"APP_ENV": "production", **env})
    names = " and ".join(missing)
    assert run.exit_code, f"production should not start without {names}"
    last = last_line(run)
    named = [key for key in ["SECRET_KEY", "API_TOKEN"] if key in last]
    assert named == missing, f"the last line should name what is missing: {last!r}"
    rule = "a KeyError names a key; a sentence of yours says what to do about it"
    assert "KeyError" not in last, rule


@pytest.mark.step(3)
@pytest.mark.parametrize("request_line", WRITES)
def test_without_the_token_nothing_is_written(client, request_line):
    posts = posts_of(client)
    response = write(client, request_line, posts)
    assert response.status_code == 401, "this request carries no token"
    assert response.mimetype == "application/json", "a program should get JSON"
    assert posts_of(client) == posts, "what is refused changes nothing"


@pytest.mark.step(3)
@pytest.mark.parametrize("sent", [*OTHERS, *KNOWN])
def test_another_token_is_no_token(make_app, unseen, sent):
    token = f"{unseen.word()}{unseen.word()}"
    client, sent = api(make_app, token), sent.format(token)
    posts = posts_of(client)
    response = write(client, "POST /api/posts", posts, sent)
    rule = f"the API_TOKEN is {token}, and this came: Authorization: {sent}"
    assert response.status_code == 401, rule
    assert posts_of(client) == posts, "what is refused changes nothing"


@pytest.mark.step(3)
@pytest.mark.parametrize("request_line", WRITES)
def test_with_the_token_all_is_done(make_app, unseen, request_line):
    token = f"{unseen.word()}{unseen.word()}"
    client, sent = api(make_app, token), f"Bearer {token}"
    posts = posts_of(client)
    response = write(client, request_line, posts, sent)
    rule = f"the API_TOKEN is {token}, and this came: Authorization: {sent}"
    assert response.status_code in (200, 201, 204), rule
    assert posts_of(client) != posts, "what came with the token is done"


@pytest.mark.step(3)
@pytest.mark.parametrize("address", ["/api/posts", "/api/posts/1", "/new"])
def test_the_rest_stays_open(client, address):
    response = client.get(address)
    assert response.status_code == 200, "only writing by API needs the token"


@pytest.mark.step(4)
@pytest.mark.parametrize("name", ["prod", None])
def test_an_unknown_environment_is_refused(cli, unseen, name):
    name = name or unseen.word()
    run = cli(*LIST, env={"APP_ENV": name})
    assert run.exit_code, f"APP_ENV={name} is none of the three, so refuse it"
    last = last_line(run)
    known = ["development", "testing", "production"]
    unnamed = " and ".join(name for name in known if name not in last)
    assert not unnamed, f"the last line should name {unnamed}, too: {last!r}"


@pytest.mark.step(4)
@pytest.mark.parametrize("name", ["development", "testing"])
def test_a_known_environment_starts(make_app, name):
    app = make_app(env={"APP_ENV": name})
    assert app.test_client().get("/").status_code == 200
    assert app.config["TESTING"] is (name == "testing"), f"APP_ENV is {name}"


@pytest.mark.step(5)
@pytest.mark.parametrize("command", SERVERS)
def test_every_server_reads_dotenv(server, unseen, command):
    name = f"{unseen.word()} tea"
    response = server(*command.split(), dotenv={"BLOG_NAME": name}).get("/about")
    assert response.status_code == 200
    rule = f"`{command}`: the blog's name should come from .env; is it read in time?"
    assert name in seen(response), rule


@pytest.mark.step(5)
def test_an_import_reads_dotenv(make_app, unseen):
    name = f"{unseen.word()} tea"
    response = make_app(dotenv={"BLOG_NAME": name}).test_client().get("/about")
    rule = "a plain import, as tests do it, should find what .env has, and in time"
    assert name in seen(response), rule


@pytest.mark.step(5)
def test_dotenv_is_found_from_another_folder(python, unseen):
    name = f"{unseen.word()} tea"
    page = python(FROM_ELSEWHERE, dotenv={"BLOG_NAME": name})
    assert name in page, ".env lies beside app.py, wherever the app is started"


@pytest.mark.step(5)
def test_a_real_variable_wins(make_app, unseen):
    real, kept = f"{unseen.word()} tea", f"{unseen.word()} coffee"
    app = make_app(env={"BLOG_NAME": real}, dotenv={"BLOG_NAME": kept})
    page = seen(app.test_client().get("/about"))
    assert real in page, "BLOG_NAME is set outside and in .env: outside wins"


@pytest.mark.step(6)
def test_git_leaves_dotenv_alone(app, files):
    lines = text_of(files, ".gitignore").splitlines()
    rule = f"a line of .gitignore should be a pattern for .env, and it has {lines}"
    assert is_ignored(".env", lines), rule
    example = "its names are for everybody, so git should keep .env.example"
    assert not is_ignored(".env.example", lines), example


@pytest.mark.step(6)
def test_an_example_names_every_setting_and_no_secret(make_app, files):
    make_app()
    settings = settings_of(text_of(files, ".env.example"))
    missing = " and ".join(name for name in NAMES if name not in settings)
    assert not missing, f".env.example should have a line for {missing}"
    for name in ["SECRET_KEY", "API_TOKEN"]:
        value = settings[name]
        real = re.fullmatch(r"(?=.*\d)[\w+/=-]{16,}", value)
        assert not real, f"the {name} in .env.example looks like a real one: {value}"
    copied = {name: settings[name] for name in NAMES}
    response = make_app(dotenv=copied).test_client().get("/search?tag=tea")
    assert response.status_code == 200, "copied to .env as it is, it should do"


def api(make_app, token):
    """Return a client of an API that asks for this token, however it is read."""
    env = {"API_TOKEN": token}
    return make_app(env=env, config=env).test_client()


def posts_of(client):
    """Return all posts, as the API gives them to everybody."""
    response = client.get("/api/posts")
    assert response.status_code == 200, "only writing by API needs the token"
    return response.json


def write(client, request_line, posts, sent=None):
    """Send a write about the first of these posts; sent is its Authorization."""
    method, address = request_line.format((posts or [{"id": 1}])[0]["id"]).split()
    post = {"title": "Tea", "body": "A text about tea."}
    headers = {"Authorization": sent} if sent else None
    return client.open(address, method=method, json=post, headers=headers)


def last_line(run):
    """Return the last line that a command printed."""
    return ([line for line in run.output.splitlines() if line.strip()] or [""])[-1]


def text_of(files, name):
    """Return a file of the lesson as text, "" where there is none."""
    return files().get(name, b"").decode("utf-8-sig", "replace")


def is_ignored(name, lines):
    """Would git leave a file beside .gitignore alone? The last that fits decides."""
    ignored = False
    for line in lines:
        pattern = line.rstrip().removeprefix("!").removeprefix("**/").removeprefix("/")
        if not line.startswith("#") and fnmatch(name, pattern):
            ignored = not line.startswith("!")
    return ignored


def settings_of(text):
    """Return the names and values of a .env; a line that is commented out counts."""
    pattern = r"^[# ]*(?:export +)?([A-Z_]+) *=[ ]*(.*?)\s*$"
    return dict(re.findall(pattern, text, re.M))

"""Lesson 30, gunicorn: does the blog serve many at once, and count right?"""

import re
import time

import pytest

from checks.pages import seen

SECRETS = {"SECRET_KEY": "for the checks", "API_TOKEN": "for the checks"}
SETTINGS = {**SECRETS, "DATABASE_URL": "sqlite:///blog.db"}
# One import for all workers, done before it answers: the checks wait for less.
PRELOAD = {"GUNICORN_CMD_ARGS": "--preload"}
NOWHERE = "sqlite:////no/such/folder/blog.db"

# How gunicorn understands the file gunicorn.conf.py; None where it cannot be read.
UNDERSTOOD = """
import sys
from gunicorn.app.wsgiapp import WSGIApplication

sys.argv, found = ["gunicorn", "wsgi:app"], None
try:
    conf = WSGIApplication().cfg
    found = {"address": f"{conf.address}", "workers": conf.workers}
    found |= {"reload": conf.reload, "env": conf.env}
except SystemExit:
    pass
found
"""


@pytest.fixture
def gunicorn(make_blog, instance, python, server):
    """Type gunicorn, and no word more, for a blog with secrets, and with some posts."""

    def start(posts=None, **env):
        if posts:
            make_blog(posts=posts)
        tables = instance() if posts else {}
        conf = python(UNDERSTOOD, env={"PORT": "4321", **env})
        if conf:  # else gunicorn itself says what is wrong
            assert "4321" in conf["address"], "PORT=4321, so it should listen there"
        return server("gunicorn", env=SETTINGS | PRELOAD | env, instance=tables)

    return start


@pytest.mark.step(1)
def test_gunicorn_serves_the_blog_and_ends_when_it_is_told_to(gunicorn, unseen):
    posts = unseen.posts(1)
    server = gunicorn(posts)
    home = server.get("/")
    assert home.status_code == 200
    assert posts[0]["title"] in seen(home)
    name = home.headers.get("Server", "nothing")
    assert "gunicorn" in name, "the header Server says who answers"
    production = "Strict-Transport-Security" in home.headers
    rule = "it is not the blog of production, which sends Strict-Transport-Security"
    assert production, rule
    assert server.stop(seconds=9) == 0, "SIGTERM should end it with exit code 0"
    assert server.children == 0, "and none of its processes is left"


@pytest.mark.step(1)
def test_it_listens_on_8000_where_nobody_says_another_port(python):
    conf = python(UNDERSTOOD)
    assert conf, "PORT is not set: gunicorn should be able to read gunicorn.conf.py"
    assert "8000" in conf["address"], "PORT is not set, so it should listen on 8000"
    assert not conf["reload"], "reload is for your own machine, not for a server"
    assert not SETTINGS.keys() & conf["env"], "raw_env: a secret stands in no file"


@pytest.mark.step(1)
def test_without_secrets_it_does_not_start_and_names_them(cli):
    done = cli("gunicorn", "--check-config")
    rule = "none of SECRET_KEY, API_TOKEN and DATABASE_URL is set: it should not start"
    assert done.exit_code, rule
    missing = [name for name in SETTINGS if name not in done.output]
    assert not missing, f"what it prints should name {', '.join(missing)}, too"


@pytest.mark.step(2)
def test_web_concurrency_says_how_many_processes_serve(gunicorn, python):
    conf = python(UNDERSTOOD, env={"PORT": "4321", "WEB_CONCURRENCY": "7"})
    if conf:  # else gunicorn itself says what is wrong
        rule = "WEB_CONCURRENCY=7, so 7 processes should serve"
        assert conf["workers"] == 7, rule
    server = gunicorn(WEB_CONCURRENCY="3")
    until = time.monotonic() + 3
    while server.children != 3 and time.monotonic() < until:
        time.sleep(0.1)  # gunicorn starts them one after another
    assert server.children == 3, "WEB_CONCURRENCY=3, so 3 processes should serve"


@pytest.mark.step(3)
def test_only_this_machine_reaches_it(gunicorn):
    reached = gunicorn().reached_from_outside
    assert not reached, "no other machine should reach it: 127.0.0.1 is this one alone"


@pytest.mark.step(4)
def test_each_request_leaves_a_line_with_its_number(gunicorn, unseen):
    server = gunicorn()
    missing, there = f"/{unseen.word()}", f"/tip/{unseen.number()}"
    answers = {path: server.get(path) for path in [missing, there]}
    server.stop(seconds=9)  # all is written by now
    printed = server.output.splitlines()
    for path, answer in answers.items():
        lines = [line for line in printed if path in line]
        rule = f"GET {path} was one request, so one line on stdout or stderr"
        shown = " | ".join(lines) or f"none with {path}"
        assert len(lines) == 1, f"{rule}; these came: {shown}"
        number = answer.headers.get("X-Request-Id", "no number")
        for part in ["GET", str(answer.status_code), number]:
            rule = "has the method, path, status and the answer's X-Request-Id"
            assert part in lines[0], f"the line of GET {path} {rule}"


@pytest.mark.step(5)
def test_health_is_200_with_its_database(make_blog):
    response = make_blog().test_client().get("/health")
    rule = "the database is there, with its tables"
    assert response.status_code == 200, rule
    assert response.is_json, "a program reads this: answer in JSON"


@pytest.mark.step(5)
def test_health_is_503_without_its_database_and_tells_no_details(make_app):
    response = make_app(env={"DATABASE_URL": NOWHERE}).test_client().get("/health")
    rule = f"DATABASE_URL leads to no database, on purpose, {NOWHERE}: nothing that is"
    assert response.status_code == 503, f"{rule} raised should get out of /health"
    assert response.is_json, "a program reads this: answer in JSON"
    for detail in ["no/such", "sqlite", "Error"]:
        rule = "what went wrong is nobody's business but yours"
        assert detail not in response.text, rule


@pytest.mark.step(6)
def test_visitors_at_once_are_all_counted(gunicorn, make_app, instance, unseen):
    posts = unseen.posts(2)
    path, other = [f"/post/{post['slug']}" for post in posts]
    server = gunicorn(posts, WEB_CONCURRENCY="3")
    for _ in range(5):
        answers = server.together([path] * 8)
        rule = "eight visitors at once: each should get the page"
        assert {answer.status_code for answer in answers} == {200}, rule
    rule = "40 visitors have read it, several at once, and now one more"
    assert times(server.get(path)) == "41", rule
    assert times(server.get(other)) == "1", "each post has a number of its own"
    again = make_app(instance=instance()).test_client().get(path)
    assert times(again) == "42", "the blog was started anew; 41 have read it before"


def times(response):
    """Return the N of the words `Read N times` on a page."""
    found = re.search(r"\bRead (\S+) times\b", seen(response))
    return found[1] if found else "a page without `Read N times`, N a number"

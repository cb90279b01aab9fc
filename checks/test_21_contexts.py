"""Lesson 21, Contexts and commands: a number, a year, and links without a visitor?"""

import datetime

import pytest

from checks.pages import seen, texts

HEADER = "X-Request-Id"

# Pages as the blog will answer them in later years, all with one app.
IN_OTHER_YEARS = """
import datetime, time

now = [time.mktime((2031, 7, 1, 12, 0, 0, 0, 0, -1))]
local, utc, written = time.localtime, time.gmtime, time.strftime

class Date(datetime.date):
    today = classmethod(lambda cls: cls.fromtimestamp(now[0]))

class DateTime(datetime.datetime):
    now = classmethod(lambda cls, tz=None: cls.fromtimestamp(now[0], tz))
    today = utcnow = classmethod(lambda cls: cls.fromtimestamp(now[0]))

datetime.date, datetime.datetime = Date, DateTime
time.time = lambda: now[0]
time.localtime = lambda seconds=None: local(now[0] if seconds is None else seconds)
time.gmtime = lambda seconds=None: utc(now[0] if seconds is None else seconds)
time.strftime = lambda form, when=None: written(form, when or time.localtime())

from blog import create_app
client = create_app().test_client()
first = client.get("/about").text
now[0] += 366 * 24 * 60 * 60
[first, client.get("/about").text]
"""

# The names of the blog's own commands; one of a group has the group's name in front.
COMMANDS = """
from blog import create_app
own = create_app().cli.commands
groups = {name: sorted(getattr(own[name], "commands", [""])) for name in own}
sorted(f"{name} {inner}".strip() for name in groups for inner in groups[name])
"""


@pytest.mark.step(1)
@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET /", 200),
        ("GET /nope", 404),
        ("DELETE /about", 405),
        ("GET /authors", 308),
        ("GET /static/css/style.css", 200),
        ("GET /api/posts/1234567", 404),
        ("POST /api/posts", 401),
    ],
)
def test_every_answer_carries_a_number(client, request_line, status):
    method, address = request_line.split()
    response = client.open(address, method=method)
    assert response.status_code == status, "the answer itself should stay as it was"
    assert number(response)


@pytest.mark.step(1)
def test_a_request_that_is_refused_has_a_number_too(client, unseen):
    client.set_cookie("name", unseen.word() * 6)
    response = client.get("/about")
    rule = "the name in the cookie is too long, and refuse_long_names() says so"
    assert response.status_code == 400, rule
    rule = "the page should show the same number, g.request_id"
    assert number(response) in seen(response), rule


@pytest.mark.step(1)
@pytest.mark.parametrize("address", ["/nope", "/admin"])
def test_the_page_of_an_error_shows_its_number(client, address):
    response = client.get(address)
    rule = "the status is right, and the page should show the same number, g.request_id"
    assert number(response) in seen(response), rule


@pytest.mark.step(1)
@pytest.mark.parametrize("address", ["/{}", "/api/{}"])
def test_a_crash_has_its_number(make_app, unseen, address):
    address = address.format(unseen.word())
    response = make_app(crash=address).test_client().get(address)
    assert response.status_code == 500
    assert number(response)


@pytest.mark.step(1)
def test_no_number_comes_twice(make_app):
    workers = [make_app().test_client(), make_app().test_client()]
    numbers = [number(worker.get("/about")) for worker in [*workers, *workers]]
    rule = f"of two requests to each of two workers, these came: {', '.join(numbers)}"
    assert len(set(numbers)) == 4, rule


@pytest.mark.step(1)
def test_the_number_is_yours_and_not_the_visitors(client, unseen):
    sent = unseen.word()
    response = client.get("/about", headers={HEADER: sent})
    rule = (
        f"{HEADER}: {sent} came with the request; anybody can send one: make your own"
    )
    assert number(response) != sent, rule


@pytest.mark.step(2)
@pytest.mark.parametrize("address", ["/", "/about", "/auth/login", "/nope"])
def test_every_footer_has_the_name_and_the_year(make_app, unseen, address):
    name = f"{unseen.word()} & <b>tea</b>"
    page = make_app(env={"BLOG_NAME": name}).test_client().get(address).text
    footer = " ".join(texts(page, "footer"))
    assert name in footer, "the footer should name the blog, as BLOG_NAME has it"
    year = str(datetime.date.today().year)
    assert year in footer, "the footer should have the year"


@pytest.mark.step(2)
def test_the_year_is_that_of_the_request(python):
    pages = python(IN_OTHER_YEARS)
    first, second = [" ".join(texts(page, "footer")) for page in pages]
    assert "2031" in first, "asked in the year 2031, the footer should say so"
    rule = "asked in 2032, the app that was started in 2031 should say so"
    assert "2032" in second, rule


@pytest.mark.step(3)
def test_flask_posts_lists_every_post(cli, python, unseen):
    posts = unseen.posts(3)
    posts[1]["date"] = None
    posts[2]["title"] += ' & "<b>'
    done = command(cli, python, "posts", posts=posts)
    assert done.exit_code == 0
    for post in posts:
        title, post_id = post["title"], str(post["id"])
        day = str(post["date"] or "no date")
        assert title in " ".join(done.stdout.split()), (
            "every title should be there, as it is"
        )
        line = next(row for row in done.stdout.splitlines() if title in row)
        rest = line.replace(title, "")
        assert day in rest, f"the line of {title!r} should hold its date"
        assert post_id in rest.replace(day, ""), f"and the line of {title!r} its id"


@pytest.mark.step(4)
def test_flask_newsletter_links_every_post(cli, python, unseen):
    posts, base = unseen.posts(3), f"https://{unseen.word()}.example/blog"
    done = command(cli, python, "newsletter", "--base", base, posts=posts)
    assert done.exit_code == 0
    for post in posts:
        link = f"{base}/post/{post['slug']}"
        assert post["title"] in done.stdout
        assert link in done.stdout, f"every post should have a link below {base}"


@pytest.mark.step(4)
def test_without_a_base_the_newsletter_says_what_is_missing(cli, python):
    done = command(cli, python, "newsletter")
    rule = "neither --base nor SERVER_NAME says where the blog is: that should end it"
    assert done.exit_code == 1, rule
    rule = "the sentence belongs on standard error, not among the links"
    assert "SERVER_NAME" in done.stderr, rule
    traceback = "Traceback" in done.output
    assert not traceback, "a sentence should say so, and no traceback"


@pytest.mark.step(4)
def test_server_name_stands_in_for_a_base(cli, python, unseen):
    host, posts = f"{unseen.word()}.example", unseen.posts(2)
    env = {"SERVER_NAME": host}
    done = command(cli, python, "newsletter", env=env, posts=posts)
    assert done.exit_code == 0, f"with SERVER_NAME={host} it needs no --base"
    for post in posts:
        link = f"://{host}/post/{post['slug']}"
        assert link in done.stdout, f"SERVER_NAME is {host}, so links should lead there"


@pytest.mark.step(4)
def test_the_old_script_is_gone(python):
    there = python("from pathlib import Path; Path('newsletter.py').exists()")
    assert not there, "newsletter.py should be gone: the command does its work"


def number(response):
    """Return the number that a response carries, which it must have."""
    found = response.headers.get(HEADER)
    others = ", ".join(sorted({name for name, _ in response.headers}))
    assert found, (
        f"the status is right, but no {HEADER} came; these headers did: {others}"
    )
    return found


def command(cli, python, *words, **given):
    """Run a command of the blog's, which must be there."""
    done = cli("flask", "--app", "blog", *words, **given)
    unknown = "No such command" in done.stderr
    own = ", ".join(python(COMMANDS) if unknown else []) or "none"
    assert not unknown, f"the commands that the blog brings itself: {own}"
    return done

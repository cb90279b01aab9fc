"""Lesson 29, Views and streams: authors, an export in pieces, and two waits at once."""

import csv
import io
from collections import Counter
from urllib.parse import urljoin, urlsplit

import pytest
from werkzeug.http import parse_options_header

from checks.pages import links, seen

pytestmark = pytest.mark.points(0)  # nobody has to take this lesson

JSON = "application/json"
TOKEN = {"Authorization": "Bearer only-for-development"}
TOO_LONG = "a" * 41
REFUSED = [
    *("{}", "[1]", "null", '"text"', '{"name": ', '{"name": 5}', '{"name": ["text"]}'),
    *('{"name": "   "}', f'{{"name": "{TOO_LONG}"}}'),
]
COLUMNS = ["id", "title", "author", "date", "tags"]
MANY, AT_ONCE = 240, 100

# The export of many posts, up to the piece with the first row, then all the rest.
EXPORT = f"""
from sqlalchemy import event
from blog import create_app
from blog.models import Post, User, db

app = create_app("development")
made = app.test_cli_runner().invoke(args=["init-db"])
with app.app_context():
    ada = User(name="Ada")
    texts = dict(summary="", body="", tips=0, tags=["tea"], date=None)
    for number in range({MANY}):
        title = f"<{{number}}>"
        db.session.add(Post(slug=f"s{{number}}", title=title, author=ada, **texts))
    db.session.commit()

loaded = []
event.listen(Post, "load", lambda *told: loaded.append(told))
response = app.test_client().get("/export.csv", buffered=False)
pieces, text = response.iter_encoded(), ""
for piece in pieces:
    text += piece.decode()
    if "<{MANY - 1}>" in text:  # the newest is the first row
        break
first, count = text, len(loaded)
text += b"".join(pieces).decode()
response.close()
{{"status": response.status_code, "first": first, "loaded": count, "all": text}}
"""

# What takes the place of blog/outside.py: who waits looks whether the other does, too.
OUTSIDE = """
import asyncio

begun = []


async def told(word):
    begun.append(word)
    for patience in range(100):
        if len(begun) >= {least}:
            return word
        await asyncio.sleep(0.001)
    return "nobody else has begun"


async def tea_of_the_day():
    return await told({tea!r})


async def weather():
    return await told({sky!r})
"""


@pytest.fixture
def app(make_blog):
    return make_blog()


@pytest.mark.step(1)
def test_all_authors_come_by_name(make_blog, unseen):
    """GET /api/authors is a list of all authors, by name, each with three keys."""
    posts = unseen.posts(4)
    names = sorted(post["author"] for post in posts)  # the last name comes first
    for post, name in zip(posts, reversed([*names[:3], names[2]]), strict=True):
        post["author"] = f'{name} <b> & "é"'
    client = make_blog(posts=posts).test_client()
    listed = authors(client)
    for author in listed:
        assert sorted(author) == ["id", "name", "posts"], "an author has three keys"
    wanted = sorted(Counter(post["author"] for post in posts).items())
    came = [(author["name"], author["posts"]) for author in listed]
    assert came == wanted, "each author's name and number of posts, by name"
    one = client.get(f"/api/authors/{listed[0]['id']}")
    assert one.status_code == 200
    assert one.json == listed[0], "one author comes as in the list"


@pytest.mark.step(1)
def test_a_new_author_answers_at_its_location(client, unseen):
    name = f'<b>{unseen.name()} & "{unseen.word()}"'
    response = send(client, "POST", "/api/authors", name=f"  {name} ")
    assert response.status_code == 201
    assert field(response, "name") == name, "without the blanks around it"
    came = ", ".join(response.headers.keys())
    assert response.location, f"no header Location came, only {came}"
    made = client.get(urljoin("/api/authors", response.location))
    leads = f"Location is {response.location!r}; it should lead to the new author"
    assert made.status_code == 200, leads
    assert made.json == {"id": field(response, "id"), "name": name, "posts": 0}, leads
    assert made.json in authors(client), "the new author is in the list"


@pytest.mark.step(1)
def test_put_gives_another_name(client, unseen):
    """PUT gives an author another name, and the posts stay theirs."""
    before = authors(client)
    path, name = f"/api/authors/{before[0]['id']}", f"{unseen.name()} <i>"
    for _ in range(2):  # its own name is no conflict
        response = send(client, "PUT", path, name=f" {name}  ")
        assert response.status_code in (200, 204)
        assert client.get(path).json == {**before[0], "name": name}
    theirs = [post for post in client.get("/api/posts").json if post["author"] == name]
    assert len(theirs) == before[0]["posts"], "their posts have the new name, too"


@pytest.mark.step(1)
def test_delete_takes_out_who_has_no_posts(client, unseen):
    """DELETE takes out an author without posts; one with posts stays, with 409."""
    path, before = new_author(client, unseen.name()), authors(client)
    gone = send(client, "DELETE", path)
    assert gone.status_code == 204
    assert gone.data == b"", "204 should come without a body"
    assert client.get(path).status_code == 404, "who was deleted should not be there"
    writer = next(author for author in before if author["posts"])
    response = send(client, "DELETE", f"/api/authors/{writer['id']}")
    assert_refused(response, (409,), "this author has posts: that is a conflict")
    assert writer in authors(client), "an author with posts should stay"


@pytest.mark.step(1)
def test_a_taken_name_is_a_conflict(client, unseen):
    taken, path = authors(client)[0]["name"], new_author(client, unseen.name())
    before = authors(client)
    for method, where in [("POST", "/api/authors"), ("PUT", path)]:
        response = send(client, method, where, name=f" {taken}")
        assert_refused(response, (409,), f"{taken!r} is taken: that is a conflict")
        assert authors(client) == before, "a refused name should change nobody"


@pytest.mark.step(1)
def test_what_is_no_name_is_refused(client):
    before = authors(client)
    path = f"/api/authors/{before[0]['id']}"
    for method, where in [("POST", "/api/authors"), ("PUT", path)]:
        for body in REFUSED:
            response = send(client, method, where, data=body, content_type=JSON)
            what = "a name of 41 letters is none" if TOO_LONG in body else None
            assert_refused(response, (400, 422), what or f"{body} holds no name")
            assert authors(client) == before, "a refused name should change nobody"
        response = send(client, method, where, data="Ada", content_type="text/plain")
        assert_refused(response, (415,), "text/plain is not JSON")


@pytest.mark.step(1)
def test_writing_needs_the_token(client, unseen):
    path = new_author(client, unseen.name())
    before = authors(client)
    for method, where in [("POST", "/api/authors"), ("PUT", path), ("DELETE", path)]:
        body = {"json": {"name": unseen.name()}} if method != "DELETE" else {}
        for sent in [{}, {"Authorization": "Bearer another"}]:
            response = client.open(where, method=method, headers=sent, **body)
            token = "with another token" if sent else "without a token"
            assert_refused(response, (401,), f"{method} came {token}")
            assert authors(client) == before, f"{method} came {token}: nobody changes"


@pytest.mark.step(1)
def test_an_unknown_id_is_404_and_patch_405(client, unseen):
    path = f"/api/authors/{unseen.number(1000, 9999)}"
    for method, body in [("GET", {}), ("PUT", {"name": unseen.name()}), ("DELETE", {})]:
        response = send(client, method, path, **body)
        assert_refused(response, (404,), "nobody has this id")
    one = f"/api/authors/{authors(client)[0]['id']}"
    for path, methods in [("/api/authors", "GET POST"), (one, "GET PUT DELETE")]:
        response = send(client, "PATCH", path)
        assert_refused(response, (405,), "nothing here answers PATCH")
        allow = response.headers.get("Allow", "")
        missing = ", ".join(each for each in methods.split() if each not in allow)
        assert not missing, f"Allow should name {missing}; it says {allow!r}"


@pytest.mark.step(2)
def test_the_export_is_a_file_to_keep(client):
    """/export.csv is text/csv, to be kept as posts.csv; /places links to it."""
    response = client.get("/export.csv")
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    value = response.headers.get("Content-Disposition", "")
    kind, options = parse_options_header(value)
    keeps = kind == "attachment" and options.get("filename") == "posts.csv"
    rule = "Content-Disposition should make it an attachment, posts.csv"
    assert keeps, f"{rule}; it is {value or 'not there'}"
    assert_linked(client, "/export.csv")


@pytest.mark.step(2)
def test_the_rows_are_the_posts(make_blog, unseen):
    """After the names of the columns comes a row for each post, the newest first."""
    posts = unseen.posts(4)
    posts[0]["date"] = None
    posts[1]["title"] += ', "<tea>" & é = 1'
    posts[2]["tags"] = []
    client = make_blog(posts=posts).test_client()
    ids = {post["slug"]: post["id"] for post in client.get("/api/posts").json}
    text = client.get("/export.csv").text
    head = text.partition("\n")[0].removesuffix("\r")
    assert head == ",".join(COLUMNS), "the first line"
    wanted = [
        [
            *(str(ids[post["slug"]]), post["title"], post["author"]),
            *(str(post["date"] or ""), ", ".join(post["tags"])),
        ]
        for post in [*posts[:0:-1], posts[0]]
    ]
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    for number, row in enumerate(wanted):
        came = rows[number] if number < len(rows) else "no such row"
        assert came == row, f"row {number + 1} of {len(wanted)}, as csv reads it"
    assert len(rows) == len(wanted), "a row for each post, and no other line"


@pytest.mark.step(2)
def test_no_cell_is_a_formula(make_blog, unseen):
    """A cell that begins with = + - or @ gets a ' in front: no program runs it."""
    posts = unseen.posts(4)
    for post, mark in zip(posts, "=+-@", strict=True):
        post["title"] = f'{mark}HYPERLINK("http://{unseen.word()}.example","a, b")'
        post["author"] = f"{mark}{unseen.name()}"
    text = make_blog(posts=posts).test_client().get("/export.csv").text
    rows = list(csv.reader(io.StringIO(text, newline="")))[1:]
    came = [row[1:3] for row in rows if len(row) == len(COLUMNS)]
    wanted = [[f"'{post['title']}", f"'{post['author']}"] for post in posts[::-1]]
    for number, cells in enumerate(wanted):
        row = came[number] if number < len(came) else "no such row"
        assert row == cells, "a spreadsheet runs a cell that begins with = + - or @"


@pytest.mark.step(2)
def test_the_first_row_leaves_before_the_last_is_made(python):
    came = python(EXPORT)
    rule = f"GET /export.csv, in a blog with {MANY} posts"
    assert came["status"] == 200, rule
    both = "<0>" in came["first"]
    assert not both, f"{rule}: the first row came together with the last"
    loaded = f"when the first row had left, {came['loaded']} posts had been loaded"
    assert came["loaded"] <= AT_ONCE, f"{rule}: {loaded}; at most {AT_ONCE} should be"
    rows = came["all"].count("<")
    assert rows == MANY, f"{rule}: all of them should come in the end"


@pytest.mark.step(3)
def test_the_page_says_what_others_say(make_app, unseen):
    """/today shows what both functions of blog/outside.py return, as text."""
    tea, sky = f"<b>{unseen.word()}", f"{unseen.word()} & {unseen.word()}"
    client = make_app(instance=outside(tea, sky, least=1)).test_client()
    response = client.get("/today")
    assert response.status_code == 200
    assert f"Tea of the day: {tea}" in seen(response)
    assert f"The sky: {sky}" in seen(response)
    assert_linked(client, "/today")


@pytest.mark.step(3)
def test_both_waits_begin_before_either_ends(make_app, unseen):
    tea, sky = unseen.word(), unseen.word()
    client = make_app(instance=outside(tea, sky, least=2)).test_client()
    response = client.get("/today")
    assert response.status_code == 200
    shown = seen(response)
    assert "nobody else has begun" not in shown, "both are asked before either answers"
    assert tea in shown
    assert sky in shown


def send(client, method, path, data=None, content_type=None, **body):
    """Send a request with the token, and a body as JSON or as it is."""
    given = {"data": data, "content_type": content_type} if data else {}
    given = {"json": body} if body else given
    return client.open(path, method=method, headers=TOKEN, **given)


def new_author(client, name):
    """Make an author; return its path."""
    response = send(client, "POST", "/api/authors", name=name)
    assert response.status_code == 201, f"{name} is a new author"
    return f"/api/authors/{field(response, 'id')}"


def authors(client):
    """Return the authors that the API lists."""
    response = client.get("/api/authors")
    assert response.status_code == 200, "all authors come, and without a token"
    assert response.mimetype == JSON, "a program should get JSON"
    listed = response.json if isinstance(response.json, list) else []
    whole = listed and all(isinstance(each, dict) for each in listed)
    assert whole, "all authors should come as a JSON list of objects"
    return listed


def field(response, key):
    """Return one value of a JSON object, None where no such thing came."""
    return response.json.get(key) if isinstance(response.json, dict) else None


def assert_refused(response, statuses, rule):
    """Assert that a request was refused, and that a program can read why."""
    assert response.status_code in statuses, rule
    assert response.mimetype == JSON, "a program should get its errors as JSON, too"


def assert_linked(client, path):
    """Assert that the page of all places leads to this one."""
    found = {urlsplit(link).path for link in links(client.get("/places").text)}
    linked = path in found
    assert linked, f"/places should have a link to {path}"


def outside(tea, sky, least):
    """Return a blog/outside.py that says these words when so many waits have begun."""
    told = OUTSIDE.format(tea=tea, sky=sky, least=least)
    return {"blog/outside.py": told.encode()}

"""Lesson 27, Accounts: does the blog know its members, and who may do what?"""

import base64
import hashlib
import re
import sqlite3
from collections import Counter
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest

from checks.pages import fields, link_to, links, parse, seen, texts

REFUSED = (400, 401, 403, 422)
AWAY = [
    "//evil.example",
    "///evil.example/new",
    "https://evil.example/new",
    "https:evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
]


@pytest.fixture
def app(make_blog):
    """The blog with its tables, and the posts of posts.py in them."""
    return make_blog()


@pytest.mark.step(1)
def test_a_form_asks_for_name_and_password(client):
    response = client.get("/auth/register")
    assert response.status_code == 200
    assert "name" in fields(response.text)
    assert "password" in fields(response.text)
    rule = "the page of /auth/login should link to /auth/register"
    assert "/auth/register" in links(client.get("/auth/login").text), rule


@pytest.mark.step(1)
def test_a_member_is_kept_and_led_to_the_login(client, instance, unseen):
    who = somebody(unseen)
    response = register(client, who)
    assert response.status_code in (302, 303), "this name is free, so take it"
    assert path_of(response) == "/auth/login"
    kept = who["name"].encode() in stored(instance)
    assert kept, f"the database file should hold the new member, {who['name']}"


@pytest.mark.step(1)
def test_the_password_is_nowhere_in_the_database(make_blog, instance, unseen):
    """Nobody who reads the database file learns a password from it."""
    client = make_blog(posts=unseen.posts(1)).test_client()
    who = somebody(unseen)
    register(client, who)
    kept = stored(instance).lower()
    told = [how for how, trace in traces(who["password"]) if trace.lower() in kept]
    assert not told, f"the database file holds the password {told[0]}"
    register(client, who | {"name": unseen.name()})
    rule = "two members have one password, and the table has one text for both: no salt"
    assert twice(instance) == [], rule


@pytest.mark.step(1)
@pytest.mark.parametrize("length", [7, 8])
def test_a_password_has_8_characters_or_more(client, instance, unseen, length):
    who = {"name": unseen.name(), "password": f"a {unseen.word()}"[:length]}
    response = register(client, who)
    kept = who["name"].encode() in stored(instance)
    if length == 8:
        assert kept, "a password of 8 characters is long enough"
    else:
        assert response.status_code in (400, 422), f"{length} characters are too few"
        assert not kept, "who is refused should not be in the database"


@pytest.mark.step(1)
@pytest.mark.parametrize("whose", ["a member", "an author who never registered"])
def test_a_taken_name_is_refused(make_blog, unseen, whose):
    """A name that the table has is refused with 400, 409 or 422."""
    (post,) = posts = unseen.posts(1)
    client, who = make_blog(posts=posts).test_client(), somebody(unseen)
    if whose == "a member":
        register(client, who)
    else:
        who["name"] = post["author"]
    response = register(client, who | {"password": unseen.word() + "!"})
    assert response.status_code in (400, 409, 422), f"it is the name of {whose}"


@pytest.mark.step(2)
def test_two_members_are_two(app, unseen):
    """The password lets a member in, and each is greeted by name."""
    for who in [somebody(unseen), somebody(unseen)]:
        client = member(app, who)
        greeted = f"Good to see you, {who['name']}" in seen(client.get("/"))
        assert greeted, f"{who['name']} has signed in: home should greet by this name"


@pytest.mark.step(2)
def test_one_page_for_both_mistakes(make_blog, unseen):
    """Who is refused sees one page, whether the name or the password is wrong."""
    (post,) = posts = unseen.posts(1)
    client, who = make_blog(posts=posts).test_client(), somebody(unseen)
    register(client, who)
    client.get("/auth/login")  # where the message goes
    told = []
    for wrong, what in [
        ({"password": unseen.word()}, "the password is wrong"),
        ({"password": who["password"] + " "}, "a blank more is another password"),
        ({"password": who["password"].upper()}, "capitals make another password"),
        ({"name": unseen.name()}, "no member has this name"),
        ({"name": post["author"]}, "this author has no password"),
    ]:
        response = log_in(client, who | wrong)
        assert response.status_code in REFUSED, what
        assert "Wrong name or password" in seen(response)
        rule = f"{what}: no stranger should see that, so one page and status for all"
        told += [(response.status_code, without(response, (who | wrong)["name"]))]
        assert told[-1] == told[0], rule
        status = client.get("/new").status_code
        assert status != 200, f"{what}, and /new opens all the same"


@pytest.mark.step(2)
def test_a_name_that_is_taken_keeps_its_password(client, unseen):
    """Who registers a taken name changes nothing: the first password goes on."""
    who = somebody(unseen)
    second = who | {"password": unseen.word() + "!"}
    register(client, who)
    register(client, second)
    rule = "somebody else has registered the same name, and was let in"
    assert log_in(client, second).status_code in REFUSED, rule
    assert log_in(client, who).status_code in (302, 303)


@pytest.mark.step(2)
def test_who_has_signed_in_is_refused_a_taken_name_too(app, unseen):
    """A member who registers a taken name gets a page, as a visitor does."""
    client = member(app, who := somebody(unseen))
    response = register(client, who)
    assert response.status_code in (400, 409, 422), "the name is taken"


@pytest.mark.step(3)
def test_a_visitor_comes_back(app, unseen):
    """A visitor who asks for /new logs in, and is led to it, query and all."""
    register(app.test_client(), who := somebody(unseen))
    for wanted in ("/new", f"/new?draft={unseen.number()}&tag=a%26b"):
        client = app.test_client()
        login = client.get(wanted).location or ""
        told = parse_qs(urlsplit(login).query).get("next", [""])[0]
        rule = (
            f"it leads to {login or 'nowhere'}; in its query, next should be {wanted}"
        )
        assert local(told) == wanted, rule
        response = log_in(client, who, login)
        assert response.status_code in (302, 303)
        rule = f"a GET of {wanted} began this: after the login, lead to next"
        assert local(response.location) == wanted, rule


@pytest.mark.step(3)
@pytest.mark.parametrize("page", ["/auth/login", "/auth/login?next="])
def test_home_without_a_way_back(client, unseen, page):
    """A login without next, or with an empty one, leads home."""
    register(client, who := somebody(unseen))
    response = log_in(client, who, page)
    assert response.status_code in (302, 303)
    assert local(response.location) == "/"


@pytest.mark.step(3)
def test_nobody_is_led_to_another_site(client, unseen):
    """A login never leads away, whatever stands in next."""
    register(client, who := somebody(unseen))
    for address in AWAY:
        response = log_in(client, who, "/auth/login?" + urlencode({"next": address}))
        assert response.status_code in (302, 303), f"next is {address!r}: lead home"
        away = local(response.location) is None
        assert not away, f"browsers follow {response.location!r} to another site"


@pytest.mark.step(4)
def test_the_author_edits_a_post(app, unseen):
    """An author changes a post by its form, and its address stays."""
    client = member(app, somebody(unseen))
    address, post = publish(client, unseen)
    edit = link_to(client.get(address).text, "Edit")
    assert edit == f"{address}/edit", (
        "its page should have a link `Edit` for its author"
    )
    response = client.get(edit)
    assert response.status_code == 200, "its author should see the form"
    form = fields(response.text)
    for field, text in post.items():
        assert text in form.get(field, ""), f"the field {field} should hold its text"
    changed = written(unseen)
    response = send(client, edit, edit, changed)
    assert response.status_code in (302, 303)
    assert local(response.location) == address, "lead to the post; its address stays"
    for field, text in changed.items():
        for word in text.split(", "):
            assert word in seen(client.get(address)), f"its {field} was changed"
    response = send(client, edit, edit, changed | {"title": " ", "body": "never"})
    assert response.status_code in (400, 422), "the title is blank, so refuse it"
    assert fields(response.text).get("body") == "never", "what was typed should stay"
    assert "never" not in seen(client.get(address)), "what is refused is not stored"


@pytest.mark.step(4)
def test_the_author_deletes_a_post(app, unseen):
    """An author's button `Delete` takes a post out; no link and no GET does."""
    client = member(app, somebody(unseen))
    address, post = publish(client, unseen)
    client.get(f"{address}/delete")
    assert client.get(address).status_code == 200, "a GET should delete nothing"
    there = "Delete" in buttons(client.get(address).text)
    assert there, "its page should have a button `Delete` for its author"
    response = send(client, address, f"{address}/delete", {})
    assert response.status_code in (302, 303)
    assert client.get(address).status_code == 404, "this post was deleted"
    for path in (f"{address}/edit", f"/post/{unseen.word()}/edit"):
        assert client.get(path).status_code == 404, "there is no such post"


@pytest.mark.step(4)
@pytest.mark.parametrize("who", ["another member", "a visitor"])
def test_all_others_are_refused(app, unseen, who):
    """Another member gets 403, a visitor the login; neither finds a button."""
    address, post = publish(member(app, somebody(unseen)), unseen)
    other = app.test_client() if who == "a visitor" else member(app, somebody(unseen))
    for method, what in [("GET", "edit"), ("POST", "edit"), ("POST", "delete")]:
        path, changed = f"{address}/{what}", written(unseen)
        if method == "GET":
            response = other.get(path)
        else:
            token = fields(other.get("/contact").text).get("csrf_token", "")
            response = other.post(path, data=changed | {"csrf_token": token})
        if who == "a visitor":
            assert path_of(response) == "/auth/login", (
                f"{who} should be led to the login"
            )
        else:
            assert response.status_code == 403, f"{who} asks: this post is not theirs"
        page = app.test_client().get(address)
        assert post["body"] in seen(page), f"{who} sent this, and the post has changed"
    page = other.get(address).text
    there = {*texts(page, "a"), *buttons(page)} & {"Edit", "Delete"}
    assert sorted(there) == [], f"this page is shown to {who}"


@pytest.mark.step(4)
def test_a_login_on_the_way_to_a_post_ends_at_a_page(app, unseen):
    """Who is asked to log in by a POST ends at a page; no redirect repeats a POST."""
    address, _ = publish(member(app, who := somebody(unseen)), unseen)
    client = app.test_client()
    token = fields(client.get("/contact").text).get("csrf_token", "")
    login = client.post(f"{address}/delete", data={"csrf_token": token}).location
    response = client.get(log_in(client, who, login or "/auth/login").location or "/")
    assert response.status_code == 200, "there a login led, after a POST to delete"


@pytest.mark.step(5)
def test_a_visitor_of_admin_is_led_to_the_login(client):
    response = client.get("/admin")
    assert response.status_code in (302, 303)
    assert path_of(response) == "/auth/login"


@pytest.mark.step(5)
def test_admin_opens_for_admins(app, unseen):
    """A member gets 403; made an admin by the command, the same browser gets in."""
    who, other = somebody(unseen), somebody(unseen)
    who["name"] += ' <b>&"'
    client = member(app, who)
    register(app.test_client(), other)
    assert client.get("/admin").status_code == 403, "this member is no admin"
    code, *printed = app.invoke("make-admin", who["name"])
    last = ("".join(printed).strip().splitlines() or ["nothing"])[-1]
    rule = f"`flask --app blog make-admin NAME` should end with 0; it printed: {last}"
    assert code == 0, rule
    response = client.get("/admin")
    rule = "make-admin made an admin of this member, who has signed in before that"
    assert response.status_code == 200, rule
    for name in (who["name"], other["name"]):
        assert name in seen(response), "the page should name all members"


@pytest.mark.step(5)
def test_nobody_becomes_an_admin_by_a_wrong_name(app, unseen):
    """make-admin with an unknown name fails, and makes no member of it."""
    client = member(app, somebody(unseen))
    name = unseen.name()
    code, *_ = app.invoke("make-admin", name)
    rule = f"no member is called {name}: make-admin should end with another code"
    assert code != 0, rule
    assert client.get("/admin").status_code == 403, "the wrong member is an admin now"


@pytest.mark.step(6)
def test_a_token_of_before_the_login_is_worth_nothing(client, unseen):
    """A login begins a new session: nothing of the old one goes on."""
    register(client, who := somebody(unseen))
    token = fields(client.get("/contact").text).get("csrf_token", "")
    name = login_here(client, who)
    assert_old(client, token, "was made before the login")
    rule = "the session was cleared, and the member is not in it any more"
    assert name in seen(client.get("/")), f"{name} has signed in: {rule}"


@pytest.mark.step(6)
def test_the_next_member_begins_anew(client, unseen):
    """Where one member logs in after another, the first one's session ends."""
    register(client, first := somebody(unseen))
    register(client, second := somebody(unseen))
    login_here(client, first)
    token = fields(client.get("/contact").text).get("csrf_token", "")
    login_here(client, second)
    assert_old(client, token, "is that of the member before")


def somebody(unseen):
    """Return a name and a password that nobody has yet."""
    return {"name": unseen.name(), "password": f"{unseen.word()} Tee"}


def register(client, who):
    """Send the form of /auth/register, and return the answer."""
    return send(client, "/auth/register", "/auth/register", who)


def log_in(client, who, page="/auth/login"):
    """Send the login form of a page, and return the answer."""
    return send(client, page, "/auth/login", who)


def login_here(client, who):
    """Log a member in, who has registered, and return the name."""
    response = log_in(client, who)
    rule = "this is the password that this name was registered with: let them in"
    more = "(check_password_hash compares them, the hash first: each has its own salt)"
    assert response.status_code in (302, 303), f"{rule}\n{more}"
    client.get("/")  # where the message goes
    return who["name"]


def member(app, who):
    """Register somebody, and return a browser that has logged in."""
    client = app.test_client()
    register(client, who)
    login_here(client, who)
    return client


def send(client, page, path, data):
    """Send the form of a page that posts to a path, and return the answer."""
    page, forms = client.get(page), []
    for element in parse(page.text).elements:
        attrs = element["attrs"]
        if element["tag"] == "form":
            forms += [(attrs, {})]
        elif attrs.get("type") == "hidden" and "form" in element["inside"]:
            forms[-1][1][attrs.get("name") or ""] = attrs.get("value") or ""
    here = page.request.url  # where a form without an action goes, query and all
    found = [
        (urlsplit(urljoin(here, attrs.get("action") or here)), hidden)
        for attrs, hidden in forms
        if (attrs.get("method") or "").lower() == "post"
    ]
    found = [(to, hidden) for to, hidden in found if to.path == path]
    assert found, f"this page should have a form that posts to {path}"
    to, hidden = found[0]
    return client.post(to.path, query_string=to.query, data=hidden | data)


def without(response, name):
    """Return what a page says, but for the name typed and the request's number."""
    text = " ".join(texts(response.text, "main")) or seen(response)
    number = response.headers.get("X-Request-Id") or name
    return text.replace(name, "NAME").replace(number, "")


def buttons(html):
    """Return the words on the buttons of a page."""
    inputs = [e["attrs"] for e in parse(html).elements if e["tag"] == "input"]
    submits = [attrs.get("value") for attrs in inputs if attrs.get("type") == "submit"]
    return texts(html, "button") + submits


def written(unseen):
    """Return what an author may have written."""
    tags = f"{unseen.word()}, {unseen.word()}"
    body = f'<b>{unseen.word()} & "two"'
    return {
        "title": unseen.word(),
        "summary": unseen.word(),
        "tags": tags,
        "body": body,
    }


def publish(client, unseen):
    """Publish a post, and return its address and what is in it."""
    post = written(unseen)
    address = local(send(client, "/new", "/new", post).location)
    assert address and "/post/" in address, "a member should be able to publish"
    client.get("/")  # where the message goes
    return address, post


def path_of(response):
    """Return the path that a redirect leads to, "nowhere" where it leads nowhere."""
    return urlsplit(response.location or "nowhere").path


def local(address):
    """Return path and query as a browser finds them, None for another site.

    A browser drops tabs and line ends, reads a backslash as a slash, and takes what
    follows two slashes or more for a host.
    """
    text = re.sub(r"[\t\n\r]", "", (address or "").strip()).replace("\\", "/")
    text = re.sub(r"^(https?:)?/{2,}", r"\1//", text)
    parts = urlsplit(urljoin("http://localhost/auth/login", text))
    if (parts.scheme, parts.hostname) != ("http", "localhost"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def stored(instance):
    """Return all bytes that the app keeps."""
    return b"".join(instance().values())


def traces(password):
    """Return what leads back to a password: a name for it, and its bytes."""
    plain = password.encode()
    found = [("as it was typed", plain), ("backwards", plain[::-1])]
    found += [("in base64", base64.b64encode(plain)), ("in hex", plain.hex().encode())]
    for name in ("md5", "sha1", "sha256", "sha512"):
        digest = hashlib.new(name, plain)
        each = (
            digest.hexdigest().encode(),
            digest.digest(),
            base64.b64encode(digest.digest()),
        )
        found += [
            (f"as its plain {name}, which is found by guessing", trace)
            for trace in each
        ]
    return found


def twice(instance):
    """Return the long texts that more than one row of the database holds."""
    found = Counter()
    for content in instance().values():
        if content.startswith(b"SQLite format 3"):
            db = sqlite3.connect(":memory:")
            db.deserialize(content)
            tables = db.execute("select name from sqlite_master where type = 'table'")
            for (table,) in tables.fetchall():
                for row in db.execute(f'select * from "{table}"'):
                    found.update(str(value) for value in row if len(str(value)) > 19)
    return [text for text, count in found.items() if count > 1]


def assert_old(client, token, what):
    """Want a form refused whose token is of a session that has ended."""
    data = {"name": "Guest", "csrf_token": token}
    response = client.post("/contact", data=data)
    rule = f"the form's token {what}, and is good all the same"
    assert response.status_code in (400, 403), rule

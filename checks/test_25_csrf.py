"""Lesson 25, CSRF: does the blog refuse a form that its own pages did not send?"""

import io
import re
from urllib.parse import urljoin, urlsplit

import pytest

from checks.pages import beside, fields, links, parse, seen, send_form, texts

BEARER = {"Authorization": "Bearer only-for-development"}
FIELDS = ["title", "summary", "tags", "body"]
FORMS = {
    "/auth/login": ["name"],
    "/auth/logout": [],
    "/new": FIELDS,
    "/upload": ["picture"],
    "/contact": ["name"],
}
AGAIN = "Load the page again"
AS_HTML = "the browser reads what was typed as HTML of yours"
LONG = {"title": "tea " * 25 + "!", "summary": "tea " * 50 + "!"}

# A form that was opened before is sent by another process, as after a restart.
LATER = """
import time

now = time.time
time.time = lambda: now() + {seconds}

from blog import create_app
client = create_app().test_client()
client.set_cookie("session", {session!r})
response = client.post("/contact", data={data!r})
[response.status_code, response.text]
"""


@pytest.mark.step(1)
@pytest.mark.parametrize("path", ["/auth/login", "/upload", "/contact"])
def test_a_form_without_a_token_is_refused(app, unseen, path):
    """A POST without its token is refused with 400 or 403."""
    response = app.test_client().post(path, data=typed(unseen, FORMS[path]))
    assert response.status_code in (400, 403), unprotected(app)


@pytest.mark.step(1)
@pytest.mark.parametrize("path", [path for path in FORMS if path != "/contact"])
def test_what_is_refused_is_not_done(app, unseen, path):
    """Sent by a browser that is signed in, a POST without its token does nothing."""
    client = app.test_client()
    name, before = sign_in(client, unseen), post_links(client)
    response = client.post(path, data=typed(unseen, FORMS[path]))
    assert response.status_code in (400, 403), unprotected(app)
    assert name in seen(client.get("/")), f"{path} refused it, and acted all the same"
    assert post_links(client) == before, "what is refused should not be stored"


@pytest.mark.step(1)
def test_production_asks_for_tokens_too(make_app, unseen):
    """Under APP_ENV=production a POST without its token is refused as well."""
    env = {"SECRET_KEY": unseen.word(), "API_TOKEN": unseen.word()}
    app = make_app(env={"APP_ENV": "production", **env})
    response = app.test_client().post("/contact", data={"name": unseen.name()})
    assert response.status_code in (400, 403), unprotected(app)


@pytest.mark.step(2)
@pytest.mark.parametrize(
    ("page", "path"),
    [(path, path) for path in FORMS if path != "/auth/logout"]
    + [(page, "/auth/logout") for page in ("/", "/nope")],
)
def test_every_form_that_posts_has_its_token(client, unseen, page, path):
    if path != "/auth/login":
        sign_in(client, unseen)
    assert token_in(client.get(page), path)


@pytest.mark.step(2)
def test_who_signs_in_with_the_token_is_known(client, unseen):
    name = unseen.name()
    taken(client, "/auth/login", {"name": name})
    assert name in seen(client.get("/")), "who signed in should be greeted by name"


@pytest.mark.step(2)
def test_the_button_log_out_still_does(client, unseen):
    name = sign_in(client, unseen)
    taken(client, "/auth/logout", {}, page="/contact")
    client.get("/contact")  # a message may name the visitor once more
    assert name not in seen(client.get("/")), "after POST /auth/logout nobody is known"


@pytest.mark.step(2)
def test_a_post_is_published_with_its_token(client, unseen):
    sign_in(client, unseen)
    post = typed(unseen)
    response = client.get(taken(client, "/new", post).location or "/")
    assert post["body"] in seen(response), "it should lead to the new post"


@pytest.mark.step(2)
def test_a_picture_is_kept_with_its_token(client, unseen):
    sign_in(client, unseen)
    content = unseen.word().encode()
    data = {"picture": (io.BytesIO(content), "cup.gif")}
    response = client.get(taken(client, "/upload", data).location or "/")
    assert response.data == content, "it should lead to the picture that was sent"


@pytest.mark.step(2)
def test_no_token_stands_in_an_address(client):
    """A form that sends a GET has no token: it would be in the address, and in logs."""
    forms = forms_of(client.get("/search"))
    told = [form for form in forms if form["method"] == "get" and form["tokens"]]
    assert not told, "the form of /search puts its token into the address"


@pytest.mark.step(3)
@pytest.mark.parametrize("path", ["/auth/login", "/contact"])
@pytest.mark.parametrize("whose", ["another visitor's", "a made-up", "no"])
def test_a_token_of_somebody_else_is_refused(app, unseen, path, whose):
    """Another visitor's token, or a made-up one, is refused, and told what to do."""
    client, name = app.test_client(), unseen.name()
    others = fields(app.test_client().get("/contact").text).get("csrf_token")
    fields(client.get("/contact").text)  # this visitor has a token, too
    token = {"a made-up": f"{unseen.word()}.{unseen.word()}", "no": ""}.get(
        whose, others
    )
    response = client.post(path, data={"name": name, "csrf_token": token})
    rule = f"{whose} token came with it: refuse that with 400 or 403"
    assert response.status_code in (400, 403), rule
    rule = f"{whose} token came, and was refused: the page should say what to do"
    assert AGAIN in seen(response), rule


@pytest.mark.step(3)
@pytest.mark.parametrize("path", ["/nope", "/admin", "/auth/logout"])
def test_other_errors_keep_their_words(client, path):
    response = client.get(path)
    assert AGAIN not in seen(response), "no form was refused here for its token"


@pytest.mark.step(3)
@pytest.mark.parametrize(
    ("seconds", "what"),
    [
        (0, "opened before a restart of the blog"),
        (2 * 60 * 60, "open for two hours"),
    ],
)
def test_a_form_may_stand_open(client, python, unseen, seconds, what):
    """A form is taken that stood open for two hours, or during a restart."""
    name, token = unseen.name(), token_in(client.get("/contact"), "/contact")
    session = getattr(client.get_cookie("session"), "value", "")
    data = {"name": name, "csrf_token": token}
    status, page = python(LATER.format(seconds=seconds, session=session, data=data))
    said = " ".join(texts(page, "main")) or page[:80]
    rule = f"the form of this page was {what}, and then sent: it should be taken"
    assert status == 200, f"{rule}; this page came: {said[:120]}"


@pytest.mark.step(4)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/posts"),
        ("PUT", "/api/posts/{id}"),
        ("DELETE", "/api/posts/{id}"),
    ],
)
def test_a_program_needs_no_token_of_a_form(make_app, unseen, method, path):
    """A program needs no token of a form; a page still asks for it."""
    posts = unseen.posts(1)
    client = make_app(posts=posts).test_client()
    path, post = path.format(**posts[0]), typed(unseen)
    response = client.open(path, method=method, json=post, headers=BEARER)
    rule = "a program sends the API's own token, and no other: is the API's blueprint "
    rule += "exempt, the object itself and not its name?"
    assert response.status_code in (200, 201, 204), rule
    for page in ("/auth/login", "/contact"):
        response = client.post(page, data={"name": unseen.name()})
        assert response.status_code in (400, 403), "a page should still ask for a token"


@pytest.mark.step(4)
@pytest.mark.parametrize("who", ["nobody", "somebody who has signed in"])
def test_the_api_still_asks_for_its_own_token(client, unseen, who):
    """Without its bearer token the API is 401 in JSON, whoever has signed in."""
    headers = {}
    if who != "nobody":
        sign_in(client, unseen)
        headers["X-CSRFToken"] = token_in(client.get("/contact"), "/contact")
    response = client.post("/api/posts", json=typed(unseen), headers=headers)
    assert response.status_code == 401, f"sent by {who}, without a bearer token"
    assert response.mimetype == "application/json"


@pytest.mark.step(4)
def test_refused_json_keeps_its_own_message(client):
    """A program whose JSON is refused has no page to load again."""
    headers = {**BEARER, "Content-Type": "application/json"}
    response = client.post("/api/posts", data="{", headers=headers)
    assert response.status_code == 400
    assert response.mimetype == "application/json"
    assert AGAIN not in response.text, "this 400 is about JSON, and about no token"


@pytest.mark.step(5)
@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": " \n "},
        {"title": LONG["title"]},
        {"summary": LONG["summary"]},
        {"body": ""},
        {"title": "", "body": " "},
        {"title": LONG["title"], "summary": LONG["summary"], "body": ""},
    ],
    ids=lambda wrong: "-".join(f"{name}{len(wrong[name])}" for name in wrong),
)
def test_each_message_stands_beside_its_field(client, unseen, wrong):
    """What does not fit is refused, and each message stands after its own field."""
    sign_in(client, unseen)
    before, asked = post_links(client), beside(opened(client).text)
    response = send_form(client, "/new", typed(unseen) | wrong)
    what = " and ".join(described(*each) for each in wrong.items())
    rule = f"refuse {what}: what does validate_on_submit() say?"
    assert response.status_code in (400, 422), rule
    missing = [name for name in FIELDS if name not in fields(response.text)]
    assert not missing, f"answer with the form again; no field is called {missing[0]}"
    told = [
        name for name, words in beside(response.text).items() if words != asked[name]
    ]
    beside_each = told == [*wrong]
    rule = (
        f"refused for {what}: a message should stand after each such field and before "
    )
    rule += f"the next; a message stands after: {' and '.join(told) or 'no field'}"
    assert beside_each, rule
    assert post_links(client) == before, "what is refused should not be stored"


@pytest.mark.step(5)
def test_what_was_typed_stays(client, unseen):
    sign_in(client, unseen)
    opened(client)
    post = {field: f'{unseen.word()} & "two" <b>' for field in FIELDS}
    post["title"] += LONG["title"]
    response = send_form(client, "/new", post)
    for field, text in post.items():
        assert text not in response.text, AS_HTML
        rule = f"the field {field} should hold what was typed into it"
        assert fields(response.text).get(field) == text, rule


@pytest.mark.step(5)
@pytest.mark.parametrize("sent", [FIELDS, ["title", "body"]], ids=["all", "two"])
def test_what_fits_is_published(client, unseen, sent):
    """100 characters are a title, 200 a summary; summary and tags may be missing."""
    sign_in(client, unseen)
    opened(client)
    post = typed(unseen)
    post |= {"title": post["title"].ljust(100, "t"), "summary": "s" * 200}
    response = send_form(client, "/new", {name: post[name] for name in sent})
    fits = "a title of 100 characters and a summary of 200 fit"
    rule = fits if sent == FIELDS else "summary and tags were not sent: that fits"
    assert response.status_code in (302, 303), rule
    response = client.get(response.location)
    for name in sent:
        assert post[name] in seen(response), f"the new post should have its {name}"
    assert "None" not in seen(response)


def typed(unseen, names=FIELDS):
    """Return what a visitor may have put into the fields of a form."""
    data = {name: unseen.word() for name in names}
    if "picture" in names:
        data["picture"] = (io.BytesIO(b"a picture"), "cup.gif")
    return data


def described(name, text):
    """Return ``the title ''`` or ``a title of 101 characters``."""
    return (
        f"a {name} of {len(text)} characters"
        if len(text) > 9
        else f"the {name} {text!r}"
    )


def sign_in(client, unseen):
    """Sign in under a new name, and return it; the token is that of another form."""
    name = unseen.name()
    response = send_form(client, "/auth/login", {"name": name}, page="/contact")
    rule = "signing in, with the token that the form of /contact has, should work"
    assert response.status_code in (302, 303), rule
    return name


def forms_of(response):
    """Return the forms of a page: method, path, and the attributes of their tokens."""
    found = []
    for element in parse(response.text).elements:
        attrs = element["attrs"]
        if element["tag"] == "form":
            action = urljoin(response.request.path, attrs.get("action") or "")
            method = (attrs.get("method") or "get").lower()
            found.append(
                {"method": method, "path": urlsplit(action).path, "tokens": []}
            )
        elif attrs.get("name") == "csrf_token" and "form" in element["inside"]:
            found[-1]["tokens"].append(attrs)
    return found


def token_in(response, path):
    """Return the token that the page's form for a path holds."""
    broken = response.status_code == 500
    assert not broken, f"this page should come, with the form for {path}"
    forms = forms_of(response)
    posting = [form for form in forms if form["method"] == "post"]
    there = [form["path"] for form in posting]
    found = path in there
    got = " and ".join(there) or "none"
    assert found, f"a form of the page should post to {path}; those that post: {got}"
    tokens = posting[there.index(path)]["tokens"]
    assert tokens, f"the form that posts to {path} has no field called csrf_token"
    hidden = tokens[0].get("type") == "hidden"
    assert hidden, f"csrf_token is a field of the form for {path}: it should be hidden"
    value = tokens[0].get("value") or ""
    token = re.fullmatch(r"[\w.=+/:-]{20,}", value)
    short = value.partition(" at ")[0][:40]
    assert token, (
        f"the csrf_token of the form for {path} holds {short!r}: is it a token?"
    )
    return value


def opened(client):
    """Return the page of /new, whose form has to have a token."""
    response = client.get("/new")
    token_in(response, "/new")
    return response


def taken(client, path, data, page=None):
    """Send a form with its own token, and return the answer, which leads on."""
    token = token_in(client.get(page or path), path)
    response = client.post(path, data={**data, "csrf_token": token})
    rule = "the form came with its own token: it should be taken, as before"
    assert response.status_code in (302, 303), rule
    return response


def post_links(client):
    """Return the links to posts on the home page."""
    return [link for link in links(client.get("/").text) if "/post/" in link]


def unprotected(app):
    """Return what may be wrong where a form without a token is taken."""
    settings = ["WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT"]
    off = [key for key in settings if app.config[key] is False]
    rule = "no token was sent, and the form was not refused for that"
    if app.config["WTF_CSRF_FIELD_NAME"] is None:
        return f"{rule}: nothing guards this app, CSRFProtect has not got it"
    return f"{rule}: {off[0]} is False" if off else rule

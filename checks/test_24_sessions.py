"""Lesson 24, Sessions: is it known who asks, by nothing that can be forged?"""

from urllib.parse import urljoin, urlsplit

import pytest

from checks.pages import cookie, link_to, parse, seen, texts

GREETING = "Good to see you, {}"
AS_HTML = "the browser reads what was typed as HTML of yours"


@pytest.mark.step(1)
def test_the_name_is_kept_in_the_session(client, unseen):
    response = sign_in(client, unseen.name())
    assert cookie_of(response)
    tag = cookie(response, "name").get("value", "")
    assert tag == "", "a cookie `name` is one that anybody can type: send none"


@pytest.mark.step(1)
def test_the_cookie_is_closed_to_scripts_and_to_other_sites(client, unseen):
    flags = cookie_of(sign_in(client, unseen.name()))
    closed, secure = "httponly" in flags, "secure" in flags
    assert closed, "the cookie `session` should be HttpOnly"
    rule = "the cookie `session` should say SameSite=Lax"
    assert flags.get("samesite", "nothing") == "Lax", rule
    rule = "a Secure cookie goes over https only; your blog runs on http while you work"
    assert not secure, rule


@pytest.mark.step(1)
def test_home_greets_whoever_has_signed_in_and_nobody_else(app, unseen):
    first, second, third = [app.test_client() for _ in range(3)]
    name, other = f'{unseen.name()} & "<b>"', unseen.name()
    sign_in(first, name)
    sign_in(second, other)
    for client, known in [(first, name), (second, other)]:
        home = client.get("/")
        assert "<b>" not in home.text, AS_HTML
        rule = f"{known} has signed in, in a browser of their own"
        assert GREETING.format(known) in seen(home), rule
    rule = "two others have signed in, in their browsers, and this visitor has not"
    home = third.get("/")
    assert home.status_code == 200, rule
    assert GREETING.format("") not in seen(home), rule


@pytest.mark.step(1)
def test_a_restart_forgets_nobody(make_app, unseen):
    name = unseen.name()
    value = cookie_of(sign_in(make_app().test_client(), name))["value"]
    client = make_app().test_client()
    client.set_cookie("session", value)
    rule = f"{name} signed in, and the blog was started anew: has it the same key?"
    assert GREETING.format(name) in seen(client.get("/")), rule


@pytest.mark.step(2)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_writing_is_for_members(client, unseen, method):
    title = unseen.word()
    form = {"title": title, "body": "text"} if method == "POST" else None
    response = client.open("/new", method=method, data=form)
    opened = response.status_code == 200
    rule = "nobody has signed in, and yet the view answered: does a guard stand below"
    assert not opened, f"{rule} its route, and is what it answers returned?"
    assert_turned_away(response, "nobody has signed in")
    there = title in seen(client.get("/"))
    assert not there, "nobody has signed in, and yet the post is on the home page"


@pytest.mark.step(2)
def test_a_post_is_signed_by_the_session(client, unseen):
    name = f'{unseen.name()} & "co"'
    sign_in(client, name)
    assert client.get("/new").status_code == 200, f"{name} has signed in"
    client.set_cookie("name", unseen.name())
    response = client.post("/new", data={"title": unseen.word(), "body": "text"})
    assert response.status_code in (302, 303), f"{name} has signed in, and publishes"
    author = client.get("/api/posts").json[-1]["author"]
    assert author == name, "a cookie `name` was typed by hand; the session has the name"


@pytest.mark.step(2)
def test_a_cookie_typed_by_hand_is_nobody(client, unseen):
    client.set_cookie("name", unseen.name())
    assert_turned_away(client.get("/new"), "a cookie `name` was typed by hand")
    rule = "a cookie `name` was typed by hand: greet nobody for it"
    assert GREETING.format("") not in seen(client.get("/")), rule


@pytest.mark.step(2)
@pytest.mark.parametrize("part", ["content", "signature"])
def test_a_session_with_another_letter_is_nobody(client, unseen, part):
    value = cookie_of(sign_in(client, unseen.name()))["value"]
    at = 3 if part == "content" else len(value) - 9
    letter = "B" if value[at : at + 1] == "A" else "A"
    client.set_cookie("session", value[:at] + letter + value[at + 1 :])
    changed = f"one letter of the {part} of the cookie `session` was changed"
    assert_turned_away(client.get("/new"), changed)


@pytest.mark.step(2)
def test_a_session_that_another_key_has_signed_is_nobody(make_app, unseen):
    value = cookie_of(sign_in(make_app().test_client(), unseen.name()))["value"]
    secrets = {"SECRET_KEY": unseen.word(), "API_TOKEN": unseen.word()}
    client = make_app(env={"APP_ENV": "production", **secrets}).test_client()
    client.set_cookie("session", value)
    signed = "signed with development's key, and this blog got its own from outside"
    assert_turned_away(client.get("/new"), signed)


@pytest.mark.step(2)
def test_a_program_still_writes_and_is_a_guest(make_app, unseen):
    token = unseen.word()
    client = make_app(env={"API_TOKEN": token}).test_client()
    post, headers = {"title": "A", "body": "b"}, {"Authorization": f"Bearer {token}"}
    response = client.post("/api/posts", json=post, headers=headers)
    assert response.status_code == 201, "a program shows its token, and has no session"
    assert response.json["author"] == "Guest"


@pytest.mark.step(3)
@pytest.mark.parametrize("address", ["/", "/about", "/search", "/nope"])
def test_the_next_page_says_welcome_once(client, unseen, address):
    name = unseen.name()
    sign_in(client, name)
    message, page = f"Welcome, {name}", seen(client.get(address))
    assert message in page, f"{name} has just signed in, and this page comes next"
    assert page.count(message) == 1, f"{message} should stand there once"
    bare = f"'{message}'" not in page
    assert bare, "quotes of Python's come along: is it a list, or a pair?"
    assert message not in seen(client.get(address)), "a message is shown once"


@pytest.mark.step(3)
def test_a_message_is_text_and_waits_for_the_visitor_concerned(app, unseen):
    client, other = app.test_client(), app.test_client()
    sign_in(client, unseen.name())
    title = f'{unseen.word()} & "<b>"'
    response = client.post("/new", data={"title": title, "body": "text"})
    assert response.status_code in (302, 303), "a post that was published leads on"
    message = f"Published: {title}"
    rule = "somebody else has published this, and is to read so"
    assert message not in seen(other.get("/about")), rule
    page = client.get(path_of(response))
    assert title not in page.text, AS_HTML
    assert message in seen(page), "the post was published, and this page comes next"


@pytest.mark.step(3)
def test_messages_that_wait_are_all_shown(client, unseen):
    name, title = unseen.name(), unseen.word()
    sign_in(client, name)
    client.post("/new", data={"title": title, "body": "text"})
    page = seen(client.get("/about"))
    for message in [f"Welcome, {name}", f"Published: {title}"]:
        assert message in page, "signed in and published, and only then saw a page"


@pytest.mark.step(3)
def test_what_was_refused_is_not_announced(client, unseen):
    sign_in(client, unseen.name())
    page = client.post("/new", data={"title": unseen.word(), "body": " "})
    rule = "the post has no body and was refused: do not announce it"
    for response in [page, client.get("/about")]:
        assert "Published" not in seen(response), rule


@pytest.mark.step(4)
def test_logging_out_forgets_the_visitor(client, unseen):
    sign_in(client, unseen.name())
    response = client.post("/auth/logout")
    assert response.status_code in (302, 303), "logging out should lead on to a page"
    rule = "logged out by POST /auth/logout"
    assert GREETING.format("") not in seen(client.get("/")), f"{rule}: greet nobody"
    assert_turned_away(client.get("/new"), rule)


@pytest.mark.step(4)
def test_nothing_is_left_but_a_goodbye(client, unseen):
    name = unseen.name()
    sign_in(client, name)
    client.post("/auth/logout")
    page = seen(client.get("/about"))
    assert "Goodbye" in page, "logged out: the page that comes next should say so"
    rule = f"{name} has logged out: messages that waited for {name} go, too"
    assert name not in page, rule
    assert "Goodbye" not in seen(client.get("/about")), "a message is shown once"


@pytest.mark.step(4)
def test_a_get_logs_nobody_out(client, unseen):
    name = unseen.name()
    sign_in(client, name)
    client.get("/auth/logout")
    rule = "GET /auth/logout was asked, as by a link: it should change nothing"
    assert GREETING.format(name) in seen(client.get("/")), rule


@pytest.mark.step(4)
def test_a_member_finds_the_button_log_out(client, unseen):
    name = unseen.name()
    sign_in(client, name)
    page = client.get("/about").text
    rule = f"{name} has signed in: a button should say Log out; there are"
    there = "Log out" in buttons(page)
    assert there, f"{rule} {' and '.join(map(repr, buttons(page))) or 'no buttons'}"
    posts = "/auth/logout" in targets(page)
    rule = "the button Log out should stand in a form that posts to /auth/logout"
    assert posts, f"{rule}; forms post to: {', '.join(targets(page)) or 'nothing'}"
    assert not link_to(page, "Log in"), f"{name} has signed in: no link Log in"


@pytest.mark.step(4)
def test_others_find_the_link_log_in(client):
    page = client.get("/about").text
    address = link_to(page, "Log in")
    assert address == "/auth/login", "nobody has signed in: the link should be there"
    there = "Log out" in buttons(page)
    assert not there, "nobody has signed in: no button Log out"


def sign_in(client, name):
    """Sign in by the form, which leads on to a page; return that answer."""
    response = client.post("/auth/login", data={"name": name})
    assert response.status_code in (302, 303), f"signing in as {name} should lead on"
    return response


def cookie_of(response):
    """Return the cookie of Flask's session, which the answer must set."""
    flags = cookie(response, "session")
    names = [header.split("=")[0] for header in response.headers.getlist("Set-Cookie")]
    came = f"these came: {', '.join(names)}" if names else "none came"
    assert flags, f"the answer should set the cookie `session`; {came}"
    return flags


def assert_turned_away(response, why):
    """Assert that the answer leads to the form for signing in, or says 401."""
    code = response.status_code
    assert code in (302, 303, 401), f"{why}: lead to /auth/login, or answer 401"
    led = code == 401 or path_of(response) == "/auth/login"
    assert led, f"{why}: it should lead to /auth/login"


def path_of(response):
    """Return the path that a redirect leads to."""
    return urlsplit(urljoin("/", response.location or "")).path


def targets(html):
    """Return the paths that the forms of the page /about post to."""
    return [
        urlsplit(urljoin("/about", form["attrs"].get("action") or "")).path
        for form in parse(html).elements
        if form["tag"] == "form" and "post" in str(form["attrs"].get("method")).lower()
    ]


def buttons(html):
    """Return what the buttons of a page say."""
    attrs = [each["attrs"] for each in parse(html).elements if each["tag"] == "input"]
    sends = [each.get("value") for each in attrs if each.get("type") == "submit"]
    return texts(html, "button") + [said for said in sends if said]

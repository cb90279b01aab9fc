"""Lesson 12, Forms: does the blog take what visitors write, and refuse kindly?"""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from checks.pages import cookie, fields, links, parse, seen, unlabelled

NAMED = ["label", "legend", "textarea", "option", "button"]
FIELDS = ["title", "summary", "tags", "body"]
AS_HTML = "the browser reads what was typed as HTML of yours"


@pytest.mark.step(1)
def test_who_writes_is_thanked_by_name_and_email(client, unseen):
    name, email = unseen.name(), f"{unseen.word()}@tea.example"
    response = client.post("/contact", data={"name": name, "email": email})
    assert response.status_code == 200
    assert name in seen(response)
    assert email in seen(response)


@pytest.mark.step(1)
@pytest.mark.parametrize("data", [{}, {"name": "", "email": " "}, {"name": "Ada"}])
def test_a_missing_field_never_shows_as_none(client, data):
    response = client.post("/contact", data=data)
    assert response.status_code == 200
    assert "Thank you" in seen(response)
    assert "None" not in seen(response)
    gaps = re.findall(r", ?[,.!]", seen(response))
    assert gaps == [], "what is missing should leave no comma that leads nowhere"


@pytest.mark.step(1)
@pytest.mark.parametrize("field", ["name", "email"])
def test_what_looks_like_html_stays_text(client, unseen, field):
    typed = f'<b>{unseen.name()} & "co"'
    response = client.post("/contact", data={field: typed})
    assert typed not in response.text, AS_HTML
    assert typed in seen(response)


@pytest.mark.step(1)
def test_the_contact_form_posts_name_and_email(client):
    assert_form(client.get("/contact"), ["name", "email"])


@pytest.mark.step(2)
def test_a_post_is_stored_and_its_page_follows(client, unseen):
    post = written(unseen, body=f'<b>{unseen.word()} & "quotes"')
    response = client.post("/new", data=post)
    rule = "this POST should end in a redirect, so that a reload posts nothing again"
    assert response.status_code in (302, 303), rule
    page = path_of(response)
    assert page.startswith("/post/"), "it should lead to the page of the new post"
    response = client.get(page)
    assert post["body"] not in response.text, AS_HTML
    for text in [post["title"], post["body"], *post["tags"].split(", ")]:
        assert text in seen(response)


@pytest.mark.step(2)
def test_a_reload_stores_nothing_twice(client, unseen):
    before = post_links(client)
    page = path_of(client.post("/new", data=written(unseen)))
    client.get(page)
    client.get(page)
    added = [link for link in post_links(client) if link not in before]
    assert len(added) == 1, "the home page should have one new link to a post"


@pytest.mark.step(2)
def test_the_form_posts_every_field(client):
    assert_form(client.get("/new"), FIELDS)


@pytest.mark.step(3)
@pytest.mark.parametrize("field", ["title", "body"])
@pytest.mark.parametrize("text", ["", " \n "])
def test_an_empty_field_is_refused(client, unseen, field, text):
    before, kind = post_links(client), "blank" if text else "empty"
    response = client.post("/new", data=written(unseen, **{field: text}))
    stored = path_of(response).startswith("/post/")
    happened = "stored all the same" if stored else "not refused"
    rule = f"the {field} {text!r} is {kind}, and the post was {happened}: "
    rule += "refuse it with 400 or 422"
    assert response.status_code in (400, 422), rule
    assert post_links(client) == before, "what is refused should not be stored"


@pytest.mark.step(3)
@pytest.mark.parametrize("field", FIELDS)
def test_the_text_is_still_in_its_field(client, unseen, field):
    typed = f'{unseen.word()} & "two" <b>'
    post = written(unseen) | {"title": "", "body": "", field: typed}
    response = client.post("/new", data=post)
    assert typed not in response.text, AS_HTML
    assert fields(response.text), "answer with the form again; this page has no field"
    assert_form(response, FIELDS)
    rule = f"the field {field} should hold what was typed into it, and no more"
    assert fields(response.text)[field] == typed, rule


@pytest.mark.step(3)
def test_each_empty_field_has_a_message_of_its_own(client, unseen):
    post, form = written(unseen), client.get("/new")
    asked, early = len(seen(form).split()), beside_labels(form.text)
    only = f", and say it only then: GET /new says {early!r} already" if early else ""
    no_title = words(client, post | {"title": ""})
    said = len(no_title) > asked
    assert said, f"the page should say that the title is empty{only}"
    no_body = words(client, post | {"body": ""})
    said = len(no_body) > asked
    assert said, f"the page should say that the body is empty{only}"
    whole = [word for word in no_title if word.startswith("{")]
    assert whole == [], "errors is a dict: show a visitor the message that is in it"
    alike = no_title == no_body
    assert not alike, (
        "an empty title and an empty body make the same page: which is meant? "
        "each message should stand beside its field, or name it"
    )
    both = words(client, post | {"title": "", "body": ""})
    said = len(both) > max(len(no_title), len(no_body))
    assert said, "title and body are empty: both should have a message"


@pytest.mark.step(4)
def test_without_its_fields_a_post_is_refused_as_an_empty_one(client):
    empty = client.post("/new", data=dict.fromkeys(FIELDS, ""))
    response = client.post("/new", data={})
    assert response.status_code in (400, 422)
    rule = "answer with the form again, as if the fields were empty"
    assert fields(response.text), rule
    assert_form(response, FIELDS)
    assert fields(response.text) == fields(empty.text)
    assert seen(response) == seen(empty), "the messages should be those of empty fields"


@pytest.mark.step(4)
def test_summary_and_tags_may_be_missing(client, unseen):
    post = {"title": unseen.word(), "body": unseen.word()}
    response = client.post("/new", data=post)
    assert response.status_code in (302, 303)
    response = client.get(path_of(response))
    assert post["body"] in seen(response)
    assert "None" not in seen(response)


@pytest.mark.step(5)
def test_the_login_form_posts_a_name(client):
    assert_form(client.get("/login"), ["name"])


@pytest.mark.step(5)
def test_the_name_is_kept_in_a_cookie_with_flags(client, unseen):
    response = client.post("/login", data={"name": unseen.name()})
    assert response.status_code in (302, 303)
    assert path_of(response) == "/", "it should lead to the home page"
    name = cookie(response, "name")
    rule = "no cookie called 'name' came: is it set on the response that is returned?"
    assert "value" in name, rule
    assert name["value"], "the cookie 'name' came, and is empty: a name was sent"
    assert "httponly" in name, "HttpOnly should be there, so that no script reads it"
    same_site = name.get("samesite", "").lower()
    assert same_site == "lax", "SameSite should be Lax: no posted forms of other sites"


@pytest.mark.step(5)
def test_the_browser_that_logged_in_is_greeted_by_name(app, unseen):
    client, name = app.test_client(), f'{unseen.name()} & "Zoë" <b>'
    client.post("/login", data={"name": name})
    assert name in seen(client.get("/")), "the home page should greet who logged in"
    other = seen(app.test_client().get("/"))
    assert name not in other, "another browser should not be greeted by that name"


@pytest.mark.step(5)
def test_a_new_post_carries_the_name_as_its_author(client, unseen):
    name = unseen.name()
    client.post("/login", data={"name": name})
    response = client.get(path_of(client.post("/new", data=written(unseen))))
    assert name in seen(response), "who logged in should be the author"


@pytest.mark.step(5)
@pytest.mark.parametrize("data", [{}, {"name": "  "}])
def test_who_gives_no_name_is_not_greeted_by_one(client, data):
    response = client.post("/login", data=data)
    answer = response.location or fields(response.text)
    assert answer, "without a name: home, or the form again, and no bare 400"
    sent = f"POST /login, just before, sent {data or 'no field at all'}"
    rule = f"{sent}: that is no name, and no cookie should keep it as one"
    assert "Good to see you" not in seen(client.get("/")), rule


def assert_form(response, names):
    """Assert that a page has labelled fields of these names, in a form that posts."""
    missing = [name for name in names if name not in fields(response.text)]
    assert not missing, f"no field on the page is called {' or '.join(missing)}"
    page = response.request.path
    forms = [each["attrs"] for each in parse(response.text).elements if is_post(each)]
    paths = [urlsplit(urljoin(page, form.get("action") or "")).path for form in forms]
    posts_here = page in paths
    assert posts_here, (
        f"a form of the page should post to {page}; got {paths or 'none'}"
    )
    bare = [name for name in names if name in unlabelled(response.text)]
    assert not bare, f"no label leads to {' and '.join(bare)}: for= takes a field's id"


def beside_labels(html):
    """Return what a form says besides its labels, fields and buttons."""
    said = ""
    for element in parse(html).elements:
        if element["tag"] == "form":
            said = element["text"]
        elif "form" in element["inside"] and element["tag"] in NAMED:
            said = said.replace(element["text"], "", 1)
    return " ".join(said.split())


def is_post(element):
    """Is this a form that sends what it holds by POST?"""
    method = element["attrs"].get("method") or "get"
    return element["tag"] == "form" and method.lower() == "post"


def written(unseen, **changed):
    """Return what a visitor may have typed into the form of /new."""
    post = {field: f"{unseen.word()} {unseen.word()}" for field in FIELDS}
    return post | {"tags": f"{unseen.word()}, {unseen.word()}"} | changed


def path_of(response):
    """Return the path that a redirect leads to, as a browser reads it."""
    return urlsplit(urljoin(response.request.url, response.location or "")).path


def post_links(client):
    """Return the links to posts on the home page."""
    return [link for link in links(client.get("/").text) if "/post/" in link]


def words(client, post):
    """Return the words of the page that refuses a post, without those of the post."""
    return seen(client.post("/new", data=post)).replace(post["body"], "").split()

"""Are forms refused that a page of ours did not send?"""

import re

import pytest

from blog import create_app

FORMS = ["/auth/login", "/contact", "/new", "/upload"]


@pytest.fixture
def app(tmp_path):
    """A blog that asks for tokens, as it does outside of tests."""
    app = create_app(
        "testing",
        {
            "UPLOADS": tmp_path,
            "WTF_CSRF_ENABLED": True,
            "SQLALCHEMY_DATABASE_URI": "sqlite://",
        },
    )
    app.test_cli_runner().invoke(args=["init-db"])
    return app


@pytest.fixture
def member(app):
    """A browser of somebody who has signed in, as Mira, with a token."""
    client = app.test_client()
    for path in ["/auth/register", "/auth/login"]:
        who = {"name": "Mira", "password": "tea at four"}
        client.post(path, data={**who, "csrf_token": token_on(client.get(path))})
    return client


def token_on(response):
    """Return the token in the forms of a page."""
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', response.text)[1]


@pytest.mark.parametrize("path", [*FORMS, "/auth/logout"])
def test_a_form_without_a_token_is_refused(member, path):
    assert member.post(path).status_code == 400


@pytest.mark.parametrize("path", FORMS)
def test_every_form_has_a_token(member, path):
    assert token_on(member.get(path))


def test_a_form_with_its_token_is_taken(member):
    form = {"title": "A", "body": "b", "csrf_token": token_on(member.get("/new"))}
    assert member.post("/new", data=form).status_code == 303


def test_the_token_of_another_visitor_is_refused(client, member):
    form = {"title": "A", "body": "b", "csrf_token": token_on(client.get("/contact"))}
    response = member.post("/new", data=form)
    assert response.status_code == 400
    assert "Load the page again" in response.text


def test_programs_need_no_form_token(app, client):
    headers = {"Authorization": f"Bearer {app.config['API_TOKEN']}"}
    post = {"title": "By program", "body": "text"}
    assert client.post("/api/posts", json=post, headers=headers).status_code == 201
    assert client.post("/api/posts", json=post).status_code == 401

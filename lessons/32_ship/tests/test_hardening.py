"""Is the blog safe against strangers?"""

import pytest

from blog import create_app

PATHS = ["/", "/no-such-page", "/static/css/style.css", "/api/posts", "/new"]


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_the_rules(client, path):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "unsafe" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/new", "/auth/profile"])
def test_no_page_has_a_script_of_its_own(member, path):
    page = member.get(path).text
    assert page.count("<script") == page.count("<script src=")


def test_a_foreign_host_is_refused(client):
    assert client.get("/", base_url="http://evil.example").status_code == 400


@pytest.mark.parametrize("link", ["javascript:alert(1)", " JavaScript:x", "//a.b", "a"])
def test_a_home_page_is_a_web_page(member, link):
    assert member.post("/auth/profile", data={"homepage": link}).status_code == 422


def test_a_home_page_is_shown(member):
    member.post("/auth/profile", data={"homepage": "https://tea.example/a?b&c"})
    assert 'href="https://tea.example/a?b&amp;c"' in member.get("/author/Mira").text


def test_production_is_only_over_https():
    secrets = {"SECRET_KEY": "test", "API_TOKEN": "test"}
    settings = {**secrets, "SQLALCHEMY_DATABASE_URI": "sqlite://"}
    client = create_app("production", settings).test_client()
    response = client.get("/auth/login", base_url="https://localhost")
    assert "Strict-Transport-Security" in response.headers
    assert "Secure" in response.headers["Set-Cookie"]

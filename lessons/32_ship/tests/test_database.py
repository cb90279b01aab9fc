"""Does the database keep what it is given?"""

import pytest

from blog import create_app

from .conftest import signed_in


@pytest.fixture
def make_blog(tmp_path):
    """Make a blog, like the last one on the same file."""

    def make():
        uri = f"sqlite:///{tmp_path / 'blog.db'}"
        return create_app("testing", {"SQLALCHEMY_DATABASE_URI": uri})

    return make


def test_a_post_survives_a_restart(make_blog):
    first = make_blog()
    first.test_cli_runner().invoke(args=["init-db"])
    member = signed_in(first, "Mira")
    address = member.post("/new", data={"title": "Kept", "body": "text"}).location
    assert "Kept" in make_blog().test_client().get(address).text


def test_seeding_twice_doubles_nothing(app, client, runner):
    before = client.get("/api/posts").json
    runner.invoke(args=["seed"])
    assert client.get("/api/posts").json == before


def test_a_page_holds_five_posts(member):
    for number in range(12):
        member.post("/new", data={"title": f"Post {number}", "body": "text"})
    pages = [member.get(f"/?page={number}").text for number in [1, 2]]
    assert [page.count("<li>") for page in pages] == [5, 5]
    assert member.get("/?page=99").status_code == 404


@pytest.mark.parametrize("question", ["100%", "it's"])
def test_a_search_takes_signs_as_they_are(member, question):
    member.post("/new", data={"title": f"Found {question}", "body": "text"})
    member.post("/new", data={"title": "Other 1000", "body": "its text"})
    member.get("/about")  # where the messages go
    page = member.get("/search", query_string={"q": question}).text
    assert "Found" in page and "Other" not in page

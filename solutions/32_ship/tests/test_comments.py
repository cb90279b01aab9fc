"""Do comments keep their promises, to members and to programs?"""

import pytest

from .conftest import signed_in

HERE = "/post/first-cup"
TAKE_OUT = f"{HERE}/comments/1/delete"


@pytest.fixture
def comment(member):
    """What Mira said of a post."""
    return member.post(f"{HERE}/comments", data={"body": "Mira was <b>here</b>"})


def told(client, post_id=1):
    """Return the comments on a post, as a program reads them."""
    return client.get(f"/api/posts/{post_id}/comments").json


def test_a_comment_stands_below_its_post(client, comment):
    assert comment.location == HERE
    assert [c["author"] for c in told(client)] == ["Mira"]
    assert told(client, post_id=2) == []
    assert "Mira was" in client.get(HERE).text


def test_a_comment_is_text(client, comment):
    page = client.get(HERE).text
    assert "&lt;b&gt;here" in page
    assert "<b>here" not in page


def test_who_has_not_signed_in_says_nothing(client):
    response = client.post(f"{HERE}/comments", data={"body": "Hello"})
    assert response.location == "/auth/login"
    assert told(client) == []


@pytest.mark.parametrize("body", ["", "   ", "x" * 501])
def test_a_comment_has_1_to_500_characters(member, body):
    response = member.post(f"{HERE}/comments", data={"body": body})
    assert response.status_code == 422
    assert told(member) == []


def test_its_author_takes_it_out(member, comment):
    assert member.post(TAKE_OUT).location == HERE
    assert told(member) == []


def test_another_member_does_not(app, comment):
    other = signed_in(app, "Nora")
    assert other.post(TAKE_OUT).status_code == 403
    assert len(told(other)) == 1


def test_an_admin_does(app, runner, comment):
    admin = signed_in(app, "Nora")
    runner.invoke(args=["make-admin", "Nora"])
    admin.post(TAKE_OUT)
    assert told(admin) == []


def test_a_post_takes_its_comments_along(member):
    member.post("/new", data={"title": "Mine", "body": "text"})
    member.post("/post/mine/comments", data={"body": "Hello"})
    member.post("/post/mine/delete")
    member.post("/new", data={"title": "Next", "body": "text"})
    assert "Hello" not in member.get("/post/next").text


def test_a_program_comments_with_its_token(app, client):
    body, path = {"body": "By program"}, "/api/posts/1/comments"
    token = {"Authorization": f"Bearer {app.config['API_TOKEN']}"}
    assert client.post(path, json=body).status_code == 401
    assert told(client) == []
    response = client.post(path, json=body, headers=token)
    assert response.status_code == 201
    assert [c["body"] for c in told(client)] == ["By program"]
    client.delete(f"/api/comments/{response.json['id']}", headers=token)
    assert told(client) == []

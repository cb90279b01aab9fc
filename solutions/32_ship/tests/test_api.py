"""Does the API keep its promises to programs?"""

import pytest

POST = {"title": "By program", "body": "text"}


@pytest.fixture
def token(app):
    """The header that lets a program write."""
    return {"Authorization": f"Bearer {app.config['API_TOKEN']}"}


def test_a_post_has_its_keys(client):
    keys = {"id", "slug", "title", "author", "date", "tags", "summary", "body", "tips"}
    assert client.get("/api/posts").json[0].keys() == keys


def test_a_created_post_is_found_at_its_location(client, token):
    response = client.post("/api/posts", json=POST, headers=token)
    assert response.status_code == 201
    assert client.get(response.location).json["title"] == POST["title"]


def test_writing_needs_the_token(client):
    assert client.post("/api/posts", json=POST).status_code == 401


def test_errors_are_json(client):
    response = client.get("/api/posts/999999")
    assert response.status_code == 404
    assert response.json["status_code"] == 404

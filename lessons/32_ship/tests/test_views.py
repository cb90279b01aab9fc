"""Do authors, the export and today's page do what they should?"""

import csv
import io

import pytest


@pytest.fixture
def token(app):
    """The header that lets a program write."""
    return {"Authorization": f"Bearer {app.config['API_TOKEN']}"}


def test_an_author_comes_and_goes(client, token):
    made = client.post("/api/authors", json={"name": "Yan"}, headers=token)
    assert made.status_code == 201
    assert client.get(made.location).json == {**made.json, "posts": 0}
    assert client.delete(made.location, headers=token).status_code == 204
    assert client.get(made.location).status_code == 404


def test_an_author_with_posts_stays(client, token):
    author = next(user for user in client.get("/api/authors").json if user["posts"])
    response = client.delete(f"/api/authors/{author['id']}", headers=token)
    assert response.status_code == 409


def test_the_export_has_every_post(client):
    response = client.get("/export.csv")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert len(rows) == len(client.get("/api/posts").json)


def test_the_export_runs_nothing(member):
    member.post("/new", data={"title": "=1+1", "body": "text"})
    assert ",=1+1," not in member.get("/export.csv").text


def test_today_has_tea(client):
    assert "Sencha" in client.get("/today").text

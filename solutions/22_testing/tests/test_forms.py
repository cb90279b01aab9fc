"""Do the forms keep what is right, and refuse the rest?"""

import io

import pytest


def test_a_post_is_published(client):
    response = client.post("/new", data={"title": "Fresh", "body": "text"})
    assert response.status_code == 303
    assert "Fresh" in client.get(response.location).text


@pytest.mark.parametrize("title", ["", "   "])
def test_an_empty_title_is_refused(client, title):
    before = client.get("/api/posts").json
    response = client.post("/new", data={"title": title, "body": "hard work"})
    assert response.status_code == 422
    assert "hard work" in response.text
    assert client.get("/api/posts").json == before


def send(client, name):
    """Send a small file under a name."""
    return client.post("/upload", data={"picture": (io.BytesIO(b"GIF89a"), name)})


def test_a_picture_is_kept(client):
    response = send(client, "cup.gif")
    assert response.status_code == 303
    assert client.get(response.location).data == b"GIF89a"


def test_two_pictures_of_one_name_are_two(client):
    assert send(client, "cup.gif").location != send(client, "cup.gif").location


def test_only_pictures_are_kept(app, client):
    assert send(client, "cup.html").status_code == 422
    assert not list(app.config["UPLOADS"].iterdir())

"""Do the forms keep what is right, and refuse the rest?"""

import io

import pytest


def test_a_post_is_published(member):
    response = member.post("/new", data={"title": "Fresh", "body": "text"})
    assert response.status_code == 303
    assert "Fresh" in member.get(response.location).text


@pytest.mark.parametrize("title", ["", "   "])
def test_an_empty_title_is_refused(member, title):
    response = member.post("/new", data={"title": title, "body": "unheard of"})
    assert response.status_code == 422
    assert "unheard of" not in member.get("/search?q=unheard").text


def send(client, name):
    """Send a small file under a name."""
    return client.post("/upload", data={"picture": (io.BytesIO(b"GIF89a"), name)})


def test_a_picture_is_kept(client):
    response = send(client, "cup.gif")
    assert response.status_code == 303
    assert client.get(response.location).data == b"GIF89a"


def test_only_pictures_are_kept(app, client):
    assert send(client, "cup.html").status_code == 422
    assert not list(app.config["UPLOADS"].iterdir())


def test_a_long_title_is_told_beside_its_field(member):
    response = member.post("/new", data={"title": "t" * 101, "body": "kept"})
    assert response.status_code == 422
    title, _, body = response.text.partition('name="body"')
    assert "at most 100" in title and "kept" in body

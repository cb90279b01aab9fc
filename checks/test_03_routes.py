"""Lesson 3, Routes: does each page answer at its address, and to the right method?"""

import pytest

from checks.pages import parse, seen, texts


@pytest.mark.step(1)
@pytest.mark.parametrize("address", ["/about", "/contact"])
def test_about_and_contact_name_the_blog(client, address):
    name = "".join(texts(client.get("/").text, "h1"))
    assert name, "the heading of the home page should be the name of your blog"
    response = client.get(address)
    assert response.status_code == 200
    assert name in seen(response)


@pytest.mark.step(2)
def test_the_authors_have_a_page(client):
    response = client.get("/authors/")
    assert response.status_code == 200
    assert seen(response), "the page should say who writes your blog"


@pytest.mark.step(2)
def test_without_its_last_slash_the_page_is_moved_for_good(client):
    response = client.get("/authors")
    assert response.status_code in (301, 308)
    assert (response.location or "").endswith("authors/"), "it should lead to /authors/"


@pytest.mark.step(3)
def test_the_address_home_shows_the_home_page_too(client):
    front = client.get("/")
    response = client.get("/home")
    assert response.status_code == 200
    assert seen(response) == seen(front)


@pytest.mark.step(3)
def test_both_addresses_belong_to_one_view(app):
    views = {route["rule"]: route["view"] for route in app.routes}
    assert views.get("/home", "none") == views.get("/"), (
        "/home should lead to the same view as /"
    )


@pytest.mark.step(4)
def test_a_post_is_thanked(client):
    response = client.post("/contact")
    assert response.status_code == 200
    assert "Thank you" in seen(response)


@pytest.mark.step(4)
def test_a_visit_is_not_thanked(client):
    response = client.get("/contact")
    assert response.status_code == 200
    assert "Thank you" not in seen(response)


@pytest.mark.step(4)
def test_the_button_sends_a_post(client):
    page = client.get("/contact").text
    assert any(sends_a_post(element) for element in parse(page).elements), (
        "the page should have a form whose method is post"
    )


@pytest.mark.step(4)
@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
def test_other_methods_are_refused(client, method):
    response = client.open("/contact", method=method)
    assert response.status_code == 405
    assert "GET" in response.allow
    assert "POST" in response.allow


def sends_a_post(element):
    """Is this the form of a page that sends what it holds by POST?"""
    method = element["attrs"].get("method") or "get"
    return element["tag"] == "form" and method.lower() == "post"

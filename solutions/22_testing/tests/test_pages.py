"""Does the blog show what it should?"""


def publish(client, **form):
    """Publish a post and return its page."""
    return client.post("/new", data=form, follow_redirects=True)


def test_home_has_the_name(app, client):
    assert app.config["BLOG_NAME"] in client.get("/").text


def test_a_missing_post_is_not_found(client):
    assert client.get("/post/no-such-post").status_code == 404


def test_an_old_link_leads_to_the_post(client):
    post = client.get("/api/posts").json[0]
    response = client.get(f"/post/{post['id']}")
    assert response.status_code == 308
    assert response.location == f"/post/{post['slug']}"


def test_the_newest_post_comes_first(client):
    publish(client, title="Older", body="one")
    publish(client, title="Newer", body="two")
    home = client.get("/").text
    assert home.index("Newer") < home.index("Older")


def test_a_body_is_escaped(client):
    page = publish(client, title="Tags", body="<b>bold</b>").text
    assert "&lt;b&gt;" in page and "<b>bold" not in page


def test_a_search_finds_what_fits_and_nothing_else(client):
    publish(client, title="Wanted", body="a zebra")
    publish(client, title="Unwanted", body="a horse")
    page = client.get("/search?q=zebra").text
    assert "Wanted" in page
    assert "Unwanted" not in page

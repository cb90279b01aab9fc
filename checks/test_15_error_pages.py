"""Lesson 15, Error pages: missing, closed, broken: does each say so in your frame?"""

from urllib.parse import urljoin, urlsplit

import pytest

from checks.pages import links, seen, texts

MISSING = ["/nope", "/nope/{}/deeper", "/post/{}", "/files/{}.png"]
DETAILS = ["on purpose", "RuntimeError", "(most recent call last)", "crash_on_purpose"]
FRAME = "the status is right; the page should stand in your frame, with the navigation"


@pytest.mark.step(1)
@pytest.mark.parametrize("address", MISSING)
def test_what_is_missing_is_404_in_the_frame(app, client, unseen, address):
    home = app.test_client().get("/")
    response = client.get(address.format(unseen.word()))
    rule = "whatever the page says, its status should say that nothing is there"
    assert response.status_code == 404, rule
    assert_own_page(response, home)


@pytest.mark.step(1)
@pytest.mark.parametrize("mounted", [False, True])
def test_every_link_of_the_404_page_leads_on(client, unseen, mounted):
    prefix = f"/{unseen.word()}" if mounted else ""
    assert_links_work(client, f"/nope/{unseen.word()}", prefix)


@pytest.mark.step(1)
def test_an_address_that_looks_like_html_stays_text(client, unseen):
    tag = f"<b>{unseen.word()}"
    response = client.get(f"/nope/{tag}")
    assert response.status_code == 404
    rule = "the status is right; an address is a visitor's text: escape it"
    assert tag not in response.text, rule


@pytest.mark.step(2)
def test_admin_is_403_with_a_page_of_its_own(app, client, unseen):
    home, missing = app.test_client().get("/"), client.get("/nope")
    response = client.get("/admin")
    assert response.status_code == 403, "it is closed to everybody, and should say so"
    assert_own_page(response, home)
    alike = title_of(response) == title_of(missing)
    assert not alike, "closed is not missing: another error, and another title"
    assert_links_work(client, "/admin", f"/{unseen.word()}")


@pytest.mark.step(3)
def test_a_crash_is_500_with_a_page_of_its_own(make_app, unseen):
    address = f"/{unseen.word()}"
    app = make_app(crash=address)
    home, client = app.test_client().get("/"), app.test_client()
    missing = client.get("/nope")
    response = client.get(address)
    rule = "whatever the page says, its status should say that the app broke"
    assert response.status_code == 500, rule
    assert_own_page(response, home)
    alike = title_of(response) == title_of(missing)
    assert not alike, "broken is not missing: another error, and another title"
    assert_links_work(client, address, f"/{unseen.word()}")


@pytest.mark.step(3)
@pytest.mark.parametrize("detail", DETAILS)
def test_the_500_page_tells_no_detail(make_app, unseen, detail):
    address = f"/{unseen.word()}"
    response = make_app(crash=address).test_client().get(address)
    rule = "what broke is for the log; to a stranger it is a map of your app"
    assert detail not in response.text, rule


@pytest.mark.step(3)
def test_with_testing_on_the_exception_itself_comes_through(make_app, unseen):
    address = f"/{unseen.word()}"
    client = make_app(config={"TESTING": True}, crash=address).test_client()
    with pytest.raises(Exception, match="on purpose"):
        client.get(address)
        pytest.fail("TESTING is on, and the exception was swallowed: by which handler?")


@pytest.mark.step(3)
def test_the_exception_is_still_logged(server, unseen):
    address = f"/{unseen.word()}"
    running = server("flask", "run", crash=address)
    assert running.get(address).status_code == 500
    logged = "on purpose" in running.output
    assert logged, "the terminal should still show the exception, with its traceback"


@pytest.mark.step(4)
def test_a_missing_post_gets_the_same_404_page(make_app, unseen):
    app = make_app(posts=unseen.posts(2))
    home, client = app.test_client().get("/"), app.test_client()
    missing = client.get("/nope")
    response = client.get(f"/post/{unseen.number(1000, 9999)}")
    assert response.status_code == 404
    assert "No such post" in seen(response)
    assert_own_page(response, home)
    rule = "a missing post should get the page of every other 404, with its title"
    assert title_of(response) == title_of(missing), rule
    assert links(response.text) == links(missing.text), "one page, the same links"


@pytest.mark.step(4)
def test_a_post_that_exists_is_still_200(make_app, unseen):
    post = unseen.posts(2)[1]
    response = make_app(posts=[post]).test_client().get(f"/post/{post['id']}")
    assert response.status_code == 200
    assert post["body"] in seen(response)


def assert_own_page(response, home):
    """Assert that a page has the frame of the home page, and a title of its own."""
    said = seen(response).strip()
    assert said, "the status is right, and the page is empty: is its template, too?"
    framed = texts(response.text, "nav") == texts(home.text, "nav") != []
    assert framed, FRAME
    named = title_of(response) not in ("", title_of(home))
    assert named, "the status is right; a title should say more than the blog's name"
    rule = "the status is right; one <h1> should say what happened"
    assert len(texts(response.text, "h1")) == 1, rule
    assert "<p>" not in said, "the status is right; tags are for the browser to read"


def assert_links_work(client, address, prefix):
    """Assert that a page has links, and that each leads to a page of the blog."""
    page = visit(client, address, prefix).text
    here = f"http://localhost{prefix}{address}"
    found = {link: urlsplit(urljoin(here, link)) for link in links(page)}
    assert found, FRAME
    paths = {link: url.path for link, url in found.items() if "localhost" in url.netloc}
    out = [link for link in paths if not paths[link].startswith(f"{prefix}/")]
    assert not out, f"the status is right; links lead out of {prefix}/: {' '.join(out)}"
    for link, path in paths.items():
        got = visit(client, path.removeprefix(prefix), prefix)
        leads_on = got.status_code < 400
        assert leads_on, f"the error page has a link {link!r}, and it leads nowhere"


def visit(client, address, prefix):
    """Ask for an address of the app, mounted under a prefix."""
    return client.get(address, base_url=f"http://localhost{prefix}")


def title_of(response):
    """Return what the browser shows in the tab."""
    return "".join(texts(response.text, "title"))

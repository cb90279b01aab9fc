"""Does the blog know who asks, and forget when it should?"""


def test_home_greets_the_member(member):
    assert "Good to see you, Mira" in member.get("/").text


def test_a_post_is_signed_by_the_member(member):
    page = member.post("/new", data={"title": "A", "body": "b"}, follow_redirects=True)
    assert "Mira" in page.text


def test_writing_needs_a_login(client):
    assert client.get("/new").location.startswith("/auth/login")
    client.post("/new", data={"title": "Unheard of", "body": "text"})
    assert client.get("/search?q=unheard").text.count("Unheard of") == 0


def test_a_changed_cookie_is_nobody(client, member):
    value = member.get_cookie("session").value
    client.set_cookie("session", value[::-1])
    assert client.get("/new").status_code == 303


def test_a_message_comes_once(member):
    assert "Welcome, Mira" in member.get("/about").text
    assert "Welcome, Mira" not in member.get("/about").text


def test_logging_out_forgets(member):
    member.post("/auth/logout")
    assert member.get("/new").status_code == 303
    assert "Good to see you" not in member.get("/").text

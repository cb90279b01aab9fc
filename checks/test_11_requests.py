"""Lesson 11, Requests: does the blog answer questions, and keep its secrets?"""

from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from checks.pages import fields, link_to, seen

AS_HTML = "the browser reads the question as HTML of yours"
NO_NUMBERS = ["two", "-5", "0", "", "1e3", "²"]
LOCAL = {"REMOTE_ADDR": "127.0.0.1"}  # what a visitor has who sits at this machine


@pytest.mark.step(1)
def test_the_question_is_repeated_as_text(client, unseen):
    typed = f'<b>{unseen.word()} & "two" words'
    response = search(client, q=typed)
    assert response.status_code == 200
    assert typed not in response.text, AS_HTML
    rule = "the field called q should hold the question, which came as q behind the ?"
    assert fields(response.text).get("q") == typed, rule
    assert typed in seen(response)


@pytest.mark.step(1)
@pytest.mark.parametrize("part", ["title", "summary", "body"])
def test_a_question_finds_the_posts_that_hold_it(make_app, unseen, part):
    posts, word = unseen.posts(3), unseen.word()
    posts[1][part] = f"All about {word.title()}"
    client = make_app(posts=posts).test_client()
    response = search(client, q=word.upper())
    rule = f"of posts 1 to 3, the {part} of post 2 says {word.title()}: find that one"
    assert shown(response, posts) == [2], rule


@pytest.mark.step(1)
def test_a_tag_finds_the_posts_that_have_it(make_app, unseen):
    posts, tag = unseen.posts(3), f"{unseen.word()} & <b>"
    posts[2]["tags"].append(tag)
    client = make_app(posts=posts).test_client()
    response = search(client, tag=tag)
    rule = "of posts 1 to 3, only post 3 has this tag: find that one"
    assert shown(response, posts) == [3], rule


@pytest.mark.step(1)
@pytest.mark.parametrize("address", ["/search", "/search?q=", "/search?q=&tag="])
def test_who_asks_nothing_finds_nothing(make_app, unseen, address):
    posts = unseen.posts(2)
    response = make_app(posts=posts).test_client().get(address)
    assert response.status_code == 200
    assert shown(response, posts) == [], "an empty question should find no post"


@pytest.mark.step(2)
def test_each_page_shows_the_next_two(make_app, unseen):
    word, posts = about(unseen, unseen.word(), 5)
    client = make_app(posts=posts).test_client()
    pages = [search(client, q=word, page=number) for number in (1, 2, 3)]
    found = [shown(page, posts) for page in pages]
    rule = f"posts 1 to 5 are found, two a page; pages 1, 2 and 3 show {found}"
    assert [len(numbers) for numbers in found] == [2, 2, 1], rule
    assert sorted(sum(found, [])) == [1, 2, 3, 4, 5], rule
    first = shown(search(client, q=word), posts)
    assert first == found[0], "without page= it should be page 1"


@pytest.mark.step(2)
@pytest.mark.parametrize("key", ["q", "tag"])
def test_more_and_back_keep_the_question(make_app, unseen, key):
    asked, posts = about(unseen, f'{unseen.word()} & "b" c+d #1', 6)
    client = make_app(posts=posts).test_client()
    first = search(client, **{key: asked})
    assert links_of(first) == ["More"], "page 1 of 3 leads on, and not back"
    second = follow(client, first, "More", {key: asked})
    assert links_of(second) == ["Back", "More"], "page 2 of 3 leads both ways"
    third = follow(client, second, "More", {key: asked})
    assert links_of(third) == ["Back"], "page 3 of 3 leads back, and not on"
    walk = [shown(page, posts) for page in (first, second, third)]
    rule = f"posts 1 to 6 are found, two a page; More leads from page to page: {walk}"
    assert sorted(sum(walk, [])) == [1, 2, 3, 4, 5, 6], rule
    again = follow(client, third, "Back", {key: asked})
    assert shown(again, posts) == walk[1], "Back should lead from page 3 to page 2"


@pytest.mark.step(3)
@pytest.mark.parametrize("page", NO_NUMBERS)
def test_what_is_no_number_of_a_page_is_page_1(make_app, unseen, page):
    word, posts = about(unseen, unseen.word(), 5)
    client = make_app(posts=posts).test_client()
    first = search(client, q=word)
    second = search(client, q=word, page=2)
    response = search(client, q=word, page=page)
    rule = f"the page {page!r} should be page 1"
    assert response.status_code == 200, rule
    assert shown(response, posts) == shown(first, posts), rule
    assert links_of(response) == ["More"], f"{rule}: no Back, but More"
    more = follow(client, response, "More", {"q": word})
    rule = f"from the page {page!r}, More should lead to page 2"
    assert shown(more, posts) == shown(second, posts), rule


@pytest.mark.step(3)
def test_a_number_of_5000_digits_is_page_1(make_app, unseen):
    word, posts = about(unseen, unseen.word(), 5)
    client = make_app(posts=posts).test_client()
    long = search(client, q=word, page="9" * 5000)
    first = search(client, q=word)
    rule = "a page number of 5000 digits should be page 1, too"
    crashed = long.status_code != 200
    assert not crashed, f"{rule}: it got {long.status}"
    assert shown(long, posts) == shown(first, posts), rule


@pytest.mark.step(3)
def test_a_page_far_beyond_the_end_is_empty(make_app, unseen):
    word, posts = about(unseen, unseen.word(), 5)
    client = make_app(posts=posts).test_client()
    response = search(client, q=word, page=unseen.number(1000, 9999))
    assert shown(response, posts) == [], "that far out, no post is left to show"
    assert "More" not in links_of(response), "nothing comes after this page"


@pytest.mark.step(4)
@pytest.mark.parametrize("flag", ["", "0", "false"])
def test_without_debug_mode_nobody_is_told(make_app, flag):
    client = make_app(env={"FLASK_DEBUG": flag}).test_client()
    response = client.get("/debug-request", environ_overrides=LOCAL)
    rule = "debug mode is off here, so this address should not exist, for anybody"
    assert response.status_code == 404, rule


@pytest.mark.step(4)
def test_in_debug_mode_the_page_answers(make_app):
    response = debugging(make_app).get("/debug-request", environ_overrides=LOCAL)
    assert response.status_code == 200, "debug mode is on here: the page should answer"


@pytest.mark.step(5)
def test_a_developer_sees_six_fields(make_app, unseen):
    host, address = f"{unseen.word()}.example:8080", f"203.0.113.{unseen.number()}"
    response = debugging(make_app).get(
        "/debug-request?cups=2",
        base_url=f"http://{host}",
        content_type="text/plain",
        environ_overrides={"REMOTE_ADDR": address},
    )
    arrived = {
        "content_type": "text/plain",
        "host": host,
        "method": "GET",
        "path": "/debug-request",
        "remote_addr": address,
        "url": f"http://{host}/debug-request?cups=2",
    }
    assert response.status_code == 200
    assert response.mimetype == "application/json", "developers should get JSON"
    assert sorted(response.json) == sorted(arrived), "these six keys, and no other"
    for key, value in arrived.items():
        assert response.json[key] == value, f"{key} should be that of this request"


@pytest.mark.step(5)
def test_a_request_without_a_content_type_is_no_error(make_app):
    response = debugging(make_app).get("/debug-request", environ_overrides=LOCAL)
    assert response.status_code == 200
    assert len(response.json) == 6, "the answer should have its six keys, as always"


@pytest.mark.step(5)
@pytest.mark.parametrize("name", ["Authorization", "Cookie", "X-Forwarded-For"])
def test_no_secret_of_the_request_is_repeated(make_app, unseen, name):
    secret = unseen.word()
    response = debugging(make_app).get(
        "/debug-request",
        headers={name: f"visited={secret}"},
        environ_overrides=LOCAL,
    )
    assert response.status_code == 200
    told = secret in response.text
    assert not told, f"the header {name} came with the request, and the answer tells it"


def debugging(make_app):
    """Return a browser of the app in debug mode, where a crash is a page as well."""
    app = make_app(env={"FLASK_DEBUG": "1"}, config={"PROPAGATE_EXCEPTIONS": False})
    return app.test_client()


def about(unseen, text, count):
    """Return a text, and posts that say it and have it as a tag, all but the last."""
    posts = unseen.posts(count + 1)
    for post in posts[:count]:
        post["body"], post["tags"] = f"All about {text}.", [text]
    return text, posts


def search(client, **asked):
    """Return the page that answers a question: ``search(client, q="tea", page=2)``."""
    return client.get("/search", query_string=asked)


def shown(response, posts):
    """Return which posts a page shows, counted from 1."""
    assert response.status_code == 200
    page = seen(response)
    return [n for n, post in enumerate(posts, 1) if post["title"] in page]


def links_of(response):
    """Return which of the links Back and More a page has."""
    return [words for words in ("Back", "More") if link_to(response.text, words)]


def follow(client, response, words, asked):
    """Return the page behind a link, which must ask the same question again."""
    link = link_to(response.text, words)
    assert link, f"no link on the page says {words!r}"
    target = urlsplit(urljoin(response.request.url, link))
    kept = {key: parse_qs(target.query).get(key) for key in asked}
    rule = f"{words} leads to {link}: the question should be in it, whole"
    assert kept == {key: [text] for key, text in asked.items()}, rule
    return client.get(f"{target.path}?{target.query}")

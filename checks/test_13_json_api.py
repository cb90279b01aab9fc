"""Lesson 13, JSON API: can programs read, write, change and delete posts?"""

from urllib.parse import urljoin

import pytest

from checks.pages import seen

JSON = "application/json"
REFUSED = [
    "{}",
    "[1]",
    "null",
    '"text"',
    '{"title": 5, "body": "a text"}',
    '{"title": "   ", "body": "a text"}',
    '{"title": "a title"}',
    '{"title": "a title", "body": ["a text"]}',
    '{"title": "a title", ',
]


@pytest.mark.step(1)
def test_all_posts_come_as_a_json_list(make_app, unseen):
    posts = undated_and_strange(unseen)
    client = make_app(posts=posts).test_client()
    assert_lists(client, posts)


@pytest.mark.step(2)
@pytest.mark.parametrize("place", [0, 2])
def test_one_post_comes_by_its_id(make_app, unseen, place):
    post = undated_and_strange(unseen)[place]
    posts = [*unseen.posts(2), post]
    response = make_app(posts=posts).test_client().get(f"/api/posts/{post['id']}")
    assert response.status_code == 200
    assert response.mimetype == JSON, "a program should get JSON"
    assert_shows(response.json, post)


@pytest.mark.step(2)
def test_an_unknown_id_is_404(client, unseen):
    response = client.get(f"/api/posts/{unseen.number(1000, 9999)}")
    assert response.status_code == 404


@pytest.mark.step(3)
def test_a_new_post_is_created_and_answers_at_its_location(client, unseen):
    sent = {"title": f"<b>{unseen.word()}", "body": f'"{unseen.word()}" & tea'}
    response = client.post("/api/posts", json=sent)
    assert response.status_code == 201
    answer = "the answer should be the new post"
    assert field(response, "title") == sent["title"], answer
    came = ", ".join(response.headers.keys())
    assert response.location, f"no header Location came, only {came}"
    created = client.get(urljoin("/api/posts", response.location))
    leads = f"Location is {response.location!r}; it should lead to the new post"
    assert created.status_code == 200, leads
    assert created.mimetype == JSON, f"{leads}, as JSON"
    assert field(created, "title") == sent["title"], leads
    assert field(created, "body") == sent["body"], leads
    for key in ("id", "date"):
        assert field(response, key) == field(created, key), f"{answer}: its {key!r}"


@pytest.mark.step(3)
def test_spaces_around_the_title_are_cut_off(client, unseen):
    title = f"{unseen.word()} {unseen.word()}"
    sent = {"title": f"  {title} ", "body": unseen.word()}
    response = client.post("/api/posts", json=sent)
    assert response.status_code == 201
    assert field(response, "title") == title, "spaces should go before it is stored"


@pytest.mark.step(3)
def test_the_home_page_shows_the_new_post(client, unseen):
    sent = {"title": f"<b>{unseen.word()}", "body": unseen.word()}
    client.post("/api/posts", json=sent)
    assert sent["title"] in seen(client.get("/"))


@pytest.mark.step(4)
@pytest.mark.parametrize("body", REFUSED)
def test_what_is_no_post_is_refused(client, body):
    before = ids(client.get("/api/posts").json)
    response = client.post("/api/posts", data=body, content_type=JSON)
    assert response.status_code in (400, 422)
    after = ids(client.get("/api/posts").json)
    assert after == before, f"{body} should not be stored: the ids in the list"


@pytest.mark.step(4)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_another_content_type_is_415(client, kind):
    body = '{"title": "a title", "body": "a text"}'
    response = client.post("/api/posts", data=body, content_type=kind)
    assert response.status_code == 415


@pytest.mark.step(4)
def test_a_whole_post_is_taken_as_before(client, unseen):
    sent = {"title": unseen.word(), "body": unseen.word()}
    response = client.post("/api/posts", json=sent)
    assert response.status_code == 201


@pytest.mark.step(5)
def test_put_changes_title_and_body_and_nothing_else(make_app, unseen):
    posts = undated_and_strange(unseen)
    client = make_app(posts=posts).test_client()
    title, body = f"<i>{unseen.word()}", f"{unseen.word()} & {unseen.word()}"
    sent = {"title": f" {title}  ", "body": body}
    response = client.put(f"/api/posts/{posts[1]['id']}", json=sent)
    assert response.status_code in (200, 204)
    posts[1] |= {"title": title, "body": body}
    assert_lists(client, posts)


@pytest.mark.step(5)
def test_put_to_an_unknown_id_is_404(client, unseen):
    sent = {"title": unseen.word(), "body": unseen.word()}
    response = client.put(f"/api/posts/{unseen.number(1000, 9999)}", json=sent)
    assert response.status_code == 404


@pytest.mark.step(5)
@pytest.mark.parametrize("body", REFUSED)
def test_put_refuses_what_is_no_post(make_app, unseen, body):
    posts = unseen.posts(1)
    client = make_app(posts=posts).test_client()
    address = f"/api/posts/{posts[0]['id']}"
    response = client.put(address, data=body, content_type=JSON)
    assert response.status_code in (400, 422)
    assert_lists(client, posts)


@pytest.mark.step(6)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_delete_takes_one_post_out(make_app, unseen, place):
    posts = unseen.posts(3)
    client = make_app(posts=posts).test_client()
    gone = posts.pop(place)
    response = client.delete(f"/api/posts/{gone['id']}")
    assert response.status_code == 204
    assert response.data == b"", "204 should come without a body"
    again = client.get(f"/api/posts/{gone['id']}")
    assert again.status_code == 404, "what was deleted should not be there"
    assert_lists(client, posts)
    assert gone["title"] not in seen(client.get("/"))


@pytest.mark.step(6)
def test_delete_of_an_unknown_id_is_404(client, unseen):
    response = client.delete(f"/api/posts/{unseen.number(1000, 9999)}")
    assert response.status_code == 404


@pytest.mark.step(6)
def test_patch_is_405_and_allow_says_what_is_not(make_app, unseen):
    post = unseen.posts(1)[0]
    response = make_app(posts=[post]).test_client().patch(f"/api/posts/{post['id']}")
    assert response.status_code == 405
    allow = response.headers.get("Allow", "")
    missing = {"GET", "PUT", "DELETE"} - {*allow.replace(",", " ").split()}
    assert not missing, f"Allow should name GET, PUT and DELETE; it says {allow!r}"


def undated_and_strange(unseen):
    """Return three posts: one whose title HTML cares about, one without a date."""
    posts = unseen.posts(3)
    posts[0]["title"] += ' & <b>"tea"'
    posts[2]["date"] = None
    return posts


def assert_lists(client, posts):
    """Assert that /api/posts answers with these posts, in any order."""
    response = client.get("/api/posts")
    assert response.status_code == 200
    assert response.mimetype == JSON, "a program should get JSON"
    assert kind(response.json) == "list", "all posts should come as a JSON list"
    assert ids(response.json) == ids(posts), "all posts, and no others: their ids"
    for shown in response.json:
        assert_shows(shown, next(post for post in posts if post["id"] == shown["id"]))


def assert_shows(shown, post):
    """Assert that JSON shows a post: all of its keys, its date as text or null."""
    assert kind(shown) == "dict", "a post should come as a JSON object"
    day = post["date"] and post["date"].isoformat()
    for key, value in {**post, "date": day}.items():
        assert shown.get(key) == value, f"{key!r} of post {post['id']}"


def kind(value):
    """Return the name of the type that Python makes of JSON: list, dict, str …"""
    return type(value).__name__


def ids(posts):
    """Return the ids in a list of posts, sorted; what is no post is left out."""
    listed = posts if isinstance(posts, list) else []
    return sorted(
        [post.get("id") for post in listed if isinstance(post, dict)], key=str
    )


def field(response, key):
    """Return one value of a JSON object, None where no such thing came."""
    return response.json.get(key) if isinstance(response.json, dict) else None

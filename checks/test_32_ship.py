"""Lesson 32, Ready to ship: do members comment, is nothing broken, is all ready?"""

import datetime
import re
import sqlite3
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from checks.pages import beside, fields, links, parse, seen, send_form, texts

# Step 6 asks the checks of these lessons, too, if they start no server.
EARLIER = (
    6,
    ["27_accounts", "28_hardening", "29_views_and_streams", "30_gunicorn", "31_proxy"],
)
TOKEN = {"Authorization": "Bearer only-for-development"}
WRONG = {"Authorization": "Bearer a-wrong-one"}
REFUSED, MOVED = (400, 422), (302, 303)
# What the tables were before this lesson.
BEFORE = {
    "tag": {"id", "post_id", "name"},
    "user": {"id", "name", "password_hash", "is_admin", "homepage"},
    "post": {"id", "slug", "title", "date", "summary", "body", "tips", "views"},
}
BEFORE["post"] |= {"author_id"}
AGAIN = "the app began again with its database"
NOWHERE = "sqlite:////no/such/folder/blog.db"
SETTINGS = ("SECRET_KEY", "API_TOKEN", "TRUSTED_HOSTS")
# The commands as typed: with `--app wsgi`, and no APP_ENV.
TYPED = """
from wsgi import app

app.config["WTF_CSRF_ENABLED"], told = False, []
member = {"name": "Ada", "password": "tea at four"}
for words in (["init-db"], ["make-admin", "Ada"], ["ready"]):
    if words[0] == "make-admin":
        app.test_client().post("/auth/register", data=member)
    result = app.test_cli_runner().invoke(args=words)
    told.append([" ".join(words), result.exit_code, result.output])
told
"""


@pytest.fixture
def blog(make_blog, unseen):
    """The blog with its posts, and the slugs of two of them."""
    app = make_blog()
    client = app.test_client()
    told = [post["slug"] for post in client.get("/api/posts").json]
    app.slugs = [slug for slug in told if re.fullmatch(r"[a-z\d-]+", slug)][:2]
    while len(app.slugs) < 2:  # the posts are their author's affair
        post = {"title": unseen.word(), "body": "Tea."}
        answer = client.post("/api/posts", json=post, headers=TOKEN)
        assert answer.status_code == 201, "a program with the token writes a post"
        app.slugs.append(post["title"])
    return app


@pytest.mark.step(1)
def test_a_member_comments(blog, unseen):
    """A member's comment stands on the page of its post, with name and date."""
    slug, other = blog.slugs
    client, name = member(blog, unseen)
    body = unseen.word()
    page = client.get(f"/post/{slug}")
    rule = "the form for a comment should have a field `body`"
    assert form_to(page, f"/post/{slug}/comments"), to_comment(slug)
    assert "body" in fields(page.text), rule
    response = say(client, slug, body)
    assert response.status_code in MOVED, "a member may comment: keep it, lead to it"
    assert path_of(response) == f"/post/{slug}", "lead to the page of the post"
    there = shown(blog, slug)
    assert body in there, "a member wrote this comment on this post"
    assert name in there, "the comment should have its author's name"
    dated = any(day in there for day in today())
    assert dated, f"the comment should have its date, as {today()[1]}"
    assert body not in shown(blog, other), "the comment was for another post"


@pytest.mark.step(1)
def test_the_oldest_comment_comes_first(blog, unseen):
    slug, _ = blog.slugs
    bodies = [unseen.word() for _ in range(3)]
    clients = [member(blog, unseen)[0] for _ in range(2)]
    for body, client in zip(bodies, [*clients, clients[0]], strict=True):
        say(client, slug, body)
    there = shown(blog, slug)
    found = sorted((body for body in bodies if body in there), key=there.index)
    rule = "two members wrote these three comments in this order: the oldest first"
    assert found == bodies, rule


@pytest.mark.step(1)
def test_who_has_not_signed_in_is_led_to_the_login(blog, unseen):
    slug, body = blog.slugs[0], unseen.word()
    path, visitor = f"/post/{slug}", blog.test_client()
    response = visitor.post(f"{path}/comments", data={"body": body} | token_of(visitor))
    assert response.status_code in MOVED, "only members comment: lead to the login"
    assert path_of(response) == "/auth/login"
    assert body not in shown(blog, slug), "no member wrote this comment"


@pytest.mark.step(1)
def test_visitors_find_a_way_in(blog):
    """A visitor finds no form, but a link to the login that leads back to the post."""
    path, visitor = f"/post/{blog.slugs[0]}", blog.test_client()
    page = visitor.get(path)
    assert not form_to(page, f"{path}/comments"), "nobody has signed in: show no form"
    to = [urlsplit(urljoin("http://localhost/", link)) for link in links(page.text)]
    logins = [parse_qs(each.query) for each in to if each.path == "/auth/login"]
    back = [query["next"][0] for query in logins if "next" in query]
    rule = f"no link to /auth/login has a next, which should be {path}"
    assert back, rule
    found = [address for address in back if re.split("[?#]", address)[0] == path]
    rule = f"next should be {path}, and is {back[0]}: no login leads anywhere else"
    assert found, rule


@pytest.mark.step(1)
def test_a_comment_is_on_a_post_that_is_there(blog, unseen):
    """A comment on an unknown post is 404; a GET of the address is 405."""
    client, _ = member(blog, unseen)
    data = {"body": unseen.word()} | token_of(client)
    response = client.post(f"/post/{unseen.word()}/comments", data=data)
    assert response.status_code == 404, "there is no such post to comment on"
    response = client.get(f"/post/{blog.slugs[0]}/comments")
    assert response.status_code == 405, "this address takes a POST only"


@pytest.mark.step(1)
def test_a_comment_survives_a_restart(blog, make_app, instance, unseen):
    slug, body = blog.slugs[0], unseen.word()
    client, name = member(blog, unseen)
    say(client, slug, body)
    there = shown(make_app(instance=instance()), slug)
    assert body in there, f"{AGAIN}: a member's comment should still be there"
    assert name in there, f"{AGAIN}: the comment should have its author's name"


@pytest.mark.step(1)
def test_a_blog_from_before_goes_on(blog, make_app, instance, unseen):
    """A database of lesson 31 gets what it needs by init-db, and keeps its posts."""
    slug, body = blog.slugs[0], unseen.word()
    app = make_app(instance=as_before(instance()))
    code, *printed = app.invoke("init-db")
    assert code == 0, f"`flask --app blog init-db` printed: {last(printed)}"
    client, _ = member(app, unseen)
    page = client.get(f"/post/{slug}")
    rule = "the database is that of lesson 31, and init-db has run again"
    assert page.status_code == 200, f"{rule}: it makes new tables, and no new columns"
    response = say(client, slug, body)
    assert response.status_code in MOVED, rule
    assert body in shown(app, slug), rule


@pytest.mark.step(2)
def test_a_comment_is_text(blog, unseen):
    """What looks like HTML in a comment, or in its author's name, is shown as text."""
    slug, word = blog.slugs[0], unseen.word()
    body = f'<b>{word}</b> & "{unseen.word()}"'
    client, name = member(blog, unseen, more=" <i>")
    say(client, slug, body)
    page = blog.test_client().get(f"/post/{slug}")
    assert f"<b>{word}" not in page.text, "what a member typed came as HTML"
    assert body in seen(page), "each character comes as it was typed"
    assert name in seen(page), "the name of a member is text, too"


@pytest.mark.step(2)
def test_blanks_around_a_comment_are_cut(blog, instance, unseen):
    """Blanks and line ends around a comment are cut before it is kept."""
    body = f"{unseen.word()} {unseen.word()}"
    client, _ = member(blog, unseen)
    say(client, blog.slugs[0], f" \r\n {body} \t\r\n")
    kept = [text for text in texts_kept(instance()) if body in text]
    assert kept, "a member's comment should be in the database"
    assert kept[0] == body, "the database has blanks around it that are to be cut"


@pytest.mark.step(2)
def test_a_comment_has_1_to_500_characters(blog, unseen):
    """A comment has 1 to 500 characters, without the blanks around it."""
    slug, word = blog.slugs[0], f"<b>{unseen.word()}"
    client, name = member(blog, unseen)
    asked = beside(client.get(f"/post/{slug}").text).get("body")
    for typed, what in [
        ("", "the field body came empty"),
        (" \r\n ", "blanks alone are no comment"),
        (word.ljust(501, "."), "501 characters are too many"),
    ]:
        response = say(client, slug, typed)
        assert response.status_code in REFUSED, f"{what}: refuse it"
        form = fields(response.text)
        assert "body" in form, f"{what}: answer with a page that has the form again"
        told = beside(response.text)["body"] != asked
        assert told, f"{what}: the page should say so, behind the field body"
        stays = form["body"].strip() == typed.strip()
        assert stays, f"{what}: what was typed should stay in the field body"
        assert name not in shown(blog, slug), f"{what}: what is refused is not kept"
    response = say(client, slug, f" {word.ljust(500, '.')}\r\n")
    rule = "500 characters are not too many, with a blank and a line end around"
    assert response.status_code in MOVED, rule
    assert word in shown(blog, slug), rule


@pytest.mark.step(2)
def test_a_comment_without_its_token_is_refused(blog, unseen):
    """A comment that another site sent, so without the form's token, is refused."""
    slug, body = blog.slugs[0], unseen.word()
    client, _ = member(blog, unseen)
    response = client.post(f"/post/{slug}/comments", data={"body": body})
    assert response.status_code in (400, 403), "a member sent it, without csrf_token"
    assert body not in shown(blog, slug), "it came without csrf_token: keep nothing"
    rule = "with the token of its form, it is taken"
    assert say(client, slug, body).status_code in MOVED, rule


@pytest.mark.step(3)
def test_its_author_takes_a_comment_out(blog, unseen):
    """Its author has a button for each comment of hers, which takes that one out."""
    slug, bodies = blog.slugs[0], [unseen.word(), unseen.word()]
    client, _ = member(blog, unseen)
    for body in bodies:
        say(client, slug, body)
    first, _ = removals(client, slug, 2)
    assert client.get(first).status_code == 405, "a GET takes nothing out"
    response = press(client, slug, first)
    assert response.status_code in MOVED, "a member may take her own comment out"
    assert path_of(response) == f"/post/{slug}", "lead to the page of the post"
    there = shown(blog, slug)
    left = [body for body in bodies if body in there]
    assert left == bodies[1:], "of her two comments, she took the first one out"


@pytest.mark.step(3)
def test_an_admin_takes_a_comment_out(blog, unseen):
    """An admin has a button for each comment, whoever wrote it."""
    slug, body = blog.slugs[0], unseen.word()
    author, _ = member(blog, unseen)
    say(author, slug, body)
    admin, name = member(blog, unseen)
    code, *printed = blog.invoke("make-admin", name)
    assert code == 0, f"`flask --app blog make-admin` printed: {last(printed)}"
    (path,) = removals(admin, slug, 1)
    response = press(admin, slug, path)
    assert response.status_code in MOVED, "an admin may take every comment out"
    assert body not in shown(blog, slug), "an admin has taken this comment out"


@pytest.mark.step(3)
def test_nobody_else_takes_it_out(blog, unseen):
    """Another member gets 403, a visitor the login; neither finds a button."""
    slug, body = blog.slugs[0], unseen.word()
    author, _ = member(blog, unseen)
    say(author, slug, body)
    (path,) = removals(author, slug, 1)
    for who in ("another member", "a visitor"):
        other = blog.test_client() if who == "a visitor" else member(blog, unseen)[0]
        removals(other, slug, 0)
        response = other.post(path, data=token_of(other))
        if who == "a visitor":
            assert path_of(response) == "/auth/login", f"{who}: lead to the login"
        else:
            assert response.status_code == 403, f"{who} asks: it is not theirs"
        assert body in shown(blog, slug), f"{who} sent this, and the comment is gone"


@pytest.mark.step(3)
def test_a_comment_belongs_to_its_post(blog, unseen):
    """The slug of another post, or an unknown id, is 404, also for its author."""
    (slug, other), body = blog.slugs, unseen.word()
    client, _ = member(blog, unseen)
    say(client, slug, body)
    (path,) = removals(client, slug, 1)
    unknown = re.sub(r"\d+(?=/delete)", str(unseen.number()), path)
    for away, what in [
        (path.replace(slug, other), "here is the slug of another post"),
        (unknown, "here is an unknown id"),
    ]:
        response = client.post(away, data=token_of(client))
        assert response.status_code == 404, f"{path} takes it out; {what}"
        assert body in shown(blog, slug), f"{what}, and the comment is gone"


@pytest.mark.step(3)
@pytest.mark.parametrize("who", ["its author", "a program"])
def test_a_post_takes_its_comments_along(blog, instance, unseen, who):
    """With a post its comments go; SQLite gives its id to the next post."""
    body, (author, _) = unseen.word(), member(blog, unseen)
    slug = publish(author, unseen)
    for client in [author, member(blog, unseen)[0]]:
        say(client, slug, body)
    assert body in shown(blog, slug), "two members wrote this comment on a new post"
    if who == "its author":
        response = press(author, slug, f"/post/{slug}/delete")
        assert response.status_code in MOVED, "a post with two comments is deleted"
    else:
        path = f"/api/posts/{id_of(author, slug)}"
        response = author.delete(path, headers=TOKEN)
        rule = "a program deletes a post that has two comments"
        assert response.status_code in (200, 204), rule
    there = shown(blog, publish(author, unseen))
    assert body not in there, "a comment on the deleted post stands below the next one"
    kept = [text for text in texts_kept(instance()) if body in text]
    assert kept == [], "the post is deleted, and its comments are still in the database"


@pytest.mark.step(4)
def test_a_program_reads_the_comments(blog, unseen):
    """GET /api/posts/<id>/comments has all comments on a post, the oldest first."""
    (slug, other), bodies = blog.slugs, [f"{unseen.word()} <b>&", unseen.word()]
    told, client = [member(blog, unseen) for _ in bodies], blog.test_client()
    for body, (each, _) in zip(bodies, told, strict=True):
        say(each, slug, body)
    found = comments_of(client, slug)
    rule = "two members wrote these: the oldest first, as they were typed"
    assert [each.get("body") for each in found] == bodies, rule
    names = [name for _, name in told]
    assert [each.get("author") for each in found] == names, "the key author is a name"
    for each in found:
        day = str(each.get("date"))
        day = day[:10] if day[:4].isdecimal() else day  # a time may follow
        assert day in today(), f"the key date is the day as text, {today()[1]}"
    assert found[0].get("id") != found[1].get("id"), "the key id: each has its own"
    assert comments_of(client, other) == [], "nobody has commented on this post"
    response = client.get(f"/api/posts/{unseen.number(2000, 9999)}/comments")
    assert response.status_code == 404, "no post has this id"


@pytest.mark.step(4)
def test_a_program_comments(blog, unseen):
    """A program with the token comments as Guest, and takes comments out."""
    slug, body, client = blog.slugs[0], f"{unseen.word()} <b>", blog.test_client()
    path = f"/api/posts/{id_of(client, slug)}/comments"
    response = client.post(path, json={"body": f" {body} "}, headers=TOKEN)
    assert response.status_code == 201, "the token came, and a body"
    new = response.json
    assert isinstance(new, dict), "answer with the comment"
    told = [new.get(key) for key in ("body", "author")]
    assert told == [body, "Guest"], "the comment that is answered: body and author"
    assert comments_of(client, slug) == [new], "what was answered is in the list"
    assert body in shown(blog, slug), "it stands below its post, too"
    gone = f"/api/comments/{new.get('id')}"
    response = client.delete(gone, headers=TOKEN)
    assert response.status_code == 204, "the token came, and the comment is there"
    assert comments_of(client, slug) == [], "the one comment was deleted"
    for method, path, sent in [
        ("DELETE", gone, None),
        ("POST", "/api/posts/7654321/comments", {"body": body}),
    ]:
        response = client.open(path, method=method, json=sent, headers=TOKEN)
        assert response.status_code == 404, "there is nothing with this id"


@pytest.mark.step(4)
def test_without_the_token_nothing_happens(blog, unseen):
    """Without the token, or with a wrong one, a program writes nothing: 401."""
    slug, client = blog.slugs[0], blog.test_client()
    path, body = f"/api/posts/{id_of(client, slug)}/comments", {"body": unseen.word()}
    say(member(blog, unseen)[0], slug, unseen.word())
    (kept,) = comments_of(client, slug, 1)
    for headers, what in [({}, "no token"), (WRONG, "a wrong token")]:
        response = client.post(path, json=body, headers=headers)
        assert response.status_code == 401, f"a comment came, and {what}"
        response = client.delete(f"/api/comments/{kept.get('id')}", headers=headers)
        assert response.status_code == 401, f"a comment is to go, and {what} came"
        rule = f"{what} came, so nothing is written and nothing deleted"
        assert comments_of(client, slug) == [kept], rule


@pytest.mark.step(4)
def test_a_wrong_body_is_refused(blog):
    """A body that is no text of 1 to 500 characters is a 400, with errors as JSON."""
    slug, client = blog.slugs[0], blog.test_client()
    path = f"/api/posts/{id_of(client, slug)}/comments"
    wrong = [{"body": each} for each in (" \n", "x" * 501, 5, None, ["text"])]
    for sent in [{}, [], *wrong]:
        response = client.post(path, json=sent, headers=TOKEN)
        rule = "body should be text, 1 to 500 characters long"
        assert response.status_code == 400, rule
        told = response.json if response.is_json else None
        errors = told.get("errors") if isinstance(told, dict) else None
        rule = 'the answer is {"errors": {"body": …}}, and says what is wrong'
        assert isinstance(errors, dict) and errors.get("body"), rule
    assert comments_of(client, slug) == [], "what is refused is not kept"


@pytest.mark.step(4)
def test_an_author_with_comments_stays(blog, unseen):
    """DELETE /api/authors/<id> of somebody who has comments is a 409."""
    slug, body = blog.slugs[0], unseen.word()
    client, name = member(blog, unseen)
    say(client, slug, body)
    told = client.get("/api/authors").json
    (author,) = [each["id"] for each in told if each["name"] == name]
    response = client.delete(f"/api/authors/{author}", headers=TOKEN)
    rule = "this author has no post, but a comment"
    assert response.status_code == 409, rule
    assert body in shown(blog, slug), f"{rule}, which should stay"


@pytest.mark.step(5)
@pytest.mark.self_tested
def test_your_tests_are_sound(suite):
    """Your tests pass on your blog in any order, and not on one that does nothing."""
    assert not suite.problems, first(suite.problems)
    assert suite.tests, "tests/test_comments.py has no test yet"
    rule = "in another order, other tests pass or fail: they need what ran before"
    assert not suite.moody, f"{rule}\n{first(suite.moody)}"
    rule = "passes even on a blog that answers nothing and does nothing"
    assert not suite.idle, f"{first(suite.idle)}\n{rule}"


@pytest.mark.step(5)
@pytest.mark.self_tested
@pytest.mark.parametrize(
    "change",
    [
        "a comment is lost",
        "a comment goes to another post",
        "somebody who has not signed in may comment",
        "an empty comment is kept",
        "a comment of 501 characters is kept",
        "a comment is sent as HTML",
        "every member may take out every comment",
        "an admin may not take out a comment",
        "a comment that was taken out is still there",
        "a program comments without the token",
    ],
)
def test_your_tests_notice(suite, change):
    assert not suite.problems, first(suite.problems)
    assert suite.tests, "there is no test yet: nobody would notice anything"
    assert suite.notices(change), f"nobody would notice if {change}"


@pytest.mark.step(6)
def test_ready_when_nothing_is_missing(python, unseen):
    """With all in place, `flask --app wsgi ready` says so and ends with 0."""
    env = production(unseen)
    del env["APP_ENV"]  # wsgi.py asks for production itself
    for typed, code, printed in python(TYPED, env=env):
        assert code == 0, f"`flask --app wsgi {typed}` printed: {last([printed])}"
    assert "Ready to ship" in printed, "nothing is missing: `ready` should say so"


@pytest.mark.step(6)
def test_each_thing_that_is_missing_is_named(make_blog, make_app, instance, unseen):
    """`ready` names the one thing that is missing, and does not end with 0."""
    env = production(unseen)
    app = make_blog(env=env, posts=[])
    _, name = member(app, unseen)
    assert_not_ready(app, env, ["make-admin"])
    app.invoke("make-admin", name)
    kept = instance()
    for change, says in [
        ({"SECRET_KEY": (unseen.word() * 7)[:31]}, "SECRET_KEY"),
        ({"API_TOKEN": (unseen.word() * 7)[:31]}, "API_TOKEN"),
        ({"TRUSTED_HOSTS": "localhost,127.0.0.1"}, "TRUSTED_HOSTS"),
        ({"APP_ENV": "development"}, "production"),
    ]:
        app = make_app(env=env | change, instance=kept)
        assert_not_ready(app, env | change, [says])


@pytest.mark.step(6)
def test_a_database_that_is_not_there_is_named(make_app, unseen):
    env = production(unseen) | {"DATABASE_URL": NOWHERE}
    assert_not_ready(make_app(env=env), env, ["DATABASE_URL"])


@pytest.mark.step(6)
def test_a_table_that_is_missing_is_named(make_blog, make_app, instance, unseen):
    """A database of lesson 31 is not ready; after init-db it is."""
    env = production(unseen)
    app = make_blog(env=env, posts=[])
    _, name = member(app, unseen)
    app.invoke("make-admin", name)
    app = make_app(env=env, instance=as_before(instance()))
    assert_not_ready(app, env, ["init-db"])
    app.invoke("init-db")
    code, *printed = app.invoke("ready")
    assert code == 0, f"init-db has made the tables; `ready` printed: {last(printed)}"


@pytest.mark.step(6)
def test_all_that_is_missing_is_named_at_once(make_app, unseen):
    """`ready` names everything that is missing, not just the first."""
    env = production(unseen) | {"TRUSTED_HOSTS": "localhost", "APP_ENV": "development"}
    for key in ("SECRET_KEY", "API_TOKEN"):
        env[key] = unseen.word()
    assert_not_ready(make_app(env=env), env, [*SETTINGS, "production", "init-db"])


@pytest.mark.step(6)
def test_comments_stay_below_a_prefix(blog, unseen):
    """Mounted under /blog, no form, link or redirect of comments leads out of it."""
    path, mounted = f"/post/{blog.slugs[0]}", {"base_url": "http://localhost/blog"}
    client, _ = member(blog, unseen)
    data = {"body": unseen.word()} | token_of(client)
    pages = []
    for each in (client, blog.test_client()):
        response = each.post(f"{path}/comments", data=data | token_of(each), **mounted)
        rule = "under /blog, it should redirect to an address below /blog/"
        assert path_of(response).startswith("/blog/"), rule
        pages.append(each.get(path, **mounted))
    for page in pages:
        actions = [each["attrs"].get("action") for each in parse(page.text).elements]
        leads = [*links(page.text), *[action for action in actions if action]]
        paths = [urlsplit(urljoin("http://localhost/blog/", to)).path for to in leads]
        out = [to for to in paths if not to.startswith("/blog/")]
        assert out == [], "the page was asked for below /blog/, and leads out of it"


@pytest.mark.step(6)
def test_a_member_comments_in_public(make_blog, instance, server, nginx, unseen):
    """Behind nginx and gunicorn, a member comments at /blog/ and takes it out."""
    posts, env = unseen.posts(1), production(unseen) | {"PROXIES": "1"}
    make_blog(env=env, posts=posts)
    env["GUNICORN_CMD_ARGS"] = "--preload"
    front = nginx(server("gunicorn", env=env, instance=instance()))
    path, body = f"/blog/post/{posts[0]['slug']}", unseen.word()
    who = {"name": unseen.name(), "password": f"{unseen.word()} tea"}
    for page in ("/blog/auth/register", "/blog/auth/login"):
        post(front, page, page, who)
    response = post(front, path, f"{path}/comments", {"body": body})
    assert response.status_code in MOVED, "a member comments, at https://…/blog/"
    assert path_of(response) == path, "it leads to the post, below /blog/"
    page = front.get(path)
    assert body in seen(page), "a member wrote this comment"
    (gone,) = [to for to, _ in forms(page) if re.search(r"/comments/\d+/delete", to)]
    response = post(front, path, gone, {})
    assert path_of(response) == path, "it leads to the post, below /blog/"
    assert body not in seen(front.get(path)), "its author has taken it out"


def member(app, unseen, more=""):
    """Register somebody; return a browser that has signed in, and the name."""
    client, name = app.test_client(), unseen.name() + more
    who = {"name": name, "password": f"{unseen.word()} tea"}
    for path in ("/auth/register", "/auth/login"):
        send_form(client, path, who)
    client.get("/")  # where the messages go
    return client, name


def token_of(client):
    """Return the token for the forms of a browser."""
    return {"csrf_token": fields(client.get("/auth/login").text).get("csrf_token", "")}


def to_comment(slug):
    """Return what is missing on a page without the form for a comment."""
    return f"a member's page should have a form that posts to /post/{slug}/comments"


def forms(page):
    """Return the forms of a page that post: where each leads, and its hidden fields."""
    here, found = page.request.url, []
    for element in parse(page.text).elements:
        attrs = element["attrs"]
        if element["tag"] == "form":
            found += [(attrs, {})]
        elif attrs.get("type") == "hidden" and "form" in element["inside"]:
            found[-1][1][attrs.get("name") or ""] = attrs.get("value") or ""
    return [
        (urlsplit(urljoin(here, attrs.get("action") or here)).path, hidden)
        for attrs, hidden in found
        if (attrs.get("method") or "").lower() == "post"
    ]


def form_to(page, path):
    """Return what the form that posts to a path sends along, None without a form."""
    found = [{"csrf_token": ""} | hidden for to, hidden in forms(page) if to == path]
    if found:
        assert found[0]["csrf_token"], (
            f"the form that posts to {path} has no csrf_token"
        )
    return found[0] if found else None


def say(client, slug, body):
    """Open a post, write a comment into its form, send it; return the answer."""
    path = f"/post/{slug}/comments"
    hidden = form_to(client.get(f"/post/{slug}"), path)
    assert hidden, to_comment(slug)
    return client.post(path, data={"body": body} | hidden)


def press(client, slug, path):
    """Press the button on a post's page whose form posts to a path."""
    hidden = form_to(client.get(f"/post/{slug}"), path)
    assert hidden, f"this page should have a form that posts to {path}"
    return client.post(path, data=hidden)


def post(front, page, path, data):
    """Send the form of a page that nginx brought, as a browser does over https."""
    hidden = form_to(front.get(page), path)
    assert hidden, f"this page should have a form that posts to {path}"
    headers = {"Referer": f"https://localhost:8443{page}"}
    return front.post(path, data=hidden | data, headers=headers)


def removals(client, slug, count):
    """Return the paths on a post's page that take a comment out: that many."""
    page, path = client.get(f"/post/{slug}"), rf"/post/{slug}/comments/\d+/delete"
    found = [to for to, _ in forms(page) if re.fullmatch(path, to)]
    shape = f"/post/{slug}/comments/<id>/delete"
    rule = f"this visitor should see {count or 'no'} forms that post to {shape}"
    assert len(found) == count, rule.replace(" 1 forms that post", " 1 form that posts")
    return found


def shown(app, slug):
    """Return what a visitor who has not signed in reads on the page of a post."""
    response = app.test_client().get(f"/post/{slug}")
    assert response.status_code == 200, "a visitor opens this post"
    text = " ".join(texts(response.text, "main")) or seen(response)
    above, _, below = text.partition(" times ")  # the post is read so many times
    return f"{below} {above}".strip()


def publish(client, unseen):
    """Publish a post, and return its slug."""
    data = {"title": f"{unseen.word()} {unseen.word()}", "body": unseen.word()}
    response = send_form(client, "/new", data)
    assert path_of(response).startswith("/post/"), "a member should be able to publish"
    return path_of(response).removeprefix("/post/")


def id_of(client, slug):
    """Return the id of a post, as programs know it."""
    return {post["slug"]: post["id"] for post in client.get("/api/posts").json}[slug]


def comments_of(client, slug, count=None):
    """Return the comments on a post, as a program reads them; that many, if told."""
    response = client.get(f"/api/posts/{id_of(client, slug)}/comments")
    assert response.status_code == 200, "the post is there, and everybody may read"
    found = response.json if response.is_json else None
    rule = "this should be a list of comments, each with id, body, author and date"
    assert isinstance(found, list), rule
    assert all(isinstance(each, dict) for each in found), rule
    assert count in (None, len(found)), f"there should be {count} of them"
    return found


def path_of(response):
    """Return the path that a redirect leads to, "nowhere" where it leads nowhere."""
    if not response.location:
        return "nowhere"
    return urlsplit(urljoin(response.request.url, response.location)).path


def today():
    """Return yesterday, today and tomorrow: midnight and time zones are near."""
    day = datetime.date.today()
    return [(day + datetime.timedelta(days=n)).isoformat() for n in (-1, 0, 1)]


def last(printed):
    """Return the last line of what a command printed."""
    return ("".join(printed).strip().splitlines() or ["nothing"])[-1]


def first(told):
    """Return the first of some texts, and how many there are beside it."""
    more = f"\n(and {len(told) - 1} more)" if len(told) > 1 else ""
    return f"{told[0]}{more}"


def production(unseen):
    """Return settings of a blog that is ready for the public."""
    secrets = {key: (unseen.word() * 7)[:32] for key in ("SECRET_KEY", "API_TOKEN")}
    hosts = f"localhost,{unseen.word()}.example"
    rest = {"TRUSTED_HOSTS": hosts, "DATABASE_URL": "sqlite:///blog.db"}
    return {"APP_ENV": "production", **secrets, **rest}


def assert_not_ready(app, env, says):
    """Assert that `ready` refuses, names what is missing, and nothing else."""
    code, *printed = app.invoke("ready")
    told = "".join(printed)
    rule = "something is missing, so `ready` should end with another code than 0; it is"
    assert code != 0, f"{rule} {' and '.join(says)}"
    unnamed = [word for word in says if word.lower() not in told.lower()]
    rule = f"`ready` should name {' and '.join(unnamed)}; it printed: {last(printed)}"
    assert not unnamed, rule
    for key in SETTINGS:
        if key not in says:
            assert key not in told, f"{key} is as it should be, and `ready` names it"
    for key in ("SECRET_KEY", "API_TOKEN"):
        assert env[key] not in told, f"`ready` prints the value of {key}: a secret"


def tables_of(kept):
    """Return each database file of a folder instance, opened: path to connection."""
    found = {}
    for path, content in kept.items():
        if content.startswith(b"SQLite format 3"):
            found[path] = sqlite3.connect(":memory:")
            found[path].deserialize(content)
    return found


def names_in(base, sql):
    """Return the first column of a query, but for SQLite's own tables."""
    rows = base.execute(sql).fetchall()
    return [row[0] for row in rows if not row[0].startswith("sqlite_")]


TABLES = "SELECT name FROM sqlite_master WHERE type = 'table'"


def texts_kept(kept):
    """Return every text in every table."""
    found = []
    for base in tables_of(kept).values():
        for table in names_in(base, TABLES):
            for row in base.execute(f'SELECT * FROM "{table}"'):
                found += [text for text in row if isinstance(text, str)]
    return found


def as_before(kept):
    """Return a folder instance as lesson 31 left it: without new tables or columns."""
    bases = tables_of(kept)
    for base in bases.values():
        for table in names_in(base, TABLES):
            if table not in BEFORE:
                base.execute(f'DROP TABLE "{table}"')
                continue
            columns = names_in(base, f"SELECT name FROM pragma_table_info('{table}')")
            for column in set(columns) - BEFORE[table]:
                base.execute(f'ALTER TABLE "{table}" DROP COLUMN "{column}"')
        base.commit()
    return kept | {path: base.serialize() for path, base in bases.items()}

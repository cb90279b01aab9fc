"""Lesson 26, The database: do posts survive a restart?"""

import datetime
import re
import sqlite3
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from checks.pages import crawl, link_to, links, seen, send_form

BEARER = {"Authorization": "Bearer only-for-development"}
WAYS = ["Older posts", "Newer posts"]
TEXTS = ["slug", "title", "author", "summary", "body"]
HOSTILE = '\'; <b> & "100%"'
AGAIN = "the app began again on the same database"
OTHER = "a second app, with another posts.py, on the same database"


@pytest.mark.step(1)
def test_seed_puts_the_posts_into_tables(make_blog, instance, unseen):
    """After `flask init-db` and `flask seed` the tables hold all of posts.py."""
    posts = mixed(unseen, 3)
    make_blog(posts=posts)
    kept = instance()
    told = " ".join(str(cell) for row in rows(kept) for cell in row.values())
    holds = f"the folder instance holds {', '.join(kept) or 'nothing'}"
    assert told, f"{holds}, and no table in it has a row"
    for post in posts:
        wanted = {key: post[key] for key in [*TEXTS, "tips"]}
        wanted |= {f"tag {tag}": tag for tag in post["tags"]}
        wanted |= {"date": post["date"] or "None"}
        for key, value in wanted.items():
            has_it = str(value) in told
            assert has_it, f"no table has the {key} of this post: {value!r}"


@pytest.mark.step(1)
def test_the_table_gives_the_ids(make_blog, instance, unseen):
    """The id of a post is the table's to give, not that of posts.py."""
    posts = unseen.posts(3)
    make_blog(posts=posts)
    kept = {row.get("id") for row in rows(instance()) if row.get("slug")}
    rule = "the ids of posts.py came along: leave them out, and the table counts"
    assert not kept & {post["id"] for post in posts}, rule


@pytest.mark.step(1)
def test_a_command_may_run_twice(make_blog, instance, unseen):
    """`flask init-db` or `flask seed`, run again, changes nothing."""
    app = make_blog(posts=unseen.posts(2))
    before = rows(instance())
    for command in ["seed", "init-db"]:
        app.invoke(command)
        after = rows(instance())
        rule = f"`flask --app blog {command}` ran again, and nothing should change"
        told = f"; the tables had {len(before)} rows, and have {len(after)}"
        same = after == before
        assert same, rule + told


@pytest.mark.step(1)
def test_no_two_posts_have_one_slug(make_blog, instance, unseen):
    """The table itself refuses a second post with the slug of another."""
    make_blog(posts=unseen.posts(1))
    rule = "the table takes a second row with the same slug: make the column unique"
    refused = "slug" in unique_columns(instance())
    assert refused, rule


@pytest.mark.step(2)
def test_the_pages_read_the_table(make_blog, make_app, instance, unseen):
    """The home page and the pages of posts show what is in the table."""
    posts = mixed(unseen, 4)
    posts[2]["date"] = posts[1]["date"]  # of one day, the later one comes first
    posts[0]["title"] += HOSTILE
    make_blog(posts=posts)
    client = make_app(posts=unseen.posts(2), instance=instance()).test_client()
    came = listed(client.get("/"))
    assert set(came) == {*newest(posts)}, f"{OTHER}, should list the first one's posts"
    rule = "the newest first, no date last, and of one day the higher id first"
    assert came == newest(posts), rule
    for post in posts:
        response = client.get(f"/post/{post['slug']}")
        assert response.status_code == 200, f"{OTHER}, should show this post"
        for text in [post["title"], post["body"]]:
            assert text in seen(response), f"{OTHER}, should show this post"


@pytest.mark.step(2)
def test_what_is_not_in_the_table_is_not_found(make_blog, unseen):
    """A post that the table does not have is a 404."""
    response = make_blog().test_client().get(f"/post/{unseen.word()}")
    assert response.status_code == 404, "the table has no post with this slug"


@pytest.mark.step(2)
def test_all_other_pages_still_work(make_blog, make_app, instance, unseen):
    """Every link leads to a page, and authors, tags and the feed know the posts."""
    posts = mixed(unseen, 3)
    posts[1]["tags"] = ["salt & sugar", "a/b"]
    make_blog(posts=posts)
    client = make_app(posts=[], instance=instance()).test_client()
    broken = {page: code for page, code in crawl(client).items() if code >= 400}
    assert broken == {}, "every link of the blog should lead to a page"
    post = posts[1]
    for path in ["/authors/", f"/author/{post['author']}", "/tag/a/b", "/feed.xml"]:
        word = post["author"] if path == "/authors/" else post["title"]
        assert word in client.get(path).text, f"{OTHER}: {path} should know this post"
    assert client.get("/latest").location == f"/post/{newest(posts)[0]}"


@pytest.mark.step(3)
def test_a_post_survives_a_restart(make_blog, make_app, instance, unseen):
    """What /new stores is there in a second app on the same database."""
    post = written(unseen)
    app = make_blog(posts=unseen.posts(1))
    name, location = publish(app.test_client(), unseen, post)
    client = make_app(posts=[], instance=instance()).test_client()
    response = client.get(location)
    assert response.status_code == 200, f"{AGAIN}: the post should still be there"
    tags = post["tags"].split(", ")
    for text in [post["title"], post["summary"], post["body"], name, *tags]:
        assert text in seen(response), f"{AGAIN}: the post should have all it had"
    assert listed(client.get("/"))[:1] == [slug_in(location)], "it is the newest post"


@pytest.mark.step(3)
def test_one_title_has_two_addresses(make_blog, make_app, instance, unseen):
    """Two posts of one title get two addresses, also after a restart."""
    title, pages = unseen.word(), {}
    client = make_blog(posts=unseen.posts(1)).test_client()
    for restart in [False, False, True]:
        if restart:
            client = make_app(posts=[], instance=instance()).test_client()
        post = written(unseen, title=title)
        location = publish(client, unseen, post)[1]
        assert location not in pages, "another post has this title: give it an address"
        pages[location] = post["body"]
    for location, body in pages.items():
        assert body in seen(client.get(location)), "each address has its own post"


@pytest.mark.step(4)
@pytest.mark.parametrize("size", [5, 3])
def test_a_page_holds_so_many_posts(make_blog, unseen, size):
    """A page has POSTS_PER_PAGE posts, and the links lead through all of them."""
    posts = mixed(unseen, 7)
    for post in posts[2:5]:
        post["date"] = posts[2]["date"]  # of one day, the later one comes first
    env = {"POSTS_PER_PAGE": "3"} if size == 3 else None
    client = make_blog(posts=posts, env=env).test_client()
    slugs = newest(posts)
    parts = [slugs[at : at + size] for at in range(0, len(slugs), size)]
    path = "/"
    for number, part in enumerate(parts, 1):
        response = client.get(path)
        rule = f"page {number} of {len(parts)}, {size} posts a page, newest first"
        assert listed(response) == part, rule
        count = re.findall(r"Posts so far: (\d+)", seen(response))
        assert count == [str(len(posts))], "`Posts so far: N` counts all posts"
        ways = [link_to(response.text, word) for word in WAYS]
        there = [word for word, link in zip(WAYS, ways, strict=True) if link]
        wanted = [WAYS[0]] * (number < len(parts)) + [WAYS[1]] * (number > 1)
        assert there == wanted, f"{rule}: the links that lead on and back"
        if ways[1]:
            back = listed(client.get(ways[1]))
            assert back == parts[number - 2], f"`{WAYS[1]}` leads one page back"
        path = ways[0]
    response = client.get("/?page=2")
    assert listed(response) == parts[1], "the address of page 2 is /?page=2"


@pytest.mark.step(4)
def test_a_page_that_is_not_there_is_not_found(make_blog, unseen):
    client = make_blog(posts=unseen.posts(6)).test_client()
    assert "Older posts" in seen(client.get("/")), "six posts: there are two pages"
    for page in [3, 99, 0, -1]:
        response = client.get(f"/?page={page}")
        assert response.status_code == 404, "six posts, five a page: that is two pages"


@pytest.mark.step(4)
def test_a_blog_without_posts_has_a_page(make_blog):
    response = make_blog(posts=[]).test_client().get("/")
    assert response.status_code == 200
    assert "Posts so far: 0" in seen(response)


@pytest.mark.step(5)
def test_a_search_asks_the_table(make_blog, make_app, instance, unseen):
    """A question is looked for in title, summary and body, a tag among the tags."""
    posts, keys = unseen.posts(5), ["title", "summary", "body", "tags"]
    # Two in one: a part of a single word may be a part of another, too.
    words = {key: unseen.word() + unseen.word() for key in keys}
    for post, key in zip(posts, keys, strict=False):
        word = words[key]
        post[key] = [word, word] if key == "tags" else f"a {word} {word}"
    make_blog(posts=posts)
    client = make_app(posts=[], instance=instance()).test_client()
    for post, key in zip(posts, keys, strict=False):
        part = words[key][1:-1].upper()  # as in lesson 11: a part, in capitals or not
        query = {"tag": words[key]} if key == "tags" else {"q": part}
        response = client.get("/search", query_string=query)
        how = "exactly so" if key == "tags" else "in capitals or not"
        rule = f"{OTHER}: one post has it in its {key}, {how}"
        assert listed(response) == [post["slug"]], rule
    response = client.get("/search", query_string={"tag": words["tags"][:-1]})
    assert listed(response) == [], "a part of a tag is no tag"


@pytest.mark.step(5)
def test_every_sign_is_a_letter(make_blog, unseen):
    """What means something to SQL is looked for as it stands."""
    signs = ["%", "_", "'", "\\", "/"]
    posts = unseen.posts(len(signs) + 1)
    for post, sign in zip(posts, signs, strict=False):
        post["body"] += f" {sign}{sign}"
    client = make_blog(posts=posts).test_client()
    for post, sign in zip(posts, signs, strict=False):
        for question in [sign, sign * 2, f" {sign}"]:
            response = client.get("/search", query_string={"q": question})
            rule = f"{question!r} is text like any other, and this post has it"
            assert listed(response) == [post["slug"]], rule


@pytest.mark.step(5)
def test_what_is_found_has_pages(make_blog, unseen):
    """Found posts come newest first and page by page, and each of them once."""
    word, posts = unseen.word(), mixed(unseen, 7)
    for post in posts:
        post |= {"title": word, "body": f"{word} {word}", "tags": [word, unseen.word()]}
    client = make_blog(posts=posts).test_client()
    pages = [client.get(f"/search?q={word}&tag={word}&page={n}") for n in (1, 2)]
    found = [listed(page) for page in pages]
    rule = f"all {len(posts)} posts have it: five on page 1, the rest on page 2"
    assert found == [newest(posts)[:5], newest(posts)[5:]], rule
    nothing = listed(client.get("/search?q=&tag="))
    assert nothing == [], "no question and no tag: nothing is found"


@pytest.mark.step(6)
def test_the_api_reads_the_table(make_blog, make_app, instance, unseen):
    """GET /api/posts and /api/posts/<int:post_id> give what is in the table."""
    posts = mixed(unseen, 3)
    make_blog(posts=posts)
    client = make_app(posts=unseen.posts(1), instance=instance()).test_client()
    told = client.get("/api/posts").json
    wanted = {"title": [post["title"] for post in posts]}
    wanted["date"] = [post["date"] and post["date"].isoformat() for post in posts]
    wanted["tags"] = [post["tags"] for post in posts]
    for key, values in wanted.items():
        assert [each[key] for each in told] == values, f"the key {key} of all posts"
    for each in told:
        response = api(client, "GET", f"/api/posts/{each['id']}", None, (200,))
        assert response.json == each, "one post is told as it is in the list"


@pytest.mark.step(6)
def test_what_a_program_does_is_kept(make_blog, make_app, instance, unseen):
    """What POST, PUT and DELETE have done is so in a second app, too."""
    client = make_blog(posts=unseen.posts(2)).test_client()
    gone, changed = (each["id"] for each in client.get("/api/posts").json)
    sent = {"title": unseen.word() + HOSTILE, "body": unseen.word()}
    new = api(client, "POST", "/api/posts", sent, (201,)).json["id"]
    api(client, "PUT", f"/api/posts/{changed}", sent, (200,))
    api(client, "DELETE", f"/api/posts/{gone}", None, (200, 204))
    client = make_app(posts=[], instance=instance()).test_client()
    for method, post_id in [("POST", new), ("PUT", changed)]:
        rule = f"{method} was done, and {AGAIN}: the post should be"
        told = api(client, "GET", f"/api/posts/{post_id}", None, (200,), rule).json
        came = {key: told[key] for key in sent}
        assert came == sent, f"{rule} as it was sent"
    rule = f"DELETE was done, and {AGAIN}: the post should still be gone"
    api(client, "GET", f"/api/posts/{gone}", None, (404,), rule)


@pytest.mark.step(6)
def test_a_post_takes_its_tags_along(make_blog, unseen):
    """A post that is deleted leaves no tags to the next one."""
    client = make_blog(posts=unseen.posts(2)).test_client()
    last = client.get("/api/posts").json[-1]["id"]
    api(client, "DELETE", f"/api/posts/{last}", None, (200, 204))
    sent = {"title": unseen.word(), "body": unseen.word()}
    new = api(client, "POST", "/api/posts", sent, (201,)).json["id"]
    told = api(client, "GET", f"/api/posts/{new}", None, (200,)).json
    rule = (
        f"post {last} was deleted, this new one has id {new} and was sent without tags"
    )
    assert told["tags"] == [], rule


@pytest.mark.step(6)
def test_an_id_that_is_not_there_is_not_found(make_blog, unseen):
    """An id that the table does not have, or has no more, is a 404."""
    client = make_blog(posts=unseen.posts(2)).test_client()
    gone = client.get("/api/posts").json[0]["id"]
    api(client, "DELETE", f"/api/posts/{gone}", None, (200, 204))
    for post_id in [unseen.number(1000, 9999), gone]:
        for method in ["GET", "PUT", "DELETE"]:
            sent = {"title": "a", "body": "b"}
            rule = "the table has no post with this id"
            api(client, method, f"/api/posts/{post_id}", sent, (404,), rule)


def mixed(unseen, count):
    """Return posts as they never come in order: one has no date, the oldest is last."""
    posts = unseen.posts(count)
    posts = posts[1:] + posts[:1]
    posts[0]["date"] = None
    return posts


def newest(posts):
    """Return the slugs of posts, the newest first; of one day, the later one."""
    days = [(post["date"] or datetime.date.min, n) for n, post in enumerate(posts)]
    return [posts[n]["slug"] for _, n in sorted(days, reverse=True)]


def listed(response):
    """Return the slugs of the posts that a page links to, in order."""
    found = map(slug_in, links(response.text))
    return [*dict.fromkeys(slug for slug in found if slug)]


def slug_in(address):
    """Return the slug in the address of a post, None for any other address."""
    path = urlsplit(urljoin("http://localhost/", address or "")).path
    return unquote(path.removeprefix("/post/")) if path.startswith("/post/") else None


def rows(kept):
    """Return every row of every table in the folder instance, as dicts."""
    found = []
    for content in kept.values():
        if content.startswith(b"SQLite format 3"):
            with sqlite3.connect(":memory:") as base:
                base.deserialize(content)
                base.row_factory = sqlite3.Row
                master = "SELECT name FROM sqlite_master WHERE type = 'table'"
                for (name,) in base.execute(master).fetchall():
                    found += map(dict, base.execute(f'SELECT * FROM "{name}"'))
    return found


def unique_columns(kept):
    """Return the columns in the folder instance that take no value twice."""
    found = set()
    for content in kept.values():
        if content.startswith(b"SQLite format 3"):
            with sqlite3.connect(":memory:") as base:
                base.deserialize(content)
                indexes = """
                    SELECT i.name FROM sqlite_master t, pragma_index_list(t.name) AS i
                    WHERE t.type = 'table' AND i."unique"
                """
                for (index,) in base.execute(indexes).fetchall():
                    select = "SELECT name FROM pragma_index_info(?)"
                    columns = base.execute(select, [index]).fetchall()
                    found |= {name for (name,) in columns if len(columns) == 1}
    return found


def written(unseen, **changed):
    """Return what a visitor may have typed into the form of /new."""
    post = {key: unseen.word() + HOSTILE for key in ["title", "summary", "body"]}
    return post | {"tags": f"{unseen.word()}, {unseen.word()}"} | changed


def publish(client, unseen, post):
    """Sign in, publish a post, and return the name and the path of the post."""
    name = unseen.name()
    send_form(client, "/auth/login", {"name": name})
    response = send_form(client, "/new", post)
    assert response.status_code in (302, 303), "it should lead to the new post"
    path = urlsplit(urljoin("http://localhost/new", response.location or "")).path
    assert path.startswith("/post/"), "it should lead to the new post"
    return name, path


def api(
    client, method, path, sent, codes, rule="the post is there, and so is the token"
):
    """Send what a program would; return the answer, which has one of the codes."""
    response = client.open(path, method=method, json=sent, headers=BEARER)
    assert response.status_code in codes, rule
    return response

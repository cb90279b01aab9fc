"""Lesson 17, Blog: is it in order, easy to link, to read by program, and whole?"""

import re
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

import pytest

from checks.pages import crawl, link_to, links, seen, texts

ATOM = "{http://www.w3.org/2005/Atom}"
PARTS = ["title", "id", "updated"]
# A moment as Atom writes it: 2026-02-03T00:00:00Z, and the zone may be +01:00.
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"


@pytest.mark.step(1)
@pytest.mark.parametrize(
    ("address", "count"), [("/", 4), ("/author/Ada", 4), ("/search?tag=tea", 2)]
)
def test_the_newest_post_comes_first(make_app, unseen, address, count):
    posts = newest_first(unseen)
    for post in posts:
        post |= {"author": "Ada", "tags": ["tea"]}
    shown = titles(blog(make_app, posts).get(address), posts)
    day = {post["title"]: str(post["date"] or "no date") for post in posts}
    days, wanted = [day[title] for title in shown], [*day.values()]
    rule = "the newest should come first, and one without a date last"
    assert days[:count] == wanted[:count], rule


@pytest.mark.step(1)
def test_a_post_that_was_just_published_comes_first(make_app, unseen):
    posts, title = newest_first(unseen), unseen.word()
    client = blog(make_app, posts)
    client.post("/new", data={"title": title, "body": unseen.word()})
    shown = titles(client.get("/"), [*posts, {"title": title}])
    assert shown[:1] == [title], "it has the date of today, so it should come first"


@pytest.mark.step(1)
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_post_leads_to_its_older_and_its_newer_neighbour(make_app, unseen, place):
    posts = newest_first(unseen)
    client = blog(make_app, posts)
    newer, title, older = [None, *[post["title"] for post in posts], None][place:][:3]
    response = client.get(link_on(client, "/", title))
    assert response.status_code == 200
    wanted = [f"Older: {older}"] * bool(older) + [f"Newer: {newer}"] * bool(newer)
    said = [text for text in texts(response.text, "a") if re.match("Older|Newer", text)]
    rule = f"this is post {place + 1} of {len(posts)}, counted from the newest"
    assert sorted(said) == sorted(wanted), rule
    for text in said:
        there = client.get(local(link_to(response.text, text)))
        assert there.status_code == 200, f"the link {text!r} should lead to that post"
        assert text.partition(": ")[2] in seen(there)


@pytest.mark.step(2)
def test_a_post_has_an_address_of_words(make_app, unseen):
    posts = newest_first(unseen)
    response = blog(make_app, posts).get(f"/post/{posts[1]['slug']}")
    assert response.status_code == 200
    assert posts[1]["body"] in seen(response)


@pytest.mark.step(2)
@pytest.mark.parametrize("prefix", ["", "/blog"])
def test_an_old_number_leads_there_for_good(make_app, unseen, prefix):
    posts, base = newest_first(unseen), f"http://localhost{prefix}"
    response = blog(make_app, posts).get(f"/post/{posts[2]['id']}", base_url=base)
    assert response.status_code in (301, 308)
    rule = f"mounted under {prefix or '/'}, it should lead to the post's slug"
    page = urljoin(f"{base}/post/", response.location or "")
    assert urlsplit(page).path == f"{prefix}/post/{posts[2]['slug']}", rule


@pytest.mark.step(2)
@pytest.mark.parametrize("address", ["/post/no-such-post", "/post/1234567"])
def test_an_unknown_post_gets_your_404(make_app, unseen, address):
    response = blog(make_app, newest_first(unseen)).get(address)
    assert response.status_code == 404
    assert links(response.text), "it should be your page for 404, with its navigation"


@pytest.mark.step(2)
@pytest.mark.parametrize("address", ["/", "/sitemap.txt", "/latest"])
def test_links_lead_to_slugs_without_a_detour(make_app, unseen, address):
    posts = newest_first(unseen)
    response = blog(make_app, posts).get(address)
    linked = [response.location or "", *links(response.text), *response.text.split()]
    found = {path for link in linked if (path := local(link)).startswith("/post/")}
    wanted = {f"/post/{post['slug']}" for post in posts}
    assert found, "no address of a post is there"
    others = " and ".join(sorted(found - wanted))
    assert not others, f"each address of a post should have its slug, and not {others}"


@pytest.mark.step(2)
def test_who_publishes_is_led_to_the_slug(make_app, unseen):
    client = blog(make_app, newest_first(unseen))
    words = [unseen.word(), unseen.word()]
    post = {"title": " ".join(words).title(), "body": unseen.word()}
    response = client.post("/new", data=post)
    assert response.status_code in (302, 303)
    page = local(response.location)
    assert page == f"/post/{'-'.join(words)}", "it should lead straight to the slug"
    assert post["body"] in seen(client.get(page))


@pytest.mark.step(2)
def test_the_newsletter_prints_slugs(cli, unseen):
    posts = newest_first(unseen)
    newsletter = cli("python", "newsletter.py", posts=posts)
    assert newsletter.exit_code == 0, "the newsletter should run to its end"
    for post in posts:
        assert f"https://blog.example/post/{post['slug']}" in newsletter.stdout


@pytest.mark.step(3)
def test_a_tag_has_a_page_with_its_posts_and_no_others(make_app, unseen):
    posts, tag = newest_first(unseen), unseen.word()
    for post in posts:
        post["tags"] = [unseen.word(), tag]
    posts[1]["tags"] = [f"{tag}s"]
    posts[1]["title"] += f" about {tag}"
    client = blog(make_app, posts)
    response = client.get(f"/tag/{tag}")
    assert response.status_code == 200
    wanted = [post["title"] for post in posts if tag in post["tags"]]
    rule = f"all posts with the tag {tag!r}, the newest first, and no others"
    assert titles(response, posts) == wanted, rule


@pytest.mark.step(3)
@pytest.mark.parametrize("there", [False, True])
def test_an_unknown_tag_is_404(make_app, unseen, there):
    posts = newest_first(unseen)
    part = posts[0]["tags"][0][:-1] if there else unseen.word()
    response = blog(make_app, posts).get(f"/tag/{part}")
    assert response.status_code == 404
    assert links(response.text), "it should be your page for 404, with its navigation"


@pytest.mark.step(3)
@pytest.mark.parametrize("tag", ["salt & {}", "{}/milk", "why {}?", '<b>5% "{}"'])
def test_a_post_links_to_the_pages_of_its_tags(make_app, unseen, tag):
    posts, tag = newest_first(unseen), tag.format(unseen.word())
    posts[1]["tags"] = [unseen.word(), tag]
    client = blog(make_app, posts)
    link = link_on(client, link_on(client, "/", posts[1]["title"]), tag)
    assert unquote(urlsplit(link).path) == f"/tag/{tag}", f"the link leads to {link}"
    response = client.get(link)
    assert response.status_code == 200, f"the page of the tag {tag!r} should answer"
    assert titles(response, posts) == [posts[1]["title"]]
    assert "<b>5%" not in response.text, "a tag that looks like HTML should stay text"


@pytest.mark.step(4)
@pytest.mark.parametrize("base", ["http://localhost", "https://{}.example/blog"])
def test_the_feed_has_an_entry_for_every_post_with_a_date(make_app, unseen, base):
    posts, base = newest_first(unseen), base.format(unseen.word())
    client, dated = blog(make_app, posts), posts[:3]
    feed = feed_of(client.get("/feed.xml", base_url=base))
    entries = [e for e in feed.findall(f"{ATOM}entry") if text_of(e, "updated")]
    found = [text_of(entry, "title") for entry in entries][:3]
    wanted = [post["title"] for post in dated]
    assert found == wanted, "one entry for each, newest first"
    for entry, post in zip(entries, dated, strict=False):
        assert text_of(entry, "updated").startswith(post["date"].isoformat())
        author = text_of(entry, "author", "name")
        assert author == post["author"], "<author><name> should say who wrote it"
        hrefs = [each.get("href", "") for each in entry.findall(f"{ATOM}link")]
        link = next((href for href in hrefs if href.startswith(f"{base}/")), None)
        rule = f"asked at {base}, an entry should link its post there"
        assert link, f"{rule}; got {hrefs}"
        page = client.get(link.removeprefix(base), base_url=base)
        assert post["body"] in seen(page), f"the link {link} should lead to the post"


@pytest.mark.step(4)
@pytest.mark.parametrize("count", [0, 1, 4])
def test_a_feed_of_any_length_is_a_feed(make_app, unseen, count):
    """The feed of no post, of one without a date, of four: each can be read."""
    feed = feed_of(blog(make_app, newest_first(unseen)[4 - count :]).get("/feed.xml"))
    entries = feed.findall(f"{ATOM}entry")
    for part in [feed, *entries]:
        where, moment = part.tag.removeprefix(ATOM), text_of(part, "updated")
        missing = [name for name in PARTS if not text_of(part, name)]
        assert not missing, f"the {where} lacks {' and '.join(missing)}"
        rule = f"updated is a date, a time and a zone; the {where} has {moment!r}"
        assert re.fullmatch(MOMENT, moment), rule
    ids = [text_of(entry, "id") for entry in entries]
    assert len(set(ids)) == len(ids), "no two entries should have the same id"


@pytest.mark.step(5)
@pytest.mark.parametrize("prefix", ["", "/blog"])
def test_a_crawl_reaches_all_and_finds_no_dead_link(make_app, unseen, prefix):
    """From the home page, links lead to the feed and to every tag, and none is dead."""
    posts = newest_first(unseen)
    posts[2]["tags"] = [f"{unseen.word()} & b/c", "why?"]
    found = crawl(blog(make_app, posts), prefix=prefix)
    dead = [unquote(address) for address, status in found.items() if status >= 400]
    where = f"mounted under {prefix or '/'}"
    assert not dead, f"{where}, links lead to {' and '.join(dead)}: nothing answers"
    paths = {unquote(urlsplit(address).path) for address in found}
    tags = [f"{prefix}/tag/{tag}" for post in posts for tag in post["tags"]]
    missed = [path for path in [f"{prefix}/feed.xml", *tags] if path not in paths]
    assert not missed, f"{where}, no link leads to {' and '.join(missed)}"


def newest_first(unseen):
    """Return four posts, the newest first, the last one without a date."""
    posts = unseen.posts(4)[::-1]
    posts[3]["date"] = None
    posts[1]["title"] += ' & "<b>'
    return posts


def blog(make_app, posts):
    """Return a client of a blog that stores these posts in another order."""
    return make_app(posts=[*posts[2:], *posts[:2]]).test_client()


def titles(response, posts):
    """Return the titles that a page links, in its order."""
    assert response.status_code == 200
    known = [post["title"] for post in posts]
    return [text for text in texts(response.text, "a") if text in known]


def link_on(client, address, text):
    """Return where the link with this text leads, which the page must have."""
    response = client.get(address)
    link, words = link_to(response.text, text), ", ".join(texts(response.text, "a"))
    assert link, f"no link on the page says {text!r}; its links say: {words}"
    return local(link)


def local(link):
    """Return the path that a link leads to, as it stands in the address."""
    return urlsplit(urljoin("http://localhost/", link or "")).path


def feed_of(response):
    """Return the Atom feed of a response, which must be one that can be read."""
    assert response.status_code == 200
    rule = "the Content-Type says what it is: an Atom feed"
    assert response.mimetype == "application/atom+xml", rule
    try:
        feed = ElementTree.fromstring(response.data)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        pytest.fail(f"no program can read this as XML: {error}")
    assert feed.tag == f"{ATOM}feed", "feed is outermost, in the xmlns of Atom"
    return feed


def text_of(element, *path):
    """Return the text of an element inside another one, empty without it."""
    return (element.findtext("/".join(ATOM + name for name in path)) or "").strip()

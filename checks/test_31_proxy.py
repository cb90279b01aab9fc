"""Lesson 31, The proxy: does the blog stand behind nginx, and believe nobody else?"""

import re
from io import BytesIO
from urllib.parse import urljoin, urlsplit

import pytest

from checks.pages import cookie, fields, parse

SECRETS = {"SECRET_KEY": "for the checks", "API_TOKEN": "for the checks"}
SETTINGS = {"DATABASE_URL": "sqlite:///blog.db", "PROXIES": "1", "LOG_LEVEL": "INFO"}
SITE = "https://localhost:8443"
STYLE = "/blog/static/css/style.css"
FORGED = "203.0.113.9"  # nobody has it: it is for examples
REACHED = range(200, 400)
KEPT = (200, 201, 302, 303)
LIMIT = 4 * 1024 * 1024  # bytes, as MAX_CONTENT_LENGTH


@pytest.fixture
def pair(make_blog, instance, server, nginx, unseen):
    """Start gunicorn for a blog with posts, and nginx in front of it; return both."""

    def start():
        make_blog(posts=unseen.posts(2))
        tables = instance()
        behind = server("gunicorn", env={**SECRETS, **SETTINGS}, instance=tables)
        return nginx(behind), behind

    return start


@pytest.mark.step(1)
def test_one_proxy_is_believed(make_blog, unseen):
    """With PROXIES=1 a link has the host, the prefix and the scheme a proxy tells."""
    host, prefix = f"{unseen.word()}.example", f"/{unseen.word()}"
    posts, env = unseen.posts(1), {"PROXIES": "1", "TRUSTED_HOSTS": f"localhost,{host}"}
    client = make_blog(env=env, posts=posts).test_client()
    page = client.get("/sitemap.txt", headers=told(host, prefix))
    rule = f"X-Forwarded-Host: {host}, -Prefix: {prefix} and -Proto: https came"
    link = f"https://{host}{prefix}/post/{posts[0]['slug']}"
    assert page.text.strip() == link, rule


@pytest.mark.step(1)
@pytest.mark.parametrize(
    ("proxies", "last"), [("1", -1), ("2", -2), ("0", None), (None, None)]
)
def test_as_many_as_there_are_and_no_more(make_app, unseen, proxies, last):
    """PROXIES says how many values count, from the end; 0 is none, and the default."""
    sent = [f"198.51.100.{unseen.number(1, 250)}" for _ in range(3)]
    env = {"PROXIES": proxies} if proxies else {}
    client = make_app(env=env, config={"DEBUG": True}).test_client()
    headers, proxy = {"X-Forwarded-For": ", ".join(sent)}, {"REMOTE_ADDR": "127.0.0.1"}
    page = client.get("/debug-request", headers=headers, environ_base=proxy)
    wanted = sent[last] if last else "127.0.0.1"
    how = f"PROXIES={proxies}" if proxies else "PROXIES is set nowhere"
    rule = f"{how}, and X-Forwarded-For: {headers['X-Forwarded-For']} came"
    assert page.status_code == 200
    assert page.json["remote_addr"] == wanted, f"remote_addr: {rule}"


@pytest.mark.step(1)
def test_without_proxies_nobody_is_believed(make_app, unseen):
    client = make_app(config={"DEBUG": True}).test_client()
    headers = told("localhost:4321", f"/{unseen.word()}")
    page = client.get("/debug-request", headers=headers)
    assert page.status_code == 200
    rule = (
        "PROXIES is set nowhere: a visitor sends what he likes, and it counts nothing"
    )
    assert page.json["url"] == "http://localhost/debug-request", rule


@pytest.mark.step(1)
def test_a_host_that_a_proxy_tells_must_be_trusted_too(make_app, unseen):
    trusted, other = f"{unseen.word()}.example", f"{unseen.word()}.example"
    env = {"PROXIES": "1", "TRUSTED_HOSTS": f"localhost,{trusted}"}
    client = make_app(env=env).test_client()
    for host, status in [(trusted, 200), (other, 400)]:
        page = client.get("/about", headers=told(host, "/blog"))
        rule = (
            f"TRUSTED_HOSTS={env['TRUSTED_HOSTS']}, and X-Forwarded-Host: {host} came"
        )
        assert page.status_code == status, rule


@pytest.mark.step(2)
def test_host_and_address_are_the_visitors(pair, unseen):
    """Links have the host that was asked, the log has the address that it came from."""
    front, behind = pair()
    for sent in [{}, {"X-Forwarded-Host": f"{unseen.word()}.example"}]:
        page = front.get("/blog/sitemap.txt", headers=sent)
        came = ", ".join(f"{name}: {sent[name]} was sent" for name in sent)
        assert page.status_code == 200, came or "the blog trusts localhost"
        link = urlsplit(page.text.split()[0])
        host = link.netloc[: len("localhost:8443")]  # a prefix is step 3's affair
        assert host == "localhost:8443", came or "it was asked for by that name"
    word = unseen.word()
    page = front.get(f"/blog/author/{word}", headers={"X-Forwarded-For": FORGED})
    assert page.status_code == 200
    behind.stop()  # all is written by now
    printed = behind.output.splitlines()
    line = next((line for line in printed if f"GET /author/{word} " in line), "none")
    rule = (
        f"came from {front.visitor}, with X-Forwarded-For: {FORGED}; the line: {line}"
    )
    came = f" {front.visitor} " in line and FORGED not in line
    assert came, rule


@pytest.mark.step(3)
def test_nothing_leads_out_of_the_prefix(pair, unseen):
    """From /blog/, every link, form and redirect stays below /blog/ and answers."""
    front, behind = pair()
    sent = f"/{unseen.word()}"
    page = front.get("/blog/", headers={"X-Forwarded-Prefix": sent})
    assert page.status_code == 200
    for address, _ in leads(page, "/blog/"):
        rule = f"/blog/ leads to {address}, and X-Forwarded-Prefix: {sent} was sent"
        assert address.startswith("/blog/"), rule
    known = walk(front, "/blog/", set())
    enter(front, unseen)
    walk(front, "/blog/about", known - {"/blog/about"})  # a page as a member sees it


@pytest.mark.step(4)
def test_static_files_are_nginxs(pair):
    """Static files come also while gunicorn is stopped; a page is then a 502."""
    front, behind = pair()
    page = front.get(STYLE)
    assert page.status_code == 200
    behind.stop()
    rule = "gunicorn is stopped, and nginx has the file itself"
    style = front.get(STYLE)
    assert style.status_code == 200, rule
    assert style.content_type.startswith("text/css"), "a browser takes no other"
    sniff = style.headers.get("X-Content-Type-Options", "nothing")
    assert sniff == "nosniff", "X-Content-Type-Options of a file that nginx sends"
    rule = (
        "nginx gave away blog/config.py, and only what lies in blog/static is for "
        "everybody: do location and alias both end with a slash?"
    )
    assert front.get("/blog/static../config.py").status_code not in REACHED, rule
    assert front.get("/blog/about").status_code == 502, "gunicorn is stopped"


@pytest.mark.step(5)
def test_the_blog_knows_that_it_is_https(pair, unseen):
    """Links, redirects, cookies and forms are for https, whatever a visitor sends."""
    front, behind = pair()
    for sent in [{}, {"X-Forwarded-Proto": "http"}]:
        came = ", and X-Forwarded-Proto: http was sent" if sent else ""
        page = front.get("/blog/sitemap.txt", headers=sent)
        assert page.status_code == 200
        scheme = page.text.partition(":")[0]
        assert scheme == "https", f"an absolute link; it was asked over https{came}"
        page = front.get("/blog/authors", headers=sent)
        to = urljoin(f"{SITE}/blog/authors", page.location or "nowhere")
        assert to == f"{SITE}/blog/authors/", f"the slash is added over https{came}"
    page = front.get("/blog/auth/login")
    assert "secure" in cookie(page, "session"), "the cookie session should be Secure"
    assert "Strict-Transport-Security" in page.headers
    data = {"name": unseen.name()}
    page = send(front, "/blog/contact", data, referer=f"{SITE}/blog/contact")
    assert page.status_code == 200, f"the form came from {SITE}/blog/contact"
    page = send(front, "/blog/contact", data, referer="https://shop.example/")
    rule = "the form came from https://shop.example/, and Flask-WTF looks at that"
    assert page.status_code in (400, 403), rule


@pytest.mark.step(6)
def test_nginx_takes_what_the_blog_takes(pair):
    """Nearly 4 MiB are kept; more than that is a 413 before the blog sees it."""
    front, behind = pair()
    page = send(front, "/blog/upload", picture(LIMIT - 2000))
    rule = f"an upload of {LIMIT - 2000} bytes is less than 4 MiB"
    assert page.status_code in KEPT, rule
    page = send(front, "/blog/upload", picture(LIMIT + 1000))
    rule = f"{LIMIT + 1000} bytes are too many: nginx refuses what the blog would"
    assert page.status_code == 413, rule
    behind.stop()
    came = len(re.findall(r'"POST \S*/upload HTTP', behind.output))
    rule = "so many uploads came to gunicorn: nginx refuses what the blog would"
    assert came == 1, rule


@pytest.mark.step(6)
def test_the_blog_has_the_limit_itself(make_blog):
    client = make_blog().test_client()
    token = fields(client.get("/upload").text).get("csrf_token")
    for more, status in [(-2000, KEPT), (1000, [413])]:
        data = {**picture(LIMIT + more), "csrf_token": token}
        page = client.post("/upload", data=data)
        rule = f"{LIMIT + more} bytes came, without nginx; 4 MiB is the limit"
        assert page.status_code in status, rule


def told(host, prefix):
    """Return what a proxy tells of a visitor."""
    names = {"For": FORGED, "Host": host, "Prefix": prefix, "Proto": "https"}
    return {f"X-Forwarded-{name}": value for name, value in names.items()}


def picture(size):
    """Return a form with a picture of this size."""
    return {"picture": (BytesIO(bytes(size)), "tea.png")}


def send(front, path, data, referer=None):
    """Open a page and send its form, with token and Referer, as a browser does."""
    token = fields(front.get(path).text).get("csrf_token")
    headers = {"Referer": referer or SITE + path}
    data = {**data, "csrf_token": token or ""}
    return front.post(path, data=data, headers=headers)


def enter(front, unseen):
    """Register, and sign in where /new leads to; each redirect stays inside."""
    who = {"name": unseen.name(), "password": "tea at four"}
    page = send(front, "/blog/auth/register", who)
    assert_inside(page, "/blog/auth/register")
    page = front.get("/blog/new")
    form = assert_inside(page, "/blog/new")
    page = send(front, form, who)
    assert_inside(page, form)


def assert_inside(page, path):
    """Assert that a page redirects to an address below /blog/, and return that."""
    to = urljoin(SITE + path, page.location or "nowhere")
    local = urlsplit(to)
    assert page.status_code in (301, 302, 303, 307, 308), f"{path} leads on"
    assert local.path.startswith("/blog/"), f"{path} redirects to {to}"
    return local.path + (f"?{local.query}" if local.query else "")


def walk(front, start, known):
    """Follow links, forms and redirects from a page, but for what is known already.

    Asserts that each address is below /blog/, and answers if it does not take only a
    POST; returns those that were pages.
    """
    seen, pages, waiting = set(known), set(known), [("the browser", start, False)]
    while waiting:
        page, address, posted = waiting.pop()
        if address in seen:
            continue
        seen.add(address)
        rule = f"{page} leads to {address}"
        assert address.startswith("/blog/"), f"{rule}: that is not below /blog/"
        if posted:
            continue
        response = front.get(address)
        assert response.status_code in REACHED, f"{rule}, which should answer"
        pages |= {address} if response.status_code == 200 else set()
        waiting += [(address, *to) for to in leads(response, address)]
    return pages


def leads(response, address):
    """Return where a page leads to, on this site, and whether by a form that posts."""
    found = [(response.location, False)] if response.location else []
    for each in (
        parse(response.text).elements if response.mimetype == "text/html" else []
    ):
        attrs = each["attrs"]
        posts = (attrs.get("method") or "").lower() == "post"
        for name in ("href", "src", "action"):
            found += [(attrs[name], posts)] if attrs.get(name) else []
    for link, posts in found:
        parts = urlsplit(urljoin(SITE + address, link))
        if parts.netloc == "localhost:8443":
            yield parts.path + (f"?{parts.query}" if parts.query else ""), posts

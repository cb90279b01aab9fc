"""Lesson 28, Hardening: is the blog safe against strangers, and open to visitors?"""

import re
from urllib.parse import urljoin, urlsplit

import pytest

from checks.pages import beside, cookie, fields, parse, seen, send_form

HEADERS = {
    "X-Content-Type-Options": ["nosniff"],
    "X-Frame-Options": ["DENY", "deny"],
    "Referrer-Policy": [
        "same-origin",
        "strict-origin-when-cross-origin",
        "strict-origin",
    ],
}
ANSWERS = {
    "/about": ("a page", [200]),
    "/static/css/style.css": ("a static file", [200]),
    "/api/posts": ("an answer of the API", [200]),
    "/home": ("a redirect", [301, 308]),
    "/nope": ("a 404", [404]),
    "/api/nope": ("a 404 of the API", [404]),
}
WITHIN = re.compile(r"'unsafe-\w+'|.*\*|\w+:|https?:/*")  # more than this site's own
HSTS = "Strict-Transport-Security"
PASSWORD = "tea at four"
PAYLOAD, PRODUCT = '"><img onerror=x>{{ 7*1091 }}', "7637"
NO_LINKS = [
    *("javascript:alert(1)", "  JavaScript:alert(1)", "javascript://tea.example/%0aalert(1)"),
    *("data:text/html,tea", "//tea.example/", "tea.example", "http", "https://"),
    *("httpx://tea.example/", "/about?q=https://tea.example"),
]  # fmt: skip


@pytest.fixture
def app(make_blog):
    return make_blog()


@pytest.mark.step(1)
@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_has_the_three_headers(client, path):
    response = client.get(path)
    kind, statuses = ANSWERS[path]
    assert_headers(response, kind)
    assert response.status_code in statuses, f"this is {kind}, as it was before"
    rule = "nosniff holds a browser to the Content-Type, and this answer has lost it"
    assert response.content_type, rule


@pytest.mark.step(1)
def test_a_crash_has_them_too(make_blog, unseen):
    """Also the page for a crash has the three headers."""
    crash = f"/{unseen.word()}"
    assert_headers(make_blog(crash=crash).test_client().get(crash), "a crash")


@pytest.mark.step(1)
def test_a_form_that_is_refused_has_them_too(client, unseen):
    response = client.post("/contact", data={"name": unseen.name()})
    assert_headers(response, "a form without its token")


@pytest.mark.step(2)
@pytest.mark.parametrize("path", ["/about", "/nope", "/auth/login"])
def test_a_page_has_a_policy_for_scripts(client, path):
    policy = policy_of(client.get(path))
    name = "script-src" if "script-src" in policy else "default-src"
    there = name in policy
    assert there, f"no script-src, no default-src; there are: {', '.join(policy)}"
    own = "'self'" in policy[name]
    rule = f"scripts of this site should run; {name} holds: {' '.join(policy[name])}"
    assert own, f"{rule} (the keyword 'self' has its quotes in the header)"
    nothing = policy.get("object-src", policy.get("default-src")) == ["'none'"]
    assert nothing, "object-src should be 'none', or default-src is"
    nothing = policy.get("base-uri") == ["'none'"]
    assert nothing, "base-uri should be 'none'; default-src does not stand in for it"


@pytest.mark.step(2)
def test_the_policy_has_no_hole_and_closes_nothing_of_ours(client):
    policy = policy_of(client.get("/about"))
    for name in ["script-src", "style-src", "img-src", "form-action"]:
        default = None if name == "form-action" else policy.get("default-src")
        sources = policy.get(name, default or ["'self'"])
        wide = [each for each in sources if WITHIN.fullmatch(each)]
        closed = name == "img-src" or not wide
        assert closed, f"{name} lets too much in: {' '.join(wide)}"
        own = "'self'" in sources
        rule = f"your pages need what comes from your site; {name} holds:"
        assert own, f"{rule} {' '.join(sources) or 'nothing'}"


@pytest.mark.step(2)
def test_no_page_has_a_script_of_its_own(client, unseen):
    """Scripts and styles come from files; a page has none between its tags."""
    name = signed_in(client, unseen)
    post = published(client, unseen)
    pages = ["/", "/new", "/auth/profile", "/upload", "/contact", "/search", "/nope"]
    for path in [*pages, post, f"{post}/edit", f"/author/{name}"]:
        found = inline(client.get(path))
        assert not found, f"the policy stops this, and it is on {path}: {found[0]}"


@pytest.mark.step(2)
def test_the_counter_comes_from_a_file(client, unseen):
    """The page of /new still counts: one of its files of static/ does it."""
    signed_in(client, unseen)
    page = client.get("/new")
    assert page.status_code == 200
    scripts = [each for each in parse(page.text).elements if each["tag"] == "script"]
    code = {}
    for each in scripts:
        source = each["attrs"].get("src")
        if source:
            response = client.get(urljoin("/new", source))
            assert response.status_code == 200, f"/new loads {source}: is it there?"
            code[source] = response.text
    counts = [source for source, text in code.items() if "count" in text]
    assert counts, f"no script of /new counts; it loads: {', '.join(code) or 'none'}"
    bare = not re.match(r"\s*<", code[counts[0]])
    assert bare, f"{counts[0]} begins with a tag: a file of JavaScript has none"


@pytest.mark.step(3)
@pytest.mark.parametrize("path", ANSWERS)
def test_another_host_is_refused(app, unseen, path):
    host = f"{unseen.word()}.example"
    response = app.test_client().get(path, base_url=f"http://{host}")
    rule = f"Host: {host} is not the name of this blog: refuse it, with 400"
    assert response.status_code == 400, f"{rule}; {trusted(app)}"


@pytest.mark.step(3)
@pytest.mark.parametrize(
    ("place", "said"),
    [("set nowhere", None), ("in .env, and it is empty", {"TRUSTED_HOSTS": ""})],
)
def test_your_own_machine_is_trusted(make_blog, unseen, place, said):
    """Where TRUSTED_HOSTS is set nowhere, or empty, it is localhost and 127.0.0.1."""
    app = make_blog(dotenv=said)
    client = app.test_client()
    for host in ["localhost", "localhost:5050", "127.0.0.1", "127.0.0.1:5000"]:
        response = client.get("/about", base_url=f"http://{host}")
        rule = f"TRUSTED_HOSTS is {place}: {host} is your own machine"
        assert response.status_code == 200, f"{rule}; {trusted(app)}"
    response = client.get("/about", base_url=f"http://{unseen.word()}.example")
    rule = f"TRUSTED_HOSTS is {place}: all other hosts are refused"
    assert response.status_code == 400, f"{rule}; {trusted(app)}"


@pytest.mark.step(3)
def test_hosts_come_from_the_environment(make_app, unseen):
    first, second, third = [f"{unseen.word()}.example" for _ in range(3)]
    hosts = f"{first},{second}"
    app = make_app(env={"TRUSTED_HOSTS": hosts})
    for host, status in [(first, 200), (second, 200), (third, 400)]:
        response = app.test_client().get("/about", base_url=f"http://{host}")
        rule = f"TRUSTED_HOSTS={hosts} in the environment, and Host: {host} came"
        assert response.status_code == status, f"{rule}; {trusted(app)}"


@pytest.mark.step(4)
def test_a_home_page_is_a_page_of_the_web(client, unseen):
    """What is no address of a web page is refused beside the field, and not kept."""
    name = signed_in(client, unseen)
    kept = f"https://{unseen.word()}.example/"
    send_form(client, "/auth/profile", {"homepage": kept})
    page = client.get("/auth/profile").text
    asked, token = beside(page).get("homepage"), fields(page).get("csrf_token")
    for link in NO_LINKS:
        data = {"homepage": link, "csrf_token": token}
        response = client.post("/auth/profile", data=data)
        rule = f"{link!r} is no http:// or https:// with a host: refuse it"
        assert response.status_code in (400, 422), rule
        told = beside(response.text).get("homepage", asked)
        assert told != asked, f"{link!r} was refused: a message stands after its field"
    rule = f"{NO_LINKS[-1]!r} and others were refused: what was kept before stays"
    assert kept in hrefs(client.get(f"/author/{name}")), rule
    response = client.post("/auth/profile", data={**data, "homepage": "http://["})
    rule = "whatever is typed, it is taken or refused, and nothing crashes"
    assert response.status_code < 500, rule


@pytest.mark.step(4)
def test_a_home_page_is_linked_as_it_was_typed(client, unseen):
    """A web page is kept, and the author's page links to it; & and quotes stay text."""
    name = signed_in(client, unseen)
    for scheme in ["http", "https"]:
        link = f"{scheme}://{unseen.word()}.example/?a=1&b=%22&c='\"><b>"
        response = send_form(client, "/auth/profile", {"homepage": link})
        rule = f"{link} is a page of the web: keep it"
        assert response.status_code in (302, 303), rule
        page = client.get(f"/author/{name}")
        assert "<b>" not in page.text, (
            "the browser reads what was typed as HTML of yours"
        )
        assert link in hrefs(page), f"the page of {name} should link to it"


@pytest.mark.step(4)
def test_nothing_typed_becomes_html(client, unseen):
    """What is typed into any form is text on every page, also where it is refused."""
    name = signed_in(client, unseen, f"{PAYLOAD}{unseen.number()}")
    forms = {
        "/contact": ["name", "email"],
        "/auth/login": ["name"],
        "/auth/register": ["name"],
        "/auth/profile": ["homepage"],
        "/new": ["title", "summary", "tags", "body"],
    }
    for path, names in forms.items():
        assert_text(send_form(client, path, dict.fromkeys(names, PAYLOAD)))
    post = published(client, unseen, PAYLOAD)
    pages = ["/", "/authors/", "/feed.xml", post, f"{post}/edit", f"/author/{name}"]
    for path in [*pages, f"/search?q={PAYLOAD}"]:
        assert_text(client.get(path))


@pytest.mark.step(5)
def test_production_is_only_over_https(make_blog, unseen):
    """In production both cookies are Secure, and every answer says so by its header."""
    app = make_blog(env=production(unseen))
    client = app.test_client()
    switch = f"SESSION_COOKIE_SECURE is {app.config['SESSION_COOKIE_SECURE']!r}"
    for path, name in [("/", "visited"), ("/auth/login", "session")]:
        flags = cookie(client.get(path, base_url="https://localhost"), name)
        safe = {"secure", "httponly"} <= {*flags} and flags.get("samesite") == "Lax"
        held = ", ".join(flag for flag in flags if flag not in ("value", "path"))
        rule = f"the cookie {name} should have Secure, HttpOnly and SameSite=Lax"
        assert safe, f"{rule}; it has: {held or 'nothing'} ({switch})"
    for path in ["/", "/nope", "/static/css/style.css"]:
        response = client.get(path, base_url="https://localhost")
        value = response.headers.get(HSTS, "nothing")
        found = re.search(r"(?i)(?:^|;)\s*max-age=\"?(\d+)", value)
        rule = f"{HSTS} should hold max-age= and seconds; got {value}"
        assert found and int(found[1]) > 0, rule


@pytest.mark.step(5)
def test_members_come_in_over_https(make_blog, unseen):
    client = make_blog(env=production(unseen)).test_client()
    name, home = unseen.name(), "https://localhost"
    for path in ["/auth/register", "/auth/login"]:
        data = {"name": name, "password": PASSWORD}
        data |= {
            "csrf_token": fields(client.get(path, base_url=home).text).get("csrf_token")
        }
        headers = {"Referer": f"{home}{path}"}
        response = client.post(path, base_url=home, data=data, headers=headers)
        assert response.status_code in (302, 303), (
            "the form of https://localhost itself"
        )
    assert name in seen(client.get("/", base_url=home)), f"{name} has signed in"


@pytest.mark.step(5)
def test_your_own_machine_has_no_https(client):
    """In development cookies go over http, and nothing asks for https."""
    for path, name in [("/", "visited"), ("/auth/login", "session")]:
        response = client.get(path)
        flags = cookie(response, name)
        assert flags, f"{path} should set the cookie {name}, as before"
        secure, year = "secure" in flags, response.headers.get(HSTS)
        rule = f"development runs on http: a Secure cookie {name} would not come back"
        assert not secure, rule
        rule = f"development runs on http: with {HSTS} a browser would ask for https"
        assert not year, rule


def signed_in(client, unseen, name=None):
    """Register and sign in a member; return the name."""
    name = name or unseen.name()
    for path in ["/auth/register", "/auth/login"]:
        response = send_form(client, path, {"name": name, "password": PASSWORD})
        assert response.status_code in (302, 303), f"{path} should take {name}"
    return name


def published(client, unseen, text=""):
    """Publish a post with this text in every field; return its path."""
    post = {name: f"{text} {unseen.word()}" for name in ("title", "summary", "tags")}
    response = send_form(client, "/new", {**post, "body": f"{text} {unseen.word()}"})
    assert response.status_code in (302, 303), "a member publishes a post"
    return urlsplit(urljoin("/new", response.location or "")).path


def assert_headers(response, kind):
    """Assert that an answer has the three headers."""
    for name, values in HEADERS.items():
        value = response.headers.get(name, "nothing").rpartition(",")[2].strip()
        rule = f"{kind} should have the header {name}, too"
        if value == "no-referrer":
            rule = "no-referrer: over https Flask-WTF takes no form without a Referer"
        assert value in values, rule


def trusted(app):
    """Return what the app's setting holds, in words."""
    hosts = app.config["TRUSTED_HOSTS"]
    also = ", one text and no list" if isinstance(hosts, str) else ""
    also = ", and an empty list trusts everybody" if hosts == [] else also
    return f"app.config['TRUSTED_HOSTS'] is {hosts!r}{also}"


def hrefs(response):
    """Return the addresses that a page links to."""
    found = parse(response.text).elements
    return [each["attrs"].get("href") for each in found if each["tag"] == "a"]


def assert_text(response):
    """Assert that nothing typed has become an element of a page, or was worked out."""
    rule = "the browser reads what was typed as HTML of yours"
    assert "<img onerror" not in response.text, rule
    text = PRODUCT not in seen(response)
    assert text, f"what was typed is text: Jinja has worked it out, to {PRODUCT}"


def policy_of(response):
    """Return the policy of an answer: each directive with its sources."""
    name = "Content-Security-Policy"
    text = response.headers.get(name, "")
    others = [key for key, _ in response.headers if key.startswith(name)]
    came = f"; {others[0]} came" if others else ""
    assert text, f"the page should have the header {name}{came}"
    policy = {}
    for part in text.split(";"):
        directive, *sources = part.split() or [""]
        glued = [each for each in sources if re.search(r".'\w|,", each)]
        assert not glued, (
            f"between two directives stands a semicolon: {' '.join(glued)}"
        )
        policy.setdefault(directive.lower(), sources)  # of two, the first counts
    return {directive: policy[directive] for directive in policy if directive}


def inline(response):
    """Return the code and the styles that stand on a page, and not in a file."""
    found = []
    for each in parse(response.text).elements:
        attrs, tag = each["attrs"], each["tag"]
        data = "json" in (attrs.get("type") or "")
        if tag == "style" or (tag == "script" and not attrs.get("src") and not data):
            found.append(f"<{tag}> with {' '.join(each['text'].split())[:50]!r}")
        code = [name for name in attrs if name == "style" or name.startswith("on")]
        found += [f"<{tag} {name}=…>" for name in code]
        for name in ("href", "src", "action"):
            if (attrs.get(name) or "").strip().lower().startswith("javascript:"):
                found.append(f"<{tag} {name}={attrs[name]!r}>")
    return found


def production(unseen):
    """Return what a server's environment holds."""
    secrets = {"SECRET_KEY": unseen.word(), "API_TOKEN": unseen.word()}
    uri = {"DATABASE_URL": "sqlite:///blog.db", "TRUSTED_HOSTS": "localhost"}
    return {"APP_ENV": "production", **secrets, **uri}

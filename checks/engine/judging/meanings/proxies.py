"""nginx: what it prints when it refuses its file, what its own pages mean, and whom the
app behind it believes."""

import re

from checks.engine.judging.addresses import of_nginx
from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame

ARGUMENTS = "x_for, x_proto, x_host, x_port and x_prefix"


@meaning(r"^AttributeError: 'ProxyFix' object has no attribute '(\w+)'")
def no_flask(match: re.Match, facts: Facts) -> list[str]:
    said = "app is a ProxyFix now, and no Flask: what a server calls is app.wsgi_app"
    return [match.string, *frame(facts), f"{said}, so put it around that alone"]


@meaning(r"^TypeError: ProxyFix\.__init__\(\) got an unexpected keyword argument")
@meaning(r"^TypeError: \S*__init__\(\) got an unexpected keyword argument 'x_")
def no_such_argument(match: re.Match, facts: Facts) -> list[str]:
    return [match.string, *frame(facts), f"ProxyFix has {ARGUMENTS}"]


@meaning(
    r"^TypeError: '(?:<|>|<=|>=)' not supported between instances of '\w+' and 'str'"
)
@meaning(r"^TypeError: bad operand type for unary -: 'str'")
def no_number(match: re.Match, facts: Facts) -> list[str]:
    if not in_a_proxy_fix(facts):
        return []
    said = "ProxyFix counts: its arguments are numbers, and text came"
    return [match.string, *frame(facts), said]


@meaning(r"^RecursionError: ")
def around_itself(match: re.Match, facts: Facts) -> list[str]:
    """An app whose wsgi_app leads back to the app."""
    if not in_a_proxy_fix(facts):
        return []
    said = "the app calls itself, over and over: a server calls app, app calls"
    return [
        "RecursionError, before a view was asked",
        *frame(facts),
        f"{said} app.wsgi_app, and app.wsgi_app is what stands inside the ProxyFix",
    ]


ENDS = "each line of a directive ends in ; here, or one of those above"


def in_a_proxy_fix(facts: Facts) -> bool:
    """Has a request come to no line of the learner's, where a ProxyFix may stand?"""
    told = facts.get("crash") or {}
    behind = "nginx.conf" in (facts.get("files") or [])
    return behind and not told.get("frames") and not told.get("view")


# What nginx prints before it ends, and what is behind that.
REFUSALS = [
    (
        r'unknown directive "\w*\(',
        "a directive has no brackets: NAME VALUE; with blanks",
    ),
    (
        r'unknown directive "[A-Z_]+"',
        "that name is the app's: nginx has another for it",
    ),
    (r"unknown directive", "nginx knows no directive of that name: is a letter wrong?"),
    (
        r'invalid number of arguments in "proxy_set_header"',
        f"it takes a name and one value; {ENDS}",
    ),
    (r"invalid number of arguments", f"blanks part its values, no = is there; {ENDS}"),
    (r'unexpected "}"|is not terminated by', ENDS),
    (r"unexpected end of file", 'a { has no }, or a " has no second one'),
    (r'has no opening "{"', "a block begins with { behind its name"),
    (r"is outside location", "the block above it is not closed: its } is missing"),
    (
        r'"client_max_body_size" directive invalid',
        "a size is a number, or one with k, m",
    ),
    (
        r"host not found in upstream",
        "proxy_pass names an upstream of this file, or a host that there is",
    ),
    (r"invalid URL prefix", "proxy_pass begins with http://"),
    (
        r'unknown "\w+" variable',
        "nginx has no variable of that name: is a letter wrong?",
    ),
    (r"directive is duplicate|duplicate location", "it stands there twice"),
    (r"directive was specified earlier", "root and alias exclude each other"),
    (
        r"is not allowed here",
        "it belongs into another block: server { } or location { }",
    ),
    (
        r"cannot load certificate",
        "the check has made instance/key.pem and instance/cert.pem: these names stay",
    ),
    (r"Address already in use", "another nginx listens there: end it first"),
]


def refused(facts: Facts) -> list[str]:
    """Return what an nginx that ended has printed: its line of nginx.conf, and why."""
    output = str((facts.get("command") or {}).get("output"))
    found = re.search(r"\[emerg\] [\d#]*:? ?(.+)", output)
    if not found:
        return []
    told, place, line = found[1].partition(" in /")
    where = re.search(r"(nginx\.conf:\d+)$", line)
    told = re.sub(r'"/\S*?/(instance/[\w.-]+)".*', r'"\1"', told)
    lines = [f"{facts.get('lesson')}/{where[1]}   {told}" if where else told]
    return [*lines, *[said for what, said in REFUSALS if re.search(what, told)][:1]]


# What a page of nginx's own says, by its status and its words.
OWN = [
    (
        "400",
        "plain HTTP request",
        "http:// came to a port for https://, by a link or a redirect",
    ),
    (
        "403",
        "",
        "nginx found a folder, or may not read the file: which one does alias name?",
    ),
    (
        "404",
        "",
        "no location fits, or alias leads to no such file: alias takes the place of what "
        "the location names, root stands before all of it",
    ),
    (
        "413",
        "",
        "client_max_body_size is what nginx takes; it is 1m where it is not set",
    ),
    (
        "502",
        "",
        "nobody answers where proxy_pass leads: is it the upstream, and at port 8000?",
    ),
]


def pages(facts: Facts) -> list[str]:
    """Return what an answer says that nginx gave, and no app."""
    exchange = facts.get("exchange") or {}
    if not of_nginx(exchange):
        return []
    code, page = exchange.get("status", "")[:3], exchange.get("response", "")
    why = [said for status, words, said in OWN if status == code and words in page]
    if code == "502" and "bytes are too many" in str(facts.get("rule")):
        why = [
            "the blog refused the upload and hung up while nginx was still sending it"
        ]
    stopped = [] if "is stopped" in str(facts.get("rule")) else why[:1]
    return ["this page is nginx's own: it did not come from the blog", *stopped]


def believed(facts: Facts) -> list[str]:
    """Return what is behind a host, an address or a prefix that is not the visitor's."""
    exchange, rule = facts.get("exchange") or {}, str(facts.get("rule"))
    page = exchange.get("response") or ""
    if exchange.get("scheme") != "https" or exchange.get("host") != "localhost:8443":
        return []
    if found := re.search(r"Host &#39;([^&]*)&#39; is not trusted", page):
        said = f"the blog was told the host {found[1]!r}, and TRUSTED_HOSTS has it not"
        if not found[1].endswith(".example"):
            return [
                said,
                "nginx says the name of its upstream, unless you set a header",
            ]
        return [said, "a header that nginx does not set comes as the visitor sent it"]
    if re.search(r"localhost:(?!8443)\d+", str(facts.get("got"))):
        said = (
            "nginx listens at another port here than the visitor asked for, as behind a"
        )
        return [f"{said} router: one variable has what he asked for"]
    if exchange.get("status", "")[:3] == "404" and not of_nginx(exchange):
        return unknown(exchange["path"])
    if "Load the page again" in page and "shop.example" not in rule:
        said = (
            "over https Flask-WTF compares the Referer, https://localhost:8443/…, with"
        )
        return [f"{said} the host that the blog was told: with its port?"]
    for pattern, said in BEHIND:
        if re.search(pattern, rule):
            return [said]
    return []


def unknown(path: str) -> list[str]:
    """Return what may be wrong where the blog does not know what nginx asked for."""
    if path.startswith("/blog/blog"):
        return [
            "/blog comes twice: a prefix begins with a slash, and only url_for adds it"
        ]
    if path == "/blog/":
        said = "the blog was asked for /blog/, which it does not know: the slash at the"
        return [f"{said} end of proxy_pass takes /blog off"]
    return []


PASSED_ON = "a header that nginx does not set comes as the visitor sent it"
# What the rule of a check says, and what is behind that.
BEHIND = [
    (
        r"the line: .* 203\.0\.113\.9 ",
        "the address that the visitor sent was believed: does nginx hand it on, and does "
        "PROXIES=1 mean one?",
    ),
    (
        r"the line: .* 127\.0\.0\.1 ",
        "127.0.0.1 is where nginx is: nobody told of others",
    ),
    (r"leads to (/\w+)/\S*, and X-Forwarded-Prefix: \1 ", PASSED_ON),
    (
        r"leads to /blog/blog\b",
        "/blog comes twice: a prefix begins with a slash, and only url_for adds it",
    ),
    (
        r"that is not below /blog/|leads to /\S+, and|redirects to https?://[\w:.]+/\S",
        "url_for puts the prefix in front that X-Forwarded-Prefix tells; nothing puts it "
        "in front of a path that was typed",
    ),
    (r"over https, and \S+ http was sent", PASSED_ON),
]

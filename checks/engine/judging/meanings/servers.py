"""Servers: what gunicorn prints when it does not start, and what is behind a count."""

import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame

CONF = "gunicorn.conf.py"
NAMED = 'wsgi_app in gunicorn.conf.py names the app as "module:variable"'


def refused(facts: Facts) -> list[str]:
    """Return what a gunicorn that ended has printed, where it is no traceback."""
    output = str(facts["command"].get("output"))
    if "No application module specified" in output:
        return nameless(facts)
    if found := re.search(r"Connection in use: \('([\d.]+)', (\d+)\)", output):
        said = f"port {found[2]} is taken: another program listens there already"
        return [said, "is a gunicorn of yours still running, in another terminal?"]
    numberless = (
        r"(?m)^Error: (int\(\) can't convert|invalid literal).*"  # its own words
    )
    if found := re.search(numberless, output):
        said = (
            "os.environ.get( ) gives None where nothing is set, unless it has a default"
        )
        return [found[0], f"a setting in {CONF} wants a number", said]
    if found := re.search(r"Invalid value for (\w+): (.*)", output):
        return [f"gunicorn cannot use what {found[1]} is in {CONF}: {found[2]}"]
    return []


def nameless(facts: Facts) -> list[str]:
    """Nobody has told gunicorn which app: is it another file, or another name?"""
    said = "nobody told gunicorn which app it should serve (no application module)"
    files = [str(name) for name in facts.get("files") or []]
    if CONF not in files:
        near = [n for n in files if "gunicorn" in n]
        return [said, f"it reads {CONF}, and there is {', '.join(near) or 'none'}"]
    return [said, f"{NAMED}; a name that gunicorn does not know is passed over"]


@meaning(r"^\w*Error: Failed to find attribute '(\w+)' in '([\w.]+)'")
def no_variable(match: re.Match, facts: Facts) -> list[str]:
    name, module = match[1], match[2]
    file = f"{module.replace('.', '/')}.py"
    if file not in (facts.get("files") or []):
        file = file.replace(".py", "/__init__.py")
    said = (
        f"gunicorn looked for {name} in {facts.get('lesson')}/{file}: it is not there"
    )
    if name == "application":
        return [said, f"{NAMED}; without a colon it looks for application"]
    if file.endswith("__init__.py"):
        return [said, "a factory is called there: \"module:function('argument')\""]
    return [said, NAMED]


@meaning(r"^\w*Error: Failed to find application, did you mean '([\w.:]+)'")
def a_file(match: re.Match, facts: Facts) -> list[str]:
    return [match.string, "a module is named without its .py, as in an import"]


@meaning(r"^ModuleNotFoundError: No module named '(\w+)\.py'; '\1' is not a package")
def ending(match: re.Match, facts: Facts) -> list[str]:
    return [match.string, f"{NAMED}: a module is named without its .py"]


@meaning(r"^\w*Error: (?:Application object must be callable|.*factory.*callable)")
def no_app(match: re.Match, facts: Facts) -> list[str]:
    return [match.string, NAMED]


@meaning(r'^RuntimeError: "(.*)" is not a valid port number')
def no_port(match: re.Match, facts: Facts) -> list[str]:
    said = f"bind in {CONF} ends in :PORT, a number, and gunicorn found {match[1]!r}"
    more = ["only in an f-string are the { } worked out"] if "{" in match[1] else []
    return [said, *more]


@meaning(
    r"^(?:TypeError: (?:unhashable type: 'dict'|create_app\(\)|cannot use 'dict')"
    r"|RuntimeError: APP_ENV is \{)"
)
def uncalled_factory(match: re.Match, facts: Facts) -> list[str]:
    """A server that calls the factory for each request, as if it were the app."""
    told = str(facts.get("printed"))
    if "create_app" not in told and "environ" not in match.string + told:
        return []
    said = "gunicorn calls its app for each request, and what it calls is the factory"
    return [
        match.string[:80],
        *frame(facts),
        said,
        "brackets behind its name call it once",
    ]


@meaning(r"^IntegrityError: \(raised as a result")
def no_value(match: re.Match, facts: Facts) -> list[str]:
    told = str((facts.get("crash") or {}).get("message"))
    found = re.search(r"NOT NULL constraint failed: (\w+)\.(\w+)", told)
    if not found:
        return []
    said = f"a new {found[1]} came without {found[2]}, and its column takes no nothing"
    return [said, *frame(facts), "mapped_column( ) can have a default"]


# What the rule of a check says, what it got, and what is behind that.
BEHIND = [
    (
        r"it is not the blog of production",
        r"",
        "create_app() with nothing in its brackets makes the blog of development",
    ),
    (
        r"WEB_CONCURRENCY=\d+, so",
        r"\d+",
        "gunicorn reads WEB_CONCURRENCY itself; a line workers = … in gunicorn.conf.py "
        "goes over it",
    ),
    (
        r"no other machine should reach it",
        r".*",
        "it answers at another address of this machine: 0.0.0.0, or none before the "
        "colon, or no bind at all while PORT is set, means every address",
    ),
    (
        r"so one line on stdout or stderr; .*none with",
        r"'?0",
        "gunicorn writes access lines where accesslog says, which is nowhere at first; "
        "its own lines, in [ ], are others",
    ),
    (
        r"so one line on stdout or stderr",
        r"'?[2-9]",
        "two programs log each request: gunicorn, and your blog at the level INFO",
    ),
    (
        r"the answer's X-Request-Id",
        r".*",
        "access_log_format has a way to ask for a header of the request, and another "
        "for one of the answer",
    ),
    (
        r"several at once, and now one more",
        r"'[01]'",
        "nothing of it was kept: one = sets, a change of a row needs its commit, and a "
        "cookie is one visitor's",
    ),
    (
        r"several at once, and now one more",
        r"'\d+'",
        "three processes serve: each has globals and locks of its own; and two that read "
        "a row before either writes it count one view",
    ),
    (
        r"the blog was started anew",
        r"'\d+'",
        "what a process keeps in its memory ends with it",
    ),
    (
        r"the database is there, with its tables",
        r"503",
        "which exception did your except catch? the log of a server would have to say",
    ),
]


def lines(facts: Facts) -> list[str]:
    """Return what is behind the numbers that a check has found wrong."""
    rule, got = str(facts.get("rule") or ""), str(facts.get("got") or "")
    return [
        said
        for pattern, wanted, said in BEHIND
        if re.search(pattern, rule) and re.match(wanted, got)
    ][:1]

"""From facts to the sentence that helps: what Flask did, in the app's own words."""

import difflib
import re
from collections.abc import Callable
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

Facts = dict


def diagnose(facts: Facts) -> list[str]:
    """Return the lines that explain a failure, most helpful first.

    facts is what evidence.collect returned. Never raises for a strange fact.
    """
    lines: list[str] = []
    for explain in (
        lost,
        command,
        crash,
        shape,
        notes,
        status,
        twice,
        braces,
    ):
        lines += explain(facts)
    return list(dict.fromkeys(lines))


def lost(facts: Facts) -> list[str]:
    """An app that did not answer at all."""
    if not facts.get("lost"):
        return []
    lines = [str(facts["lost"])]
    if "no proper status line" in lines[0]:
        lines.append(
            "what stands second behind return is the status: body, status, headers"
        )
    return lines


def shape(facts: Facts) -> list[str]:
    """An answer in which the check did not find what it reads."""
    if not facts.get("shape"):
        return []
    return [
        f"the answer does not have the shape that this step asks for ({facts['shape']})"
    ]


def command(facts: Facts) -> list[str]:
    """A command that ended when it should serve, or printed something else."""
    run = facts.get("command")
    if not run:
        return []
    printed = [line for line in run["output"].splitlines() if line.strip()]
    if run["code"] is None:
        lines = [f"`{run['line']}` did not come to an end, and served nothing"]
    else:
        lines = [f"`{run['line']}` ended with exit code {run['code']}"]
    if not printed:
        return [*lines, "it printed nothing"]
    told = traceback_in(run["output"]) if run["code"] else None
    if told:
        return [*lines, *crash({**facts, "crash": told})]
    own = re.findall(
        r'^ +File "(?:/.*/app/)?([^"/<][^"]*)", line (\d+)', run["output"], re.MULTILINE
    )
    where = [":".join(spot) for spot in own[-1:]]
    return [*lines, *where, f"it printed: {printed[-1].strip()[:300]}"]


# The learner's own files stand in the folder app/, or without a folder for a script.
FRAME = re.compile(
    r'^  File "(?:[^"]*/app/)?([^"/<][^"]*)", line (\d+), in .*(?:\n    (.+))?', re.M
)
ERROR = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception)): (.+)", re.M)


def traceback_in(output: str) -> dict | None:
    """Return the exception that a command printed, as a crash, None if it printed none.

    A syntax error is left as it stands: its place is no frame.
    """
    _, found, text = output.rpartition("Traceback (most recent call last):\n")
    errors = ERROR.findall(text) if found else []
    if not errors or errors[-1][0] in ("SyntaxError", "IndentationError", "TabError"):
        return None
    frames = [
        {"file": file, "line": line, "source": source}
        for file, line, source in FRAME.findall(text)
    ]
    return {"type": errors[-1][0], "message": errors[-1][1], "frames": frames}


# What an exception means. Each entry: a pattern for "Type: message", and the sentence.

MEANINGS: list[tuple[str, str | Callable[[re.Match, Facts], list[str]]]] = []


def meaning(pattern: str):
    """Register a function that explains the exceptions that match the pattern."""

    def register(function):
        MEANINGS.append((pattern, function))
        return function

    return register


def crash(facts: Facts) -> list[str]:
    """An exception of the learner's: its type, its line, and what it means."""
    told = facts.get("crash")
    if not told:
        return []
    headline = f"{told.get('type')}: {told.get('message')}".split("\n")[0]
    for pattern, explain in MEANINGS:
        match = re.search(pattern, headline)
        if match:
            return explain(match, facts)
    return [headline, *frame(facts)]


def frame(facts: Facts) -> list[str]:
    """The learner's own line that raised, the place to look at first."""
    told = facts.get("crash") or {}
    frames = told.get("frames") or []
    if frames:
        last = frames[-1]
        return [f"{place(facts, last)}   {last.get('source', '')}".rstrip()]
    view = told.get("view")
    return [f"{place(facts, view)}   {view.get('name')}()"] if view else []


def place(facts: Facts, spot: dict) -> str:
    """Return ``lessons/03_routes/app.py:12``."""
    return f"{facts.get('lesson', '')}/{spot.get('file')}:{spot.get('line')}"


@meaning(r"^(SyntaxError|IndentationError|TabError): (.+)")
def syntax(match: re.Match, facts: Facts) -> list[str]:
    spot = facts["crash"].get("syntax") or {}
    where = place(facts, spot)
    message = re.sub(r" \([^()]*, line \d+\)$", "", match[2])
    if "codec can't decode" in message or "Non-UTF-8" in message:
        file = spot.get("file", "the file")
        return [
            f"{where}   {file} is not saved as UTF-8: save it again with that encoding"
        ]
    lines = [f"{match[1]}: {message}", where]
    text = spot.get("text") or ""
    if text.strip():
        lines.append("  " + text.replace("\t", " "))
        lines.append("  " + " " * max(0, (spot.get("column") or 1) - 1) + "^")
    if message.startswith("f-string: "):
        lines.append("before Python 3.12, quotes inside { } must be of the other kind")
    elif re.search(r"""(["'])[^"']*=\1\w""", text):
        lines.append("do quotes inside the text end it? put the other kind around it")
    elif message == "invalid syntax":
        lines.append("if this line is right, the one above it is not finished")
    return lines


@meaning(r"null bytes")
def null_bytes(match: re.Match, facts: Facts) -> list[str]:
    return [
        "a file holds null bytes: it is no Python text; save it again as UTF-8",
        *frame(facts),
    ]


@meaning(r"^ShadowedModule: (.+)")
def shadowed(match: re.Match, facts: Facts) -> list[str]:
    name = match[1]
    return [
        f"your file {facts.get('lesson')}/{name} hides the library of that name",
        "`python app.py` would import your file where Flask needs the real one",
        f"rename {name}"
        + (" to app.py" if "app.py" not in facts.get("files", []) else ""),
    ]


@meaning(r"^NoAppException: Could not locate")
def no_file(match: re.Match, facts: Facts) -> list[str]:
    files = facts.get("files") or []
    if any(name.startswith("app.py/") for name in files):
        return [
            f"{facts.get('lesson')}/app.py is a folder: Flask looks for a file of that name"
        ]
    there = ", ".join(files[:6]) or "nothing"
    return [f"there is no app.py in {facts.get('lesson')}", f"found there: {there}"]


@meaning(r"^NoAppException: Failed to find Flask application")
def no_object(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"{facts.get('lesson')}/app.py makes no Flask object that Flask can find",
        "it looks for a variable called app: which line makes yours?",
    ]


@meaning(r"^NoAppException: (.+)")
def no_app(match: re.Match, facts: Facts) -> list[str]:
    return [match[1], *frame(facts)]


@meaning(r"^StartedServer: ")
def started(match: re.Match, facts: Facts) -> list[str]:
    return [
        "importing app.py starts a server, so nothing else can import it",
        *frame(facts),
        "only `python app.py` should start it: what is __name__ then?",
    ]


@meaning(r"^ModuleNotFoundError: No module named '([^']+)'")
def no_module(match: re.Match, facts: Facts) -> list[str]:
    name = match[1].split(".")[0]
    known = [
        "flask",
        "werkzeug",
        "jinja2",
        "markupsafe",
        "datetime",
        "importlib",
        "click",
    ]
    near = known + [
        f.removesuffix(".py") for f in facts.get("files") or [] if f.endswith(".py")
    ]
    close = difflib.get_close_matches(name, near, 1, 0.6)
    guess = [f"did you mean {close[0]}?"] if close and close[0] != name else []
    return [f"ModuleNotFoundError: No module named {match[1]!r}", *frame(facts), *guess]


@meaning(r"^ImportError: .*partially initialized module '(\w+)'")
def circle(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"two modules import each other, and {match[1]} was not finished yet (a circular import)",
        *frame(facts),
    ]


@meaning(r"^KeyError: <function (\w+) at")
def key_without_quotes(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"KeyError: the key is the function {match[1]}() itself, not a text",
        *frame(facts),
        "a text stands in quotes; without them it is the name of something",
    ]


@meaning(r"^TypeError: The view function.* did not return a valid response")
def returned(match: re.Match, facts: Facts) -> list[str]:
    message = facts["crash"].get("message", "")
    if "valid response tuple" in message:
        return wrong_tuple(match, facts)
    named = re.search(r"view function for '([^']+)'", message)
    view = (facts["crash"].get("view") or {}).get("name") or (named[1] if named else "")
    kind = re.search(r"but it was an? (\w+)", message)
    if kind is None:
        said = f"the view {view}() returned None: does every way through it return?"
        more = ["(print() and set_cookie() give None back, too)"]
    else:
        article = "an" if kind[1][0] in "aeiou" else "a"
        what = f"{article} {kind[1]}"
        said = f"the view {view}() returned {what}; a page is text, a dict or a list"
        status = "a status stands behind the page: body, status, headers"
        more = [status] if kind[1] == "int" else []
    return [said, *frame(facts), *more]


@meaning(
    r"^(TypeError: 'int' object is not iterable|ValueError: .* values to unpack \()"
)
def wrong_tuple(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames"):
        return [match.string, *frame(facts)]
    view = (facts["crash"].get("view") or {}).get("name", "a view")
    return [
        f"{view}() returned a tuple that Flask cannot read as body, status, headers",
        *frame(facts),
        "it may leave out the status or the headers, and nothing else",
        "is there a comma too many, or another order?",
    ]


@meaning(r"^TypeError: (\w+)\(\) got an unexpected keyword argument '(\w+)'")
def no_parameter(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames"):  # a call of the learner's own, not Flask's
        return [match.string, *frame(facts)]
    said = f"the address has a variable {match[2]}, and {match[1]}() has no parameter of that name"
    return [said, *frame(facts)]


@meaning(r"^TypeError: (\w+)\(\) missing \d+ required positional arguments?: (.+)")
def no_variable(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames"):
        return [match.string, *frame(facts)]
    said = (
        f"{match[1]}() wants {match[2]}, and its address has no variable of that name"
    )
    return [said, *frame(facts)]


@meaning(r"^TypeError: 'ImmutableMultiDict' objects are immutable")
def read_only(match: re.Match, facts: Facts) -> list[str]:
    return [
        "what the browser sent is for reading; what you send goes into the response",
        *frame(facts),
    ]


@meaning(r"^TypeError: Object of type (\w+) is not JSON serializable")
def no_json(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"a value of type {match[1]} cannot become JSON",
        *frame(facts),
        "JSON holds text, numbers, true, false, null, lists and dicts",
    ]


@meaning(r"^BuildError: Could not build url for endpoint '([^']+)'")
def build(match: re.Match, facts: Facts) -> list[str]:
    told = facts["crash"]
    missing = re.search(
        r"Did you forget to specify values (\[.+?\])", told.get("message", "")
    )
    if missing:
        return [f"url_for({match[1]!r}) needs the values {missing[1]}", *frame(facts)]
    names = [str(name) for name in told.get("endpoints") or []]
    close = difflib.get_close_matches(match[1], names, 1, 0.5)
    guess = [f"did you mean {close[0]!r}?"] if close else []
    exist = "endpoints that exist: " + ", ".join(names)
    return [f"no endpoint is called {match[1]!r}", *frame(facts), exist, *guess]


@meaning(r"^TemplateNotFound: (.+)")
def no_template(match: re.Match, facts: Facts) -> list[str]:
    told = facts["crash"].get("templates") or {}
    searched = (
        ", ".join(f"{folder}/" for folder in told.get("searched") or []) or "templates/"
    )
    there = [f for f in told.get("files") or [] if f != "requirements.txt"]
    files = ", ".join(there) or "none"
    return [
        f"TemplateNotFound: {match[1]}",
        *frame(facts),
        f"searched in: {searched}",
        f"templates that are there: {files}",
    ]


@meaning(r"^RuntimeError: Unable to build URLs outside an active request")
def outside_request(match: re.Match, facts: Facts) -> list[str]:
    return [
        "url_for was called outside a request, where Flask knows no host",
        *frame(facts),
        "which context stands in for a request?",
    ]


@meaning(r"^RuntimeError: Working outside of (application|request) context")
def outside(match: re.Match, facts: Facts) -> list[str]:
    if "url_for(" in "".join(frame(facts)):
        return outside_request(match, facts)
    return [f"the code ran outside of the {match[1]} context", *frame(facts)]


@meaning(r"^TypeError: '.+' not supported between instances of .*NoneType")
def compared_none(match: re.Match, facts: Facts) -> list[str]:
    said = "two values were compared, and one of them is None"
    day = ": a date may be None" if "date" in match.string else ""
    return [match.string, *frame(facts), said + day]


@meaning(r"^AssertionError: View function mapping is overwriting.*: (\S+)")
def two_views(match: re.Match, facts: Facts) -> list[str]:
    inner = re.search(r"wrap|inner|inside|decorat", match[1])
    question = "is it the inside of a decorator of yours? functools.wraps keeps names"
    return [
        f"two views are called {match[1]}: each needs a name of its own",
        *frame(facts),
        *([question] if inner else []),
    ]


@meaning(
    r"^TypeError: (\w+\.)?(route|get|post|put|patch|delete)\(\) takes 2 positional"
)
@meaning(r"^AttributeError: '(list|tuple|set)' object has no attribute 'startswith'")
def one_address(match: re.Match, facts: Facts) -> list[str]:
    frames = facts["crash"].get("frames") or [{}]
    if not re.search(
        r"\.(route|get|post|put|patch|delete)\(", frames[-1].get("source", "")
    ):
        return [match.string, *frame(facts)]
    return [
        "a decorator takes one address, as text; another address is another decorator",
        *frame(facts),
    ]


@meaning(r"^TypeError: Rule\.__init__\(\) got an unexpected keyword argument '(\w+)'")
def no_option(match: re.Match, facts: Facts) -> list[str]:
    known = ["methods", "endpoint", "defaults", "strict_slashes", "redirect_to", "host"]
    close = difflib.get_close_matches(match[1], known, 1, 0.6)
    guess = [f"did you mean {close[0]}?"] if close else []
    return [f"a route has no option called {match[1]}", *frame(facts), *guess]


@meaning(r"^LookupError: the converter '(.+)' does not exist")
def no_converter(match: re.Match, facts: Facts) -> list[str]:
    close = {"integer": "int", "str": "string", "text": "string"}.get(match[1].lower())
    guess = [f"did you mean {close}?"] if close else []
    return [
        f"no converter is called {match[1]!r}; it stands before the colon, as in <int:year>",
        *frame(facts),
        "Flask brings string, int, float, path, uuid and any",
        *guess,
    ]


@meaning(r"^ValueError: malformed url rule: '(.+)'")
def malformed(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"the address {match[1]!r} cannot be read",
        *frame(facts),
        "a variable is <converter:name>: no space inside, both brackets, a name as in Python",
    ]


@meaning(r"^ValueError: Unknown format code 'f' for object of type 'str'")
def text_as_number(match: re.Match, facts: Facts) -> list[str]:
    return [
        "a format with f is for numbers, and this value is text",
        *frame(facts),
        "a variable of an address is text until a converter makes it a number",
    ]


@meaning(r"^ValueError: Precision not allowed in integer format specifier")
def half_a_format(match: re.Match, facts: Facts) -> list[str]:
    return [
        "a format like .2 does not fit a whole number",
        *frame(facts),
        "which letter behind it asks for decimals?",
    ]


@meaning(r"^AttributeError: 'UUID' object has no attribute 'replace'")
def uuid_twice(match: re.Match, facts: Facts) -> list[str]:
    return [
        "the value is a UUID object already: the converter made it one",
        *frame(facts),
    ]


@meaning(r"^ImportError: cannot import name 'escape' from 'flask'")
def old_escape(match: re.Match, facts: Facts) -> list[str]:
    return [
        "flask itself has no escape since version 3: it lives in the package markupsafe",
        *frame(facts),
    ]


@meaning(r"^RuntimeError: this address crashes on purpose")
def on_purpose(match: re.Match, facts: Facts) -> list[str]:
    return ["the check made this address crash on purpose, to see your answer to it"]


@meaning(r"^OSError: \[Errno 27\]")
def too_much(match: re.Match, facts: Facts) -> list[str]:
    return ["the app wrote more than 64 MB into one file", *frame(facts)]


def notes(facts: Facts) -> list[str]:
    """What the file did while it was imported, though nothing complained."""
    lines = []
    told = facts.get("notes") or (facts.get("crash") or {}).get("notes") or []
    for note in told:
        if note.get("kind") == "bare route":
            spot = place(facts, note)
            lines.append(
                f"{spot}   the decorator above {note.get('name')}() has no address: "
                "call it with one, in brackets"
            )
        if note.get("kind") == "run" and not facts.get("lost"):
            spot = place(facts, note)
            lines.append(
                f"{spot}   app.run() runs while the file is imported; guard it"
            )
    apps = [note for note in told if note.get("kind") == "app" and note.get("line")]
    if len(apps) > 1:
        spots = " and ".join(place(facts, note).rpartition(":")[2] for note in apps[:3])
        lines.append(
            f"a Flask object is made {len(apps)} times (lines {spots}): "
            "the last one has none of the routes above it"
        )
    return lines


def status(facts: Facts) -> list[str]:
    """What the status of the last answer says."""
    exchange = facts.get("exchange")
    if not exchange or facts.get("lost"):
        return []
    code = str(exchange.get("status", ""))[:3]
    if code == "404":
        return not_found(facts, exchange)
    if code == "405":
        return not_allowed(facts, exchange)
    if code in ("301", "302", "303", "307", "308"):
        return [f"it redirects to {exchange.get('location') or 'nowhere'}"]
    if code == "400" and "crash" not in facts:
        lines = ["400: Flask or your view refused what the request carried"]
        if "could not understand" in str(exchange.get("response")):
            lines.append(
                "a key in [ ] that the request does not carry gives this answer: "
                "request.args, request.form, request.cookies"
            )
        return lines
    return []


def twice(facts: Facts) -> list[str]:
    """Two views under one address: Flask asks only the first."""
    exchange = facts.get("exchange") or {}
    path = exchange.get("path", "").partition("?")[0]
    views = [
        route["endpoint"]
        for route in facts.get("routes") or []
        if route["rule"] == path and exchange["method"] in route["methods"]
    ]
    if len(set(views)) < 2:
        return []
    return [f"two views answer {path}: {views[0]} is asked, {views[1]} never is"]


def braces(facts: Facts) -> list[str]:
    """A page that shows a name in braces, as it stands in the code."""
    page = (facts.get("exchange") or {}).get("response") or facts.get("saw", "")
    page = re.sub(r"(?is)<(style|script)\b.*?</\1>", "", page)
    found = re.search(r"(?<!\{)\{[A-Za-z_][\w.]*(\[[^]]*\])?\}(?!\})", page)
    return [f"the page says {found[0]}: is an f missing?"] if found else []


def not_found(facts: Facts, exchange: dict) -> list[str]:
    """A 404: which addresses does the app answer, and which is close?"""
    routes = [r for r in facts.get("routes") or [] if r["endpoint"] not in OURS]
    rules = list(dict.fromkeys(route["rule"] for route in routes))
    path = (
        exchange["path"].partition("?")[0].removeprefix(exchange.get("prefix") or "\0")
    )
    if not rules:
        return ["your app has no routes of its own"]
    if view := answering(routes, path):
        right = f"the address is right; {view}() answered it with 404"
        return [right, *doubles(routes)]
    lines = ["your app answers: " + "  ".join(rules), *doubles(routes)]
    for rule in rules:
        if "?" in rule:
            return [
                *lines,
                f"{rule}: a rule is only the path; what follows ? is not part of it",
            ]
        if rule.lower() == path.lower() and rule != path:
            return [*lines, f"{rule} is not {path}: capital letters count"]
        if rule + "/" == path:
            return [*lines, f"{rule} is not {path}: the slash at the end counts"]
    for rule in rules:
        if told := no_variable_at_all(rule) or refused(rule, path):
            return [*lines, told]
    close = difflib.get_close_matches(path, [r for r in rules if r != path], 1, 0.6)
    return [*lines, f"the closest is {close[0]}"] if close else lines


def doubles(routes: list[dict]) -> list[str]:
    """Two views under one address and method: only the first is ever asked."""
    first: dict[tuple, str] = {}
    lines = []
    for route in routes:
        for method in {*route["methods"]} - {"HEAD", "OPTIONS"}:
            view = first.setdefault((route["rule"], method), route["endpoint"])
            if view != route["endpoint"]:
                both = " and ".join(sorted({view, route["endpoint"]}))
                lines.append(
                    f"{route['rule']} stands above two views, {both}: one is never asked"
                )
    return lines


OURS = {"static", "crash_on_purpose"}


def answering(routes: list[dict], path: str) -> str | None:
    """Return the endpoint whose rule fits a path, None if none does."""
    try:
        rules = [Rule(route["rule"], endpoint=route["endpoint"]) for route in routes]
        return Map(rules).bind("localhost").match(unquote(path))[0]
    except (HTTPException, LookupError, ValueError):
        return None


def no_variable_at_all(rule: str) -> str | None:
    """Say so where a rule writes its variable as other frameworks do."""
    if re.search(r"/[{:]\w|\w}", rule) and "<" not in rule:
        return f"{rule}: Flask writes a variable in angle brackets"
    return None


# What the converters take: as a pattern, and in words.
CONVERTERS = {
    "string": (r"[^/]+", "one part of the path, no slash"),
    "int": (r"\d+", "digits only, with no sign and no point"),
    "float": (r"\d+\.\d+", "digits, a point and digits again, with no sign"),
    "uuid": (r"\w{8}(-\w{4}){3}-\w{12}", "a UUID with its four hyphens"),
}
VARIABLE = re.compile(r"<(?:(\w+):)?\w+>")


def refused(rule: str, path: str) -> str | None:
    """Say which converter kept a rule from matching a path, None if none did."""
    around = VARIABLE.sub("\0", rule).split("\0")
    match = re.fullmatch("(.+)".join(map(re.escape, around)), unquote(path))
    values = match.groups() if match else ()
    for name, value in zip(VARIABLE.findall(rule), values, strict=False):
        pattern, words = CONVERTERS.get(name or "string", ("(?s).*", ""))
        if not re.fullmatch(pattern, value):
            kind = name or "a variable without a converter"
            return f"{rule} does not match {value}: {kind} takes {words}"
    return None


def not_allowed(facts: Facts, exchange: dict) -> list[str]:
    """A 405: which methods does this address answer?"""
    methods = ", ".join(
        sorted(word.strip() for word in exchange.get("allow", "").split(","))
    )
    path = exchange["path"].partition("?")[0]
    for route in facts.get("routes") or []:
        for name in route["methods"]:
            if route["rule"] == path and not name.isalpha():
                return [
                    f"{path} answers a method called {name!r}, not {exchange['method']}",
                    "each method is a text of its own in the list",
                ]
    said = f"{path} answers {methods or 'other methods'}, not {exchange['method']}"
    return [said, *doubles(facts.get("routes") or [])]

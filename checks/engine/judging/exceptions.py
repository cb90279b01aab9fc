"""What an exception means, in the app's own words: one function for each kind.

A pattern is looked for in ``Type: message``; the first that fits explains. All
lessons share them, so a better sentence here is a better sentence everywhere.
"""

import difflib
import re
from collections.abc import Callable

from checks.engine.judging.spots import Facts, frame, place

# A text that ends in the middle of href="…": its own quotes stand inside it.
WHOLE = r"""(?:"[^"]*"|'[^']*')"""
QUOTES = re.compile(rf"""^[^"']*(?:{WHOLE}[^"']*)*?(?:"[^"]*="|'[^']*=')[\w/{{]""")

MEANINGS: list[tuple[str, Callable[[re.Match, Facts], list[str]]]] = []


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
    if told.get("returned"):
        return uncalled(facts)
    headline = f"{told.get('type')}: {told.get('message')}".split("\n")[0]
    for pattern, explain in MEANINGS:
        match = re.search(pattern, headline)
        if match:
            return explain(match, facts)
    return [headline, *frame(facts)]


def uncalled(facts: Facts) -> list[str]:
    """A view that returned a function: Flask runs that as an app of its own."""
    told = facts["crash"]
    view = (told.get("view") or {}).get("name", "the view")
    return [
        f"{view}() returned the function {told['returned']} itself, not what it gives back",
        *frame({**facts, "crash": {**told, "frames": []}}),
        "brackets behind its name call it",
    ]


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
        lines.append("  |" + text.replace("\t", " "))
        lines.append("  |" + " " * max(0, (spot.get("column") or 1) - 1) + "^")
    if text.lstrip().startswith("<"):
        return [*lines, "HTML is text for Python: it should stand in quotes"]
    if told := indentation(message):
        return [*lines, *told]
    if message.startswith("f-string: "):
        lines.append("before Python 3.12, quotes inside { } must be of the other kind")
    elif QUOTES.search(text):
        lines.append("do quotes inside the text end it? put the other kind around it")
    elif message == "invalid syntax":
        lines.append("if this line is right, the one above it is not finished")
    return lines


def indentation(message: str) -> list[str]:
    """What the spaces in front of a line should be; the bar above is the left edge."""
    for pattern, words in {
        "expected an indented block": "this line should have four spaces in front: "
        "a colon above opened a block",
        "outside function": "this line should have four spaces in front, to be part of "
        "its function",
        "unexpected indent": "this line has more spaces in front than the one above, and "
        "no colon asks for them",
        "unindent does not match": "the spaces in front should be as many as those of "
        "a line above",
    }.items():
        if pattern in message:
            return [words]
    return []


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


# Names that a lesson uses, by the package they are imported from.
BROUGHT = {
    "flask": "Blueprint Flask Response abort current_app flash g get_flashed_messages "
    "jsonify make_response redirect render_template render_template_string request "
    "send_file send_from_directory session url_for",
    "markupsafe": "Markup escape",
}
MODULES = "datetime functools json logging os pathlib random re secrets time uuid"


@meaning(r"^NameError: name '(\w+)' is not defined")
def not_imported(match: re.Match, facts: Facts) -> list[str]:
    """A name that a package, a file of the learner's or the standard library has."""
    name = match[1]
    said = []
    for package, names in BROUGHT.items():
        if name in names.split():
            said = [f"{package} has {name}: this file should import it from there"]
    if name in MODULES.split():
        said = [f"{name} is a module of Python's: this file should import it"]
    if f"{name}.py" in (facts.get("files") or []):
        said = [f"is {name} in {name}.py? then this file should import it from there"]
    return [match.string, *frame(facts), *said]


FLASK = (
    "route get post put patch delete run config errorhandler add_url_rule cli "
    "before_request after_request register_blueprint template_filter logger"
)


@meaning(r"^AttributeError: '(Flask|Blueprint)' object has no attribute '(\w+)'")
def no_attribute(match: re.Match, facts: Facts) -> list[str]:
    close = difflib.get_close_matches(match[2], FLASK.split(), 1, 0.6)
    guess = [f"did you mean {close[0]}?"] if close else []
    return [f"a {match[1]} object has nothing called {match[2]}", *frame(facts), *guess]


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


FLAGS = ["max_age", "expires", "path", "domain", "secure", "httponly", "samesite"]


@meaning(r"^TypeError: Response\.set_cookie\(\) got an unexpected keyword .*'(\w+)'")
def no_flag(match: re.Match, facts: Facts) -> list[str]:
    near = {flag.replace("_", ""): flag for flag in FLAGS}
    flag = near.get(match[1].replace("_", "").lower())
    guess = [f"keywords are small: {flag}"] if flag else []
    return [match.string, *frame(facts), *guess]


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


@meaning(r"^TypeError: '(ImmutableMultiDict|Headers)' object is not callable")
def called_a_dict(match: re.Match, facts: Facts) -> list[str]:
    said = "it is like a dict: ask it with [ ], .get( ) or in; it cannot be called"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: '(function|method)' object is not subscriptable")
def no_brackets(match: re.Match, facts: Facts) -> list[str]:
    if re.search(r"url_for\(\s*\w+\s*[,)]", "".join(frame(facts))):
        said = "url_for takes the name of a view as text: in quotes"
    else:
        said = f"a {match[1]} is called with ( ); [ ] is for lists and dicts"
    return [match.string, *frame(facts), said]


PARTS = ["headers", "cookies", "args", "form", "files", "json", "data", "method"]
PARTS += ["status_code", "status", "mimetype", "content_type", "location", "path"]
PARTS += ["set_cookie", "delete_cookie", "get_json"]


@meaning(r"^AttributeError: '(Response|Request)' object has no attribute '(\w+)'")
def no_part(match: re.Match, facts: Facts) -> list[str]:
    close = difflib.get_close_matches(match[2].lower(), PARTS, 1, 0.6)
    guess = [f"did you mean {close[0]}?"] if close else []
    return [match.string, *frame(facts), *guess]


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
    files = ", ".join(told.get("files") or []) or "none"
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


CONVERTERS = ["string", "int", "float", "path", "uuid", "any"]


@meaning(r"^LookupError: the converter '(.+)' does not exist")
def no_converter(match: re.Match, facts: Facts) -> list[str]:
    told = match[1].lower()
    close = [{"integer": "int", "str": "string", "text": "string"}.get(told, "")]
    close += difflib.get_close_matches(told, CONVERTERS, 1, 0.6)
    guess = [f"did you mean {name}?" for name in close if name][:1]
    line = "".join(frame(facts)[:1])
    if re.search(rf"<{re.escape(match[1])}:({'|'.join(CONVERTERS)})>", line):
        guess = ["the two are swapped: which of them is the converter?"]
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


@meaning(r"^AttributeError: module 'datetime' has no attribute '(\w+)'")
def module_and_class(match: re.Match, facts: Facts) -> list[str]:
    return [
        match[0],
        *frame(facts),
        "datetime is the module; in it are datetime.date and datetime.datetime",
    ]


@meaning(r"^RuntimeError: this address crashes on purpose")
def on_purpose(match: re.Match, facts: Facts) -> list[str]:
    return ["the check made this address crash on purpose, to see your answer to it"]


@meaning(r"^OSError: \[Errno 27\]")
def too_much(match: re.Match, facts: Facts) -> list[str]:
    return ["the app wrote more than 64 MB into one file", *frame(facts)]

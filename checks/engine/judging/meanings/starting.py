"""An app that does not start: what its file lacks, and where."""

import difflib
import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame, place

# A text that ends in the middle of href="…": its own quotes stand inside it.
WHOLE = r"""(?:"[^"]*"|'[^']*')"""
QUOTES = re.compile(rf"""^[^"']*(?:{WHOLE}[^"']*)*?(?:"[^"]*="|'[^']*=')[\w/{{]""")


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


@meaning(r"^NoAppException: Failed to find Flask application .* in module 'blog'")
def no_factory(match: re.Match, facts: Facts) -> list[str]:
    package = f"{facts.get('lesson')}/blog"
    if "blog/__init__.py" not in (facts.get("files") or []):
        return [f"{package} has no file __init__.py, so nothing is in this package"]
    return [
        f"{package}/__init__.py has no function create_app that gives Flask an app",
        "is it called so, and does it return the app that it has made?",
    ]


@meaning(r"^NoAppException: Detected factory '(\w+)'")
def factory_wants(match: re.Match, facts: Facts) -> list[str]:
    said = f"Flask calls {match[1]}() without arguments, and it insists on some"
    return [said, "name=value in its first line gives a parameter its own value"]


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
    told = facts["crash"].get("frames") or [{"file": "app.py"}]
    file = str(told[-1].get("file"))
    return [
        f"importing {file} starts a server, so nothing else can import it",
        *frame(facts),
        f"only `python {file}` should start it: what is __name__ then?",
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
    for file in facts.get("files") or []:
        if re.fullmatch(rf"\w+/{re.escape(name)}\.py", file):
            package = file.partition("/")[0]
            said = f"from .{name} looks there, with a dot"
            guess = [f"{name} is in the package {package}: inside of it, {said}"]
    return [f"ModuleNotFoundError: No module named {match[1]!r}", *frame(facts), *guess]


@meaning(r"^(?:ImportError|AttributeError): .*partially initialized module '([\w.]+)'")
def circle(match: re.Match, facts: Facts) -> list[str]:
    """Two modules that import each other: both lines."""
    frames = [
        f"{place(facts, spot)}   {spot.get('source')}"
        for spot in facts["crash"].get("frames") or []
        if re.match(r"(from|import)\b", str(spot.get("source")))
    ]
    return [
        f"two modules import each other, and {match[1]} was not finished yet (a circular import)",
        *(frames[-2:] or frame(facts)),
    ]


@meaning(r"^(ImportError): cannot import name '(\w+)' from '([\w.]+)'")
@meaning(r"^(AttributeError): module '([\w.]+)' has no attribute '(\w+)'")
def not_in_module(match: re.Match, facts: Facts) -> list[str]:
    """A name that a module of the learner's own does not have."""
    name, module = match[2], match[3]
    if match[1] == "AttributeError":
        name, module = module, name
    base = module.replace(".", "/")
    there = {f"{base}.py", f"{base}/__init__.py"} & {*(facts.get("files") or [])}
    if not there:
        return []
    said = f"{facts.get('lesson')}/{there.pop()} has nothing called {name}"
    if name == "app" and "/" in base + str(facts["crash"].get("frames")):
        more = ["in a package, current_app of flask is the app that answers"]
        return [said, *frame(facts), *(more if match[1] == "ImportError" else [])]
    words = [match[0]] if match[1] == "AttributeError" else []
    return [*words, said, *frame(facts)]


# Names that a lesson uses, by the package they are imported from.
BROUGHT = {
    "flask": "Blueprint Flask Response abort current_app flash g get_flashed_messages "
    "jsonify make_response redirect render_template render_template_string request "
    "send_file send_from_directory session url_for",
    "markupsafe": "Markup escape",
    "pathlib": "Path",
    "sqlalchemy": "ForeignKey",
    "sqlalchemy.orm": "Mapped mapped_column relationship",
    "uuid": "uuid4",
    "importlib.metadata": "version",
    "werkzeug.datastructures": "WWWAuthenticate",
    "werkzeug.exceptions": "HTTPException Unauthorized",
    "werkzeug.middleware.proxy_fix": "ProxyFix",
    "werkzeug.utils": "secure_filename",
}
# Where a package has the functions that all its files use.
HELD = {
    "blog/helpers.py": "post_url tag_url",
    "blog/models.py": "Post Tag User db",
    "blog/store.py": "all_posts find_post neighbours newest_first select_posts slug_of",
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
    for file, names in HELD.items():
        if name in names.split() and file in (facts.get("files") or []):
            said = [f"{file} has {name}: this file should import it from there"]
    if name == "app" and "blog/__init__.py" in (facts.get("files") or []):
        return [match.string, *frame(facts), no_app_here(facts)]
    if f"{name}.py" in (facts.get("files") or []):
        said = [f"is {name} in {name}.py? then this file should import it from there"]
    return [match.string, *frame(facts), *said]


def no_app_here(facts: Facts) -> str:
    """What stands in for the app in a file of a package."""
    if re.search(r"   @app\.", "".join(frame(facts))):
        said = "no app is in this file, so a decorator has nothing to stand on:"
        return f"{said} add_url_rule does the same where an app is handed in"
    return "no app is in this file: current_app, from flask, is the one that answers"


@meaning(r"^AttributeError: '(\w+)' object has no attribute '__name__'")
def no_view(match: re.Match, facts: Facts) -> list[str]:
    """What stands as a view is text, or what the view has returned."""
    if "add_url_rule(" not in "".join(frame(facts)):
        return []
    said = (
        "view_func= takes the function itself: no quotes, no brackets behind its name"
    )
    return [f"a {match[1]} is no function, so it cannot be a view", *frame(facts), said]


FLASK = (
    "route get post put patch delete run config errorhandler add_url_rule cli "
    "before_request after_request register_blueprint template_filter logger"
)


@meaning(r"^AttributeError: '(Flask|Blueprint)' object has no attribute '(\w+)'")
def no_attribute(match: re.Match, facts: Facts) -> list[str]:
    close = difflib.get_close_matches(match[2], FLASK.split(), 1, 0.6)
    guess = [f"did you mean {close[0]}?"] if close else []
    return [f"a {match[1]} object has nothing called {match[2]}", *frame(facts), *guess]


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

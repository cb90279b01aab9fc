"""Error handlers: what they are called with, what they answer, and which of them does."""

import difflib
import re

from werkzeug import exceptions

from checks.engine.judging.addresses import answering
from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.meanings.rooms import has_rooms
from checks.engine.judging.spots import Facts, frame

FLASKS_OWN = r"<!doctype html>\n<html lang=en>\n<title>[45]\d\d "
HAS = ["code", "name", "description", "get_response", "original_exception"]


@meaning(r"^TypeError: The view function(?: for (.+?))? did not return a valid resp")
def handler_returned(match: re.Match, facts: Facts) -> list[str]:
    """A handler that returned nothing: Flask's message names a view all the same."""
    no_view = match[1] == "None" or not (match[1] or facts["crash"].get("view"))
    if not (escaped(facts) or no_view):
        return []
    kind = re.search(r"but it was an? (\w+)", facts["crash"].get("message", ""))
    what = f"{'an' if kind[1][0] in 'aeiou' else 'a'} {kind[1]}" if kind else "None"
    why = "does every way through the handler return, also for a page?"
    if kind and kind[1] == "int":
        why = "a status stands behind the page: body, status, headers"
    return [f"an error handler returned {what}, and so the error had no answer", why]


@meaning(r"^TypeError: (\w+)\(\) takes 0 positional arguments but 1 was given")
def no_error_taken(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames"):  # called by the learner's own code, not by Flask
        return []
    said = f"{match[1]}() takes nothing, and Flask hands every error handler the error"
    return [match.string, said]


TELLS = "@app.errorhandler( ) is told the status it answers, as a number"


@meaning(r"^TypeError: \w+\.errorhandler\(\) (missing|takes)")
@meaning(r"^TypeError: (issubclass)\(\) arg 1 must be a class")
@meaning(r"^ValueError: '(\d+)' is not a recognized HTTP error code")
def for_which_error(match: re.Match, facts: Facts) -> list[str]:
    """A decorator that was told no status, two of them, or one that is none."""
    if "errorhandler" not in "".join(frame(facts)):
        return []
    said = {
        "missing": TELLS,
        "takes": f"{TELLS}: one status a line, and a line for each",
        "issubclass": f"{TELLS}: a status is a number, without quotes or brackets",
    }
    return [
        match.string if match[1] in said else f"no error has the status {match[1]}",
        *frame(facts),
        said.get(match[1], "errors are what begins with 4 or 5"),
    ]


@meaning(r"^LookupError: no exception for (.+)")
def no_such_abort(match: re.Match, facts: Facts) -> list[str]:
    said = "abort takes the status first, a number that begins with 4 or 5"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: \w*\.?__init__\(\) got an unexpected keyword argument '(\w+)'")
def aborted_with(match: re.Match, facts: Facts) -> list[str]:
    if "abort(" not in "".join(frame(facts)):
        return []
    said = "in abort( ) the words stand second, behind the status, or as description="
    return [match.string, *frame(facts), said]


@meaning(r"^AttributeError: 'Flask' object has no attribute '(\w*err\w*)'")
def no_such_decorator(match: re.Match, facts: Facts) -> list[str]:
    names = ["errorhandler", "register_error_handler"]
    guess = difflib.get_close_matches(match[1], names, 1, 0.6)
    return [match.string, *frame(facts), *[f"did you mean {guess[0]}?" for _ in guess]]


@meaning(r"^TypeError: object of type '\w+' has no len\(\)")
def no_body(match: re.Match, facts: Facts) -> list[str]:
    if not re.search(r"\.(data\b|set_data\()", "".join(frame(facts))):
        return []
    return [match.string, *frame(facts), "the data of a response is text or bytes"]


@meaning(r"^TypeError: sequence item \d+: expected a bytes-like object, dict found")
def dict_as_body(match: re.Match, facts: Facts) -> list[str]:
    return [
        "the answer was sent piece by piece, and a piece was a dict, not text",
        "( ) around a loop makes a generator, map() is no list: [ ] makes a list",
        "is it the data of a response? that is text or bytes, and a dict as JSON is text",
    ]


@meaning(r"^AttributeError: '(?:method|function)' object has no attribute '(\w+)'")
def method_itself(match: re.Match, facts: Facts) -> list[str]:
    if match[1] == "as_view":
        said = "a function stands where the class was: a decorator above it made one"
        return [match.string, *frame(facts), said]
    said = f"what has no {match[1]} is a method: brackets behind its name call it"
    return [match.string, *frame(facts), said]


@meaning(r"^AttributeError: property 'json' of '\w*Response' object has no setter")
def json_is_read(match: re.Match, facts: Facts) -> list[str]:
    said = "json reads a response; what is written is its data, as text"
    return [match.string, *frame(facts), said]


@meaning(r"^AttributeError: '(\w+)' object has no attribute '(\w+)'")
def no_http_error(match: re.Match, facts: Facts) -> list[str]:
    """An error that was asked for what it does not have."""
    lines = [match.string, *frame(facts)]
    if is_http_error(match[1]):
        guess = difflib.get_close_matches(match[2], HAS, 1, 0.6)
        has = f"an HTTPException has {', '.join(HAS[:-1])}( )"
        return [*lines, has, *[f"did you mean {name}?" for name in guess]]
    if match[2] in HAS and re.search(r"(Error|Exception)$", match[1]):
        return [*lines, f"a crash is no HTTPException, so it has no {match[2]}"]
    return []


@meaning(r"^TypeError: Object of type (\w+) is not JSON serializable")
def error_as_json(match: re.Match, facts: Facts) -> list[str]:
    if not is_http_error(match[1]):
        return []
    said = "the error itself is no text; its name, its description and its code are"
    return [match.string, *frame(facts), said]


@meaning(r"^TemplateNotFound: (\S*\b[45]\d\d\.html)")
def no_page_of_its_own(match: re.Match, facts: Facts) -> list[str]:
    """The template of one status, asked for by its number."""
    if not re.search(r"\{[^}]*\}", "".join(frame(facts)).rpartition("   ")[2]):
        return []
    there = (facts["crash"].get("templates") or {}).get("files") or []
    errors = [name for name in there if "error" in name]
    said = "which one is for a status without a template of its own?"
    return [match.string, *frame(facts), f"there are {', '.join(errors)}: {said}"]


def is_http_error(name: str) -> bool:
    """Is this the name of an exception that stands for a status?"""
    kind = getattr(exceptions, name, None)
    return isinstance(kind, type) and issubclass(kind, exceptions.HTTPException)


def handlers(facts: Facts) -> list[str]:
    """Return what an answer gives away about the error handler that made it."""
    exchange = facts.get("exchange") or {}
    code = exchange.get("status", "")[:3]
    path = exchange.get("path", "").partition("?")[0]
    page, kind = exchange.get("response") or "", kind_of(exchange)
    wanted, views = facts.get("expected") or "", facts.get("routes") or []
    if told := broken_handler(facts, exchange):
        return told
    if any(name.endswith(f"/{page.strip()}") for name in facts.get("files") or ()):
        return ["the page is the name of a template: render_template reads the file"]
    if kind == "text/html" and page.lstrip().startswith("{"):
        return ["JSON came, and its type says text/html: mimetype says what it is"]
    if "&#39; is not trusted" in page:  # its page cannot have links, so it has no frame
        return []
    if pages_for_errors(facts) and re.match(FLASKS_OWN, page):
        said = "this is the error's own page: no handler answered, or one sent on the"
        return [f"{said} error's response as it was"]
    if code == "500" and views and not facts.get("crash"):  # no routes: a real server
        said = (
            "500, and Flask met no crash: this is an answer of yours. An except, or a"
        )
        return [f"{said} handler for Exception, takes HTTPException and crash alike"]
    unasked = answering(views, path) is None or re.match(r'\s*\{\s*"error"', page)
    if code == "200" and unasked and re.match(r"expected [45]\d\d", wanted):
        return ["a handler that names no status answers 200"]
    if code == "404" and wanted == "expected 405" and answering(views, path):
        return ["the address has views, but none for this method: who made it a 404?"]
    json_wanted = code[:1] in ("4", "5") and wanted == "expected 'application/json'"
    if json_wanted and has_rooms(facts) and answering(views, path) is None:
        return ["no room sees an address that no rule fits: the app itself answers it"]
    if json_wanted:
        said = (
            "whose page is it? a handler for a number, or for NotFound, is nearer than"
        )
        mine = (
            "if it is of that one: a GET has no body, and hardly an Accept, but a path"
        )
        return [f"{said} one for HTTPException", mine]
    return []


def pages_for_errors(facts: Facts) -> bool:
    """Has the lesson got so far that errors have pages, and handlers, of their own?"""
    return any("templates/errors/" in name for name in facts.get("files") or ())


def broken_handler(facts: Facts, exchange: dict) -> list[str]:
    """What an exception that Flask met may have to do with an error handler."""
    told = facts.get("crash") or {}
    if escaped(facts) and while_sent(facts):
        said = "it raised while the answer was being sent: its status had left before,"
        return [f"{said} so no page for an error could come"]
    if escaped(facts) and told.get("type") == "BuildError":
        return ["the page for the error has the same link, so no answer came at all"]
    if escaped(facts):
        said = (
            "no answer came at all: did the handler of this error raise it, or that of"
        )
        return [f"{said} 500, which is asked when another one breaks?"]
    if not pages_for_errors(facts) or not told.get("view") or told.get("returned"):
        return []
    if "did not return a valid response" not in str(told.get("message")):
        return []
    view = told["view"].get("name")
    return [f"(where {view}() aborts, the handler of that error returned it)"]


def while_sent(facts: Facts) -> bool:
    """Did it raise in a generator: nowhere near a handler, a hook or a template?"""
    files = [str(spot.get("file")) for spot in facts["crash"].get("frames") or []]
    apart = "blog/errors.py" in (facts.get("files") or ())
    near = re.compile(r"errors\.py|hooks\.py|\.html$|__init__\.py|helpers\.py")
    return apart and not any(near.search(file) for file in files)


def escaped(facts: Facts) -> bool:
    """Did an exception leave the app, so that there was no answer to a request?"""
    exchange, told = facts.get("exchange") or {}, facts.get("crash") or {}
    if not told or exchange.get("status", "-") or "settings" in facts.get("own", ()):
        return False
    hook = "'NoneType' object is not callable"  # of after_request, and no handler
    quiet = ("expected a bytes-like object", hook)
    return not any(said in str(told.get("message")) for said in quiet)


def kind_of(exchange: dict) -> str:
    """Return the media type of an answer: ``text/html``."""
    found = [v for n, v in exchange.get("headers", []) if n.lower() == "content-type"]
    return found[0].partition(";")[0] if found else ""

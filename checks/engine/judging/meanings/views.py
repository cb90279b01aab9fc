"""A view that crashed: what it returned, called or compared."""

import difflib
import re

from checks.engine.judging.addresses import answering
from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame, place


@meaning(r"^TypeError: argument of type 'function' is not")
def function_as_endpoint(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames"):
        return []
    said = "in add_url_rule( ) a name stands second; the function is view_func="
    return ["the rule of this address has a function where its name belongs", said]


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
        article = "an" if kind[1][0] in "aeiouAEIO" else "a"
        what = f"{article} {kind[1]}"
        said = f"the view {view}() returned {what}; a page is text, a dict or a list"
        status = "a status stands behind the page: body, status, headers"
        more = [status] if kind[1] == "int" else []
    if kind and any(same(kind[1], route) for route in facts.get("routes") or []):
        said = f"a rule got the class {kind[1]} itself for a view, or an object of it"
        more = ["as_view( ) of the class makes a view, and takes the endpoint's name"]
    if kind and kind[1] in ("coroutine", "_GatheringFuture", "Task"):
        more = ["only what is awaited has an answer"]
    return [said, *frame(facts), *more]


def same(name: str, route: dict) -> bool:
    """Is the endpoint of a route, or its beginning, the name of this class?"""
    endpoint = str(route.get("endpoint")).rpartition(".")[2].lower()
    return name[0].isupper() and endpoint.startswith(name.lower())


@meaning(
    r"^(TypeError: 'int' object is not iterable|ValueError: .* values to unpack \()"
)
@meaning(r"^AttributeError: 'dict' object has no attribute 'strip'")
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


FLAGS = ["max_age", "expires", "path", "domain", "secure", "httponly", "samesite"]


@meaning(r"^TypeError: Response\.set_cookie\(\) got an unexpected keyword .*'(\w+)'")
def no_flag(match: re.Match, facts: Facts) -> list[str]:
    near = {flag.replace("_", ""): flag for flag in FLAGS}
    flag = near.get(match[1].replace("_", "").lower())
    guess = [f"keywords are small: {flag}"] if flag else []
    return [match.string, *frame(facts), *guess]


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
PARTS += ["set_cookie", "delete_cookie", "get_json", "remote_addr", "host", "url"]


@meaning(r"^AttributeError: '(Response|Request)' object has no attribute '(\w+)'")
def no_part(match: re.Match, facts: Facts) -> list[str]:
    close = difflib.get_close_matches(match[2].lower(), PARTS, 1, 0.6)
    guess = [f"did you mean {close[0]}?"] if close else []
    if match[1] == "Request" and match[2] in ("get", "getlist", "post"):
        said = "request.form has the fields of a form, request.args what follows a ?"
        guess = [f"{said}, request.files the files: ask one of them"]
    return [match.string, *frame(facts), *guess]


@meaning(r"^AttributeError: 'dict' object has no attribute '(\w+)'")
def point_for_brackets(match: re.Match, facts: Facts) -> list[str]:
    source = "".join(frame(facts)).rpartition("   ")[2]
    found = re.search(rf"\b(\w+)\.{match[1]}\b", source)
    if not found:
        return []
    said = f"in Python, a dict is asked with {found[1]}[{match[1]!r}]"
    return [match.string, *frame(facts), f"{said}; a template takes {found[0]}, too"]


INSTEAD = {
    "set": ["{ } without colons makes a set; [ ] makes a list"],
    "generator": ["( ) around a loop makes a generator; [ ] makes a list"],
    "map": ["list( ) makes a list of it"],
    "date": ["a date can go as text: isoformat( ) writes it"],
    "function": ["brackets behind its name call it"],
    "method": ["brackets behind its name call it"],
}


@meaning(r"^TypeError: Object of type (\w+) is not JSON serializable")
def no_json(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"a value of type {match[1]} cannot become JSON",
        *frame(facts),
        "JSON holds text, numbers, true, false, null, lists and dicts",
        *INSTEAD.get(match[1], []),
    ]


@meaning(r"^TypeError: '.+' not supported between instances of .*NoneType")
def compared_none(match: re.Match, facts: Facts) -> list[str]:
    said = "two values were compared, and one of them is None"
    day = ": a date may be None" if "date" in match.string else ""
    return [match.string, *frame(facts), said + day]


@meaning(r"^TypeError: '[<>]=?' not supported between instances of 'dict' and 'dict'")
def compared_dicts(match: re.Match, facts: Facts) -> list[str]:
    said = "a dict is neither smaller nor larger: key= says what to compare"
    return [match.string, *frame(facts), said]


@meaning(r"^ValueError: Unknown format code 'f' for object of type 'str'")
def text_as_number(match: re.Match, facts: Facts) -> list[str]:
    return [
        "a format with f is for numbers, and this value is text",
        *frame(facts),
        text_before(facts),
    ]


def text_before(facts: Facts) -> str:
    """Where a text comes from that should be a number: a template, or an address."""
    frames = facts["crash"].get("frames") or []
    if any(str(spot.get("file")).endswith(".html") for spot in frames):
        return "a filter gets what stands before its |: is that a number there?"
    return "a variable of an address is text until a converter makes it a number"


@meaning(r"^TypeError: not all arguments converted during string formatting")
def format_without_place(match: re.Match, facts: Facts) -> list[str]:
    said = "the text on the left of %, or of | format, has no % for one of the values"
    return [match.string, *frame(facts), said]


@meaning(r"^ValueError: unsupported format character ','")
def format_without_thousands(match: re.Match, facts: Facts) -> list[str]:
    said = "a format with % knows no comma for thousands; an f-string does"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: '[<>]=?' not supported between instances of '(str|int|float)'")
def compared_text(match: re.Match, facts: Facts) -> list[str]:
    if "'str'" not in match.string:
        return [match.string, *frame(facts)]
    said = "a text is compared with a number: is there a number in quotes?"
    return [match.string, *frame(facts), said]


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


@meaning(r"^RuntimeError: this address crashes on purpose")
def on_purpose(match: re.Match, facts: Facts) -> list[str]:
    return ["the check made this address crash on purpose, to see your answer to it"]


@meaning(r"^FileNotFoundError: \[Errno 2\] No such file or directory: '(.+)'")
def no_such_file(match: re.Match, facts: Facts) -> list[str]:
    wanted = match[1].rpartition("/app/")[2]
    same = [
        name
        for name in facts.get("files") or []
        if name.split("/")[-1] == wanted.split("/")[-1]
    ]
    there = f"{same[0]} is there" if same else "no file of yours has that name"
    return [f"FileNotFoundError: no file {wanted!r}; {there}", *frame(facts)]


@meaning(r"^UnicodeDecodeError: 'utf-?8' codec can't decode")
def no_text(match: re.Match, facts: Facts) -> list[str]:
    return [
        "bytes that are no text were read as text",
        *frame(facts),
        "an image is bytes: read it as bytes, or let Flask send the file",
    ]


@meaning(r"^OSError: \[Errno 27\]")
def too_much(match: re.Match, facts: Facts) -> list[str]:
    return ["the app wrote more than 64 MB into one file", *frame(facts)]


@meaning(r"^TypeError: \w+\(\) takes (?:from )?\d.* positional arguments? but \d+ w")
def arguments(match: re.Match, facts: Facts) -> list[str]:
    frames = facts["crash"].get("frames") or [{}]
    piped = "|" in str(frames[-1].get("source"))
    said = "a filter is called with what stands before its | as the first argument"
    view = str((facts["crash"].get("view") or {}).get("name"))
    if match.string.startswith(f"TypeError: {view}("):
        said = f"the view itself is called {view}, and hides any other {view}()"
        return [match.string, *frame(facts), said]
    return [match.string, *frame(facts), *([said] if piped else [])]


@meaning(r"^TypeError: (?:cannot use .* \()?unhashable type: '(?:list|tuple|dict|set)'")
def gathered(match: re.Match, facts: Facts) -> list[str]:
    if "gather(" not in "".join(frame(facts)):
        return []
    said = "gather( ) takes coroutines with commas between them, and no list of them"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: (?:cannot use .* as a set element \()?unhashable type: '(\w+)'")
def no_member(match: re.Match, facts: Facts) -> list[str]:
    said = f"{{ }} without colons makes a set, and a {match[1]} cannot be in a set"
    braces = "{" in "".join(frame(facts))
    return [match.string, *frame(facts), *([f"{said}; [ ] makes a list"] * braces)]


@meaning(r"^TypeError: sequence item \d+: expected a bytes-like object, (\w+) found")
def pieces(match: re.Match, facts: Facts) -> list[str]:
    return [
        f"the answer was sent piece by piece, and a piece was a {match[1]}, not text",
        "( ) around a loop makes a generator, map() is no list: [ ] makes a list",
    ]


@meaning(r"^ValueError: list\.remove\(x\): x not in list")
def not_in_list(match: re.Match, facts: Facts) -> list[str]:
    said = "remove( ) looks for the thing itself: was it given an id, or None?"
    return [match.string, *frame(facts), said]


@meaning(r"^IndexError: (pop|list|list assignment) index out of range")
def no_position(match: re.Match, facts: Facts) -> list[str]:
    if not re.search(r"\b(id|\w+_id)\b", "".join(frame(facts)).rpartition("   ")[2]):
        return []
    said = "a list counts positions, from 0; an id is no position"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: object of type '(\w+)' has no len\(\)")
def no_piece(match: re.Match, facts: Facts) -> list[str]:
    if facts["crash"].get("frames"):
        return []
    said = f"the answer was sent piece by piece, and a piece was of type {match[1]}"
    written = "writerow( ) gives back a number; the line is in the file it wrote into"
    return [said, "what a generator yields is text", *[written] * (match[1] == "int")]


@meaning(r"^TypeError: object of type 'NoneType' has no len")
def no_length(match: re.Match, facts: Facts) -> list[str]:
    said = "None is no list: does the function that should give one return it?"
    hint = "sort( ) changes a list in place and gives None back"
    return [match.string, *frame(facts), said, hint]


@meaning(r"^StopIteration")
def nothing_next(match: re.Match, facts: Facts) -> list[str]:
    said = "next( ) found nothing, and has no second value to give instead"
    return ["StopIteration", *frame(facts), said]


@meaning(r"^ValueError: .* is not in list")
def no_place(match: re.Match, facts: Facts) -> list[str]:
    said = "index( ) looks for the thing itself, and this list does not hold it"
    return ["ValueError: … is not in list", *frame(facts), said]


@meaning(r"^UnboundLocalError: .*local variable '(\w+)'")
def own_name(match: re.Match, facts: Facts) -> list[str]:
    return [
        match.string,
        *frame(facts),
        f"a function that says {match[1]} = … anywhere has a {match[1]} of its own",
        "to change a list of the file, use what changes a list in place",
    ]


@meaning(r"^TypeError: 'NoneType' object (is not subscriptable|does not support item)")
@meaning(r"^TypeError: list indices must be integers")
def no_dict(match: re.Match, facts: Facts) -> list[str]:
    said = "what stands before [ ] is None: was nothing found?"
    if "list" in match.string:
        said = "what stands before [ ] is a list, and only a dict has keys"
    if "not tuple" in match.string:
        said = "a comma in [ ] makes a tuple; a piece of a list is cut with a colon"
    return [match.string, *frame(facts), *caller(facts), said]


def caller(facts: Facts) -> list[str]:
    """The learner's own line that called the one that raised, where that is another."""
    frames = facts["crash"].get("frames") or []
    if len(frames) < 2 or frames[-2].get("name") == frames[-1].get("name"):
        return []
    return [f"called from {place(facts, frames[-2])}   {frames[-2].get('source')}"]


@meaning(r"^ValueError: (?:Invalid IPv6 URL|netloc .* contains invalid)")
def no_address_at_all(match: re.Match, facts: Facts) -> list[str]:
    said = "urlsplit refuses what it cannot read by a ValueError"
    return [match.string, *frame(facts), f"{said}: what should a visitor get then?"]


@meaning(r"^TypeError: (?:View\.)?as_view\(\) missing 1 required")
def no_endpoint(match: re.Match, facts: Facts) -> list[str]:
    said = "as_view( ) takes the name of the endpoint, a text, for url_for to ask for"
    return [match.string, *frame(facts), said]


@meaning(r"^AttributeError: type object '(\w+)' has no attribute 'as_view'")
def plain_class(match: re.Match, facts: Facts) -> list[str]:
    said = f"{match[1]} is a class of no kind: MethodView, in brackets behind its name"
    return [match.string, *frame(facts), f"{said}, makes it one of views"]


@meaning(r"^AssertionError: Unimplemented method '(\w+)'")
def no_method(match: re.Match, facts: Facts) -> list[str]:
    said = f"the class behind this address has no method called {match[1].lower()}"
    return [said, "methods of a class are named in small letters, as get and post are"]


@meaning(
    r"^TypeError: (?:\w+\.)*(\w+)\.(\w+)\(\) takes (\d) positional arguments? but \d+ w"
)
def no_self(match: re.Match, facts: Facts) -> list[str]:
    if match[3] != "0":
        return []
    said = f"a method is called with its object first: {match[2]}() of {match[1]} takes"
    return [match.string, *frame(facts), f"{said} no self"]


@meaning(
    r"^TypeError: (?:\w+\.)*(\w+)\.(\w+)\(\) got multiple values for argument '(\w+)'"
)
def self_taken(match: re.Match, facts: Facts) -> list[str]:
    said = f"the first parameter of {match[2]}() got the object: is self missing there?"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: (?:\w+\.)*(\w+)\.(\w+)\(\) got an unexpected keyword .*'(\w+)'")
def no_parameter_in_class(match: re.Match, facts: Facts) -> list[str]:
    said = (
        f"the address has a variable {match[3]}, and {match[2]}() of {match[1]} has no"
    )
    return [f"{said} parameter of that name", *frame(facts)]


@meaning(
    r"^TypeError: (?:\w+\.)*(\w+)\.(\w+)\(\) missing \d+ required positional .*: (.+)"
)
def no_variable_for_class(match: re.Match, facts: Facts) -> list[str]:
    said = (
        f"{match[2]}() of {match[1]} wants {match[3]}, and its address has no variable"
    )
    return [f"{said} of that name", *frame(facts)]


@meaning(r"^InvalidRequestError: Object .* cannot be converted to 'persistent' state")
def read_too_late(match: re.Match, facts: Facts) -> list[str]:
    own = [] if "/lib/" in "".join(frame(facts)) else frame(facts)
    return [
        "the session of the database, which these rows were asked for in, has ended",
        *own,
        "a generator runs when its view has returned: what it reads, it asks for itself",
        "(rows that a view returns as they are, and not in a list, are read as late)",
    ]


@meaning(r"^AttributeError: '(\w+)' object has no attribute '__name__'")
def no_view(match: re.Match, facts: Facts) -> list[str]:
    said = f"an object of {match[1]} is no view: as_view( ) of the class makes one"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: 'function' object is not iterable")
def generator_function(match: re.Match, facts: Facts) -> list[str]:
    if "as_view(" in "".join(frame(facts)):
        said = "decorators of a class is a list, of one as of many"
        return [match.string, *frame(facts), said]
    if facts["crash"].get("frames"):
        return []
    said = "the body of the answer is a function: brackets behind its name call it, and"
    return [match.string, f"{said} a function that yields gives a generator then"]


@meaning(r"^RuntimeError: await wasn't used with future")
@meaning(r"^TypeError: cannot unpack non-iterable (coroutine|_GatheringFuture|Task)")
def not_awaited(match: re.Match, facts: Facts) -> list[str]:
    said = "what was gathered has no answers yet: await, in front of it, waits for them"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: An asyncio\.Future, a coroutine or an awaitable is required")
@meaning(r"^TypeError: a coroutine was expected, got <function")
@meaning(
    r"^TypeError: (?:object (\w+) can't be used in|'(\w+)' object can't be awaited)"
)
def no_coroutine(match: re.Match, facts: Facts) -> list[str]:
    kind = (match[1] or match[2] or "") if match.re.groups else "function"
    said = {
        "function": "an async function makes a coroutine when it is called: brackets",
        "tuple": "a comma makes a tuple, which nobody can wait for: gather( ) takes both",
        "list": "a list cannot be awaited: gather( ) waits for several",
    }
    other = "only what waits is awaited; all else, as render_template, answers at once"
    return [match.string, *frame(facts), said.get(kind, other)]


@meaning(r"^RuntimeError: asyncio\.run\(\) cannot be called from a running event loop")
def second_loop(match: re.Match, facts: Facts) -> list[str]:
    said = (
        "an async view runs in an event loop already: await takes the place of run( )"
    )
    return [match.string, *frame(facts), said]


@meaning(r"^RuntimeError: (There is no current event loop|no running event loop)")
@meaning(r"^ValueError: a coroutine was expected, got <_GatheringFuture")
def no_loop(match: re.Match, facts: Facts) -> list[str]:
    said = "gather( ) needs an event loop: an async view has one, and awaits it"
    return [match.string.partition(", got")[0], *frame(facts), said]


@meaning(r"^RuntimeError: Install Flask with the 'async' extra")
def no_asgiref(match: re.Match, facts: Facts) -> list[str]:
    return [match.string, "pip install 'flask[async]' brings asgiref"]


def coroutines(facts: Facts) -> list[str]:
    """What a page shows of a wait that nobody has waited for."""
    page = (facts.get("exchange") or {}).get("response") or ""
    found = re.search(
        r"(?:&lt;|<)(coroutine object (\w+)|Task |_GatheringFuture)", page
    )
    if not found:
        return []
    what = f"{found[2]}()" if found[2] else "gather( )"
    return [f"the page shows what {what} made, and not its answer: nobody awaited it"]


def capitals(facts: Facts) -> list[str]:
    """A class behind a rule that has no method for what was asked."""
    exchange, routes = facts.get("exchange") or {}, facts.get("routes") or []
    asked = str(exchange.get("method"))
    if exchange.get("status", "")[:3] != "405" or asked == "PATCH":
        return []
    path = exchange["path"].partition("?")[0]
    ends = {answering(routes, path, name) for name in ("GET", "POST", "PUT", "DELETE")}
    of_class = [r for r in routes if r["endpoint"] in ends and "views.py" in r["view"]]
    said = f"a class answers there: its method for {asked} is called {asked.lower()}"
    return [f"{said}, in small letters"] if of_class else []


def streams(facts: Facts) -> list[str]:
    """An answer that broke off, since its generator ran after the request."""
    message = str((facts.get("crash") or {}).get("message"))
    if not facts.get("exchange") or not message.startswith("Working outside of"):
        return []
    return ["stream_with_context( ) keeps the request until the last piece has left"]

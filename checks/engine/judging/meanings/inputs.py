"""What comes from outside, read in the wrong way: forms, JSON, files, settings."""

import json
import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame


@meaning(r"^IsADirectoryError: \[Errno 21\] Is a directory: '(.+)'")
def no_file_name(match: re.Match, facts: Facts) -> list[str]:
    body = str((facts.get("exchange") or {}).get("body"))
    why = "the path should go on behind the folder, with a name"
    if 'filename=""' in body:
        why = "a browser sends an empty name where no file was chosen"
    path = match[1].rpartition("/app/")[2]
    return [
        f"{path} is a folder, and a file was to be written there",
        *frame(facts),
        why,
    ]


@meaning(r"^FileNotFoundError: \[Errno 2\] No such file or directory: '(.+)'")
def no_folder(match: re.Match, facts: Facts) -> list[str]:
    """A file that was to be written where there is no folder."""
    source = "".join(frame(facts))
    if not re.search(r"\.save\(|\.write|mkdir\(|open\(.*['\"][wxa]b?['\"]", source):
        return []
    path = match[1].rpartition("/app/")[2]
    folder = path.rpartition("/")[0]
    said = [f"there is no folder {folder!r}, and writing a file makes none"]
    if "mkdir(" in source:
        said = ["mkdir makes the last folder of a path; those above it need parents="]
    elif path.startswith("/"):
        said += ["a name that begins with / takes the place of the folder before it"]
    elif path == match[1]:
        said += ["a relative path starts in the folder where flask was started"]
    elif re.search(r'filename="[^"]*[/\\]', str(facts.get("exchange"))):
        said += ["the name that came holds slashes, so it leads into other folders"]
    return [f"FileNotFoundError: {path!r}", *frame(facts), *said]


@meaning(r"^FileExistsError: \[Errno 17\] File exists: '(.+)'")
def folder_is_there(match: re.Match, facts: Facts) -> list[str]:
    path = match[1].rpartition("/app/")[2]
    if "mkdir" not in "".join(frame(facts)):
        return [f"FileExistsError: {path!r} is there already", *frame(facts)]
    said = (
        f"{path!r} is there since the first time: exist_ok= says whether that is fine"
    )
    return [f"FileExistsError: {path!r}", *frame(facts), said]


@meaning(r"^OSError: \[Errno 36\] File name too long")
def long_name(match: re.Match, facts: Facts) -> list[str]:
    said = "a file's name may have 255 bytes here; what a visitor sends may have more"
    return [match[0], *frame(facts), said]


FILE = "filename|save|read|seek|stream|mimetype|content_type"


@meaning(rf"^AttributeError: '(NoneType|str|\w*MultiDict)' object has no .*'({FILE})'")
def no_file_object(match: re.Match, facts: Facts) -> list[str]:
    """Something else than a file, where the view counts on one."""
    exchange = facts.get("exchange") or {}
    if not re.match(r"multipart|$|application/x-www", str(exchange.get("type"))):
        return []
    names = re.findall(r'name="([^"]*)"; filename=', str(exchange.get("body")))
    came = f"the file came under the key {names[0]!r}" if names else "no file came"
    none = f"{came}; .get( ) gives None for a key that is not there"
    if "not in request.form" in str(
        [slip["slip"] for slip in facts.get("slips") or []]
    ):
        none = ".get( ) gives None for a key that is not there"
    said = {
        "NoneType": none,
        "str": "this is text; a file is in request.files, and not in request.form",
    }
    every = "request.files is like a dict of all files that came: ask it for one"
    return [match.string, *frame(facts), said.get(match[1], every)]


@meaning(r"^TypeError: .*\bFileStorage\b")
def file_as_text(match: re.Match, facts: Facts) -> list[str]:
    said = "that is the whole upload; its name, which is text, is its filename"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: unsupported operand .* for \+: '(\w*Path)' and")
def path_plus(match: re.Match, facts: Facts) -> list[str]:
    return [match.string, *frame(facts), "a Path and a name are joined by /, not by +"]


@meaning(r"^IndexError: list index out of range")
def no_point(match: re.Match, facts: Facts) -> list[str]:
    """A name that was cut at its point, and has none."""
    if not re.search(r"split\(['\"]\.['\"]", "".join(frame(facts))):
        return []
    return [match.string, *frame(facts), "a name without a point has no second part"]


# What a JSON value is called, by the type that Python makes of it.
KINDS = {"list": "a list", "str": "a text", "int": "a number", "float": "a number"}
KINDS |= {"bool": "true or false", "NoneType": "null, which is None in Python"}


def brought(facts: Facts) -> tuple:
    """Return the JSON value that a request brought, in a tuple; () for anything else."""
    exchange = facts.get("exchange") or {}
    if "json" not in str(exchange.get("type")):
        return ()
    try:
        return (json.loads(exchange["body"]),)
    except (ValueError, RecursionError):
        return ()


@meaning(r"^KeyError: '(\w+)'$")
def not_in_the_environment(match: re.Match, facts: Facts) -> list[str]:
    """A variable, or a setting, that is insisted on and not there."""
    source = "".join(frame(facts)).rpartition("   ")[2]
    lines = [match.string, *frame(facts)]
    if not re.search(r"\benviron\[", source):
        said = f"app.config has no {match[1]}: from_object copies names in capitals"
        return [*lines, said] if re.search(r"\bconfig\[", source) else []
    said = f"[ ] insists on a variable {match[1]}, and none was set outside"
    if spots(facts)[-1].get("name", "")[:1].isupper():  # a class, not a function
        said += ": the body of a class runs at import, for every environment"
    return [*lines, said]


@meaning(r"^RuntimeError: The environment variable '(\w+)' is not set")
def no_envvar(match: re.Match, facts: Facts) -> list[str]:
    said = f"from_envvar wants a variable {match[1]} that holds the path of a file"
    return [match[0], *frame(facts), f"{said}, unless silent=True"]


@meaning(r"^(?:RuntimeError|ValueError|LookupError|KeyError|Exception): .")
def refuses_to_start(match: re.Match, facts: Facts) -> list[str]:
    """An exception that the app itself raises, before there is a request."""
    source = "".join(frame(facts)).rpartition("   ")[2]
    if not source.startswith("raise ") or (facts.get("exchange") or {}).get("status"):
        return []
    said = "so says your own app, and does not start"
    return [match.string, *frame(facts), said]


@meaning(r"^ImportStringError: import_string\(\) failed for '?([\w.]+)'?")
def no_such_object(match: re.Match, facts: Facts) -> list[str]:
    message = facts["crash"].get("message", "")
    why = re.search(r"\b\w+Error: (.+)", message.partition("riginal exception")[2])
    said = "a text for from_object is a module, a dot, and a name in that module"
    told = f"nothing can be imported as {match[1]}"
    return [told, *frame(facts), *([why[1]] if why else []), said]


@meaning(r"^TypeError: int\(\) argument must be .*, not 'NoneType'")
@meaning(r"^ValueError: invalid literal for int\(\) with base 10: '(.*)'")
def no_number_set(match: re.Match, facts: Facts) -> list[str]:
    if facts.get("exchange"):  # what a visitor sent, and no setting
        return []
    said = "a variable that is not set gives None: what stands in for it?"
    if match.lastindex:
        said = "this text makes no number"
    if match.lastindex and not match[1]:
        said = (
            "a variable may be there and empty: get( ) gives '' then, not its default"
        )
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: slice indices must be integers")
def text_in_a_slice(match: re.Match, facts: Facts) -> list[str]:
    said = "a list is cut with whole numbers, and this is none: a setting from outside"
    return [match.string, *frame(facts), f"{said} is text, until int( ) reads it"]


@meaning(r"^AttributeError: 'NoneType' object has no attribute '(token|type)'")
def no_authorization(match: re.Match, facts: Facts) -> list[str]:
    if "uthorization" not in str(spots(facts)) and match[1] != "token":
        return []
    said = "request.authorization is None where no such header came, or one that says"
    return [match.string, *frame(facts), f"{said} nothing: ask for that first"]


@meaning(r"^TypeError: unsupported operand types\(s\) or combination of types: '(\w+)'")
@meaning(r"^TypeError: comparing strings with non-ASCII characters is not supported")
@meaning(r"^TypeError: a bytes-like object is required, not '(\w+)'")
def digests(match: re.Match, facts: Facts) -> list[str]:
    if "compare_digest(" not in "".join(frame(facts)):
        return []
    said = (
        "compare_digest takes two texts of plain ASCII or, better, two pieces of bytes"
    )
    none = "NoneType" in match.string
    more = ["None is neither: what if no token came?"] if none else []
    return [match.string, *frame(facts), said, *more]


@meaning(r"^KeyError: '(\w+)'$")
def no_such_key(match: re.Match, facts: Facts) -> list[str]:
    """A key that the JSON of this request does not have."""
    for data in brought(facts):
        if isinstance(data, dict) and match[1] not in data:
            keys = ", ".join(repr(str(key)[:30]) for key in [*data][:5]) or "none"
            said = f"the JSON that came has no key {match[1]!r}; its keys: {keys}"
            return [match.string, *frame(facts), said]
    return []


@meaning(r"^(?:TypeError|AttributeError): .*'(NoneType|list|str|int|float|bool)'")
@meaning(r"^TypeError: (list|string|byte) indices must be integers")
def other_shape(match: re.Match, facts: Facts) -> list[str]:
    """JSON of another shape than the view counts on."""
    kind = {"string": "str", "byte": "bytes"}.get(match[1], match[1])
    for data in brought(facts):
        told = [match.string, *frame(facts)]
        if type(data).__name__ == kind:
            return [*told, f"the JSON that came is {KINDS[kind]}: it has no keys"]
        if kind == "bytes":
            return [*told, "bytes came, as they are: request.get_json() reads them"]
        if not isinstance(data, dict):
            return []
        for key, value in data.items():
            if type(value).__name__ == kind:
                return [*told, f"{key!r} in the JSON that came is {KINDS[kind]}"]
        secret = (facts.get("exchange") or {}).get("authorization")
        if secret and "'encode'" in match.string:
            return []  # the None is a token's, which no JSON brings
        if "NoneType' object has no attribute" in match.string:
            keys = ", ".join(repr(str(key)[:30]) for key in [*data][:5]) or "none"
            said = ".get( ) gives None for a key that is not there"
            came = f"the JSON that came, for request.get_json(), has these keys: {keys}"
            return [*told, said, came]
    return []


@meaning(r"^JSONDecodeError: ")
def no_json_came(match: re.Match, facts: Facts) -> list[str]:
    said = "what came is no JSON: request.get_json() answers that with 400 itself"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: '(\w+)' object is not callable")
def json_is_a_value(match: re.Match, facts: Facts) -> list[str]:
    if not re.search(r"request\.json\(", "".join(frame(facts))):
        return []
    said = "request.json is the value already; get_json( ) is the one that is called"
    return [match.string, *frame(facts), said]


@meaning(r"^AttributeError: 'NoneType' object has no attribute '(strip|split|lower)'")
def no_such_field(match: re.Match, facts: Facts) -> list[str]:
    """A text that the request did not bring, and .get() without a second value."""
    frames = facts["crash"].get("frames") or []
    if not re.search(
        r"\.get\(|\.form\b", " ".join(str(f.get("source")) for f in frames)
    ):
        return []
    said = (
        "get( ) gives None where the request has no such field: what if it is missing?"
    )
    return [match.string, *frame(facts), said]


@meaning(
    r"^AttributeError: 'NoneType' object has no attribute '(\w*strip|lower|upper)'"
)
def no_text_came(match: re.Match, facts: Facts) -> list[str]:
    """The same, where the line that asked is not among those that crashed."""
    exchange = facts.get("exchange") or {}
    kind = str(exchange.get("type"))
    if exchange.get("method") == "POST" and ("form" in kind or not kind):
        said = "get( ) gives None for a field that the request does not carry"
        return [match.string, *frame(facts), said]
    if not re.search(r"[?&]", str(exchange.get("path"))):
        return []
    said = "get( ) gives None where the address has no such key: what if it is missing?"
    return [match.string, *frame(facts), said]


@meaning(r"^KeyError: '[A-Z_]+'$")
def no_header_came(match: re.Match, facts: Facts) -> list[str]:
    if not re.search(r"headers|environ", "".join(frame(facts))):
        return []
    said = "a header need not come, and [ ] insists on it; .get( ) gives None then"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: '(str|int|bool|NoneType)' object is not callable")
def part_is_a_value(match: re.Match, facts: Facts) -> list[str]:
    if not re.search(r"\brequest\.\w+\(", "".join(frame(facts)).rpartition("   ")[2]):
        return []
    said = "this part of the request is a value, no function: it takes no ( )"
    return [match.string, *frame(facts), said]


@meaning(r"^ValueError: (invalid literal for int|could not convert string to float)")
@meaning(r"^ValueError: Exceeds the limit .* for integer string conversion")
def no_number_came(match: re.Match, facts: Facts) -> list[str]:
    if "request." not in "".join(str(s.get("source")) for s in spots(facts)):
        return [match.string, *frame(facts), "this text makes no number"]
    said = "this text makes no number, and a visitor can send any text"
    return [match.string, *frame(facts), said]


@meaning(
    r"^TypeError: unsupported operand .* for [-+*/%]+: '(str|int)' and '(str|int)'"
)
@meaning(r"^TypeError: can only concatenate str \(not \"int\"\) to str")
def text_in_a_sum(match: re.Match, facts: Facts) -> list[str]:
    if not str((spots(facts) or [{}])[-1].get("file")).endswith(".py"):
        return []
    said = "one of the two is text: what a visitor sends is, until it is made a number"
    return [match.string, *frame(facts), said]


def spots(facts: Facts) -> list[dict]:
    """Return the learner's own lines that the crash passed."""
    return facts["crash"].get("frames") or []

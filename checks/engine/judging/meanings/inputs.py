"""What comes from outside, read in the wrong way: forms, JSON, files, settings."""

import difflib
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
def not_in_the_session(match: re.Match, facts: Facts) -> list[str]:
    if not re.search(r"\bsession\[", "".join(frame(facts))):
        return []
    said = f"[ ] insists on {match[1]!r}, and the session of this visitor has none"
    return [match.string, *frame(facts), f"{said}: has everybody signed in?"]


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


@meaning(r"^TypeError: 'SecureCookieSession' object is not callable")
@meaning(r"^AttributeError: 'SecureCookieSession' object has no attribute")
def session_is_like_a_dict(match: re.Match, facts: Facts) -> list[str]:
    said = "the session is like a dict: [ ], .get( ), .pop( ) and .clear( ) work"
    return [match.string, *frame(facts), said]


@meaning(r"^RuntimeError: The session is unavailable because no secret key was set")
def no_key_to_sign(match: re.Match, facts: Facts) -> list[str]:
    said = "a session is signed, and SECRET_KEY is None or empty when the request comes"
    return [match[0], *frame(facts), f"{said}: who set it last?"]


@meaning(r"^ValueError: SameSite must be")
@meaning(r"^AttributeError: 'bool' object has no attribute 'title'")
def no_same_site(match: re.Match, facts: Facts) -> list[str]:
    said = "SameSite is a text: 'Strict', 'Lax' or 'None'"
    return [match.string, f"{said}, in SESSION_COOKIE_SAMESITE or in set_cookie"]


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
    r"^AttributeError: 'NoneType' object has no attribute '(\w*strip|lower|upper|startswith)'"
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


# Names of Flask-WTF and WTForms that lessons use, by the module that has them.
HOMES = {
    "flask_wtf": "CSRFProtect FlaskForm",
    "flask_wtf.csrf": "CSRFError generate_csrf validate_csrf",
    "wtforms": "EmailField PasswordField StringField TextAreaField",
    "wtforms.validators": "DataRequired EqualTo InputRequired Length Optional Regexp",
}
HOME_OF = {name: home for home, names in HOMES.items() for name in names.split()}
CSRF = "CSRFProtect brings csrf_token( ) to the templates of the app that it gets"


@meaning(
    r"^ImportError: cannot import name '(\w+)' from '((?:flask_wtf|wtforms)[\w.]*)'"
)
def not_there(match: re.Match, facts: Facts) -> list[str]:
    said = f"ImportError: {match[2]} has nothing called {match[1]}"
    same = {name.lower(): name for name in HOME_OF}
    name = same.get(match[1].lower(), match[1])
    close = difflib.get_close_matches(name, HOME_OF, 1, 0.7)
    if match[1] in HOME_OF:
        more = [f"it is imported from {HOME_OF[match[1]]}"]
    else:
        more = [f"did you mean {near} of {HOME_OF[near]}?" for near in close]
    return [said, *frame(facts), *more]


@meaning(r"^UndefinedError: 'csrf_token' is undefined")
def no_guard(match: re.Match, facts: Facts) -> list[str]:
    return [match.string, *in_page(facts), f"{CSRF}: has it got this one?"]


@meaning(r"^UndefinedError: '(\w+)' is undefined")
def no_macro(match: re.Match, facts: Facts) -> list[str]:
    """A macro of another file that is called with a field, and not imported."""
    lines = in_page(facts)
    if not re.search(rf"\{{\{{-?\s*{match[1]}\(\s*form\b", "".join(lines)):
        return []
    said = "a macro of another file is imported by {% from … import … %}"
    return [match.string, *lines, said]


@meaning(r"^UndefinedError: '.+' has no attribute '(hidden_tag|csrf_token)'")
@meaning(r"^AttributeError: .+ has no attribute '(validate_on_submit|is_submitted)'")
def plain_form(match: re.Match, facts: Facts) -> list[str]:
    said = (
        "hidden_tag and validate_on_submit are FlaskForm's; Form of WTForms has neither"
    )
    return [match.string, *frame(facts), said]


@meaning(r"^AttributeError: '(\w+Field)' object has no attribute '\w+'")
@meaning(r"^TypeError: .*'(\w+Field)'")
def whole_field(match: re.Match, facts: Facts) -> list[str]:
    said = "this is the field of a form: its text is its .data"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: .*\bunexpected keyword argument 'csrf_token'")
def token_in_data(match: re.Match, facts: Facts) -> list[str]:
    said = "form.data holds the token as well, beside the fields of yours"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: <class '[\w.]*?(\w+)'> is not a valid validator")
def class_of_validator(match: re.Match, facts: Facts) -> list[str]:
    said = f"{match[1]} is a class: brackets behind its name make a validator"
    return [said, *frame(facts)]


@meaning(r"^TypeError: descriptor '\w+' for 'str' objects doesn't apply to a 'None")
def filter_of_none(match: re.Match, facts: Facts) -> list[str]:
    said = "a filter gets None where nothing was sent, also on a GET"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: FlaskForm\.\w+\(\) missing 1 required .*'self'")
def class_of_form(match: re.Match, facts: Facts) -> list[str]:
    said = "a class was handed over: brackets make a form of it"
    return [match.string, *frame(facts), said]


@meaning(r"^AttributeError: module '([\w.]+)' has no attribute '__module__'")
def module_exempt(match: re.Match, facts: Facts) -> list[str]:
    name = match[1].rpartition(".")[2]
    said = f"{name} is the module: the blueprint has a name in it"
    return [f"the module {match[1]} was handed over", *frame(facts), said]


def in_page(facts: Facts) -> list[str]:
    """Return the line of a template that raised; a page for its error may say the same."""
    frames = facts["crash"].get("frames") or []
    inside = [spot for spot in frames if str(spot.get("file")).endswith(".html")]
    return frame({**facts, "crash": {"frames": inside[-1:]}})


@meaning(r"^NameError: name 'current_user' is not defined")
def of_flask_login(match: re.Match, facts: Facts) -> list[str]:
    said = "current_user comes from Flask-Login, and not from Flask: who asks here?"
    return [match.string, *frame(facts), said]


@meaning(r"^AttributeError: 'NoneType' object has no attribute '(split|count)'")
def no_hash(match: re.Match, facts: Facts) -> list[str]:
    if "check_password_hash(" not in "".join(frame(facts)):
        return []
    said = "the hash is None there: this row was kept without a password"
    return [match.string, *frame(facts), said]


@meaning(r"^AttributeError: 'NoneType' object has no attribute '(\w+)'")
def no_member(match: re.Match, facts: Facts) -> list[str]:
    """None, where a row of a member was meant."""
    source = "".join(frame(facts))
    if "blog/models.py" not in (facts.get("files") or ()):
        return []
    said = ".get( ) and a select give None where no row was found: ask for that first"
    if re.search(rf"\bvisitor\(\)\.{match[1]}\b", source):
        said = "visitor() is None where nobody has logged in: ask for that first"
    elif match[1] not in ("password_hash", "is_admin", "name", "id", "posts"):
        return []
    return [match.string, *frame(facts), said]


@meaning(r"Error binding parameter \S+: type '(\w+)' is not supported")
def no_value_of_a_column(match: re.Match, facts: Facts) -> list[str]:
    what = "an object came: in a session and in a select its id is meant"
    if match[1].endswith("Field"):
        what = "a field of a form came: what was typed is its .data"
    return [f"{match[1]} is no value of a column", *frame(facts), what]

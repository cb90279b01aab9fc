"""What a status means: which addresses the app answers, and which it was asked for."""

import difflib
import re
from urllib.parse import unquote

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from checks.engine.judging.spots import Facts, frame

OURS = {"static", "crash_on_purpose"}
# Rules and paths beyond these are nobody's honest work, and would be slow to compare.
MOST_VARIABLES, MOST_PATH = 5, 300


def status(facts: Facts) -> list[str]:
    """What the status of the last answer says."""
    exchange = facts.get("exchange")
    if not exchange or facts.get("lost") or of_nginx(exchange):
        return []
    code = str(exchange.get("status", ""))[:3]
    if "the status is right" in str(facts.get("rule")):
        path = exchange["path"].partition("?")[0]
        view = answering(facts.get("routes") or [], path, exchange["method"])
        known = view and view not in OURS
        return [f"{view}() answered it with {code}"] if known else []
    if code == "404":
        return no_file(facts, exchange) or not_found(facts, exchange)
    if code == "405":
        return not_allowed(facts, exchange)
    if code in ("301", "302", "303", "307", "308"):
        return [*redirected(exchange), *no_address(facts, exchange)]
    if code == "400" and "crash" not in facts:
        return no_key(facts) or refusal(facts, exchange)
    path = exchange["path"].partition("?")[0]
    routes = facts.get("routes") or []
    lines = doubles([r for r in routes if r["rule"] == path])
    if str(facts.get("expected", "")).startswith("expected 404"):
        lines += too_wide(routes, path)
    return lines


def of_nginx(exchange: dict) -> bool:
    """Did nginx make this answer by itself, and no app behind it?"""
    return "<center>nginx" in str(exchange.get("response"))


def too_wide(routes: list[dict], path: str) -> list[str]:
    """A page where there should be none: the variable that takes too much."""
    view = answering(routes, path)
    for route in routes:
        found = VARIABLE.search(route["rule"])
        if route["endpoint"] != view or found is None or found[1] not in WIDE:
            continue
        if route["rule"].startswith("/files/<path:"):  # it is to take slashes
            continue
        if answering([route], path):
            takes = f"{route['rule']} takes {WIDE[found[1]]}"
            return [f"{takes}: should a converter refuse this one, or {view}()?"]
    return []


def redirected(exchange: dict) -> list[str]:
    """A redirect: where to, and whether it is only the slash that Flask adds."""
    location = str(exchange.get("location") or "nowhere")
    lines = [f"it redirects to {location}"]
    path = exchange["path"].partition("?")[0]
    added = location.partition("?")[0].endswith(path + "/")
    if added and exchange["status"][:3] == "308":
        lines.append(f"{path}/ is not {path}: the slash at the end counts")
    return lines


def no_address(facts: Facts, exchange: dict) -> list[str]:
    """A redirect to what is the name of a view."""
    views = [route["endpoint"] for route in facts.get("routes") or []]
    if exchange.get("location") not in views:
        return []
    return ["redirect takes an address, not the name of a view: url_for builds one"]


FLASKS_OWN = "<!doctype html>\n<html lang=en>\n<title>400 "


def refusal(facts: Facts, exchange: dict) -> list[str]:
    """A 400 that nobody asked for: a page of the app's own may be the one expected."""
    wanted = re.findall(r"\b[1-5]\d\d\b", str(facts.get("expected")))
    own = not str(exchange.get("response")).startswith(FLASKS_OWN)
    told = exchange.get("scheme") == "https" and "&#39; is not trusted" in str(
        exchange.get("response")
    )
    if "400" in wanted or told or (own and not wanted):
        return []
    return ["400: Flask or your view refused what the request carried"]


def no_key(facts: Facts) -> list[str]:
    """A 400 that Flask made of a missing key: which one, and in which line?"""
    told = facts.get("refused")
    if not told:
        return []
    source = (told["frames"] or [{}])[-1].get("source", "")
    key = repr(told["message"])
    said = f"a key in [ ] that is not there gives this 400: {key}"
    if "request." in source:
        said = f"a key in [ ] that the request does not carry gives this 400: {key}"
    if re.match(r"[\w.]+\[[^]]*\]\s*==", source):
        said = f"there is no {key} to compare with: == compares, one = sets"
    lines = [said, *frame({**facts, "crash": told})]
    if str((facts.get("exchange") or {}).get("response")).startswith(FLASKS_OWN):
        lines.append("(your running app, while it debugs, shows that as a long 500)")
    return lines


def no_file(facts: Facts, exchange: dict) -> list[str]:
    """A 404 where a file of static/ was asked for: which files are there?"""
    path = exchange["path"].partition("?")[0]
    path = unquote(path.removeprefix(exchange.get("prefix") or "\0"))
    if called := re.search(r"\b(url_for|fresh)\(", path):
        said = f"the link is the text {called[0]}… itself"
        return [f"{said}: in a template, {{{{ }}}} calls it"]
    files = [str(name) for name in facts.get("files") or []]
    there = [name for name in files if name.startswith("static/")]
    same = [name for name in files if name.split("/")[-1] == path.split("/")[-1] != ""]
    view = answering(facts.get("routes") or [], path)
    if view != "static" and not any(name in there for name in same):
        return []
    if view not in (None, "static"):
        return [f"{view}() answered this address with 404", *holds(there)]
    if view is None:
        said = f"no view answers {path}"
        name = next(name for name in same if name in there)
        return [f"{said}; {name} is there, and answers below /static/"]
    if not there:
        other = [
            f"{name} is there: Flask serves the folder static" for name in same[:1]
        ]
        return ["there is no folder static beside app.py", *other]
    wanted = "static/" + path.removeprefix("/static/")
    close = same[:1] or difflib.get_close_matches(wanted, files, 1, 0.6)
    return [
        f"{wanted} is not there",
        *holds(there),
        *[f"the closest is {name}" for name in close if name != wanted],
    ]


def holds(files: list[str]) -> list[str]:
    """Say which files static/ holds, by the names that url_for wants."""
    names = [name.removeprefix("static/") for name in files[:12]]
    return ["static/ holds: " + ("  ".join(names) or "nothing")]


def not_found(facts: Facts, exchange: dict) -> list[str]:
    """A 404: which addresses does the app answer, and which is close?"""
    routes = [r for r in facts.get("routes") or [] if r["endpoint"] not in OURS]
    rules = list(dict.fromkeys(route["rule"] for route in routes))
    path = (
        exchange["path"].partition("?")[0].removeprefix(exchange.get("prefix") or "\0")
    )
    if not rules and exchange.get("scheme") == "https":  # nginx is asked, and not it
        return []
    if not rules:
        return ["your app has no routes of its own"]
    if view := answering(routes, path, exchange["method"]):
        right = f"the address is right; {view}() answered it with 404"
        if view == answering([r for r in routes if "<path:" in r["rule"]], path):
            right = f"{view}() takes any path, and answered this one with 404"
        return [right, *no_number(routes, view), *doubles(routes)]
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
    close = closest(rules, path)
    return [*lines, f"the closest is {close}"] if close else lines


def closest(rules: list[str], path: str) -> str | None:
    """Return the rule that misses a path by a few letters, None if all are far away."""
    wanted, found, best = path[:MOST_PATH].split("/"), None, 0.6
    for rule in rules:
        parts = rule[:MOST_PATH].split("/")
        if len(parts) == len(wanted):
            pairs = zip(parts, wanted, strict=True)
            like = min(likeness(part, other) for part, other in pairs)
            if like > best:
                found, best = rule, like
    return found


def likeness(part: str, wanted: str) -> float:
    """Return how alike two parts of a path are, from 0 to 1; a variable is like any."""
    if part == wanted or (wanted and VARIABLE.search(part)):
        return 1.0
    return difflib.SequenceMatcher(None, part, wanted).ratio()


def doubles(routes: list[dict]) -> list[str]:
    """Two views under one address and method: only the first is ever asked."""
    first: dict[tuple, str] = {}
    lines = []
    for route in routes:
        for method in {*route["methods"]} - {"HEAD", "OPTIONS"}:
            rule, view = route["rule"], route["endpoint"]
            asked = first.setdefault((rule, method), view)
            if asked != view:
                lines.append(
                    f"two views answer {rule}: {asked} is asked, {view} never is"
                )
    return lines


def no_number(routes: list[dict], view: str) -> list[str]:
    """A variable for an id that arrives as text, and so equals no number."""
    rules = [route["rule"] for route in routes if route["endpoint"] == view]
    names = re.findall(r"<(?:string:)?(id|\w+_id)>", " ".join(rules))
    return [f"{name} is text there: is an id text?" for name in names[:1]]


def answering(routes: list[dict], path: str, method: str | None = None) -> str | None:
    """Return the endpoint whose rule fits a path and method, None if none does.

    Without a method, any method is right.
    """
    try:
        rules = [
            Rule(
                route["rule"],
                endpoint=route["endpoint"],
                methods=route["methods"] if method else None,
            )
            for route in routes
        ]
        return Map(rules).bind("localhost").match(unquote(path), method)[0]
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
# Variables that take nearly everything.
WIDE = {
    None: "any text without a slash",
    "string": "any text without a slash",
    "path": "any text, with slashes too",
}
VARIABLE = re.compile(r"<(?:(\w+):)?\w+>")


def refused(rule: str, path: str) -> str | None:
    """Say which converter kept a rule from matching a path, None if none did."""
    around = VARIABLE.sub("\0", rule).split("\0")
    if len(around) > MOST_VARIABLES or len(path) > MOST_PATH:
        return None
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
    routes = facts.get("routes") or []
    return [said, *elsewhere(routes, path, exchange["method"]), *doubles(routes)]


def elsewhere(routes: list[dict], path: str, method: str) -> list[str]:
    """Views that share an address, none for this method; and where that method is."""
    here = {
        name: view
        for name in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if (view := answering(routes, path, name))
    }
    told = ", ".join(f"{view}() answers {name}" for name, view in here.items())
    lines = [f"there, {told}: which view is for {method}?"] if told else []
    parts = path[:MOST_PATH].split("/")
    for route in routes:
        pairs = list(zip(route["rule"][:MOST_PATH].split("/"), parts, strict=False))
        if method in route["methods"] and min(likeness(*pair) for pair in pairs) > 0.6:
            lines.append(f"{route['endpoint']}() answers {method} at {route['rule']}")
    return lines[:3]

"""Blueprints: their names, how they are registered, and the endpoints they make."""

import difflib
import re

from checks.engine.judging.meanings.registry import meaning
from checks.engine.judging.spots import Facts, frame, place


@meaning(
    r"^ValueError: The name '([^']+)' is already registered for (this|a different)"
)
def registered_twice(match: re.Match, facts: Facts) -> list[str]:
    if match[2] == "this":
        said = f"this blueprint is registered already, as {match[1]}: once is enough"
        return [said, *frame(facts)]
    said = f"two blueprints are called {match[1]}: each needs a name of its own"
    return [said, *frame(facts), "the name stands first in Blueprint( )"]


@meaning(r"^ValueError: 'name' may not (?:contain a dot|be empty)")
def name_with_a_dot(match: re.Match, facts: Facts) -> list[str]:
    said = "a blueprint's name is one word: in an endpoint, the dot stands behind it"
    return [match.string, *frame(facts), said]


@meaning(r"^TypeError: (?:Blueprint\.)?__init__\(\) missing .*'import_name'")
def no_import_name(match: re.Match, facts: Facts) -> list[str]:
    said = (
        "Blueprint( ) takes a name, and the module it is in: what has Flask( ) there?"
    )
    return [*frame(facts), said]


@meaning(r"^AssertionError: The setup method '(\w+)' can no longer be called on the b")
def registered_too_early(match: re.Match, facts: Facts) -> list[str]:
    name = re.search(r"blueprint '([^']+)'", match.string)
    room = name[1] if name else "the blueprint"
    return [
        f"{match[1]}() on {room} comes too late: it is registered already",
        *frame(facts),
        *caller(facts),
        "what belongs to a blueprint is said once, at its module's import; a second "
        "app only registers it",
    ]


@meaning(r"^ValueError: URL rule '([^']*)' must start with a slash")
def no_slash(match: re.Match, facts: Facts) -> list[str]:
    said = ["so must a prefix"] if "blog/" in str(facts["crash"].get("frames")) else []
    return [match[0], *frame(facts), *said]


@meaning(r"^AttributeError: module '([\w.]+)' has no attribute 'register'")
def module_registered(match: re.Match, facts: Facts) -> list[str]:
    said = f"{match[1]} is a module: register_blueprint( ) takes the blueprint in it"
    return [said, *frame(facts)]


@meaning(r"^NameError: name '(app|bp)' is not defined")
def no_app_here(match: re.Match, facts: Facts) -> list[str]:
    """A decorator in a module that makes no app, or no blueprint."""
    source = "".join(frame(facts)).rpartition("   ")[2]
    if not re.match(r"@(app|bp)\.", source) or not has_rooms(facts):
        return []
    said = "this module makes no app: its views belong to its blueprint"
    if match[1] == "bp":
        said = "the blueprint is made above the first view that it decorates"
    return [match.string, *frame(facts), said]


def has_rooms(facts: Facts) -> bool:
    """Has the lesson got so far that views belong to blueprints?"""
    return "blog/templates/main/places.html" in (facts.get("files") or ())


def caller(facts: Facts) -> list[str]:
    """The learner's line that led to the one that raised, where it is in another file."""
    frames = (facts.get("crash") or {}).get("frames") or []
    if len(frames) < 2 or frames[-2].get("file") == frames[-1].get("file"):
        return []
    return [f"{place(facts, frames[-2])}   {frames[-2].get('source')}"]


def twins(facts: Facts) -> list[str]:
    """Another template under the name of the one that broke: was this one meant?"""
    frames = (facts.get("crash") or {}).get("frames") or [{}]
    broke = str(frames[-1].get("file"))
    files = [str(name) for name in facts.get("files") or []]
    same = [f for f in files if f != broke and asked_as(f) == asked_as(broke)]
    said = "has the same name: the app's folder wins, then the room that was registered"
    return [f"{name} {said} first" for name in same[:1] if broke.endswith(".html")]


def asked_as(path: str) -> str:
    """Return the name that render_template finds a file by, as far as a path tells."""
    return (
        path.rpartition("/templates/")[2]
        if "/templates/" in path
        else path[path.rfind("/") + 1 :]
    )


def same_view(endpoint: str, names: list[str]) -> list[str]:
    """Return the endpoints of other rooms whose view has the name that was asked for."""
    view = re.split(r"[./]", endpoint)[-1]
    return [name for name in names if name.rpartition(".")[2] == view]


def asked_from(endpoint: str, facts: Facts) -> list[str]:
    """Say what a dot in front means, where the line that asked has one."""
    source = "".join(frame(facts)).rpartition("   ")[2]
    view = endpoint.rpartition(".")[2]
    if not re.search(rf"url_for\(\s*[\"']\.{re.escape(view)}[\"']", source):
        return []
    room = endpoint.rpartition(".")[0] or "no room"
    said = f"a dot in front means: in the room that answers; here that is {room}"
    return [said]


def near(endpoint: str, names: list[str]) -> list[str]:
    """Return the endpoint that was meant, in a list; empty where none is near."""
    return (
        same_view(endpoint, names)
        or difflib.get_close_matches(endpoint, names, 1, 0.5)
        or [name for name in names if endpoint.startswith(f"{name}/")]
    )[:1]

"""The names for the index, and which lesson introduces each of them.

That is the first lesson whose text or hints link a name to its documentation; where none
does, the first that writes it as code.

What counts as a name is asked of the packages themselves, so that no list is kept here:
what `import flask` offers, what an app, a request or an answer can do, the settings that
have a default, and what the lessons' apps import from Flask's neighbours.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType

import flask
from flask.testing import FlaskClient, FlaskCliRunner
from jinja2.defaults import DEFAULT_FILTERS

from checks.engine.lessons import SOLUTIONS, Lesson, all_lessons

OTHER = "Left out on purpose|When it goes wrong"
LATER = re.compile(rf"^## (?:{OTHER})\n.*?(?=^## |\Z)", re.M | re.S)
CODE = re.compile(r"^```\w*\n(.*?)^```|(?<!`)`([^`\n]+)`(?!`)", re.M | re.S)
LINKED = re.compile(r"\[(`[^`\n]+`)\]\(https://")
ANCHOR = re.compile(r"#flask\.(\w+)(?:\.([a-z_]+))?")
WORD = re.compile(r"(?<![\w./-])@?([A-Za-z_]\w*(?:\.[a-z_]\w*)*)")
COMMAND = re.compile(r"\bflask (?:--app \S+ )?(run|routes|shell)\b")
OPTION = re.compile(r"(?<!\w)(--app|--debug)\b")
FILTER = re.compile(r"\|\s*([a-z]+)\b")
TAG = re.compile(r"\{%-?\s*(extends|block|for|if|include|import|macro|set|call)\b")
NEIGHBOURS = {"werkzeug", "markupsafe", "flask_sqlalchemy", "flask_wtf", "wtforms"}
NEIGHBOURS |= {"dotenv", "click", "sqlalchemy", "itsdangerous"}
APP = "An app, or a blueprint"
REQUEST, RESPONSE = "The request", "The response"
FLASK, TESTS = "From flask", "The test client and the runner"
SETTINGS, COMMANDS = "Settings", "On the command line"
TEMPLATES, OTHERS = "In templates", "From Flask's neighbours"
KINDS = (FLASK, APP, REQUEST, RESPONSE, TEMPLATES, SETTINGS, COMMANDS, TESTS, OTHERS)
OBJECTS = {
    "app": (APP, flask.Flask),
    "current_app": (APP, flask.Flask),
    "bp": (APP, flask.Blueprint),
    "request": (REQUEST, flask.Request),
    "response": (RESPONSE, flask.Response),
    "client": (TESTS, FlaskClient),
    "runner": (TESTS, FlaskCliRunner),
}
OWNERS = {
    "Flask": (APP, "app"),
    "Blueprint": (APP, "app"),
    "Request": (REQUEST, "request"),
    "Response": (RESPONSE, "response"),
}


@dataclass(frozen=True)
class Entry:
    """A name, and the lesson that introduces it."""

    name: str
    lesson: Lesson


def introduced() -> dict[str, list[Entry]]:
    """Return all names by kind, each once, with the lesson that introduces it."""
    linked: dict[tuple[str, str], Lesson] = {}
    written: dict[tuple[str, str], Lesson] = {}
    neighbours = imported()
    for lesson in all_lessons():
        text = text_of(lesson)
        for key in used("\n".join(LINKED.findall(text)), neighbours):
            linked.setdefault(key, lesson)
        for key in (*used(text, neighbours), *documented(text)):
            written.setdefault(key, lesson)
    found = written | linked
    return {
        kind: [Entry(name, lesson) for (k, name), lesson in found.items() if k == kind]
        for kind in KINDS
    }


def text_of(lesson: Lesson) -> str:
    """Return what a lesson tells its reader to do.

    That is neither what it leaves to others nor the messages in its table of symptoms.
    """
    hints = (lesson.folder / "hints.md").read_text(encoding="utf-8")
    return LATER.sub("", lesson.text) + "\n" + hints


def documented(text: str) -> Iterator[tuple[str, str]]:
    """Yield kind and name of what a text links in the reference of Flask."""
    for owner, name in ANCHOR.findall(text):
        if owner in OWNERS and name:
            yield OWNERS[owner][0], f"{OWNERS[owner][1]}.{name}"


def imported() -> set[str]:
    """Return the names that the solutions import from Flask's neighbours."""
    found = set()
    for path in SOLUTIONS.glob("*/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = getattr(node, "module", None) or ""
            if module.partition(".")[0] in NEIGHBOURS:
                found |= {name.name for name in node.names}
    return found


def used(text: str, neighbours: set[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and name of all that a text names in its code, fenced or in a line."""
    for code in (fenced or inline for fenced, inline in CODE.findall(text)):
        yield from ((COMMANDS, f"flask {word}") for word in COMMAND.findall(code))
        yield from ((COMMANDS, word) for word in OPTION.findall(code))
        yield from ((TEMPLATES, f"{{% {word} %}}") for word in TAG.findall(code))
        yield from filters(code)
        for word in WORD.findall(code):
            yield from known(word, neighbours)


def filters(code: str) -> Iterator[tuple[str, str]]:
    """Yield Jinja's filters: what stands behind a pipe in a template's brackets."""
    for inside in re.findall(r"\{[{%].*?[%}]\}", code, re.DOTALL) or [code]:
        names: Iterable[str] = FILTER.findall(inside)
        yield from (
            (TEMPLATES, f"| {name}") for name in names if name in DEFAULT_FILTERS
        )


def known(word: str, neighbours: set[str]) -> Iterator[tuple[str, str]]:
    """Yield kind and name where a word, ``request.args`` say, is one that Flask knows."""
    first, _, rest = word.removeprefix("flask.").partition(".")
    attribute = rest.partition(".")[0]
    if first in OBJECTS and attribute:
        kind, owner = OBJECTS[first]
        if hasattr(owner, attribute) and not attribute.startswith("_"):
            name = f"app.{attribute}" if kind == APP else f"{first}.{attribute}"
            yield kind, name
    if is_from_flask(first):
        yield FLASK, first
    elif first in flask.Flask.default_config or first.startswith(
        ("SQLALCHEMY_", "WTF_")
    ):
        yield SETTINGS, first
    elif first in neighbours:
        yield OTHERS, first


def is_from_flask(name: str) -> bool:
    """Can this be imported from flask, and is it no module?"""
    thing = vars(flask).get(name)
    return name in vars(flask) and name[0] != "_" and not isinstance(thing, ModuleType)

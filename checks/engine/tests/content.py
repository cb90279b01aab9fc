"""What the content guards share: the cases of a lesson, and one judging of them all."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from checks.engine import starters
from checks.engine.judging.session import Round, judge
from checks.engine.lessons import (
    SOLUTIONS,
    TOP,
    Lesson,
    all_lessons,
    code_of,
    files_of,
    find,
)

LESSONS = [lesson.name for lesson in all_lessons()]
CASES = TOP / "checks" / "cases"

# Whole apps that no lesson asks for; a check must say "not yet" to them, and never stumble.
STRANGE_ANSWERS = {
    "nothing": '""',
    "a list": "[1]",
    "an object": '{"a": None}',
    "no content": '("", 204)',
    "not UTF-8": r'b"\xff\xfe\x00"',
    "broken JSON": '("{", 200, {"Content-Type": "application/json"})',
    "a crash": "1 / 0",
    "a redirect to itself": '("", 302, {"Location": "/"})',
    "broken HTML": '"<h1><a href=></h2><p <"',
    "no such page": '("no", 404)',
}
# `make test` tries these three; the others are for `make test-all`.
FIRST_STRANGE = ("nothing", "a crash", "a redirect to itself")
STRANGE_APP = """
from flask import Flask
app = Flask(__name__)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]

@app.route("/", methods=METHODS, defaults={"path": ""})
@app.route("/<path:path>", methods=METHODS)
def answer(path):
    return %s

def create_app(*args, **kwargs):
    return app
"""


@dataclass(frozen=True)
class Case:
    """A known mistake (step is set) or a different right answer of a lesson."""

    lesson: str
    title: str
    edits: tuple
    step: int | None = None
    says: tuple[str, ...] = ()


@cache
def cases(name: str) -> list[Case]:
    """Return the cases of a lesson, from checks/cases; none where there is no file."""
    file = CASES / f"{name}.toml"
    told = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    found = []
    for kind in ("mistake", "right"):
        for entry in told.get(kind, []):
            edits = entry.get("edits") or [entry]
            says = tuple(entry.get("says", ()))
            found.append(
                Case(
                    name,
                    entry["title"],
                    tuple(map(dict, edits)),
                    entry.get("step"),
                    says,
                )
            )
    return found


def apply(case: Case) -> dict[str, bytes]:
    """Return the solution's files with the case's edits.

    Raises ValueError where the text to replace does not occur exactly once.
    """
    files = solution_files(case.lesson)
    for edit in case.edits:
        path = edit["path"]
        if edit.get("missing"):
            del files[path]
        elif "content" in edit:
            files[path] = edit["content"].encode()
        elif "bytes" in edit:
            files[path] = bytes.fromhex(edit["bytes"])
        else:
            files[path] = replaced(
                files[path].decode(), edit["replace"], edit["with"]
            ).encode()
    return files


def replaced(text: str, old: str, new: str) -> str:
    """Return text with its one occurrence of old replaced.

    Raises ValueError when there is none, or more than one.
    """
    if text.count(old) != 1:
        raise ValueError(
            f"{old!r} occurs {text.count(old)} times; it must occur exactly once"
        )
    return text.replace(old, new)


def solution_files(name: str) -> dict[str, bytes]:
    """Return the solution's code."""
    return code_of(files_of(SOLUTIONS / name))


def starter_files(name: str) -> dict[str, bytes]:
    """Return the pristine starter's code, however far the learner has come."""

    return code_of(starters.starter(name))


def judge_everything(
    name: str, strange: Iterable[str] = STRANGE_ANSWERS
) -> dict[str, dict]:
    """Judge starter, solution, cases and strange apps of a lesson in one session.

    strange names the apps that always give the same answer, all of them by default.

    Returns a verdict (plain data) by key: "starter", "solution", "mistake: …",
    "right: …", "strange: …", or {"error": …} where a case could not be built.
    """
    rounds, keys, results = [], [], {}

    def plan(key, files, steps=None):
        keys.append(key)
        rounds.append(Round({name: files}, steps))

    plan("starter", starter_files(name))
    plan("solution", solution_files(name))
    for case in cases(name):
        try:
            files = apply(case)
        except (ValueError, KeyError) as error:
            results[key_of(case)] = {"error": str(error)}
            continue
        plan(key_of(case), files, frozenset({case.step}) if case.step else None)
    for title in strange:
        plan(f"strange: {title}", strange_files(name, STRANGE_ANSWERS[title]))
    delivered = []
    lesson: Lesson = find(name)
    judge(
        [lesson], SOLUTIONS.parent / "lessons", delivered.append, rounds, seed="guards"
    )
    return results | {k: v.as_dict() for k, v in zip(keys, delivered, strict=True)}


def strange_files(name: str, answer: str) -> dict[str, bytes]:
    """Return the solution with its app replaced by one that always answers the same."""
    files = solution_files(name)
    package = "blog/__init__.py"
    path = package if package in files else "app.py"
    return files | {path: (STRANGE_APP % answer).encode()}


def key_of(case: Case) -> str:
    """Return the key of a case among the results."""
    return f"{'mistake' if case.step else 'right'}: {case.title}"

"""What the content guards share: the cases of a lesson, and one judging of them all."""

import tomllib
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass
from functools import cache

from checks.engine import starters
from checks.engine.bench_class import steps_with_servers
from checks.engine.judging.session import Round, judge
from checks.engine.lessons import (
    SOLUTIONS,
    TOP,
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
# `make test` tries these, and so many cases; `make test-all` tries all.
FIRST_STRANGE = ("nothing", "a crash")
FIRST_MISTAKES, FIRST_RIGHT = 1, 1  # of each step, of each lesson
# What a learner meets is drawn anew for every check; a right answer passes with any.
SEEDS = ("north", "east", "south", "west")
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


def first_cases(name: str) -> list[Case]:
    """Return the cases of a lesson that `make test` tries: some of each step."""
    most = Counter()
    found = []
    for case in cases(name):
        most[case.step] += 1
        if most[case.step] <= (FIRST_MISTAKES if case.step else FIRST_RIGHT):
            found.append(case)
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


def judge_all(name: str, wanted: Container[str]) -> dict[str, dict]:
    """Judge the wanted ones of a lesson's solutions in one session.

    Returns a verdict (plain data) by key: "starter", "solution", "mistake: …",
    "right: …", "strange: …", "seed: …", or {"error": …} where a case could not be built.
    """
    rounds, keys, results = [], [], {}

    def plan(key, files, steps=None, seeds=None):
        if key in wanted:
            keys.append(key)
            rounds.append(Round({name: files}, steps, seeds))

    plan("starter", starter_files(name))
    plan("solution", solution_files(name))
    for case in cases(name):
        try:
            files = apply(case)
        except (ValueError, KeyError) as error:
            results[key_of(case)] = {"error": str(error)}
            continue
        plan(key_of(case), files, frozenset({case.step}) if case.step else None)
    for title, answer in STRANGE_ANSWERS.items():
        plan(strange_key(title), strange_files(name, answer))
    for seed in SEEDS:
        steps = without_servers(name)
        plan(seed_key(seed), solution_files(name), steps, {name: seed})
    delivered = []
    judge([find(name)], TOP / "lessons", delivered.append, rounds, seed="guards")
    return results | {k: v.as_dict() for k, v in zip(keys, delivered, strict=True)}


def without_servers(name: str) -> frozenset[int]:
    """Return the steps of a lesson that start no server, as those take seconds."""
    numbers = {step.number for step in find(name).steps}
    return frozenset(numbers - steps_with_servers(name))


def seed_key(seed: str) -> str:
    """Return the key of the solution that meets other data."""
    return f"seed: {seed}"


def strange_key(title: str) -> str:
    """Return the key of a strange answer among the results."""
    return f"strange: {title}"


def strange_files(name: str, answer: str) -> dict[str, bytes]:
    """Return the solution with its app replaced by one that always answers the same."""
    files = solution_files(name)
    package = "blog/__init__.py"
    path = package if package in files else "app.py"
    return files | {path: (STRANGE_APP % answer).encode()}


def key_of(case: Case) -> str:
    """Return the key of a case among the results."""
    return f"{'mistake' if case.step else 'right'}: {case.title}"

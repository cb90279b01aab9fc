"""The facts and the subjects of the lessons: each is shown somewhere, none gets lost.

solutions/NN_name/NOTES.md lists both, for the teacher. A row of "Often told" names what
shows it: a step (so a check), a cell of the notebook, or a known mistake. "What it
treats" are words that stand in the lesson's text, its notebook or its code.
"""

import re

import pytest

from checks.engine.lessons import SOLUTIONS, find
from checks.engine.tests import notebook_rules as rules
from checks.engine.tests.content import LESSONS, cases, solution_files

FACTS = 56
ROW = re.compile(r"^\| (F\d\d) \| .+? \| .+? \| (.+?) \|$", re.MULTILINE)
SHOWN = re.compile(r"(step) (\d+)|(cell|mistake) `([^`]+)`")
TREATS = re.compile(r"^\*\*What it treats,\*\* .*?:(.*?)(?:\n\n|\Z)", re.M | re.S)


def notes(name):
    return (SOLUTIONS / name / "NOTES.md").read_text(encoding="utf-8")


def notebook(name):
    return rules.read(SOLUTIONS.parent / "notebooks" / f"{name}.ipynb")


def shows(name, kind, what):
    """Is there such a step, such a cell, such a mistake in a lesson?"""
    if kind == "step":
        return int(what) in {step.number for step in find(name).steps}
    if kind == "cell":
        return any(what in rules.source(cell) for cell in notebook(name).code)
    return any(case.title == what and case.step for case in cases(name))


def faults(name, text):
    """Yield what is wrong with the rows of a lesson's notes."""
    for fact, told in ROW.findall(text):
        found = [(a or c, b or d) for a, b, c, d in SHOWN.findall(told)]
        if not found or SHOWN.sub("", told).strip("; "):
            yield f"{fact}: {told!r} is no list of steps, cells and mistakes"
        yield from (
            f"{fact}: there is no {kind} {what!r}"
            for kind, what in found
            if not shows(name, kind, what)
        )


def plain(text):
    """Return text as it is compared: without marks, in small letters, on one line."""
    return " ".join(re.sub(r"[`*]", "", text).lower().split())


def said(name):
    """Return all that a lesson says, in its text, its notebook and its solution."""
    lesson = find(name)
    hints = (lesson.folder / "hints.md").read_text(encoding="utf-8")
    cells = notebook(name).cells
    shown = [rules.printed(cell) for cell in cells if cell["cell_type"] == "code"]
    code = [text.decode("utf-8", "replace") for text in solution_files(name).values()]
    return plain(
        "\n".join([lesson.text, hints, *map(rules.source, cells), *shown, *code])
    )


def treated(text):
    """Return the words that a lesson's notes list; none where there is no list."""
    found = TREATS.search(text)
    return re.findall(r"`([^`]+)`", found[1]) if found else []


@pytest.mark.parametrize("name", LESSONS)
def test_what_is_often_told_is_shown_by_a_run(name):
    assert list(faults(name, notes(name))) == []


def test_no_fact_is_lost():
    listed = {fact for name in LESSONS for fact, _ in ROW.findall(notes(name))}
    assert listed == {f"F{number:02}" for number in range(1, FACTS + 1)}


@pytest.mark.parametrize("name", LESSONS)
def test_what_a_lesson_treats_can_be_found_in_it(name):
    words, text = treated(notes(name)), said(name)
    assert words, "NOTES.md ends with **What it treats,** … :"
    missing = [word for word in words if plain(word) not in text]
    assert missing == [], f"{name} says nothing of {missing}"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("step 9", "no step '9'"),
        ("cell `print(99)`", "no cell 'print(99)'"),
        ("mistake `a slip`", "no mistake 'a slip'"),
        ("the text", "no list"),
        ("step 1; and more", "no list"),
    ],
)
def test_a_fact_that_nothing_shows_is_told(told, words):
    row = f"| F18 | a route answers only GET | more | {told} |"
    assert any(words in fault for fault in faults("03_routes", row))


def test_words_that_nobody_says_are_missed():
    text = "**What it treats,** as said: `flask routes`,\n`a wooden spoon`.\n"
    assert [w for w in treated(text) if w not in said("03_routes")] == [
        "a wooden spoon"
    ]

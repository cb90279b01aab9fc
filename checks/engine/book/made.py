"""The pages that no folder holds as a file: gathered from what the lessons say."""

import re

from checks.engine.book.names import Entry, introduced
from checks.engine.lessons import SOLUTIONS, Lesson, all_lessons
from checks.engine.links import moved

TROUBLE = re.compile(r"^## When it goes wrong\n(.*?)(?=^## |\Z)", re.M | re.S)
TABLE = re.compile(r"^\|.*(?:\n\|.*)*", re.MULTILINE)
TOLD = re.compile(r"^\| (F\d\d) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)

WRONG_HEAD = """# When it goes wrong

What you see when something goes wrong, and why, from all lessons. Search this page for the
words of your message; each lesson tells more.

Five mistakes cost more than all others: [the five pitfalls](PITFALLS.md).
"""
TOLD_HEAD = """# Often told, and what holds

Sentences about Flask that you will meet elsewhere. Some are wrong, some hold only under a
condition, some work and open a hole. Each was tried; the lesson and its notebook show the run.
"""
NAMES_HEAD = """# Names of Flask

Every name, setting and command that the lessons teach, each with the lesson that introduces it.
"""


def pages() -> dict[str, str]:
    """Return the pages that lie in lessons/ in the book: name without .md to text."""
    return {
        "WHEN_IT_GOES_WRONG": "\n".join([WRONG_HEAD, *map(troubles, all_lessons())]),
        "OFTEN_TOLD": "\n".join([TOLD_HEAD, *filter(None, map(told, all_lessons()))]),
        "NAMES": "\n".join([NAMES_HEAD, *names()]),
    }


def heading(lesson: Lesson) -> str:
    """Return a heading that links a lesson from a page in lessons/."""
    return f"## {lesson.number} · [{lesson.title}]({lesson.name}/README.md)\n"


def troubles(lesson: Lesson) -> str:
    """Return what a lesson's text says in its table of symptoms."""
    section = TROUBLE.search(lesson.text)
    tables = TABLE.findall(section[1]) if section else []
    folder = f"lessons/{lesson.name}"
    return "\n".join(
        [heading(lesson), *(moved(t, folder, "lessons") for t in tables), ""]
    )


def told(lesson: Lesson) -> str:
    """Return what a lesson's notes for the teacher list as often told; "" for nothing."""
    rows = TOLD.findall(notes(lesson))
    lines = [f"| {said} | {holds} |" for _, said, holds, _ in rows]
    top = ["| you may read | what holds |", "| --- | --- |"]
    return "\n".join([heading(lesson), *top, *lines, ""]) if rows else ""


def notes(lesson: Lesson) -> str:
    """Return a lesson's notes for the teacher."""
    return (SOLUTIONS / lesson.name / "NOTES.md").read_text(encoding="utf-8")


def names() -> list[str]:
    """Return the index: a table for each kind of name."""
    lines = []
    for kind, entries in introduced().items():
        lines += [f"## {kind}\n", "| name | introduced in |", "| --- | --- |"]
        lines += [*map(row, sorted(entries, key=sorted_as)), ""]
    return lines


def row(entry: Entry) -> str:
    """Return the line of a name; a bar in it would end its cell."""
    lesson, name = entry.lesson, entry.name.replace("|", "\\|")
    target = f"{lesson.name}/README.md"
    return f"| `{name}` | [{lesson.number} · {lesson.title}]({target}) |"


def sorted_as(entry: Entry) -> str:
    """Return what a name is sorted by: capitals and the dot in front do not count."""
    return entry.name.lower().lstrip("._")

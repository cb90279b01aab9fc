"""The README of a kit: what is in it, and what is not."""

import re
from collections.abc import Sequence
from pathlib import Path

from checks.engine import kits
from checks.engine.lessons import TOP, Lesson, WorkbookError

TEMPLATE = Path(__file__).with_name("README.kit.md")
OTHERS = """- **Other lessons.** A link to a lesson that you do not have yet leads nowhere.
"""
SUITES = """- **The wrong blogs of {lessons}.** `make check` cannot try your tests on them here, so it
  says "not checked" of those steps. Your teacher's check does.
"""


def text(chosen: Sequence[Lesson], whole: bool) -> str:
    """Return the README of a kit with these lessons; whole says that they are all.

    Raises WorkbookError where the workbook's own README has no row for one of them.
    """
    from checks.engine.menu import COMMANDS

    table = rows((TOP / "README.md").read_text(encoding="utf-8"))
    missing = [lesson.name for lesson in chosen if lesson.name not in table]
    if missing:
        raise WorkbookError(f"README.md has no row for {', '.join(missing)}.")
    commands = [
        f"| `make {command.usage}` | {command.text} |"
        for command in COMMANDS.values()
        if command.name in kits.COMMANDS
    ]
    return TEMPLATE.read_text(encoding="utf-8").format(
        lessons=kits.numbers([lesson.name for lesson in chosen]),
        first=chosen[0].number,
        name=chosen[0].name,
        rows="\n".join(table[lesson.name] for lesson in chosen),
        commands="\n".join(commands),
        missing=suites(chosen) + ("" if whole else OTHERS),
    )


def rows(text: str) -> dict[str, str]:
    """Return the rows of the workbook's table of lessons, by the lesson's name."""
    found = re.findall(r"^\| \d+ \| \[.+?\]\(lessons/(\w+)/.+$", text, re.MULTILINE)
    lines = re.findall(r"^\| \d+ \| \[.+?\]\(lessons/\w+/.+$", text, re.MULTILINE)
    return dict(zip(found, lines, strict=True))


def suites(chosen: Sequence[Lesson]) -> str:
    """Return what is said of lessons whose checks run the learner's tests, if any."""
    folder = TOP / "checks" / "changes"
    names = [each.name for each in chosen if (folder / f"{each.name}.toml").is_file()]
    return SUITES.format(lessons=kits.numbers(names)) if names else ""

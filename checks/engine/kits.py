"""A kit: the part of the workbook that students get, and how it speaks of the rest.

A file in checks/ marks a kit and says which lessons it holds. The apps lie apart from
the lessons in it, and are laid out by the first command: so a newer kit that is unzipped
over an older one never meets the learner's work.
"""

import json
from collections.abc import Mapping

from checks.engine import lessons, starters
from checks.engine.files import LEFT_OUT
from checks.engine.lessons import TEXTS, WorkbookError, code_of

FILE = lessons.KIT
# What a learner's kit can do; all other commands need the whole workbook.
COMMANDS = {"lesson", "check", "hint", "reset", "undo", "progress", "run", "doctor"}
COMMANDS |= {"notebooks", "my", "submit", "clean"}
NO_SOLUTIONS = (
    "This kit holds no solutions; your teacher has them. "
    "`make hint` gives a push, and `AGAIN=1` repeats the last one."
)
NOTEBOOKS = (
    "In this kit the notebooks run your own lessons: finish a lesson, then run its "
    "notebook. What would show a solution has been left out of them."
)


def here() -> bool:
    """Is this a kit, and not the whole workbook?"""
    return FILE.is_file()


def described() -> Mapping:
    """Return what the kit says of itself: its lessons, and the hashes of its files.

    Raises WorkbookError where that cannot be read.
    """
    try:
        return json.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WorkbookError(
            f"{lessons.shown(FILE)} cannot be read. "
            f"{lessons.restored(lessons.shown(FILE))}"
        ) from error


def refuse(command: str) -> None:
    """Raise WorkbookError for a command that needs what a kit does not hold."""
    if not here() or command in COMMANDS:
        return
    if command == "solution":
        raise WorkbookError(NO_SOLUTIONS)
    raise WorkbookError(
        f"`make {command}` needs the whole workbook. This is a kit with "
        f"{numbers(described()['lessons'])}, their checks and their notebooks; "
        "`make check` judges what you have done."
    )


def numbers(names: list[str]) -> str:
    """Return ``lesson 3``, ``lessons 1 to 6`` or ``lessons 1 to 3 and 5``."""
    runs: list[list[int]] = []
    for number in sorted(int(name[:2]) for name in names):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [
        f"{r[0]} to {r[-1]}" if len(r) > 2 else " and ".join(map(str, r)) for r in runs
    ]
    many = "lessons" if len(names) > 1 else "lesson"
    return f"{many} {', '.join(told[:-1])}{' and ' if told[1:] else ''}{told[-1]}"


def lay_out() -> list[str]:
    """Put the app of every lesson of a kit that has none in its place; return their names.

    A folder that holds any file of the learner's is left as it is.
    """
    from checks.engine.learner.backups import fill

    if not here():
        return []
    found = [name for name in starters.listed() if is_bare(name)]
    for name in found:
        fill(lessons.LESSONS / name, code_of(starters.starter(name)))
    return found


def is_bare(name: str) -> bool:
    """Does a lesson's folder hold its texts, and nothing that anybody made?"""
    folder = lessons.LESSONS / name
    if not (folder / "README.md").is_file():
        return False
    return {path.name for path in folder.iterdir()} <= TEXTS | LEFT_OUT

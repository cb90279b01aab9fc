"""What still lies between the learner's files and the solution, as a diff."""

import difflib

from checks.engine import kits
from checks.engine.lessons import SOLUTIONS, Lesson, WorkbookError, code_of, files_of


def difference(lesson: Lesson) -> list[str]:
    """Return the lines of a unified diff, the learner's files first; none if equal.

    Raises WorkbookError when there is no solution.
    """
    theirs = solution_of(lesson)
    mine = code_of(files_of(lesson.folder))
    lines: list[str] = []
    for path in sorted(mine.keys() | theirs.keys()):
        if mine.get(path) != theirs.get(path):
            names = (f"lessons/{lesson.name}/{path}", f"solutions/{lesson.name}/{path}")
            lines += one_file(names, mine.get(path), theirs.get(path))
    return lines


def solution_of(lesson: Lesson) -> dict[str, bytes]:
    """Return the files of a lesson's solution. Raises WorkbookError when there is none."""
    theirs = code_of(files_of(SOLUTIONS / lesson.name))
    if not theirs:
        raise WorkbookError(
            kits.NO_SOLUTIONS
            if kits.here()
            else f"solutions/{lesson.name} is missing. "
            "`git checkout -- solutions` brings it back."
        )
    return theirs


def one_file(
    names: tuple[str, str], mine: bytes | None, theirs: bytes | None
) -> list[str]:
    """Return the diff of one file under two names; None stands for one not there."""
    try:
        old = (mine or b"").decode().splitlines()
        new = (theirs or b"").decode().splitlines()
    except UnicodeDecodeError:
        return [f"{names[0]} and {names[1]} differ, and one is no text"]
    if mine is None or theirs is None:
        names = tuple(
            "/dev/null" if content is None else name
            for name, content in zip(names, (mine, theirs), strict=True)
        )
    lines = list(difflib.unified_diff(old, new, *names, lineterm=""))
    return lines or [f"{names[0]} and {names[1]} differ in their line ends"]

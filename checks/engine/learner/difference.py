"""What still lies between the learner's files and the solution, as a diff."""

import difflib

from checks.engine.lessons import SOLUTIONS, Lesson, WorkbookError, code_of, files_of


def difference(lesson: Lesson) -> list[str]:
    """Return the lines of a unified diff, the learner's files first; none if equal.

    Raises WorkbookError when there is no solution.
    """
    theirs = code_of(files_of(SOLUTIONS / lesson.name))
    if not theirs:
        raise WorkbookError(
            f"solutions/{lesson.name} is missing. `git checkout -- solutions` brings it back."
        )
    mine = code_of(files_of(lesson.folder))
    lines: list[str] = []
    for path in sorted(mine.keys() | theirs.keys()):
        if mine.get(path) != theirs.get(path):
            lines += one_file(lesson, path, mine.get(path), theirs.get(path))
    return lines


def one_file(
    lesson: Lesson, path: str, mine: bytes | None, theirs: bytes | None
) -> list[str]:
    """Return the diff of one file; None stands for a file that is not there."""
    names = (f"lessons/{lesson.name}/{path}", f"solutions/{lesson.name}/{path}")
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

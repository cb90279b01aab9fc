"""What belongs in a kit: some lessons, their checks and notebooks, and the engine.

Nothing in it shows a solution, but for the starters: that of a lesson is the solution of
the one before. Whoever must not see it gets the next lesson a week later.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from checks.engine import starters
from checks.engine.files import LEFT_OUT
from checks.engine.handing import notebooks, readme
from checks.engine.lessons import (
    LESSONS,
    NAME,
    SOLUTIONS,
    TOP,
    Lesson,
    WorkbookError,
    all_lessons,
    code_of,
    files_of,
)

ENGINE = TOP / "checks" / "engine"
AT_THE_TOP = ("Makefile", "requirements.txt", ".pytest.ini", ".gitignore")
OF_THE_CHECKS = ("__init__.py", "conftest.py", "constraints.txt", "pages.py")
# What proves, measures, draws or attacks the workbook itself.
NOT_FOR_STUDENTS = re.compile(r"(tests|redteam|book|bench\w*\.py|pictures\.py)(/|$)")
SHORT_LINE = 14  # a line that is no longer says little about an answer


def contents(chosen: Sequence[Lesson]) -> dict[str, bytes]:
    """Return the files of a kit with these lessons: path to content.

    Of the folders in lessons/ it has the texts; the apps are in checks/starters/.
    Raises WorkbookError for a file that cannot be read.
    """
    try:
        files = dict(everything(chosen))
    except (OSError, ValueError) as error:
        raise WorkbookError(f"The kit cannot be built: {error}.") from error
    files["README.md"] = readme.text(chosen, is_whole(chosen)).encode()
    files["checks/starters.sha256"] = listed(chosen)
    told = {"lessons": [each.name for each in chosen], "files": hashes(files)}
    files["checks/kit.json"] = (
        json.dumps(told, indent=1, sort_keys=True) + "\n"
    ).encode()
    return files


def everything(chosen: Sequence[Lesson]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a kit that are taken from the workbook."""
    for name in AT_THE_TOP:
        yield name, (TOP / name).read_bytes()
    for name in OF_THE_CHECKS:
        yield f"checks/{name}", (TOP / "checks" / name).read_bytes()
    for path, content in tree(ENGINE):
        if not NOT_FOR_STUDENTS.match(path):
            yield f"checks/engine/{path}", content
    for path, content in tree(TOP / "notebooks" / "pictures"):
        if is_for(path, chosen):
            yield f"notebooks/pictures/{path}", content
    for path, content in tree(TOP / "notebooks" / ".lab"):
        yield f"notebooks/.lab/{path}", content
    yield "notebooks/workbook.py", (TOP / "notebooks" / "workbook.py").read_bytes()
    answers = {line for lesson in chosen for line in answers_of(lesson)}
    for lesson in chosen:
        yield from of_lesson(lesson, answers)
    for page in LESSONS.glob("*.md") if is_whole(chosen) else ():
        yield f"lessons/{page.name}", page.read_bytes()


def is_whole(chosen: Sequence[Lesson]) -> bool:
    """Are these all lessons that there are? Then no link leads out of the kit."""
    return len(chosen) == len(all_lessons())


def of_lesson(lesson: Lesson, answers: set[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the files of one lesson: texts, checks, the pristine app, the notebook."""
    name = lesson.name
    for text in ("README.md", "hints.md"):
        yield f"lessons/{name}/{text}", (lesson.folder / text).read_bytes()
    yield f"checks/test_{name}.py", lesson.check.read_bytes()
    for path, content in starters.starter(name).items():
        yield f"checks/starters/{name}/{path}", content
    changes = TOP / "checks" / "changes" / f"{name}.toml"
    if changes.is_file():
        yield f"checks/changes/{name}.toml", without_changes(changes.read_text("utf-8"))
    notebook = (TOP / "notebooks" / f"{name}.ipynb").read_bytes()
    yield f"notebooks/{name}.ipynb", notebooks.without(notebook, answers)


def without_changes(text: str) -> bytes:
    """Return what a file of wrong blogs says before the first of them."""
    lines = text.splitlines(keepends=True)
    first = next((at for at, line in enumerate(lines) if line[:1] == "["), len(lines))
    kept = [line for line in lines[:first] if not line.startswith("#")]
    return "".join(["# The wrong blogs are with your teacher.\n", *kept]).encode()


def tree(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files below a folder, without what tools leave there."""
    for path in sorted(folder.rglob("*")):
        inner = path.relative_to(folder)
        if path.is_file() and not LEFT_OUT & {*inner.parts} and path.suffix != ".pyc":
            yield inner.as_posix(), path.read_bytes()


def is_for(path: str, chosen: Sequence[Lesson]) -> bool:
    """Does a picture belong to these lessons, or to no lesson in particular?"""
    if not NAME.match(path):
        return True
    return any(path.startswith(lesson.name) for lesson in chosen)


def listed(chosen: Sequence[Lesson]) -> bytes:
    """Return the list of starters, of these lessons alone."""
    names = {lesson.name for lesson in chosen}
    lines = starters.LIST.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line.split("  ", 1)[1].split("/")[0] in names]
    return "".join(kept).encode()


def hashes(files: dict[str, bytes]) -> dict[str, str]:
    """Return the hashes of a kit's own files; what is in lessons/ is the learner's."""
    return {
        path: hashlib.sha256(content).hexdigest()
        for path, content in files.items()
        if not path.startswith("lessons/")
    }


def answers_of(lesson: Lesson) -> set[str]:
    """Return the lines that only a lesson's solution has, and that say something."""
    given = {
        line for text in starters.starter(lesson.name).values() for line in lines(text)
    }
    solved = code_of(files_of(SOLUTIONS / lesson.name))
    return {
        line
        for text in solved.values()
        for line in lines(text)
        if line not in given and len(line) > SHORT_LINE
    }


def lines(content: bytes) -> set[str]:
    """Return the lines of a file, without the blanks around them."""
    return {line.strip() for line in content.decode("utf-8", "replace").splitlines()}


def given_away(chosen: Sequence[Lesson]) -> list[Lesson]:
    """Return the lessons of which the next one is there, too: its starter is their solution."""
    numbers = {lesson.number for lesson in chosen}
    return [lesson for lesson in chosen if lesson.number + 1 in numbers]

"""The red team's submissions, read from checks/redteam: one file a family.

A file says what its submissions hand in, and which steps their real code deserves.
checks/redteam/README.md tells how to add one.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from checks.engine import starters
from checks.engine.lessons import (
    SOLUTIONS,
    TOP,
    WorkbookError,
    code_of,
    files_of,
    find,
)

FOLDER = TOP / "checks" / "redteam"
KEYS = {"name", "lesson", "begins", "honest", "before", "after", "app", "files"}
KEYS |= {"latin", "hide", "form", "change", "quick"}
ANY = "any"


@dataclass(frozen=True)
class Submission:
    """One that is handed in: its student's name, a lesson, files, and how it is packed.

    honest are the steps that its code deserves, None where slowness alone decides. quick
    says that it takes no time, so that a short test may try it.
    """

    name: str
    lesson: str
    honest: frozenset[int] | None
    files: Mapping[str, bytes]
    form: str = "folder"
    quick: bool = False


@dataclass(frozen=True)
class Family:
    """Submissions that try one kind of thing."""

    name: str
    title: str
    submissions: tuple[Submission, ...] = field(default=())


def families(folder: Path = FOLDER, only: Iterable[str] = ()) -> list[Family]:
    """Return the families by name, all of them or only some.

    Raises WorkbookError for a file that says what nobody understands.
    """
    files = {file.stem: file for file in sorted(folder.glob("*.toml"))}
    chosen = [*only] or [*files]
    if unknown := [name for name in chosen if name not in files]:
        raise WorkbookError(
            f"There is no family {unknown[0]!r}; there are {', '.join(files)}."
        )
    return [family(files[name]) for name in chosen]


def family(file: Path) -> Family:
    """Return the family of one file. Raises WorkbookError."""
    try:
        told = tomllib.loads(file.read_text(encoding="utf-8"))
        found = tuple(submissions(told))
        return Family(file.stem, told["title"], found)
    except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
        raise WorkbookError(f"{file.name} is no family: {error}.") from error


def submissions(told: Mapping) -> Iterator[Submission]:
    """Yield the submissions of a file. Raises ValueError for a key that means nothing."""
    shared = {key: told[key] for key in ("lesson", "begins", "files") if key in told}
    for each in told["submission"]:
        if unknown := {*each} - KEYS:
            raise ValueError(f"{each.get('name')} has {', '.join(sorted(unknown))}")
        yield submission(shared | each | {"files": merged(shared, each)})


def merged(shared: Mapping, own: Mapping) -> dict[str, str]:
    """Return the files of a family and those of one of its submissions."""
    return {**shared.get("files", {}), **own.get("files", {})}


def submission(told: Mapping) -> Submission:
    """Return one submission as its file tells it."""
    lesson = told["lesson"]
    honest = told["honest"]
    if honest == "all":
        honest = [step.number for step in find(lesson).steps]
    return Submission(
        told["name"],
        lesson,
        None if honest == ANY else frozenset(honest),
        handed_in(told),
        told.get("form", "folder"),
        told.get("quick", False),
    )


def handed_in(told: Mapping) -> dict[str, bytes]:
    """Return the files of a submission: those that it begins with, and its changes."""
    lesson, kind = told["lesson"], told.get("begins", "starter")
    solution = code_of(files_of(SOLUTIONS / lesson))
    begun = {"starter": starters.starter(lesson), "solution": solution, "": {}}[kind]
    files = dict(begun)
    if "hide" in told:
        files[told["hide"]] = solution["app.py"]
    if "app" in told:
        files["app.py"] = told["app"].encode()
    if "before" in told or "after" in told:
        parts = (told.get("before", ""), text_of(files), told.get("after", ""))
        files["app.py"] = "\n".join(parts).encode()
    for old, new in told.get("change", {}).items():
        files["app.py"] = changed(text_of(files), old, new).encode()
    files |= {path: text.encode() for path, text in told["files"].items()}
    return files | {
        p: text.encode("latin-1") for p, text in told.get("latin", {}).items()
    }


def text_of(files: Mapping[str, bytes]) -> str:
    """Return the text of app.py."""
    return files["app.py"].decode()


def changed(text: str, old: str, new: str) -> str:
    """Return a text with one change. Raises ValueError where it does not fit once."""
    if text.count(old) != 1:
        raise ValueError(f"{old!r} does not stand in app.py once")
    return text.replace(old, new)


def honest(lesson: str) -> Submission:
    """Return the submission of somebody who has done all of a lesson."""
    files = code_of(files_of(SOLUTIONS / lesson))
    steps = frozenset(step.number for step in find(lesson).steps)
    return Submission(f"honest {lesson[:2]}", lesson, steps, files)

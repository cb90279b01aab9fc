"""What counts in a course: lessons, points, weights, due dates, more checks, a roster.

All of it may stand in a small file, course.toml; without one every lesson counts, with
the weights below and a point a step.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from checks.engine import lessons
from checks.engine.lessons import Lesson, WorkbookError

FILE = "course.toml"
KNOWN = ("title", "lessons", "due", "hidden", "after_due", "roster", "weights")
KNOWN += ("points",)
STEP = re.compile(r"\bstep\s*\(\s*(\d+)")  # a mark of a check
TWICE = "is there twice, in two ways to write it"
# The projects, and the lesson in which tests are written, are more work than the others;
# lesson 29 is optional.
WEIGHTS = {17: 2.0, 22: 2.0, 29: 0.0, 32: 2.0}


@dataclass(frozen=True)
class Course:
    """One course: what counts in it, and for how much.

    due says by which time a lesson was to be handed in; hidden and after_due are folders
    of more checks, the second used once the lesson is due. Names of lessons are keys.
    idle names what the file says of lessons that do not count, and has no effect.
    """

    title: str = ""
    lessons: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    points: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)
    hidden: Path | None = None
    after_due: Path | None = None
    roster: Path | None = None
    idle: tuple[str, ...] = ()

    def weight(self, name: str) -> float:
        """Return what the points of a lesson are multiplied with."""
        return self.weights.get(name, WEIGHTS.get(int(name[:2]), 1.0))

    def more_checks(self, name: str, now: datetime) -> list[Path]:
        """Return the files of hidden checks that a lesson has now."""
        folders = [self.hidden]
        if name in self.due and now > self.due[name]:
            folders.append(self.after_due)
        files = [folder / f"test_{name}.py" for folder in folders if folder]
        return [file for file in files if file.is_file()]

    @property
    def own(self) -> list[Path]:
        """The files and folders that belong to the course, and to no student."""
        return [path for path in (self.hidden, self.after_due, self.roster) if path]


def find(folder: Path, given: str | None = None) -> Path | None:
    """Return the course's file: the one that was named, or in or beside the class folder.

    None where there is none. Raises WorkbookError for a name that is no file.
    """
    if given is not None:
        path = Path(given).absolute()
        if not path.is_file():
            raise WorkbookError(f"There is no file {given}. COURSE names a {FILE}.")
        return path
    places = (folder / FILE, folder.parent / FILE)
    return next((place for place in places if place.is_file()), None)


def read(path: Path | None, only: str | None = None) -> Course:
    """Return the course that a file describes, the usual one without a file.

    only names the lessons that count this time, as in ``1-6``. Raises WorkbookError
    that names the place in the file, and what would be understood there.
    """
    told = load(path) if path else {}
    counting = lessons_of(told.get("lessons"), path)
    chosen = lessons_of(only, None) if only else counting
    names = tuple(lesson.name for lesson in chosen)
    top = path.parent if path else Path()
    hidden, after = (folder(told, key, top, path) for key in ("hidden", "after_due"))
    more = [each for each in (hidden, after) if each]
    return Course(
        title=text(told, "title", path),
        lessons=names,
        weights=weights(told.get("weights", {}), path),
        points=points(told.get("points", {}), more, path),
        due=due(told.get("due"), names, path),
        hidden=hidden,
        after_due=after,
        roster=place(told, "roster", top, path),
        idle=idle(told, counting),
    )


def load(path: Path) -> dict:
    """Return what a course's file says; every key in it is known."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise WorkbookError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkbookError(f"{path.name} is no TOML: {error}") from error
    for key in told:
        if key not in KNOWN:
            close = difflib.get_close_matches(key, KNOWN, 1)
            guess = f" Did you mean {close[0]}?" if close else ""
            refuse(path, key, f"means nothing; known are {', '.join(KNOWN)}.{guess}")
    return told


def refuse(path: Path | None, key: str, why: str) -> None:
    """Raise WorkbookError for one key of a course's file, or of the command line."""
    where = f"{path.name}: " if path else ""
    raise WorkbookError(f"{where}{key} {why}")


def lessons_of(told: object, path: Path | None) -> list[Lesson]:
    """Return the lessons that ``"1-6, 17"`` or ``[1, 2, 3]`` names; all for None."""
    there = lessons.all_lessons()
    if told is None:
        return there
    words = told.split(",") if isinstance(told, str) else told
    if isinstance(words, int):
        words = [words]
    if not isinstance(words, list) or not words:
        refuse(path, "lessons", 'is written like "1-6, 17" or [1, 2, 3]')
    wanted = {name for word in words for name in named(str(word).strip(), there, path)}
    return [lesson for lesson in there if lesson.name in wanted]


def named(word: str, there: Iterable[Lesson], path: Path | None) -> list[str]:
    """Return the names of the lessons in ``1-6``, or of one."""
    first, dash, last = word.partition("-")
    if not dash:
        return [lesson(word, path).name]
    low, high = lesson(first, path).number, lesson(last, path).number
    if low > high:
        refuse(path, "lessons", f"runs from the first to the last, and not {word}")
    return [each.name for each in there if low <= each.number <= high]


def lesson(word: str, path: Path | None) -> Lesson:
    """Return the lesson that a word means. Raises WorkbookError that names the file."""
    try:
        return lessons.find(word)
    except WorkbookError as error:
        if path is None:
            raise
        raise WorkbookError(f"{path.name}: {error}") from None


def text(told: Mapping, key: str, path: Path | None) -> str:
    """Return a text of the file, "" where it is not there."""
    value = told.get(key, "")
    if not isinstance(value, str):
        refuse(path, key, "is a text in quotes")
    return value


def place(told: Mapping, key: str, top: Path, path: Path | None) -> Path | None:
    """Return a path that the file gives from its own folder, None where it has none."""
    found = text(told, key, path)
    if found and not (top / found).exists():
        refuse(path, key, f"names {found}, which is not there")
    return (top / found).absolute() if found else None


def folder(told: Mapping, key: str, top: Path, path: Path | None) -> Path | None:
    """Return a folder of checks; every one in it must be named for a lesson."""
    found = place(told, key, top, path)
    if found is None:
        return None
    if not found.is_dir():
        refuse(path, key, "names a folder")
    known = {lesson.check.name for lesson in lessons.all_lessons()}
    for file in sorted(found.glob("*.py")):
        if file.name not in known:
            refuse(path, key, f"holds {file.name}; a check is named test_03_routes.py")
    return found


def weights(told: object, path: Path | None) -> dict[str, float]:
    """Return the weights by lesson, from ``17 = 2``."""
    if not isinstance(told, dict):
        refuse(path, "weights", "is a table, with lines like 17 = 2")
    return by_lesson(told, "weights", number, path)


def by_lesson(told: Mapping, key: str, value: Callable, path: Path | None) -> dict:
    """Return what a table of the file says of lessons; each stands there once."""
    found = {}
    for word in told:
        name, where = lesson(word, path).name, f"{key}.{word}"
        if name in found:
            refuse(path, where, TWICE)
        found[name] = value(told[word], where, path)
    return found


def points(
    told: object, more: Iterable[Path], path: Path | None
) -> dict[str, dict[int, float]]:
    """Return the points by lesson and step, from ``3.2 = 1.5``.

    more are the folders of hidden checks, in which there may be further steps.
    """
    found: dict[str, dict[int, float]] = {}
    if not isinstance(told, dict):
        refuse(path, "points", "is a table, with lines like 3.2 = 1.5")
    for word, steps in told.items():
        if not isinstance(steps, dict):
            quotes = ", without quotes" if "." in word else ""
            refuse(path, f"points.{word}", f"needs a step, as in 3.2 = 1.5{quotes}")
        mine = lesson(word, path)
        for step, value in steps.items():
            key = f"points.{word}.{step}"
            refuse_no_step(mine, step, key, more, path)
            given = found.setdefault(mine.name, {})
            if int(step) in given:
                refuse(path, key, TWICE)
            given[int(step)] = number(value, key, path)
    return found


def refuse_no_step(
    mine: Lesson, step: str, key: str, more: Iterable[Path], path: Path | None
) -> None:
    """Raise WorkbookError for what is no step of a lesson, nor of its hidden checks."""
    if not step.isdecimal():
        refuse(path, key, "needs the number of a step, as in 3.2 = 1.5")
    known = {each.number for each in mine.steps} | further(mine, more)
    close = f"{mine.number}.{int(step)}"
    if int(step) in known and str(int(step)) != step:
        refuse(path, key, f"is no step. Did you mean {close}?")
    if int(step) not in known:
        steps = ", ".join(map(str, sorted(known)))
        refuse(path, key, f"is no step; those of lesson {mine.number} are {steps}.")


def further(mine: Lesson, more: Iterable[Path]) -> set[int]:
    """Return the numbers of steps that stand in a lesson's hidden checks."""
    files = [folder / mine.check.name for folder in more]
    texts = [f.read_text("utf-8", "replace") for f in files if f.is_file()]
    return {int(number) for text in texts for number in STEP.findall(text)}


def idle(told: Mapping, counting: Iterable[Lesson]) -> tuple[str, ...]:
    """Return the keys of what is said of lessons that do not count: ``weights.17``."""
    names = {each.name for each in counting}
    tables = {key: told.get(key) for key in ("due", "weights", "points")}
    return tuple(
        f"{key}.{word}"
        for key, table in tables.items()
        if isinstance(table, dict)
        for word in table
        if lessons.find(word).name not in names
    )


def number(value: object, key: str, path: Path | None) -> float:
    """Return a number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        refuse(path, key, "is a number, 0 or more")
    return float(value)


def due(told: object, names: Iterable[str], path: Path | None) -> dict[str, datetime]:
    """Return when each lesson is due, from one date for all or a table of dates."""
    if told is None:
        return {}
    if isinstance(told, datetime):
        return dict.fromkeys(names, moment(told, "due", path))
    if not isinstance(told, dict):
        refuse(path, "due", "is a date with a time, or a table with lines like 3 = …")
    return by_lesson(told, "due", moment, path)


def moment(value: object, key: str, path: Path | None) -> datetime:
    """Return a date and time; without a zone it is this machine's."""
    if not isinstance(value, datetime):
        refuse(path, key, "is written like 2026-10-01T23:59:00, with a time")
    return value.astimezone()

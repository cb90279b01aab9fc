"""What a lesson is: a folder's name, a README with a title and steps, some files."""

import difflib
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from checks.engine.files import LEFT_OUT

TOP = Path(__file__).resolve().parents[2]
LESSONS = TOP / "lessons"
SOLUTIONS = TOP / "solutions"
STATE = TOP / ".workbook"
KIT = TOP / "checks" / "kit.json"  # stands in the part of the workbook students get
NAME = re.compile(r"(\d\d)_([a-z0-9]+(?:_[a-z0-9]+)*)")
STEP = re.compile(r"^## Step (\d+): (.+)$", re.MULTILINE)

TEXTS = {"README.md", "hints.md", "NOTES.md"}
MOST_BYTES = 16 * 1024 * 1024
MOST_FILES = 500


class WorkbookError(Exception):
    """Something a person can repair; its text says how, code is the exit code."""

    code = 2


@dataclass(frozen=True)
class Step:
    """One step of a lesson: its number and its title."""

    number: int
    title: str


@dataclass(frozen=True)
class Lesson:
    """One lesson, known by its folder's name."""

    name: str

    @property
    def number(self) -> int:
        """The number in front of the name."""
        return int(self.name[:2])

    @property
    def folder(self) -> Path:
        """The learner's folder."""
        return LESSONS / self.name

    @property
    def check(self) -> Path:
        """The file that says what "done" means."""
        return TOP / "checks" / f"test_{self.name}.py"

    @property
    def text(self) -> str:
        """The lesson's README."""
        return (self.folder / "README.md").read_text(encoding="utf-8")

    @cached_property
    def title(self) -> str:
        """What stands behind the number in the README's first line."""
        first = self.text.split("\n", 1)[0]
        return (
            first.partition("·")[2].strip()
            or self.name[3:].replace("_", " ").capitalize()
        )

    @cached_property
    def steps(self) -> list[Step]:
        """The steps, from the headings of the README."""
        return [
            Step(int(number), title.strip())
            for number, title in STEP.findall(self.text)
        ]


def all_lessons() -> list[Lesson]:
    """Return every lesson, in order. Raises WorkbookError where there is none."""
    folders = LESSONS.iterdir() if LESSONS.is_dir() else ()
    names = sorted(path.name for path in folders if NAME.fullmatch(path.name))
    found = [Lesson(name) for name in names if (LESSONS / name / "README.md").is_file()]
    if not found:  # apps without their texts may hold work: only the texts come back
        what = "'lessons/*/README.md'" if names else "lessons"
        raise WorkbookError(
            f"There is no lesson in {shown(LESSONS)}/. {restored(what, 'them')}"
        )
    return found


def find(word: str) -> Lesson:
    """Return the lesson that a person means by ``3``, ``03``, ``routes`` or ``03_routes``.

    Raises WorkbookError, with the lessons that exist, for anything else.
    """
    lessons = all_lessons()
    wanted = word.strip().rstrip("/").removeprefix("lessons/")
    for lesson in lessons:
        if wanted in (lesson.name, lesson.name[3:]):
            return lesson
        if wanted.isascii() and wanted.isdigit() and int(wanted) == lesson.number:
            return lesson
    first, last = lessons[0].number, lessons[-1].number
    names = {lesson.name[3:]: lesson for lesson in lessons}
    close = difflib.get_close_matches(wanted, names, 1, 0.5)
    guess = f" Did you mean {names[close[0]].number} ({close[0]})?" if close else ""
    raise WorkbookError(
        f"There is no lesson {word!r}; lessons run {first} to {last}.{guess} "
        "`make` lists them."
    )


def after(lesson: Lesson) -> Lesson | None:
    """Return the lesson that follows, None after the last."""
    return next(
        (other for other in all_lessons() if other.number > lesson.number), None
    )


def before(lesson: Lesson) -> Lesson | None:
    """Return the lesson that leads to this one, None before the first."""
    earlier = [other for other in all_lessons() if other.number < lesson.number]
    return earlier[-1] if earlier else None


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a lesson's folder: relative POSIX path to content.

    Links are not followed; what an app or a tool leaves behind, and the learner's
    .env, is left out.
    Raises WorkbookError when the folder cannot be read or is no source folder by size.
    """
    found: dict[str, bytes] = {}
    size = 0
    for path in _walk(folder):
        try:
            status = path.lstat()
            if not stat.S_ISREG(status.st_mode):
                continue
            size += status.st_size
            if size > MOST_BYTES or len(found) == MOST_FILES:
                raise WorkbookError(
                    f"{shown(folder)} holds more than {MOST_FILES} files or 16 MB; "
                    "move out what does not belong to the lesson."
                )
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
        except OSError as error:
            _refuse(error)
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if name not in LEFT_OUT)
        for name in sorted(names):
            if name not in LEFT_OUT and not name.endswith(".pyc"):
                yield Path(where, name)


def _refuse(error: OSError) -> None:
    """Raise WorkbookError for what cannot be read; what is not there is no error."""
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        place = shown(Path(error.filename or LESSONS))
        raise WorkbookError(f"{place} cannot be read: {error.strerror}.") from error


def code_of(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files without the lesson's texts: what the learner edits."""
    return {name: content for name, content in files.items() if name not in TEXTS}


def fingerprint(files: dict[str, bytes]) -> str:
    """Return one hash for a set of files, their names and contents."""
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(f"{len(name)} {name} {len(content)} ".encode())
        total.update(content)
    return total.hexdigest()


def restored(what: str, it: str = "it") -> str:
    """Return the sentence that says how something of the workbook's comes back."""
    if KIT.is_file() and not (TOP / ".git").exists():
        return (
            f"The kit brings {it} back: `unzip -o kit.zip` beside this folder. "
            "What you wrote in your apps stays."
        )
    return f"`git checkout -- {what}` brings {it} back."


def shown(path: Path) -> str:
    """Return a path as a person should see it: from the workbook's top."""
    try:
        return path.relative_to(TOP).as_posix()
    except ValueError:
        return str(path)

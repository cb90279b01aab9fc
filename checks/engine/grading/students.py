"""Who has handed in: the students of a class folder, by safe names."""

import hashlib
import os
import stat
import time
import unicodedata
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from checks.engine.grading import arrivals, repositories, submissions
from checks.engine.grading.arrivals import Arrival
from checks.engine.lessons import NAME, WorkbookError

MOST_NAME = 100  # characters
SETTLED = 2.0  # seconds after which a change cannot hide behind another


@dataclass(frozen=True)
class Student:
    """One student: a name that is safe to print, and where the submission lies.

    id is the student's number in the platform that source names, late its mark; all are
    empty where the submission's name tells none of it. earlier has further files of the
    same student, the last first: path is later than all of them. called is the name
    alone, which others may have, too.
    """

    name: str
    path: Path
    id: str = ""
    source: str = ""
    late: bool = False
    earlier: tuple[Path, ...] = ()
    called: str = ""

    @property
    def paths(self) -> tuple[Path, ...]:
        """All that the student has handed in, the last first."""
        return (self.path, *self.earlier)


@dataclass(frozen=True)
class Enrolled:
    """One line of a roster; student is the name of the submission."""

    student: str
    name: str = ""
    id: str = ""
    email: str = ""


def listing(
    folder: Path, own: Iterable[Path] = (), known: Container[str] = ()
) -> tuple[list[Student], list[str]]:
    """Return the students of a class folder, and the names of what is none of theirs.

    own are paths that belong to the course; a folder in which they lie is no submission.
    The files that a platform has of one student are one submission; two students of one
    name get their number in the platform that they came from, or keep their endings. Who
    has that number in known, the names of a roster, has it even in a week in which nobody
    else of the name hands in. Raises WorkbookError for a folder that is no class.
    """
    left = {path.resolve() for path in own}
    found: list[tuple[Path, Arrival]] = []
    others = []
    for path in entries(folder):
        if path.resolve() in left or path.name.startswith("."):
            continue
        theirs = is_submission(path) and not holds(path, left)
        if arrival := arrivals.of(path) if theirs else None:
            found.append((path, arrival))
        else:
            others.append(safe(path.name))
    refuse_a_workbook(folder, [path for path, _ in found])
    return distinct([*named(found, known)]), others


def named(
    found: Iterable[tuple[Path, Arrival]], known: Container[str]
) -> Iterator[Student]:
    """Yield the students, each by the shortest of the names that only one of them has."""
    people = arrivals.of_one(found)
    choices = [
        (safe(arrival.name), safe(f"{arrival.name} {arrival.id}"), safe(path.name))
        for (path, arrival), *_ in people
    ]
    taken = [Counter(names) for names in zip(*choices, strict=True)]
    for person, names in zip(people, choices, strict=True):
        alone = [n for n, count in zip(names, taken, strict=True) if count[n] == 1]
        name = alone[0] if alone else names[-1]
        name = names[1] if names[1] in known and names[1] in alone else name
        last, *earlier = [p for path, _ in person for p in arrivals.packed_in(path)]
        told = person[0][1]
        late = any(arrival.late for _, arrival in person)
        yield Student(
            name, last, told.id, told.source, late, tuple(earlier), safe(told.name)
        )


def entries(folder: Path) -> list[Path]:
    """Return what lies in a class folder, by name."""
    try:
        return sorted(Path(os.fsdecode(path)) for path in folder.iterdir())
    except FileNotFoundError:
        raise WorkbookError(
            f"There is no folder {folder}. CLASS names the folder that holds the "
            "submissions, one folder or archive a student."
        ) from None
    except OSError as error:
        raise WorkbookError(f"{folder} cannot be read: {error.strerror}.") from error


def is_submission(path: Path) -> bool:
    """Is this a folder or an archive? A link is one that will be refused, and told."""
    mode = path.lstat().st_mode
    archive = path.name.lower().endswith(submissions.ARCHIVES)
    return stat.S_ISDIR(mode) or stat.S_ISLNK(mode) or archive


def holds(path: Path, own: Iterable[Path]) -> bool:
    """Does something of the course lie in this folder? A link to / holds nothing."""
    return not path.is_symlink() and any(path.resolve() in one.parents for one in own)


def refuse_a_workbook(folder: Path, found: Iterable[Path]) -> None:
    """Raise WorkbookError for the folder of one student, and for an empty one."""
    names = {path.name for path in found}
    one = {"lessons", "checks"} <= names or names == {"lessons"}
    if one or any(NAME.fullmatch(name) for name in names):
        raise WorkbookError(
            f"{folder} looks like one workbook. CLASS names the folder above: the one "
            "that holds a folder or archive for each student."
        )
    if not names:
        raise WorkbookError(f"Nobody has handed in: {folder} holds no submission.")


def safe(name: str) -> str:
    """Return a name without what a terminal, a table or a file would act on.

    What looks the same is the same: some systems write é as two letters, others as one.
    """
    whole = unicodedata.normalize("NFC", name)
    plain = "".join(letter if letter.isprintable() else "?" for letter in whole)
    plain = "".join("?" if letter in "/\\" else letter for letter in plain).strip()
    return plain[:MOST_NAME] or "?"


def distinct(students: list[Student]) -> list[Student]:
    """Return the students, those with a name that came before with a number behind it."""
    taken: set[str] = set()
    found = []
    for student in students:
        name, count = student.name, 2
        while name in taken:
            name, count = f"{student.name} ({count})", count + 1
        taken.add(name)
        found.append(replace(student, name=name))
    return found


@dataclass(frozen=True)
class Trace:
    """What is known of a submission's files without reading them.

    handed_in is the time of the newest, None where there is none; listing is a hash of
    all names, sizes and times, "" where it may miss a change.
    """

    handed_in: datetime | None
    listing: str


def trace(path: Path, now: float | None = None) -> Trace:
    """Return what the system tells of an archive, or of all files in a folder.

    Of a folder, files that no lesson has are not looked at; links are not followed.
    """
    total, newest, changed = hashlib.sha256(), 0.0, 0.0
    try:
        for name, told in statuses(path):
            facts = (
                name,
                told.st_size,
                told.st_ino,
                told.st_mtime_ns,
                told.st_ctime_ns,
            )
            total.update(repr(facts).encode("utf-8", "replace"))
            if not stat.S_ISDIR(told.st_mode):
                newest = max(newest, told.st_mtime)
            changed = max(changed, told.st_ctime)
        when = datetime.fromtimestamp(newest).astimezone() if newest else None
    except (OSError, ValueError, OverflowError):
        return Trace(None, "")
    # Two changes of one moment look the same, so one that is that new is read again.
    settled = changed + SETTLED < (time.time() if now is None else now)
    when = when.replace(microsecond=0) if when else None
    return Trace(when, total.hexdigest() if settled else "")


def trace_of(paths: Iterable[Path]) -> Trace:
    """Return what is known of all that a student has handed in, as if it were one."""
    traces = [trace(path) for path in paths]
    if len(traces) == 1:
        return traces[0]
    times = [each.handed_in for each in traces if each.handed_in]
    listings = [each.listing for each in traces]
    whole = hashlib.sha256(repr(listings).encode()).hexdigest()
    return Trace(max(times, default=None), whole if all(listings) else "")


def statuses(path: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the names and the state of a submission's files and folders."""
    yield "", path.lstat()
    waiting = [path] if path.is_dir() and not path.is_symlink() else []
    bare = bool(waiting) and repositories.is_bare(path)
    seen = 0
    while waiting:
        folder = waiting.pop()
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        for entry in entries:
            seen += 1
            if seen > submissions.MOST_SEEN:
                raise ValueError("too many to look at")
            if entry.name in submissions.LEFT_OUT and not bare:
                continue
            yield entry.path, entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))

"""What a learner hands in: the lessons alone, in one zip, with a receipt."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

from checks.engine import lessons, starters
from checks.engine.files import LEFT_OUT
from checks.engine.grading import submissions
from checks.engine.grading.submissions import Submission
from checks.engine.handing.packing import packed
from checks.engine.lessons import Lesson, WorkbookError, fingerprint

RECEIPT = "receipt.json"
SHORT = 12
PACKAGES = ("Flask", "Werkzeug")
# What an app writes while it runs; the instructor's check makes databases of its own.
DATABASES = (".db", ".sqlite", ".sqlite3", "-journal", "-wal", "-shm")
DATABASE = "a database"


@dataclass(frozen=True)
class HandIn:
    """What is handed in: the zip's bytes, its receipt, and what was left out, with why."""

    content: bytes
    receipt: dict
    left_out: list[tuple[str, str]]


def hand_in(chosen: Sequence[Lesson], now: datetime) -> HandIn:
    """Return the zip of these lessons. It holds what a class's grader would take.

    Raises WorkbookError where nothing has been done yet, or a lesson cannot be read.
    """
    found = submissions.read(lessons.LESSONS, [lesson.name for lesson in chosen])
    left_out = [(f"lessons/{each.path}", each.reason) for each in found.left_out]
    left_out += without_databases(found) + [
        (path, "made by an app or a tool") for path in folders_left_out(chosen)
    ]
    refuse_nothing(found)
    receipt = receipt_of(found, now)
    files = {
        f"lessons/{name}/{path}": content
        for name, app in found.lessons.items()
        for path, content in app.items()
    }
    files[RECEIPT] = (json.dumps(receipt, indent=1, sort_keys=True) + "\n").encode()
    return HandIn(packed(files, now.timetuple()[:6]), receipt, sorted(left_out))


def without_databases(found: Submission) -> list[tuple[str, str]]:
    """Take the databases out of what is handed in; return their paths, with the reason."""
    gone = []
    for name, files in found.lessons.items():
        for path in [path for path in files if path.lower().endswith(DATABASES)]:
            if path not in starters.starter(name):
                del files[path]
                gone.append((f"lessons/{name}/{path}", DATABASE))
    return gone


def folders_left_out(chosen: Sequence[Lesson]) -> list[str]:
    """Return the folders that tools and apps have left in these lessons."""
    found = []
    for lesson in chosen:
        for where, folders, _ in os.walk(lesson.folder):
            inner = Path(where).relative_to(lessons.TOP).as_posix()
            found += [f"{inner}/{name}" for name in folders if name in LEFT_OUT]
            folders[:] = [name for name in folders if name not in LEFT_OUT]
    return found


def refuse_nothing(found: Submission) -> None:
    """Raise WorkbookError where every lesson is as it came, or there is none."""
    if all(files == starters.starter(name) for name, files in found.lessons.items()):
        raise WorkbookError(
            "There is nothing to hand in: every lesson is as it came. "
            "`make lesson` begins one."
        )


def receipt_of(found: Submission, now: datetime) -> dict:
    """Return the receipt: one hash of all files, a hash a lesson, time and versions.

    The hashes are those that the gradebook notes of what was judged.
    """
    files = {
        f"{name}/{path}": content
        for name, app in found.lessons.items()
        for path, content in app.items()
    }
    return {
        "hash": fingerprint(files),
        "lessons": {n: fingerprint(app)[:SHORT] for n, app in found.lessons.items()},
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        **{name: version(name) for name in PACKAGES},
    }


def version(package: str) -> str:
    """Return a package's version, "" where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def refuse_strangers(place: Path) -> None:
    """Raise WorkbookError for a file that is there already and is none of ours."""
    import zipfile

    if not place.exists() and not place.is_symlink():
        return
    try:
        with zipfile.ZipFile(place) as archive:
            ours = RECEIPT in archive.namelist()
    except (OSError, ValueError, zipfile.BadZipFile):
        ours = False
    if not ours:
        raise WorkbookError(
            f"{place} is there already, and `make submit` has not made it. "
            "Move it away, or name another place with TO=."
        )


def proven(place: Path, hand: HandIn, chosen: Sequence[Lesson]) -> None:
    """Read the zip as a class's grader does. Raises WorkbookError where that differs."""
    read = submissions.read(place, [lesson.name for lesson in chosen])
    found = {name: fingerprint(app)[:SHORT] for name, app in read.lessons.items()}
    if found != hand.receipt["lessons"] or read.left_out:
        place.unlink()
        raise WorkbookError(
            f"{place.name} could not be read back as it was written, so it is gone. "
            "Please report it."
        )

"""The one big zip of a class, as a platform or a person makes it: unpacked beside itself.

Only its outer layer is: what the students have packed stays packed. What the instructor
has put beside their work in the folder stays there, whatever the next zip brings.
"""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from checks.engine.files import write_atomically
from checks.engine.grading.layers import KEPT, STAMP, take
from checks.engine.lessons import WorkbookError


@dataclass(frozen=True)
class Note:
    """What is known of a folder: which zip it has, what that brought, what was left out.

    zip is "" while the folder is being filled. brought has the names that lie directly in
    the folder; None where an earlier version, which kept no such list, has unpacked it.
    kept has those of the zip before that were changed here, and so were not deleted.
    """

    zip: str
    brought: list[str] | None
    left: list[str]
    kept: list[str] = field(default_factory=list)


def unpacked(path: Path) -> tuple[Path, Note]:
    """Return the folder with what a zip holds, and what is known of it.

    Where the zip is another than the last time, what it brought then is replaced, and all
    else in the folder stays. Raises WorkbookError for a zip that cannot be read, and for
    a folder of which nobody knows what came out of the zip.
    """
    folder, stamp, note = path.with_suffix(""), stamp_of(path), None
    if folder.exists():
        note = note_of(folder)
        if note and note.zip == stamp:
            return folder, note
        refuse_unknown(path, folder, note)
    try:
        return folder, anew(path, folder, stamp, note.brought if note else [])
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise WorkbookError(f"{path.name} cannot be unpacked: {error}.") from error


def stamp_of(path: Path) -> str:
    """Return what tells one zip from another that has its name."""
    told = path.stat()
    return f"{told.st_size} {told.st_mtime_ns}"


def note_of(folder: Path) -> Note | None:
    """Return what was noted when a folder was unpacked, None where nothing was."""
    try:
        text = (folder / STAMP).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    try:
        return Note(**json.loads(text))
    except (ValueError, TypeError):  # lines, as an earlier version wrote them
        stamp, *left = text.splitlines() or [""]
        return Note(stamp, None, left)


def refuse_unknown(path: Path, folder: Path, note: Note | None) -> None:
    """Raise WorkbookError for a folder in which all may be the instructor's own."""
    if note is None:
        raise WorkbookError(
            f"{folder} is there, and did not come out of {path.name}. "
            f"CLASS={folder.name} grades it, or move it away."
        )
    if note.brought is None:
        raise WorkbookError(
            f"{path.name} is another zip than the one in {folder}, and an earlier version "
            "unpacked that, without a list of what came out of it. Move the folder away, "
            "run this again, and put back what was yours in it: a course.toml, hidden "
            "checks, a roster."
        )


def anew(path: Path, folder: Path, stamp: str, before: Iterable[str]) -> Note:
    """Unpack a zip into a folder in place of what it brought before; return what is known.

    Nothing in the folder is touched before all of the zip has been read.
    """
    part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        left = take(path, part)
        folder.mkdir(exist_ok=True)
        return replace(folder, part, stamp, {*before}, left)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def replace(
    folder: Path, part: Path, stamp: str, before: set[str], left: Iterable[str]
) -> Note:
    """Move what a zip brings in place of what it brought before; return what is known."""
    mine = {each.name for each in folder.iterdir()} - before
    new = sorted(each.name for each in part.iterdir())
    brought = [name for name in new if name not in mine]
    why = f"what has this name in {folder.name} did not come out of the zip"
    left = [*left, *(f"{name!r} ({why})" for name in new if name in mine)]
    kept = [keep(each) for each in changed(folder, before)]
    # Whoever is interrupted after this line finds a folder without a zip, and begins again.
    write_note(folder, Note("", sorted({*before, *brought}), []))
    for each in [*folder.iterdir()]:
        if each.name in before:
            remove(each)
    for name in brought:
        os.rename(part / name, folder / name)
    note = Note(stamp, brought, left, kept)
    write_note(folder, note)
    return note


def changed(folder: Path, before: set[str]) -> list[Path]:
    """Return what a zip brought, and a person has changed since it was noted."""
    if not before:
        return []
    since = (folder / STAMP).stat().st_ctime_ns
    return [
        top
        for top in sorted(folder.iterdir())
        if top.name in before
        and any(each.lstat().st_ctime_ns > since for each in (top, *top.rglob("*")))
    ]


def keep(path: Path) -> str:
    """Put something aside in its folder, where nothing is graded; return its new name."""
    place, count = path.parent / KEPT / path.name, 1
    place.parent.mkdir(exist_ok=True)
    while os.path.lexists(place):
        count += 1
        place = place.with_name(f"{path.name} ({count})")
    os.rename(path, place)
    return f"{KEPT}/{place.name}"


def write_note(folder: Path, note: Note) -> None:
    """Keep what is known of a folder in it."""
    text = json.dumps(asdict(note), ensure_ascii=False, indent=1)
    write_atomically(folder / STAMP, text.encode())


def remove(path: Path) -> None:
    """Delete a file, or a folder with all that is in it; a link, and not where it leads."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()

"""The outer layer of a class's zip: which of its files are the class's, written out."""

import os
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from checks.engine.grading import archives, arrivals, submissions
from checks.engine.lessons import NAME

STAMP = ".unpacked"  # what was noted of a folder, in it
MOST_IN_ALL = 8 * 1024 * 1024 * 1024
KEPT = ".kept"  # what was put aside there
JUNK = {"__MACOSX", ".DS_Store", STAMP, KEPT}  # beside the submissions
REPOSITORY = {"HEAD", "objects", "refs"}  # in a bare one


def take(path: Path, folder: Path) -> list[str]:
    """Write the files of a zip into a folder; return those that are left out, with why."""
    left, total = [], 0
    with zipfile.ZipFile(path) as archive:
        for info, name in files_of(archive):
            entry = archives.of_member(archive, info)
            why = submissions.wrong_name(name) or entry.reason
            if not why and info.file_size > archives.MOST_PACKED:
                why = f"larger than {archives.MOST_PACKED >> 20} MB"
            if why:
                left.append(f"{archives.name_in_zip(info)!r} ({why})")
                continue
            content = entry.read(archives.MOST_PACKED + 1)
            total += len(content)
            if total > MOST_IN_ALL:
                raise ValueError(f"it holds more than {MOST_IN_ALL >> 30} GB")
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
            date(place, info)
    return left


def date(place: Path, info: zipfile.ZipInfo) -> None:
    """Give a file the time that it has in the zip: by that one sees who was late."""
    try:
        when = datetime(*info.date_time).timestamp()  # a zip has no zone: it is ours
        os.utime(place, (when, when))
    except (ValueError, OverflowError, OSError):
        pass  # no day that there is, and so the time of unpacking


def files_of(archive: zipfile.ZipFile) -> list[tuple[zipfile.ZipInfo, str]]:
    """Return the files of a zip, each with its path in the class folder."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    found = without_junk((info, archives.name_in_zip(info)) for info in infos)
    if top := top_of([name for _, name in found]):
        found = without_junk((info, name.removeprefix(top)) for info, name in found)
    return found


def without_junk(
    found: Iterable[tuple[zipfile.ZipInfo, str]],
) -> list[tuple[zipfile.ZipInfo, str]]:
    """Return all but what a system or the workbook keeps beside the submissions."""
    return [(info, name) for info, name in found if name.split("/")[0] not in JUNK]


def top_of(names: Iterable[str]) -> str:
    """Return ``week3/`` where all files lie in that folder and it is a class, else "".

    So it is in a zip that was made of the folder, and not of what is in it.
    """
    parts = [name.split("/") for name in names]
    if len({first for first, *_ in parts}) != 1 or any(len(p) == 1 for p in parts):
        return ""
    top, inner = parts[0][0], {second for _, second, *_ in parts}
    folders = any(len(each) > 2 for each in parts)
    packed = any(name.lower().endswith(submissions.ARCHIVES) for name in inner)
    return f"{top}/" if (folders or packed) and not of_one(top, inner) else ""


def of_one(top: str, inner: set[str]) -> bool:
    """Is a folder of this name, with these names in it, the work of one student?"""
    arrival = arrivals.of(Path(top))
    if arrival is None or arrival.source or inner >= REPOSITORY:
        return True
    return any(each == "lessons" or NAME.fullmatch(each) for each in {top, *inner})

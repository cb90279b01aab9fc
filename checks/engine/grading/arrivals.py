"""What the name of a file tells that came from Canvas or Moodle: who, and whether late.

Canvas names what it packs ``lovelaceada_LATE_1007_52345_submit.zip``: the student, a mark
if it was late, the student's number, the file's number, and the name it was uploaded
under. Moodle makes a folder ``Ada Lovelace_1007_assignsubmission_file_`` for each, or
puts that in front of each file's name. Neither says when something was handed in.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from checks.engine.grading import submissions

CANVAS, MOODLE = "Canvas", "Moodle"
MOST_PACKED = 20  # archives of one student
OF_CANVAS = re.compile(
    r"(?P<name>.+?)_(?:(?P<late>late)_)?(?P<id>\d+)_(?P<file>\d{3,})_.+",
    re.IGNORECASE,
)
ANONYMOUS = re.compile(
    r"(?:(?P<late>late)_)?(?P<id>anon_[a-z0-9]+)_(?P<file>\d{3,})_.+", re.IGNORECASE
)
OF_MOODLE = re.compile(
    r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_.*)?", re.DOTALL
)


@dataclass(frozen=True)
class Arrival:
    """Who has handed in, by a name: the student, the number there, from where, late.

    file is the number that Canvas gave the file, the higher the later; 0 without one.
    """

    name: str
    id: str = ""
    source: str = ""
    late: bool = False
    file: int = 0


def of(path: Path) -> Arrival | None:
    """Return what a path's name tells; None for what Moodle keeps beside the files."""
    if found := OF_MOODLE.fullmatch(path.name):
        if found["kind"] != "file":
            return None
        return Arrival(found["name"], found["id"], MOODLE)
    found = ANONYMOUS.fullmatch(path.name) or OF_CANVAS.fullmatch(path.name)
    if found and is_packed(path):
        told = found.groupdict()
        name = told.get("name", told["id"])
        return Arrival(name, told["id"], CANVAS, bool(told["late"]), int(told["file"]))
    return Arrival(submissions.name_of(path))


def of_one(found: Iterable[tuple[Path, Arrival]]) -> list[list[tuple[Path, Arrival]]]:
    """Return what was found, the files that a platform has of one student together.

    The last one of those comes first: that with the highest number, or the last name.
    """
    groups: dict[tuple, list[tuple[Path, Arrival]]] = {}
    for path, arrival in found:
        person = (arrival.source, arrival.id, arrival.name)
        groups.setdefault(person if arrival.source else (path,), []).append(
            (path, arrival)
        )
    for group in groups.values():
        group.sort(key=lambda one: (one[1].file, in_order(one[0])), reverse=True)
    return [*groups.values()]


def in_order(path: Path) -> str:
    """Return what a file is ordered by: ``submit (1).zip`` is later than ``submit.zip``."""
    return submissions.name_of(path)


def packed_in(path: Path) -> tuple[Path, ...]:
    """Return the few archives that a folder holds, the last first, and files beside them.

    So lies what a student has uploaded in the folder that Moodle makes. Where there is a
    folder or a link among it, or no archive, it is the path itself.
    """
    try:
        if path.is_symlink() or not path.is_dir():
            return (path,)
        inner = [each for each in path.iterdir() if not each.name.startswith(".")]
        plain = all(each.is_file() and not each.is_symlink() for each in inner)
    except OSError:
        return (path,)  # whoever reads it will say what is wrong
    packed = [each for each in inner if is_packed(each)]
    if not plain or not 0 < len(packed) <= MOST_PACKED:
        return (path,)
    beside = sorted(each for each in inner if is_beside(each))
    return (*sorted(packed, key=in_order, reverse=True), *beside)


def is_packed(path: Path) -> bool:
    """Is this an archive, by its name?"""
    return path.name.lower().endswith(submissions.ARCHIVES)


def is_beside(path: Path) -> bool:
    """Is this a plain file that is no archive, as notes beside a zip are?"""
    return path.is_file() and not path.is_symlink() and not is_packed(path)

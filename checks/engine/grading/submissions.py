"""What a student has handed in, as bytes: a folder, an archive, or a bare git repository.

Nothing of it is ever unpacked to a disk, followed, or run here. What does not belong to
a lesson's folder is not taken; what is left out of one is told, with the reason.
"""

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from checks.engine import starters
from checks.engine.files import LEFT_OUT
from checks.engine.lessons import (
    MOST_BYTES,
    MOST_FILES,
    WorkbookError,
    code_of,
)

MOST_SEEN = 20_000  # files and folders, taken or not
MOST_IN_ALL = 64 * 1024 * 1024
MOST_IN_VAIN = 128 * 1024 * 1024  # bytes of files that turn out to be damaged
MOST_DEPTH = 16
MOST_NAME, MOST_PATH = 200, 500  # bytes
ARCHIVES = (".zip", ".tar.gz", ".tgz")
# Folders of a whole workbook that hold a lesson's name too, and are not the student's.
OTHERS = {"solutions", "checks", "notebooks"}
# What Python reads before any program, wherever it finds it.
AT_START = re.compile(r"(site|user)customize\.py|.*\.pth")
# What pytest reads; a lesson in which tests are written may have its own.
OF_PYTEST = {"conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml"}
OF_PYTEST |= {"setup.cfg", "tox.ini", "pyproject.toml"}
LINK, DEVICE = "a link", "neither a file nor a folder"
LARGE = "larger than a lesson may be"


class Unreadable(WorkbookError):
    """A submission that cannot be read at all; the text says why."""


@dataclass(frozen=True)
class LeftOut:
    """Something that was not taken: its path, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Entry:
    """Something in a submission: its path, its size in bytes, and how to read it.

    reason is "" for a regular file, else why it is none. size is what the submission
    says; read gets a number of bytes and returns no more than that.
    """

    path: str
    size: int = 0
    read: Callable[[int], bytes] = lambda most: b""
    reason: str = ""


@dataclass
class Submission:
    """What one student has handed in.

    lessons has the files of each lesson's folder, path to content; elsewhere is how
    many files lie outside of all such folders.
    """

    name: str
    lessons: dict[str, dict[str, bytes]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    elsewhere: int = 0


def read(path: Path, names: Iterable[str]) -> Submission:
    """Return what lies at a path: the files of those lessons' folders, and what is not taken.

    A path that is itself named for a lesson is that lesson's folder. Raises Unreadable
    for what is no submission: a link, another kind of file, a damaged or huge archive.
    """
    submission = Submission(name_of(path))
    with closing(entries(path)) as found:
        Taking(submission, {*names}).take(found)
    return submission


def name_of(path: Path) -> str:
    """Return a student's name: that of the folder or archive, without its ending."""
    for ending in (*ARCHIVES, ".git"):
        if path.name.lower().endswith(ending):
            return path.name[: -len(ending)]
    return path.name


def entries(path: Path) -> Iterator[Entry]:
    """Yield what a submission holds. Raises Unreadable."""
    from checks.engine.grading import archives, repositories

    try:
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode) and repositories.is_bare(path):
            yield from repositories.entries(path)
        elif stat.S_ISDIR(mode):
            yield from of_folder(path)
        elif not stat.S_ISREG(mode):
            raise Unreadable(
                f"{path.name} is {LINK if stat.S_ISLNK(mode) else DEVICE}."
            )
        elif path.name.lower().endswith(".zip"):
            yield from archives.of_zip(path)
        elif path.name.lower().endswith(ARCHIVES):
            yield from archives.of_tar(path)
        else:
            kinds = ", ".join(ARCHIVES)
            raise Unreadable(f"{path.name} is no folder, {kinds} or git repository.")
    except OSError as error:
        raise Unreadable(f"{path.name} cannot be read: {error.strerror}.") from error


def of_folder(top: Path) -> Iterator[Entry]:
    """Yield what a folder holds, links and devices by name alone."""
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        parts = waiting.pop()
        try:
            folder = open_beneath(top, parts, os.O_DIRECTORY)
        except OSError as error:
            yield Entry("/".join(parts), reason=f"unreadable ({error.strerror})")
            continue
        with closing_fd(folder), os.scandir(folder) as listing:
            inner = sorted(listing, key=lambda entry: entry.name)
            kinds = [(e.name, e.stat(follow_symlinks=False).st_mode) for e in inner]
        for name, mode in kinds:
            path = "/".join((*parts, name))
            if stat.S_ISREG(mode):
                yield of_file(top, (*parts, name), path)
            elif not stat.S_ISDIR(mode):
                yield Entry(path, reason=LINK if stat.S_ISLNK(mode) else DEVICE)
            elif len(parts) >= MOST_DEPTH:
                yield Entry(path, reason="too deep")
            elif name not in LEFT_OUT:
                waiting.append((*parts, name))


def of_file(top: Path, parts: tuple[str, ...], path: str) -> Entry:
    """Return one file of a folder, to be read later."""

    def content(most: int) -> bytes:
        fd = open_beneath(top, parts)
        with open(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError(f"{parts[-1]} is no file any more")
            return file.read(most)

    size = os.stat(top.joinpath(*parts), follow_symlinks=False).st_size
    return Entry(path, size, content)


def open_beneath(top: Path, parts: tuple[str, ...], more: int = 0) -> int:
    """Open a path below top; no part of it may be a link. Returns the open file."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    at = os.open(top, flags | os.O_DIRECTORY)
    for place, part in enumerate(parts, 1):
        with closing_fd(at):
            last = place == len(parts)
            at = os.open(part, flags | (more if last else os.O_DIRECTORY), dir_fd=at)
    return at


class closing_fd:
    """Close a file that is known by its number at the end of a block."""

    def __init__(self, fd: int):
        self.fd = fd

    def __enter__(self) -> int:
        return self.fd

    def __exit__(self, *args) -> None:
        os.close(self.fd)


class Taking:
    """Takes a submission's entries, as far as they belong to lessons of these names."""

    def __init__(self, submission: Submission, names: set[str]):
        self.submission, self.names = submission, names
        self.places: dict[str, dict[tuple, dict[str, bytes]]] = {}
        self.sizes: dict[tuple, int] = {}
        self.total = self.seen = self.in_vain = 0

    def take(self, found: Iterable[Entry]) -> None:
        """Take what belongs to a lesson; tell the rest. Raises Unreadable for too many."""
        for entry in found:
            self.seen += 1
            if self.seen > MOST_SEEN:
                raise Unreadable(
                    f"{self.submission.name} holds more than {MOST_SEEN} files."
                )
            self.one(entry)
        for lesson, places in sorted(self.places.items()):
            self.choose(lesson, places)
        self.submission.left_out.sort(key=lambda left: (left.path, left.reason))

    def one(self, entry: Entry) -> None:
        """Take one entry, if it is a lesson's and nothing speaks against it."""
        path = entry.path.replace("\\", "/") if "/" not in entry.path else entry.path
        wrong = wrong_name(path)
        place = None if wrong else self.place_of(path)
        if place is None and not wrong:
            self.submission.elsewhere += 1
            return
        reason = wrong or entry.reason or self.content(entry, *place)
        if reason:
            self.leave(entry.path, reason)

    def place_of(self, path: str) -> tuple[str, tuple, str] | None:
        """Return the lesson, where its folder is, and the path in it; None outside of all."""
        parts = (self.submission.name, *path.split("/"))
        at = next((i for i, p in enumerate(parts[:-1]) if p in self.names), None)
        if at is None or any(p in OTHERS or p.startswith(".") for p in parts[1:at]):
            return None
        return parts[at], parts[1:at], "/".join(parts[at + 1 :])

    def content(self, entry: Entry, lesson: str, place: tuple, path: str) -> str:
        """Read an entry into its place; return why it was not taken, "" if it was."""
        files = self.places.setdefault(lesson, {}).setdefault(place, {})
        if unwanted := not_a_source(path) or acts_on_judging(lesson, path):
            return unwanted
        key = (lesson, place)
        room = min(MOST_BYTES - self.sizes.get(key, 0), MOST_IN_ALL - self.total)
        if entry.size > room:
            return LARGE
        if len(files) >= MOST_FILES and path not in files:
            return f"more than {MOST_FILES} files"
        if self.in_vain > MOST_IN_VAIN:
            return "not read: too much of the rest is damaged"
        try:
            content = entry.read(room + 1)
        except (OSError, ValueError) as error:
            self.in_vain += entry.size
            return f"unreadable ({error})"
        if len(content) > room:
            return LARGE
        self.sizes[key] = self.sizes.get(key, 0) + len(content)
        self.total += len(content)
        if path in files:
            self.leave(entry.path, "twice in there; the later one is taken")
        files[path] = content
        return ""

    def choose(self, lesson: str, places: dict[tuple, dict[str, bytes]]) -> None:
        """Take a lesson's folder from one place: lessons/, else the least deep."""
        order = sorted(places, key=lambda p: (p[-1:] != ("lessons",), len(p), p))
        chosen = next((place for place in order if places[place]), None)
        for place in order:
            if place == chosen:
                files = places[place]
                code = code_of(dict(sorted(files.items())))
                self.submission.lessons[lesson] = code
            elif places[place]:
                where = "/".join((*chosen, lesson))
                same = code_of(places[place]) == code_of(places[chosen])
                self.leave(
                    "/".join((*place, lesson)),
                    f"lesson {lesson} is the same in {where}"
                    if same
                    else f"another copy is judged, {where}",
                )

    def leave(self, path: str, reason: str) -> None:
        """Note something that is not taken; its path as far as a person can read it."""
        self.submission.left_out.append(LeftOut(readable(path), reason))


def readable(path: str) -> str:
    """Return a path as far as a person can read it."""
    return "".join(c if c.isprintable() else "?" for c in path)[:MOST_PATH]


def wrong_name(path: str) -> str:
    """Return why a relative path cannot be taken, "" if it can."""
    try:
        raw = path.encode("utf-8")
    except UnicodeEncodeError:
        return "a name that is not UTF-8"
    parts = path.split("/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "an absolute name"
    if ".." in parts:
        return "a name that climbs out"
    if not all(parts) or "." in parts or "\\" in path or not path.isprintable():
        return "a name that is none"
    if len(raw) > MOST_PATH or max(len(p.encode()) for p in parts) > MOST_NAME:
        return "too long a name"
    if len(parts) > MOST_DEPTH + 1:
        return "too deep"
    return ""


def not_a_source(path: str) -> str:
    """Return why a file of a lesson's folder is nobody's source, "" if it is one."""
    parts = path.split("/")
    junk = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"}
    if LEFT_OUT & {*parts} or junk & {*parts} or parts[-1].startswith("._"):
        return "made by an app or a tool"
    return "made by an app or a tool" if path.endswith((".pyc", ".pyo")) else ""


def acts_on_judging(lesson: str, path: str) -> str:
    """Return why a file could change how checks run, "" for all others.

    A file that the starter has is part of the lesson, and so are pytest's own where the
    starter has tests.
    """
    name = path.rpartition("/")[2].lower()
    if AT_START.fullmatch(name):
        return "Python would run it by itself"
    if name not in OF_PYTEST:
        return ""
    known = starters.starter(lesson)
    if path in known or any(each.startswith("tests/") for each in known):
        return ""
    return "it says how tests run"

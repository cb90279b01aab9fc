"""Pristine starters: the lessons as they were before the learner came.

lessons/ is the learner's. What reset, guards and grading compare with is kept in
.workbook/starters/, verified against a list of hashes that is part of the workbook.
"""

import hashlib
import shutil
import subprocess
from pathlib import Path

from checks.engine import lessons
from checks.engine.files import write_atomically
from checks.engine.lessons import WorkbookError, code_of, files_of

STARTERS = lessons.STATE / "starters"
LIST = lessons.TOP / "checks" / "starters.sha256"
# A kit has no history to find a starter in, so it brings them all along.
OF_A_KIT = lessons.TOP / "checks" / "starters"


def listed() -> dict[str, dict[str, str]]:
    """Return the committed list: lesson's name to path to hash.

    Raises WorkbookError when it is missing or is no such list.
    """
    found: dict[str, dict[str, str]] = {}
    try:
        for line in LIST.read_text(encoding="utf-8").splitlines():
            digest, path = line.split("  ", 1)
            name, _, inner = path.partition("/")
            found.setdefault(name, {})[inner] = digest
    except (OSError, ValueError) as error:
        raise WorkbookError(
            f"{lessons.shown(LIST)} cannot be read. "
            f"{lessons.restored(lessons.shown(LIST))}"
        ) from error
    return found


def ensure() -> Path:
    """Make every pristine starter stand in .workbook/starters/; return that folder.

    Cheap when all is there. Raises WorkbookError naming what cannot be found.
    """
    for name, files in listed().items():
        complete(name, files)
    return STARTERS


def starter(name: str) -> dict[str, bytes]:
    """Return the pristine files of one lesson: relative path to content.

    Raises WorkbookError for a lesson that has none, or that cannot be found.
    """
    files = listed().get(name)
    if files is None:
        raise WorkbookError(
            f"{name} is not in {lessons.shown(LIST)}: `make starters` writes it there."
        )
    return complete(name, files)


def complete(name: str, files: dict[str, str]) -> dict[str, bytes]:
    """Return one lesson's pristine files, after putting back what is missing."""
    folder = STARTERS / name
    contents = {}
    for path, digest in files.items():
        content = read(folder / path)
        if content is None or hash_of(content) != digest:
            content = recover(name, path, digest)
            keep(folder / path, content)
        contents[path] = content
    for stray in files_of(folder).keys() - files.keys():
        (folder / stray).unlink(missing_ok=True)
    return contents


def recover(name: str, path: str, digest: str) -> bytes:
    """Return the content with this hash, from a folder that has it or git's history."""
    for folder in (OF_A_KIT, lessons.LESSONS):
        content = read(folder / name / path)
        if content is not None and hash_of(content) == digest:
            return content
    place = f"lessons/{name}/{path}"
    log = git("log", "--all", "--format=%H", "--", place) or b""
    for commit in log.decode().split():
        content = git("show", f"{commit}:./{place}")
        if content is not None and hash_of(content) == digest:
            return content
    if OF_A_KIT.is_dir():
        raise WorkbookError(
            f"The starter of {place} is lost. {lessons.restored(place)}"
        )
    raise WorkbookError(
        f"The starter of {place} is neither in lessons/ nor in git's history. "
        "`git fetch --unshallow` may bring it; a fresh copy of the workbook has it."
    )


def git(*words: str) -> bytes | None:
    """Return what a git command prints, None where there is no git or no answer."""
    command = ["git", "-C", str(lessons.TOP), *words]
    try:
        done = subprocess.run(command, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def keep(path: Path, content: bytes) -> None:
    """Write one starter's file in one go; a folder that takes no files costs nothing."""
    try:
        if path.is_dir():
            shutil.rmtree(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
    except OSError:
        pass  # the content is known all the same, and doctor tells of the folder


def read(path: Path) -> bytes | None:
    """Return a file's content, None when there is no such file."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def hash_of(content: bytes) -> str:
    """Return the hash that the list holds for a content."""
    return hashlib.sha256(content).hexdigest()


def lines() -> list[str]:
    """Return the list that lessons/, as it stands now, would give."""
    return [
        f"{hash_of(content)}  {lesson.name}/{path}"
        for lesson in lessons.all_lessons()
        for path, content in sorted(code_of(files_of(lesson.folder)).items())
    ]


def changed() -> list[str]:
    """Return the paths in lessons/ that are not as listed, or not listed at all."""
    known = {
        f"{name}/{path}": digest
        for name, files in listed().items()
        for path, digest in files.items()
    }
    now = {path: digest for digest, path in (line.split("  ", 1) for line in lines())}
    paths = known.keys() | now.keys()
    return sorted(path for path in paths if known.get(path) != now.get(path))


def write_list() -> int:
    """Rewrite the committed list from lessons/; return how many files it holds."""
    found = lines()
    write_atomically(LIST, ("\n".join(found) + "\n").encode())
    return len(found)

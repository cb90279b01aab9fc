"""A kit as a folder with a git repository: made once, and brought up to date."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.engine import kits, lessons, starters
from checks.engine.files import write_atomically
from checks.engine.handing import kit
from checks.engine.lessons import Lesson, WorkbookError

MARK = "checks/kit.json"
# Whoever has no name in git yet still gets a commit.
NOBODY = {"user.name": "Flask workbook", "user.email": "workbook@localhost"}


@dataclass(frozen=True)
class Handed:
    """What was done to a folder: the lessons in it now, those that are new in it.

    left are lessons that stood there already and were not touched; commit is the short
    name of the commit, "" where nothing had changed.
    """

    chosen: list[Lesson]
    new: list[Lesson]
    left: list[Lesson]
    commit: str


def hand_out(folder: Path, chosen: Sequence[Lesson]) -> Handed:
    """Make a kit in a folder, or bring the kit there up to date; commit it.

    Lessons that the folder has stay in the kit, and their folders in lessons/ are left
    alone. Raises WorkbookError, with nothing changed, for a folder of another kind.
    """
    git = shutil.which("git")
    if git is None:
        raise WorkbookError("git is not installed. TO=kit.zip makes a zip without it.")
    before = known(folder)
    chosen = with_those_there(chosen, before)
    files = kit.contents(chosen)
    if before:
        refuse_changes(git, folder, [*files, *before["files"]])
    new = [each for each in chosen if not (folder / "lessons" / each.name).exists()]
    left = [each for each in chosen if each not in new]
    files = with_apps(files, new, left)
    put(folder, files, before.get("files", {}))
    return Handed(chosen, new, left, commit(git, folder, files, before, chosen))


def with_apps(
    files: Mapping[str, bytes], new: Sequence[Lesson], left: Sequence[Lesson]
) -> dict[str, bytes]:
    """Return the files with the apps of new lessons, and without the folders of the others."""
    alone = tuple(f"lessons/{lesson.name}/" for lesson in left)
    found = {p: c for p, c in files.items() if not p.startswith(alone)}
    for lesson in new:
        for path, content in starters.starter(lesson.name).items():
            found[f"lessons/{lesson.name}/{path}"] = content
    return found


def known(folder: Path) -> Mapping:
    """Return what a kit in a folder says of itself, nothing where none is there yet.

    Raises WorkbookError for a folder that holds anything else.
    """
    if folder == lessons.TOP or lessons.TOP in folder.parents:
        raise WorkbookError(
            f"{folder} is in this workbook; TO= names a place beside it."
        )
    try:
        return json.loads((folder / MARK).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError) as error:
        raise WorkbookError(f"{folder} cannot be read as a kit: {error}.") from error
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WorkbookError(
            f"{folder} is there and is no kit. TO= names an empty place, or a kit."
        )
    return {}


def with_those_there(chosen: Sequence[Lesson], before: Mapping) -> list[Lesson]:
    """Return the chosen lessons and those that the kit has already, in order."""
    names = {lesson.name for lesson in chosen} | {*before.get("lessons", ())}
    return [each for each in lessons.all_lessons() if each.name in names]


def refuse_changes(git: str, folder: Path, paths: Sequence[str]) -> None:
    """Raise WorkbookError where somebody has changed what is about to be written."""
    if not (folder / ".git").exists():
        return
    asked = ["status", "--porcelain", "--", *sorted({*paths})]
    if told := run(git, folder, *asked).strip():
        first = told.splitlines()[0].split(maxsplit=1)[-1]
        raise WorkbookError(
            f"{folder} has changes that are not committed, at {first}. "
            "Commit them there, and run the command again."
        )


def put(folder: Path, files: Mapping[str, bytes], before: Mapping[str, str]) -> None:
    """Write the files, and take out those of the kit before that are no more."""
    try:
        for path, content in files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if not place.is_file() or place.read_bytes() != content:
                write_atomically(place, content)
        for path in {*before} - {*files}:
            (folder / path).unlink(missing_ok=True)
    except OSError as error:
        raise WorkbookError(
            f"{error.filename or folder} cannot be written: {error.strerror}."
        ) from error


def commit(
    git: str,
    folder: Path,
    files: Mapping[str, bytes],
    before: Mapping,
    chosen: Sequence[Lesson],
) -> str:
    """Commit the kit's files alone; return the commit's short name, "" for no change."""
    if not (folder / ".git").exists():
        run(git, folder, "-c", "init.defaultBranch=main", "init", "--quiet")
    gone = [path for path in before.get("files", ()) if path not in files]
    run(git, folder, "add", "--force", "--", *files)
    if gone:
        run(git, folder, "rm", "--quiet", "--cached", "--ignore-unmatch", "--", *gone)
    if not run(git, folder, "diff", "--cached", "--name-only").strip():
        return ""
    told = kits.numbers([lesson.name for lesson in chosen])
    message = f"kit: {'bring up to date: ' if before else 'hand out '}{told}"
    run(git, folder, *who(git, folder), "commit", "--quiet", "--message", message)
    return run(git, folder, "rev-parse", "--short", "HEAD").strip()


def who(git: str, folder: Path) -> list[str]:
    """Return the settings that name an author where git knows none."""
    settings = []
    for key, value in NOBODY.items():
        if not run(git, folder, "config", "--default", "", "--get", key).strip():
            settings += ["-c", f"{key}={value}"]
    return settings


def run(git: str, folder: Path, *words: str) -> str:
    """Return what a git command prints. Raises WorkbookError with what it complained of."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    if "GIT_CONFIG_GLOBAL" in os.environ:
        own["GIT_CONFIG_GLOBAL"] = os.environ["GIT_CONFIG_GLOBAL"]
    done = subprocess.run(
        [git, *words], cwd=folder, env=own, capture_output=True, text=True, timeout=120
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise WorkbookError(f"git {words[0]} failed in {folder}: {' '.join(said)}")
    return done.stdout

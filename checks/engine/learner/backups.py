"""Nothing a learner wrote is lost: backups, reset, undo."""

import datetime
import os
import re
import shutil
import stat
from pathlib import Path

from checks.engine import lessons, starters
from checks.engine.files import TOOLS, write_atomically
from checks.engine.lessons import TEXTS, WorkbookError, shown

BACKUPS = lessons.STATE / "backups"
NAME = re.compile(r"\d{4}-\d\d-\d\d-\d{6}-\d{6}-(\d\d_\w+)")


def backup(name: str) -> Path:
    """Copy a lesson's whole folder; return where the copy is.

    The copy gets its name when it is complete. Raises WorkbookError, with nothing
    changed, when it cannot be made.
    """
    now = datetime.datetime.now().strftime("%Y-%m-%d-%H%M%S-%f")
    final = BACKUPS / f"{now}-{name}"
    part = BACKUPS / f".{final.name}.{os.getpid()}"
    try:
        BACKUPS.mkdir(parents=True, exist_ok=True)
        copy_tree(lessons.LESSONS / name, part)
        os.rename(part, final)
    except (OSError, shutil.Error) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise WorkbookError(
            f"No backup could be made in {shown(BACKUPS)} ({reason(error)}), "
            "so nothing was changed."
        ) from error
    return final


def copy_tree(source: Path, target: Path) -> None:
    """Copy all that a learner may have made: links as links, no sockets or pipes."""

    def left_out(folder, names):
        odd = [name for name in names if not is_kept(Path(folder, name))]
        return {*odd, *(name for name in names if name in TOOLS)}

    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=left_out)
        return
    target.mkdir()
    if source.exists():
        shutil.copy2(source, target / source.name)


def is_kept(path: Path) -> bool:
    """Is this a file, a folder or a link?"""
    mode = path.lstat().st_mode
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)


def reset(name: str) -> Path:
    """Put the pristine starter in place of a lesson's files; return the backup.

    The lesson's texts stay, or come back from git where they are missing.
    """
    files = starters.starter(name)
    copy = backup(name)
    folder = clear_place(name)
    fill(folder, files)
    remove_others(folder, files.keys() | TEXTS)
    for text in ("README.md", "hints.md"):
        content = starters.git("show", f"HEAD:./lessons/{name}/{text}")
        if content is not None and not (folder / text).exists():
            write_atomically(folder / text, content)
    return copy


def undo() -> tuple[str, Path, Path]:
    """Bring the last backup back; return lesson, that backup, and the backup of now.

    Raises WorkbookError when there is none.
    """
    source = last_backup()
    if source is None:
        raise WorkbookError(
            "There is no backup to go back to; `make reset N` makes the first."
        )
    name = NAME.fullmatch(source.name)[1]
    copy = backup(name)
    folder = clear_place(name)
    paths = {
        path.relative_to(source).as_posix(): path
        for path in source.rglob("*")
        if path.is_symlink() or path.is_file()
    }
    fill(folder, {p: path.read_bytes() for p, path in paths.items() if plain(path)})
    for inner, path in paths.items():
        if path.is_symlink():
            remove(folder / inner)
            (folder / inner).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(os.readlink(path), folder / inner)
    remove_others(folder, paths.keys())
    return name, source, copy


def last_backup() -> Path | None:
    """Return the newest complete backup."""
    if not BACKUPS.is_dir():
        return None
    names = [path for path in BACKUPS.iterdir() if NAME.fullmatch(path.name)]
    return max(names, key=lambda path: path.name, default=None)


def clear_place(name: str) -> Path:
    """Return the lesson's folder, made where something else or nothing stood."""
    folder = lessons.LESSONS / name
    if not folder.is_dir():
        remove(folder)
        folder.mkdir(parents=True)
    return folder


def fill(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a folder, each in one go, whatever stood in their place."""
    for inner, content in files.items():
        path = folder / inner
        for parent in reversed(path.relative_to(folder).parents):
            if not (folder / parent).is_dir() or (folder / parent).is_symlink():
                remove(folder / parent)
                (folder / parent).mkdir()
        if path.is_symlink() or path.is_dir():
            remove(path)
        write_atomically(path, content)


def remove_others(folder: Path, wanted: set[str]) -> None:
    """Remove what is not wanted; the learner's virtual environment and .env stay."""
    for where, folders, names in os.walk(folder, topdown=True):
        kept = [name for name in folders if name not in TOOLS]
        links = [name for name in kept if Path(where, name).is_symlink()]
        folders[:] = [name for name in kept if name not in links]
        for name in [*names, *links]:
            path = Path(where, name)
            if name not in TOOLS and path.relative_to(folder).as_posix() not in wanted:
                remove(path)
    for where, _, _ in os.walk(folder, topdown=False):
        if Path(where) != folder and not os.listdir(where):
            os.rmdir(where)


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def plain(path: Path) -> bool:
    """Is this a file of its own, and no link?"""
    return path.is_file() and not path.is_symlink()


def reason(error: OSError) -> str:
    """Return why the system refused, in one line."""
    return (error.strerror or str(error)).splitlines()[0][:120]

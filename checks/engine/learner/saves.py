"""Saves: the learner's files, once for every time that their content is another."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from checks.engine.lessons import WorkbookError, code_of, files_of, fingerprint

STEP_MS, BURST_MS = 15, 150
LOOK_AGAIN_MS = 500
Files = dict[str, bytes]
# An app writes these, and no editor: a table of SQLite's with what lies beside it, a log.
WRITTEN = (".db", ".sqlite", ".sqlite3", "-journal", "-wal", "-shm", ".log")


def saves(
    folder: Path,
    tell: Callable[[str], None],
    wake: Callable[[Path], Iterator] | None = None,
) -> Iterator[Files]:
    """Yield a folder's files now, and again after every save; never ends by itself.

    Only contents are compared, so what wakes it may be wrong, late or too often. tell
    gets the sentence of a state that cannot be read. wake is what waits.
    """
    last = None
    for _ in (wake or wakes)(folder):
        try:
            files = code_of(files_of(folder))
            state = fingerprint(typed(files))
        except WorkbookError as error:
            files, state = None, str(error)
        if state == last:
            continue
        last = state
        if files is None:
            tell(state)
        else:
            yield files


def typed(files: Files) -> Files:
    """Return the files that a learner edits, without those that an app may write."""
    return {path: files[path] for path in files if not path.endswith(WRITTEN)}


def wakes(folder: Path) -> Iterator[None]:
    """Yield at once, soon after every change in a folder, and now and then besides.

    The regular look finds what no event told: on network drives, after the folder was
    replaced, or where nothing can be watched at all.
    """
    yield
    while True:
        try:
            yield from events(folder)
        except (ImportError, OSError, RuntimeError):
            time.sleep(LOOK_AGAIN_MS / 1000)
            yield


def events(folder: Path) -> Iterator[None]:
    """Yield after changes, until the folder is another one. Raises what watchfiles does."""
    from watchfiles import watch

    place = identity(folder)
    for _ in watch(
        folder,
        watch_filter=None,
        step=STEP_MS,
        debounce=BURST_MS,
        rust_timeout=LOOK_AGAIN_MS,
        yield_on_timeout=True,
    ):
        yield
        if identity(folder) != place:
            return


def identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells one folder from another of the same name."""
    try:
        told = os.stat(folder)
    except OSError:
        return None
    return told.st_dev, told.st_ino

"""Where the lessons run: the port of each `make lesson` that is going on."""

import os
from pathlib import Path

from checks.engine.lessons import STATE, Lesson

FOLDER = STATE / "running"


def note(lesson: Lesson, port: int) -> None:
    """Remember that this process runs a lesson's app on a port."""
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        place(lesson, os.getpid()).write_text(str(port))
    except OSError:
        pass  # only a comfort: `make check` then names the usual port


def forget(lesson: Lesson) -> None:
    """Forget what this process noted."""
    try:
        place(lesson, os.getpid()).unlink(missing_ok=True)
    except OSError:
        pass


def of(lesson: Lesson) -> int | None:
    """Return the port on which the lesson's app runs now, None if it does not."""
    for path in sorted(FOLDER.glob(f"{lesson.name}-*")):
        try:
            pid, port = int(path.name.rpartition("-")[2]), int(path.read_text())
            os.kill(pid, 0)
        except (OSError, ValueError):
            continue
        if pid != os.getpid():
            return port
    return None


def place(lesson: Lesson, pid: int) -> Path:
    return FOLDER / f"{lesson.name}-{pid}"

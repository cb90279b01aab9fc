"""Where the lessons run: the port of each `make lesson` that is going on.

Each notes it in a file that it holds locked: the lock ends with its process, however
that ends, and no other process can be taken for it.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator

from checks.engine.lessons import STATE, Lesson

FOLDER = STATE / "running"


@contextlib.contextmanager
def noted(lesson: Lesson, port: int) -> Iterator[None]:
    """Have others know, for as long as this lasts, that a lesson's app has a port."""
    path = FOLDER / f"{lesson.name}-{os.getpid()}"
    with contextlib.ExitStack() as stack:
        # Only a comfort: without it `make check` names the usual port.
        with contextlib.suppress(OSError):
            FOLDER.mkdir(parents=True, exist_ok=True)
            # Under its name, it is locked and whole.
            begun = path.with_name(f".{path.name}")
            file = stack.enter_context(open(begun, "w"))
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(str(port))
            file.flush()
            stack.callback(path.unlink, missing_ok=True)
            begun.replace(path)
        yield


def of(lesson: Lesson) -> int | None:
    """Return the port on which the lesson's app runs now, None if it does not."""
    for path in sorted(FOLDER.glob(f"{lesson.name}-*")):
        with contextlib.suppress(OSError, ValueError), open(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read())
            path.unlink()  # whoever held it was killed
    return None

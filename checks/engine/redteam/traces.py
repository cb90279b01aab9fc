"""What a class has left outside of its cages: processes, files, sockets."""

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from checks.engine.lessons import TOP
from checks.engine.worker.inside.processes import adopt_orphans, orphans

# Submissions write files of this name, wherever they can, and listen under it.
NAME = "left_by_a_submission"
SECRET = "WORKBOOK_RED_TEAM"
PATIENCE = 60.0  # seconds for what was told to end
# A place that a submission might reach, and how far below it we look.
PLACES = ((TOP, 2), (Path.home(), 1), (Path("/tmp"), 1), (Path("/var/tmp"), 1))
PLACES += ((Path("/dev/shm"), 1), (Path("/"), 1), (Path("/dev"), 1), (Path("/run"), 1))


class Trap:
    """Listeners of this machine that no submission should reach.

    port is that of one on 127.0.0.1, name that of one in the kernel's own list of names.
    caught says how many have come.
    """

    def __init__(self):
        self.caught = 0
        self.name = f"workbook-red-team-{secrets.token_hex(8)}"
        self.listeners = [socket.create_server(("127.0.0.1", 0))]
        self.listeners.append(socket.socket(socket.AF_UNIX))
        self.listeners[1].bind(f"\0{self.name}")
        self.listeners[1].listen()
        self.port = self.listeners[0].getsockname()[1]
        for each in self.listeners:
            threading.Thread(target=self.count, args=(each,), daemon=True).start()

    def count(self, listener: socket.socket) -> None:
        """Count those who come, until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                listener.accept()[0].close()
                self.caught += 1

    def close(self) -> None:
        """Take the trap away."""
        for each in self.listeners:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextlib.contextmanager
def watched(scratch: Path, trap: Trap) -> Iterator[list[str]]:
    """Fill a list, at the end of the block, with what it has left behind.

    scratch is the folder for temporary files that the block was given.
    """
    adopt_orphans()
    found: list[str] = []
    children, caught = orphans(set()), trap.caught
    try:
        yield found
        found += [f"process {command(pid)}" for pid in going_on(children)]
    finally:
        adopt_orphans(
            False
        )  # whoever adopts has to see to the end of all that fall to it
    found += [f"file {path.relative_to(scratch)}" for path in scratch.rglob("*")]
    found += [f"file {path}" for path in by_name()]
    found += sockets()
    if trap.caught > caught:
        found.append("a way to this machine's listeners")


def going_on(before: set[int]) -> set[int]:
    """Return the processes that fell to this one and do not end by themselves."""
    end = time.monotonic() + PATIENCE
    while strays := orphans(before):
        for pid in strays:  # one that has ended is there until somebody asks
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        if time.monotonic() > end:
            return orphans(before)
        time.sleep(0.01)
    return set()


def command(pid: int) -> str:
    """Return the command of a process, its number where that is not known."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return b" ".join(words).decode("utf-8", "replace")[:80] or str(pid)
    except OSError:
        return str(pid)


def by_name() -> Iterator[Path]:
    """Yield the files that a submission has written somewhere, to be found by name."""
    for place, depth in PLACES:
        for level in range(depth):
            with contextlib.suppress(OSError):
                yield from place.glob("*/" * level + NAME + "*")


def sockets() -> list[str]:
    """Return the listeners that a submission has left on this machine."""
    try:
        told = Path("/proc/net/unix").read_text(errors="replace")
    except OSError:
        return []
    return [f"socket @{NAME}"] if f"@{NAME}" in told else []

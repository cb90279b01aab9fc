"""Processes: forked here, bounded here, ended here."""

import ctypes
import os
import re
import resource
import signal
import sys
import threading
import time

CPU_SECONDS = 4
SEVERAL = 5  # steps whose time the learner's own tests may take together
FILE_BYTES = 64 * 1024 * 1024
MEMORY_BYTES = 2 * 1024 * 1024 * 1024
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_CHILD_SUBREAPER = 36
WRITABLE = ("/room/", "/tmp/", "/dev/")  # where a file may be that memory stands for
# A line of /proc/self/maps for memory that forks share: its rights, and a file's name.
SHARED = re.compile(r"^\S+ (...s) \S+ \S+ \S+ *(.*)$", re.MULTILINE)


def limit() -> None:
    """Bound what one step may take; a laptop should survive an endless loop."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS * SEVERAL))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS accepts the call and refuses the value
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def limit_less() -> None:
    """Let this process take the time of several steps."""
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (most - 1, most))


def silence() -> None:
    """Send what the app prints to nowhere: the running app shows it, not the check."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    if nowhere > 2:
        os.close(nowhere)


def end(pid: int, patience: float = 0.0) -> tuple[int, int]:
    """Kill a child with its group; return its own exit code and signal, if it had any.

    A child that ends by itself within patience (seconds) keeps its own status: that
    is the one to report. The code is one more than it was, so that 0 means "killed".
    """
    deadline = time.monotonic() + patience
    done, status = os.waitpid(pid, os.WNOHANG)
    while not done and time.monotonic() < deadline:
        time.sleep(0.002)
        done, status = os.waitpid(pid, os.WNOHANG)
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # it had no group yet, or nobody is left in it
    if not done:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(pid, 0)
        return 0, 0
    if os.WIFSIGNALED(status):
        return 0, os.WTERMSIG(status)
    return os.WEXITSTATUS(status) + 1, 0


def adopt_orphans(yes: bool = True) -> None:
    """On Linux, have daemons that leave their group fall to this process, or no longer."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, int(yes), 0, 0, 0)


def end_orphans(living: set[int]) -> None:
    """End the adopted processes that are none of our own children."""
    for _ in range(50):
        strays = orphans(living)
        if not strays:
            return
        for pid in strays:  # all of them first: each may wait long for its turn to end
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for pid in strays:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass


def orphans(living: set[int]) -> set[int]:
    """Return the adopted processes; where that cannot be known, none."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return {int(pid) for pid in file.read().split()} - living
    except OSError:
        return set()


def shares_memory() -> bool:
    """Does this process have memory that its forks could write to in common?"""
    try:
        with open("/proc/self/maps") as file:
            shared = SHARED.findall(file.read())
    except OSError:  # not Linux
        return False
    return any("w" in rights or writable(name) for rights, name in shared)


def writable(name: str) -> bool:
    """May memory of this name, a file's or none, become writable later?"""
    return not name.startswith("/") or name.startswith(WRITABLE)


def threads() -> int:
    """Return how many threads this process has; a fork beside one may hang for ever."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:  # not Linux: those that Python knows
        return threading.active_count()


def open_files() -> int:
    """Return how many files and sockets this process holds open."""
    return len(os.listdir("/dev/fd"))

"""What differs where all of this stands in a cage, with a stranger's code in it."""

import ctypes
import os
import resource
import select
import signal
import socket
import stat

from . import processes

# Files may be written in these folders alone; the second is for shared memory.
FOLDERS = ("/room", "/dev/shm")
FILE_BYTES = 32 * 1024 * 1024
MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 2  # no more than a judge waits where nothing else runs
OPEN_FILES = 256
# For all processes of a cage together, beyond what they share with the first one.
ALL_MEMORY_BYTES = 1024 * 1024 * 1024
LOOK_SECONDS = 0.05
MANY = 48  # processes of a cage; honest work has a few
PR_SET_DUMPABLE = 4

most_processes = 0  # how many a fork may see running; 0 where there is no cage
first = 0  # the number of a cage's first process


def enter(most: int) -> None:
    """Make of this process, the first in its cage, one that no other can touch.

    Signals from within do not reach a first process, unless it asks for them.
    """
    global most_processes, first
    most_processes, first = most, os.getpid()
    processes.FILE_BYTES, processes.MEMORY_BYTES = FILE_BYTES, MEMORY_BYTES
    processes.CPU_SECONDS = CPU_SECONDS
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    prefer_to_lose()
    # No other of this user may trace it, or open its memory in /proc.
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def prefer_to_lose() -> None:
    """Where the machine's memory ends all the same, have the cage ended, not the judge."""
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass


def wait(sock: socket.socket) -> None:
    """Wait until something comes in; meanwhile the first process of a cage looks around.

    A timer's signal would do it without waiting, and anybody in the cage can send one.
    """
    if os.getpid() == first:
        while not select.select([sock], [], [], LOOK_SECONDS)[0]:
            look()


def look() -> None:
    """End all other processes when together they hold too much memory.

    A limit of one process cannot say that, and a control group is not always there.
    """
    held = {pid: resident(pid) for pid in running()}
    shared = held.pop(str(os.getpid()), 0)
    pages = sum(max(0, each - shared) for each in held.values())
    if pages * resource.getpagesize() > ALL_MEMORY_BYTES:
        end_all()


def running() -> list[str]:
    """Return the numbers of all processes of the cage."""
    return [name for name in os.listdir("/proc") if name.isdigit()]


def resident(pid: str) -> int:
    """Return how many pages of memory a process holds, 0 for one that has ended."""
    try:
        with open(f"/proc/{pid}/statm") as file:
            return int(file.read().split()[1])
    except (OSError, IndexError):
        return 0


def end_all() -> None:
    """End every process of the cage but its first one, at once: none can fork away."""
    if os.getpid() != first:
        return
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass


def end_a_bomb() -> None:
    """End all where so many are running that to end one after the other would take long."""
    if first and len(running()) > MANY:
        end_all()


def limit() -> None:
    """Bound what a fork in a cage may take, more closely than at home."""
    if not most_processes:
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    bounds = {
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NPROC: most_processes,
    }
    for which, most in bounds.items():
        resource.setrlimit(which, (most, most))


def sweep(living: set[int], keep: set[str]) -> None:
    """End all processes in a cage but the living ones; keep files below these paths alone.

    So a check finds nothing that another has left. Outside of a cage nothing is removed.
    """
    if not most_processes:
        return
    processes.end_orphans(living)
    if processes.orphans(living):  # they fork faster than they are ended
        end_all()
        processes.end_orphans(living)
    for folder in FOLDERS:
        for name in os.listdir(folder):
            path = os.path.join(folder, name)
            if path not in keep:
                remove(path)


def remove(path: str) -> None:
    """Remove a file or a folder with all in it, however deep it is.

    A path may be too long for the kernel, and a depth too great for a recursion: a
    folder's folders are moved up beside it, one after the other.
    """
    beside = os.path.join(os.path.dirname(path), f".{os.urandom(8).hex()}.")
    count = 0
    waiting = [path]
    while waiting:
        path = waiting.pop()
        try:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                os.unlink(path)
                continue
            os.chmod(path, 0o700)
            for name in os.listdir(path):
                inner = os.path.join(path, name)
                if stat.S_ISDIR(os.lstat(inner).st_mode):
                    os.chmod(inner, 0o700)
                    moved = f"{beside}{count}"
                    count += 1
                    os.rename(inner, moved)
                    waiting.append(moved)
                else:
                    os.unlink(inner)
            os.rmdir(path)
        except OSError:
            pass  # somebody else still moves things in there; the next sweep has it

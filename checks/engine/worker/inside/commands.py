"""Commands as the learner types them, run to their end.

Most of what `flask routes` or `python newsletter.py` takes is the start of Python and the
import of Flask. Both have been done here, so a fork does what is left; what a new Python
would do otherwise is left to a new one.
"""

import atexit
import contextlib
import gc
import io
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from . import importing, processes, warm
from .folder import Folder
from .servers import end_of, environment, start, words_of


class Commands:
    """The commands of one lesson's folder that come to an end."""

    def __init__(self, folder: Folder):
        self.folder = folder

    def do_run(self, body: bytes, command: list, env: dict, wait: float) -> dict:
        """Run a command; return its exit code, None if it had to be ended, and its output."""
        # Files have an end, so a flood of output ends too; a pipe would be read for ever.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            begin = Fork if as_good_as_new(command, self.folder) else start
            process = begin(command, env, process_group=0, stdout=out, stderr=err)
            in_time = ends_within(process, wait)
            if not in_time:
                kill(process.pid)
            code = process.wait()
            told = {"stdout": end_of(out), "stderr": end_of(err)}
            return {"code": code if in_time else None, **told}


def as_good_as_new(command: list, folder: Folder) -> bool:
    """Would a fork of this process do the same as a new Python?

    Not where a file of the learner's hides a module that this one has already: Flask's,
    or one that a lesson judged before has brought along.
    """
    first = words_of(command)[0]
    if not (first in ("flask", "-c") or first.endswith(".py")):
        return False
    try:
        importing.refuse_shadows(folder.home, warm.brought)
    except importing.ShadowedModule:
        return False
    return processes.threads() == 1


class Fork:
    """A fork of this process that runs a command, as a Popen is a new one."""

    def __init__(
        self,
        command: list,
        env: dict,
        process_group: int,
        stdout: BinaryIO,
        stderr: BinaryIO,
    ):
        self.returncode: int | None = None  # of a signal, a negative number
        self.pid = os.fork()
        if self.pid:
            return
        code = 1
        try:
            os.setpgid(0, process_group)
            become(environment(env), stdout.fileno(), stderr.fileno())
            from . import runner

            code = code_of(runner.main, words_of(command))
        finally:
            os._exit(code)

    def poll(self) -> int | None:
        """Return its exit code, None as long as it runs."""
        return self.wait(os.WNOHANG)

    def wait(self, how: int = 0) -> int | None:
        """Wait for its end, and return its exit code."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, how)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode


def become(env: dict, out: int, err: int) -> None:
    """Make of this fork what a new Python would find: its streams, files, environment."""
    nowhere = os.open(os.devnull, os.O_RDONLY)
    for stream, file in enumerate((nowhere, out, err)):
        os.dup2(file, stream)
    for name in os.listdir("/dev/fd"):
        if int(name) > 2:
            with contextlib.suppress(OSError):  # the one of the listing is closed
                os.close(int(name))
    sys.stdin = sys.__stdin__ = open(
        0, encoding="utf-8", errors="surrogateescape", closefd=False
    )
    sys.stdout = sys.__stdout__ = unbuffered(1, "surrogateescape")
    sys.stderr = sys.__stderr__ = unbuffered(2, "backslashreplace")
    os.environ.clear()
    os.environ.update(env)
    os.environ.pop("WORKBOOK_HASHING")  # it has been done


def unbuffered(stream: int, errors: str) -> io.TextIOWrapper:
    """Return a stream that writes at once, as PYTHONUNBUFFERED has it."""
    raw = open(stream, "wb", buffering=0, closefd=False)
    return io.TextIOWrapper(raw, "utf-8", errors, write_through=True)


def code_of(main: Callable, words: list) -> int:
    """Run the main function of a program, and end as Python does; return the exit code."""
    home = os.getcwd()
    try:
        main(words)
        code = 0
    except SystemExit as error:
        code = told(error.code)
    except BaseException as error:
        # From main on: nobody who starts a new Python sees what is above it.
        error = error.with_traceback(error.__traceback__.tb_next)
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
        if isinstance(error, KeyboardInterrupt):
            code = -signal.SIGINT
        del error  # and with it what its frames hold
    threading._shutdown()
    atexit._run_exitfuncs()
    flush()
    clear_modules(home)
    flush()
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


def told(code) -> int:
    """Return the exit code that Python makes of what sys.exit() was given."""
    if code is None:
        return 0
    if isinstance(code, int):
        return (code if -sys.maxsize <= code <= sys.maxsize else -1) & 0xFF
    print(code, file=sys.stderr)
    return 1


def flush() -> None:
    """Write what the streams still hold, whatever stands in their place by now."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):
            stream.flush()


def clear_modules(home: str) -> None:
    """Let go of all that modules of the learner's hold, as Python does at its end.

    So files that they keep open are closed, and written.
    """
    for name, module in [*sys.modules.items()]:
        if name == "__main__" or is_below(home, getattr(module, "__file__", None)):
            vars(module).clear()
            sys.modules.pop(name, None)
    gc.collect()


def is_below(home: str, path: str | None) -> bool:
    """Does a file lie in the folder that a command was typed in?"""
    return bool(path) and os.path.abspath(path).startswith(home + os.sep)


def kill(pid: int) -> None:
    """Kill a child and its group, as far as they are still there."""
    for send in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pid, signal.SIGKILL)


def ends_within(process: Fork | subprocess.Popen, seconds: float) -> bool:
    """Wait for a child's end; say whether it came."""
    try:
        watched = os.pidfd_open(process.pid)
    except (AttributeError, OSError):  # not Linux
        deadline = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        return process.poll() is not None
    try:
        return bool(select.select([watched], [], [], seconds)[0])
    finally:
        os.close(watched)

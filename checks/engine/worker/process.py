"""The trusted side's processes: one warm worker, and a fork of it for every step.

An answer that does not come costs the step that asked, by name.
"""

import array
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from checks.engine.worker import claims
from checks.engine.worker.inside import wire
from checks.engine.worker.inside.libraries import LIBRARIES

if TYPE_CHECKING:
    from checks.engine.worker.cage import Cage
    from checks.engine.worker.cells import Cells
    from checks.engine.worker.patience import Patience

REQUEST_SECONDS = 5.0
START_SECONDS = 10.0
# -I takes no PYTHON… from anywhere, so PYTHONUTF8 would be lost without the -X.
# -B: two saves of one length within a second would run the old bytecode.
FLAGS = ("-I", "-B", "-X", "utf8")
INSIDE = Path(__file__).with_name("inside") / "__main__.py"
WARM = (*FLAGS, str(INSIDE))  # what Python is told to become the warm process


class AppError(Exception):
    """An exception that the learner's code raised, told by its process.

    type_name is the name of its class, message its text, frames the learner's own
    lines that led there: ``{"file", "line", "name", "source"}``, the last one last.
    details holds whatever else helps to explain it, at_start says whether the app
    could not even be imported.
    """

    at_start = False

    def __init__(self, told: Mapping):
        self.details = claims.crash(told) or {}
        self.type_name: str = self.details["type"]
        self.message: str = self.details["message"]
        self.frames: list[dict] = self.details["frames"]
        super().__init__(f"{self.type_name}: {self.message}")


class Lost(Exception):
    """The learner's process did not answer: a hang, an exit, a crash, a flood.

    how is one of the words below; at_start says whether it was still importing the app.
    """

    at_start = False

    def __init__(self, said: str, how: str = ""):
        super().__init__(said)
        self.how = how


# How a process was lost. TIME depends on what else the machine does, COMPUTING does not.
TIME, COMPUTING, KILLED, EXIT, CLOSED, MALFORMED = (
    "time",
    "computing",
    "killed",
    "exit",
    "closed",
    "malformed",
)


class Worker:
    """The warm process: Flask is imported once, and everything forks from it.

    With a cage it stands in a new one, with all its forks and their files. Such a worker
    is for one submission, and for the thread that made it: the cage ends with both.
    patience bounds what its forks may waste; slack is how many times longer than usual
    every answer may take, for code that nobody judges.
    """

    def __init__(
        self,
        cage: "Cage | Cells | None" = None,
        patience: "Patience | None" = None,
        slack: float = 1.0,
    ):
        self.cage, self.patience, self.slack = cage, patience, slack
        self.folder = (
            cage.folder if cage else Path(tempfile.mkdtemp(prefix="workbook-"))
        )
        self._count = 0
        self._folders: set[Path] = set()
        self._tester: Process | None = None
        self._start()

    def _start(self) -> None:
        compile_inside()
        ours, theirs = socket.socketpair()
        with theirs:
            if self.cage:
                self._process = self.cage.start(theirs)
            else:
                self._process = subprocess.Popen(
                    [sys.executable, *WARM, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    env=clean_environment(self.folder),
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
        self._folders.clear()
        self._warm: Process | None = Process(ours)
        self._warm.cleared = self._sweep if self.cage else remove
        self._warm.patience, self._warm.slack = self.patience, self.slack
        self._warm.waited_for = self.cage is None
        self._libraries: list[str] = []

    def fork(
        self, files: Mapping[str, bytes], env: Mapping[str, str] | None = None
    ) -> "Process":
        """Return a new process with these files in a folder of its own.

        A warm process that died, or whose copy did, is replaced once. Raises Lost when
        that fails too.
        """
        try:
            return self._fork(files, env or {})
        except Lost:
            self._stop()
            self._start()
            return self._fork(files, env or {})

    def _fork(self, files: Mapping[str, bytes], env: Mapping[str, str]) -> "Process":
        libraries = named_in(files)
        self._warm_up(libraries)
        process = self._warm.fork(self._new_folder(), ahead=True)
        process.unpack(files, env, libraries)
        return process

    def _warm_up(self, libraries: list[str]) -> None:
        """Import libraries in the warm process; a copy begun before lacks them."""
        for name in libraries:
            if name not in self._libraries:
                self._drop_copies()
                self._warm.ask("warm", seconds=START_SECONDS, library=name)
                self._libraries.append(name)

    def _drop_copies(self) -> None:
        self._warm.drop_spare()
        if self._tester is not None:
            self._tester.close()
            self._tester = None

    def fork_with_pytest(self, files: Mapping[str, bytes]) -> "Process":
        """Return a new process with these files that has pytest imported already.

        Raises Lost where that cannot be done.
        """
        libraries = named_in(files)
        self._warm_up(libraries)
        if self._tester is None:
            self._tester = self._warm.fork()
            self._tester.ask("get_pytest", seconds=START_SECONDS)
        process = self._tester.fork(self._new_folder())
        process.unpack(files, {}, libraries)
        return process

    def _new_folder(self) -> Path:
        self._count += 1
        folder = self.folder / str(self._count)
        self._folders.add(folder)
        return folder

    def _sweep(self, folder: Path | None) -> None:
        """Have all files in the cage removed that no living process was given."""
        self._folders.discard(folder)
        if self._warm is not None:
            question = {"do": "sweep", "keep": sorted(map(str, self._folders))}
            line = self._warm._line
            self._warm._tell(lambda: line.send(question), lambda told: None)

    def _stop(self) -> None:
        self._tester = None
        self._warm.hang_up()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End the warm process, its forks and their files."""
        if self._warm is not None:
            self._stop()
            self._warm = None
            if not self.cage:
                remove(self.folder)


class Process:
    """A process of the learner's, asked by frames.

    parent is the process that it was forked from, which also ends it; folder is where
    its files are, if they are its own.
    """

    def __init__(
        self,
        sock: socket.socket,
        pid: int = 0,
        parent: "Process | None" = None,
        folder: Path | None = None,
    ):
        self._line = wire.Line(sock)
        self._pid, self._parent, self.folder = pid, parent, folder
        self._ended = False
        self._owed: deque[Callable[[dict], object]] = deque()
        self._spare: Process | None = None
        self.cleared: Callable[[Path | None], None] = remove
        self.patience: Patience | None = None
        self.slack = 1.0
        self.waited_for = True  # by a person; a class keeps all processors busy anyway
        self.exchanges: list[dict] = []
        self.notes: list[dict] = []

    def fork(self, folder: Path | None = None, ahead: bool = False) -> "Process":
        """Return a copy of this process as it stands; folder is where its files will be.

        With ahead the next copy is begun at once, so that it is there when it is asked
        for; not where nobody waits for it, as it is one too many in the end. Raises AppError of type Unfit where a copy would share more than memory.
        """
        if self._spare is None:
            self._begin_fork()
        # Whatever has happened since the copy was begun; the first of all waits for Python.
        self.ask("fit", seconds=START_SECONDS)
        copy, self._spare = self._spare, None
        copy.folder, copy.notes, copy.cleared = folder, self.notes, self.cleared
        copy.patience, copy.slack = self.patience, self.slack
        copy.waited_for = self.waited_for
        if ahead and self.waited_for:
            self._begin_fork()
        return copy

    def drop_spare(self) -> None:
        """Give up the copy that was begun, if there is one."""
        if self._spare is not None:
            self._spare.close()
            self._spare = None

    def _begin_fork(self) -> None:
        ours, theirs = socket.socketpair()
        self._spare = Process(ours, 0, self)
        with theirs:
            self.tell_with(theirs, wire.pack({"do": "fork"}), self._spare._born)

    def tell_with(
        self, sock: socket.socket, frame: bytes, then: Callable[[dict], object]
    ) -> None:
        """Send a question with a socket, without waiting; then gets its answer."""
        fds = array.array("i", [sock.fileno()])
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]
        self._tell(lambda: self._line.sock.sendmsg([frame], rights), then)

    def _born(self, told: dict) -> None:
        self._pid = claims.number(told.get("pid"))

    def _tell(self, send: Callable[[], object], then: Callable[[dict], object]) -> None:
        """Send a question without waiting; then gets its answer before the next one."""
        try:
            send()
        except (OSError, wire.Closed):
            return  # the next question finds out what became of it
        self._owed.append(then)

    def unpack(
        self, files: Mapping[str, bytes], env: Mapping[str, str], libraries: list[str]
    ) -> None:
        """Write the lesson's files where this process stands; libraries are in use."""
        listing = [[name, len(content)] for name, content in files.items()]
        body = b"".join(files.values())
        home = str(self.folder / "app")
        self.ask(
            "unpack",
            body,
            home=home,
            files=listing,
            env=dict(env),
            libraries=libraries,
        )

    def load(
        self, config: Mapping | None = None, crash: str | None = None
    ) -> "Process":
        """Import the app as Flask finds it, and return this process.

        config is set before the first request, crash an address that will crash.
        Raises what ask raises.
        """
        head = {"config": dict(config or {}), "crash": crash}
        try:
            told, _ = self.ask("load", seconds=START_SECONDS, **head)
        except (AppError, Lost) as error:
            error.at_start = True
            raise
        self.notes = claims.notes(told.get("notes"))
        return self

    def ask(
        self, do: str, body: bytes = b"", *, seconds: float = REQUEST_SECONDS, **head
    ) -> tuple[dict, bytes]:
        """Ask one thing; return the answer's head and body.

        Raises AppError for an exception of the learner's, Lost when no answer comes.
        """
        question, seconds = {"do": do, **head}, seconds * self.slack
        patience = self.patience if self._parent is not None else None
        if patience is None:  # what nobody bounds, or the warm process, which is ours
            return self._exchange(lambda: self._line.send(question, body), seconds)
        allowed, begun = patience.allow(do, seconds), time.monotonic()
        try:
            answer = self._exchange(lambda: self._line.send(question, body), allowed)
        except Lost as error:
            took = time.monotonic() - begun
            if error.how in (TIME, COMPUTING):
                patience.spend(took)
            else:  # it may have slept before it ended
                patience.count(do, took)
            raise
        except AppError:
            patience.count(do, time.monotonic() - begun)
            raise
        patience.waited(do, time.monotonic() - begun)
        return answer

    def _exchange(
        self, send: Callable[[], object], seconds: float
    ) -> tuple[dict, bytes]:
        if self._ended:
            raise Lost("the app's process has ended already", CLOSED)
        try:
            if not self._owed:
                self._line.refuse_more()
            self._line.wait_at_most(seconds)
            send()
            while self._owed:
                told, _ = self._line.receive(seconds)
                self._owed.popleft()(told)
            told, content = self._line.receive(seconds)
        except TimeoutError:
            self._give_up()
            raise Lost(
                f"no answer within {round(seconds, 1):g} seconds: is there an endless loop?",
                TIME,
            ) from None
        except (wire.Closed, OSError):
            raise Lost(*self._why_it_ended()) from None
        except wire.Malformed as error:
            self._give_up()
            raise Lost(
                f"the app's process sent {error} instead of an answer", MALFORMED
            ) from None
        if isinstance(told.get("error"), dict):
            raise AppError(told["error"])
        return told, content

    def _give_up(self) -> None:
        """End a process that does not answer, without waiting for what it still owes."""
        self._owed.clear()
        self.close()

    def _why_it_ended(self) -> tuple[str, str]:
        code, number = self._end(patience=1.0)
        if number == signal.SIGXCPU:
            said = "the app used all its computing time: is there an endless loop?"
            return said, COMPUTING
        if number in {*signal.Signals}:
            name = signal.Signals(number).name
            return f"the app's process was killed by {name}", KILLED
        if code:
            return f"the app ended its own process with exit code {code - 1}", EXIT
        return "the app closed its connection to the check", CLOSED

    @property
    def ended(self) -> bool:
        """Has it been ended, or is nobody there to ask it?"""
        return self._ended

    def hang_up(self) -> None:
        """Close the line; a process that nobody can ask ends itself, its begun copy too."""
        self._ended = True
        if self._spare is not None:
            self._spare.hang_up()
        self._line.close()

    def _end(self, patience: float = 0.0) -> tuple[int, int]:
        """End the process and all it started; return (exit code + 1, signal).

        Both are 0 for one that was still running after patience (seconds).
        """
        self.hang_up()
        if self._parent is None:
            return 0, 0
        try:
            told, _ = self._parent.ask("end", pid=self._pid, patience=patience)
        except (AppError, Lost):
            return 0, 0  # its parent is gone, and has taken it along
        return claims.number(told.get("code")), claims.number(told.get("signal"))

    def close(self) -> None:
        """End the process, all it started, and its files.

        The end of a mere copy is not waited for: its parent sees to it before it
        answers the next question.
        """
        if not self._ended and self.folder is None and self._parent is not None:
            self.hang_up()
            question = {"do": "end", "pid": self._pid, "patience": 0.0}
            parent = self._parent
            parent._tell(lambda: parent._line.send(question), lambda told: None)
        elif not self._ended:
            self._settle()
            self._end()
        self.cleared(self.folder)

    def _settle(self) -> None:
        """Wait until the process has done what it was told, its copies ended."""
        if self._owed:
            try:
                self.ask("fit")
            except (AppError, Lost):
                pass


@cache
def compile_inside() -> None:
    """Have our own modules inside compiled: a tenth of the warm process's start.

    It writes no bytecode itself, so that it writes none of the learner's.
    """
    for source in INSIDE.parent.glob("*.py"):
        compiled = Path(importlib.util.cache_from_source(str(source)))
        try:
            fresh = compiled.stat().st_mtime >= source.stat().st_mtime
        except OSError:
            fresh = False
        if not (fresh or sys.dont_write_bytecode):
            import py_compile

            try:
                py_compile.compile(str(source), str(compiled))
            except OSError:  # a folder that only others may write to
                return


def remove(folder: Path | None) -> None:
    """Remove a process's folder, if it has one of its own."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def named_in(files: Mapping[str, bytes]) -> list[str]:
    """Return the libraries of later lessons that the files name."""
    code = [content for name, content in files.items() if name.endswith(".py")]
    return [
        name for name in LIBRARIES if any(name.encode() in content for content in code)
    ]


def clean_environment(folder: Path) -> dict[str, str]:
    """Return the environment a learner's process starts in: nothing of this machine's.

    No FLASK_*, no SECRET_KEY, no home; only what finds programs and decodes text.
    """
    kept = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return {
        **environment,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONUTF8": "1",
    }

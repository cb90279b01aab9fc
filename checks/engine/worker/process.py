"""The trusted side's processes: one warm worker, and a fork of it for every step.

An answer that does not come costs the step that asked, by name.
"""

import array
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from checks.engine.worker import claims, wire

REQUEST_SECONDS = 5.0
INSIDE = Path(__file__).with_name("inside.py")


class AppError(Exception):
    """An exception that the learner's code raised, told by its process.

    type_name is the name of its class, message its text, frames the learner's own
    lines that led there: ``{"file", "line", "name", "source"}``, the last one last.
    details holds whatever else helps to explain it.
    """

    def __init__(self, told: Mapping):
        self.details = claims.crash(told) or {}
        self.type_name: str = self.details["type"]
        self.message: str = self.details["message"]
        self.frames: list[dict] = self.details["frames"]
        super().__init__(f"{self.type_name}: {self.message}")


class Lost(Exception):
    """The learner's process did not answer: a hang, an exit, a crash, a flood."""


class Worker:
    """The warm process: Flask is imported once, and every step forks from it."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="workbook-"))
        self._count = 0
        self._process = self._control = None
        self._start()

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # -B: two saves of one length within a second would run the old bytecode.
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-B", str(INSIDE), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=clean_environment(self.folder),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control = ours

    def fork(
        self, files: Mapping[str, bytes], env: Mapping[str, str] | None = None
    ) -> "Process":
        """Return a new process with these files in a folder of its own.

        A parent that died is replaced once. Raises Lost when that fails too.
        """
        for again in (True, False):
            try:
                ours, pid = self._ticket()
                break
            except (OSError, wire.Closed):
                if not again or self._control is None:
                    raise Lost(
                        "the process that runs the app could not be started"
                    ) from None
                self._stop()
                self._start()
        self._count += 1
        process = Process(self, ours, pid, self.folder / str(self._count))
        process.unpack(files, env or {})
        return process

    def _ticket(self) -> tuple[socket.socket, int]:
        ours, theirs = socket.socketpair()
        with theirs:
            fds = array.array("i", [theirs.fileno()])
            self._control.sendmsg(
                [b"fork"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]
            )
        return ours, self._reply()[0]

    def _reply(self) -> tuple[int, int]:
        self._control.settimeout(30)
        sizes = b""
        while len(sizes) < wire.SIZES.size:
            piece = self._control.recv(wire.SIZES.size - len(sizes))
            if not piece:
                raise wire.Closed
            sizes += piece
        return wire.SIZES.unpack(sizes)

    def end(self, pid: int, hung_up: bool = False) -> tuple[int, int]:
        """End a forked process and all it started; return (exit code + 1, signal).

        Both are 0 for a process that was still running. hung_up says that it closed
        its socket, so that its own end is worth a moment's wait.
        """
        try:
            self._control.sendall(str(-pid if hung_up else pid).encode())
            return self._reply()
        except (OSError, wire.Closed):
            return 0, 0

    def _stop(self) -> None:
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        """End the warm process, its forks and their files."""
        if self._control is not None:
            self._stop()
            self._control = None
            shutil.rmtree(self.folder, ignore_errors=True)


class Process:
    """One forked process of the learner's, asked by frames."""

    def __init__(self, worker: Worker, sock: socket.socket, pid: int, folder: Path):
        self._worker, self._sock, self._pid, self.folder = worker, sock, pid, folder
        self._ended = False
        self.exchanges: list[dict] = []
        self.notes: list[dict] = []

    def unpack(self, files: Mapping[str, bytes], env: Mapping[str, str]) -> None:
        """Write the lesson's files where this process stands."""
        listing = [[name, len(content)] for name, content in files.items()]
        body = b"".join(files.values())
        home = str(self.folder / "app")
        self.ask("unpack", body, home=home, files=listing, env=dict(env))

    def ask(
        self, do: str, body: bytes = b"", *, seconds: float = REQUEST_SECONDS, **head
    ) -> tuple[dict, bytes]:
        """Ask one thing; return the answer's head and body.

        Raises AppError for an exception of the learner's, Lost when no answer comes.
        """
        if self._ended:
            raise Lost("the app's process has ended already")
        try:
            self._sock.settimeout(seconds)
            wire.send(self._sock, {"do": do, **head}, body)
            told, content = wire.receive(self._sock, seconds)
        except TimeoutError:
            self.close()
            raise Lost(
                f"no answer within {seconds:g} seconds: is there an endless loop?"
            ) from None
        except wire.Closed:
            raise Lost(self._why_it_ended()) from None
        except wire.Malformed as error:
            self.close()
            raise Lost(f"the app's process sent {error} instead of an answer") from None
        if isinstance(told.get("error"), dict):
            raise AppError(told["error"])
        return told, content

    def _why_it_ended(self) -> str:
        code, number = self._end(hung_up=True)
        if number == signal.SIGXCPU:
            return "the app used all its computing time: is there an endless loop?"
        if number:
            return f"the app's process was killed by {signal.Signals(number).name}"
        if code:
            return f"the app ended its own process with exit code {code - 1}"
        return "the app closed its connection to the check"

    def _end(self, hung_up: bool = False) -> tuple[int, int]:
        self._ended = True
        self._sock.close()
        return self._worker.end(self._pid, hung_up)

    def close(self) -> None:
        """End the process, all it started, and its files."""
        if not self._ended:
            self._end()
        shutil.rmtree(self.folder, ignore_errors=True)


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

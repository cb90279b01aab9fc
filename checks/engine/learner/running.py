"""The learner's own app, running: a real development server that is always ended.

This process plays the part of Flask's reloader: it holds the listening socket, so a
page asked for during a restart waits instead of failing, and it knows of every save.
"""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from checks.engine import stopping
from checks.engine.lessons import Lesson, WorkbookError, shown
from checks.engine.screen import PORT, unpainted
from checks.engine.worker.inside.folder import app_in

RUNNER = Path(__file__).parents[1] / "worker" / "inside" / "runner.py"
PORTS_TRIED = 40
REQUEST = re.compile(r'^\S+ - - \[[^]]*\] "(\S+ \S+) HTTP/[\d.]+" (\d+) -$')
FRAME = re.compile(r'^\s*(?:\| )*\s*File "(.+?)", line \d+')
NOISE = (" * Debugger is", " * Serving", " * Debug mode", "WARNING: This is a dev")
PIN = " * Debugger PIN"
# What nobody asked for by hand: the debugger's pictures, and who looks at the headers.
PROBE = "/__workbook__"
OWN_REQUESTS = ("?__debugger__=yes&cmd=resource", PROBE)
RUNS, STARTS, ENDED = "runs", "starts", "has ended"


def listen(first: int = PORT) -> socket.socket:
    """Return a socket that listens on the first port, or on the next that is free.

    Raises WorkbookError when none is.
    """
    for port in range(first, first + PORTS_TRIED):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
            sock.listen(128)
            return sock
        except OSError:
            sock.close()
    raise WorkbookError(
        f"The ports {first} to {first + PORTS_TRIED - 1} are all taken; "
        "end what uses them (`make doctor` may know it) and try again."
    )


def command(folder: Path, port: int, *more: str) -> list[str]:
    """Return the words that start a folder's app the way the lessons do."""
    flask = ["flask", "--app", app_in(str(folder)), "run", "--debug"]
    flask += ["--port", str(port), *more]
    return [sys.executable, "-B", str(RUNNER), *flask]


class App:
    """One lesson's app, in a process group of its own.

    tell gets each line that it prints, and one when it has ended by itself; moved is
    called whenever its state may be another one.
    """

    def __init__(
        self,
        lesson: Lesson,
        tell: Callable[[str], None],
        moved: Callable[[], None] = lambda: None,
    ):
        self.lesson, self.tell, self.moved = lesson, tell, moved
        self.starts = 0
        self.socket: socket.socket | None = listen()
        self.port: int = self.socket.getsockname()[1]
        self._pin: str | None = ""  # None once it was told
        self._process: subprocess.Popen | None = None
        self._ending: subprocess.Popen | None = None  # was asked to
        self._lock = threading.RLock()
        self._timer: threading.Timer | None = None
        self._leash: int | None = None
        self._reader: threading.Thread | None = None

    def restart(self, within: float) -> None:
        """Have the app end; start it again within some seconds, or at hurry().

        Nobody waits for its end before that. Whoever asks for a page meanwhile waits:
        the socket stays open.
        """
        with self._lock:
            self._let_go()
            self._timer = threading.Timer(within, self.hurry)
            self._timer.daemon = True
            self._timer.start()
        self.moved()

    def hurry(self) -> None:
        """Start the app that restart() has promised, if it has."""
        with self._lock:
            if self._timer is not None:
                self.start()

    def start(self) -> None:
        """Start the app with the files as they are now; end the one before."""
        with stopping.whole(), self._lock:
            self._start()
        self.moved()

    def _start(self) -> None:
        self.stop()
        if self.socket is None:
            self.socket = listen(self.port)
            self._tell_of_a_move(self.socket.getsockname()[1])
        leash, self._leash = os.pipe()
        fd = self.socket.fileno()
        try:
            self._process = subprocess.Popen(
                command(self.lesson.folder, self.port, "--no-reload"),
                cwd=self.lesson.folder,
                env=environment(fd, leash),
                pass_fds=(fd, leash),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            self.stop()
            self.tell(f"the app could not be started: {error.strerror}")
            return
        finally:
            os.close(leash)
        self.starts += 1
        self._reader = threading.Thread(target=self._read, args=[self._process])
        self._reader.daemon = True
        self._reader.start()

    def _tell_of_a_move(self, port: int) -> None:
        """Tell of the new port, where another program took the old one meanwhile."""
        was, self.port = self.port, port
        if port != was:
            address = f"http://127.0.0.1:{port}"
            self.tell(f"port {was} was taken meanwhile: {address}   (Ctrl-C ends it)")

    @property
    def alive(self) -> bool:
        """Is it running?"""
        return self._process is not None and self._process.poll() is None

    @property
    def state(self) -> str:
        """How it is: RUNS, STARTS or ENDED."""
        if self._timer is not None or self._ending is not None:
            return STARTS
        return RUNS if self.alive else ENDED

    def _read(self, process: subprocess.Popen) -> None:
        lines = Lines(self.lesson.folder)
        for raw in process.stdout:
            line = lines.take(raw.decode("utf-8", "replace").rstrip("\r\n"))
            if line is not None and process is self._process:
                self._pass_on(line)
        code = process.wait()
        if process is self._process:  # nobody has asked it to end
            self._close_socket()
            self.tell(
                f"the app has ended (exit code {code}); the next save starts it again"
            )
            self.moved()

    def _pass_on(self, line: str) -> None:
        """Tell a line; the debugger's PIN only once, and when a page wants it."""
        if line.startswith(PIN):
            self._pin = line if self._pin is not None else None
            return
        self.tell(line)
        if line.endswith("  500") and self._pin:
            self.tell(self._pin)
            self._pin = None

    def stop(self) -> None:
        """End the app and all that it started."""
        with stopping.whole(), self._lock:
            self._stop()

    def _let_go(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        if self._process is not None:
            self._ending, self._process = self._process, None
            signal_group(self._ending, signal.SIGTERM)

    def _stop(self) -> None:
        self._let_go()
        process, self._ending = self._ending, None
        if process is not None:
            end_group(process)
            self._end_reading(process)
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None

    def _end_reading(self, process: subprocess.Popen) -> None:
        reader = self._reader
        if reader is None or reader is threading.current_thread():
            return
        try:
            reader.join(1)
        except RuntimeError:
            return  # Ctrl-C came before it was started
        if not reader.is_alive():
            process.stdout.close()

    def _close_socket(self) -> None:
        sock, self.socket = self.socket, None
        if sock is not None:
            sock.close()  # with nobody behind it, a browser would wait for ever

    def close(self) -> None:
        """End the app and free its port."""
        self.stop()
        self._close_socket()


def environment(fd: int, leash: int) -> dict[str, str]:
    """Return the learner's environment, and what makes Flask trust us as its reloader."""
    return {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "WERKZEUG_RUN_MAIN": "true",
        "WERKZEUG_SERVER_FD": str(fd),
        "WORKBOOK_LEASH": str(leash),
    }


def signal_group(process: subprocess.Popen, number: int) -> None:
    """Send a signal to a process and its group, as far as they are still there."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def end_group(process: subprocess.Popen, seconds: float = 2.0) -> None:
    """Wait some seconds for a process that was asked to end, then insist."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    signal_group(process, signal.SIGKILL)  # also whoever of the group did not listen
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


class Lines:
    """What the app prints, without the server's own noise and others' frames."""

    def __init__(self, folder: Path):
        self.folder = os.path.realpath(folder) + os.sep
        self.hiding = False

    def take(self, line: str) -> str | None:
        """Return the line as a learner should see it, None to leave it out."""
        line = unpainted(line)
        frame = FRAME.match(line)
        if frame:
            self.hiding = not os.path.realpath(frame[1]).startswith(self.folder)
        elif self.hiding and not line.startswith("    "):
            self.hiding = False
        if self.hiding or line.startswith(NOISE):
            return None
        if any(address in line for address in OWN_REQUESTS):
            return None
        request = REQUEST.match(line)
        if request:
            return f"{request[1]}  {request[2]}"
        return line.replace(self.folder, shown(Path(self.folder)) + "/")

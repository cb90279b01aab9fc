"""Commands as the learner types them: run to their end, or kept as servers."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time

from .folder import MOST_BYTES, Folder

RUNNER = os.path.join(os.path.dirname(__file__), "runner.py")
MOST_PRINTED = 20_000


class Servers:
    """The commands of one lesson's folder, and the servers among them."""

    def __init__(self, folder: Folder):
        self.folder = folder
        self.started: list[Server] = []

    def do_run(self, body: bytes, command: list, env: dict, wait: float) -> dict:
        """Run a command to its end; return its exit code and what it printed."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        process = start(command, env, process_group=0, **pipes)
        try:
            out, err = process.communicate(timeout=wait)
            code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # workers would hold the pipes open
            out, err = process.communicate()
            code = None
        return {"code": code, "stdout": tail(out), "stderr": tail(err)}

    def do_serve(
        self, body: bytes, command: list, env: dict, crash: str | None, wait: float
    ) -> dict:
        """Start a server on a free port and wait until it answers or ends."""
        server = Server(command, env, crash, self.folder.home)
        self.started.append(server)
        answers = server.wait(wait)
        told = self.do_output(b"", len(self.started) - 1)
        return {"server": len(self.started) - 1, "answers": answers, **told}

    def do_exchange(self, body: bytes, server: int, wait: float) -> tuple[dict, bytes]:
        """Send raw bytes to a server of ours; return all that it sends back."""
        return {}, self.started[server].exchange(body, wait)

    def do_output(self, body: bytes, server: int, wait: float = 0.0) -> dict:
        """Return what a server has printed, and its exit code if it ends within wait."""
        running = self.started[server]
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(wait)
        return {"output": running.output(), "code": running.process.poll()}

    def do_stop(self, body: bytes, server: int, number: int, wait: float) -> dict:
        """Send a server a signal and wait for its end."""
        process = self.started[server].process
        process.send_signal(number)
        try:
            return {"code": process.wait(wait)}
        except subprocess.TimeoutExpired:
            return {"code": None}


class Server:
    """A server started from the lesson's folder, reached by raw bytes."""

    def __init__(self, command: list, env: dict, crash: str | None, home: str):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        env = {**env, "WORKBOOK_PORT": str(self.port), "WORKBOOK_CRASH": crash or ""}
        self.log = open(os.path.join(os.path.dirname(home), f"{self.port}.log"), "w+b")
        self.process = start(command, env, stdout=self.log, stderr=self.log)

    def wait(self, seconds: float) -> bool:
        """Return True as soon as the port answers; False at its end or after seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return True
            except OSError:
                time.sleep(0.01)  # the kernel has no event for "a port opens"
        return False

    def exchange(self, request: bytes, seconds: float) -> bytes:
        """Send one request and return the bytes of the answer."""
        pieces, size = [], 0
        deadline = time.monotonic() + seconds
        with socket.create_connection(("127.0.0.1", self.port), seconds) as sock:
            sock.sendall(request)
            while size < MOST_BYTES and (left := deadline - time.monotonic()) > 0:
                sock.settimeout(left)
                piece = sock.recv(1 << 16)
                if not piece:
                    break
                pieces.append(piece)
                size += len(piece)
        return b"".join(pieces)

    def output(self) -> str:
        """Return the last lines that the server printed."""
        self.log.seek(0, os.SEEK_END)
        self.log.seek(max(0, self.log.tell() - MOST_PRINTED))
        return tail(self.log.read())


def start(command: list, env: dict, **streams) -> subprocess.Popen:
    """Start `python …`, `flask …` or `gunicorn …` as it would be typed, on our Python."""
    words = command[1:] if command[0] in ("python", "python3") else command
    environ = {**os.environ, "PYTHONUNBUFFERED": "1", **env}
    environ.pop("FLASK_RUN_FROM_CLI", None)
    runner = [sys.executable, "-B", RUNNER, *words]
    return subprocess.Popen(runner, env=environ, stdin=subprocess.DEVNULL, **streams)


def tail(printed: bytes) -> str:
    """Return the end of what was printed, as text."""
    return printed[-MOST_PRINTED:].decode("utf-8", "replace")

"""Commands as the learner types them that become servers."""

import contextlib
import os
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import flask

from .folder import MOST_BYTES, Folder

HERE = os.path.dirname(__file__)
RUNNER = os.path.join(HERE, "runner.py")
OURS = {"PYTHONUNBUFFERED": "1", "WORKBOOK_HASHING": os.path.join(HERE, "hashing.py")}
MOST_PRINTED = 20_000
NOBODY = 65534
# Below all that Linux and macOS pick for connections on their own.
PORTS = range(20_000, 32_000)


class Servers:
    """The servers that were started from one lesson's folder."""

    def __init__(self, folder: Folder):
        self.folder = folder
        self.started: list[Server] = []

    def do_serve(
        self, body: bytes, command: list, env: dict, crash: str | None, wait: float
    ) -> dict:
        """Start a server on a free port and wait until it answers or ends."""
        server = Server(command, env, crash, self.folder.home)
        self.started.append(server)
        answers = server.wait(wait)
        told = self.do_output(b"", len(self.started) - 1)
        return {"server": len(self.started) - 1, "answers": answers, **told}

    def do_front(self, body: bytes, server: int, wait: float) -> dict:
        """Start nginx in front of a server and wait until it answers or ends."""
        from .proxies import Nginx

        nginx = Nginx(self.folder.home, self.started[server])
        self.started.append(nginx)
        answers = nginx.wait(wait)
        told = self.do_output(b"", len(self.started) - 1)
        visitor = {"visitor": nginx.visitor}
        return {"server": len(self.started) - 1, "answers": answers, **told, **visitor}

    def do_exchange(self, body: bytes, server: int, wait: float) -> tuple[dict, bytes]:
        """Send raw bytes to a server of ours; return all that it sends back."""
        return {}, self.started[server].exchange(body, wait)

    def do_together(self, body: bytes, server: int, sizes: list, wait: float) -> tuple:
        """Send several requests at once; return all the answers, and their sizes."""
        ends = [sum(sizes[: n + 1]) for n in range(len(sizes))]
        requests = [
            body[end - size : end] for end, size in zip(ends, sizes, strict=True)
        ]
        with ThreadPoolExecutor(len(requests)) as pool:
            exchange = self.started[server].exchange
            answers = list(pool.map(lambda sent: exchange(sent, wait), requests))
        return {"sizes": [len(answer) for answer in answers]}, b"".join(answers)

    def do_watch(self, body: bytes, server: int) -> dict:
        """Return how many processes a server has started, and whether others reach it."""
        return {
            "children": self.started[server].children(),
            "reached": self.started[server].reached_from_outside(),
        }

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
        self.port = free_port()
        port = str(self.port)
        ours = {"WORKBOOK_PORT": port, "PORT": port, "WORKBOOK_CRASH": crash or ""}
        env = {**env, **ours}
        self.log = self.open_log(home)
        user = unprivileged(home, sys.executable, RUNNER, flask.__file__)
        if user:
            env["HOME"] = os.path.dirname(home)
        self.process = start(command, env, stdout=self.log, stderr=self.log, **user)

    def open_log(self, home: str) -> BinaryIO:
        """Open the file for what it prints, beside the lesson's folder."""
        return open(os.path.join(os.path.dirname(home), f"{self.port}.log"), "w+b")

    def connect(self, seconds: float) -> socket.socket:
        """Return a connection to it."""
        return socket.create_connection(("127.0.0.1", self.port), seconds)

    def wait(self, seconds: float) -> bool:
        """Return True as soon as the port answers; False at its end or after seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.connect(1).close()
                return True
            except OSError:
                time.sleep(0.01)  # the kernel has no event for "a port opens"
        return False

    def exchange(self, request: bytes, seconds: float) -> bytes:
        """Send one request and return the bytes of the answer."""
        pieces, size = [], 0
        deadline = time.monotonic() + seconds
        with self.connect(seconds) as sock:
            sock.sendall(request)
            while size < MOST_BYTES and (left := deadline - time.monotonic()) > 0:
                sock.settimeout(left)
                piece = sock.recv(1 << 16)
                if not piece:
                    break
                pieces.append(piece)
                size += len(piece)
        return b"".join(pieces)

    def children(self) -> int:
        """Return how many processes have this server for a parent."""
        return parents().count(str(self.process.pid))

    def reached_from_outside(self) -> bool:
        """Does the server answer at an address of this machine that is not 127.0.0.1?"""
        try:
            socket.create_connection((other_address(), self.port), 1).close()
            return True
        except OSError:
            return False

    def output(self) -> str:
        """Return the last lines that the server printed."""
        return end_of(self.log)


def parents() -> list[str]:
    """Return the parent of every process; Linux tells it in files, also in a cage."""
    try:
        running = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        told = subprocess.run(
            ["ps", "-A", "-o", "ppid="], capture_output=True, text=True
        )
        return told.stdout.split()
    found = []
    for pid in running:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat") as file:
            found.append(file.read().rpartition(")")[2].split()[1])
    return found


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on.

    Not one that the system would give: it could give the same one to somebody else's
    connection before our server is there. Nor one by chance: other processes like this
    one look for theirs at the same time, and each has a number of its own.

    Raises:
        OSError: a hundred ports were taken.
    """
    for n in range(100):
        port = PORTS[(os.getpid() + 101 * n) % len(PORTS)]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise OSError("a hundred ports were taken")


def unprivileged(home: str, *files: str) -> dict:
    """Return how Popen starts a program as nobody, and hand the lesson's folder over.

    An empty dict where this session is not root's, or nobody could read the files of
    the program: a Python below root's home, for one.
    """
    if os.geteuid() != 0 or not all(map(open_to_all, files)):
        return {}
    beside = os.path.dirname(home)  # where HOME is, for what a server keeps there
    os.chown(beside, NOBODY, NOBODY)
    for folder, _, names in os.walk(home):
        for path in [folder, *(os.path.join(folder, name) for name in names)]:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    os.chmod(os.path.dirname(beside), 0o711)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def open_to_all(path: str) -> bool:
    """May everybody read a file, and enter the folders that lead to it?"""
    at, wanted = os.path.realpath(path), stat.S_IROTH
    while os.stat(at).st_mode & wanted:
        if at == os.sep:
            return True
        at, wanted = os.path.dirname(at), stat.S_IXOTH
    return False


def other_address() -> str:
    """Return an address of this machine that a server on 127.0.0.1 does not hear."""
    if sys.platform == "linux":
        return "127.0.0.2"  # the whole of 127.0.0.0/8 is this machine
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # nothing is sent: the kernel picks the way
        return probe.getsockname()[0]


def start(command: list, env: dict, **streams) -> subprocess.Popen:
    """Start `python …`, `flask …` or `gunicorn …` as it would be typed, on our Python."""
    runner = [sys.executable, "-B", RUNNER, *words_of(command)]
    return subprocess.Popen(
        runner, env=environment(env), stdin=subprocess.DEVNULL, **streams
    )


def words_of(command: list) -> list:
    """Return a command as our runner takes it: without the word `python`."""
    return command[1:] if command[0] in ("python", "python3") else command


def environment(env: dict) -> dict:
    """Return the environment of a command: this process's, ours and the given one."""
    environ = {**os.environ, **OURS, **env}
    environ.pop("FLASK_RUN_FROM_CLI", None)
    return environ


def end_of(file: BinaryIO) -> str:
    """Return the end of what was printed to a file, as text.

    Who prints goes on at the file's own place, so that is left where it is.
    """
    size = os.fstat(file.fileno()).st_size
    printed = os.pread(file.fileno(), MOST_PRINTED, max(0, size - MOST_PRINTED))
    return printed.decode("utf-8", "replace")

"""The trusted side: the learner's app as a WSGI callable, in another process.

What the worker answers is the learner's claim. It is sized and typed here before a
check sees it, and an answer that does not come costs the step that asked, by name.
"""

import array
import http.client
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from werkzeug.test import Client

from checks.engine.worker import wire

REQUEST_SECONDS = 5.0
START_SECONDS = 10.0
INSIDE = Path(__file__).with_name("inside.py")
KEPT_BODY = 20_000


class AppError(Exception):
    """An exception that the learner's code raised, told by its process.

    type_name is the name of its class, message its text, frames the learner's own
    lines that led there: ``{"file", "line", "name", "source"}``, the last one last.
    details holds whatever else helps to explain it.
    """

    def __init__(self, told: Mapping):
        self.details = _plain(told)
        self.type_name = str(told.get("type", "Exception"))
        self.message = str(told.get("message", ""))
        frames = told.get("frames")
        self.frames = (
            [f for f in frames if isinstance(f, dict)]
            if isinstance(frames, list)
            else []
        )
        super().__init__(f"{self.type_name}: {self.message}")


class Lost(Exception):
    """The learner's process did not answer: a hang, an exit, a crash, a flood."""


class NotAnswering(AssertionError):
    """A command that should have become a server did not answer."""

    def __init__(self, command: str, code: int | None, output: str):
        self.command, self.code, self.output = command, code, output
        end = "did not answer" if code is None else f"ended with exit code {code}"
        super().__init__(f"`{command}` {end} before it served a page")


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


class RemoteApp:
    """The learner's app: a WSGI callable, and a few small questions about it."""

    def __init__(self, process: Process, config: Mapping, crash: str | None):
        self.process = process
        told, _ = process.ask(
            "load", config=dict(config), crash=crash, seconds=START_SECONDS
        )
        notes = told.get("notes")
        process.notes = (
            [n for n in notes if isinstance(n, dict)] if isinstance(notes, list) else []
        )
        self.config = RemoteConfig(process)

    @property
    def routes(self) -> list[dict]:
        """The URL map: a list of ``{"rule", "endpoint", "methods"}``."""
        told, _ = self.process.ask("routes")
        return routes_of(told)

    def test_client(self, **kwargs) -> Client:
        """Return a new browser: werkzeug's test client, with cookies of its own."""
        return Client(self, **kwargs)

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        return _call(self.process, "request", environ, start_response)


class RemoteConfig:
    """The app's configuration, one key at a time."""

    def __init__(self, process: Process):
        self._process = process

    def __getitem__(self, key: str):
        told, _ = self._process.ask("config", key=key)
        return told.get("value")


class Server:
    """A real server that the learner's command started."""

    def __init__(
        self,
        process: Process,
        command: tuple[str, ...],
        env: Mapping,
        crash: str | None,
    ):
        self.process, self.command = process, " ".join(command)
        told, _ = process.ask(
            "serve",
            command=list(command),
            env=dict(env),
            crash=crash,
            wait=START_SECONDS,
            seconds=START_SECONDS + 2,
        )
        if not told.get("answers"):
            raise NotAnswering(
                self.command, told.get("code"), str(told.get("output", ""))
            )
        self._number = told.get("server")
        self.client = Client(self)

    def get(self, *args, **kwargs):
        """Send a GET request, as the test client does."""
        return self.client.get(*args, **kwargs)

    def post(self, *args, **kwargs):
        """Send a POST request, as the test client does."""
        return self.client.post(*args, **kwargs)

    def save(self, path: str, text: str) -> None:
        """Save a file of the lesson again, as an editor does while the server runs."""
        self.process.ask("write", text.encode(), path=path)

    @property
    def output(self) -> str:
        """What the server has printed until now."""
        told, _ = self.process.ask("output", server=self._number)
        return str(told.get("output", ""))

    def stop(self, number: int = signal.SIGTERM, seconds: float = 5.0) -> int | None:
        """Send a signal and wait; return the exit code, None if it goes on."""
        told, _ = self.process.ask(
            "stop",
            server=self._number,
            number=int(number),
            wait=seconds,
            seconds=seconds + 2,
        )
        return told.get("code")

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        return _call(
            self.process, "exchange", environ, start_response, server=self._number
        )


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


def _call(
    process: Process, do: str, environ: dict, start_response: Callable, **head
) -> Iterable[bytes]:
    """Be a WSGI application: hand the request over and check what comes back."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    exchange = _note_request(environ, body)
    process.exchanges.append(exchange)
    if do == "request":
        plain = {k: v for k, v in environ.items() if isinstance(v, str | int | bool)}
        told, content = process.ask(do, body, environ=plain)
        if told.get("endless"):
            raise Lost("the answer is endless: more than 16 MB came")
        status, headers = told.get("status"), told.get("headers")
        crash = told.get("crash")
        exchange["crash"] = _plain(crash) if isinstance(crash, dict) else None
    else:
        _, raw = process.ask(
            do,
            _raw_request(environ, body),
            seconds=REQUEST_SECONDS + 1,
            **head,
            wait=REQUEST_SECONDS,
        )
        status, headers, content = _raw_response(raw, environ["REQUEST_METHOD"])
    status, headers = _typed(status, headers)
    exchange |= {
        "status": status,
        "response_headers": headers,
        "response": content[:KEPT_BODY],
    }
    start_response(status, headers)
    return [content]


def _note_request(environ: dict, body: bytes) -> dict:
    query = environ.get("QUERY_STRING", "")
    path = environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
    if query and "?" not in path:
        path += "?" + query
    return {
        "method": environ["REQUEST_METHOD"],
        "path": path,
        "host": environ.get("HTTP_HOST", "localhost"),
        "scheme": environ.get("wsgi.url_scheme", "http"),
        "prefix": environ.get("SCRIPT_NAME", ""),
        "type": environ.get("CONTENT_TYPE", ""),
        "cookie": environ.get("HTTP_COOKIE", ""),
        "body": body[:KEPT_BODY],
    }


def _typed(status, headers) -> tuple[str, list[tuple[str, str]]]:
    """Return status and headers with the types that WSGI promises, or raise Lost."""
    if not (isinstance(status, str) and status[:3].isdigit() and status.isprintable()):
        raise Lost(f"the answer has no proper status line: {str(status)[:60]!r}")
    if not isinstance(headers, list):
        raise Lost("the answer has no headers")
    typed = []
    for pair in headers:
        if not (isinstance(pair, list | tuple) and len(pair) == 2):
            raise Lost("the answer has a header that is not a name and a value")
        name, value = pair
        if not (isinstance(name, str) and isinstance(value, str)) or {"\r", "\n"} & {
            *name,
            *value,
        }:
            raise Lost(f"the answer has a broken header: {str(name)[:40]!r}")
        typed.append((name, value))
    return status, typed


def _raw_request(environ: dict, body: bytes) -> bytes:
    target = environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
    if environ.get("QUERY_STRING") and "?" not in target:
        target += "?" + environ["QUERY_STRING"]
    lines = [f"{environ['REQUEST_METHOD']} {target} HTTP/1.1", "Connection: close"]
    for key, value in environ.items():
        if key.startswith("HTTP_") and key != "HTTP_CONNECTION":
            lines.append(f"{key[5:].replace('_', '-').title()}: {value}")
    if environ.get("CONTENT_TYPE"):
        lines.append(f"Content-Type: {environ['CONTENT_TYPE']}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def _raw_response(raw: bytes, method: str) -> tuple[str, list, bytes]:
    class Recorded:
        def makefile(self, *args, **kwargs):
            return io.BytesIO(raw)

    response = http.client.HTTPResponse(Recorded(), method=method)
    try:
        response.begin()
        content = response.read()
    except (http.client.HTTPException, ValueError) as error:
        raise Lost(f"the server's answer is not HTTP: {type(error).__name__}") from None
    return f"{response.status} {response.reason}", response.getheaders(), content


def routes_of(told: Mapping) -> list[dict]:
    """Return the rules in an answer that have the right shape."""
    rules = told.get("routes")
    return [
        {
            "rule": str(rule.get("rule", "")),
            "endpoint": str(rule.get("endpoint", "")),
            "methods": [str(m) for m in rule.get("methods") or []],
        }
        for rule in (rules if isinstance(rules, list) else [])
        if isinstance(rule, dict)
    ]


def _plain(told: Mapping) -> dict:
    return {str(key): value for key, value in told.items()}

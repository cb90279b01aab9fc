"""The learner's app as a WSGI callable, and its servers, in another process.

What the worker answers is the learner's claim: it is sized and typed before a check
sees it.
"""

import http.client
import io
import signal
from collections.abc import Callable, Iterable, Mapping

from werkzeug.datastructures import Headers
from werkzeug.test import Client, TestResponse, create_environ
from werkzeug.wrappers import Request

from checks.engine.worker import claims
from checks.engine.worker.process import (
    REQUEST_SECONDS,
    START_SECONDS,
    AppError,
    Lost,
    Process,
)

KEPT_BODY = MOST_PRINTED = 20_000
CUT_OFF = ("ConnectionResetError", "ConnectionRefusedError", "BrokenPipeError")
PLAIN = (str, int, bool)  # what of an environ can cross


class NotAnswering(AssertionError):
    """A command that should have become a server did not answer."""

    def __init__(self, command: str, code: int | None, output: str):
        self.command, self.code, self.output = command, code, output
        end = "did not answer" if code is None else f"ended with exit code {code}"
        super().__init__(f"`{command}` {end} before it served a page")


class RemoteApp:
    """The learner's app: a WSGI callable, and a few small questions about it."""

    def __init__(self, process: Process):
        self.process = process
        self.config = RemoteConfig(process)

    @property
    def routes(self) -> list[dict]:
        """The URL map: a list of ``{"rule", "endpoint", "methods", "view"}``."""
        return routes_of(self.process)

    def test_client(self, **kwargs) -> Client:
        """Return a new browser: werkzeug's test client, with cookies of its own."""
        return Client(self, **kwargs)

    def invoke(self, *words: str) -> tuple[int | None, str, str]:
        """Run a command of the app's own in its process: ``invoke("init-db")``.

        Returns its exit code, and what it printed on stdout and stderr.
        """
        told, _ = self.process.ask("invoke", words=list(words))
        printed = [
            claims.text(told.get(key), MOST_PRINTED) for key in ("stdout", "stderr")
        ]
        return claims.exit_code(told.get("code")), *printed

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        body, exchange = _note(self.process, environ)
        plain = {k: v for k, v in environ.items() if isinstance(v, PLAIN)}
        told, content = self.process.ask("request", body, environ=plain)
        if told.get("endless"):
            raise Lost("the answer is endless: more than 16 MB came", "endless")
        for kind in ("crash", "refused"):  # a 500, and a 400 of Flask's own
            exchange[kind] = claims.crash(told.get(kind))
        return _answer(
            exchange, start_response, told.get("status"), told.get("headers"), content
        )


def routes_of(process: Process, seconds: float = REQUEST_SECONDS) -> list[dict]:
    """Return the URL map of the app in a process. Raises what ask raises."""
    told, _ = process.ask("routes", seconds=seconds)
    return claims.routes(told.get("routes"))


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
        self._start(
            process, " ".join(command), "serve", command=list(command), env=dict(env),
            crash=crash,
        )  # fmt: skip

    def _start(self, process: Process, typed: str, do: str, **head) -> dict:
        """Have a server started and wait for it. Raises NotAnswering, or what ask raises."""
        self.process, self.command = process, typed
        wait = START_SECONDS * process.slack
        seconds = {"wait": wait, "seconds": START_SECONDS + 2}
        told, _ = process.ask(do, **seconds, **head)
        if not told.get("answers"):
            raise self._silent(told)
        self._number = told.get("server")
        self.client = Client(self)
        return told

    def _silent(self, told: Mapping) -> NotAnswering:
        code = claims.exit_code(told.get("code"))
        output = claims.text(told.get("output"), MOST_PRINTED)
        return NotAnswering(self.command, code, output)

    def get(self, *args, **kwargs):
        """Send a GET request, as the test client does."""
        return self.client.get(*args, **kwargs)

    def post(self, *args, **kwargs):
        """Send a POST request, as the test client does."""
        return self.client.post(*args, **kwargs)

    def together(self, addresses: Iterable[str]) -> list[TestResponse]:
        """Send GET requests for some addresses at once; return their answers in order."""
        asked = [create_environ(address) for address in addresses]
        exchanges = [_note(self.process, environ)[1] for environ in asked]
        requests = [_raw_request(environ, b"") for environ in asked]
        told, raw = self.process.ask(
            "together",
            b"".join(requests),
            server=self._number,
            sizes=list(map(len, requests)),
            wait=REQUEST_SECONDS * self.process.slack,
            seconds=2 * REQUEST_SECONDS,
        )
        answers = claims.pieces(told.get("sizes"), raw)
        if len(answers) != len(requests) or not all(answers):
            raise Lost("there are not as many answers as requests", "malformed")
        found = []
        for environ, exchange, answer in zip(asked, exchanges, answers, strict=True):
            line: list = []
            parts = _raw_response(answer, "GET")
            body = _answer(exchange, lambda *told, to=line: to.extend(told), *parts)
            status, headers = line
            request = Request(environ)
            found.append(TestResponse(body, status, Headers(headers), request))
        return found

    @property
    def children(self) -> int:
        """How many processes the server has started and not ended."""
        told, _ = self.process.ask("watch", server=self._number)
        return claims.number(told.get("children"))

    @property
    def reached_from_outside(self) -> bool:
        """Does it answer at an address of this machine that is not 127.0.0.1?"""
        told, _ = self.process.ask("watch", server=self._number)
        return told.get("reached") is True

    def save(self, path: str, text: str) -> None:
        """Save a file of the lesson again, as an editor does while the server runs."""
        self.process.ask("write", text.encode(), path=path)

    @property
    def output(self) -> str:
        """What the server has printed until now."""
        told, _ = self.process.ask("output", server=self._number)
        return claims.text(told.get("output"), MOST_PRINTED)

    def stop(self, number: int = signal.SIGTERM, seconds: float = 5.0) -> int | None:
        """Send a signal and wait; return the exit code, None if it goes on."""
        told, _ = self.process.ask(
            "stop",
            server=self._number,
            number=int(number),
            wait=seconds,
            seconds=seconds + 2,
        )
        return claims.exit_code(told.get("code"))

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        body, exchange = _note(self.process, environ)
        try:
            _, raw = self.process.ask(
                "exchange",
                _raw_request(environ, body),
                server=self._number,
                wait=REQUEST_SECONDS * self.process.slack,
                seconds=REQUEST_SECONDS + 1,
            )
        except AppError as error:
            if error.type_name not in CUT_OFF:
                raise
            raw = b""
        if not raw:  # gunicorn opens its port before it knows whether the app starts
            told, _ = self.process.ask("output", server=self._number, wait=2.0)
            raise self._silent(told)
        return _answer(
            exchange, start_response, *_raw_response(raw, environ["REQUEST_METHOD"])
        )


class Proxy(Server):
    """nginx in front of a server, with the nginx.conf in the lesson's folder.

    It is asked over https; visitor is the address that its requests come from.
    """

    origin = "https://localhost:8443"  # what the visitor's browser has in its line

    def __init__(self, behind: Server):
        command = "nginx -e stderr -p . -c nginx.conf"
        told = self._start(behind.process, command, "front", server=behind._number)
        self.visitor = claims.text(told.get("visitor"))

    def get(self, *args, **kwargs):
        """Send a GET request over https, as the test client does."""
        return self.client.get(*args, **{"base_url": self.origin, **kwargs})

    def post(self, *args, **kwargs):
        """Send a POST request over https, as the test client does."""
        return self.client.post(*args, **{"base_url": self.origin, **kwargs})


def _note(process: Process, environ: dict) -> tuple[bytes, dict]:
    """Read the request's body; start its entry in the journal."""
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    exchange = {
        "method": environ["REQUEST_METHOD"],
        "path": _target(environ),
        "host": environ.get("HTTP_HOST", "localhost"),
        "scheme": environ.get("wsgi.url_scheme", "http"),
        "prefix": environ.get("SCRIPT_NAME", ""),
        "type": environ.get("CONTENT_TYPE", ""),
        "cookie": environ.get("HTTP_COOKIE", ""),
        "authorization": environ.get("HTTP_AUTHORIZATION", ""),
        "body": body[:KEPT_BODY],
    }
    process.exchanges.append(exchange)
    return body, exchange


def _target(environ: dict) -> str:
    """Return the path with its query, as the request line has them."""
    query = environ.get("QUERY_STRING", "")
    path = environ.get("REQUEST_URI") or environ.get("PATH_INFO", "/")
    return f"{path}?{query}" if query and "?" not in path else path


def _answer(
    exchange: dict, start_response: Callable, status, headers, content: bytes
) -> Iterable[bytes]:
    """Type the answer as WSGI promises it, complete the journal, hand it on.

    Raises Lost for an answer that is none.
    """
    line, pairs = claims.status(status), claims.headers(headers)
    if line is None:
        raise Lost(f"the answer has no proper status line: {str(status)[:60]!r}")
    if pairs is None:
        raise Lost("the answer has a header that is not a name and a value, both text")
    exchange |= {
        "status": line,
        "response_headers": pairs,
        "response": content[:KEPT_BODY],
    }
    start_response(line, pairs)
    return [content]


def _raw_request(environ: dict, body: bytes) -> bytes:
    lines = [
        f"{environ['REQUEST_METHOD']} {_target(environ)} HTTP/1.1",
        "Connection: close",
    ]
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
    except (http.client.HTTPException, ValueError, OverflowError) as error:
        raise Lost(f"the server's answer is not HTTP: {type(error).__name__}") from None
    return f"{response.status} {response.reason}", response.getheaders(), content

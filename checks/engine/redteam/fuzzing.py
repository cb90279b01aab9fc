"""Anything at all for an answer: the trusted side must end each talk in a verdict.

The other end of the line is a liar, who sends bytes that hypothesis draws: frames of any
shape, cut, nested, of sizes that lie, and none. The questions are those that checks ask,
and what they meet is judged and told as in a class.
"""

import contextlib
import json
import secrets
import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from types import SimpleNamespace

import hypothesis
import pytest
from hypothesis import strategies as st

from checks import pages
from checks.engine.judging import evidence, words
from checks.engine.judging.reading import TooLong, watch
from checks.engine.judging.trial import Trial
from checks.engine.worker import claims
from checks.engine.worker.process import Process
from checks.engine.worker.remote import RemoteApp, Server

SECONDS, READING = 0.05, 1.0
WIDTH = 88
KEYS = [
    *("status", "headers", "crash", "refused", "endless", "notes", "routes", "files"),
    *("value", "error", "pid", "code", "signal", "stdout", "stderr", "tests", "broken"),
    *("output", "answers", "server", "sizes", "too_large", "visitor", "children"),
    *("reached", "type", "message", "frames", "file", "line", "name", "source", "kind"),
    *("rule", "endpoint", "methods", "view", "syntax", "column", "text", "templates"),
    *("searched", "returned", "endpoints", "test", "outcome", "said"),
]
LINES = [
    "200 OK",
    "404 NOT FOUND",
    "302 FOUND",
    "500 INTERNAL SERVER ERROR",
    "099 ",
    "200",
]
NAMES = ["Content-Type", "Location", "Set-Cookie", "Allow", "Content-Length", "X"]
NAMES += ["Transfer-Encoding", "Connection"]
VALUES = [
    "text/html",
    "application/json",
    "http://[",
    "/",
    "//",
    "a=b; Max-Age=x",
    "",
    "=",
]
VALUES += [
    "GET, POST",
    "9" * 30,
    "-1",
    "chunked",
    "text/html; charset=hex",
    "javascript:x",
]
PAGES = [
    b"<h1>Tea</h1>",
    b"<a href='/x'>",
    b"<a href='http://['>",
    b"<![",
    b"<!--",
    b"<a ",
    b"{",
    b"[" * 2000,
]
PAGES += [b"9" * 5000, b"NaN", b"<form method=post><input name=x>", b"\xff\xfe", b""]

text = st.one_of(st.sampled_from([*LINES, *VALUES]), st.text(max_size=20), st.text(
    st.characters(categories=["Cs", "Cc", "Cf"]), max_size=4))  # fmt: skip
number = st.one_of(st.integers(), st.sampled_from([0, -1, 2**31, 2**63, 10**200]))
plain = st.one_of(st.none(), st.booleans(), number, st.floats(), text)
anything = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(KEYS) | text, inner, max_size=4),
    ),
    max_leaves=12,
)
header = st.lists(st.sampled_from(NAMES) | text, min_size=1, max_size=1).flatmap(
    lambda name: (st.sampled_from(VALUES) | text).map(lambda value: [name[0], value])
)
answer = st.fixed_dictionaries(
    {"status": st.sampled_from(LINES), "headers": st.lists(header, max_size=4)}
)
fault = st.fixed_dictionaries(
    {"error": st.dictionaries(st.sampled_from(KEYS), anything)}
)
head = st.one_of(
    answer, fault, st.dictionaries(st.sampled_from(KEYS), anything), anything
)
usual = st.builds(
    lambda line, pairs, body: b"\r\n".join(
        [f"HTTP/1.1 {line}".encode("utf-8", "replace")]
        + [f"{k}: {v}".encode("utf-8", "replace") for k, v in pairs]
        + [b"", body]
    ),
    st.sampled_from(LINES) | text,
    st.lists(header, max_size=4),
    st.sampled_from(
        [*PAGES, b"ffffffffffffffffffff\r\nx", b"-5\r\nx", b"1\r\nx\r\n0\r\n\r\n"]
    ),
)
OK = b"HTTP/1.1 200 OK\r\n"
ODD = [
    OK + b"Content-Length: " + b"9" * 30 + b"\r\n\r\nx",
    OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 20 + b"\r\nx",
    OK + b"Set-Cookie: \r\n\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n" * 3,
]
http = usual | st.sampled_from(ODD)
body = st.one_of(st.sampled_from(PAGES), st.binary(max_size=200), http)


def frame(told: object, content: bytes) -> bytes:
    """Return a frame, whatever its head is."""
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    return struct.pack("!II", len(raw), len(content)) + raw + content


nested = st.sampled_from([b"[" * 50_000, b'{"a":' * 50_000, b"[" * 500 + b"]" * 500])
digits = st.sampled_from(
    [b"9" * 5000, b'{"pid": ' + b"9" * 4000 + b"}", b"1e999", b"{}{}"]
)
frames = st.one_of(
    st.builds(frame, head, body),
    st.builds(frame, nested | digits | st.binary(max_size=60), body),
    st.builds(lambda whole, at: whole[:at], st.builds(frame, head, body), st.integers(0, 60)),
    st.builds(struct.pack, st.just("!II"), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)),
    st.binary(max_size=60),
)  # fmt: skip
# Answers that lead a check further in, so that what follows them is read at all.
both = st.builds(
    lambda one, two: frame({"sizes": [len(one), len(two)]}, one + two), http, http
)
served = st.builds(frame, st.just({}), http)
page = st.builds(frame, answer, body)
listing = st.builds(
    lambda names, content: frame(
        {"files": [[name, len(content)] for name in names]}, content * len(names)
    ),
    st.lists(text, max_size=3),
    st.binary(max_size=20),
)
started = frame({"answers": True, "server": 1}, b"")
home = frame({"routes": [{"rule": "/home", "view": "app.py:1"}]}, b"")
loaded = frame({"notes": [], "pid": 1}, b"")
ended = st.builds(lambda code: frame({"code": code, "stdout": ""}, b""), number)


def page_is_right(process: Process, word: str) -> None:
    """Ask as most checks do: a page, its words, its links, its cookies."""
    client = RemoteApp(process).test_client()
    response = client.get("/", follow_redirects=True)
    found = [*pages.links(response.text), *pages.texts(response.text, "h1")]
    found += [response.location, response.allow, response.mimetype, response.headers]
    pages.cookie(response, "a"), pages.fields(response.text), pages.crawl(client)
    assert word in pages.seen(response), f"the page should say {word}, not {found}"


def data_is_right(process: Process, word: str) -> None:
    """Ask for data, and for what the app is."""
    app = RemoteApp(process)
    views = {route["rule"]: route["view"] for route in app.routes}
    assert views.get("/home", word) == word or app.config["X"] == word
    assert app.test_client().post("/api", json={"a": 1}).json["title"] == word


def server_is_right(process: Process, word: str) -> None:
    """Start a server and ask it."""
    server = Server(process, ("gunicorn",), {}, None)
    assert server.children or server.reached_from_outside or word in server.output
    both = server.together(["/", "/a"])
    assert word in both[0].text + server.get("/").text, server.stop()


def command_is_right(process: Process, word: str) -> None:
    """Run a command, load the app, and read what it has written."""
    process.load({"X": 1})
    code, out, _ = RemoteApp(process).invoke("init-db")
    told, content = process.ask("files")
    files = claims.files(told.get("files"), content)
    assert code != 0 or word in out or word.encode() in b"".join(files.values()), out
    told, _ = process.ask("tests")
    assert word in str(claims.tests(told.get("tests")))


def led(*steps) -> st.SearchStrategy[list[bytes]]:
    """Return talks that begin with some of these steps, and go on with anything."""
    first = [
        step if isinstance(step, st.SearchStrategy) else st.just(step) for step in steps
    ]
    whole = st.integers(0, len(first)).flatmap(lambda count: st.tuples(*first[:count]))
    return st.builds(lambda a, b: [*a, *b], whole, st.lists(frames, max_size=4))


# Each check, and the talks that it meets.
CHECKS = {
    page_is_right: led(page, page, page, page),
    data_is_right: led(home, frame({"value": 1}, b""), page),
    server_is_right: led(started, loaded, frame({"reached": True}, b""), both, served),
    command_is_right: led(loaded, ended, listing, frame({"tests": []}, b"")),
}


@contextlib.contextmanager
def liar(talk: Sequence[bytes]) -> Iterator[Process]:
    """Lend a process whose answers are these bytes, and then the end of the line."""
    ours, theirs = socket.socketpair()

    def send():
        with contextlib.suppress(OSError), theirs:
            theirs.sendall(b"".join(talk))
            theirs.shutdown(socket.SHUT_WR)
            while theirs.recv(65536):
                pass

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    process = Process(ours)
    process.cleared = lambda folder: None
    ask = process.ask
    process.ask = lambda do, body=b"", *, seconds=SECONDS, **head: ask(
        do, body, seconds=min(seconds, SECONDS), **head
    )
    try:
        yield process
    finally:
        process.close()
        thread.join()


def verdict_on(talk: Sequence[bytes], check) -> dict:
    """Have one check meet these answers; return the facts of its failure.

    Raises AssertionError for a pass, for what would be called our own fault, and
    whatever gets out of the judge.
    """
    code = SimpleNamespace(files={"app.py": b"app = 1\n"}, suite=None)
    trial = Trial(code, "lessons/03_routes", "seed")
    word = secrets.token_hex(8)
    with liar(talk) as process:
        trial.processes.append(process)
        try:
            with watch.at_most(READING):
                check(process, word)
        except Exception:
            found = pytest.ExceptionInfo.from_current()
        else:
            raise AssertionError(f"{check.__name__} passed")
        with contextlib.suppress(TooLong), watch.at_most(READING):
            return told(found, trial)
    return {"kind": "code"}


def told(found: pytest.ExceptionInfo, trial: Trial) -> dict:
    """Return the facts of a failure, told and kept as a gradebook would."""
    facts = evidence.collect(found, trial, None)
    assert facts["kind"] == "code", f"called our fault: {facts['error']}"
    lines = words.details(facts, WIDTH)
    assert all(isinstance(line, str) for line in lines)
    kept = json.loads(json.dumps(lines))
    "\n".join(kept).encode("utf-8", "replace")
    return facts


def search(seed: int, examples: int) -> list[str]:
    """Have every check meet so many talks; return what went wrong, as short as can be."""
    found = []
    for check in CHECKS:
        try:
            searched(check, seed, examples)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            notes = [
                *getattr(error, "__notes__", ()),
                f"{type(error).__name__}: {error}",
            ]
            found.append(f"{check.__name__}, seed {seed}: " + "\n".join(notes))
    return found


def searched(check, seed: int, examples: int) -> None:
    """Let one check meet so many talks. Raises what gets out of the judge."""

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=[*hypothesis.HealthCheck],
    )
    @hypothesis.given(CHECKS[check])
    def each(talk):
        verdict_on(talk, check)

    each()

"""What a notebook shows with: an app, its answers, its source, a verdict.

The first code cell of each notebook imports what it needs::

    from workbook import load, show, source

Everything here shows the same thing each time: no dates, no ports, no line numbers, no
paths of a machine. So the outputs that are stored in a notebook can be tested.
"""

import ast
import atexit
import base64
import difflib
import importlib
import inspect
import logging
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from flask import Flask, got_request_exception
from flask.cli import find_best_app
from flask.testing import FlaskClient
from IPython.display import display
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

if TYPE_CHECKING:
    from checks.engine.worker import process, remote

TOP = Path(__file__).resolve().parents[1]
# What students get holds no solutions: there a notebook runs the learner's own lessons.
IS_KIT = (TOP / "checks" / "kit.json").is_file()
SOLUTIONS = TOP / ("lessons" if IS_KIT else "solutions")
SEED = "notebook"
PATIENCE = 300  # seconds for a program that takes one; a busy machine needs many
SLACK = 20  # times longer than a judge waits: nobody is judged here

if str(TOP) not in sys.path:
    sys.path.append(str(TOP))

# Flask adds a log handler of its own only where there is none. What a view does wrong
# is shown by `show` and `error`; without this its traceback would stand beside them.
logging.getLogger().addHandler(logging.NullHandler())


# --- A lesson's solved app -----------------------------------------------------------

_MODULES: dict[str, dict[str, ModuleType]] = {}
_LESSON_OF: WeakKeyDictionary[Flask, str] = WeakKeyDictionary()


def load(lesson: str) -> Flask:
    """Import the solved app of a lesson, afresh, and return it.

    Modules beside app.py are found there and belong to this lesson alone: two lessons
    that both have a ``page.py`` never share it.
    """
    _folder(lesson)
    _MODULES[lesson] = {}
    name = _main_module(SOLUTIONS / lesson)
    with _imports_of(lesson):
        found = importlib.import_module(name)
        app = find_best_app(found)
    return _known(app, lesson)


def factory(lesson: str) -> Callable[..., Flask]:
    """Import the package of a lesson, afresh, and return its ``create_app``.

    All apps that it makes share this one import, as they do in one program.
    """
    load(lesson)

    def create_app(*args, **kwargs) -> Flask:
        with _imports_of(lesson):
            package = importlib.import_module(_main_module(SOLUTIONS / lesson))
            return _known(package.create_app(*args, **kwargs), lesson)

    return create_app


def _known(app: Flask, lesson: str) -> Flask:
    _LESSON_OF[app] = lesson
    app.test_client_class = _Client
    return app


class _Client(FlaskClient):
    """A test client whose answers know their app, so that `show` can dress them."""

    def __init__(self, app: Flask, *args, **kwargs):
        super().__init__(app, *args, **kwargs)
        self.environ_base["workbook.app"] = app


def module(lesson: str, name: str) -> ModuleType:
    """Return a module of a lesson's solution, the same one that its app uses."""
    _folder(lesson)
    with _imports_of(lesson):
        return importlib.import_module(name)


def _folder(lesson: str) -> Path:
    folder = SOLUTIONS / lesson
    if not folder.is_dir():
        names = sorted(path.name for path in SOLUTIONS.iterdir() if path.is_dir())
        close = difflib.get_close_matches(lesson, names, 1, 0.3)
        guess = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"there is no lesson {lesson!r}{guess}")
    return folder


def _main_module(folder: Path) -> str:
    """Return ``app``, or the name of the package where a lesson has one."""
    if (folder / "app.py").is_file():
        return "app"
    return min(path.parent.name for path in folder.glob("*/__init__.py"))


@contextmanager
def _imports_of(lesson: str) -> Iterator[None]:
    """Let imports find this lesson's modules, and put everything back afterwards."""
    folder = SOLUTIONS / lesson
    own = {path.stem for path in folder.iterdir()}
    bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    hidden = _take_out(own)
    sys.modules.update(_MODULES.setdefault(lesson, {}))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = bytecode
        _MODULES[lesson] = _take_out(own)
        sys.modules.update(hidden)


def _take_out(names: set[str]) -> dict[str, ModuleType]:
    mine = [name for name in sys.modules if name.partition(".")[0] in names]
    return {name: sys.modules.pop(name) for name in mine}


# --- A response as a small browser window --------------------------------------------

COLOURS = {"2": "#166534", "3": "#1e40af", "4": "#9a3412", "5": "#991b1b"}
MONO = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:13px"
BAR = (
    f"display:flex;gap:8px;align-items:center;padding:6px 10px;color:#222;"
    f"background:#e9ecef;border-bottom:1px solid #c4c9ce;{MONO}"
)
# JupyterLab shows the first line of a folded output, so this is what stands there.
FOLDED = "<!-- Guess first, then run the cell. -->\n"
WINDOW = (
    "max-width:44rem;border:1px solid #b0b6bc;border-radius:8px;overflow:hidden;"
    "margin:4px 0 8px"
)
PANEL = (
    f"margin:0;padding:8px 12px;background:#fff;color:#222;{MONO};line-height:1.5;"
    "white-space:pre-wrap;overflow-wrap:anywhere"
)


def show(
    response: TestResponse,
    headers: Sequence[str] = (),
    height: int | None = None,
    static: bool = True,
) -> None:
    """Show a response as a browser would: address, status, and the page.

    headers are names of headers to show as well; height is the page's, in pixels.
    Without static the page stands there as it came, before a browser asks for its
    stylesheet and its images. Where a notebook is not trusted, and as plain text, the
    page's words are shown.
    """
    lines = [f"{name}: {value}" for name, value in _headers(response, headers)]
    body = _words(response)
    plain = [_request_line(response), *lines, *([""] if lines and body else []), body]
    html = [
        FOLDED,
        f'<div style="{WINDOW}">',
        _bar(response),
        _panel("\n".join(lines), "background:#f8f9fa;border-bottom:1px solid #dde1e5")
        if lines
        else "",
        _page(response, body, height, static),
        "</div>",
    ]
    _display("\n".join(plain).rstrip(), html="".join(html))


def _request_line(response: TestResponse) -> str:
    """Return ``GET / → 200 OK``, with what redirected before it."""
    steps = [*response.history, response]
    return "\n".join(
        f"{step.request.method} {_path(step)} → {step.status}" for step in steps
    )


def _path(response: TestResponse) -> str:
    address = response.request
    return address.full_path if address.query_string else address.path


def _headers(response: TestResponse, names: Sequence[str]) -> list[tuple[str, str]]:
    wanted = list(names)
    if 300 <= response.status_code < 400 and "Location" not in wanted:
        wanted.insert(0, "Location")
    return [
        (name, _steady(name, value))
        for name in wanted
        for value in response.headers.getlist(name)
    ]


def _steady(name: str, value: str) -> str:
    """Return a header's value without what changes from one run to the next."""
    if name.lower() == "allow":
        return ", ".join(sorted(word.strip() for word in value.split(",")))
    if name.lower() in ("date", "last-modified"):
        return "…"
    return re.sub(r"(?i)(expires=)(?!Thu, 01 Jan 1970)[^;]+", r"\1…", value)


def _words(response: TestResponse) -> str:
    """Return the body as text: a page's words, JSON and text as they came."""
    kind = response.mimetype
    if 300 <= response.status_code < 400:
        return ""
    if not response.data:
        return "(no body)"
    if kind == "text/html":
        return text_of(response.get_data(as_text=True)) or "(an empty page)"
    if kind.startswith("text/") or kind.endswith(("json", "xml")):
        return response.get_data(as_text=True).rstrip("\n")
    return f"({len(response.data)} bytes of {kind})"


def _bar(response: TestResponse) -> str:
    address = escape(response.request.url.removeprefix("http://"))
    colour = COLOURS.get(str(response.status_code)[0], "#333")
    return (
        f'<div style="{BAR}"><b>{escape(response.request.method)}</b>'
        '<span style="flex:1;background:#fff;border-radius:10px;padding:1px 10px;'
        f'overflow-wrap:anywhere">{address}</span>'
        f'<b style="color:{colour}">{escape(response.status)}</b></div>'
    )


def _panel(text: str, style: str = "") -> str:
    return f'<div style="{PANEL};{style}">{escape(text)}</div>'


def _page(response: TestResponse, words: str, height: int | None, static: bool) -> str:
    if not words:
        return ""
    if response.mimetype != "text/html" or not response.data:
        return _panel(words)
    page = _inert(_dressed(response, static))
    rows = sum(1 + len(line) // 70 for line in words.splitlines())
    height = height or min(400, 60 + 30 * rows)
    frame = (
        f'<iframe sandbox="" srcdoc="{escape(page)}" title="the page" '
        f'style="display:block;width:100%;height:{height}px;border:0;background:#fff">'
    )
    # A browser hides what stands inside the frame; a reader that drops frames shows it.
    style = "background:#fff;color:#222;padding:2px 6px;white-space:pre-line"
    return f'<div style="{style}">{frame}{escape(words)}</iframe></div>'


SCRIPT = re.compile(r"(?is)<script\b[^>]*\bsrc=.*?</script>\s*")
LINK = re.compile(r"(?i)<link\b[^>]*>\s*")
IMAGE = re.compile(r'(?i)(<img\b[^>]*\bsrc=")(/[^"]*)(")')


def _dressed(response: TestResponse, static: bool) -> str:
    """Return a page with its stylesheet and images in it: a window has no server.

    What cannot be put in is left out; the window would ask the notebook's server.
    """
    page = response.get_data(as_text=True)
    app = response.request.environ.get("workbook.app") if static else None

    def fetch(address: str) -> TestResponse | None:
        path = unescape(address).removeprefix(response.request.root_path)
        got = app.test_client().get(path) if app and path.startswith("/") else None
        return got if got and got.status_code == 200 else None

    def style(match: re.Match) -> str:
        href = re.search(r'\bhref="([^"]*)"', match[0])
        sheet = href and 'rel="stylesheet"' in match[0] and fetch(href[1])
        return f"<style>\n{sheet.text}</style>\n" if sheet else ""

    def image(match: re.Match) -> str:
        got = fetch(match[2])
        data = base64.b64encode(got.data).decode() if got else ""
        return f"{match[1]}data:{got.mimetype if got else ''};base64,{data}{match[3]}"

    return IMAGE.sub(image, LINK.sub(style, SCRIPT.sub("", page)))


def _inert(page: str) -> str:
    """Return a page whose links lead nowhere: the sandbox lets no window open."""
    doctype = re.match(r"\s*<!doctype[^>]*>", page, re.IGNORECASE)
    start = doctype.end() if doctype else 0
    return f'{page[:start]}<base target="_blank">{page[start:]}'


class _Text(HTMLParser):
    """Collects the words of a page that a visitor would see."""

    SILENT = frozenset({"style", "script", "title", "template"})
    INLINE = frozenset({"a", "b", "button", "code", "em", "i", "label", "span"})

    def __init__(self):
        super().__init__()
        self.lines, self.silent = [""], 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in self.SILENT
        self._break(tag)
        if tag == "li":
            self.lines[-1] = "- "

    def handle_endtag(self, tag):
        self.silent -= tag in self.SILENT and self.silent > 0
        self._break(tag)

    def handle_data(self, data):
        if not self.silent:
            self.lines[-1] += re.sub(r"\s+", " ", data)

    def _break(self, tag):
        if tag not in self.INLINE:
            self.lines.append("")


def text_of(page: str) -> str:
    """Return the words of an HTML page, a block a line."""
    parser = _Text()
    parser.feed(page)
    parser.close()
    lines = (" ".join(line.split()) for line in parser.lines)
    return "\n".join(line for line in lines if line not in ("", "-"))


# --- Source, and what a lesson changes -----------------------------------------------

LANGUAGES = {".py": "python", ".html": "html", ".css": "css", ".json": "json"}


def source(thing: Flask | Callable | str, *names: str) -> None:
    """Show code as it stands in the solution.

    ``source(app)`` shows the app's file, ``source(app, "index", "BLOG_NAME")`` the
    functions and values of these names; ``source(view)`` one function;
    ``source("page.py", "03_routes")`` a file of a lesson, and names may follow.
    """
    if isinstance(thing, str):
        lesson, *names = names
        file = _folder(lesson) / thing
    elif isinstance(thing, Flask):
        lesson = _LESSON_OF[thing]
        file = Path(_MODULES[lesson][_main_module(SOLUTIONS / lesson)].__file__)
    else:
        view = inspect.unwrap(thing)
        file, names = Path(inspect.getsourcefile(view)), [view.__name__]
    text = file.read_text(encoding="utf-8")
    shown = "\n\n\n".join(_named(text, name) for name in names) if names else text
    language = {".py": "python", ".html": "html", ".css": "css"}.get(
        file.suffix, "text"
    )
    _display_code(shown.strip("\n"), language, file.relative_to(TOP).as_posix())


def _named(text: str, name: str) -> str:
    """Return what a file says at its top level under one name, decorators included."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        targets = getattr(node, "targets", [getattr(node, "target", node)])
        called = [getattr(item, "name", getattr(item, "id", None)) for item in targets]
        if name in called:
            first = min(item.lineno for item in [node, *_decorators(node)])
            return "\n".join(lines[first - 1 : node.end_lineno])
    raise ValueError(f"the file says nothing under the name {name!r}")


def _decorators(node: ast.AST) -> list[ast.expr]:
    return getattr(node, "decorator_list", [])


def changes(lesson: str, file: str | None = None) -> None:
    """Show what a lesson changes: its starter beside its solution, as a diff.

    file names the one file to compare; without it every file that differs is shown.
    """
    starter, solution = starters() / lesson, _folder(lesson)
    parts = []
    for name in [file] if file else _files(starter) | _files(solution):
        parts += _diff(starter / name, solution / name, name)
    _display_code("\n".join(parts) or "(nothing)", "diff", f"{lesson}: what changes")


def _files(folder: Path) -> dict[str, None]:
    """Return the names of a lesson's files, sorted, without its texts."""
    texts = {".md", ".pyc"}
    found = (path for path in folder.rglob("*") if path.is_file())
    names = [p.relative_to(folder).as_posix() for p in found if p.suffix not in texts]
    return dict.fromkeys(sorted(name for name in names if "instance/" not in name))


def _diff(old: Path, new: Path, name: str) -> list[str]:
    before, after = (
        path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
        for path in (old, new)
    )
    lines = difflib.unified_diff(before, after, name, name, lineterm="", n=2)
    return [re.sub(r"^@@ .* @@$", "@@", line) for line in lines]


def starters() -> Path:
    """Return the folder of the lessons as they were before anybody edited them."""
    if "WORKBOOK_ROOT" in os.environ:
        return Path(os.environ["WORKBOOK_ROOT"])
    from checks.engine.starters import ensure

    return ensure()


# --- Questions ------------------------------------------------------------------------


def predict(question: str, *choices: str) -> None:
    """Ask for a guess before the next cell is run; that cell gives the answer.

    The choices can be ticked, so that a guess is a decision; nothing is stored.
    """
    plain = "\n".join([f"Predict: {question}", *(f"( ) {text}" for text in choices)])
    group = escape(re.sub(r"\W+", "-", question.lower()))
    rows = "".join(
        '<div><label style="cursor:pointer">'
        f'<input type="radio" name="{group}"> {escape(text)}</label></div>'
        for text in choices
    )
    box = "border-left:4px solid #7c3aed;padding:4px 12px;line-height:1.6"
    _display(plain, html=f'<div style="{box}"><b>{escape(question)}</b>{rows}</div>')


def is_it(app: Flask, test: Callable) -> None:
    """Say whether an exercise is done: ``test`` gets a client of the app.

    Prints "that is it" where test returns something true, otherwise "not there yet"
    and the type of the exception that stood in the way, if there was one.
    """
    result = None
    with _caught() as caught:
        result = test(app.test_client())
    reason = f" ({type(caught[0]).__name__})" if caught else ""
    print("that is it" if result else f"not there yet{reason}")


# --- Errors ---------------------------------------------------------------------------


def error(call: Callable | None = None, *args, **kwargs):
    """Show the exception that a call raises: its own lines, its type, its message.

    ``error(client.get, "/boom")`` calls; ``with error():`` takes a block. An exception
    that Flask turned into a 500 page counts as well. No line numbers, no library lines.
    """
    if call is None:
        return _error_block()
    with _error_block():
        call(*args, **kwargs)


@contextmanager
def _error_block() -> Iterator[None]:
    with _caught() as caught:
        yield
    if not caught:
        return print("no exception came")
    text = "\n".join([*_own_lines(caught[0]), _headline(caught[0])])
    style = "border-left:4px solid #b91c1c;max-width:44rem"
    _display(text, html=FOLDED + _panel(text, style))


@contextmanager
def _caught() -> Iterator[list[BaseException]]:
    """Collect the exception that leaves a block, or that Flask meets inside it."""
    caught: list[BaseException] = []

    def note(sender: Flask, exception: BaseException, **extra) -> None:
        caught.append(exception)

    with got_request_exception.connected_to(note):
        try:
            yield caught
        except Exception as exception:
            caught.append(exception)


def _headline(exception: BaseException) -> str:
    return f"{type(exception).__name__}: {exception}".removesuffix(": ")


def _own_lines(exception: BaseException) -> list[str]:
    """Return the lines of the lesson and of the notebook that the exception passed."""
    lines = []
    for frame in traceback.extract_tb(exception.__traceback__):
        place = _place(frame.filename)
        if place and frame.name not in ("<module>", "<lambda>"):
            lines += [f"{place}, in {frame.name}", f"    {frame.line}"]
    return lines


def _place(filename: str) -> str | None:
    """Return how to call a file: None for what belongs to a library."""
    if "ipykernel_" in filename or filename.startswith("<ipython"):
        return "this notebook"
    path = Path(filename)
    if path.is_relative_to(SOLUTIONS):
        return path.relative_to(TOP).as_posix()
    return None


# --- Commands, sockets, verdicts ------------------------------------------------------


def run(
    lesson: str,
    command: str,
    files: dict[str, str] | None = None,
    env: dict[str, str] | None = None,
    last: int | None = None,
) -> None:
    """Show a command as a terminal would, run in a copy of a lesson's solution.

    files replace those of the solution, env is added to its environment, last says how
    many of the printed lines are shown.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch).resolve() / lesson
        shutil.copytree(_folder(lesson), folder)
        for name, text in (files or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
        words = shlex.split(command)
        if words[0] in ("python", "flask"):
            start = [] if words.pop(0) == "python" else ["-m", "flask"]
            words = [sys.executable, "-B", *start, *words]
        done = subprocess.run(
            words, cwd=folder, env=_environment() | (env or {}), text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE,
        )  # fmt: skip
    lines = done.stdout.replace(f"{folder}/", "").rstrip().splitlines()
    printed = "\n".join(["…"] * bool(last and lines[:-last]) + lines[-(last or 0) :])
    code = f"\n(exit code {done.returncode})" if done.returncode else ""
    typed = "".join(f"{key}={value} " for key, value in (env or {}).items())
    print(f"$ {typed}{command}\n{printed}{code}".rstrip())


def together(work: Callable, count: int, *args) -> str:
    """Call a function in several processes at once; return the text of all they wrote.

    ``work(number, *args, go)`` is called in each, in one folder that they share: number
    counts from 0, and go() waits until all have come that far. The function brings its
    own imports.
    """
    program = f"""
import sys


def go():
    print(flush=True)
    sys.stdin.read()


{inspect.getsource(work)}

{work.__name__}(int(sys.argv[1]), *{args!r}, go)
"""
    with tempfile.TemporaryDirectory() as folder:
        workers = [
            subprocess.Popen(
                [sys.executable, "-B", "-c", program, str(number)],
                cwd=folder, env=_environment(), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
            for number in range(count)
        ]  # fmt: skip
        for worker in workers:
            worker.stdout.readline()
        for worker in workers:
            worker.communicate(timeout=PATIENCE)
        files = sorted(Path(folder).iterdir())
        return "".join(file.read_text(encoding="utf-8") for file in files)


def _environment() -> dict[str, str]:
    """Return an environment without what would change a lesson's answers.

    On a CI's machine pytest shows whole comparisons, elsewhere it shortens them.
    """
    others = ("FLASK_", "PYTEST", "CI", "BUILD_NUMBER")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(others)}
    return {**kept, "NO_COLOR": "1", "PYTHONUTF8": "1", "COLUMNS": "88"}


class Server:
    """A real server on a port that is nobody's business."""

    def __init__(self, address: tuple[str, int]):
        self._address = address

    @property
    def origin(self) -> str:
        """Where it answers, ``http://127.0.0.1:PORT``: not to be printed."""
        return "http://{}:{}".format(*self._address)

    def talk(self, request: str) -> str:
        """Send a request as text, ``GET / HTTP/1.1``, and return the answer as text.

        Host and Connection are added; Date and Server, which differ, are left out.
        """
        head, _, body = request.partition("\n\n")
        lines = [*head.splitlines(), "Host: localhost", "Connection: close", "", body]
        with socket.create_connection(self._address, timeout=10) as wire:
            wire.sendall("\r\n".join(lines).encode())
            with wire.makefile("rb") as answer:
                text = answer.read().decode().replace("\r\n", "\n")
        head, _, body = text.partition("\n\n")
        kept = [x for x in head.split("\n") if not x.startswith(("Date:", "Server:"))]
        return "\n".join([*kept, "", body])


@contextmanager
def serve(app: Flask) -> Iterator[Server]:
    """Run a real server for an app while the block lasts."""
    logging.getLogger("werkzeug").disabled = True
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Server(server.server_address)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def start(
    lesson: str,
    command: str,
    files: dict[str, str] | None = None,
    env: dict[str, str] | None = None,
    crash: str | None = None,
) -> "remote.Server":
    """Start a real server as a terminal would, in a copy of a lesson's solution.

    files replace those of the solution, env is its environment, crash an address that
    will crash. The server has ``get``, ``post``, ``save`` and ``output``; it ends with
    the notebook. Raises an exception that holds its ``output`` where it does not serve.
    """
    from checks.engine.judging.code import Code
    from checks.engine.judging.trial import Trial
    from checks.engine.lessons import code_of, files_of

    given = {name: text.encode() for name, text in (files or {}).items()}
    code = Code(_worker(), {**code_of(files_of(_folder(lesson))), **given})
    return Trial(code, lesson, "").server(*command.split(), env=env, crash=crash)


@cache
def _worker() -> "process.Worker":
    from checks.engine.worker.process import Worker

    worker = Worker(slack=SLACK)
    atexit.register(worker.close)
    return worker


def check(lesson: str) -> None:
    """Check your own lesson, as ``make check`` does, and show the same verdict."""
    root = os.environ.get("WORKBOOK_ROOT", str(TOP / "lessons"))
    done = subprocess.run(
        [sys.executable, "-m", "checks.engine", "check", lesson,
         "--root", root, "--seed", SEED],
        cwd=TOP, env=_environment() | {"WORKBOOK_SETUP": "no"},
        text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE,
    )  # fmt: skip
    if done.returncode == 3:  # no verdict on anybody's code, so nothing to store
        raise RuntimeError(done.stdout)
    place = Path(root)
    inside = place.relative_to(TOP).as_posix() if place.is_relative_to(TOP) else root
    print(done.stdout.replace(f"{inside}/", "lessons/").strip("\n"))


# --- Output ---------------------------------------------------------------------------


def _display(plain: str, html: str | None = None, markdown: str | None = None) -> None:
    bundle = {"text/plain": plain, "text/html": html, "text/markdown": markdown}
    display({kind: text for kind, text in bundle.items() if text}, raw=True)


def _display_code(code: str, language: str, title: str) -> None:
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`{3,}", code) or [""]))
    caption = title.replace("__", r"\_\_")  # else __init__.py becomes a bold init.py
    _display(
        f"{title}\n\n{code}",
        markdown=f"*{caption}*\n\n{fence}{language}\n{code}\n{fence}",
    )

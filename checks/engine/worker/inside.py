"""The side beside the learner's code: run as a program, with a socket's number.

One warm process imports Flask once and forks. A fork unpacks the lesson's files into
a folder of its own, imports the app as Flask itself finds it, and answers questions
about it, or forks again with the app in it, once for every check. Nothing in here is trusted by the other
side: every answer is the learner's claim.
"""

import ast
import ctypes
import functools
import gc
import io
import json
import linecache
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import wire  # noqa: E402

sys.path.remove(HERE)
gc.disable()  # what is imported now stays to the end

import flask  # noqa: E402
import flask.cli  # noqa: E402
import flask.json.provider  # noqa: E402  warmed, so that no step pays for it
import flask.testing  # noqa: E402
from flask.sansio.scaffold import Scaffold  # noqa: E402
from werkzeug.exceptions import BadRequestKeyError  # noqa: E402
from werkzeug.wrappers import Response as BaseResponse  # noqa: E402

MOST_ANSWER = 16 * 1024 * 1024
CPU_SECONDS = 4
FILE_BYTES = 64 * 1024 * 1024
MEMORY_BYTES = 2 * 1024 * 1024 * 1024
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
WARM = frozenset(name for name in sys.modules if "." not in name)


# Processes: forked here, ended here.


def end(pid: int, patience: float = 0.0) -> tuple[int, int]:
    """Kill a child with its group; return its own exit code and signal, if it had any.

    A child that ends by itself within patience (seconds) keeps its own status: that
    is the one to report. The code is one more than it was, so that 0 means "killed".
    """
    deadline = time.monotonic() + patience
    done, status = os.waitpid(pid, os.WNOHANG)
    while not done and time.monotonic() < deadline:
        time.sleep(0.002)
        done, status = os.waitpid(pid, os.WNOHANG)
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # it had no group yet, or nobody is left in it
    if not done:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(pid, 0)
        return 0, 0
    if os.WIFSIGNALED(status):
        return 0, os.WTERMSIG(status)
    return os.WEXITSTATUS(status) + 1, 0


def threads() -> int:
    """Return how many threads this process has; a fork beside one may hang for ever."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:  # not Linux: those that Python knows
        return threading.active_count()


def adopt_orphans() -> None:
    """On Linux, have daemons that leave their group fall to this process."""
    if LIBC is not None:
        pr_set_child_subreaper = 36
        LIBC.prctl(pr_set_child_subreaper, 1, 0, 0, 0)


def end_orphans(living: set[int]) -> None:
    """End the adopted processes that are none of our own children."""
    for _ in range(50):
        try:
            with open(f"/proc/self/task/{os.getpid()}/children") as file:
                strays = {int(pid) for pid in file.read().split()} - living
        except OSError:
            return
        if not strays:
            return
        for pid in strays:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except (ProcessLookupError, ChildProcessError):
                pass


# The app, and what may be asked of it.


class Unfit(Exception):
    """A process that must not be forked: a fork would share more than memory."""


class Line(wire.Line):
    """A line on which sockets for forks may come along with a frame."""

    def __init__(self, sock: socket.socket):
        super().__init__(sock)
        self.fds: list[int] = []

    def take(self, size: int) -> bytes:
        """Read up to so many bytes, and keep the socket that comes along."""
        piece, fds, _, _ = socket.recv_fds(self.sock, size, 1)
        self.fds += fds
        return piece


class Child:
    """A process with a line: the warm one first, and every fork of it.

    A fork has a folder with the lesson's files, and the app in it.
    """

    def __init__(self, sock: socket.socket):
        self.line = Line(sock)
        self.living: set[int] = set()
        self.home = ""
        self.app = None
        self.as_loaded: object = None
        self.notes: list[dict] = []
        self.crash: dict | None = None
        self.refused: dict | None = None
        self.servers: list[Server] = []

    def live(self) -> None:
        """Answer frames until the other side hangs up; never return."""
        try:
            while True:
                head, body = self.line.receive()
                try:
                    answer = getattr(self, "do_" + head.pop("do"))(body, **head)
                except BaseException as error:  # SystemExit too is the app's answer
                    answer = {"error": self.describe(error)}
                if answer is None:  # a new process: the one it came from answers
                    continue
                told, content = answer if isinstance(answer, tuple) else (answer, b"")
                self.line.send(told, content)
        except wire.Closed:
            pass
        finally:
            for pid in self.living:
                end(pid)
            end_orphans(set())
            os._exit(0)

    def do_fork(self, body: bytes) -> dict | None:
        """Fork; the new process answers on the socket that came along."""
        theirs = socket.socket(fileno=self.line.fds.pop(0))
        pid = os.fork()
        if pid:
            theirs.close()
            self.living.add(pid)
            return {"pid": pid}
        self.line.close()
        self.line, self.living = Line(theirs), set()
        os.setsid()
        limit(CPU_SECONDS)
        silence()
        return None

    def do_fit(self, body: bytes) -> dict:
        """Raise Unfit where a fork is not as good as a process made anew."""
        if self.state() != self.as_loaded:
            raise Unfit("its files or what it holds open have changed")
        return {}

    def do_end(self, body: bytes, pid: int, patience: float) -> dict:
        """End a fork of this process, and all that it left."""
        code, number = end(pid, patience) if pid in self.living else (0, 0)
        self.living.discard(pid)
        end_orphans(self.living)
        return {"code": code, "signal": number}

    def state(self) -> object:
        """Return what two forks would share: the folder's files, threads, open files.

        The warm process has no folder, and no state to lose.
        """
        if not self.home:
            return None
        tree = []
        for folder, _, names in os.walk(self.home):
            for name in [".", *names]:
                path = os.path.join(folder, name)
                told = os.lstat(path)
                tree.append((path, told.st_mtime_ns, told.st_size))
        return sorted(tree), threads(), len(os.listdir("/dev/fd"))

    def do_unpack(self, body: bytes, home: str, files: list, env: dict) -> dict:
        """Write the lesson's files into a new folder and make it the current one."""
        self.home = os.path.realpath(home)
        os.makedirs(self.home, exist_ok=True)  # also for a lesson without any files
        at = 0
        for name, size in files:
            path = os.path.join(self.home, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(body[at : at + size])
            at += size
        os.chdir(self.home)
        os.environ.update(env)
        return {}

    def do_load(self, body: bytes, config: dict, crash: str | None) -> dict:
        """Import the app the way `flask run` does."""
        self.refuse_shadows()
        self.watch_the_import()
        fewest = len(os.listdir("/dev/fd"))
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        self.app = flask.cli.ScriptInfo().load_app()
        self.app.config.update(config)
        if crash:
            self.app.add_url_rule(crash, "crash_on_purpose", crash_on_purpose)
        flask.got_request_exception.connect(self.note_crash, self.app)
        if threads() == 1 and len(os.listdir("/dev/fd")) == fewest:
            adopt_orphans()
            self.as_loaded = self.state()
        return {"notes": self.notes}

    def do_request(self, body: bytes, environ: dict) -> tuple[dict, bytes]:
        """Call the app once and return its status line, headers and body."""
        self.crash = self.refused = None
        answer: dict = {}
        environ |= {
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0),
        }

        def start_response(status, headers, exc_info=None):
            answer["status"] = str(status)
            answer["headers"] = [[str(name), str(value)] for name, value in headers]

        result = self.app(environ, start_response)
        pieces, size = [], 0
        try:
            for piece in result:
                size += len(piece)
                if size > MOST_ANSWER:
                    answer["endless"] = size
                    break
                pieces.append(piece)
        finally:
            if hasattr(result, "close"):
                result.close()
        answer |= {"crash": self.crash, "refused": self.refused}
        return answer, b"".join(pieces)

    def do_config(self, body: bytes, key: str) -> dict:
        """Return one configuration value, as far as JSON can carry it."""
        value = self.app.config.get(key)
        return {"value": json.loads(json.dumps(value, default=str))}

    def do_routes(self, body: bytes) -> dict:
        """Return the URL map as a list of rules."""
        rules = [
            {
                "rule": rule.rule,
                "endpoint": rule.endpoint,
                "methods": sorted(rule.methods or ()),
                "view": self.place_of(self.app.view_functions.get(rule.endpoint)),
            }
            for rule in self.app.url_map.iter_rules()
        ]
        return {"routes": sorted(rules, key=lambda rule: rule["rule"])}

    def do_python(self, body: bytes) -> dict:
        """Run a snippet in the lesson's folder; return its last expression's value."""
        self.refuse_shadows()
        self.watch_the_import(forbid_run=True)
        sys.path.insert(0, self.home)
        tree = ast.parse(body.decode())
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        names = {"__name__": "snippet"}
        exec(compile(tree, "<snippet>", "exec"), names)
        value = None
        if last is not None:
            value = eval(
                compile(ast.Expression(last.value), "<snippet>", "eval"), names
            )
        return {"value": json.loads(json.dumps(value, default=str))}

    def do_files(self, body: bytes) -> tuple[dict, bytes]:
        """Return every file that is in the folder now."""
        listing, pieces = [], []
        for folder, _, names in os.walk(self.home):
            for name in sorted(names):
                path = os.path.join(folder, name)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                with open(path, "rb") as file:
                    content = file.read(MOST_ANSWER)
                listing.append([os.path.relpath(path, self.home), len(content)])
                pieces.append(content)
        return {"files": listing}, b"".join(pieces)

    def do_run(self, body: bytes, command: list, env: dict, wait: float) -> dict:
        """Run a command to its end; return its exit code and what it printed."""
        process = start(command, env, stdin=subprocess.DEVNULL)
        try:
            out, err = process.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            return {"code": None, "stdout": tail(out), "stderr": tail(err)}
        return {"code": process.returncode, "stdout": tail(out), "stderr": tail(err)}

    def do_serve(
        self, body: bytes, command: list, env: dict, crash: str | None, wait: float
    ) -> dict:
        """Start a server on a free port and wait until it answers or ends."""
        server = Server(command, env, crash, self.home)
        self.servers.append(server)
        answers = server.wait(wait)
        return {
            "server": len(self.servers) - 1,
            "answers": answers,
            "code": server.process.poll(),
            "output": server.output(),
        }

    def do_exchange(self, body: bytes, server: int, wait: float) -> tuple[dict, bytes]:
        """Send raw bytes to a server of ours; return all that it sends back."""
        return {}, self.servers[server].exchange(body, wait)

    def do_write(self, body: bytes, path: str) -> dict:
        """Save a file again, as an editor would while a server runs."""
        with open(os.path.join(self.home, path), "wb") as file:
            file.write(body)
        return {}

    def do_output(self, body: bytes, server: int) -> dict:
        """Return what a server has printed, and its exit code if it has ended."""
        running = self.servers[server]
        return {"output": running.output(), "code": running.process.poll()}

    def do_stop(self, body: bytes, server: int, number: int, wait: float) -> dict:
        """Send a server a signal and wait for its end."""
        process = self.servers[server].process
        process.send_signal(number)
        try:
            return {"code": process.wait(wait)}
        except subprocess.TimeoutExpired:
            return {"code": None}

    def refuse_shadows(self) -> None:
        """Refuse a file that hides a module which Flask itself imports.

        The warm process has the real module already and would never notice; a
        plain `python app.py` would not even start.
        """
        for name in sorted(os.listdir(self.home)):
            stem, dot, ending = name.partition(".")
            if stem in WARM and (
                ending == "py" or (not dot and has_init(self.home, name))
            ):
                raise ShadowedModule(name)

    def watch_the_import(self, forbid_run: bool = False) -> None:
        """Note what a file does while it is imported, and keep app.run() from blocking."""
        child = self

        @functools.wraps(flask.Flask.run)
        def run(self, *args, **kwargs):
            child.notes.append({"kind": "run", **child.caller()})
            if forbid_run:
                raise StartedServer("app.run() was called while the file was imported")

        @functools.wraps(Scaffold.route)
        def route(self, *args, **kwargs):
            rule = args[0] if args else kwargs.get("rule")
            if callable(rule):
                name = getattr(rule, "__name__", "?")
                child.notes.append(
                    {"kind": "bare route", "name": name, **child.caller()}
                )
                return real_route(self, *args, **kwargs)
            alone = {"kind": "no view", "name": str(rule), **child.caller()}
            decorator = real_route(self, *args, **kwargs)
            child.notes.append(alone)

            @functools.wraps(decorator)
            def decorate(view):
                child.notes[:] = [note for note in child.notes if note is not alone]
                return decorator(view)

            return decorate

        @functools.wraps(flask.Flask.__init__)
        def init(self, *args, **kwargs):
            child.notes.append({"kind": "app", **child.caller()})
            return real_init(self, *args, **kwargs)

        @functools.wraps(flask.Flask.handle_user_exception)
        def handle(self, error):
            if isinstance(error, BadRequestKeyError):  # Flask answers it with 400
                key = str(error.args[0]) if error.args else ""
                child.refused = {**child.describe(error), "message": key}
            return real_handle(self, error)

        real_handle = flask.Flask.handle_user_exception
        flask.Flask.handle_user_exception = handle
        real_route, Scaffold.route = Scaffold.route, route
        real_init, flask.Flask.__init__ = flask.Flask.__init__, init
        flask.Flask.run = run

    def caller(self) -> dict:
        """Return the learner's line that led here."""
        frame = sys._getframe(1)
        while frame and not frame.f_code.co_filename.startswith(self.home + os.sep):
            frame = frame.f_back
        if frame is None:
            return {}
        file = os.path.relpath(frame.f_code.co_filename, self.home)
        return {"file": file, "line": frame.f_lineno}

    def note_crash(self, sender, exception, **extra) -> None:
        """Remember the exception behind a 500, with what helps to explain it."""
        self.crash = self.describe(exception)
        self.crash["endpoints"] = sorted(sender.view_functions)
        view = sender.view_functions.get(flask.request.endpoint)
        returned = getattr(returned_callable(exception), "__name__", "")
        self.crash["returned"] = returned
        code = getattr(view, "__code__", None)
        if code and code.co_filename.startswith(self.home + os.sep):
            file = os.path.relpath(code.co_filename, self.home)
            self.crash["view"] = {
                "name": view.__name__,
                "file": file,
                **(return_line(code, returned) or {"line": code.co_firstlineno}),
            }

    def place_of(self, view) -> str:
        """Return which function a view is, as ``index() in app.py, line 17``."""
        code = getattr(view, "__code__", None)
        if code is None:
            return ""
        name = getattr(view, "__name__", "?")
        file = self.relative(code.co_filename)
        return f"{name}() in {file}, line {code.co_firstlineno}"

    def describe(self, error: BaseException) -> dict:
        """Return an exception as data: type, message, and the learner's own frames."""
        if isinstance(error, flask.cli.NoAppException):
            inner = error.__context__
            if isinstance(inner, ImportError) and "While importing" in str(error):
                error = inner
        told = {
            "type": type(error).__name__,
            "message": text_of(error),
            "frames": self.frames(error),
            "notes": self.notes,
        }
        if isinstance(error, SyntaxError):
            told["syntax"] = {
                "file": self.relative(error.filename or ""),
                "line": error.lineno,
                "column": error.offset,
                "text": (error.text or "").rstrip("\n")[:200],
            }
        if told["type"] == "TemplateNotFound":
            told["templates"] = self.templates()
        return told

    def frames(self, error: BaseException) -> list[dict]:
        """Return the frames of a traceback that lie in the lesson's folder."""
        return [
            {
                "file": self.relative(frame.filename),
                "line": frame.lineno,
                "name": frame.name,
                "source": (frame.line or "")[:200],
            }
            for frame in traceback.extract_tb(error.__traceback__)
            if not frame.filename.startswith("<")
            and os.path.realpath(frame.filename).startswith(self.home + os.sep)
        ][-6:]

    def relative(self, path: str) -> str:
        """Return a path inside the lesson's folder without that folder."""
        path = os.path.realpath(path)
        return os.path.relpath(path, self.home) if path.startswith(self.home) else path

    def templates(self) -> dict:
        """Return where templates are looked for, and which files are there."""
        searched, files = [], []
        if self.app is None:
            return {"searched": [], "files": []}
        loaders = [self.app, *self.app.blueprints.values()]
        for loader in filter(None, (owner.jinja_loader for owner in loaders)):
            for folder in loader.searchpath:
                searched.append(self.relative(folder))
        for folder, _, names in os.walk(self.home):
            files += [
                os.path.relpath(os.path.join(folder, name), self.home) for name in names
            ]
        files = [name for name in files if "template" in name or name.endswith(".html")]
        return {"searched": searched, "files": sorted(files)[:20]}


class ShadowedModule(Exception):
    """A file of the learner's hides a library's module."""


class StartedServer(Exception):
    """A file started a server while it was imported."""


class Server:
    """A server started from the lesson's folder, reached by raw bytes."""

    def __init__(self, command: list, env: dict, crash: str | None, home: str):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        env = {**env, "WORKBOOK_PORT": str(self.port), "WORKBOOK_CRASH": crash or ""}
        self.log = open(os.path.join(os.path.dirname(home), f"{self.port}.log"), "w+b")
        self.process = start(
            command, env, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL
        )

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
            while size < MOST_ANSWER and (left := deadline - time.monotonic()) > 0:
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
        self.log.seek(max(0, self.log.tell() - 20_000))
        return tail(self.log.read())


def start(command: list, env: dict, **streams) -> subprocess.Popen:
    """Start `python …` or `flask …` as the learner would type it, on our Python."""
    words = list(command)
    if words[0] in ("python", "python3"):
        words = words[1:]
    runner = [sys.executable, "-B", os.path.join(HERE, "runner.py")]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1", **env}
    environ.pop("FLASK_RUN_FROM_CLI", None)
    streams.setdefault("stdout", subprocess.PIPE)
    streams.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([*runner, *words], env=environ, **streams)


def warm_up() -> None:
    """Answer one request for an app of our own, so that no check waits for what is lazy.

    Flask, Werkzeug and the standard library import and compile some things only when
    the first request comes; a fork would do so again each time.
    """
    app = flask.Flask("warm_up")
    app.add_url_rule("/<int:number>", "page", lambda number: {"number": number})
    app.test_client().get("/1?a=b", headers={"Cookie": "a=b"})
    # Never collected in a fork: that would touch, and so copy, all of this memory.
    gc.freeze()
    gc.enable()


def crash_on_purpose():
    """Be the address that always crashes, so that no lesson has to keep one."""
    raise RuntimeError("this address crashes on purpose")


def returned_callable(error: BaseException):
    """Return the function that a view returned uncalled, None if it did not.

    Flask runs a callable as a WSGI app, so what it raises says nothing of the view.
    """
    found = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code is BaseResponse.force_type.__func__.__code__:
            found = frame.f_locals.get("response")
    return found if callable(found) else None


def return_line(code, name: str) -> dict | None:
    """Return the line of a function that says ``return name``, None without one."""
    lines = sorted({line for _, _, line in code.co_lines() if line}) if name else []
    for line in lines:
        source = linecache.getline(code.co_filename, line).strip()
        if source.partition("#")[0].split() == ["return", name]:
            return {"line": line, "source": source[:200]}
    return None


def has_init(home: str, name: str) -> bool:
    return os.path.isfile(os.path.join(home, name, "__init__.py"))


def text_of(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return "(its message could not be read)"


def tail(printed: bytes) -> str:
    return printed[-20_000:].decode("utf-8", "replace")


def limit(cpu_seconds: int) -> None:
    """Bound what one step may take; a laptop should survive an endless loop."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS accepts the call and refuses the value
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def silence() -> None:
    """Send what the app prints to nowhere: the running app shows it, not the check."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


if __name__ == "__main__":
    warm_up()
    adopt_orphans()
    Child(socket.socket(fileno=int(sys.argv[1]))).live()
    os._exit(0)  # taking Python apart would cost every check 30 ms

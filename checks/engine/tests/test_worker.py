"""The worker: what the learner's code can do to a check, and what it cannot."""

import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from checks.engine.judging.code import Code
from checks.engine.judging.trial import Trial
from checks.engine.tests.small import alive, wait_until
from checks.engine.worker import process as process_module
from checks.engine.worker import remote
from checks.engine.worker.inside import wire
from checks.engine.worker.process import INSIDE, AppError, Lost, Worker
from checks.engine.worker.remote import NotAnswering, RemoteApp, Server

APP = """
from flask import Flask, request
app = Flask(__name__)

@app.route("/", methods=["GET", "POST"])
def index():
    {body}

if __name__ == "__main__":
    app.run()
"""


@pytest.fixture
def process(worker):
    """Fork a process for an app with this body, or with these files."""
    started = []

    def fork(body="return 'hello'", env=None, **files):
        given = {"app.py": APP.format(body=body).encode()} | {
            name.replace("_py", ".py"): content.encode()
            for name, content in files.items()
        }
        started.append(worker.fork(given, env))
        return started[-1]

    yield fork
    for one in started:
        one.close()


def get(process, path="/", **kwargs):
    return RemoteApp(process.load()).test_client().get(path, **kwargs)


def test_a_request_goes_there_and_back(process):
    app = RemoteApp(
        process("return request.get_data() + b'!', 418, {'X-A': 'b'}").load()
    )
    response = app.test_client().post("/", data=b"\x00\xff")
    assert (response.status_code, response.data) == (418, b"\x00\xff!")
    assert response.headers.get("X-A") == "b"
    assert [r["rule"] for r in app.routes] == ["/", "/static/<path:filename>"]
    assert app.config["TESTING"] is False
    assert app.config["NO_SUCH_KEY"] is None


def test_configuration_arrives_before_the_first_request(process):
    app = RemoteApp(process("return app.config['NAME']").load({"NAME": "given"}))
    assert app.test_client().get("/").text == "given"


def test_a_crashing_address_can_be_added(process):
    app = RemoteApp(process().load(crash="/crash-here"))
    assert app.test_client().get("/crash-here").status_code == 500
    assert "on purpose" in app.process.exchanges[-1]["crash"]["message"]


def test_an_exception_behind_a_500_comes_along_with_the_learners_line(process):
    forked = process("return {}['title']")
    assert get(forked).status_code == 500
    crash = forked.exchanges[-1]["crash"]
    assert (crash["type"], crash["message"]) == ("KeyError", "'title'")
    assert crash["frames"][-1]["source"] == "return {}['title']"
    assert crash["frames"][-1]["file"] == "app.py"


def test_an_exception_that_escapes_the_app_is_raised(process):
    app = RemoteApp(process("1 / 0").load({"PROPAGATE_EXCEPTIONS": True}))
    with pytest.raises(AppError) as caught:
        app.test_client().get("/")
    assert caught.value.type_name == "ZeroDivisionError"
    assert caught.value.frames[-1]["name"] == "index"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os; os._exit(3)", "exit code 3"),
        ("import ctypes; ctypes.string_at(0)", "SIGSEGV"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "SIGKILL"),
        ("return (b'x' * 100_000 for _ in iter(int, 1))", "endless"),
        ("return 'x' * 20_000_000", "more than 16 MB"),
    ],
    ids=["exit", "crash", "kill", "endless body", "big body"],
)
def test_what_ends_or_floods_the_app_is_named(process, body, said):
    with pytest.raises(Lost, match=said):
        get(process(body))


def test_an_endless_loop_is_stopped_by_its_computing_time(process):
    forked = process("while True: pass")
    app = RemoteApp(forked.load())
    with pytest.raises(Lost, match="endless loop"):
        forked.ask("request", environ=environ(), seconds=60)
    assert app.process is forked


def test_a_sleeping_app_is_stopped_by_the_clock(process):
    forked = process("import time; time.sleep(600)")
    RemoteApp(forked.load())
    with pytest.raises(Lost, match="no answer within 0.2 seconds"):
        forked.ask("request", environ=environ(), seconds=0.2)


def test_code_that_nobody_judges_is_given_more_time():
    worker = Worker(slack=0.1)
    try:
        worker._warm.slack = 1.0  # its own start is no code of a learner's
        forked = worker.fork({"app.py": b"import time; time.sleep(600)"})
        forked.slack = worker.slack
        with pytest.raises(Lost, match="no answer within 1 seconds"):
            forked.load()
    finally:
        worker.close()


def environ():
    return {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "SERVER_NAME": "x", "SERVER_PORT": "80",
            "wsgi.url_scheme": "http"}  # fmt: skip


def test_300_mb_of_printing_does_no_harm(process):
    assert get(process("print('x' * 300_000_000); return 'done'")).text == "done"


def test_a_file_without_end_is_stopped(process):
    body = "open('big', 'wb').write(b'x' * 100_000_000); return 'written'"
    forked = process(body)
    assert get(forked).status_code == 500
    assert forked.exchanges[-1]["crash"]["type"] == "OSError"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 200, "headers": []}, "status line"),
        ({"status": "abc", "headers": []}, "status line"),
        ({"status": "200 OK"}, "header"),
        ({"status": "200 OK", "headers": [["A"]]}, "header"),
        ({"status": "200 OK", "headers": [["A", "b\r\nC: d"]]}, "header"),
        ({"status": "200 OK\r\nX: y", "headers": []}, "status line"),
        ({"status": "200 OK", "headers": [["A", 5]]}, "header"),
    ],
)
def test_an_answer_of_the_wrong_types_is_refused(answer, said):
    with pytest.raises(Lost, match=said):
        remote._answer({}, print, answer.get("status"), answer.get("headers"), b"")


@pytest.mark.parametrize(
    "raw",
    [
        struct.pack("!II", 2**31, 0),
        struct.pack("!II", 10, 2**31),
        struct.pack("!II", 3, 0) + b"{]}",
        struct.pack("!II", 4, 0) + b"[42]",
        struct.pack("!II", 200_000, 0) + b"[" * 200_000,
    ],
    ids=["huge head", "huge body", "no JSON", "no object", "nested"],
)
def test_a_forged_frame_is_refused(raw):
    ours, theirs = socket.socketpair()
    sender = threading.Thread(target=theirs.sendall, args=[raw])
    with ours, theirs:
        sender.start()
        with pytest.raises(wire.Malformed):
            wire.Line(ours).receive(5)
        sender.join()


def test_a_slow_frame_gets_no_more_time_than_a_silent_one():
    def drip():
        for byte in wire.pack({"a": "b" * 100}):
            theirs.send(bytes([byte]))
            time.sleep(0.02)

    ours, theirs = socket.socketpair()
    sender = threading.Thread(target=drip)
    with ours, theirs:
        sender.start()
        with pytest.raises(TimeoutError):
            wire.Line(ours).receive(0.3)
        assert sender.is_alive(), "it was not waited for"
        sender.join()


def test_frames_that_come_together_are_told_apart():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(wire.pack({"a": 1}, b"x") + wire.pack({"b": 2}) + b"\0")
        line = wire.Line(ours)
        assert [line.receive(5), line.receive(5)] == [({"a": 1}, b"x"), ({"b": 2}, b"")]
        with pytest.raises(TimeoutError):
            line.receive(0.01)


def test_a_frame_that_breaks_off_is_a_closed_connection():
    ours, theirs = socket.socketpair()
    with ours:
        theirs.sendall(struct.pack("!II", 5, 0) + b"{")
        theirs.close()
        with pytest.raises(wire.Closed):
            wire.Line(ours).receive(5)


IS_SOCKET = """
def is_socket(n):
    import os, stat
    try:
        return stat.S_ISSOCK(os.fstat(n).st_mode)
    except OSError:
        return False
"""


def forging(raw):
    """Return an app that sends bytes of its own to whoever judges it."""
    body = f"import os; [os.write(n, {raw!r}) for n in range(3, 20) if is_socket(n)]"
    return {"app.py": (IS_SOCKET + APP.format(body=body + "; return 'x'")).encode()}


def test_forged_answers_from_the_learners_side_cost_only_that_process(worker, process):
    bad = worker.fork(forging(b"x" * 99))
    with pytest.raises(Lost):
        get(bad)
    bad.close()
    assert get(process()).text == "hello"


def test_an_answer_that_comes_before_its_question_is_none(worker):
    answer = {"status": "200 OK", "headers": [["Content-Type", "text/html"]]}
    bad = worker.fork(forging(wire.pack(answer, b"forged") * 2))
    assert get(bad).text == "forged", "its claim, as good as any other"
    with pytest.raises(Lost, match="before it was asked") as caught:
        bad.ask("routes")
    assert caught.value.how == "malformed"


def test_the_environment_is_clean(process, monkeypatch):
    for name in ("FLASK_DEBUG", "SECRET_KEY", "DATABASE_URL", "APP_ENV"):
        monkeypatch.setenv(name, "of this machine")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    body = "import os, sys; return {**os.environ, 'utf8': sys.flags.utf8_mode}"
    fresh = Worker()
    try:
        seen = get(
            fresh.fork({"app.py": APP.format(body=body).encode()}, {"GIVEN": "yes"})
        ).json
    finally:
        fresh.close()
    assert (seen["GIVEN"], seen["utf8"]) == ("yes", 1)
    assert not {"FLASK_DEBUG", "SECRET_KEY", "DATABASE_URL", "APP_ENV"} & seen.keys()
    assert seen["HOME"] != os.environ.get("HOME")


def test_no_check_sees_what_another_left(process):
    body = (
        "import os; seen = os.path.exists('left'); open('left', 'w'); return str(seen)"
    )
    assert [get(process(body)).text for _ in range(2)] == ["False", "False"]


def test_a_loaded_app_is_forked_once_for_every_check(worker):
    body = "hits.append(1); return str(len(hits))"
    app = "from hits import hits\n" + APP.format(body=body)
    files = {"app.py": app.encode(), "hits.py": b"hits = []\n"}
    loaded = worker.fork(files).load()
    for _ in range(2):
        copy = loaded.fork()
        client = RemoteApp(copy).test_client()
        assert [client.get("/").text, client.get("/").text] == ["1", "2"]
        copy.close()
    loaded.close()


@pytest.mark.parametrize(
    "line",
    [
        "import threading, time\nthreading.Thread(target=time.sleep, args=[60]).start()",
        "file = open(__file__)",
    ],
    ids=["a thread", "an open file"],
)
def test_an_app_that_holds_more_than_memory_is_not_forked(worker, line):
    app = f"{APP.format(body='return 1')}\n{line}\n"
    loaded = worker.fork({"app.py": app.encode()}).load()
    with pytest.raises(AppError, match="Unfit"):
        loaded.fork()
    loaded.close()


def test_an_app_that_wrote_a_file_is_imported_anew(worker):
    body = "seen = os.path.exists('left'); open('left', 'w'); return str(seen)"
    app = "import os\n" + APP.format(body=body)
    code = Code(worker, {"app.py": app.encode()})
    for _ in range(3):
        process = code.app()
        assert RemoteApp(process).test_client().get("/").text == "False"
        process.close()
    code.close()


def test_what_one_copy_wrote_the_next_does_not_find(worker):
    body = "seen = sorted(os.listdir('.')); open('app.py', 'w'); os.remove('a/b.txt'); "
    body += "os.makedirs('new/deep'); open('new/deep/file', 'w'); return str(seen)"
    app = "import os\n" + APP.format(body=body)
    loaded = worker.fork({"app.py": app.encode(), "a/b.txt": b"kept"}).load()
    for _ in range(3):
        copy = loaded.fork(ahead=True)
        assert RemoteApp(copy).test_client().get("/").text == "['a', 'app.py']"
        told, body = copy.ask("files")
        assert told["files"] == [["app.py", 0], ["new/deep/file", 0]]
        copy.close()
    told, body = loaded.fork().ask("files")
    assert body == app.encode() + b"kept"
    loaded.close()


@pytest.mark.parametrize("waited_for", [True, False])
def test_only_who_waits_has_a_copy_begun_ahead(worker, waited_for):
    loaded = worker.fork({"app.py": APP.format(body="return 'a'").encode()}).load()
    loaded.waited_for = waited_for
    for _ in range(2):
        copy = loaded.fork(ahead=True)
        assert RemoteApp(copy).test_client().get("/").text == "a"
        copy.close()
        assert (loaded._spare is not None) == waited_for
    loaded.close()


def test_a_copy_that_still_writes_keeps_others_from_starting(worker):
    app = "import os\n" + APP.format(body="open('left', 'w'); return 'done'")
    loaded = worker.fork({"app.py": app.encode()}).load()
    first = loaded.fork()
    RemoteApp(first).test_client().get("/")
    with pytest.raises(AppError, match="Unfit"):
        loaded.fork()
    loaded.close()


def test_a_library_of_later_lessons_is_imported_once(worker):
    app = f"import flask_wtf, time\n{APP.format(body='return 1')}".encode()
    seen = (
        "import sys; loaded = sorted(m for m in sys.modules if m == 'wtforms'); loaded"
    )
    for files, names in [({}, []), ({"app.py": app}, ["wtforms"])]:
        told, _ = worker.fork(files).ask("python", seen.encode())
        assert told["value"] == names
    hidden = {"app.py": app, "wtforms.py": b""}
    with pytest.raises(AppError, match="ShadowedModule"):
        worker.fork(hidden).load()
    own = {"app.py": APP.format(body="return 1").encode(), "wtforms.py": b""}
    worker.fork(own).load()  # nobody there uses the library


def test_a_command_of_the_app_runs_in_its_process(worker):
    app = APP.format(body="return str(len(ran))") + "\nran = []\nimport click\n"
    app += "@app.cli.command('go')\ndef go(): ran.append(1); click.echo('gone')\n"
    app += "@app.cli.command('crash')\ndef crash(): 1 / 0\n"
    remote = RemoteApp(worker.fork({"app.py": app.encode()}).load())
    assert remote.invoke("go") == (0, "gone\n", "")
    assert remote.test_client().get("/").text == "1"
    assert remote.invoke("went")[0] == 2
    with pytest.raises(AppError, match="ZeroDivisionError"):
        remote.invoke("crash")


def test_an_import_that_fails_is_tried_once_for_all_checks(worker):
    code = Code(worker, {"app.py": b"import no_such_module"})
    raised = []
    for _ in range(2):
        with pytest.raises(AppError, match="no_such_module") as caught:
            code.app()
        raised.append(caught.value)
    assert raised[0] is raised[1]


def test_what_the_app_wrote_can_be_read(process):
    forked = process(
        "import os; os.makedirs('a'); open('a/b', 'wb').write(b'\\0x'); return 'ok'"
    )
    get(forked)
    told, content = forked.ask("files")
    assert told["files"] == [["app.py", len(content) - 2], ["a/b", 2]]
    assert content.endswith(b"\0x")


def test_more_files_than_can_be_read_are_said_to_be_too_large(worker):
    body = "[open(n, 'wb').write(b'x' * 12_000_000) for n in 'abc']; return 'ok'"
    code = Code(worker, {"app.py": APP.format(body=body).encode()})
    trial = Trial(code, "lessons/x", "seed")
    assert trial.make_app().test_client().get("/").text == "ok"
    with pytest.raises(Lost, match="more than 16 MB"):
        trial.written()
    trial.close()
    code.close()


def test_nothing_is_left_after_a_step(worker):
    daemon = (
        "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', "
        "'import time; time.sleep(600)'], start_new_session=True); return str(p.pid)"
    )
    forked = worker.fork({"app.py": APP.format(body=daemon).encode()})
    pid = int(get(forked).text)
    folder = forked.folder
    assert alive(pid)
    forked.close()
    assert not folder.exists()
    if sys.platform == "linux":  # elsewhere only the group is ours to end
        assert not alive(pid)


def test_our_modules_inside_are_compiled_once(tmp_path, monkeypatch):
    inside = Path(shutil.copytree(INSIDE.parent, tmp_path / "inside"))
    shutil.rmtree(inside / "__pycache__", ignore_errors=True)
    monkeypatch.setattr(process_module, "INSIDE", inside / "__main__.py")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compile_inside = process_module.compile_inside.__wrapped__
    compile_inside()
    assert not (inside / "__pycache__").exists()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)

    def compiled():
        found = inside.glob("__pycache__/*.pyc")
        return {path.name.partition(".")[0]: path.stat().st_mtime_ns for path in found}

    compile_inside()
    first = compiled()
    assert {*first} == {path.stem for path in inside.glob("*.py")}
    later = time.time() + 10
    os.utime(inside / "wire.py", (later, later))
    compile_inside()
    assert {name for name in first if compiled()[name] != first[name]} == {"wire"}


def test_a_warm_process_that_died_is_replaced(worker):
    warm = worker._process
    os.kill(warm.pid, signal.SIGKILL)
    warm.wait()
    forked = worker.fork({"app.py": APP.format(body="return 'again'").encode()})
    assert get(forked).text == "again"
    forked.close()


def test_the_worker_ends_with_its_judge():
    code = (
        "from checks.engine.worker.process import *; from checks.engine.worker.remote import *\n"
        "import os, sys\n"
        "w = Worker(); p = w.fork({'app.py': b'from flask import Flask\\napp = Flask(__name__)'})\n"
        "RemoteApp(p.load()); print(w._process.pid, p._pid, flush=True); sys.stdin.read()\n"
    )
    judge = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    pids = [int(word) for word in judge.stdout.readline().split()]
    assert all(alive(pid) for pid in pids)
    judge.kill()
    judge.communicate()
    wait_until(lambda: not any(alive(pid) for pid in pids))


def test_two_saves_of_one_length_within_a_second_run_the_new_code(worker, monkeypatch):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    said = []
    for word in ("old", "new"):
        files = {"app.py": APP.format(body="import words; return words.WORD").encode(),
                 "words.py": f"WORD = {word!r}\n".encode()}  # fmt: skip
        forked = worker.fork(files)
        said.append(get(forked).text)
        assert "__pycache__" not in str(forked.ask("files")[0])
        forked.close()
    assert said == ["old", "new"]


def test_beside_the_learners_code_stands_nothing_else_of_ours(process):
    listing = (
        "import sys\n{n: getattr(m, '__file__', '') for n, m in sys.modules.items()}"
    )
    told, _ = process().ask("python", listing.encode())
    ours = {n: f for n, f in told["value"].items() if f and "checks/engine" in f}
    assert {Path(file).parent for file in ours.values()} == {INSIDE.parent}
    assert {name.partition(".")[0] for name in ours} == {"_workbook", "__main__"}


def test_the_trusted_side_runs_none_of_it_but_what_both_share():
    code = "import sys, checks.engine.worker.remote; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    top = Path(__file__).parents[3]
    listing = subprocess.run(command, cwd=top, capture_output=True, text=True).stdout
    inside = "checks.engine.worker.inside"
    mine = {name for name in listing.split() if name.startswith(inside)}
    shared = ("libraries", "programs", "wire")
    assert mine <= {inside, *(f"{inside}.{name}" for name in shared)}


OURS = sorted(path.stem for path in INSIDE.parent.glob("[a-z]*.py"))


@pytest.mark.parametrize("module", [*OURS, "resource"])
def test_the_names_of_our_modules_are_free_for_a_lessons_own(process, module):
    forked = process(**{f"{module}_py": "MINE = 1\n"})
    told, _ = forked.ask("python", f"import {module}\n{module}.MINE".encode())
    assert told["value"] == 1


@pytest.mark.parametrize("module", [name for name in OURS if name != "app"])
def test_without_a_file_of_its_own_a_lesson_has_no_module_of_that_name(process, module):
    with pytest.raises(AppError, match=f"No module named '{module}'"):
        process().ask("python", f"import {module}".encode())


def test_a_file_that_hides_a_module_of_flasks_is_named(process):
    with pytest.raises(AppError, match="ShadowedModule: jinja2.py"):
        get(process(jinja2_py=""))


def test_python_runs_a_snippet_and_returns_its_value(process):
    told, _ = process().ask("python", b"import app\n[app.__name__, 1 + 1]")
    assert told["value"] == ["app", 2]


def test_an_import_that_starts_a_server_is_an_error_of_its_own(process):
    forked = process(
        app_py="from flask import Flask\napp = Flask(__name__)\napp.run()\n"
    )
    with pytest.raises(AppError) as caught:
        forked.ask("python", b"import app")
    assert caught.value.type_name == "StartedServer"
    assert caught.value.frames[-1]["line"] == 3


def test_python_app_py_is_served_on_a_free_port(process):
    server = Server(process(), ("python", "app.py"), {}, "/crash-here")
    assert server.get("/?a=b").text == "hello"
    assert server.post("/", data={"a": "b"}).text == "hello"
    assert server.get("/crash-here").status_code == 500
    assert "GET /?a=b" in server.output
    assert server.stop() == -signal.SIGTERM


def test_flask_run_reloads_after_a_save(process):
    server = Server(process(), ("flask", "run", "--debug"), {}, None)
    server.save("app.py", APP.format(body="return 'changed'"))

    def changed():
        try:
            return server.get("/").text == "changed"
        except (AppError, Lost, NotAnswering):  # it is between two processes
            return False

    wait_until(changed)


def test_a_command_that_serves_nothing_says_what_it_printed(process):
    with pytest.raises(NotAnswering) as caught:
        Server(process(app_py="print('only this')"), ("python", "app.py"), {}, None)
    assert caught.value.code == 0
    assert "only this" in caught.value.output


def test_a_command_runs_to_its_end(process):
    head = {
        "command": ["python", "-c", "import sys; print(1); sys.exit(4)"],
        "env": {},
        "wait": 10,
    }
    told, _ = process().ask("run", seconds=12, **head)
    assert (told["code"], told["stdout"]) == (4, "1\n")


def test_a_server_is_gone_with_its_step(worker):
    forked = worker.fork({"app.py": APP.format(body="return 'x'").encode()})
    Server(forked, ("flask", "run", "--debug"), {}, None)
    mine = servers_below(worker._process.pid)
    forked.close()
    assert mine
    wait_until(lambda: not any(alive(pid) for pid in mine))


def servers_below(top):
    """Return the processes of `flask run` that come from one; others judge, too."""
    words = ["ps", "-ewwo", "pid=,ppid=,args="]
    listing = subprocess.run(words, capture_output=True, text=True).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()]
    parents = {int(pid): int(parent) for pid, parent, *_ in rows}
    found = [int(pid) for pid, _, *args in rows if "runner.py flask run" in str(args)]
    return [pid for pid in found if top in ancestors(pid, parents)]


def ancestors(pid, parents):
    while pid in parents:
        yield (pid := parents[pid])

"""`make lesson`: every last save gets its verdict, the app is real, nothing is left."""

import contextlib
import io
import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest

from checks.engine import lessons
from checks.engine.learner.page import Page
from checks.engine.learner.running import App, Lines
from checks.engine.learner.saves import saves
from checks.engine.screen import Screen
from checks.engine.tests.small import SOLVED, STARTERS, wait_until

APP = "lessons/01_hello/app.py"
STARTER = STARTERS["01_hello"]["app.py"]


@pytest.fixture(autouse=True, scope="module")
def like_a_terminal():
    """Let a closed terminal be heard: nohup has it ignored, and what it starts inherits that."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def live(workbook):
    """Lesson 1, running, with its first verdict on the screen."""
    running = workbook.start("lesson", "1")
    running.until("0 of 2", "next:")
    running.workbook = workbook
    return running


def test_every_save_gets_a_verdict_and_the_app_shows_it(live):
    at = len(live.lines)
    live.workbook.write(APP, STARTER.replace("nothing", "hello"))
    live.until("1 of 2", after=at)
    wait_until(lambda: live.get() == "hello")
    at = len(live.lines)
    live.workbook.write(APP, SOLVED)
    live.until("2 of 2", "make lesson 2", after=at)
    wait_until(lambda: "done  2 of 2" in live.workbook.run("progress").out)


def test_two_saves_of_one_length_in_one_second_both_count(live):
    # The app and an imported module: bytecode of the first would pass for the second.
    app = SOLVED.replace("app = Flask", "from said import SAID\n\napp = Flask")
    live.workbook.write("lessons/01_hello/said.py", 'SAID = "hello"\n')
    live.workbook.write(APP, app.replace('"hello"', "SAID"))
    live.until("2 of 2")
    wait_until(lambda: live.get() == "hello")
    stamp = os.stat(live.workbook.top / "lessons/01_hello/said.py")
    at = len(live.lines)
    live.workbook.write("lessons/01_hello/said.py", 'SAID = "olleh"\n')
    times = (stamp.st_atime_ns, stamp.st_mtime_ns)
    os.utime(live.workbook.top / "lessons/01_hello/said.py", ns=times)
    live.until("1 of 2", "not yet", after=at)
    wait_until(lambda: live.get() == "olleh")


def test_bytecode_of_another_tool_is_not_believed(workbook):
    app = SOLVED.replace("app = Flask", "from said import SAID\n\napp = Flask")
    said = workbook.top / "lessons/01_hello/said.py"
    workbook.write("lessons/01_hello/said.py", 'SAID = "hello"\n')
    workbook.write(APP, app.replace('"hello"', "SAID"))
    # As `flask run` in another window leaves it, without PYTHONDONTWRITEBYTECODE.
    code = "import py_compile; py_compile.compile('said.py')"
    workbook.command("/bin/sh", "-c", f'cd lessons/01_hello && python3 -c "{code}"')
    stamp = os.stat(said)
    said.write_text('SAID = "olleh"\n')
    os.utime(said, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    running = workbook.start("lesson", "1")
    running.until("1 of 2")
    assert running.get() == "olleh"


def replace(live, text):
    """Save as careful editors do: write beside the file, then take its place."""
    new = live.workbook.top / ".app.py.swp"
    new.write_text(text)
    os.replace(new, live.workbook.top / APP)


def test_editors_that_replace_the_file_are_seen(live):
    replace(live, SOLVED)
    live.until("2 of 2")


def test_the_last_of_a_burst_gets_its_verdict(live):
    for number in range(30):
        live.workbook.write(APP, STARTER + f"# {number}\n")
    live.workbook.write(APP, SOLVED)
    live.until("2 of 2")


def git(live, *words):
    """Do something with git in the workbook of a test."""
    name = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    done = live.workbook.command("git", *name, *words)
    assert done.code == 0, done.err


def test_a_checkout_of_another_branch_is_a_save(live):
    git(live, "init", "--quiet")
    git(live, "add", "lessons")
    git(live, "commit", "--quiet", "-m", "as it came")
    git(live, "checkout", "--quiet", "-b", "mine")
    live.workbook.write("lessons/01_hello/said.py", 'SAID = "hello"\n')
    app = SOLVED.replace("app = Flask", "from said import SAID\n\napp = Flask")
    live.workbook.write(APP, app.replace('"hello"', "SAID"))
    at = live.until("2 of 2")
    git(live, "add", "lessons")
    git(live, "commit", "--quiet", "-m", "mine")
    git(live, "checkout", "--quiet", "-")
    at = live.until("0 of 2", after=at)
    git(live, "checkout", "--quiet", "mine")
    live.until("2 of 2", after=at)
    wait_until(lambda: live.get() == "hello")


def test_a_save_during_a_run_is_not_lost(live):
    slow = "import time\n\ntime.sleep(0.5)\n" + STARTER
    live.workbook.write(APP, slow)
    wait_until(lambda: "sleep" in (live.workbook.top / APP).read_text())
    live.workbook.write(APP, slow.replace("nothing", "never seen"))
    live.workbook.write(APP, SOLVED)
    live.until("2 of 2")


def test_what_the_app_writes_is_no_save(live):
    writing = SOLVED.replace(
        '    return "hello"',
        "    import os, pathlib\n"
        '    os.makedirs("instance", exist_ok=True)\n'
        '    pathlib.Path("instance/log").open("a").write("x")\n'
        '    return "hello"',
    )
    replace(live, writing)
    live.until("2 of 2")
    for _ in range(3):
        live.get()
    at = len(live.lines)
    replace(live, writing.replace('"hello"', '"bye"'))
    live.until("1 of 2", after=at)
    assert live.text.count("Lesson 1 ·") == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"def (\n", "SyntaxError"),
        (b"", "makes no Flask object"),
        (b"\xff\xfe", "UTF-8"),
        (b"\tx = 1\n", "IndentationError"),
        (b"raise SystemExit(4)\n", "SystemExit"),
    ],
)
def test_a_broken_app_is_told_and_mended_at_the_next_save(live, content, said):
    (live.workbook.top / APP).write_bytes(content)
    live.until(said)
    at = len(live.lines)
    live.workbook.write(APP, SOLVED)
    live.until("2 of 2", after=at)
    wait_until(lambda: answers(live))
    wait_until(lambda: live.get() == "hello")


def answers(live):
    """Does the app answer again?"""
    try:
        return bool(live.get())
    except (OSError, urllib.error.URLError):
        return False


def test_a_deleted_app_and_a_replaced_folder_are_told(live):
    folder = live.workbook.top / "lessons/01_hello"
    (folder / "app.py").unlink()
    live.until("there is no app.py in lessons/01_hello")
    at = len(live.lines)
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.mkdir()
    (folder / "README.md").write_text((aside / "README.md").read_text())
    (folder / "app.py").write_text(SOLVED)
    live.until("2 of 2", after=at)
    at = len(live.lines)
    (folder / "app.py").write_text(STARTER)
    live.until("0 of 2", after=at)


def test_a_folder_too_big_to_judge_is_told(live):
    big = live.workbook.top / "lessons/01_hello/big.bin"
    big.write_bytes(bytes(17 * 1024 * 1024))
    at = live.until("more than 500 files or 16 MB")
    big.unlink()
    live.workbook.write(APP, SOLVED)
    live.until("2 of 2", after=at)


def test_the_apps_own_lines_are_shown_without_the_servers_noise(live):
    app = SOLVED.replace(
        '    return "hello"', '    print("from the app")\n    return "hello"'
    )
    live.workbook.write(APP, app + '\n\n@app.get("/no")\ndef no():\n    return 1 / 0\n')
    live.until("2 of 2")
    wait_until(lambda: live.get() == "hello")
    live.until("app | from the app", "app | GET /  200")
    with pytest.raises(urllib.error.HTTPError):
        live.get("/no")
    live.until('  File "lessons/01_hello/app.py"', "app | ZeroDivisionError")
    assert "site-packages" not in live.text and "Debugger is" not in live.text
    assert live.text.count("Debugger PIN") == 1, "lesson 2 needs it, and once is enough"
    assert "WARNING" not in live.text and "CTRL+C" not in live.text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_however_it_is_stopped_nothing_is_left(live, number):
    assert len(live.workbook.processes()) >= 2
    assert live.stop(number) == 0, "that is how a lesson ends"
    assert live.lines[-1] == "Stopped." and "Traceback" not in live.text
    wait_until(lambda: not live.workbook.processes(), live.workbook.processes)


def test_even_a_kill_leaves_nothing(live):
    os.kill(live.process.pid, signal.SIGKILL)
    live.process.wait()
    wait_until(lambda: not live.workbook.processes(), live.workbook.processes)


@pytest.mark.parametrize("seen", ["Your app", "next:"])
def test_a_check_or_a_start_can_be_stopped_at_any_moment(workbook, seen):
    workbook.write(
        APP, "import time\n\ntime.sleep(60)\n" if seen == "Your app" else STARTER
    )
    running = workbook.start("lesson", "1")
    running.until(seen)
    assert running.stop() == 0, running.text
    wait_until(lambda: not workbook.processes(), workbook.processes)


def test_a_check_can_be_stopped(workbook):
    workbook.write(APP, "import time\n\ntime.sleep(60)\n")
    running = workbook.start("check", "1")
    wait_until(lambda: any("worker/inside" in line for line in workbook.processes()))
    assert running.stop() == 130
    assert running.lines[-1] == "Stopped." and "Traceback" not in running.text
    wait_until(lambda: not workbook.processes(), workbook.processes)


def test_two_lessons_at_once_take_two_ports(live):
    other = live.workbook.start("lesson", "2")
    other.until("Lesson 2 ·", "next:")
    told = f"Port 5050 is taken, so this one uses {other.port}."
    assert told in other.text or other.port == 5050  # another lesson has just ended
    assert live.port != other.port and other.get() == live.get() == "nothing"
    live.workbook.write(APP, SOLVED)
    live.until("2 of 2")
    assert "Lesson 1 ·" not in other.text


def test_a_killed_lesson_runs_nowhere_though_its_number_lives_on(live):
    block = live.workbook.run("check", "1").out
    assert f"http://127.0.0.1:{live.port}/" in block.split("try it:")[1]
    live.stop(signal.SIGKILL)
    [left] = (live.workbook.top / ".workbook" / "running").iterdir()
    left.rename(left.with_name(f"01_hello-{os.getpid()}")).write_text("4999")
    assert "4999" not in live.workbook.run("check", "1").out
    assert not list(left.parent.iterdir())


def test_the_port_in_the_block_is_the_one_the_app_got(workbook):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held = False
        with contextlib.suppress(OSError):  # somebody else has it, and may go any time
            taken.bind(("127.0.0.1", 5050))
            taken.listen()
            held = True
        running = workbook.start("lesson", "1")
        running.until("try it:", "next:")
    assert running.port != 5050 or not held
    assert f"http://127.0.0.1:{running.port}/" in running.text.split("try it:")[1]


def test_run_is_the_app_alone(workbook):
    running = workbook.start("run", "1")
    wait_until(lambda: "Running on" in running.text, lambda: running.text)
    port = int(running.text.split("Running on http://127.0.0.1:")[1].split()[0])
    running.lines.append(f"http://127.0.0.1:{port}   (Ctrl-C")
    assert running.get() == "nothing" and "Lesson 1" not in running.text
    running.stop()
    wait_until(lambda: not workbook.processes(), workbook.processes)


# In one process: what wakes the watcher may be wrong, the screen may be any.


def test_only_another_content_is_a_save(tmp_path):
    (tmp_path / "app.py").write_text("one")
    told = []

    def wake(folder):
        yield  # the state at the start
        yield  # nothing happened
        (tmp_path / "__pycache__").mkdir()
        (tmp_path / "__pycache__" / "app.pyc").write_text("x")
        (tmp_path / "README.md").write_text("x")
        yield
        for name in ("blog.db", "blog.db-journal", "blog.sqlite3", "app.log"):
            (tmp_path / name).write_text("x")
        yield
        (tmp_path / "app.py").write_text("two")
        yield
        (tmp_path / "app.py").unlink()
        yield

    found = [files.get("app.py") for files in saves(tmp_path, told.append, wake)]
    assert found == [b"one", b"two", None] and told == []


def test_where_nothing_can_be_watched_the_folder_is_looked_at(tmp_path, monkeypatch):
    def deaf(folder):
        raise OSError("no space left for watches")

    monkeypatch.setattr("checks.engine.learner.saves.events", deaf)
    monkeypatch.setattr("checks.engine.learner.saves.LOOK_AGAIN_MS", 1)
    (tmp_path / "app.py").write_text("one")
    found = saves(tmp_path, print)
    assert next(found) == {"app.py": b"one"}
    (tmp_path / "app.py").write_text("two")
    assert next(found) == {"app.py": b"two"}


DEAF = SOLVED.replace(
    "app = Flask",
    "import signal\n\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\napp = Flask",
)


def test_a_verdict_need_not_wait_until_an_app_has_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "LESSONS", tmp_path)
    (tmp_path / "01_hello").mkdir()
    (tmp_path / "01_hello" / "app.py").write_text(DEAF)
    with contextlib.closing(App(lessons.Lesson("01_hello"), print)) as app:
        app.start()
        address = f"http://127.0.0.1:{app.port}"
        urllib.request.urlopen(address).close()
        old, start = app._process, time.monotonic()
        app.restart(60)
        assert time.monotonic() - start < 30 and old.poll() is None
        (tmp_path / "01_hello" / "app.py").write_text(STARTER)
        app.hurry()
        assert old.poll() == -signal.SIGKILL
        assert urllib.request.urlopen(address).read() == b"nothing"


class Interrupted(threading.Thread):
    """A thread whose start meets Ctrl-C."""

    def start(self):
        raise KeyboardInterrupt


def test_an_app_is_ended_whose_lines_nobody_reads_yet(tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "LESSONS", tmp_path)
    (tmp_path / "01_hello").mkdir()
    (tmp_path / "01_hello" / "app.py").write_text(STARTER)
    with contextlib.closing(App(lessons.Lesson("01_hello"), print)) as app:
        with monkeypatch.context() as patch:
            patch.setattr(threading, "Thread", Interrupted)
            with pytest.raises(KeyboardInterrupt):
                app.start()
        process = app._process
    assert process.poll() is not None


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


def test_on_a_terminal_the_verdict_stays_last(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setenv("LINES", "24")
    screen = Screen(Terminal())
    page = Page(screen)
    page.begin(["head"])
    page.verdict(["", "x" * 30, "block"])
    page.app("GET /  200")
    sent = screen.stream.getvalue()
    assert "\033[2J\033[Hhead\n" in sent
    # The block takes four rows here: its second line wraps.
    assert sent.endswith(
        f"\033[4A\r\033[J\033[2m  app | GET /  200\033[0m\n\n{'x' * 30}\nblock\n"
    )


def test_elsewhere_lines_come_as_they_are():
    screen = Screen(io.StringIO())
    page = Page(screen)
    page.begin(["head"])
    page.verdict(["block"])
    page.app("GET /  200")
    assert screen.stream.getvalue() == "head\nblock\n  app | GET /  200\n"


def test_only_the_learners_frames_are_shown(tmp_path):
    lines = Lines(tmp_path)
    printed = [
        "Traceback (most recent call last):",
        '  File "/usr/lib/python3/site-packages/flask/app.py", line 1, in full',
        "    return self.ensure_sync()",
        "           ^^^^^^^^^^^^^^^^^^",
        f'  File "{tmp_path}/app.py", line 3, in home',
        "    return 1 / 0",
        "           ~~^~~",
        "ZeroDivisionError: division by zero",
        "\033[31m * Debugger is active!\033[0m",
        '127.0.0.1 - - [01/Jan/2026 10:00:00] "\033[35mGET /a?b=1 HTTP/1.1\033[0m" 500 -',
        "my own print",
    ]
    shown = [line for line in map(lines.take, printed) if line is not None]
    assert shown[0] == printed[0] and "line 3, in home" in shown[1]
    assert shown[2:5] == printed[5:8]
    assert shown[5:] == ["GET /a?b=1  500", "my own print"]


def test_a_port_that_was_taken_while_the_app_had_ended_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "LESSONS", tmp_path)
    (tmp_path / "01_hello").mkdir()
    (tmp_path / "01_hello" / "app.py").write_text("raise SystemExit(4)")
    told = []
    with contextlib.closing(App(lessons.Lesson("01_hello"), told.append)) as app:
        was = app.port
        app.start()
        wait_until(lambda: any("the app has ended" in line for line in told))
        (tmp_path / "01_hello" / "app.py").write_text(STARTER)
        with socket.create_server(("127.0.0.1", was)):
            app.start()
            assert app.port != was
            assert (
                f"port {was} was taken meanwhile: http://127.0.0.1:{app.port}"
                in str(told)
            )

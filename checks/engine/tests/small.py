"""A small workbook in a folder of its own, driven as a person drives it."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

from checks.engine.lessons import TOP, Lesson

SECONDS = 60
PATIENCE = 0.02
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)   \(Ctrl-C")
DESK = re.compile(r"Your desk:  (http://127\.0\.0\.1:\d+)")

APP = '''"""A tiny blog."""

from flask import Flask

app = Flask(__name__)

BLOG_NAME = "{name}"


@app.route("/")
def index():
    return "{said}"  # TODO 1: Say hello.


@app.route("/name")
def name():
    return BLOG_NAME  # TODO 2: Name it.
'''
README = """# {number} · {title}

A text.

## Step 1: Say hello

Say it.

## Step 2: Name it

Give it a name.
"""
HINTS = """# Hints

## Step 1: Say hello

1. The first idea of step 1.
2. See [the docs](https://flask.palletsprojects.com/), which go
   on in a second line.
3. The shape: `return "____"`.

## Step 2: Name it

1. The first idea of step 2.
2. The second.
3. The third.
"""
CHECKS = '''"""Lesson {number}: does it?"""

import pytest


@pytest.mark.step(1)
def test_says_hello(client):
    assert "hello" in client.get("/").text


@pytest.mark.step(2)
def test_has_a_name_of_its_own(client):
    name = client.get("/name").text
    assert name != "No name" and not name.startswith("Given"), "name it yourself"
'''
POSTS = 'POSTS = ["given"]\n'
STARTERS = {
    "01_hello": {"app.py": APP.format(name="No name", said="nothing")},
    "02_url_for": {"app.py": APP.format(name="Given 2", said="nothing"), "posts.py": POSTS},
    "03_forms": {"app.py": APP.format(name="Given 3", said="nothing"), "posts.py": POSTS},
}  # fmt: skip
SOLVED = APP.format(name="My own blog", said="hello")


class Tiny(Lesson):
    """A lesson of a test's own, in a folder, with steps of these numbers."""

    def __init__(self, folder: Path, checks: str, steps: tuple[int, ...]):
        super().__init__("01_tiny")
        self.__dict__.update(place=folder, count=steps)
        shutil.copy(TOP / "checks" / "conftest.py", folder)
        self.check.write_text(checks)

    @property
    def check(self) -> Path:
        """The file of its checks."""
        return self.place / f"test_{self.name}.py"

    @property
    def text(self) -> str:
        """Its README."""
        steps = [f"## Step {n}: Number {n}\n" for n in self.count]
        return "".join(["# 1 · Tiny\n", *steps])


def make_model(top: Path) -> Path:
    """Make a workbook with the whole engine and three tiny lessons; return its folder."""
    out = shutil.ignore_patterns("__pycache__", "tests", "test_*", "cases")
    shutil.copytree(TOP / "checks", top / "checks", ignore=out)
    for name in ("Makefile", "requirements.txt", ".pytest.ini"):
        shutil.copy(TOP / name, top / name)
    workbook = Workbook(top, top)
    for name, files in STARTERS.items():
        workbook.write_lesson(name, files)
    assert workbook.run("starters").code == 0
    assert "all starters are kept" in workbook.run("doctor").out
    return top


class Workbook:
    """A copy of the model; nothing of the checkout is used or changed."""

    def __init__(self, model: Path, top: Path):
        self.top = top
        self.started: list[Running] = []
        if model != top:
            shutil.copytree(model, top)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def write_lesson(self, name: str, files: dict[str, str]) -> None:
        """Write one lesson's four parts."""
        words = {"number": int(name[:2]), "title": name[3:].capitalize()}
        for root in ("lessons", "solutions"):
            for path, text in files.items():
                self.write(f"{root}/{name}/{path}", text)
        self.write(f"solutions/{name}/app.py", SOLVED)
        self.write(f"lessons/{name}/README.md", README.format(**words))
        self.write(f"lessons/{name}/hints.md", HINTS)
        self.write(f"checks/test_{name}.py", CHECKS.format(**words))

    def write(self, path: str, text: str) -> None:
        """Write a file, given from the top."""
        (self.top / path).parent.mkdir(parents=True, exist_ok=True)
        (self.top / path).write_text(text, encoding="utf-8")

    def read(self, path: str) -> str:
        """Read a file, given from the top."""
        return (self.top / path).read_text(encoding="utf-8")

    def environment(self, **more: str) -> dict[str, str]:
        """Return a clean environment in which this Python is used as it is."""
        kept = {"PATH", "HOME", "TMPDIR", "LANG"}
        known = {key: value for key, value in os.environ.items() if key in kept}
        return {**known, "WORKBOOK_SETUP": "no", "COLUMNS": "88", **more}

    def run(self, *words: str, **env: str) -> "Done":
        """Run ``python -m checks.engine`` with these words, to its end."""
        return self.command(sys.executable, "-m", "checks.engine", *words, **env)

    def make(self, *words: str, **env: str) -> "Done":
        """Run make with these words."""
        return self.command("make", *words, f"PYTHON={sys.executable}", **env)

    def command(self, *command: str, **env: str) -> "Done":
        """Run any command at the top."""
        done = subprocess.run(
            command,
            cwd=self.top,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
        )
        return Done(done)

    def start(self, *words: str, **env: str) -> "Running":
        """Start ``python -m checks.engine`` in a process group of its own."""
        running = Running(self, words, env)
        self.started.append(running)
        return running

    def processes(self) -> list[str]:
        """Return the commands of all processes that were started from this copy."""
        listing = subprocess.run(
            ["ps", "-axww", "-o", "pid=,command="], capture_output=True, text=True
        )
        return [line for line in listing.stdout.splitlines() if str(self.top) in line]

    def close(self) -> None:
        """End what a failed test has left."""
        for running in self.started:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(running.process.pid, signal.SIGKILL)
            running.process.wait()


class Done:
    """What a command has printed, and its exit code."""

    def __init__(self, done: subprocess.CompletedProcess):
        self.code = done.returncode
        self.out = done.stdout.decode()
        self.err = done.stderr.decode()


class Running:
    """A command that goes on until it is stopped; its lines are gathered."""

    def __init__(self, workbook: Workbook, words: tuple, env: dict):
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "checks.engine", *words],
            cwd=workbook.top,
            env=workbook.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._gather, daemon=True)
        self._reader.start()

    def _gather(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line.decode().rstrip("\n"))

    @property
    def text(self) -> str:
        """All that was printed until now."""
        return "\n".join(self.lines)

    def until(self, *wanted: str, after: int = 0) -> int:
        """Wait until these texts stand in the lines from a number on; return the next."""

        def there():
            text = "\n".join(self.lines[after:])
            return all(piece in text for piece in wanted)

        wait_until(there, lambda: f"{wanted} in:\n{self.text}")
        return len(self.lines)

    @property
    def port(self) -> int:
        """The port that the app really got, the last one it has told of."""
        wait_until(lambda: ADDRESS.search(self.text), lambda: self.text)
        return int(ADDRESS.findall(self.text)[-1])

    @property
    def desk(self) -> str:
        """The address of its desk."""
        wait_until(lambda: DESK.search(self.text), lambda: self.text)
        return DESK.search(self.text)[1]

    def get(self, path: str = "/") -> str:
        """Ask the running app for a page."""
        address = f"http://127.0.0.1:{self.port}{path}"
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            return answer.read().decode()

    def group(self) -> list[str]:
        """Return the commands of all processes of its group that still run."""
        listing = subprocess.run(
            ["ps", "-axww", "-o", "pgid=,stat=,command="],
            capture_output=True,
            text=True,
        )
        lines = [line.split(None, 2) for line in listing.stdout.splitlines()]
        mine = [line for line in lines if int(line[0]) == self.process.pid]
        return [command for _, state, command in mine if "Z" not in state]

    def stop(self, number: int = signal.SIGINT) -> int:
        """Send the whole group a signal, as the terminal does; return the exit code."""
        os.killpg(self.process.pid, number)
        code = self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        return code


def alive(pid: int) -> bool:
    """Is there a process of this number?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until(condition, why=lambda: "") -> None:
    """Wait until a condition holds; fail with the reason after a long time."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end, why()
        time.sleep(PATIENCE)

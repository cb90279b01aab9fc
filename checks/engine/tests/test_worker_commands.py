"""A command in a fork does what it does in a Python of its own."""

import os
import re
import subprocess
import sys

import pytest

from checks.engine.tests.small import alive, wait_until
from checks.engine.worker.inside import commands, servers
from checks.engine.worker.process import clean_environment

APP = """
from flask import Flask
app = Flask(__name__)

@app.cli.command()
def greet():
    print("Hello")

@app.cli.command()
def fail():
    raise LookupError("no such post")
"""
PROGRAMS = {
    "ends.py": "print('ä →')",
    "exits.py": "import sys; print(1); sys.exit(4)",
    "exits_with_words.py": "import sys; sys.exit('no posts')",
    "exits_with_none.py": "import sys; sys.exit()",
    "fails.py": "import posts\nposts.fail()",
    "does_not_compile.py": "print(",
    "is_killed.py": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "leaves_at_once.py": "import os; print('x', end=''); os._exit(5)",
    "says_more_at_the_end.py": "import atexit; atexit.register(print, 'late'); print('soon')",
    "has_a_thread.py": (
        "import threading, time\n"
        "def late():\n    time.sleep(0.05)\n    print('late')\n"
        "threading.Thread(target=late).start()\nprint('soon')"
    ),
    "reads.py": "import sys; print(repr(sys.stdin.read()))",
    "tells.py": (
        "import os, sys\n"
        "print(__name__, __file__, sys.argv, sys.path[0] == os.getcwd())\n"
        "print(os.environ['GIVEN'], sorted(os.environ), sorted(vars()))"
    ),
    "has_files.py": "import os; print(len(os.listdir('/dev/fd')))",
    "writes_on_both.py": (
        "import logging, sys, warnings\n"
        "logging.warning('w'); print('e', file=sys.stderr); warnings.warn('x')"
    ),
    "imports.py": "import app, sys; print(sorted(app.app.cli.commands), 'posts' in sys.modules)",
    "wraps.py": (
        "import io, sys\n"
        "sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')\nprint('x')"
    ),
    "opens.py": "import sys\nsys.stdout = open(1, 'w', closefd=False)\nprint('x')",
    "waits_to_write.py": "import sys\nsys.stdout.reconfigure(write_through=False)\nprint(1)",
    "keeps_a_file.py": "import keeper\nkeeper.kept.write('x')",
    "goes_by.py": "class Tea:\n    def __del__(self, out=print):\n        out('bye')\ntea = Tea()",
    "is_interrupted.py": "print(1); raise KeyboardInterrupt",
    "exits_with_a_lot.py": "import sys; sys.exit(10**30)",
    "exits_below_nothing.py": "import sys; sys.exit(-3)",
    "hashes.py": (
        "from werkzeug.security import *; print(check_password_hash("
        "generate_password_hash('x'), 'x'))"
    ),
}
OTHERS = {
    "app.py": APP,
    "posts.py": "def fail():\n    raise ValueError('ä')\n",
    "keeper.py": "kept = open(1, 'w', closefd=False)\n",
}
WORDS = [
    *(["python", name] for name in PROGRAMS),
    ["python3", "tells.py", "one", "--two"],
    ["python", "no_such.py"],
    ["python", "-c", "import posts, sys; print(sys.argv, posts.__name__)", "one"],
    ["python", "-c", "import posts; posts.fail()"],
    ["flask", "routes"],
    ["flask", "greet"],
    ["flask", "fail"],
    ["flask", "--app", "posts", "routes"],
    ["flask", "no-such-command"],
    ["flask", "--help"],
]
FILES = {name: text.encode() for name, text in (PROGRAMS | OTHERS).items()}


@pytest.fixture
def run(worker):
    """Run a command in a process with these files; return what was told of it."""
    made = []

    def run(*command, files=FILES, wait=10.0):
        made.append(worker.fork(files))
        head = {"command": [*command], "env": {"GIVEN": "ü"}, "wait": wait}
        return made[-1].ask("run", seconds=wait + 2, **head)[0], made[-1]

    yield run
    for process in made:
        process.close()


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_a_fork_does_what_a_new_python_does(run, words, tmp_path, monkeypatch):
    told, process = run(*words)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.setattr(os, "environ", clean_environment(process.folder.parent))
    new = [sys.executable, "-B", servers.RUNNER, *servers.words_of(words)]
    done = subprocess.run(
        new,
        cwd=tmp_path,
        env=servers.environment({"GIVEN": "ü"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
    )
    out, err = done.stdout.decode(), done.stderr.decode()
    home = str(process.folder / "app")
    assert told["code"] == done.returncode
    assert told["stdout"].replace(home, str(tmp_path)) == out
    assert without_ours(told["stderr"].replace(home, str(tmp_path))) == without_ours(
        err
    )


def without_ours(text):
    """Return what was printed, but for our runner's own lines at a traceback's top."""
    ours = r'  File "[^"]*/inside/runner\.py", line \d+, in .*\n(    .*\n)*'
    return re.sub(ours, "", text)


def test_a_file_that_hides_a_module_has_its_command_run_by_a_new_python(run):
    files = {"click.py": b"print('mine')", "app.py": b"import click"}
    assert run("python", "app.py", files=files)[0]["stdout"] == "mine\n"


def test_a_file_named_as_what_another_lesson_needed_is_the_learners_own(worker, run):
    worker.fork({"app.py": b"import flask_sqlalchemy"}).close()
    files = {
        "typing_extensions.py": b"mine = 1",
        "app.py": b"import typing_extensions as t; print(t.mine)",
    }
    assert run("python", "app.py", files=files)[0]["stdout"] == "1\n"


def test_a_command_that_does_not_end_is_ended_with_all_that_it_started(run, tmp_path):
    program = f"""
import os, time
child = os.fork()
open({str(tmp_path)!r} + f"/{{child}}", "w").close()
print("begun")
time.sleep(600)
"""
    told, process = run(
        "python", "waits.py", files={"waits.py": program.encode()}, wait=1.0
    )
    assert (told["code"], told["stdout"].split()[:1]) == (None, ["begun"])
    pids = [int(path.name) for path in tmp_path.iterdir()]
    assert len(pids) == 2
    process.close()
    wait_until(lambda: not any(alive(pid) for pid in pids if pid))


def test_a_flood_of_output_ends(run):
    program = {"flood.py": b"while True:\n    print('x' * 100_000)\n"}
    told, _ = run("python", "flood.py", files=program)
    assert told["code"] != 0 and told["stdout"].startswith("x")


def test_a_command_has_no_way_to_the_judge(run):
    program = "import os\nfor n in range(3, 200):\n"
    program += "    try:\n        os.write(n, b'forged')\n        print(n)\n"
    program += "    except OSError:\n        pass\n"
    told, process = run("python", "forges.py", files={"forges.py": program.encode()})
    assert (told["code"], told["stdout"]) == (0, "")
    assert process.ask("files")


@pytest.mark.parametrize("seconds", [0.1, 30])
def test_where_the_kernel_tells_of_no_end_it_is_looked_for(monkeypatch, seconds):
    monkeypatch.delattr(os, "pidfd_open", raising=False)
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE
    ) as process:
        if seconds > 1:
            process.stdin.close()
        assert commands.ends_within(process, seconds) == (seconds > 1)
        process.kill()

"""Whatever ends a grader: nothing goes on without it, and nothing is lost."""

import os
import shutil
import signal
import subprocess
import sys

import pytest

from checks.engine.grading.gradebook import Gradebook, beside
from checks.engine.lessons import SOLUTIONS, TOP
from checks.engine.tests.small import wait_until

NAME = "03_routes"
HANG = "import time\ntime.sleep(600)\n"
COMMAND = [sys.executable, "-m", "checks.engine", "check", "--jobs", "2"]


@pytest.fixture
def week(needs_cage, tmp_path):
    """Return a class folder of one student who is done and one who hangs."""
    for student in ("ada", "bea"):
        shutil.copytree(SOLUTIONS / NAME, tmp_path / "week1" / student / NAME)
    (tmp_path / "week1" / "bea" / NAME / "app.py").write_text(HANG)
    return tmp_path / "week1"


def start(week):
    """Start to grade in a process group of its own; return the process."""
    env = {**os.environ, "WORKBOOK_SETUP": "no", "TMPDIR": str(week.parent)}
    command = [*COMMAND, "--class", str(week), "--lessons", "3"]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(
        command, cwd=TOP, env=env, start_new_session=True, **options
    )


def family(pid):
    """Return the numbers of a process and of all that came from it."""
    listing = subprocess.run(
        ["ps", "-axo", "pid=,ppid="], capture_output=True, text=True
    )
    parents = [tuple(map(int, line.split())) for line in listing.stdout.splitlines()]
    found = {pid}
    while new := {child for child, parent in parents if parent in found} - found:
        found |= new
    return found


def going_on(pids):
    """Return those of some processes that have not ended."""
    listing = subprocess.run(
        ["ps", "-axo", "pid=,stat="], capture_output=True, text=True
    )
    lines = [line.split() for line in listing.stdout.splitlines()]
    return [int(pid) for pid, state in lines if int(pid) in pids and "Z" not in state]


def verdicts(week):
    """Return the students who have a verdict, and how many steps they have done."""
    book = Gradebook(beside(week))
    try:
        found = {name: book.verdicts(name).get(NAME) for name in book.students()}
    finally:
        book.close()
    return {
        name: sum(step["state"] == "ok" for step in each.verdict["steps"])
        for name, each in found.items()
    }


ENDS = [
    signal.SIGKILL,
    pytest.param(signal.SIGTERM, marks=pytest.mark.long),
    pytest.param(signal.SIGINT, marks=pytest.mark.long),
]


@pytest.mark.parametrize("number", ENDS)
def test_nothing_goes_on_and_the_next_run_goes_on_from_there(week, number):
    running = start(week)
    wait_until(lambda: beside(week).exists() and verdicts(week).get("ada") == 4)
    started = family(running.pid)
    assert len(started) > 4, "the judges and their cages"
    os.kill(running.pid, number)
    running.wait()
    wait_until(lambda: not going_on(started), lambda: str(going_on(started)))
    assert verdicts(week) == {"ada": 4}
    again = start(week)
    text, _ = again.communicate()
    assert again.returncode == 0 and "1 judged now, 1 had nothing new" in text
    assert verdicts(week) == {"ada": 4, "bea": 0}


def test_two_graders_at_once_come_to_the_same(week):
    both = [start(week), start(week)]
    texts = [running.communicate()[0] for running in both]
    assert [running.returncode for running in both] == [0, 0], texts
    assert verdicts(week) == {"ada": 4, "bea": 0}
    for text in texts:
        assert "ada" in text and "4 of 4 100 %" in text

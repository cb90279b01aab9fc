"""A class on a cluster: a real scheduler, real workers, and one that is killed."""

import contextlib
import json
import os
import shutil
import subprocess
import sys

import pytest

from checks.engine.grading import course as courses
from checks.engine.grading import gradebook, students
from checks.engine.grading.cluster import Cluster, Wanted, prepared, work_for
from checks.engine.grading.gradebook import Gradebook
from checks.engine.grading.graded import Setting
from checks.engine.grading.grader import Grader
from checks.engine.grading.jobs import Desk
from checks.engine.lessons import SOLUTIONS, TOP, WorkbookError
from checks.engine.tests.small import wait_until

LESSON = "03_routes"
COUNT = 12
SCHEDULER = "distributed.cli.dask_scheduler"
WORKER = "distributed.cli.dask_worker"


@pytest.fixture
def folder(tmp_path):
    """A class of a dozen: all have solved the lesson, each in a file of their own."""
    folder = tmp_path / "week3"
    for number in range(COUNT):
        place = folder / f"student {number:02}" / LESSON
        shutil.copytree(SOLUTIONS / LESSON, place)
        (place / "mine.txt").write_text(str(number))
    return folder


@pytest.fixture
def start(tmp_path):
    """Start a part of a cluster on this machine; whatever is left is ended."""
    with contextlib.ExitStack() as stack:

        def begin(module, *words):
            log = stack.enter_context(open(tmp_path / "cluster.log", "ab"))
            env = {**os.environ, "WORKBOOK_SETUP": "no"}
            command = [sys.executable, "-m", module, *words, "--no-dashboard"]
            process = subprocess.Popen(
                command, cwd=TOP, env=env, stdout=log, stderr=log
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield begin


@pytest.fixture
def machines(start, tmp_path):
    """A scheduler with two workers: its address, and the workers' processes."""
    file = tmp_path / "scheduler.json"
    here = ("--host", "127.0.0.1", "--scheduler-file", str(file))
    start(SCHEDULER, *here, "--port", "0")
    # The file is there a moment before its text is.
    wait_until(lambda: file.is_file() and file.read_text().endswith("}"))
    mine = ("--nthreads", "1", "--no-nanny", "--local-directory", str(tmp_path))
    workers = [start(WORKER, *here, *mine) for _ in range(2)]
    address = Address(file)
    wait_until(lambda: address.workers() == 2)
    return address, workers


class Address:
    """The scheduler that a file tells of."""

    def __init__(self, file):
        self.text = json.loads(file.read_text())["address"]

    def workers(self):
        """Return how many workers the scheduler has."""
        from distributed import Client

        with Client(self.text, set_as_default=False) as client:
            return len(client.nthreads())


def grader_on(cluster, folder, cage, told=lambda student: None):
    book = Gradebook(gradebook.beside(folder))
    desk = Desk(courses.read(None, "3"), book, caged=True)
    given = (lambda: cage, cluster.count, told, cluster.processes, work_for(desk))
    return Grader(desk, book, *given), book


@pytest.mark.long
def test_a_worker_that_is_killed_loses_and_doubles_nothing(
    folder, machines, needs_cage
):
    address, workers = machines
    cluster = Cluster(address.text)
    done = []

    def told(student):
        done.append(student.name)
        if len(done) == 3:
            workers[0].kill()

    grader, book = grader_on(cluster, folder, needs_cage, told)
    try:
        found, _ = students.listing(folder)
        assert cluster.count == 2
        grader.grade(found)
        assert grader.failed == {} and grader.fresh == COUNT
        assert sorted(done) == [student.name for student in found]
        for student in found:
            steps = book.verdicts(student.name)[LESSON].verdict["steps"]
            assert {step["state"] for step in steps} == {"ok"}
        assert workers[0].wait() and workers[1].poll() is None
    finally:
        cluster.close()
        book.close()


@pytest.mark.long
def test_the_command_grades_on_a_cluster(folder, machines, needs_cage):
    words = ["check", "--class", str(folder), "--lessons", "3"]
    done = subprocess.run(
        [sys.executable, "-m", "checks.engine", *words, "--cluster", machines[0].text],
        cwd=TOP,
        env={**os.environ, "WORKBOOK_SETUP": "no", "COLUMNS": "88"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 workers at tcp://127.0.0.1" in done.stdout
    assert done.stdout.count("4 of 4 100 %") == COUNT


@pytest.mark.long
def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setattr("checks.engine.grading.cluster.SECONDS", 1)
    with pytest.raises(
        WorkbookError, match="No scheduler answers at tcp://127.0.0.1:9"
    ):
        Cluster("tcp://127.0.0.1:9")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Flask": "0.1"}, "A worker differs from this machine, which has Flask 0.1"),
        ({"workbook": "other"}, "which has workbook other"),
        ({}, "A worker has other checks; they lie in checks/"),
    ],
)
def test_a_worker_of_another_kind_judges_nothing(tmp_path, change, said):
    book = Gradebook(tmp_path / "week1.gradebook")
    desk = Desk(courses.read(None, "3"), book, caged=False)
    book.close()
    checks = desk.checks if change else {LESSON: "another hash"}
    wanted = Wanted.by({**desk.machine, **change}, checks)
    with pytest.raises(WorkbookError, match=said):
        prepared(wanted, Setting((LESSON,), (), None))
    same = Wanted.by(desk.machine, desk.checks)
    setting = Setting((LESSON,), (), None)
    assert prepared(same, setting) == setting

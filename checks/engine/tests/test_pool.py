"""All lessons at once: told in their order, and ended with the command."""

import multiprocessing
import os
import signal
from concurrent.futures import Executor, Future

import pytest

from checks.engine.judging.pool import LostJudge, Task, in_turn, judge_on, processes
from checks.engine.judging.session import BrokenChecks, Round
from checks.engine.judging.verdict import NOT_YET, OK, Verdict
from checks.engine.lessons import WorkbookError, all_lessons
from checks.engine.tests.small import SOLVED, Tiny, wait_until

APP = b"from flask import Flask\napp = Flask(__name__)\n"
PAGE = b"app.add_url_rule('/', 'i', lambda: 'x')\n"
CHECKS = """
import os
import pytest

@pytest.mark.step(1)
def test_it(client):
    assert client.get('/').status_code == 200
    {more}
"""


class Backwards(Executor):
    """Another executor: it begins with the last task that it was given."""

    def __init__(self, count):
        self.count, self.given = count, []

    def submit(self, call, task):
        self.given.append((Future(), Verdict(task.seed, "", "", "")))
        if len(self.given) == self.count:
            for future, verdict in reversed(self.given):
                future.set_result([verdict])
        return self.given[-1][0]


def test_any_executor_will_do_and_the_order_is_kept():
    lesson, found = all_lessons()[0], []
    tasks = [Task(lesson, lesson.folder, seed=seed) for seed in "abc"]
    judge_on(Backwards(3), tasks, found.append)
    assert [verdict.lesson for verdict in found] == ["a", "b", "c"]


def test_the_longest_checks_are_handed_out_first():
    there = all_lessons()
    order = in_turn([Task(lesson, lesson.folder) for lesson in there])
    sizes = [lesson.check.stat().st_size for lesson in there]
    assert sizes[order[0]] == max(sizes)
    assert order[1:] == sorted(set(range(len(there))) - {order[0]})


@pytest.fixture
def judge_tiny(tmp_path):
    """Judge apps by a tiny lesson's checks on two processes; return step 1's states.

    None is the app that lies in the folder. Afterwards no process may be left.
    """
    others = {*multiprocessing.active_children()}

    def run(checks, *apps):
        lesson, found = Tiny(tmp_path, checks, (1,)), []
        files = [app and {lesson.name: {"app.py": app}} for app in apps]
        tasks = [Task(lesson, tmp_path, (Round(each),)) for each in files]
        with processes(2) as executor:
            judge_on(executor, tasks, found.append)
        return [verdict.steps[0].state for verdict in found]

    yield run
    wait_until(lambda: {*multiprocessing.active_children()} <= others)


def test_a_process_judges_one_task_after_the_other(judge_tiny):
    states = judge_tiny(CHECKS.format(more=""), APP, APP + PAGE, APP, APP + PAGE, APP)
    assert states == [NOT_YET, OK, NOT_YET, OK, NOT_YET]


def test_a_process_that_dies_is_told(judge_tiny):
    with pytest.raises(LostJudge, match="before its verdict on lesson 1 was known"):
        judge_tiny(CHECKS.format(more="os._exit(1)"), APP, APP + PAGE, APP)


def test_errors_of_ours_cross_as_what_they_are(judge_tiny, tmp_path):
    with pytest.raises(BrokenChecks, match="no_such_module"):
        judge_tiny("import no_such_module\n", APP, APP)
    (tmp_path / "01_tiny").mkdir()
    with open(tmp_path / "01_tiny" / "big.bin", "wb") as big:
        big.truncate(2**40)  # a hole, which takes no place on the disk
    with pytest.raises(WorkbookError, match="more than 500 files or 16 MB"):
        judge_tiny(CHECKS.format(more=""), APP, None)


def test_broken_checks_are_a_fault_of_ours_beside_others_too(workbook):
    workbook.write("checks/test_02_url_for.py", "import nothing_of_that_name\n")
    done = workbook.run("check", "--root", "solutions")
    assert done.code == 3 and "Hello" in done.out and "Forms" not in done.out
    assert "nothing_of_that_name" in done.err
    assert done.err.splitlines()[-1].startswith("WORKBOOK_DEBUG=1 in front")


@pytest.fixture
def check(workbook, tmp_path):
    """All lessons are being checked, and one of them hangs."""
    hangs = SOLVED + "\nimport time\ntime.sleep(600)\n"
    workbook.write("solutions/02_url_for/app.py", hangs)
    (tmp_path / "temporary").mkdir()
    folder = str(tmp_path / "temporary")
    running = workbook.start("check", "--root", "solutions", TMPDIR=folder)
    yield running
    wait_until(lambda: not running.group(), running.group)
    wait_until(lambda: not workbook.processes(), workbook.processes)


def in_the_middle(check):
    """Wait until lesson 1 is told and lesson 2 hangs."""
    check.until("Hello")
    assert "Url_for" not in check.text


def at_the_start(check):
    """Wait until there is one process more."""
    wait_until(lambda: "\n".join(check.group()).count("python") > 1, check.group)


@pytest.mark.parametrize("moment", [in_the_middle, at_the_start])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_all(check, moment, number):
    moment(check)
    assert check.stop(number) == 130
    assert check.lines[-1] == "Stopped." and "Traceback" not in check.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_command_alone_ends_all(check, tmp_path, number):
    in_the_middle(check)
    os.kill(check.process.pid, number)
    wait_until(lambda: not check.group(), check.group)
    check.process.wait()
    assert not [*(tmp_path / "temporary").iterdir()]

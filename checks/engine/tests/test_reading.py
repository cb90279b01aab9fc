"""The bound on what a judge computes over an answer: it ends, costs its step, and no more."""

import os
import threading
import time
from traceback import walk_tb

import pytest

from checks.engine.judging.plugin import Bench
from checks.engine.judging.reading import Allowance, TooLong, Watch, give_lines
from checks.engine.judging.session import Round, judge
from checks.engine.judging.verdict import NOT_YET, OK
from checks.engine.lessons import SOLUTIONS, find
from checks.engine.tests.content import solution_files
from checks.engine.tests.small import wait_until
from checks.pages import parse

LESSON = find("03_routes")
DEEP = b"""
app.view_functions["authors"] = lambda: "<b>x" * 200_000
"""


def compute():
    while True:
        pass


def test_what_computes_too_long_is_interrupted():
    with pytest.raises(TooLong) as found, Watch().at_most(0.05):
        compute()
    assert found.value.how == "computing"


def test_an_interrupt_between_two_lines_is_told_with_a_line():
    code = compute.__code__.replace(co_linetable=b"")
    nowhere = type(compute)(code, {})
    with pytest.raises(TooLong) as raw, Watch().at_most(0.05):
        nowhere()
    assert None in lines(raw)
    try:
        raise KeyError from raw.value
    except KeyError as error:
        give_lines(error)
    assert None not in lines(raw) and raw.traceback[-1].name == "compute"
    raw.value.__context__ = error = KeyError()
    error.__context__ = raw.value
    give_lines(raw.value)  # a ring has no end, and this has


def lines(raw):
    return [line for _, line in walk_tb(raw.tb)]


def test_what_only_waits_is_not():
    watch = Watch()
    with watch.at_most(0.05):
        threading.Event().wait(0.3)
    assert not watch.bound.is_set()


def test_a_bound_ends_with_its_block():
    watch = Watch()
    for _ in range(200):
        with watch.at_most(0.0001):
            pass
    end = time.thread_time() + 0.3
    while time.thread_time() < end:
        pass


def test_a_bound_is_that_of_its_own_thread():
    watch, done = Watch(), threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    with pytest.raises(TooLong), watch.at_most(0.05):
        parse("<a " * 100_000)
    assert other.is_alive()
    done.set()
    wait_until(lambda: not other.is_alive())


def test_what_was_computed_in_vain_is_taken_from_the_next_checks():
    allowance = Allowance()
    allowance.left = 0.05
    for left in (-0.25, -0.55):
        with pytest.raises(TooLong), allowance.bound():
            compute()
        assert allowance.left == pytest.approx(left)
    bench = Bench(SOLUTIONS)
    bench.reading = allowance
    bench.refresh()
    assert bench.reading.left > 1


def test_a_page_that_cannot_be_read_costs_its_steps_alone():
    files = solution_files(LESSON.name)
    files["app.py"] += DEEP
    found = []
    judge([LESSON], SOLUTIONS, found.append, [Round({LESSON.name: files})])
    steps = {step.number: step for step in found[0].steps}
    assert [steps[n].state for n in (1, 2, 3, 4)] == [OK, NOT_YET, OK, OK]
    assert steps[2].details["how"] == "computing"
    assert "takes too long to read" in steps[2].details["lost"]


@pytest.mark.parametrize("name", ["PYTEST_ADDOPTS", "PYTEST_PLUGINS"])
def test_what_pytest_was_told_elsewhere_changes_no_verdict(monkeypatch, name):
    monkeypatch.setenv(name, "--no-such-option")
    found = []
    judge([LESSON], SOLUTIONS, found.append)
    assert {step.state for step in found[0].steps} == {OK}
    assert os.environ[name] == "--no-such-option"

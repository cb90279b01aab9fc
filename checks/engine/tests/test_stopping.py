"""An interrupt: it ends what may be ended half-way, and waits for what may not."""

import threading

import pytest

from checks.engine import stopping
from checks.engine.judging import session
from checks.engine.judging.plugin import Bench
from checks.engine.lessons import find
from checks.engine.tests.small import TOP


@pytest.fixture(autouse=True)
def nobody_asked(monkeypatch):
    for name, value in {"asked": False, "_blocks": 0, "_kept": False}.items():
        monkeypatch.setattr(stopping, name, value)


def test_an_interrupt_waits_for_the_end_of_what_must_be_whole():
    done = []
    with pytest.raises(KeyboardInterrupt), stopping.whole():
        with stopping.whole():
            stopping.interrupt()
            done.append("inner")
        done.append("outer")
    assert done == ["inner", "outer"] and stopping.asked
    with stopping.whole():
        pass  # it was raised once


def test_who_asks_twice_has_waited_enough():
    with stopping.whole():
        stopping.interrupt()
        with pytest.raises(KeyboardInterrupt):
            stopping.interrupt()
        stopping._kept = False


def test_an_interrupt_comes_at_once_where_nothing_must_be_whole():
    with pytest.raises(KeyboardInterrupt):
        stopping.interrupt()


def test_another_thread_keeps_no_interrupt_from_coming():
    inside, go = threading.Event(), threading.Event()

    def close():
        with stopping.whole():
            inside.set()
            go.wait()

    thread = threading.Thread(target=close)
    thread.start()
    try:
        assert inside.wait(60)
        with pytest.raises(KeyboardInterrupt):
            stopping.interrupt()
    finally:
        go.set()
        thread.join()


def test_an_error_that_an_interrupt_left_behind_is_told_as_the_interrupt(monkeypatch):
    def drop(bench, lesson):
        stopping.asked = True
        raise OSError("a file was closed twice")

    monkeypatch.setattr(Bench, "drop", drop)
    with pytest.raises(KeyboardInterrupt):
        session.judge([find("1")], TOP / "solutions", lambda verdict: None)

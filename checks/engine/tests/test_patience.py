"""Patience: a hang costs its step, and never much of a judge's time."""

import pytest

from checks.engine.worker.patience import Patience
from checks.engine.worker.process import Lost, Worker
from checks.engine.worker.remote import RemoteApp

HANGS = b"""
import os, time
from flask import Flask
app = Flask(__name__)

@app.get("/<what>")
def page(what):
    if what == "sleeps":
        time.sleep(600)
    if what == "dawdles":
        time.sleep(3)
    if what == "naps":
        time.sleep(3)
    if what in ("naps", "ends"):
        os._exit(3)
    return what
"""


def test_what_was_waited_in_vain_is_taken_from_the_next_answers():
    patience = Patience(3.0, 0.4, 0.5, 1.5)
    assert patience.allow("request", 5.0) == 3.0
    patience.spend(2.0)
    assert patience.allow("request", 5.0) == 1.0
    assert patience.allow("serve", 10.0) == 1.5
    patience.spend(2.0)
    assert patience.allow("request", 5.0) == 0.4
    assert patience.allow("request", 0.1) == 0.1


def test_answers_that_come_just_in_time_are_counted_for_what_is_beyond_honest_work():
    patience = Patience(3.0, 0.4, 0.5, 1.5)
    for do in ("request", "load", "exchange"):
        patience.waited(do, 0.3)
    assert patience.wasted == 0
    patience.waited("request", 1.9)
    patience.waited("load", 1.0)
    assert patience.wasted == 2.0
    patience.waited("exchange", 2.0)
    for do in ("serve", "tests"):
        patience.waited(do, 60)
    assert patience.wasted == 2.5
    assert patience.allow("request", 5.0) == 0.5


@pytest.fixture
def ask():
    """Ask for a page of an app that hangs in some; every time in a process of its own."""
    worker = Worker(patience=Patience(4.0, 2.0, 2.0, 2.0))

    def run(page):
        process = worker.fork({"app.py": HANGS}).load()
        try:
            return RemoteApp(process).test_client().get(page).text
        finally:
            process.close()

    yield run
    worker.close()


def test_who_is_always_just_in_time_is_not_for_long(ask):
    with pytest.raises(Lost, match="no answer within") as lost:
        for _ in range(20):
            assert ask("/dawdles") == "dawdles"
    assert lost.value.how == "time"


def test_a_hang_is_told_apart_and_its_next_ones_cost_less(ask):
    for limit in ("4", "2"):
        with pytest.raises(Lost, match=f"no answer within {limit} seconds") as lost:
            ask("/sleeps")
        assert lost.value.how == "time"
    assert ask("/fine") == "fine", "what answers is not hurried"
    with pytest.raises(Lost, match="exit code 3") as lost:
        ask("/ends")
    assert lost.value.how == "exit"


def test_who_sleeps_before_every_end_is_not_waited_for_either(ask):
    ends = []
    for _ in range(8):
        with pytest.raises(Lost) as lost:
            ask("/naps")
        ends.append(lost.value.how)
    assert (ends[0], ends[-1]) == ("exit", "time")

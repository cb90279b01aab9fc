"""The engine's own tests: lessons are judged once, two at a time, for all guards."""

import concurrent.futures
import multiprocessing
import os

import pytest

from checks.engine.tests.content import LESSONS, judge_everything


@pytest.fixture(scope="session")
def results():
    """Return a function: ``results("03_routes")`` gives that lesson's verdicts by key."""
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        os.cpu_count(), mp_context=spawn
    ) as pool:
        futures = {name: pool.submit(judge_everything, name) for name in LESSONS}
        yield lambda name: futures[name].result()

"""The engine's own tests: lessons are judged once, side by side, for all guards."""

import concurrent.futures
import multiprocessing
import os

import pytest

from checks.engine.browser import chromium
from checks.engine.tests.content import (
    LESSONS,
    STRANGE_ANSWERS,
    judge_everything,
)
from checks.engine.tests.small import Workbook, make_model


@pytest.fixture(scope="session")
def results(request):
    """Return a function: ``results("03_routes")`` gives that lesson's verdicts by key."""
    wanted = " ".join(item.name for item in request.session.items)
    strange = [answer for answer in STRANGE_ANSWERS if f"{answer}]" in wanted]
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        os.cpu_count(), mp_context=spawn
    ) as pool:
        futures = {
            name: pool.submit(judge_everything, name, strange)
            for name in LESSONS
            if name in wanted
        }
        yield lambda name: futures[name].result()


@pytest.fixture(scope="session")
def needs_chromium():
    """Skip, by name, what only a real browser can show."""
    if chromium() is None:
        pytest.skip("Chromium is not installed: `apt-get install chromium` brings it")


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """Return the folder of a small workbook that all others are copies of."""
    return make_model(tmp_path_factory.mktemp("model") / "workbook")


@pytest.fixture
def workbook(model, tmp_path):
    """Return a small workbook of its own: three tiny lessons, the whole engine."""
    with Workbook(model, tmp_path / "a workbook") as small:
        yield small


@pytest.fixture(scope="module")
def untouched(model, tmp_path_factory):
    """Return a small workbook for tests that leave its files as they are."""
    with Workbook(model, tmp_path_factory.mktemp("untouched") / "a workbook") as small:
        yield small


def pytest_sessionfinish(session):
    """Where skips are forbidden, one skip is a failure: a gap must not look green."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("WORKBOOK_NO_SKIPS") and reporter.stats.get("skipped"):
        reporter.write_line("skips are forbidden here (WORKBOOK_NO_SKIPS)", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

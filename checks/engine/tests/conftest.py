"""The engine's own tests: lessons are judged once, side by side, for all guards."""

import concurrent.futures
import multiprocessing
import os

import pytest

from checks.engine.tests.content import LESSONS, judge_everything


@pytest.fixture(scope="session")
def results(request):
    """Return a function: ``results("03_routes")`` gives that lesson's verdicts by key."""
    wanted = " ".join(item.name for item in request.session.items)
    spawn = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(
        os.cpu_count(), mp_context=spawn
    ) as pool:
        futures = {
            name: pool.submit(judge_everything, name)
            for name in LESSONS
            if name in wanted
        }
        yield lambda name: futures[name].result()


def pytest_sessionfinish(session):
    """Where skips are forbidden, one skip is a failure: a gap must not look green."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("WORKBOOK_NO_SKIPS") and reporter.stats.get("skipped"):
        reporter.write_line("skips are forbidden here (WORKBOOK_NO_SKIPS)", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

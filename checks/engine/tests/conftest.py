"""The engine's own tests: lessons are judged once, side by side, for all guards."""

import os

import pytest

from checks.engine.browser import chromium
from checks.engine.judging.pool import cores, processes
from checks.engine.lessons import find
from checks.engine.tests.content import (
    LESSONS,
    STRANGE_ANSWERS,
    judge_everything,
)
from checks.engine.tests.small import Workbook, make_model
from checks.engine.worker.process import Worker


def pytest_collection_modifyitems(items):
    """Put last what waits for verdicts: all else runs while they are being made."""
    items.sort(key=waits)


def waits(item) -> bool:
    """Does a test wait for the verdicts on lessons? A notebook's cell has no fixtures."""
    return "results" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session", autouse=True)
def verdicts_to_come(request):
    """Begin to judge, before the first test, all that later ones will ask for."""
    wanted = " ".join(item.name for item in request.session.items if waits(item))
    strange = [answer for answer in STRANGE_ANSWERS if f"{answer}]" in wanted]
    names = [name for name in LESSONS if name in wanted]
    if not names:
        yield {}
        return
    names.sort(key=lambda name: -find(name).check.stat().st_size)  # none alone at last
    with processes(cores()) as executor:
        yield {name: executor.submit(judge_everything, name, strange) for name in names}
        executor.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def results(verdicts_to_come):
    """Return a function: ``results("03_routes")`` gives that lesson's verdicts by key."""
    return lambda name: verdicts_to_come[name].result()


@pytest.fixture(scope="module")
def worker():
    """Lend a warm worker to one module's tests."""
    worker = Worker()
    yield worker
    worker.close()


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

"""The engine's own tests: lessons are judged once, side by side, for all guards."""

import os
import signal
from functools import cache

import pytest

from checks.engine.browser import chromium
from checks.engine.judging.pool import cores, processes
from checks.engine.lessons import find
from checks.engine.tests.content import judge_all, key_of
from checks.engine.tests.small import Workbook, make_model
from checks.engine.worker import cage
from checks.engine.worker.cells import Cells
from checks.engine.worker.inside.programs import program
from checks.engine.worker.process import Worker

# What strangers have handed in is read by the grader alone.
collect_ignore = ["sample_class"]


def pytest_configure():
    """Hear Ctrl-C also in the background, where a shell has it ignored by all below it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Share the tests out by groups, where several processes run them."""
    from checks.engine.tests.sharing import Groups

    return Groups(config, log)


def is_shared(config) -> bool:
    """Is this process one of several that share the tests?"""
    return hasattr(config, "workerinput")


def pytest_collection_modifyitems(config, items):
    """Put last what waits for verdicts: all else runs while they are being made."""
    if is_shared(config):
        from checks.engine.tests.sharing import turn_of

        items.sort(key=turn_of)
    else:
        items.sort(key=waits)


def waits(item) -> bool:
    """Does a test wait for the verdicts on lessons? A notebook's cell has no fixtures."""
    return "results" in getattr(item, "fixturenames", ())


def wanted_by(item) -> tuple[str, str]:
    """Return the lesson and the key of the verdict that a test waits for."""
    given = item.callspec.params
    case = given.get("case")
    return (case.lesson, key_of(case)) if case else (given["name"], given["key"])


@pytest.fixture(scope="session", autouse=True)
def verdict_to_come(request):
    """Return a function that begins to judge a lesson, or has begun: a future.

    One process alone begins with all of them before its first test. Where several share
    the tests, each begins with a lesson when it comes to it.
    """
    wanted: dict[str, set] = {}
    for name, key in map(wanted_by, filter(waits, request.session.items)):
        wanted.setdefault(name, set()).add(key)
    if not wanted:
        yield None
        return
    shared = is_shared(request.config)
    with processes(1 if shared else cores()) as executor:
        begin = cache(lambda name: executor.submit(judge_all, name, wanted[name]))
        # The small lessons come last, so that no core is idle at the end.
        for name in sorted(wanted, key=lambda name: -find(name).check.stat().st_size):
            if not shared:
                begin(name)
        yield begin
        executor.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def results(verdict_to_come):
    """Return a function: ``results("03_routes")`` gives that lesson's verdicts by key."""
    return lambda name: verdict_to_come(name).result()


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
def needs_nginx():
    """Skip, by name, what only a real nginx can show."""
    for name in ("nginx", "openssl"):
        try:
            program(name)
        except FileNotFoundError:
            pytest.skip(f"{name} is not installed: `apt-get install {name}` brings it")


@pytest.fixture(scope="session")
def needs_cage():
    """Lend a cage; skip, by name and with the reason, where none can be built."""
    try:
        return cage.find()
    except cage.NoCage as error:
        pytest.skip(f"no cage can be built here: {error}")


@pytest.fixture(scope="module")
def cells(needs_cage):
    """Lend a cage with cells; skip, by name, where the kernel makes none."""
    lent = Cells(needs_cage)
    if not lent.work():
        pytest.skip("no cells can be built here: each submission has a cage of its own")
    yield lent
    lent.close()


@pytest.fixture(scope="module", params=["a cage of its own", "a cell of a cage"])
def any_cage(needs_cage, request):
    """Lend both kinds of places for a stranger's code, one after the other."""
    own = request.param == "a cage of its own"
    return needs_cage if own else request.getfixturevalue("cells")


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
    if is_shared(session.config):
        return  # whoever shares them out counts them
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("WORKBOOK_NO_SKIPS") and reporter.stats.get("skipped"):
        reporter.write_line("skips are forbidden here (WORKBOOK_NO_SKIPS)", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

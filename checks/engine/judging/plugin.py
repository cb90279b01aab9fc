"""The pytest side: fixtures that reach the learner's process, and what failures mean."""

import re
import secrets
from pathlib import Path

import pytest

from checks.engine import lessons
from checks.engine.judging import evidence
from checks.engine.judging.code import Code
from checks.engine.judging.trial import Trial
from checks.engine.worker.process import Worker

FILE = re.compile(r"test_(\d\d_\w+)\.py")
BENCH = pytest.StashKey["Bench"]()
TRIAL = pytest.StashKey[Trial]()
COMPARED = pytest.StashKey[tuple]()


class Bench:
    """What one pytest session judges: a folder of lessons, with one warm worker.

    root holds the lessons' folders; seed is the text that unseen data comes from.
    A worker that is lent goes on afterwards; without one, the bench starts its own.
    brief asks for the evidence of each step's first failure only, which is all that a
    verdict tells.
    """

    def __init__(
        self,
        root: Path,
        seed: str | None = None,
        worker: Worker | None = None,
        brief: bool = False,
    ):
        self.root, self.brief = root, brief
        self.seed = seed or secrets.token_hex(8)
        self._told: set[tuple] = set()
        self._worker, self._lent = worker, worker is not None
        self._given: dict[str, dict[str, bytes]] = {}
        self._code: dict[str, Code] = {}

    @property
    def worker(self) -> Worker:
        """The warm process, started at the first need."""
        if self._worker is None:
            self._worker = Worker()
        return self._worker

    def code(self, lesson: str) -> Code:
        """Return the learner's code, read once so that all steps judge the same save."""
        if lesson not in self._code:
            files = self._given.get(lesson)
            if files is None:
                files = lessons.code_of(lessons.files_of(self.root / lesson))
            self._code[lesson] = Code(self.worker, files)
        return self._code[lesson]

    def drop(self, lesson: str) -> None:
        """End the processes of a lesson whose checks have all run; forget its files."""
        if lesson in self._code:
            self._code.pop(lesson).close()

    def refresh(self, files: dict[str, dict[str, bytes]] | None = None) -> None:
        """Forget what was read; judge these files instead, if any are given."""
        for lesson in [*self._code]:
            self.drop(lesson)
        self._given = files or {}
        self._told.clear()

    def wants_to_know(self, item: pytest.Item) -> bool:
        """Is this failure worth its evidence?"""
        step = (item.path.name, step_of(item))
        if self.brief and step in self._told:
            return False
        self._told.add(step)
        return True

    def trial(self, item: pytest.Item) -> Trial:
        """Return the run of one check; all its cases get the same unseen data."""
        lesson = lesson_of(item)
        shown = f"{lessons.shown(self.root)}/{lesson}"
        seed = f"{self.seed}:{item.originalname}"
        return Trial(self.code(lesson), shown, seed, hasattr(item, "callspec"))

    def close(self) -> None:
        """End the worker, and with it all that came of it; a lent one goes on."""
        if self._worker is not None and not self._lent:
            self._worker.close()


def lesson_of(item: pytest.Item) -> str:
    """Return the name of the lesson that a check belongs to.

    Raises WorkbookError for a file that is no lesson's.
    """
    match = FILE.fullmatch(item.path.name)
    if match is None:
        raise lessons.WorkbookError(f"{item.path.name} is no lesson's file of checks.")
    return match[1]


def step_of(item: pytest.Item) -> int | None:
    """Return the step that a check belongs to, None for a check without a mark."""
    mark = item.get_closest_marker("step")
    return mark.args[0] if mark and mark.args else None


def pytest_addoption(parser):
    group = parser.getgroup("workbook")
    group.addoption(
        "--root", default="lessons", help="folder with the lessons to check"
    )
    group.addoption(
        "--seed", default=None, help="seed of the data the learner has not seen"
    )


def pytest_configure(config):
    if BENCH not in config.stash:
        root = lessons.TOP / config.getoption("--root")
        config.stash[BENCH] = Bench(root, config.getoption("--seed"))


def pytest_unconfigure(config):
    if BENCH in config.stash:
        config.stash[BENCH].close()


def pytest_assertrepr_compare(config, op, left, right):
    config.stash[COMPARED] = (op, left, right)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    bench = item.config.stash[BENCH]
    if call.excinfo and report.failed and bench.wants_to_know(item):
        compared = item.config.stash.get(COMPARED, None)
        trial = item.stash.get(TRIAL, None)
        report.details = evidence.collect(call.excinfo, trial, compared)
        if trial and not bench.brief:
            from checks.engine.judging import words

            told = "\n".join(words.details(report.details))
            report.sections.append(("what the check saw", told))
    item.config.stash[COMPARED] = None
    return report


@pytest.fixture
def trial(request, pytestconfig):
    """The run of this one check; the other fixtures are made of it."""
    trial = pytestconfig.stash[BENCH].trial(request.node)
    request.node.stash[TRIAL] = trial
    yield trial
    trial.close()


@pytest.fixture
def server(trial):
    """Start a real server: ``server("python", "app.py", env={...})``, then ``.get("/")``."""
    return trial.server


@pytest.fixture
def python(trial):
    """Run a snippet in the lesson's folder: ``python("import app; app.__name__")``."""
    return trial.python


@pytest.fixture
def suite(trial):
    """The learner's own tests: ``suite.problems``, ``suite.notices("a change")``."""
    return trial.suite()


@pytest.fixture
def unseen(trial):
    """Data that the learner has not seen: ``unseen.word()``, ``unseen.posts(3)``."""
    return trial.unseen()


@pytest.fixture
def files(trial):
    """The files that the app has written: ``files()`` returns path to bytes."""
    return trial.written

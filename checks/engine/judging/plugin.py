"""The pytest side: fixtures that reach the learner's process, and what failures mean."""

import contextlib
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

import pytest

from checks.engine import lessons
from checks.engine.judging import evidence
from checks.engine.judging.code import Code
from checks.engine.judging.reading import Allowance, TooLong, give_lines
from checks.engine.judging.trial import Trial
from checks.engine.worker.inside.programs import program
from checks.engine.worker.process import Worker

FILE = re.compile(r"test_(\d\d_\w+)\.py")
SLOW = {"server", "nginx", "suite"}  # fixtures
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
        self._seeds: Mapping[str, str] = {}
        self._code: dict[str, Code] = {}
        self.reading = Allowance()

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

    def refresh(
        self,
        files: dict[str, dict[str, bytes]] | None = None,
        seeds: Mapping[str, str] | None = None,
        worker: Worker | None = None,
    ) -> None:
        """Forget what was read; judge these files instead, if any are given.

        seeds are those of unseen data, by lesson. A worker that is lent takes the place
        of the one before, which is its owner's to end.
        """
        for lesson in [*self._code]:
            self.drop(lesson)
        self._given, self._seeds = files or {}, seeds or {}
        if worker is not None:
            self._worker, self._lent = worker, True
        self._told.clear()
        self.reading = Allowance()

    def wants_to_know(self, item: pytest.Item) -> bool:
        """Is this failure worth its evidence?"""
        step = (item.getparent(Earlier) or item.path, step_of(item))
        if self.brief and step in self._told:
            return False
        self._told.add(step)
        return True

    def trial(self, item: pytest.Item) -> Trial:
        """Return the run of one check; all its cases get the same unseen data."""
        lesson = lesson_of(item)
        shown = f"{lessons.shown(self.root)}/{lesson}"
        seed = f"{self._seeds.get(lesson, self.seed)}:{item.originalname}"
        return Trial(self.code(lesson), shown, seed, hasattr(item, "callspec"))

    def close(self) -> None:
        """End the worker, and with it all that came of it; a lent one goes on."""
        if self._worker is not None and not self._lent:
            self._worker.close()


class Checks(pytest.Module):
    """A lesson's file of checks, and with it those of earlier lessons that it names.

    ``EARLIER = (6, ["27_accounts"])`` asks the checks of lesson 27 of this lesson's
    code, too, as a part of step 6.
    """

    def collect(self):
        yield from super().collect()
        step, names = getattr(self.obj, "EARLIER", (None, []))
        for name in names:
            path = self.path.with_name(f"test_{name}.py")
            yield Earlier.from_parent(self, path=path, step=step)


class Earlier(pytest.Module):
    """The checks of an earlier lesson that start no server, asked of a later one."""

    def __init__(self, *, step: int, **given):
        super().__init__(**given)
        self.step = step

    def collect(self):
        for item in super().collect():
            if SLOW.isdisjoint(getattr(item, "fixturenames", ())):
                yield item


def lesson_of(item: pytest.Item) -> str:
    """Return the name of the lesson that a check belongs to.

    Raises WorkbookError for a file that is no lesson's.
    """
    earlier = item.getparent(Earlier)
    path = earlier.parent.path if earlier else item.path
    match = FILE.fullmatch(path.name)
    if match is None:
        raise lessons.WorkbookError(f"{path.name} is no lesson's file of checks.")
    return match[1]


def step_of(item: pytest.Item) -> int | None:
    """Return the step that a check belongs to, None for a check without a mark."""
    if earlier := item.getparent(Earlier):
        return earlier.step
    mark = item.get_closest_marker("step")
    return mark.args[0] if mark and mark.args else None


def pytest_pycollect_makemodule(module_path, parent):
    if FILE.fullmatch(module_path.name):
        return Checks.from_parent(parent, path=module_path)
    return None


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
def pytest_runtest_setup(item):
    with bounded(item):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    with bounded(item):
        return (yield)


def bounded(item: pytest.Item) -> contextlib.AbstractContextManager:
    """Return what bounds the reading of answers in a lesson's check, and in no other."""
    asks = "trial" in getattr(item, "fixturenames", ())
    return (
        item.config.stash[BENCH].reading.bound() if asks else contextlib.nullcontext()
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    if call.excinfo:
        give_lines(call.excinfo.value)
    report = yield
    bench = item.config.stash[BENCH]
    if call.excinfo and report.failed and bench.wants_to_know(item):
        compared = item.config.stash.get(COMPARED, None)
        trial = item.stash.get(TRIAL, None)
        report.details = collected(bench, call.excinfo, trial, compared)
        if trial and not bench.brief:
            from checks.engine.judging import words

            told = "\n".join(words.details(report.details))
            report.sections.append(("what the check saw", told))
    item.config.stash[COMPARED] = None
    return report


def collected(bench: Bench, *given) -> dict:
    """Return the evidence of a failure, and little where it cannot be gathered.

    An app may answer what nobody has thought of, and that must not end the session: not
    where a class is judged, or a learner waits.
    """
    try:
        with bench.reading.bound():
            return evidence.collect(*given)
    except Exception as error:
        if not bench.brief and not isinstance(error, TooLong):
            raise
        how = getattr(error, "how", "")
        lost = f"what the app answered cannot be explained ({type(error).__name__})"
        return {
            "kind": "code",
            "check": "",
            "lost": lost,
            "how": how,
            "starting": False,
        }


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
def nginx(trial):
    """Start nginx by the lesson's nginx.conf: ``nginx(server("gunicorn"))``, then ``.get``.

    Where it is not installed, the step is not checked.
    """
    for name in ("nginx", "openssl"):
        try:
            program(name)
        except FileNotFoundError:
            pytest.skip(
                f"{name} is not installed here: `apt-get install {name}` brings it, "
                f"on macOS `brew install {name}`"
            )
    return trial.nginx


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

"""The learner's own tests, run on a blog that is right and on blogs that are wrong."""

import tomllib
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from textwrap import indent

import pytest

from checks.engine import starters
from checks.engine.judging.code import Code
from checks.engine.lessons import KIT, TOP, WorkbookError
from checks.engine.worker import claims
from checks.engine.worker.process import TIME, AppError, Lost, Process

CHANGES = TOP / "checks" / "changes"
PACKAGE = "blog/__init__.py"
RIGHT, BACKWARDS, MUTE = "right", "right, the last test first", "mute"
MUTE_TOO = "mute, with another status"
NAMES = {"replace": "old", "with": "new"}  # in the file, and here
AT_ONCE = 2
SECONDS = 20.0

# A blog whose pages answer nothing and whose functions do nothing: what passes on it
# tests nothing of a blog.
SILENCE = b"""

def create_app(*args, **kwargs):
    app = Flask("mute")
    app.before_request(lambda: ("", 499))
    return app


def _silence():
    import importlib, pkgutil, types

    for info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{info.name}")
        for name, value in [*vars(module).items()]:
            if isinstance(value, types.FunctionType):
                setattr(module, name, lambda *args, **kwargs: None)


from flask import Flask
_silence()
"""


# What a change adds holds for every blog that create_app returns.
ADDED = """

def _wrong(make, change):
    def create_app(*args, **kwargs):
        app = make(*args, **kwargs)
        change(app)
        return app

    return create_app


def _change(app):
{body}


create_app = _wrong(create_app, _change)
"""


@dataclass(frozen=True)
class Change:
    """A blog made wrong in one place: the file, what stands there, what shall stand.

    Where the learner's blog is free to look like none of ours, add has the lines of a
    function instead, which is given the finished app and makes it wrong.
    """

    title: str
    step: int
    path: str = PACKAGE
    old: str = ""
    new: str = ""
    add: str = ""

    def made(self, text: str) -> str | None:
        """Return the text with the change, None where it does not fit exactly once."""
        if self.add:
            return text + ADDED.format(body=indent(self.add.strip("\n"), "    "))
        fits = text.count(self.old) == 1
        return text.replace(self.old, self.new) if fits else None


@dataclass(frozen=True)
class Run:
    """One run of the tests: the outcome of each, why it failed, what could not be read.

    late says that it did not end in time.
    """

    outcomes: Mapping[str, str] = field(default_factory=dict)
    said: Mapping[str, str] = field(default_factory=dict)
    broken: tuple[str, ...] = ()
    late: bool = False

    @property
    def passed(self) -> set[str]:
        """The tests that passed, from their set-up to their teardown."""
        return {test for test, outcome in self.outcomes.items() if outcome == "passed"}


class Suite:
    """The tests in the folder tests/ of one lesson.

    What the checks ask is answered for all at once, at the first question of a kind.
    code is the learner's, lesson the name of its folder.
    """

    def __init__(self, code: Code, lesson: str):
        self.code, self.lesson = code, lesson
        self.late = False  # did a run on a blog that is right not end in time?
        self._ours: dict[tuple, Run] = {}
        self._wrong_of: dict[int, dict[str, Run]] = {}

    @property
    def tests(self) -> list[str]:
        """The names of the tests, as pytest has them."""
        return sorted(self._right.outcomes)

    @property
    def problems(self) -> list[str]:
        """What goes wrong on a blog that is right, some lines each."""
        run = self._right
        return [f"your tests cannot be run\n{told}" for told in run.broken] + [
            f"{name_of(test)} fails on a blog that is right\n{run.said[test] or outcome}"
            for test, outcome in run.outcomes.items()
            if outcome not in ("passed", "skipped")
        ]

    @property
    def moody(self) -> list[str]:
        """The tests that pass or fail with what ran before them."""
        if not self._right.passed:
            return []
        return sorted(self._right.passed ^ self._others[BACKWARDS].passed)

    @property
    def idle(self) -> list[str]:
        """The tests that pass even on a blog that answers nothing and does nothing."""
        return sorted(self._idle)

    def notices(self, title: str) -> bool:
        """Does a test that passes on a blog that is right fail on this wrong one?

        Raises WorkbookError for a title that no change has. In a kit, which holds no
        wrong blogs, the step is not checked.
        """
        if KIT.is_file() and title not in self.changes:
            pytest.skip("your teacher has the blogs that are wrong in one place")
        if title not in self.changes:
            raise WorkbookError(f"No change of {self.lesson} is called {title!r}.")
        if not self._right.passed:
            return False
        run = self._wrong_runs(self.changes[title].step)[title]
        return bool(run.broken) or set(run.outcomes) != run.passed

    def run(self, files: Mapping[str, str], *paths: str) -> Run:
        """Run these tests with more files beside the learner's, or in their place."""
        key = (*files.items(), *paths)
        if key not in self._ours:
            more = {path: text.encode() for path, text in files.items()}
            plan = {"": {**self.code.files, **more}}
            self._ours[key] = self._run(plan, paths=[*paths])[""]
        return self._ours[key]

    @cached_property
    def changes(self) -> dict[str, Change]:
        """The wrong blogs of the lesson, by title. Raises WorkbookError without any."""
        found = [
            Change(**{NAMES.get(key, key): value for key, value in told.items()})
            for told in self._told["change"]
        ]
        return {change.title: change for change in found}

    @cached_property
    def _told(self) -> dict:
        file = CHANGES / f"{self.lesson}.toml"
        try:
            told = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise WorkbookError(f"{file.name} holds no changes: {error}") from error
        return {"change": [], **told}

    @cached_property
    def _right(self) -> Run:
        return self._run({RIGHT: self.code.files})[RIGHT]

    @cached_property
    def _others(self) -> dict[str, Run]:
        files = dict(self.code.files)
        mute = {**files, PACKAGE: files.get(PACKAGE, b"") + SILENCE}
        return self._run({BACKWARDS: files, MUTE: mute})

    @cached_property
    def _idle(self) -> set[str]:
        """What passes on a mute blog may ask for any error, or for none: ask again."""
        if not self._right.passed:
            return set()
        idle = self._right.passed & self._others[MUTE].passed
        if not idle:
            return idle
        silence = SILENCE.replace(b"499", b"299")
        mute = {**self.code.files, PACKAGE: self.code.files.get(PACKAGE, b"") + silence}
        return idle & self._run({MUTE_TOO: mute}, only=sorted(idle))[MUTE_TOO].passed

    def _wrong_runs(self, step: int) -> dict[str, Run]:
        """Run the tests on all wrong blogs of a step, once."""
        if step not in self._wrong_of:
            changes = [c for c in self.changes.values() if c.step == step]
            wrong = {change.title: self._wrong(change) for change in changes}
            likely = self._told.get("likely", {}).get(str(step), "")
            only = sorted(self._right.passed, key=lambda t: (likely not in t, t))
            self._wrong_of[step] = self._run(wrong, only=only, stop=True)
        return self._wrong_of[step]

    def _wrong(self, change: Change) -> dict[str, bytes]:
        """Return the files with a change; a file that it does not fit gives way to ours."""
        for files in (lambda: self.code.files, lambda: starters.starter(self.lesson)):
            text = files().get(change.path, b"").decode("utf-8", "replace")
            if (made := change.made(text)) is not None:
                return {**self.code.files, change.path: made.encode()}
        raise WorkbookError(f"The change {change.title!r} does not fit {change.path}.")

    def _run(
        self, plans: Mapping[str, Mapping], paths=(), only=None, stop=False
    ) -> dict[str, Run]:
        """Run the tests on every plan's files, some at a time."""
        paths = [*(paths or self._told.get("tests", []))]
        question = {"paths": paths, "only": only, "stop": stop}
        forks = {
            title: self.code.worker.fork_with_pytest(files)
            for title, files in plans.items()
        }
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            jobs = {
                title: pool.submit(
                    outcomes, fork, backwards=title == BACKWARDS, **question
                )
                for title, fork in forks.items()
            }
            runs = {title: job.result() for title, job in jobs.items()}
            # On a wrong blog a test may well hang: that is noticing it.
            late = not stop and any(run.late for run in runs.values())
            self.late = self.late or late
            return runs
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for fork in forks.values():
                fork.close()


def outcomes(fork: Process, **question) -> Run:
    """Have a process run the tests in its folder; what it cannot tell is broken."""
    try:
        told, _ = fork.ask("tests", seconds=SECONDS, **question)
    except (AppError, Lost) as error:
        return Run(broken=(str(error),), late=getattr(error, "how", "") == TIME)
    tests = claims.tests(told.get("tests"))
    return Run(
        {test["test"]: test["outcome"] for test in tests},
        {test["test"]: test["said"] for test in tests},
        tuple(t["said"] or t["test"] for t in claims.tests(told.get("broken"))),
    )


def name_of(test: str) -> str:
    """Return ``test_home`` for ``tests/test_pages.py::test_home``."""
    return test.rpartition("::")[2]

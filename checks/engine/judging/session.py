"""Run the checks in one pytest session that stays: one collection, many verdicts."""

import contextlib
import gc
import io
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.engine import stopping
from checks.engine.judging.verdict import (
    BROKEN,
    NOT_CHECKED,
    NOT_YET,
    OK,
    STARTS,
    WAITING,
    StepVerdict,
    Verdict,
)
from checks.engine.lessons import (
    TOP,
    Lesson,
    code_of,
    files_of,
    fingerprint,
    shown,
)
from checks.engine.worker.process import Worker

Files = dict[str, dict[str, bytes]]
# What pytest reads in the environment, and what it takes for a sign of CI.
SWITCHES = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "CI", "BUILD_NUMBER")


@dataclass(frozen=True)
class Round:
    """One time through the checks.

    files are the learner's files by lesson, None for those on disk now; a lesson that
    they lack is not judged. steps are the only ones that run, None for all. seeds are
    those of unseen data, by lesson. A worker that is lent is the one from now on. With
    only_told no check runs: the verdict tells the steps and their points.
    """

    files: Files | None = None
    steps: frozenset[int] | None = None
    seeds: Mapping[str, str] | None = None
    worker: Worker | None = None
    only_told: bool = False


# Plugins that a run of lesson checks has no use for; each costs its import.
UNUSED = (
    "cacheprovider",
    "debugging",
    "doctest",
    "faulthandler",
    "junitxml",
    "logging",
    "nbval",
    "pastebin",
    "setuponly",
    "setupplan",
    "stepwise",
    "subtests",
    "threadexception",
    "unittest",
    "unraisableexception",
    "warnings",
)


class BrokenChecks(Exception):
    """The checks could not even be collected; the text is pytest's own."""


def judge(
    lessons: Sequence[Lesson],
    root: Path,
    deliver: Callable[[Verdict], None],
    rounds: Iterable[Round] = (Round(),),
    seed: str | None = None,
    worker: Worker | None = None,
    hidden: Sequence[Path] = (),
) -> None:
    """Check the lessons' folders under root, once for every round.

    deliver gets one verdict a lesson and round, as soon as it is known. rounds may
    wait for the next save before it yields. A worker that is given stays warm; else
    there is one for this call alone. hidden are files of more checks, named as those of
    the lessons are. Raises BrokenChecks when pytest cannot collect.
    """
    # Flask is imported over there while pytest is imported here.
    worker, own = worker or Worker(), worker is None
    gc.disable()  # what is imported now stays to the end
    try:
        import pytest

        from checks.engine.judging.plugin import BENCH, Bench

        bench = Bench(root, seed, worker, brief=True)
        rounds_plugin = Rounds(lessons, bench, deliver, rounds)
        # A long traceback of each failure would be built, and nobody reads it.
        arguments = ["-q", "--capture=no", "--tb=line", "--rootdir", str(TOP)]
        arguments += ["--disable-plugin-autoload"]
        arguments += ["-c", str(TOP / ".pytest.ini")]
        arguments += [word for name in UNUSED for word in ("-p", f"no:{name}")]
        arguments += [str(lesson.check) for lesson in lessons]
        plugins = [rounds_plugin, Put(BENCH, bench)]
        if hidden:
            from checks.engine.judging.hidden import fixtures

            # Files of one name, in folders that are no packages.
            arguments += ["--import-mode=importlib", *map(str, hidden)]
            plugins.append(fixtures())
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed), as_everywhere():
            code = pytest.main(arguments, plugins=plugins)
    finally:
        gc.enable()
        gc.unfreeze()
        if own:
            with stopping.whole():
                worker.close()
    if rounds_plugin.error is not None:
        if stopping.asked:
            raise KeyboardInterrupt from rounds_plugin.error
        raise rounds_plugin.error
    interrupted = stopping.asked or code == pytest.ExitCode.INTERRUPTED
    if interrupted and not rounds_plugin.ran:
        raise KeyboardInterrupt  # pytest keeps one that comes during collection
    if not rounds_plugin.ran:
        raise BrokenChecks(printed.getvalue().strip() or f"pytest ended with {code}")


@contextlib.contextmanager
def as_everywhere() -> Iterator[None]:
    """Take away what has pytest do otherwise here than elsewhere, while this lasts.

    With any of these it may print comparisons whole, and compute for seconds over a
    stranger's page.
    """
    taken = {name: os.environ.pop(name) for name in SWITCHES if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(taken)


class Put:
    """A plugin that hands the session what it judges."""

    def __init__(self, key, value):
        self.key, self.value = key, value

    def pytest_configure(self, config):
        config.stash[self.key] = self.value


class Rounds:
    """A plugin that runs the collected checks again for every round."""

    def __init__(self, lessons, bench, deliver, rounds):
        self.lessons, self.bench, self.deliver = lessons, bench, deliver
        self.rounds = rounds
        self.reports: list = []
        self.lost: set[int | None] = set()
        self.ran = False
        self.error: BaseException | None = None

    def pytest_runtestloop(self, session):
        if session.testsfailed:
            return True
        self.ran = True
        gc.freeze()
        gc.enable()
        try:
            for this in self.rounds:
                self.bench.refresh(this.files, this.seeds, this.worker)
                self.once(session, this)
        except BaseException as error:  # told by judge(), outside of pytest's own net
            self.error = error
        return True

    def once(self, session, this: Round) -> None:
        """Run the round's checks; deliver a lesson's verdict after its last one."""
        from checks.engine.judging.plugin import lesson_of, step_of

        for lesson in self.lessons:
            if this.files is not None and lesson.name not in this.files:
                continue
            items = [
                item
                for item in session.items
                if lesson_of(item) == lesson.name
                and (this.steps is None or step_of(item) in this.steps)
            ]
            waiting = deque([] if this.only_told else items)
            while waiting:
                item = waiting.popleft()
                if step_of(item) not in self.lost:
                    run = item.config.hook.pytest_runtest_protocol
                    run(item=item, nextitem=self.next_of(item, waiting))
            self.deliver(self.verdict(lesson, this, items))
            self.reports.clear()
            self.lost.clear()
            with stopping.whole():
                self.bench.drop(lesson.name)  # now, while nobody waits for it

    def next_of(self, item, waiting: Iterable):
        """Return a check that may be next and that has all around it in common with this one.

        With that pytest leaves the file as it stands, which saves a millisecond a check.
        Which one is next depends on whether this one fails; where that may be one of another
        file, or none, None is returned.
        """
        from checks.engine.judging.plugin import step_of

        possible = []
        for each in waiting:
            if step_of(each) in self.lost:
                continue
            possible.append(each)
            if step_of(each) != step_of(item):
                if all(one.parent is item.parent for one in possible):
                    return possible[0]
                break
        return None

    def pytest_runtest_logreport(self, report):
        self.reports.append(report)
        # A step's verdict is that of its first failure: nobody reads another.
        if report.failed:
            self.lost.add(dict(report.user_properties).get("step"))

    @staticmethod
    def pytest_runtest_makereport(item, call):
        from checks.engine.judging.plugin import step_of

        item.user_properties[:] = [("step", step_of(item)), ("rule", rule_of(item))]

    def verdict(self, lesson: Lesson, this: Round, items: list) -> Verdict:
        """Return the verdict on one lesson from the reports of its checks, the items."""
        from checks.engine.judging.plugin import step_of
        from checks.engine.judging.worth import (
            is_hidden,
            is_self_tested,
            points_of,
            steps_of,
        )

        files = self.bench.code(lesson.name).files
        verdict = Verdict(
            lesson.name, lesson.title, shown(self.bench.root), fingerprint(files)
        )
        for step in steps_of(lesson, items):
            if this.steps is not None and step.number not in this.steps:
                continue
            checks = [item for item in items if step_of(item) == step.number]
            mine = [
                r
                for r in self.reports
                if dict(r.user_properties).get("step") == step.number
            ]
            waiting = StepVerdict(step.number, step.title, WAITING)
            told = waiting if this.only_told else step_verdict(step, mine)
            told.points, told.self_tested = points_of(checks), is_self_tested(checks)
            told.hidden = is_hidden(lesson, mine, checks)
            verdict.steps.append(told)
        return verdict


def step_verdict(step, reports: list) -> StepVerdict:
    """Return the state of one step; zero checks run is never a pass."""
    failed = [report for report in reports if report.failed]
    seconds = sum(report.duration for report in reports)
    if failed:
        details = getattr(failed[0], "details", None) or {"kind": "check", "error": ""}
        rule = dict(failed[0].user_properties).get("rule", "")
        details["check"] = STARTS if details.get("starting") else rule
        state = BROKEN if details["kind"] == "check" else NOT_YET
        return StepVerdict(step.number, step.title, state, details, seconds=seconds)
    if any(report.skipped for report in reports):
        reason = next(report.longrepr[2] for report in reports if report.skipped)
        details = {"kind": "set-up", "lost": str(reason).removeprefix("Skipped: ")}
        return StepVerdict(
            step.number, step.title, NOT_CHECKED, details, seconds=seconds
        )
    if not any(report.when == "call" for report in reports):
        details = {
            "kind": "check",
            "error": f"no check is marked with step {step.number}",
        }
        return StepVerdict(step.number, step.title, BROKEN, details)
    return StepVerdict(step.number, step.title, OK, seconds=seconds)


def rule_of(item) -> str:
    """Return the rule that a test stands for: its docstring's first line, or its name.

    ``test_refuses_an_empty_name[x]`` is told as "refuses an empty name". What an
    earlier lesson asked has its number before it.
    """
    from checks.engine.judging.plugin import Earlier

    told = (getattr(item.obj, "__doc__", None) or "").strip().partition("\n")[0]
    name = item.name.partition("[")[0].removeprefix("test_").replace("_", " ")
    earlier = item.getparent(Earlier)
    before = f"lesson {earlier.path.name[5:7]}: " if earlier else ""
    return before + (told or name)


def files_now(root: Path, lesson: Lesson) -> dict[str, bytes]:
    """Return the files that a check would judge now."""
    return code_of(files_of(root / lesson.name))

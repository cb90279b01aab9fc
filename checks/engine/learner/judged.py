"""`make check`: one lesson's block, or all lessons and the first that is open."""

import json
from pathlib import Path

from checks.engine import lessons, starters
from checks.engine.judging.session import Round, judge
from checks.engine.judging.verdict import NOT_YET, StepVerdict, Verdict
from checks.engine.learner import ports, progress
from checks.engine.learner.state import Memory
from checks.engine.lessons import Lesson, WorkbookError, code_of, files_of
from checks.engine.screen import PORT, Screen


class Judge:
    """Judges lessons and shows their verdicts.

    root is the folder that holds the lessons to judge; verdicts on the learner's own
    are remembered. With as_json verdicts are printed as data. seed is the one of unseen
    data, None for another each time.
    """

    def __init__(
        self,
        root: Path,
        memory: Memory,
        screen: Screen,
        as_json: bool = False,
        seed: str | None = None,
    ):
        self.root, self.memory, self.screen = root, memory, screen
        self.as_json, self.seed = as_json, seed
        self.own = root == lessons.LESSONS

    def one(self, lesson: Lesson, steps: frozenset[int] | None) -> int:
        """Show the verdict on one lesson; return the exit code.

        Raises WorkbookError for steps that the lesson does not have.
        """
        unknown = (steps or frozenset()) - {step.number for step in lesson.steps}
        if unknown:
            raise WorkbookError(
                f"Lesson {lesson.number} has no step {min(unknown)}; "
                f"its steps run 1 to {len(lesson.steps)}."
            )
        verdict = verdict_on(lesson, self.memory, self.root, steps, self.seed)
        if self.own:
            progress.enter(self.memory, lesson)
        if self.as_json:
            self.screen.say(json.dumps(verdict.as_dict(), indent=1, default=str))
        else:
            self.screen.say(*self.block(verdict))
        return verdict.exit_code

    def block(self, verdict: Verdict) -> list[str]:
        """Return what is shown of one verdict."""
        from checks.engine.judging import words  # once the worker has been started

        port = ports.of(lessons.find(verdict.lesson)) or PORT
        lines = words.block(verdict, self.screen, port)
        if verdict.done and self.own:
            following = lessons.after(lessons.find(verdict.lesson))
            lines += words.finished(verdict, following.name if following else None)
        return lines

    def all(self, there: list[Lesson]) -> int:
        """Show how all lessons stand, and the first open block; return the exit code."""
        touched = there
        if self.own and not self.as_json:
            touched = [lesson for lesson in there if not untouched(lesson)]
        if not touched:
            return self.nothing_yet(there)
        from checks.engine.judging.pool import judge_all  # needed for several only

        table = Table(self, there)
        judge_all(touched, self.root, table.deliver, self.seed)
        table.finish()
        if self.as_json:
            data = [verdict.as_dict() for verdict in table.verdicts]
            self.screen.say(json.dumps(data, indent=1, default=str))
        else:
            verdict = next((v for v in table.verdicts if not v.done), None)
            if verdict is not None:
                self.screen.say(*self.block(verdict))
        return max(verdict.exit_code for verdict in table.verdicts)

    def nothing_yet(self, there: list[Lesson]) -> int:
        """Say that the lessons are as they came; return the exit code."""
        self.screen.say(
            f"Nothing is done yet: all {len(there)} lessons are as they came.",
            f"Start here:  make lesson {there[0].number}",
        )
        return 1


class Table:
    """The lines of `make check`, each printed as soon as it is known."""

    def __init__(self, judge: Judge, there: list[Lesson]):
        self.judge, self.waiting = judge, list(there)
        self.widest = max(len(lesson.title) for lesson in there)
        self.verdicts: list[Verdict] = []

    def deliver(self, verdict: Verdict) -> None:
        """Take a verdict, after those on the untouched lessons before it."""
        while self.waiting and self.waiting[0].name != verdict.lesson:
            self.show(as_it_came(self.waiting.pop(0), self.judge.root))
        self.waiting.pop(0)
        self.show(verdict)
        if self.judge.own:
            progress.record(self.judge.memory, verdict)

    def finish(self) -> None:
        """Show the untouched lessons that are left."""
        for lesson in self.waiting:
            self.show(as_it_came(lesson, self.judge.root))

    def show(self, verdict: Verdict) -> None:
        """Print one line."""
        from checks.engine.judging import words

        self.verdicts.append(verdict)
        if not self.judge.as_json:
            self.judge.screen.say(words.row(verdict, self.widest, self.judge.screen))


def untouched(lesson: Lesson) -> bool:
    """Is the lesson as it came? Where nobody can tell, it counts as touched."""
    try:
        return code_of(files_of(lesson.folder)) == starters.starter(lesson.name)
    except WorkbookError:
        return False


def as_it_came(lesson: Lesson, root: Path) -> Verdict:
    """Return the verdict on an untouched lesson; the guards prove that it is this one."""
    steps = [StepVerdict(step.number, step.title, NOT_YET) for step in lesson.steps]
    return Verdict(lesson.name, lesson.title, lessons.shown(root), "", steps)


def verdict_on(
    lesson: Lesson,
    memory: Memory,
    root: Path = lessons.LESSONS,
    steps: frozenset[int] | None = None,
    seed: str | None = None,
) -> Verdict:
    """Judge one lesson, remember what is known of it now, and return the verdict."""
    found: list[Verdict] = []
    judge([lesson], root, found.append, [Round(steps=steps)], seed)
    if root == lessons.LESSONS:
        progress.record(memory, found[-1], whole=steps is None)
    return found[-1]

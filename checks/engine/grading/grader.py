"""Grade a class: many submissions on some processes, each kept as soon as it is known."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    wait,
)
from dataclasses import replace
from functools import cached_property

from checks.engine.grading import proof
from checks.engine.grading.gradebook import Gradebook
from checks.engine.grading.graded import Part, Setting, graded, timed_out
from checks.engine.grading.jobs import Desk, Job
from checks.engine.grading.students import Student
from checks.engine.judging.pool import held, processes
from checks.engine.judging.session import BrokenChecks
from checks.engine.lessons import WorkbookError
from checks.engine.worker.cage import Cage

AHEAD = 2  # submissions a process that have been read and wait


class Grader:
    """One run over a class.

    cage is asked for a cage once one is needed; with None for an answer there is none.
    told is called with each student that is done; pool lends an executor, and work is
    what its processes do with the parts of a submission, if not graded. failed says, by
    student, why no verdict could be made; doubts has what may be wrong with hidden
    checks, fresh is how many submissions were judged in this run.
    """

    def __init__(
        self,
        desk: Desk,
        book: Gradebook,
        cage: Callable[[], Cage | None],
        count: int,
        told: Callable[[Student], None] = lambda student: None,
        pool: Callable = processes,
        work: Callable[[Setting, tuple[Part, ...]], list[dict]] | None = None,
    ):
        self.desk, self.book, self.count, self.told = desk, book, count, told
        self.cage, self.pool, self.work = cage, pool, work
        self.open: dict[Future, Job] = {}
        self.alone: list[Job] = []
        self.failed: dict[str, str] = {}
        self.doubts: list[str] = []
        self.fresh = 0

    def grade(self, students: Iterable[Student]) -> dict[str, list[dict]]:
        """Judge what has no verdict yet; return the steps of every lesson that counts.

        Raises BrokenChecks for checks that cannot run, WorkbookError for a gradebook
        that takes nothing; what was kept until then stays.
        """
        jobs = self.jobs(students)
        while True:
            try:
                with self.pool(self.count) as executor:
                    outline = self.outline(executor)
                    self.together(executor, jobs)
                    self.one_by_one(executor)
                return outline
            except BrokenExecutor:
                pass  # a process died; all that it was judging is in alone

    @cached_property
    def setting(self) -> Setting:
        """What the processes need to know of the class."""
        hidden = [file for some in self.desk.hidden.values() for file in some]
        return Setting(self.desk.course.lessons, tuple(hidden), self.cage())

    def jobs(self, students: Iterable[Student]) -> Iterator[Job]:
        """Yield what has to be judged, reading one submission after the other."""
        for student in students:
            try:
                job = self.desk.job(student)
            except WorkbookError:
                raise
            except Exception as error:  # one of a class must not end it for all others
                self.fail(Job(student, {}), f"{type(error).__name__}: {error}"[:200])
                continue
            if job.parts:
                yield job
            else:
                self.finish(job)

    def outline(self, executor: Executor) -> dict[str, list[dict]]:
        """Return the steps of every lesson, asked for once for the same checks.

        What is doubtful of a hidden check is kept with its step: it is said in every run.
        """
        checks = self.desk.checks
        known = {name: self.book.steps(name, key) for name, key in checks.items()}
        if None in known.values():
            known = self.steps(executor)
            self.book.save_steps({n: (checks[n], known[n]) for n in known})
        steps = [step for each in known.values() for step in each]
        self.doubts = [step["doubt"] for step in steps if step.get("doubt")]
        return known

    def steps(self, executor: Executor) -> dict[str, list[dict]]:
        """Return the steps of every lesson, as pytest finds them.

        Raises WorkbookError for hidden checks that cannot judge.
        """
        try:
            told = self.submit(executor, ()).result()
        except BrokenChecks as error:
            if not any(self.desk.hidden.values()):
                raise
            raise WorkbookError(proof.unreadable(str(error))) from error
        doubts = self.try_hidden(executor)
        for verdict in told:
            for step in verdict["steps"]:
                step["doubt"] = doubts.get((verdict["lesson"], step["number"]), "")
        return {verdict["lesson"]: verdict["steps"] for verdict in told}

    def try_hidden(self, executor: Executor) -> dict[tuple[str, int], str]:
        """See that the hidden checks can judge: the published solutions go first."""
        names = [name for name, files in self.desk.hidden.items() if files]
        if not names:
            return {}
        solutions = proof.parts(names, self.desk.secret)
        return proof.doubts(self.submit(executor, solutions).result())

    def submit(self, executor: Executor, parts: tuple[Part, ...]) -> Future:
        """Hand some parts to the processes."""
        with held():  # a process that is only just starting could not end in order
            return executor.submit(self.work or graded, self.setting, parts)

    def together(self, executor: Executor, jobs: Iterator[Job]) -> None:
        """Judge jobs side by side, and no more of them read than are soon needed."""
        for job in jobs:
            try:
                self.open[self.submit(executor, job.parts)] = job
            except BrokenExecutor:
                self.alone.append(job)
                self.give_up()
            if len(self.open) >= AHEAD * self.count:
                self.take()
        while self.open:
            self.take()

    def take(self) -> None:
        """Take the results that are there; wait for the first."""
        done, _ = wait(self.open, return_when=FIRST_COMPLETED)
        for future in done:
            try:
                self.result(self.open[future], future)
            except BrokenExecutor:
                self.give_up()
            del self.open[future]

    def give_up(self) -> None:
        """Put aside whatever was being judged when a process died, and say so."""
        self.alone += self.open.values()
        self.open.clear()
        raise BrokenExecutor

    def result(self, job: Job, future: Future) -> None:
        """Keep a job's verdicts; one with a step that timed out is put aside."""
        try:
            verdicts = future.result()
        except (BrokenExecutor, BrokenChecks, WorkbookError):
            raise
        except Exception as error:
            self.fail(job, f"{type(error).__name__}: {error}"[:200])
            return
        parts = {part.lesson: part for part in job.parts}
        late = [(*each, v["lesson"]) for v in verdicts for each in timed_out(v)]
        for verdict in verdicts:
            name = verdict["lesson"]
            files = parts[name].files
            job.judged[name] = self.desk.judged(job, name, files, verdict)
        if late:
            # Those first that had the least time: they may well be honest.
            job.parts = tuple(
                replace(parts[name], steps=frozenset({number}))
                for _, number, name in sorted(late)
            )
            self.alone.append(job)
        else:
            self.fresh += 1
            self.finish(job)

    def one_by_one(self, executor: Executor) -> None:
        """Judge again, with nothing beside it, what timed out or was lost."""
        while self.alone:
            job = self.alone.pop(0)
            future = self.submit(executor, job.parts)
            try:
                verdicts = future.result()
            except BrokenExecutor:
                self.fail(job, "it ended the process that judged it, twice")
                raise
            except (BrokenChecks, WorkbookError):
                raise
            except Exception as error:
                self.fail(job, f"{type(error).__name__}: {error}"[:200])
                continue
            self.merge(job, verdicts)
            self.fresh += 1
            self.finish(job)

    def merge(self, job: Job, verdicts: list[dict]) -> None:
        """Let what was judged alone replace what timed out before."""
        for part, verdict in zip(job.parts, in_order(job.parts, verdicts), strict=True):
            origin = {}
            if part.steps:
                before = job.judged[part.lesson]
                again = {step["number"]: step for step in verdict["steps"]}
                steps = [again.get(s["number"], s) for s in before.verdict["steps"]]
                verdict = {**verdict, "steps": steps}
                origin["repeated"] = [*before.origin.get("repeated", []), *again]
            judged = self.desk.judged(job, part.lesson, part.files, verdict, **origin)
            job.judged[part.lesson] = judged

    def fail(self, job: Job, why: str) -> None:
        """Note that a submission could not be judged; what was known of it stays."""
        self.failed[job.student.name] = why
        self.told(job.student)

    def finish(self, job: Job) -> None:
        """Keep a job that is done."""
        self.desk.save(job)
        self.told(job.student)


def in_order(parts: Iterable[Part], verdicts: Iterable[dict]) -> list[dict]:
    """Return the verdicts in the order of the parts that they are on.

    Lessons as a whole are judged in their own order, steps as they were given.
    """
    left = [*verdicts]
    found = []
    for part in parts:
        at = next(i for i, v in enumerate(left) if v["lesson"] == part.lesson)
        found.append(left.pop(at))
    return found

"""Judge submissions in a process of its own: one pytest session, one worker for each.

All that goes in and comes out is plain data, so that the process may be anywhere.
"""

import os
import queue
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from checks.engine.judging import pool
from checks.engine.judging.session import Round, judge
from checks.engine.judging.verdict import StepVerdict, Verdict
from checks.engine.lessons import LESSONS, Lesson
from checks.engine.worker.cage import Cage
from checks.engine.worker.cells import Cells
from checks.engine.worker.patience import Patience
from checks.engine.worker.process import TIME, Worker

# Seconds: what a submission may waste, once beside others and once when its time-outs are
# repeated; then the least for an answer, for an import, for what starts a program. Four
# hanging steps make two times 3.0, which is the six that a submission may cost in vain
# where no more is running than there are processors.
PATIENCE = (2.4, 0.2, 0.5, 1.5)
MOST_BUSY = 8.0
WIDTH = 88
MOST_SAID = 60  # lines


@dataclass(frozen=True)
class Setting:
    """What is the same for a whole class: lessons, hidden checks, the cage if any."""

    lessons: tuple[str, ...]
    hidden: tuple[Path, ...]
    cage: Cage | None


@dataclass(frozen=True)
class Part:
    """One lesson of one submission: files, seed of unseen data, steps (None for all)."""

    lesson: str
    files: Mapping[str, bytes]
    seed: str
    steps: frozenset[int] | None = None


class Sitting(threading.Thread):
    """A session that stays: it judges one submission after the other.

    Its thread is the owner of the cages, which end with it. The worker of the next
    submission is begun while one is being judged.
    """

    def __init__(self, setting: Setting):
        super().__init__(daemon=True)
        self.setting = setting
        self.given: queue.SimpleQueue = queue.SimpleQueue()
        self.answers: queue.SimpleQueue = queue.SimpleQueue()
        self.found: list[Verdict] = []
        self.worker: Worker | None = None
        self.place: Cage | Cells | None = None

    def run(self) -> None:
        """Judge whatever is given, until None is."""
        try:
            self.place = lasting(self.setting.cage)
            self.worker = self.new_worker()
            lessons = [Lesson(name) for name in self.setting.lessons]
            judge(
                lessons,
                LESSONS,
                self.found.append,
                self.rounds(),
                worker=self.worker,
                hidden=self.setting.hidden,
            )
        except BaseException as error:  # told by ask(), in the thread that asked
            self.answers.put(error)
        finally:
            self.close()

    def new_worker(self) -> Worker:
        """Begin a worker; it is not waited for."""
        patience = Patience(*[seconds * busy() for seconds in PATIENCE])
        return Worker(self.place, patience)

    def rounds(self) -> Iterator[Round]:
        """Yield the rounds of every task, and answer it after its last one."""
        while (parts := self.given.get()) is not None:
            if parts:
                used, self.worker = self.worker, self.new_worker()
                try:
                    yield from rounds_of(parts, used)
                finally:
                    used.close()
            else:
                files = {name: {} for name in self.setting.lessons}
                yield Round(files, only_told=True)
            self.answers.put([plain(verdict) for verdict in self.found])
            self.found.clear()

    def ask(self, parts: tuple[Part, ...]) -> list[dict]:
        """Return the verdicts on some parts. Raises what has ended the session."""
        self.given.put(parts)
        answer = self.answers.get()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def close(self) -> None:
        """End the worker that was begun."""
        worker, self.worker = self.worker, None
        if worker is not None:
            worker.close()
        if isinstance(self.place, Cells):
            self.place.close()


def lasting(cage: Cage | None) -> Cage | Cells | None:
    """Return one cage for all submissions of a sitting, and a cell in it for each.

    Where the kernel makes no cells, the cage that it was given: a new one for each.
    """
    if cage is None:
        return None
    cells = Cells(cage)
    return cells if cells.work() else cage


def busy() -> float:
    """Return how many times longer all takes on this machine now, by what waits its turn.

    Honest work beside too much else must not run out of time.
    """
    return min(MOST_BUSY, max(1.0, os.getloadavg()[0] / pool.cores()))


def rounds_of(parts: tuple[Part, ...], worker: Worker) -> Iterator[Round]:
    """Yield as few rounds as will judge these parts: the whole lessons share one."""
    whole = [part for part in parts if part.steps is None]
    for some in [whole, *([part] for part in parts if part.steps is not None)]:
        if some:
            yield Round(
                {part.lesson: dict(part.files) for part in some},
                some[0].steps,
                {part.lesson: part.seed for part in some},
                worker,
            )


sittings: dict[Setting, Sitting] = {}


def graded(setting: Setting, parts: tuple[Part, ...]) -> list[dict]:
    """Judge the parts of one submission; return a verdict for each, as plain data.

    Without parts the steps of all lessons are told, and nothing is judged. Raises what
    judge raises.
    """
    sitting = sittings.get(setting)
    if sitting is None or not sitting.is_alive():
        sitting = sittings[setting] = Sitting(setting)
        sitting.start()
        pool.at_the_end(sitting.close)
    return sitting.ask(parts)


def plain(verdict: Verdict) -> dict:
    """Return what a gradebook keeps of a verdict."""
    return {
        "lesson": verdict.lesson,
        "title": verdict.title,
        "steps": [plain_step(step) for step in verdict.steps],
    }


def plain_step(step: StepVerdict) -> dict:
    """Return what a gradebook keeps of a step: its state, and what was seen, in words."""
    facts = step.details or {}
    return {
        "number": step.number,
        "title": step.title,
        "state": step.state,
        "points": step.points,
        "self_tested": step.self_tested,
        "hidden": step.hidden,
        "check": str(facts.get("check", "")),
        "how": str(facts.get("how", "")),
        "stumbled": bool(facts.get("shape")),
        "seconds": round(step.seconds, 3),
        "said": said(facts),
    }


def said(facts: dict) -> list[str]:
    """Return a failure in words, as the student would read them.

    A stranger's app may answer what no diagnosis has thought of; that is no reason to
    leave the rest of a class without marks.
    """
    from checks.engine.judging import words
    from checks.engine.judging.reading import LEAST, watch

    try:
        with watch.at_most(LEAST):
            return words.details(facts, WIDTH)[:MOST_SAID] if facts else []
    except Exception as error:
        return [f"the diagnosis failed ({type(error).__name__})"]


def timed_out(verdict: dict) -> list[tuple[float, int]]:
    """Return the steps of a plain verdict that may only have waited for the machine.

    Each comes with the seconds that it had.
    """
    return [(s["seconds"], s["number"]) for s in verdict["steps"] if s["how"] == TIME]

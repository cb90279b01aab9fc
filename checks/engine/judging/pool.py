"""Many lessons at once: judged by processes side by side, told in their order."""

import atexit
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from checks.engine.judging.session import Round, judge
from checks.engine.judging.verdict import Verdict
from checks.engine.lessons import Lesson
from checks.engine.worker.process import Worker

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 10.0  # seconds for a process to end its worker and remove its files
endings: list[Callable[[], None]] = []  # what a process of the pool does at its end


class LostJudge(Exception):
    """A process of the executor's ended before it had told its verdicts."""


@dataclass(frozen=True)
class Task:
    """What one process judges in one go: a lesson's folder under root, every round."""

    lesson: Lesson
    root: Path
    rounds: tuple[Round, ...] = (Round(),)
    seed: str | None = None


def judge_all(
    lessons: Sequence[Lesson],
    root: Path,
    deliver: Callable[[Verdict], None],
    seed: str | None = None,
) -> None:
    """Check the lessons' folders under root on all cores; deliver verdicts in order.

    Where there is one lesson or one core, no process more is started. Raises what
    judge and judge_on raise.
    """
    count = min(cores(), len(lessons))
    if count == 1:
        judge(lessons, root, deliver, seed=seed)
        return
    tasks = [Task(lesson, root, seed=seed) for lesson in lessons]
    with processes(count) as executor:
        judge_on(executor, tasks, deliver)


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def judge_on(
    executor: Executor, tasks: Sequence[Task], deliver: Callable[[Verdict], None]
) -> None:
    """Judge the tasks on an executor's processes; deliver verdicts in the tasks' order.

    Each is delivered as soon as it and all before it are known. Raises what judge
    raises, and LostJudge when a process ended by itself.
    """
    with held():  # a process that is only just starting could not end in order
        futures = {at: executor.submit(judged, tasks[at]) for at in in_turn(tasks)}
    for at, task in enumerate(tasks):
        try:
            verdicts = futures[at].result()
        except BrokenExecutor as error:
            raise LostJudge(
                f"a process ended before its verdict on lesson {task.lesson.number} "
                f"was known. `python -m checks.engine check {task.lesson.number}` "
                "judges one alone, with less memory."
            ) from error
        for verdict in verdicts:
            deliver(verdict)


def in_turn(tasks: Sequence[Task]) -> list[int]:
    """Return the places of the tasks in the order in which they are handed out.

    The one with the longest checks comes first: left to the end, it would keep one
    core busy alone. The others keep their order. To hand out all by length would save
    a twentieth, and keep the first line of the table back until nearly all are known.
    """
    places = list(range(len(tasks)))
    longest = max(places, key=lambda at: tasks[at].lesson.check.stat().st_size)
    return [longest, *[at for at in places if at != longest]]


# In the executor's processes.


def judged(task: Task) -> list[Verdict]:
    """Judge a task with this process's warm worker; return a verdict for each round.

    Raises what judge raises.
    """
    found: list[Verdict] = []
    judge([task.lesson], task.root, found.append, task.rounds, task.seed, warm_worker())
    return found


@cache
def warm_worker() -> Worker:
    """Return this process's one worker, which ends with it."""
    worker = Worker()
    at_the_end(worker.close)
    return worker


def at_the_end(do: Callable[[], None]) -> None:
    """Have something done when this process ends, also when it is told to."""
    endings.append(do)
    atexit.register(do)


def prepare() -> None:
    """Let this process end in order: when it is told to, and when its parent ends."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, leave)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=follow, daemon=True).start()


def follow() -> None:
    """Wait for the parent's end, however it comes, and end this process too."""
    multiprocessing.parent_process().join()
    os.kill(os.getpid(), signal.SIGTERM)


def leave(number: int, frame: object) -> None:
    """End at once, with the worker and its files."""
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    for do in endings:
        do()
    os._exit(128 + number)


# The processes and their owner.


@contextlib.contextmanager
def processes(count: int) -> Iterator[Executor]:
    """Lend an executor with that many processes; however the block ends, they end."""
    others = {*multiprocessing.active_children(), *threading.enumerate()}
    spawn = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(count, spawn, prepare)
    try:
        yield executor
        executor.shutdown()
    except BaseException:
        with held():  # a second Ctrl-C would leave some of them behind
            # Once the executor has let go of them, a thread may be the last to hold
            # semaphores: it is kept, so that they are given back here, before the end.
            threads = {*threading.enumerate()}
            executor.shutdown(wait=False, cancel_futures=True)
            end({*multiprocessing.active_children()} - others)
            for thread in threads.union(threading.enumerate()) - others:
                thread.join(PATIENCE)
        raise


def end(running: set) -> None:
    """Tell processes to end, and kill those that do not."""
    for process in running:
        process.terminate()
    going = {process.sentinel: process for process in running}
    until = time.monotonic() + PATIENCE
    while going and (left := until - time.monotonic()) > 0:
        for sentinel in multiprocessing.connection.wait([*going], left):
            del going[sentinel]
    for process in going.values():
        process.kill()


@contextlib.contextmanager
def held() -> Iterator[None]:
    """Hold back the signals that end a command until the block is through."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

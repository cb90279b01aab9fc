"""How long a judge may compute over what a stranger's app has answered.

A page can be made so that a parser, or a comparison of two texts, takes hours over it.
The time is that of the judge's own thread, so that a busy machine changes nothing.
"""

import contextlib
import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType

from checks.engine.worker.process import COMPUTING, Lost

# What a judge may compute in vain over one round of checks; then the least for each.
SECONDS, LEAST = 2.0, 0.3
LOOK_SECONDS = 0.05


class TooLong(Lost):
    """What the app has answered takes too long to read."""

    def __init__(self):
        super().__init__("what the app answered takes too long to read", COMPUTING)


class Watch:
    """A thread that looks at how long another computes, while that is bound."""

    def __init__(self):
        self.lock, self.bound = threading.Lock(), threading.Event()
        self.thread, self.until = 0, 0.0
        self.clock: Callable[[], float] = time.monotonic
        self.running = False

    @contextlib.contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Raise TooLong in the block once it has computed for so many seconds.

        One call into C that takes longer is not interrupted.
        """
        clock = own_clock()
        with self.lock:
            self.thread, self.clock = threading.get_ident(), clock
            self.until = clock() + seconds
        self.bound.set()
        if not self.running:
            self.running = True
            threading.Thread(target=self.look, daemon=True).start()
        try:
            yield
        finally:
            self.release()

    def release(self) -> None:
        """End the bound; an exception that is only on its way is called back."""
        while self.until:
            try:
                with self.lock:
                    self.until = 0.0
                    self.bound.clear()
                    throw(self.thread, None)
            except TooLong:
                pass  # it came after all; the block is through

    def look(self) -> None:
        """Look at the clock of the thread that is bound, as long as one is."""
        while True:
            self.bound.wait()
            time.sleep(LOOK_SECONDS)
            with self.lock:
                if self.until and self.clock() > self.until:
                    throw(self.thread, TooLong)


def own_clock() -> Callable[[], float]:
    """Return a clock of this thread's computing; of all time where there is none."""
    if not hasattr(time, "pthread_getcpuclockid"):  # not on macOS
        return time.monotonic
    number = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(number)


def throw(thread: int, error: type[BaseException] | None) -> None:
    """Raise an exception in a thread, at its next step; None takes one back."""
    kind = ctypes.py_object(error) if error else None
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), kind)


watch = Watch()


class Allowance:
    """What a judge may compute in vain over one round of checks."""

    def __init__(self):
        self.left = SECONDS

    @contextlib.contextmanager
    def bound(self) -> Iterator[None]:
        """Bound what this thread computes over answers in the block.

        Raises TooLong when it is over.
        """
        seconds = max(LEAST, self.left)
        try:
            with watch.at_most(seconds):
                yield
        except TooLong:
            self.left -= seconds
            raise


def give_lines(error: BaseException | None) -> None:
    """Give a line to each step of an exception's traceback, and of those it came from.

    Where one is thrown in between two lines a step has none, and pytest wants one of
    each. A traceback's steps are changed in place: others may hold it, too.
    """
    done: set[int] = set()
    while error is not None and id(error) not in done:
        done.add(id(error))
        if (first := error.__traceback__) is not None:
            error.__traceback__ = at = with_line(first)
            while (following := at.tb_next) is not None:
                at.tb_next = at = with_line(following)
        error = error.__cause__ or error.__context__


def with_line(step: TracebackType) -> TracebackType:
    """Return a step of a traceback, with its function's line where it has none."""
    if step.tb_lineno is not None:
        return step
    frame = step.tb_frame
    line = frame.f_code.co_firstlineno
    return TracebackType(step.tb_next, frame, step.tb_lasti, line)

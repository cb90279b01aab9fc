"""How far a class is: a bar on a terminal, a few plain lines everywhere else."""

import os
import time
from collections.abc import Callable

from checks.engine.grading.students import Student
from checks.engine.screen import Screen

BAR, NARROW, TENTHS = 20, 60, 10


class Progress:
    """The line that tells how many of a class are done, how fast, and what is left."""

    def __init__(
        self,
        screen: Screen,
        count: int,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.screen, self.count, self.clock = screen, count, clock
        self.begun, self.done, self.said = clock(), 0, 0
        plain = os.environ.get("NO_COLOR") or screen.size.columns < NARROW
        self.bar = screen.movable and not plain

    def tell(self, student: Student) -> None:
        """Count one student, and show it."""
        self.done += 1
        if self.bar:
            self.screen.put("\r\033[K" + self.line())
            self.screen.stream.flush()
        elif self.done * TENTHS // self.count > self.said:
            self.said = self.done * TENTHS // self.count
            self.screen.say(self.plain())

    def line(self) -> str:
        """Return ``■■■■□□□□ 12 of 40   3.4 a second   8 s left``."""
        full = BAR * self.done // self.count
        bar = "■" * full + "□" * (BAR - full)
        if not self.screen.unicode:
            bar = "#" * full + "." * (BAR - full)
        return f"  {bar} {self.plain()}"

    def plain(self) -> str:
        """Return ``12 of 40   3.4 a second   8 s left``."""
        spent = max(self.clock() - self.begun, 0.001)
        rate = self.done / spent
        left = (self.count - self.done) / rate
        told = f"{self.done} of {self.count}   {rate:.1f} a second"
        return told if self.done == self.count else f"{told}   {duration(left)} left"

    def end(self) -> None:
        """Take the bar away."""
        if self.bar:
            self.screen.put("\r\033[K")
            self.screen.stream.flush()


def duration(seconds: float) -> str:
    """Return ``8 s``, ``3 min`` or ``2 h 5 min``."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"

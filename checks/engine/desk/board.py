"""What the desk knows of a running lesson: the latest state, for many threads at once."""

import datetime
import re
import secrets
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from checks.engine.judging.verdict import Verdict
from checks.engine.learner.company import Company
from checks.engine.learner.green import Green
from checks.engine.learner.running import App
from checks.engine.learner.saves import Files
from checks.engine.lessons import Lesson

REQUEST = re.compile(r"([A-Z]+) (/\S*)  (\d{3})")
LINES, REQUESTS = 200, 12  # that are kept
VERDICT, APP, LOG = "verdict", "app", "log"


@dataclass(frozen=True)
class Asked:
    """A request that came in: its number, when, and what was answered."""

    number: int
    time: str
    method: str
    path: str
    status: int


class Board(Company):
    """The latest state of a lesson that runs, and a number for each of its parts.

    A number grows with every change of its part, so whoever has seen it knows whether
    there is anything new. run is another one for every `make lesson`.
    """

    def __init__(self, lesson: Lesson, green: Green):
        self.lesson, self.green = lesson, green
        self.run = secrets.token_hex(8)
        self.app: App | None = None
        self.verdict: Verdict | None = None
        self.files: Files = {}
        self.why = ""  # there is no verdict on the last save
        self.busy = True
        self.saves = 0
        self.log: deque[str] = deque(maxlen=LINES)
        self.requests: deque[Asked] = deque(maxlen=REQUESTS)
        self.questions = 0  # how often the solution was asked for
        self.count = 0
        self._numbers = {VERDICT: 0, APP: 0, LOG: 0}
        self._changed = threading.Condition()

    # What the running lesson tells.

    def begin(self, app: App) -> Sequence[str]:
        """Take the app."""
        self.app = app
        return ()

    def saved(self) -> None:
        """Know that a verdict is on its way."""
        with self._changed:
            self.busy = True
            self.saves += 1
            self._count(APP)  # templates need no restart, but another look

    def judged(self, verdict: Verdict, files: Files) -> None:
        """Take a verdict and the files that it is about."""
        with self._changed:
            self.verdict, self.files, self.why = verdict, files, ""
            self.busy = False
            self.green.judged(verdict, files)
            self._count(VERDICT)

    def unreadable(self, why: str) -> None:
        """Take the reason why there is no verdict."""
        with self._changed:
            self.why, self.busy = why, False
            self._count(VERDICT)

    def told(self, line: str) -> None:
        """Take a line that the app printed; a request is one, too."""
        now = datetime.datetime.now().strftime("%H:%M:%S")
        with self._changed:
            self.log.append(line)
            if found := REQUEST.fullmatch(line):
                number = self.requests[-1].number + 1 if self.requests else 1
                asked = Asked(number, now, found[1], found[2], int(found[3]))
                self.requests.append(asked)
            self._count(LOG)

    def moved(self) -> None:
        """Know that the app may be in another state."""
        with self._changed:
            self._count(APP)

    # What the page asks.

    def ask(self, count: int) -> None:
        """Remember how often the solution was asked for; 0 puts it away."""
        with self._changed:
            self.questions = count
            self._count(VERDICT)

    def refresh(self) -> None:
        """Have all pages look at the verdict's part again."""
        with self._changed:
            self._count(VERDICT)

    def now(self) -> dict:
        """Return what a page compares with what it has."""
        port = self.app.port if self.app else 0
        numbers = {"run": f"{self.run}-{port}", "busy": self.busy, **self._numbers}
        return numbers | {"lesson": self.lesson.name}

    def wait(self, seen: dict | None, seconds: float) -> dict:
        """Wait until something is another than was seen, or for some seconds; return it."""
        with self._changed:
            self._changed.wait_for(lambda: self.now() != seen, seconds)
            return self.now()

    def printed(self) -> tuple[list[str], list[Asked]]:
        """Return the app's last lines, and the last requests, the newest first."""
        with self._changed:
            return list(self.log), list(self.requests)[::-1]

    def _count(self, *parts: str) -> None:
        self.count += 1
        for part in parts:
            self._numbers[part] += 1
        self._changed.notify_all()

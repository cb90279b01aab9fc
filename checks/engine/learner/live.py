"""`make lesson`: the app running, and a new verdict after every save."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from checks.engine import lessons
from checks.engine.judging import words
from checks.engine.judging.session import Round, judge
from checks.engine.judging.verdict import Verdict
from checks.engine.learner import ports, progress
from checks.engine.learner.company import Company
from checks.engine.learner.page import Page
from checks.engine.learner.running import App
from checks.engine.learner.saves import Files, saves, typed
from checks.engine.learner.state import Memory
from checks.engine.lessons import Lesson
from checks.engine.screen import PORT, Screen, sentence, wrap

# The running app reads these anew for every request; saving one is no reason to restart.
READ_ANEW = {"templates", "static"}
VERDICT_FIRST = 0.5  # seconds that a restart waits for the verdict, at most


class Live:
    """One lesson on the screen, until it is interrupted.

    news are lines that a learner should read first; company goes along with it.
    """

    def __init__(
        self,
        lesson: Lesson,
        memory: Memory,
        screen: Screen,
        news: Sequence[str] = (),
        company: Company | None = None,
    ):
        self.lesson, self.memory, self.screen = lesson, memory, screen
        self.news = news
        self.company = company or Company()
        self.page = Page(screen)
        self.app = App(lesson, self.tell, self.company.moved)
        self.started: Files | None = None
        self.files: Files = {}
        following = lessons.after(lesson)
        self.following = following.name if following else None

    def run(self) -> None:
        """Run until Ctrl-C, which is how it ends; nothing that was started is left."""
        try:
            more = self.company.begin(self.app)
            top = head(self.lesson, self.app.port, self.screen, self.news, more)
            self.page.begin(top)
            with ports.noted(self.lesson, self.app.port):
                rounds = self.rounds()
                # The app starts while the judge is still being imported.
                together = itertools.chain([next(rounds)], rounds)
                judge([self.lesson], lessons.LESSONS, self.deliver, together)
        except KeyboardInterrupt:
            self.screen.say("", "Stopped.")
        finally:
            self.app.close()

    def rounds(self) -> Iterator[Round]:
        """Yield the files of every save, with the app started on them."""
        for files in saves(self.lesson.folder, self.unreadable):
            code = {p: c for p, c in typed(files).items() if is_read_once(p)}
            if self.started is None:
                self.app.start()
            elif code != self.started or not self.app.alive:
                # The verdict first: both at once would share the same two cores.
                self.app.restart(VERDICT_FIRST)
            self.started, self.files = code, files
            self.company.saved()
            yield Round({self.lesson.name: files})
            self.app.hurry()

    def deliver(self, verdict: Verdict) -> None:
        """Show a verdict and remember it."""
        lines = words.block(verdict, self.screen, self.app.port)
        if verdict.done:
            lines += words.finished(verdict, self.following)
        self.page.verdict(lines)
        self.company.judged(verdict, self.files)
        progress.record(self.memory, verdict)

    def tell(self, line: str) -> None:
        """Show a line that the app printed."""
        self.page.app(line)
        self.company.told(line)

    def unreadable(self, why: str) -> None:
        """Show why there is no verdict on what was saved."""
        self.page.verdict(["", *sentence(why, self.screen)])
        self.company.unreadable(why)


def is_read_once(path: str) -> bool:
    """Does the app read this file only when it starts?"""
    return READ_ANEW.isdisjoint(PurePosixPath(path).parts)


def head(
    lesson: Lesson,
    port: int,
    screen: Screen,
    news: Sequence[str] = (),
    more: Sequence[str] = (),
) -> list[str]:
    """Return the head of a running lesson: where its app answers and how it ends."""
    lines = [*news, f"Your app:   http://127.0.0.1:{port}   (Ctrl-C ends it)"]
    already = ports.of(lesson)
    if already is not None:
        address = f"http://127.0.0.1:{already}"
        lines.insert(0, f"Lesson {lesson.number} runs at {address} already, too.")
    if port != PORT:
        lines.insert(0, f"Port {PORT} is taken, so this one uses {port}.")
    place = lessons.shown(lesson.folder)
    lines.append(f"Your files: {place}/ (README.md says what to do)")
    lines += more
    return [piece for line in lines for piece in wrap(line, screen.width)]

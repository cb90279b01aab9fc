"""Who goes along with a running lesson, and is told of all that the screen is told."""

from collections.abc import Sequence

from checks.engine.judging.verdict import Verdict
from checks.engine.learner.running import App
from checks.engine.learner.saves import Files


class Company:
    """Somebody who listens; this one does nothing with it.

    Each is called as soon as the screen has it, begin and judged by the main thread, the
    others by any. None may take long: the next save waits for them.
    """

    def begin(self, app: App) -> Sequence[str]:
        """Take the app, which is about to start; return lines for the screen's head."""
        return ()

    def saved(self) -> None:
        """Hear that there are new files, and that their verdict is on its way."""

    def judged(self, verdict: Verdict, files: Files) -> None:
        """Take a verdict and the files that it is about."""

    def unreadable(self, why: str) -> None:
        """Take the sentence that says why there is no verdict on the last save."""

    def told(self, line: str) -> None:
        """Take a line that the app printed."""

    def moved(self) -> None:
        """Hear that the app has started, has ended or is about to."""

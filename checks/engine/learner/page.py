"""The screen of `make lesson`: the app's lines above, the verdict always last."""

import threading
import unicodedata

from checks.engine.screen import Screen, unpainted

CLEAR, UP, ERASE = "\033[2J\033[H", "\033[{}A", "\r\033[J"


class Page:
    """What stands on the screen; several threads may write to it.

    On a terminal every verdict starts a new screen and stays at its foot; anywhere
    else lines are printed as they come.
    """

    def __init__(self, screen: Screen):
        self.screen = screen
        self.head: list[str] = []
        self.foot: list[str] = []
        self._lock = threading.Lock()
        self._moves = screen.movable

    def begin(self, head: list[str]) -> None:
        """Show the lines that stand above everything."""
        with self._lock:
            self.head = head
            self.screen.say(*head)

    def verdict(self, lines: list[str]) -> None:
        """Show a new verdict."""
        with self._lock:
            if self._moves:
                self.screen.put(CLEAR)
                self.screen.say(*self.head, *lines)
            else:
                self.screen.say(*lines)
            self.foot = lines

    def app(self, line: str) -> None:
        """Show a line that the app printed."""
        self.above([self.screen.paint("  app | " + line, "2")])

    def above(self, lines: list[str]) -> None:
        """Print lines above the verdict, which is drawn again beneath them."""
        with self._lock:
            rows = sum(self.rows(line) for line in self.foot)
            if self._moves and self.foot and rows < self.screen.size.lines:
                self.screen.put(UP.format(rows) + ERASE)
                self.screen.say(*lines, *self.foot)
            else:
                self.screen.say(*lines)

    def rows(self, line: str) -> int:
        """Return how many rows of the terminal a line takes."""
        plain = unpainted(line)
        cells = sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in plain)
        return max(1, -(-cells // self.screen.size.columns))

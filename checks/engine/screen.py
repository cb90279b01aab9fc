"""Where lines go: a terminal or a file, of any width, in colour or not, in any letters.

Everything that prints stands on it, also before anything is installed.
"""

import os
import re
import shutil
import sys
import textwrap
from typing import TextIO

PORT = 5050
COLOURS = re.compile(r"\033\[[0-9;]*m")
PLAIN = str.maketrans(
    {"■": "#", "□": ".", "·": "-", "→": "->", "…": "...", "│": "|", "é": "e"}
)


class Screen:
    """Where lines go: knows its width, whether it takes colour, and which letters.

    stream is usually sys.stdout; a pipe or a file gets plain lines.
    """

    def __init__(self, stream: TextIO | None = None):
        self.stream = stream or sys.stdout
        self.terminal = self.stream.isatty()
        term = os.environ.get("TERM", "")
        self.colour = (
            self.terminal and not os.environ.get("NO_COLOR") and term != "dumb"
        )
        encoding = (getattr(self.stream, "encoding", None) or "ascii").lower()
        self.unicode = encoding.startswith("utf")
        self.encoding = encoding

    @property
    def width(self) -> int:
        """Columns that a line may take, between 40 and 88."""
        return max(40, min(88, shutil.get_terminal_size((88, 24)).columns))

    @property
    def size(self) -> os.terminal_size:
        """The terminal's columns and lines."""
        return shutil.get_terminal_size((88, 24))

    @property
    def movable(self) -> bool:
        """Can the cursor be sent back up, to draw over what stands there?"""
        return self.terminal and os.environ.get("TERM", "dumb") != "dumb"

    def put(self, control: str) -> None:
        """Send a terminal a control sequence."""
        self.stream.write(control)

    def paint(self, text: str, code: str) -> str:
        """Return text in a colour, where colours are wanted."""
        return f"\033[{code}m{text}\033[0m" if self.colour and text else text

    def say(self, *lines: str) -> None:
        """Print lines, in letters that this stream can show."""
        text = "\n".join(lines)
        if not self.unicode:
            text = (
                text.translate(PLAIN)
                .encode(self.encoding, "replace")
                .decode(self.encoding)
            )
        print(text, file=self.stream, flush=True)


def unpainted(text: str) -> str:
    """Return a text without its colours."""
    return COLOURS.sub("", text)


def wrap(line: str, width: int) -> list[str]:
    """Return a line in pieces that fit; code keeps its own indentation."""
    if line.startswith("  ") or len(line) <= width:
        return [line]
    return textwrap.wrap(
        line,
        width,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def sentence(text: str, screen: Screen) -> list[str]:
    """Return a sentence, indented and as wide as the screen allows."""
    return [
        "  " + piece
        for line in text.splitlines()
        for piece in wrap(line, screen.width - 2)
    ]


def say(*lines: str) -> None:
    """Print lines where a command's output goes."""
    Screen().say(*lines)

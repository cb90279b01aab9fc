"""Two versions of a file side by side: rows of a table, what is equal left out."""

import difflib
from dataclasses import dataclass

from checks.engine.learner.saves import Files

CONTEXT = 3  # equal lines that stay around a difference


@dataclass(frozen=True)
class Row:
    """A row: the number and text of a line on either side, None where there is none.

    kind is "same", "other" or "gap", where equal lines were left out.
    """

    kind: str
    left: tuple[int, str] | None = None
    right: tuple[int, str] | None = None


@dataclass(frozen=True)
class FileSides:
    """One file that differs; note says why there are no rows, or that a side is missing."""

    path: str
    note: str
    rows: list[Row]


def compare(mine: Files, theirs: Files) -> list[FileSides]:
    """Return the files that differ, the learner's on the left."""
    paths = sorted(mine.keys() | theirs.keys())
    differ = [path for path in paths if mine.get(path) != theirs.get(path)]
    return [one_file(path, mine.get(path), theirs.get(path)) for path in differ]


def one_file(path: str, mine: bytes | None, theirs: bytes | None) -> FileSides:
    """Return the two sides of one file."""
    note = ""
    if mine is None:
        note = "you do not have this file"
    elif theirs is None:
        note = "the solution does not have this file"
    try:
        old, new = ((side or b"").decode().splitlines() for side in (mine, theirs))
    except UnicodeDecodeError:
        return FileSides(path, note or "they differ, and one is no text", [])
    found = rows(old, new)
    return FileSides(path, note or ("" if found else "only line ends differ"), found)


def rows(old: list[str], new: list[str]) -> list[Row]:
    """Return the rows of two texts, with a gap between pieces that lie apart."""
    found: list[Row] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number or group[0][1]:
            found.append(Row("gap"))
        for kind, a, b, c, d in group:
            found += pair(
                kind, list(enumerate(old, 1))[a:b], list(enumerate(new, 1))[c:d]
            )
    return found


def pair(kind: str, left: list, right: list) -> list[Row]:
    """Return rows of which each has a line of both sides, as far as there are any."""
    name = "same" if kind == "equal" else "other"
    longest = max(len(left), len(right))
    left += [None] * (longest - len(left))
    right += [None] * (longest - len(right))
    return [Row(name, a, b) for a, b in zip(left, right, strict=True)]

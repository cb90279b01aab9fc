"""Is what was handed in the published solution? A place to look, and no verdict."""

import io
import keyword
import re
import tokenize
from collections.abc import Mapping
from functools import cache

from checks.engine import starters
from checks.engine.lessons import SOLUTIONS, code_of, files_of

MOST_READ = 200_000  # bytes of one file
# Words that a solution adds: with fewer, many come to the same but for the names.
LEAST_ADDED = 150
TEXT = re.compile(r"[A-Za-z]{0,2}[\"']|[\d.]*\d")
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT}
LAYOUT |= {tokenize.DEDENT}


def to_solution(lesson: str, files: Mapping[str, bytes]) -> bool:
    """Are the files that a lesson changes those of its solution?

    Comments, blank lines and the end of a line do not matter. Where a solution adds much,
    names and texts may be others, as long as each stands for one of the solution's.
    """
    theirs = changed(lesson)
    if not theirs or not theirs.keys() <= files.keys():
        return False
    mine = {path: words(path, files[path]) for path in theirs}
    if mine == theirs:
        return True
    large = added(lesson) >= LEAST_ADDED
    return large and all(shape(mine[path]) == shape(theirs[path]) for path in theirs)


def shape(told: tuple[str, ...]) -> list[str]:
    """Return words with numbers for names, in their order, and a sign for each text."""
    known: dict[str, str] = {}
    found = []
    for word in told:
        if word.isidentifier() and not keyword.iskeyword(word):
            word = known.setdefault(word, str(len(known)))
        elif TEXT.match(word):
            word = '"'
        found.append(word)
    return found


@cache
def added(lesson: str) -> int:
    """Return how many words a solution has more than its starter."""
    given = starters.starter(lesson)
    return sum(
        len(told) - len(words(path, given.get(path, b"")))
        for path, told in changed(lesson).items()
    )


@cache
def changed(lesson: str) -> dict[str, tuple[str, ...]]:
    """Return the words of the solution's files that differ from the starter's."""
    solution, given = code_of(files_of(SOLUTIONS / lesson)), starters.starter(lesson)
    return {
        path: words(path, content)
        for path, content in solution.items()
        if words(path, content) != words(path, given.get(path, b""))
    }


def words(path: str, content: bytes) -> tuple[str, ...]:
    """Return what of a file has a meaning; a large one or none of Python's as it is."""
    if path.endswith(".py") and len(content) <= MOST_READ:
        try:
            # As UTF-8, whatever its first line says: some encodings are no text at all.
            text = io.StringIO(content.decode("utf-8-sig"))
            found = tokenize.generate_tokens(text.readline)
            return tuple(token.string for token in found if token.type not in LAYOUT)
        except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
            pass
    lines = content[:MOST_READ].decode("utf-8", "replace").splitlines()
    return tuple(line.strip() for line in lines if line.strip())

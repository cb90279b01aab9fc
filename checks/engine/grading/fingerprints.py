"""What remains of Python code whatever its names are: fingerprints of runs of tokens.

Names, numbers and texts count as such, comments and layout not at all. Of all runs of so
many tokens, those with the least hash in their neighbourhood are kept: winnowing, which
finds every shared run that is a little longer, wherever it stands.
"""

import io
import keyword
import tokenize
import zlib
from collections.abc import Iterator, Mapping
from functools import cache

from checks.engine import starters
from checks.engine.lessons import SOLUTIONS, code_of, files_of

VERSION = 1
PROJECTS = ("17_blog", "32_ship")  # where there is room for code of one's own
GRAM, WINDOW = 16, 8  # tokens in a run, and runs of which one is kept
MOST_READ, MOST_KEPT = 400_000, 2000  # bytes of a lesson, fingerprints
LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT}
LAYOUT |= {tokenize.DEDENT, tokenize.ENDMARKER}
BROKEN = (tokenize.TokenError, SyntaxError, ValueError, RecursionError)

# A fingerprint: its hash, and the first and last line of its run. A list, as in JSON.
Print = list[int]


def of(lesson: str, files: Mapping[str, bytes]) -> dict[str, list[Print]]:
    """Return the fingerprints of a lesson's files that are nobody else's, by file.

    Those that starter or solution has are left out: everybody may have them.
    """
    known, left, room = common(lesson), MOST_READ, MOST_KEPT
    found = {}
    for path, content in sorted(files.items()):
        if not path.endswith(".py") or content in published(lesson):
            continue
        left -= len(content)
        if left >= 0:
            mine = [each for each in prints(content) if each[0] not in known]
            mine = [*{each[0]: each for each in reversed(mine)}.values()][::-1][:room]
            room -= len(mine)
            found |= {path: mine} if mine else {}
    return found


@cache
def published(lesson: str) -> frozenset[bytes]:
    """Return the files of Python in a lesson's starter and solution."""
    solution = code_of(files_of(SOLUTIONS / lesson))
    both = [*starters.starter(lesson).items(), *solution.items()]
    return frozenset(content for path, content in both if path.endswith(".py"))


@cache
def common(lesson: str) -> frozenset[int]:
    """Return the hashes of all runs, kept or not, in a lesson's starter and solution."""
    every = (runs(content) for content in published(lesson))
    return frozenset(each[0] for found in every for each in found)


def prints(content: bytes) -> list[Print]:
    """Return the fingerprints of one file, in its order."""
    every = runs(content)
    found: list[Print] = []
    for at in range(max(1, len(every) - WINDOW + 1)):
        least = min(every[at : at + WINDOW], default=None, key=lambda each: each[0])
        if least is not None and (not found or least is not found[-1]):
            found.append(least)
    return found


def runs(content: bytes) -> list[Print]:
    """Return every run of tokens in a file."""
    every = [*tokens(content)]
    found = []
    for at in range(len(every) - GRAM + 1):
        run = every[at : at + GRAM]
        told = " ".join(word for word, _ in run).encode("utf-8", "replace")
        found.append([zlib.crc32(told), run[0][1], run[-1][1]])
    return found


def tokens(content: bytes) -> Iterator[tuple[str, int]]:
    """Yield the tokens of a file as far as it is Python, each with its line."""
    depth = 0
    try:
        text = io.StringIO(content.decode("utf-8-sig"))
        for token in tokenize.generate_tokens(text.readline):
            kind = tokenize.tok_name[token.type]
            depth -= kind.endswith("STRING_END")
            if token.type not in LAYOUT and not depth:
                yield normal(token.string, kind), token.start[0]
            depth += kind.endswith("STRING_START")
    except BROKEN:
        return


def normal(word: str, kind: str) -> str:
    """Return what counts of a token: keywords and signs as they are, of others the kind."""
    if kind == "NAME":
        return word if keyword.iskeyword(word) else "n"
    return {"NUMBER": "0", "STRING": '"'}.get(kind, '"' if "STRING" in kind else word)

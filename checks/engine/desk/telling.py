"""A verdict as the page tells it: the terminal's words, and what the terminal has no room for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from checks.engine.judging import words
from checks.engine.judging.verdict import BROKEN, StepVerdict, Verdict
from checks.engine.learner.saves import Files

AROUND = 3  # lines above and below the one that raised
MOST_TEXT = 6000  # characters of a body that a person would look through
SEEN_AT_ONCE = 20  # letters
SHORTEST = 3  # letters of a wanted text that are no chance
PLACE = re.compile(r"^(lessons/\S+:\d+)(?:   (.*))?$")


@dataclass(frozen=True)
class Line:
    """A line of a diagnosis; place and code where it is one of the learner's own lines.

    asked says that it is the request.
    """

    text: str
    asked: bool = False
    place: str = ""
    code: str = ""


@dataclass(frozen=True)
class Excerpt:
    """A piece of a file of the learner's: (number, text) of its lines, and which is meant."""

    path: str
    line: int
    rows: list[tuple[int, str]]


@dataclass(frozen=True)
class Told:
    """One open step: its lines, what repeats it, and the evidence behind a fold."""

    step: StepVerdict
    lines: list[Line]
    repeat: str | None
    excerpt: Excerpt | None
    exchange: Mapping | None
    body: Markup
    sides: tuple[Markup, Markup] | None
    fault: str


def told(verdict: Verdict, files: Files, port: int) -> Told | None:
    """Return what the page tells of the first open step, None where there is none."""
    step = verdict.first_open
    if step is None:
        return None
    facts = step.details or {}
    exchange = facts.get("exchange")
    wanted = facts.get("wanted", "")
    return Told(
        step,
        [line(text, exchange) for text in words.told(facts)],
        words.repeat(facts, port),
        excerpt(facts, files),
        exchange,
        marked(exchange["response"], wanted) if exchange else Markup(),
        sides(*facts["sides"]) if worth_a_look(facts.get("sides")) else None,
        words.FAULT if step.state == BROKEN else "",
    )


def worth_a_look(pair: Sequence[str] | None) -> bool:
    """Are the two sides so long that their first difference is hard to see?"""
    return bool(pair) and max(map(len, pair)) > SEEN_AT_ONCE


def line(text: str, exchange: Mapping | None) -> Line:
    """Return a line, taken apart where it names a place in the learner's files."""
    if found := PLACE.match(text):
        return Line(text, False, found[1], found[2] or "")
    asked = bool(exchange) and text.startswith(f"{exchange['method']} ")
    return Line(text, asked)


def excerpt(facts: Mapping, files: Files) -> Excerpt | None:
    """Return the learner's own line that raised with the lines around it, if one did."""
    crash = facts.get("crash") or {}
    spots = [*reversed(crash.get("frames") or []), crash.get("view") or {}]
    for spot in spots:
        path, number = spot.get("file"), spot.get("line")
        if path in files and isinstance(number, int):
            lines = files[path].decode("utf-8", "replace").splitlines()
            first, last = max(1, number - AROUND), min(len(lines), number + AROUND)
            rows = [(n, lines[n - 1]) for n in range(first, last + 1)]
            return Excerpt(path, number, rows) if rows else None
    return None


def marked(body: str, wanted: str) -> Markup:
    """Return a body with a mark where it leaves what was wanted, as far as that is there."""
    start, end = departure(body, wanted)
    cut = min(len(body), max(MOST_TEXT, end + AROUND * 80))
    text = escape(body[:start]) + mark(body[start:end]) + escape(body[end:cut])
    return text + "…" if cut < len(body) else text


def departure(body: str, wanted: str) -> tuple[int, int]:
    """Return where a body holds the longest beginning of a wanted text, and its end.

    Capitals do not count; where there is nothing of it, both are 0.
    """
    low, text = body.lower(), wanted.lower()
    if len(low) != len(body):
        return 0, 0  # a letter whose small form is two: the places would not agree
    size = common(low, text)
    at = low.find(text[:size]) if size >= min(SHORTEST, max(1, len(text))) else -1
    return (at, at + size) if at >= 0 else (0, 0)


def common(body: str, wanted: str) -> int:
    """Return how long the longest beginning of a wanted text is that a body holds."""
    least, most = 0, len(wanted)
    while least < most:
        half = (least + most + 1) // 2
        least, most = (half, most) if wanted[:half] in body else (least, half - 1)
    return least


def sides(wanted: str, came: str) -> tuple[Markup, Markup]:
    """Return what was expected and what came, the first difference marked in both."""
    at = next(
        (
            n
            for n, pair in enumerate(zip(wanted, came, strict=False))
            if len({*pair}) > 1
        ),
        min(len(wanted), len(came)),
    )
    return tuple(split(text, at) for text in (wanted, came))


def split(text: str, at: int) -> Markup:
    """Return a text whose letter at a place is marked; the end is a place, too."""
    return escape(text[:at]) + mark(text[at : at + 1] or "¶") + escape(text[at + 1 :])


def mark(text: str) -> Markup:
    """Return a text that stands out, nothing for none."""
    return Markup("<mark>{}</mark>").format(text) if text else Markup()

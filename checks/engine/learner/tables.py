"""The tables on the screen: the menu, the lessons and how they stand."""

from collections.abc import Iterable

from checks.engine.learner.progress import CHANGED, DONE, Standing
from checks.engine.screen import Screen, wrap

COLOURS = {DONE: "32", CHANGED: "33"}


def menu(commands: Iterable[tuple[str, str]], screen: Screen) -> list[str]:
    """Return the commands, each with what it does."""
    lines = [screen.paint("The Flask workbook", "1"), ""]
    for usage, text in commands:
        first, *rest = wrap(text, screen.width - 26) or [""]
        lines.append(f"  make {usage:<17}  {first}")
        lines += [" " * 26 + piece.strip() for piece in rest]
    lines += [
        "",
        *wrap(
            "N is a lesson's number or name; without it, the one you are on.",
            screen.width,
        ),
    ]
    return lines


def table(standings: Iterable[Standing], screen: Screen) -> list[str]:
    """Return one line for every lesson: number, title, state."""
    rows = [(s.lesson.number, s.lesson.title, s) for s in standings]
    widest = min(max(len(title) for _, title, _ in rows), screen.width - 32)
    return [
        f"  {number:>2}  {title[:widest]:<{widest}}   {state(standing, screen)}".rstrip()
        for number, title, standing in rows
    ]


def state(standing: Standing, screen: Screen) -> str:
    """Return ``done``, ``changed since`` or ``to do`` with the steps so far."""
    count = f"{standing.passed} of {standing.count}" if standing.passed else ""
    text = f"{standing.state}  {count}".rstrip()
    if standing.state == CHANGED:
        text = f"was {count}, {standing.state}"
    return screen.paint(text, COLOURS.get(standing.state, "2"))


def diff(lines: Iterable[str], screen: Screen) -> list[str]:
    """Return a unified diff with its colours."""
    codes = {"-": "31", "+": "32", "@": "36"}
    painted = []
    for line in lines:
        code = "1" if line.startswith(("---", "+++")) else codes.get(line[:1])
        painted.append(screen.paint(line, code) if code else line)
    return painted

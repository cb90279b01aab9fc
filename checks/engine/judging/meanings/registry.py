"""The list of meanings, and the look for the one that fits."""

import re
from collections.abc import Callable

from checks.engine.judging.spots import Facts, frame

MEANINGS: list[tuple[str, Callable[[re.Match, Facts], list[str]]]] = []


def meaning(pattern: str):
    """Register a function that explains the exceptions that match the pattern.

    Where it returns no line, the next one that fits is asked.
    """

    def register(function):
        MEANINGS.append((pattern, function))
        return function

    return register


def crash(facts: Facts) -> list[str]:
    """An exception of the learner's: its type, its line, and what it means."""
    told = facts.get("crash")
    if not told:
        return []
    if told.get("returned"):
        return uncalled(facts)
    headline = f"{told.get('type')}: {told.get('message')}".split("\n")[0]
    for pattern, explain in MEANINGS:
        match = re.search(pattern, headline)
        if match and (lines := explain(match, facts)):
            return lines
    return [headline, *frame(facts)]


def uncalled(facts: Facts) -> list[str]:
    """A view that returned a function: Flask runs that as an app of its own."""
    told = facts["crash"]
    view = (told.get("view") or {}).get("name", "the view")
    return [
        f"{view}() returned the function {told['returned']} itself, not what it gives back",
        *frame({**facts, "crash": {**told, "frames": []}}),
        "brackets behind its name call it",
    ]

"""`make redteam`: grade the red team's submissions, print the table."""

import argparse
import itertools
import time
from pathlib import Path

from checks.engine.lessons import WorkbookError
from checks.engine.redteam import families, running, telling
from checks.engine.screen import Screen

EXAMPLES = 200


def redteam(args: argparse.Namespace) -> int:
    """Grade all families, or those that are named; return 1 where anything got through."""
    if args.fuzz:
        return fuzz(args.fuzz)
    screen = Screen()
    chosen = families.families(only=args.words)
    refuse_without_a_cage()
    screen.say(telling.head())

    def tell(outcome: running.Outcome) -> None:
        named = telling.names(outcome.family, screen) if args.words else []
        screen.say(telling.row(outcome), *named)

    outcomes = running.attack(chosen, tell)
    screen.say("", *telling.end(outcomes, screen))
    return 1 if any(each.wrong for each in outcomes) else 0


def refuse_without_a_cage() -> None:
    """Raise WorkbookError where no cage can be built: no bomb goes off outside of one."""
    from checks.engine.worker import cage

    try:
        cage.find([Path.home() / ".workbook-red-team"])
    except cage.NoCage as error:
        raise WorkbookError(
            f"No cage can be built here, so no attack is run: {error.reason}.\n"
            f"The repair: {error.repair}."
        ) from error


def fuzz(word: str) -> int:
    """Send the judge anything at all for so many minutes; return 1 where it stumbles."""
    from checks.engine.redteam import fuzzing

    end = time.monotonic() + 60 * minutes(word)
    screen, tried = Screen(), 0
    for seed in itertools.count(int(time.time())):
        if found := fuzzing.search(seed, EXAMPLES):
            screen.say("", *found)
            return 1
        tried += EXAMPLES * len(fuzzing.CHECKS)
        if time.monotonic() > end:
            screen.say(f"{tried} talks, and each ended in a verdict.")
            return 0


def minutes(word: str) -> float:
    """Return a number of minutes. Raises WorkbookError for anything else."""
    try:
        found = float(word)
    except ValueError:
        found = -1.0
    if not 0 < found < 10_000:
        raise WorkbookError(f"FUZZ takes minutes, like 5, and not {word!r}.")
    return found

"""The red team's table, and what went wrong, in words."""

from collections.abc import Sequence

from checks.engine.redteam.families import Family
from checks.engine.redteam.running import Outcome
from checks.engine.screen import Screen, wrap

HEAD = ("family", "submissions", "undeserved", "seconds", "left behind")


def head() -> str:
    """Return the first line of the table."""
    return line(*HEAD)


def row(outcome: Outcome) -> str:
    """Return a family's line."""
    undeserved = len(outcome.given) + len(outcome.withheld)
    undeserved += len(outcome.faults) + len(outcome.unjudged)
    count = len(outcome.family.submissions)
    cells = (str(undeserved), f"{outcome.seconds:.1f}", str(len(outcome.left)))
    return line(outcome.family.title, str(count), *cells)


def line(title: str, *cells: str) -> str:
    """Return a title and its cells, under each other."""
    widths = [len(word) + 2 for word in HEAD[1:]]
    cells = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
    return f"  {title:<46.46}{''.join(cells)}"


def end(outcomes: Sequence[Outcome], screen: Screen) -> list[str]:
    """Return the sum, and every single thing that must not be."""
    wrong = [(each.family.name, told) for each in outcomes for told in each.wrong]
    said = f"{len(wrong)} undeserved or left behind."
    if not wrong:
        said = f"nothing got through; {honest(outcomes)}."
    told = [
        "  " + piece
        for name, each in wrong
        for piece in wrap(f"{name}: {each}", screen.width - 2)
    ]
    return [*told, *wrap(f"{tried(outcomes)}: {said}", screen.width)]


def tried(outcomes: Sequence[Outcome]) -> str:
    """Return how much was tried: ``5 submissions in 1 family``."""
    submissions = sum(len(each.family.submissions) for each in outcomes)
    families = "1 family" if len(outcomes) == 1 else f"{len(outcomes)} families"
    return f"{counted(submissions, 'submission')} in {families}"


def honest(outcomes: Sequence[Outcome]) -> str:
    """Return that nobody honest has lost anything, where nothing is wrong."""
    count = sum(each.neighbours for each in outcomes)
    return f"{counted(count, 'honest neighbour')} got full marks"


def counted(number: int, what: str) -> str:
    """Return ``1 submission`` or ``5 submissions``."""
    return f"1 {what}" if number == 1 else f"{number} {what}s"


def names(family: Family, screen: Screen) -> list[str]:
    """Return the lines that name the submissions of a family."""
    told = "; ".join(each.name for each in family.submissions)
    return ["    " + piece for piece in wrap(one_line(told), screen.width - 4)]


def one_line(text: str) -> str:
    """Return a text without what would act on a terminal: some names try just that."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def markdown(families: Sequence[Family]) -> list[str]:
    """Return the part of the README's table that a run does not change."""
    return [
        f"| `{each.name}` | {each.title} | {len(each.submissions)} |"
        for each in families
    ]

"""Hints: three rungs for every step, shown one at a time."""

import re
import textwrap

from checks.engine.learner.state import Memory
from checks.engine.lessons import STEP, Lesson, WorkbookError, restored, shown

RUNG = re.compile(r"^(\d)\. +(.*?)(?=^\d\. |\Z)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)", re.DOTALL)
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COUNT = 3


def rungs(lesson: Lesson) -> dict[int, list[str]]:
    """Return the hints of a lesson: step's number to its rungs, the gentlest first.

    They are text for a terminal. Raises what ladders raises.
    """
    return {
        number: [clean(rung) for rung in ladder]
        for number, ladder in ladders(lesson).items()
    }


def ladders(lesson: Lesson) -> dict[int, list[str]]:
    """Return the hints of a lesson as rungs does, in the Markdown they are written in.

    Raises WorkbookError when there is no file of hints.
    """
    path = lesson.folder / "hints.md"
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkbookError(
            f"{shown(path)} cannot be read. {restored(shown(path))}"
        ) from error
    pieces = STEP.split(text)[1:]
    found = {}
    for number, body in zip(pieces[::3], pieces[2::3], strict=True):
        found[int(number)] = [dedent(item) for _, item in RUNG.findall(body)]
    return found


def dedent(item: str) -> str:
    """Return one rung without the list's indentation."""
    first, _, rest = item.rstrip().partition("\n")
    return (first + "\n" + textwrap.dedent(rest)).rstrip()


def clean(rung: str) -> str:
    """Return a rung with its links as text and address."""
    return LINK.sub(r"\1 (\2)", rung)


def lines(rung: str, width: int) -> list[str]:
    """Return a rung filled to a width; fenced code stays as it is."""
    found: list[str] = []
    for number, part in enumerate(FENCE.split(rung)):
        if number % 2:
            found += ["    " + line for line in part.splitlines()]
            continue
        for paragraph in part.strip().split("\n\n"):
            words = " ".join(paragraph.split())
            found += textwrap.wrap(
                words, width, break_long_words=False, break_on_hyphens=False
            )
    return found


def taken(memory: Memory, lesson: Lesson, step: int) -> int:
    """Return how many rungs of a step were shown until now."""
    count = memory.read()["hints"].get(lesson.name, {}).get(str(step), 0)
    return max(0, min(count, COUNT))


def take(memory: Memory, lesson: Lesson, step: int, again: bool) -> tuple[int, str]:
    """Return the next rung of a step, or the last one shown again: number and text.

    After the third the number is one too many and the text is empty. Raises
    WorkbookError for a step that has no hints.
    """
    ladder = rungs(lesson).get(step)
    if not ladder:
        raise WorkbookError(f"Lesson {lesson.number} has no hints for a step {step}.")
    with memory.change() as data:
        shown_so_far = data["hints"].setdefault(lesson.name, {})
        last = max(0, min(shown_so_far.get(str(step), 0), len(ladder)))
        number = max(last, 1) if again else last + 1
        shown_so_far[str(step)] = min(number, len(ladder))
    return number, ladder[number - 1] if number <= len(ladder) else ""

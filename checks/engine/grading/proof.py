"""Hidden checks, tried on the published solution before they judge anybody.

The workbook's own checks are proven by its tests; those that a teacher adds by nothing.
A word misspelt in one of them would cost a whole class its points, and say nothing.
"""

from collections.abc import Iterable, Mapping

from checks.engine.grading import keys
from checks.engine.grading.graded import Part
from checks.engine.judging.verdict import BROKEN, NOT_YET
from checks.engine.lessons import SOLUTIONS, WorkbookError, code_of, files_of
from checks.engine.worker.process import TIME

MOST_SAID = 3  # lines


def parts(names: Iterable[str], secret: str) -> tuple[Part, ...]:
    """Return the published solutions of some lessons, as a student would hand them in."""
    found = []
    for name in names:
        files = code_of(files_of(SOLUTIONS / name))
        found.append(Part(name, files, keys.seed_of(secret, files)))
    return tuple(found)


def doubts(verdicts: Iterable[Mapping]) -> dict[tuple[str, int], str]:
    """Return a sentence for every step, by lesson, whose hidden check a solution fails.

    That may be meant, where a check asks for more than the lesson. Raises WorkbookError
    where a check does not come to its question, so that it could judge nobody.
    """
    found = {}
    for verdict in verdicts:
        for step in verdict["steps"]:
            if not step["hidden"] or step["how"] == TIME:
                continue
            place = f"{int(verdict['lesson'][:2])}.{step['number']} ({step['check']})"
            said = "; ".join(step["said"][:MOST_SAID])
            if step["state"] == BROKEN or step["stumbled"]:
                raise WorkbookError(
                    f"The hidden check {place} stumbles on the published solution: "
                    f"{said}. Repair it first; nobody was judged."
                )
            if step["state"] == NOT_YET:
                found[verdict["lesson"], step["number"]] = (
                    f"The published solution does not pass the hidden check {place}: "
                    f"{said}. Is that what you want?"
                )
    return found


def unreadable(text: str) -> str:
    """Return what to say of hidden checks that pytest cannot collect; text is its own."""
    kept = [
        line.removeprefix("E").strip()
        for line in text.splitlines()
        if line.startswith("E ") or line.endswith(": in <module>")
    ]
    told = "\n    ".join(kept or text.splitlines()[-MOST_SAID:])
    return f"The hidden checks cannot be read, so nobody was judged:\n    {told}"

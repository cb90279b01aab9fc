"""The page that only the instructor reads: why hidden checks were not passed.

Hidden checks and those used after the due date keep their names and values from
students, so none of this stands in a file that a student gets.
"""

from checks.engine.grading.marks import StepMark, figure
from checks.engine.grading.paper import page, person, section, text
from checks.engine.grading.results import Results
from checks.engine.judging.verdict import BROKEN, NOT_YET

FILE = "hidden.html"
TITLE = "Hidden checks"
WARNING = (
    "This page is yours alone: it tells what hidden checks ask, and who did not pass "
    "them. No student's file holds any of it."
)
NONE = "Everybody has passed them."


def failures(results: Results) -> dict[tuple[str, int], list[tuple[str, StepMark]]]:
    """Return who failed at a hidden check, and how, by lesson and number of the step."""
    found: dict[tuple[str, int], list[tuple[str, StepMark]]] = {}
    for mark in results.marks:
        for lesson, step in mark.steps:
            if step.hidden and step.judged in (NOT_YET, BROKEN):
                key = (lesson.lesson, step.number)
                found.setdefault(key, []).append((mark.student, step))
    return dict(sorted(found.items()))


def has_any(results: Results) -> bool:
    """Has this class hidden checks?"""
    course = results.course
    return bool(course.hidden or course.after_due or failures(results))


def of_class(results: Results) -> str:
    """Return the page: every hidden check that was not passed, by whom and why."""
    body = [f"<p>{WARNING}</p>"]
    for (lesson, number), failed in failures(results).items():
        title = text(f"{int(lesson[:2])}.{number} {failed[0][1].title}")
        count = "1 student" if len(failed) == 1 else f"{len(failed)} students"
        lines = [piece for who, step in failed for piece in told(results, who, step)]
        body += section(f"{title}: {count}", lines)
    if len(body) == 1:
        body.append(f"<p>{NONE}</p>")
    heading = f"{results.course.title}: {TITLE}" if results.course.title else TITLE
    return page(heading, body)


def told(results: Results, student: str, step: StepMark) -> list[str]:
    """Return who did not pass a hidden check, and the diagnosis."""
    more = ": the check itself is at fault" if step.judged == BROKEN else ""
    if step.correction:
        more += f", {figure(step.correction.points)} by hand: {step.correction.reason}"
    said = text("\n".join(step.said) or "nothing was told of it")
    return [f"<p>{person(results, student)}{text(more)}</p>", f"<pre>{said}</pre>"]


def note(results: Results) -> list[str]:
    """Return the sentence that leads to the page, none where nobody failed."""
    count = sum(map(len, failures(results).values()))
    if not count:
        return []
    times = "once" if count == 1 else f"{count} times"
    link = f'<a href="{FILE}">{FILE}</a>'
    return [f"<p>Hidden checks were failed {times}: {link} says by whom and why.</p>"]

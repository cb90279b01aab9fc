"""What a student may read of a mark: the verdict, and nothing that others must not know.

Hidden checks keep their values and their names; other students do not occur.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from checks.engine.grading.marks import BY_HAND, Mark, StepMark, figure
from checks.engine.judging.verdict import BROKEN, NOT_CHECKED, NOT_YET, OK

HIDDEN = "A further check of your instructor's is not passed yet."
UNCHECKED = "A further check of your instructor's could not be run."
FAULT = "A check of the workbook failed; your instructor has been told."


@dataclass(frozen=True)
class Told:
    """One step for a student: its place, title and state, points, and lines to read.

    by_hand says that a person has decided it.
    """

    lesson: str
    place: str
    title: str
    state: str
    points: str
    lines: tuple[str, ...]
    by_hand: bool = False


def steps(mark: Mark) -> Iterator[Told]:
    """Yield the steps of a mark as its student may read them."""
    for lesson in mark.lessons:
        for step in lesson.steps:
            yield Told(
                lesson.lesson,
                f"{int(lesson.lesson[:2])}.{step.number}",
                "A further check" if step.further else step.title,
                step.state,
                f"{figure(step.points)} of {figure(step.most)}",
                tuple(lines(step)),
                step.correction is not None,
            )


def lines(step: StepMark) -> list[str]:
    """Return what a student may read of one step.

    Where a person has given all points, that is all that there is to say.
    """
    if step.correction is None:
        return seen(step)
    told = f"{figure(step.correction.points)} by hand: {step.correction.reason}"
    before = seen(step) if step.state == step.judged == NOT_YET else []
    return [*before, told]


def seen(step: StepMark) -> list[str]:
    """Return what the checks saw of one step, as its student may read it."""
    if step.judged == BROKEN:
        return [FAULT]
    if step.judged in (NOT_YET, NOT_CHECKED) and step.hidden:
        return [HIDDEN if step.judged == NOT_YET else UNCHECKED]
    if step.judged in (NOT_YET, NOT_CHECKED):
        return [*step.said]
    return [BY_HAND] if step.self_tested and step.judged == OK else []

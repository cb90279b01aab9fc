"""What a lesson's checks say of its steps: points, whose tests decide, who has them."""

import math
from typing import TYPE_CHECKING

from checks.engine.lessons import Lesson, Step, WorkbookError

if TYPE_CHECKING:
    import pytest


def points_of(items: list["pytest.Item"]) -> float:
    """Return what a step with these checks counts for: the most that a mark says, or 1."""
    marks = [mark for item in items for mark in item.iter_markers("points")]
    return max([float(mark.args[0]) for mark in marks], default=1.0)


def is_self_tested(items: list["pytest.Item"]) -> bool:
    """Does one of these checks run the learner's own tests?"""
    return any(item.get_closest_marker("self_tested") for item in items)


def steps_of(lesson: Lesson, items: list) -> list[Step]:
    """Return a lesson's steps, and behind them those that only hidden checks have.

    Raises WorkbookError for a hidden check with marks that nobody can count by.
    """
    from checks.engine.judging.plugin import step_of
    from checks.engine.judging.session import rule_of

    known = {step.number for step in lesson.steps}
    first = {}
    for item in items:
        if item.path.parent == lesson.check.parent:
            continue
        refuse_odd_marks(item, step_of(item))
        if step_of(item) not in known:
            first.setdefault(step_of(item), rule_of(item))
    return [*lesson.steps, *[Step(*each) for each in sorted(first.items())]]


def refuse_odd_marks(item: "pytest.Item", step: object) -> None:
    """Raise WorkbookError for a check of no step, or of points that are none."""
    place = f"{item.originalname} in {item.path.name}"
    if type(step) is not int or step < 1:
        raise WorkbookError(
            f"{place} belongs to no step: write @pytest.mark.step(1), or another number, "
            "in front of it."
        )
    for mark in item.iter_markers("points"):
        points = mark.args[0] if mark.args else None
        if type(points) not in (int, float) or not 0 <= points < math.inf:
            raise WorkbookError(
                f"{place} has no points that can be counted: write "
                "@pytest.mark.points(2), or another number from 0 on."
            )


def is_hidden(lesson: Lesson, reports: list, items: list) -> bool:
    """Is a step's verdict that of a check which does not lie beside the lesson's own?"""
    folder = lesson.check.parent
    own = {item.nodeid for item in items if item.path.parent == folder}
    failed = [report for report in reports if report.failed]
    decided = failed or [report for report in reports if report.skipped]
    return decided[0].nodeid not in own if decided else bool(items) and not own

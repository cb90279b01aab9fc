"""From verdicts to marks: points a step, weights a lesson, corrections by hand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Correction, Judged
from checks.engine.judging.verdict import BROKEN, NOT_CHECKED, NOT_YET, OK

MISSING = "not handed in"
STATES = (OK, NOT_YET, NOT_CHECKED, BROKEN, MISSING)
# Why a person should look: said of a submission, in this order.
BY_HAND = "self-tested: look by hand"


@dataclass(frozen=True)
class StepMark:
    """One step of one student: its state, the points got and to be had, what was seen.

    hidden says that a hidden check decided it, further that no learner knows the step.
    correction is what a person has changed, None where nobody has: it decides the state,
    and judged is the state that the checks found.
    """

    number: int
    title: str
    state: str
    points: float
    most: float
    check: str = ""
    said: tuple[str, ...] = ()
    how: str = ""
    self_tested: bool = False
    hidden: bool = False
    further: bool = False
    correction: Correction | None = None
    judged: str = ""


@dataclass(frozen=True)
class LessonMark:
    """One lesson of one student: its steps, its weight, and how the verdict came."""

    lesson: str
    weight: float
    steps: tuple[StepMark, ...]
    origin: Mapping = field(default_factory=dict)

    @property
    def handed_in(self) -> bool:
        """Was there anything of this lesson?"""
        return bool(self.origin)

    @property
    def points(self) -> float:
        """The points that were got, before the weight."""
        return sum(step.points for step in self.steps)

    @property
    def most(self) -> float:
        """The points that there are."""
        return sum(step.most for step in self.steps)

    @property
    def weighted(self) -> float:
        """The points that were got, as they count in the total."""
        return self.points * self.weight

    @property
    def weighted_most(self) -> float:
        """The points that there are, as they count in the total."""
        return self.most * self.weight


@dataclass(frozen=True)
class Mark:
    """One student's result: all lessons that count, and what is known of the hand-in."""

    student: str
    lessons: tuple[LessonMark, ...]
    submission: Mapping = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The sum of the weighted points."""
        return sum(lesson.weighted for lesson in self.lessons)

    @property
    def most(self) -> float:
        """The sum of the weighted points that there are."""
        return sum(lesson.weighted_most for lesson in self.lessons)

    @property
    def percent(self) -> float:
        """The share that was got, in hundredths; 0 where nothing counts."""
        return 100 * self.points / self.most if self.most else 0.0

    @property
    def steps(self) -> Iterable[tuple[LessonMark, StepMark]]:
        """Every step, each with its lesson."""
        return [(lesson, step) for lesson in self.lessons for step in lesson.steps]


def mark(
    student: str,
    course: Course,
    outline: Mapping[str, list[dict]],
    judged: Mapping[str, Judged],
    corrections: Mapping[tuple[str, int], Correction],
    submission: Mapping,
) -> Mark:
    """Return a student's mark. outline tells the steps of every lesson that counts."""
    found = [
        LessonMark(
            name,
            course.weight(name),
            tuple(
                step_mark(name, step, course, told(judged.get(name)), corrections)
                for step in outline[name]
            ),
            judged[name].origin if name in judged else {},
        )
        for name in course.lessons
    ]
    return Mark(student, tuple(found), submission)


def told(judged: Judged | None) -> dict[int, dict]:
    """Return the steps of a verdict by number, none where there is no verdict."""
    steps = judged.verdict["steps"] if judged else []
    return {step["number"]: step for step in steps}


def step_mark(
    lesson: str,
    step: Mapping,
    course: Course,
    verdict: Mapping[int, dict],
    corrections: Mapping[tuple[str, int], Correction],
) -> StepMark:
    """Return what one step is worth to a student."""
    number = step["number"]
    seen = verdict.get(number, {})
    most = course.points.get(lesson, {}).get(number, step["points"])
    judged = seen.get("state", MISSING)
    correction = bounded(corrections.get((lesson, number)), most)
    points = most if judged == OK else 0.0
    return StepMark(
        number,
        step["title"],
        settled(correction, most) if correction else judged,
        correction.points if correction else points,
        most,
        seen.get("check", ""),
        tuple(seen.get("said", ())),
        seen.get("how", ""),
        step["self_tested"],
        seen.get("hidden", step["hidden"]),
        step["hidden"],
        correction,
        judged,
    )


def bounded(correction: Correction | None, most: float) -> Correction | None:
    """Return a correction with no more than a step has now, which may have been more."""
    if correction is None or correction.points <= most:
        return correction
    return replace(correction, points=most)


def settled(correction: Correction, most: float) -> str:
    """Return the state of a step that a person has corrected: ok with full points."""
    return OK if correction.points >= most else NOT_YET


def figure(number: float) -> str:
    """Return a number as a person writes it: ``3``, ``2.5``, ``0.33``."""
    return f"{number:.2f}".rstrip("0").rstrip(".")

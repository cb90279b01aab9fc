"""How far the learner is: the rail of all lessons, and the table of the progress page."""

from dataclasses import dataclass

from checks.engine import lessons
from checks.engine.desk.room import room
from checks.engine.learner import progress
from checks.engine.learner.progress import Standing
from checks.engine.lessons import Lesson


@dataclass(frozen=True)
class Stop:
    """A lesson on the rail: how it stands, whether it is open here, whether it runs."""

    standing: Standing
    open: bool
    runs: bool


@dataclass(frozen=True)
class Row:
    """A lesson in the table: how it stands, hints taken, its first and its last green."""

    standing: Standing
    hints: int
    first: str
    whole: str


def rail(chosen: Lesson) -> list[Stop]:
    """Return all lessons, as the learner stands."""
    return [
        Stop(
            each, each.lesson.name == chosen.name, each.lesson.name == room.lesson.name
        )
        for each in progress.standings(room.memory)
    ]


def table() -> list[Row]:
    """Return a row for every lesson."""
    data = room.memory.read()
    return [
        row(progress.standing(lesson, data), data) for lesson in lessons.all_lessons()
    ]


def row(standing: Standing, data: dict) -> Row:
    """Return what is remembered of one lesson; the times are those of this machine."""
    name = standing.lesson.name
    steps = data["steps"].get(name, {}).values()
    times = sorted(told for step in steps if isinstance(told := step.get("first"), str))
    whole = times[-1] if times and standing.passed == standing.count else ""
    hints = sum(count for count in data["hints"].get(name, {}).values() if count > 0)
    return Row(standing, hints, short(times[0] if times else ""), short(whole))


def short(time: str) -> str:
    """Return ``2026-03-01 10:12`` for a time that is kept with its seconds."""
    return time[:16].replace("T", " ")

"""Who needs a look, which steps were hard: what a person should see of a class."""

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks.engine.grading.course import Course
from checks.engine.grading.marks import BY_HAND, MISSING, LessonMark, Mark
from checks.engine.judging.verdict import BROKEN, NOT_CHECKED, OK, STARTS
from checks.engine.worker.process import (
    CLOSED,
    COMPUTING,
    EXIT,
    KILLED,
    MALFORMED,
    TIME,
)

CRASHED, HUNG = (EXIT, KILLED, CLOSED), (TIME, COMPUTING)
HARDEST = 5
MOST_TOLD, LONGEST = 3, 200  # things of one kind, and characters of one
PLACE = re.compile(r"\.py:\d+")
# What a tool leaves in a lesson's folder; all else that is left out is worth a look.
HARMLESS = ("made by an app or a tool", "lesson ")


@dataclass(frozen=True)
class Look:
    """One reason to look at a submission: a word for a table, and what was seen."""

    word: str
    told: str


@dataclass(frozen=True)
class Hard:
    """How a class did on one step: how many of those who handed it in have done it."""

    lesson: str
    number: int
    title: str
    done: int
    count: int
    check: str


def looks(mark: Mark, course: Course, failed: str = "") -> list[Look]:
    """Return why a person should look at a submission, the gravest first."""
    told = mark.submission
    found = [Look("not judged", failed)] if failed else []
    if told.get("problem"):
        found.append(Look("unreadable", told["problem"]))
    found += not_loading(mark)
    found += by_state(mark, "our fault", BROKEN, "a check of ours failed at")
    found += by_how(mark, "hostile", (MALFORMED,), "sent what is no answer in")
    found += by_how(mark, "timed out", HUNG, "gave no answer in time in")
    found += by_how(mark, "endless", ("endless",), "sent an answer without end in")
    found += by_how(mark, "crashed", CRASHED, "ended its own process in")
    strange = [
        f"{path} ({reason})"
        for path, reason in told.get("left_out", [])
        if not reason.startswith(HARMLESS)
    ]
    if strange:
        found.append(Look("left out", f"not taken: {some(strange, ', ')}"))
    same = [name for name in told.get("identical", []) if name in course.lessons]
    if same:
        said = f"the same as the published solution: {', '.join(same)}"
        found.append(Look("identical", said))
    found += by_state(mark, "not checked", NOT_CHECKED, "could not be checked here:")
    if not told.get("problem") and not any(each.handed_in for each in mark.lessons):
        said = f"no lesson that counts in it, {told.get('elsewhere', 0)} other files"
        found += [Look("nothing", said)] if told else []
    if told.get("arrival", {}).get("late"):
        found.append(Look("late", f"{told['arrival']['source']} marks it as late"))
    elif late := overdue(told, course, mark):
        found.append(Look("late", late))
    hand = [place(lesson, step) for lesson, step in mark.steps if by_hand(step)]
    if hand:
        found.append(Look("self-tested", f"{BY_HAND}: {', '.join(hand)}"))
    return found


def some(told: list[str], between: str) -> str:
    """Return the first few of what there is to tell, and how many more there are."""
    left = len(told) - MOST_TOLD
    return between.join(told[:MOST_TOLD]) + (f" and {left} more" if left > 0 else "")


def not_loading(mark: Mark) -> list[Look]:
    """Return a look at the lessons whose app does not load, none where all of them do."""
    found = [
        f"lesson {int(lesson.lesson[:2])}: {why}"
        for lesson in mark.lessons
        if (why := why_not(lesson))
    ]
    return [Look("does not load", f"does not load: {some(found, '; ')}")] * bool(found)


def why_not(lesson: LessonMark) -> str:
    """Return the error that keeps a lesson's app from loading, and its line.

    "" where the app loads: where its first step got past that, or most of the others
    did. An app that ends or hangs while it loads has looks of its own.
    """
    lost = [step for step in lesson.steps if step.check == STARTS and not step.how]
    if not lost or lost[0] != lesson.steps[0] or 2 * len(lost) < len(lesson.steps):
        return ""
    lines = [" ".join(line.split()) for line in lost[0].said]
    lines = [line for line in lines if not line.startswith("check: ")] or [STARTS]
    end = next((at for at, line in enumerate(lines) if PLACE.search(line)), 0)
    return textwrap.shorten(", ".join(lines[: end + 1]), LONGEST, placeholder="…")


def by_hand(step) -> bool:
    """Is this a step with points that the student's own tests decide?"""
    return step.self_tested and step.state == OK and step.correction is None


def place(lesson, step) -> str:
    """Return ``3.2`` for step 2 of lesson 3."""
    return f"{int(lesson.lesson[:2])}.{step.number}"


def by_state(mark: Mark, word: str, state: str, said: str) -> list[Look]:
    """Return a look at the steps of one state, none where there is no such step."""
    found = [place(*each) for each in mark.steps if each[1].state == state]
    return [Look(word, f"{said} {', '.join(found)}")] if found else []


def by_how(mark: Mark, word: str, hows: Iterable[str], said: str) -> list[Look]:
    """Return a look at the steps that were lost in some way."""
    found = [place(*each) for each in mark.steps if each[1].how in hows]
    return [Look(word, f"{said} {', '.join(found)}")] if found else []


def overdue(told: Mapping, course: Course, mark: Mark) -> str:
    """Return which lessons came late and by how much, by files or the last commit."""
    if not told.get("handed_in"):
        return ""
    when = datetime.fromisoformat(told["handed_in"])
    late = [
        lesson.lesson
        for lesson in mark.lessons
        if lesson.handed_in and course.due.get(lesson.lesson, when) < when
    ]
    if not late:
        return ""
    by = spelled(when - min(course.due[name] for name in late))
    numbers = ", ".join(str(int(name[:2])) for name in late)
    source = told.get("by", "its files")
    return f"handed in {by} late, by {source}: lesson {numbers}"


def spelled(time: timedelta) -> str:
    """Return a length of time in its two largest units, a minute at the least."""
    minutes = max(1, time // timedelta(minutes=1))
    days, hours = minutes // 1440, minutes // 60 % 24
    units = {"day": days, "hour": hours, "minute": 0 if days else minutes % 60}
    return " ".join(f"{n} {unit}{'s' * (n > 1)}" for unit, n in units.items() if n)


def hardest(marks: Iterable[Mark], most: int = HARDEST) -> list[Hard]:
    """Return the steps that the fewest have done, of those who handed the lesson in."""
    done, count = Counter(), Counter()
    titles, checks = {}, {}
    for mark in marks:
        for lesson, step in mark.steps:
            if step.state in (MISSING, NOT_CHECKED):
                continue
            key = (lesson.lesson, step.number)
            titles[key] = step.title
            count[key] += 1
            done[key] += step.state == OK
            if step.check and step.state != OK:
                checks.setdefault(key, Counter())[step.check] += 1
    order = sorted(count, key=lambda key: (done[key] / count[key], key))
    return [
        Hard(*key, titles[key], done[key], count[key], commonest(checks.get(key)))
        for key in order[:most]
        if done[key] < count[key]
    ]


def commonest(counted: Counter | None) -> str:
    """Return what was counted most often, "" where nothing was."""
    return counted.most_common(1)[0][0] if counted else ""

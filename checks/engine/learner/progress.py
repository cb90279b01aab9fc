"""How far the learner is: done, changed since, to do; and the lesson they are on."""

import datetime
from dataclasses import dataclass

from checks.engine import lessons
from checks.engine.judging.verdict import OK, Verdict
from checks.engine.learner.state import Memory
from checks.engine.lessons import Lesson, code_of, files_of

DONE, CHANGED, TO_DO = "done", "changed since", "to do"


@dataclass(frozen=True)
class Standing:
    """One lesson: its state, how many of its steps were green once, how many it has."""

    lesson: Lesson
    state: str
    passed: int
    count: int


def record(memory: Memory, verdict: Verdict, whole: bool = True) -> None:
    """Remember what a verdict on the learner's own files says; whole if of all steps."""
    now = datetime.datetime.now().isoformat(timespec="seconds")
    with memory.change() as data:
        steps = data["steps"].setdefault(verdict.lesson, {})
        for step in verdict.steps:
            if step.state == OK:
                known = steps.setdefault(str(step.number), {"first": now})
                known["files"] = verdict.files
        step = verdict.first_open
        if whole:
            data["seen"][verdict.lesson] = {
                "files": verdict.files,
                "open": step.number if step else None,
            }
        if not steps:
            del data["steps"][verdict.lesson]


def standings(memory: Memory) -> list[Standing]:
    """Return how every lesson stands, without checking anything."""
    data = memory.read()
    return [standing(lesson, data) for lesson in lessons.all_lessons()]


def standing(lesson: Lesson, data: dict) -> Standing:
    """Return how one lesson stands."""
    known = data["steps"].get(lesson.name, {})
    steps = [known.get(str(step.number)) for step in lesson.steps]
    green = [step for step in steps if step]
    if not steps or len(green) < len(steps):
        return Standing(lesson, TO_DO, len(green), len(steps))
    files = hash_now(lesson)
    same = all(step.get("files") == files for step in green)
    return Standing(lesson, DONE if same else CHANGED, len(green), len(steps))


def open_step(lesson: Lesson, data: dict) -> tuple[bool, int | None]:
    """Return whether the files as they are now were judged, and the first open step."""
    seen = data["seen"].get(lesson.name, {})
    known = bool(seen) and seen.get("files") == hash_now(lesson)
    step = seen.get("open") if known else None
    return known, step if isinstance(step, int) else None


def hash_now(lesson: Lesson) -> str | None:
    """Return the hash of the learner's files, None when they cannot be read."""
    try:
        return lessons.fingerprint(code_of(files_of(lesson.folder)))
    except lessons.WorkbookError:
        return None


def enter(memory: Memory, lesson: Lesson) -> None:
    """Remember the lesson that the learner is on."""
    with memory.change() as data:
        data["current"] = lesson.name


def current(memory: Memory) -> Lesson:
    """Return the lesson the learner is on: the last one used, else the first not done."""
    there = lessons.all_lessons()
    name = memory.read()["current"]
    for lesson in there:
        if lesson.name == name:
            return lesson
    states = standings(memory)
    return next((s.lesson for s in states if s.state != DONE), there[0])

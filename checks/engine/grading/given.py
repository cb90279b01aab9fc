"""What was given by hand, and to whom: it follows a person to the name of today.

A student's name may change while the class is graded: a second Jane arrives, and both
get a number behind it. The number that a platform has of a person stays.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from checks.engine.grading.gradebook import Gradebook
from checks.engine.grading.marks import Mark


def person(book: Gradebook, student: str) -> tuple[str, str] | None:
    """Return a student's platform and number there, None where none was told."""
    arrival = book.submission(student).get("arrival")
    return (arrival["source"], arrival["id"]) if arrival else None


def former(book: Gradebook, names: Collection[str]) -> dict[str, list[str]]:
    """Return the names that those in the folder had before, by the names of now.

    Where two have one number, neither is guessed.
    """
    gone = {*book.students()} - {*names}
    people = {name: person(book, name) for name in sorted(gone)}
    if not any(people.values()):
        return {}
    here = defaultdict(list)
    for name in names:
        here[person(book, name)].append(name)
    found: dict[str, list[str]] = {}
    for name, one in people.items():
        if one and len(here[one]) == 1:
            found.setdefault(here[one][0], []).append(name)
    return found


def to_nobody(book: Gradebook, names: Collection[str]) -> list[str]:
    """Return ``moorejane (3.3)``: what counts by hand of those who are none of these."""
    found = []
    for student in book.corrected():
        if student not in names and (places := book.corrections(student)):
            found.append(f"{student} ({listed(places)})")
    return found


def in_vain(group: Iterable[Mark], found: Mapping[str, Mapping]) -> Iterator[str]:
    """Yield sentences on what was given by hand and does not count as it was.

    found has the corrections by student. A lesson that does not count is left out.
    """
    gone, more = [], []
    for mark in group:
        some = found.get(mark.student, {})
        lessons = {lesson.lesson for lesson in mark.lessons}
        most = {(lesson.lesson, step.number): step.most for lesson, step in mark.steps}
        if lost := {p for p in some if p[0] in lessons and p not in most}:
            gone.append(f"{mark.student} ({listed(lost)})")
        if over := {p for p in some if p in most and some[p].points > most[p]}:
            more.append(f"{mark.student} ({listed(over)})")
    if gone:
        yield f"Corrections of steps that are no longer there: {', '.join(gone)}"
    if more:
        yield f"Corrections of more than a step has now: {', '.join(more)}"


def listed(places: Iterable[tuple[str, int]]) -> str:
    """Return ``3.1, 3.3`` for some steps."""
    return ", ".join(f"{int(name[:2])}.{step}" for name, step in sorted(places))

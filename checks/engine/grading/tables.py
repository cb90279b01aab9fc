"""A class on the screen: a line a student, the hardest steps, who needs a look."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from checks.engine.grading.looks import Hard, Look
from checks.engine.grading.marks import Mark, figure
from checks.engine.judging.verdict import OK
from checks.engine.screen import Screen, wrap

LONGEST_NAME, SHORTEST_NAME = 24, 8
REST = 40  # columns for the total, the state and what is between


def table(
    marks: Sequence[Mark],
    looks: Mapping[str, list[Look]],
    screen: Screen,
    called: Callable[[str], str] = lambda student: "",
) -> list[str]:
    """Return the lines of a class: student, name, points of each lesson, total, state.

    called gives the name that a roster has for a student. Where all of it does not fit,
    these names are cut; where that is not enough, the lessons are left out. A student's
    own name is cut where it has no room beside that, and then stands below as a whole.
    """
    room = max(screen.width, screen.size.columns if screen.terminal else 0)
    lessons, free = lesson_cells(marks), room - REST
    wanted = column([called(mark.student) for mark in marks], LONGEST_NAME)
    whole = [mark.student for mark in marks]
    short = apart(whole, room_for(whole, wanted, lessons, free))
    students = column(short)
    parts = fitting(wanted, lessons, free - columns(students[0]))
    totals = [word.rjust(18) for word in ("total", *map(total, marks))]
    states = ["", *[state(mark, looks.get(mark.student, [])) for mark in marks]]
    rows = zip(students, *parts, totals, states, strict=True)
    return ["  " + "  ".join(cells).rstrip() for cells in rows] + in_full(whole, short)


def room_for(
    whole: Sequence[str], called: list[str], lessons: list[list[str]], free: int
) -> int:
    """Return the columns for the students: what is left by the others at their least."""
    least = min(LONGEST_NAME, max(map(columns, whole), default=0))
    others = fitting(column(called[1:], SHORTEST_NAME), lessons, free - least)
    taken = sum(columns(cells[0]) + 2 for cells in others)
    return max(least, free - taken)


def apart(names: Sequence[str], most: int) -> list[str]:
    """Return names that take no more columns than so many; no two of them look alike."""
    taken = {name for name in names if columns(name) <= most}
    found = []
    for name in names:
        short, count = cut(name, most), 1
        while short in taken and short != name:
            count += 1
            short = cut(name, most - len(str(count))) + str(count)
        taken.add(short)
        found.append(short)
    return found


def in_full(whole: Iterable[str], short: Iterable[str]) -> list[str]:
    """Return the lines that have as a whole what is cut in the table, none without that."""
    pairs = zip(short, whole, strict=True)
    lines = [f"  {told} is {name}" for told, name in pairs if told != name]
    return ["", *lines] if lines else []


def fitting(names: list[str], lessons: list[list[str]], free: int) -> list[list[str]]:
    """Return as many of these columns as fit side by side, the names cut if need be."""
    wanted = columns(names[0])
    least = min(wanted, SHORTEST_NAME)
    across = sum(len(cells[0]) + 2 for cells in lessons)
    if across + (least + 2 if wanted else 0) > free:
        lessons, across = [], 0
    most = min(wanted, free - across - 2)
    return [column(names[1:], most), *lessons] if 0 < least <= most else lessons


def column(words: Sequence[str], most: int | None = None) -> list[str]:
    """Return words as a column with an empty head, none wider than most."""
    short = ["", *[cut(w.rstrip(), most) if most else w.rstrip() for w in words]]
    widest = max(columns(word) for word in short)
    return [pad(word, widest) for word in short]


def lesson_cells(marks: Sequence[Mark]) -> list[list[str]]:
    """Return a column for every lesson: its number, and each student's weighted points."""
    found = []
    for at, lesson in enumerate(marks[0].lessons if marks else ()):
        points = [
            figure(mark.lessons[at].weighted) if counted(mark.lessons[at]) else "–"
            for mark in marks
        ]
        cells = [f"{int(lesson.lesson[:2]):02}", *points]
        width = max(map(len, cells))
        found.append([cell.rjust(width) for cell in cells])
    return found


def counted(lesson) -> bool:
    """Was a lesson handed in, or has a person given points for it?"""
    return lesson.handed_in or any(step.correction for step in lesson.steps)


def total(mark: Mark) -> str:
    """Return ``37 of 42  88 %``."""
    return f"{figure(mark.points)} of {figure(mark.most)} {mark.percent:3.0f} %"


def state(mark: Mark, looks: Iterable[Look]) -> str:
    """Return the words of why one should look, or that all steps are done."""
    words = [look.word for look in looks]
    if any(step.correction for _, step in mark.steps):
        words.append("corrected")
    if not words and mark.steps and all(step.state == OK for _, step in mark.steps):
        return "done"  # by the points all would be, where nothing has a weight
    return ", ".join(words)


def hard_steps(found: Iterable[Hard], screen: Screen) -> list[str]:
    """Return the lines that name the hardest steps."""
    lines = []
    for hard in found:
        told = f"{int(hard.lesson[:2])}.{hard.number} {hard.title}: "
        told += f"done by {hard.done} of {hard.count}"
        told += f"; the others mostly fail at: {hard.check}" if hard.check else ""
        lines += ["  " + piece for piece in wrap(told, screen.width - 2)]
    return lines


def look_lines(looks: Mapping[str, list[Look]], screen: Screen) -> list[str]:
    """Return who needs a look, and why."""
    lines = []
    for student, found in looks.items():
        for look in found:
            told = f"{student}: {look.told}"
            lines += ["  " + piece for piece in wrap(told, screen.width - 2)]
    return lines


def columns(text: str) -> int:
    """Return how many columns a terminal takes for a text."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def pad(text: str, width: int) -> str:
    """Return a text with blanks up to a width in columns."""
    return text + " " * (width - columns(text))


def cut(text: str, most: int) -> str:
    """Return a text that takes no more columns than so many."""
    if columns(text) <= most:
        return text
    while columns(text) > most - 1:
        text = text[:-1]
    return text + "…"

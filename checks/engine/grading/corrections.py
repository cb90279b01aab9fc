"""A person's word on a mark: the points of a step by hand, with a reason, or no more."""

import argparse
from collections.abc import Collection, Container, Iterable
from pathlib import Path

from checks.engine import kits, lessons
from checks.engine.grading import course as courses
from checks.engine.grading import given as by_hand
from checks.engine.grading import gradebook, rosters, students
from checks.engine.grading.classes import class_folder, nobody
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import COURSE, Gradebook
from checks.engine.grading.marks import figure
from checks.engine.lessons import Lesson, WorkbookError
from checks.engine.screen import Screen

WORDS = 'correct CLASS STUDENT STEP POINTS "REASON"'
JUDGED = "judged"


def correct(args: argparse.Namespace) -> int:
    """Give a student's step other points by hand, or take that back; return 0.

    The five words are in args. Raises WorkbookError for whatever cannot be meant.
    """
    words = [*args.words, *args.more]
    if len(words) != 5:
        raise WorkbookError(
            f'It takes five words: {WORDS}, as in correct week1 ada 3.2 1 "typo of '
            'ours". make takes CLASS=, STUDENT=, STEP=, POINTS= and REASON=.'
        )
    word, student, place, points, reason = words
    lesson, step = step_of(place)
    given = amount(points)
    folder = class_folder(word)
    book = Gradebook(gradebook.beside(folder), must_exist=True)
    try:
        refuse(book, folder, student, lesson, step, given)
        if not reason.strip():
            raise WorkbookError("A correction needs a reason, in quotes.")
        book.correct(student, lesson.name, step, given, reason.strip())
    finally:
        book.close()
    Screen().say(*told(student, place, given, reason))
    return 0


def told(student: str, place: str, given: float | None, reason: str) -> list[str]:
    """Return what to say of a correction that was made."""
    if given is None:
        return [
            f"{student}, step {place}: as it was judged again, because: {reason}",
            "What was given by hand before is kept in the gradebook, and counts no more.",
        ]
    return [
        f"{student}, step {place}: {figure(given)} by hand, because: {reason}",
        "It is kept whenever the class is graded again; the last correction holds. "
        f"POINTS={JUDGED} takes it back.",
    ]


def step_of(word: str) -> tuple[Lesson, int]:
    """Return the lesson and the step that ``3.2`` means."""
    lesson, dot, step = word.rpartition(".")
    if not dot or not step.isdecimal():
        raise WorkbookError(f"A step is written like 3.2, and not {word!r}.")
    return lessons.find(lesson), int(step)


def amount(word: str) -> float | None:
    """Return points, 0 or more; None for the word that takes a correction back."""
    if word == JUDGED:
        return None
    try:
        points = float(word)
    except ValueError:
        points = -1.0
    if not 0 <= points < 1e6:
        raise WorkbookError(
            f"Points are a number, 0 or more, or the word {JUDGED}, which takes a "
            f"correction back, and not {word!r}."
        )
    return points


def file_of(book: Gradebook, folder: Path) -> Path | None:
    """Return the file of the course that a class was graded by, None without one."""
    noted = book.about(COURSE)
    there = noted and Path(noted).is_file()
    return Path(noted) if there else courses.find(folder)


def listed(
    book: Gradebook, folder: Path, own: Iterable[Path], roster: Container[str]
) -> list[str]:
    """Return whose submissions are in the folder now; own are paths of the course.

    Beside one that holds none, as where parts were joined, it is whom the book knows.
    """
    try:
        return [one.name for one in students.listing(folder, own, roster)[0]]
    except WorkbookError:
        return book.students()


def refuse(
    book: Gradebook,
    folder: Path,
    student: str,
    lesson: Lesson,
    step: int,
    given: float | None,
) -> None:
    """Raise WorkbookError for a correction that cannot be meant.

    What counts by hand can be taken back, though student or step are no longer there.
    """
    file = file_of(book, folder)
    course = courses.read(file)
    roster = rosters.read(course.roster)
    own = [path for path in (file, *course.own) if path]
    there = listed(book, folder, own, roster)
    former = by_hand.former(book, there).get(student, ())
    if given is None and (lesson.name, step) in book.corrections(student, *former):
        return
    refuse_nobody(student, [*there, *roster])
    refuse_unknown(book, course, lesson, step)
    refuse_points(book, course, student, lesson, step, given)


def refuse_nobody(student: str, names: Collection[str]) -> None:
    """Raise WorkbookError for who is neither among the submissions nor in the roster."""
    if student not in names:
        raise nobody(student, names)


def refuse_unknown(book: Gradebook, course: Course, lesson: Lesson, step: int) -> None:
    """Raise WorkbookError for a lesson that does not count, and a step that is none."""
    counting = [name for name in course.lessons if book.steps(name) is not None]
    if lesson.name not in counting:
        some = f": {kits.numbers(counting)} counts" if counting else ""
        some = some[:-1] if len(counting) > 1 else some
        raise WorkbookError(
            f"Lesson {lesson.number} does not count in this class{some}."
        )
    known = [each["number"] for each in book.steps(lesson.name)]
    if step not in known:
        raise WorkbookError(
            f"Lesson {lesson.number} has no step {step}; its steps are "
            f"{', '.join(map(str, sorted(known)))}."
        )


def refuse_points(
    book: Gradebook,
    course: Course,
    student: str,
    lesson: Lesson,
    step: int,
    points: float | None,
) -> None:
    """Raise WorkbookError for more points than a step has, and for none to take back."""
    if points is None:
        raise WorkbookError(
            f"Nothing to take back: {student} has step {lesson.number}.{step} as it was "
            "judged."
        )
    steps = {each["number"]: each["points"] for each in book.steps(lesson.name)}
    most = course.points.get(lesson.name, {}).get(step, steps[step])
    if points > most:
        weight = course.weight(lesson.name)
        raise WorkbookError(
            f"Step {lesson.number}.{step} has {figure(most)} at the most, and not "
            f"{figure(points)}. POINTS are those of the step, before they are multiplied "
            f"with the lesson's weight (here {figure(weight)})."
        )

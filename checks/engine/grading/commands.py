"""The instructor's commands: grade a class, and join the parts of one."""

import argparse
import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from checks.engine.grading import course as courses
from checks.engine.grading import (
    gradebook,
    reports,
    rosters,
    shards,
    students,
)
from checks.engine.grading.classes import class_folder, nobody
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import COURSE, Gradebook
from checks.engine.grading.students import Student
from checks.engine.lessons import WorkbookError, shown
from checks.engine.screen import Screen, sentence

TRUSTED = (
    "TRUST=yes, and no cage can be built here: the code of this class runs as you do, "
    "with your files and your network. That is for your own code only."
)


def check_class(args: argparse.Namespace) -> int:
    """Grade a class folder; return 3 where something could not be judged, else 0."""
    from checks.engine.grading.jobs import Desk
    from checks.engine.judging.pool import cores

    screen = Screen()
    folder = class_folder(args.class_, screen)
    file = courses.find(folder, args.course)
    course = courses.read(file, args.lessons)
    mine = [path for path in (file, *course.own) if path]
    roster = rosters.read(course.roster)  # before anything is judged
    found, others = students.listing(folder, mine, roster)
    shard = shards.shard(args.shard) if args.shard else None
    found = [student for student in found if not shard or shard.holds(student)]
    again = chosen(args.regrade, found)
    seed = shards.seed(folder, needed=shard is not None)
    place = shard.beside(folder) if shard else gradebook.beside(folder)
    book = Gradebook(place, seed=seed)
    try:
        screen.say(heading(course, found, file), *without_effect(course, file))
        hidden = [folder, book.path, reports.beside(folder), *mine]
        cage = cage_for(hidden, args.trust == "yes", screen)
        jobs = whole(args.jobs, "JOBS") if args.jobs else cores()
        caged = args.trust != "yes" or cage() is not None
        desk = Desk(course, book, caged, again)
        grader, outline = run(screen, desk, book, cage, jobs, found, args.cluster)
        book.note(shards.BASIS, grader.desk.basis)
        book.note(COURSE, str(file or ""))
        if shard:
            return tell_part(screen, shard, book, grader, found)
        results = results_of(course, found, book, grader, outline, roster)
        return tell(screen, folder, results, book, grader, found, others)
    finally:
        book.close()


def whole(word: str, what: str) -> int:
    """Return a whole number from 1 on. Raises WorkbookError for anything else."""
    if not word.isdecimal() or int(word) < 1:
        raise WorkbookError(f"{what} takes a number like 4 and not {word!r}.")
    return int(word)


def chosen(name: str | None, found: Sequence[Student]) -> list[str]:
    """Return the student who is to be graded again, none where nobody is named."""
    if name is None:
        return []
    names = [student.name for student in found]
    if name not in names:
        raise nobody(name, names)
    return [name]


def cage_for(hidden: Iterable[Path], trust: bool, screen: Screen) -> Callable:
    """Return what finds the cage that the class is judged in.

    It finds None with trust where none can be built, and raises WorkbookError where
    nobody said that the code can be trusted. To try one costs most of a second, so that
    is left until it is needed; not so with trust, which has to be warned of.
    """
    from checks.engine.worker import cage

    def find():
        try:
            return cage.find(hidden, trust)
        except cage.NoCage as error:
            raise WorkbookError(
                "No cage can be built here, so no stranger's code is run: "
                f"{error.reason}.\nThe repair: {error.repair}.\n"
                "TRUST=yes grades without a cage; that is for your own code only."
            ) from error

    if not trust:
        return find
    found = find()
    if found is None:
        screen.say(TRUSTED)
    return lambda: found


def heading(course: Course, found: Sequence[Student], file: Path | None) -> str:
    """Return the first line: how many students, which lessons, by which file."""
    title = f"{course.title}: " if course.title else ""
    lessons = f"{len(course.lessons)} lessons"
    if len(course.lessons) == 1:
        lessons = f"lesson {int(course.lessons[0][:2])}"
    source = f", by {file.name}" if file else ""
    people = "1 student" if len(found) == 1 else f"{len(found)} students"
    return f"{title}{people}, {lessons}{source}"


def without_effect(course: Course, file: Path | None) -> list[str]:
    """Return a line on what the course's file says in vain, none where all of it counts."""
    if not course.idle:
        return []
    told = ", ".join(course.idle)
    return [f"{file.name}: without effect, as these lessons do not count: {told}"]


def run(screen, desk, book, cage, jobs, found, address):
    """Grade what has changed, on a cluster where there is an address of one.

    Return the grader and the steps of every lesson.
    """
    from checks.engine.grading.grader import Grader
    from checks.engine.grading.progress import Progress

    progress = Progress(screen, len(found))
    with contextlib.ExitStack() as stack:
        stack.callback(progress.end)
        grader = Grader(desk, book, cage, jobs, progress.tell)
        if address:
            from checks.engine.grading.cluster import Cluster, work_for

            cluster = Cluster(address)
            stack.callback(cluster.close)
            screen.say(f"{cluster.count} workers at {address}")
            grader.count, grader.pool = cluster.count, cluster.processes
            grader.work = work_for(desk)
        outline = grader.grade(found)
    for doubt in grader.doubts:
        screen.say("", *sentence(doubt, screen))
    return grader, outline


def results_of(course, found, book, grader, outline, roster):
    """Return what the class has achieved, with those of the roster."""
    from checks.engine.grading.results import Results

    names = [student.name for student in found]
    return Results(course, names, book, outline, grader.failed, roster)


def tell(screen, folder, results, book, grader, found, others) -> int:
    """Print what a class has achieved, and write its report; return the exit code."""
    from checks.engine.grading import tables
    from checks.engine.grading.looks import hardest

    screen.say("", *tables.table(results.marks, results.looks, screen, results.called))
    if hard := hardest(results.marks):
        screen.say("", "The hardest steps:", *tables.hard_steps(hard, screen))
    if results.looks:
        lines = tables.look_lines(results.looks, screen)
        screen.say("", "Who needs a look:", *lines)
    before = len(found) - grader.fresh - len(grader.failed)
    place = reports.beside(folder)
    reports.write(results, place)
    screen.say("", *rosters.of_students(found), *results.notes(others))
    screen.say(
        f"{grader.fresh} judged now, {before} had nothing new; {shown(book.path)}"
    )
    return 3 if grader.failed or results.broken else 0


def tell_part(screen, shard, book, grader, found) -> int:
    """Say what became of one part of a class; return the exit code."""
    book.note(shards.PART, str(shard))
    for student, why in grader.failed.items():
        screen.say(f"{student}: not judged: {why}")
    screen.say(
        f"Part {shard}: {len(found)} students, {grader.fresh} judged now; "
        f"{shown(book.path)}",
        "`make grade-merge CLASS=…` joins the parts.",
    )
    return 3 if grader.failed else 0


def grade_merge(args: argparse.Namespace) -> int:
    """Join the parts of a class in its gradebook; return 1 where one is missing, else 0."""
    if not args.class_:
        raise WorkbookError(
            "Which class? `make grade-merge CLASS=week1` joins its parts."
        )
    folder = Path(args.class_).absolute()
    if folder.suffix.lower() == ".zip":
        folder = folder.with_suffix("")  # where it is unpacked
    joined = shards.join(folder, shards.named((args.parts or "").split(), folder))
    screen = Screen()
    parts = "1 part" if joined.parts == 1 else f"{joined.parts} parts"
    screen.say(
        f"{parts} joined, with {joined.students} students: "
        f"{shown(gradebook.beside(folder))}",
    )
    if joined.missing:
        screen.say(
            f"Missing: part {', '.join(joined.missing)}. Join them again once it is there."
        )
        return 1
    screen.say(f"next:    make check CLASS={args.class_}")
    return 0

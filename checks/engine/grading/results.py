"""What a class has achieved: everybody's mark, and what a person should know of it."""

from collections.abc import Iterable, Mapping, Sequence

from checks.engine.grading import given, marks, rosters, similar, students
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook
from checks.engine.grading.looks import Look, looks
from checks.engine.grading.marks import BY_HAND
from checks.engine.grading.students import Enrolled
from checks.engine.judging.verdict import BROKEN, NOT_CHECKED


class Results:
    """The marks of a class, by student, with those of a roster who handed nothing in.

    names are those whose submissions are in the folder now: of all others, who may have
    been there before, only what was given by hand counts. outline tells the steps of
    each lesson, failed why somebody could not be judged.
    """

    def __init__(
        self,
        course: Course,
        names: Sequence[str],
        book: Gradebook,
        outline: Mapping[str, list[dict]],
        failed: Mapping[str, str],
        roster: Mapping[str, Enrolled],
    ):
        self.course, self.roster, self.here = course, roster, {*names}
        self.absent = sorted(roster.keys() - self.here, key=rosters.order)
        everybody = sorted([*names, *self.absent], key=rosters.order)
        former = given.former(book, names)
        renamed = {name for some in former.values() for name in some}
        left = {*book.students()} - self.here - renamed
        self.gone = sorted(left, key=rosters.order)
        self.nobodys = given.to_nobody(book, {*everybody} | renamed)
        self.given = {
            name: book.corrections(name, *former.get(name, ()))
            for name in everybody
            if name not in renamed  # what these had is another name's now
        }
        self.marks = [self.mark(name, book, outline) for name in everybody]
        self.looks: dict[str, list[Look]] = {}
        for mark in self.marks:
            found = looks(mark, course, failed.get(mark.student, ""))
            if found:
                self.looks[mark.student] = found
        self.pairs = self.compared(book)

    def mark(
        self, student: str, book: Gradebook, outline: Mapping[str, list[dict]]
    ) -> marks.Mark:
        """Return a student's mark; what the book has of a submission that has gone is left."""
        judged, told = {}, {}
        if student in self.here:
            judged, told = book.verdicts(student), book.submission(student)
        by_hand = self.given.get(student, {})
        return marks.mark(student, self.course, outline, judged, by_hand, told)

    def compared(self, book: Gradebook) -> list[similar.Pair]:
        """Return who has handed in much the same, and add a look at both."""
        prints = {m.student: m.submission.get("prints", {}) for m in self.marks}
        pairs = similar.kept(book, prints, self.course.lessons)
        for pair in pairs:
            for student in (pair.student, pair.other):
                look = Look("similar", pair.told(student))
                self.looks.setdefault(student, []).append(look)
        return pairs

    def called(self, student: str) -> str:
        """Return the roster's name for a student, "" where it has none that says more."""
        line = self.roster.get(student)
        told = students.safe(line.name) if line and line.name else ""
        return "" if rosters.folded(told) == rosters.folded(student) else told

    def steps_that(self, state: str) -> int:
        """Return how many steps of all students are in a state."""
        return sum(step.state == state for mark in self.marks for _, step in mark.steps)

    @property
    def broken(self) -> bool:
        """Did a check of ours fail, so that a mark is not what it should be?"""
        return self.steps_that(BROKEN) > 0

    def notes(self, others: Iterable[str] = ()) -> list[str]:
        """Return sentences on what is not in the marks; others are no submissions."""
        found = []
        weights = {n: self.course.weight(n) for n in self.course.lessons}
        if told := [
            f"lesson {int(name[:2])} times {marks.figure(weight)}"
            for name, weight in weights.items()
            if weight != 1
        ]:
            found.append(f"Points are shown with their weights: {', '.join(told)}")
        if unchecked := self.steps_that(NOT_CHECKED):
            why = ", ".join(sorted(self.reasons()))
            found.append(
                f"{unchecked} steps were not checked here, and count nothing: {why}"
            )
        tested = sum(
            step.self_tested and bool(step.said or step.points)
            for mark in self.marks
            for _, step in mark.steps
        )
        if tested:
            found.append(f"{tested} steps are {BY_HAND}")
        if self.absent:
            found.append(f"Nothing handed in: {', '.join(self.absent)}")
        if self.gone:
            gone = ", ".join(self.gone)
            found.append(f"Judged before, and no longer in the folder: {gone}")
        if self.roster and (strangers := self.strangers()):
            found.append(f"Not in the roster: {', '.join(strangers)}")
            found += rosters.near(self.roster, self.absent, strangers)
        if self.nobodys:
            nobodys = ", ".join(self.nobodys)
            found.append(f"Corrections of nobody in this class: {nobodys}")
        found += given.in_vain(self.marks, self.given)
        if others := [*others]:
            found.append(f"No submissions, so left alone: {', '.join(others)}")
        return found

    def strangers(self) -> list[str]:
        """Return those who handed in and are not in the roster."""
        return sorted(self.here - self.roster.keys(), key=rosters.order)

    def reasons(self) -> set[str]:
        """Return why steps were not checked here."""
        return {
            line
            for mark in self.marks
            for _, step in mark.steps
            if step.state == NOT_CHECKED
            for line in step.said[-1:]
        }

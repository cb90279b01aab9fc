"""What has to be judged of one student's submission, and what is known already."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from checks.engine import starters
from checks.engine.grading import (
    fingerprints,
    identical,
    keys,
    looks,
    repositories,
    several,
    students,
    submissions,
)
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook, Judged
from checks.engine.grading.graded import Part
from checks.engine.grading.students import Student
from checks.engine.judging.verdict import NOT_YET
from checks.engine.lessons import Lesson, fingerprint

MOST_LEFT_OUT = 50  # entries that are told
AS_IT_CAME = "the lesson is as it came"


@dataclass
class Job:
    """One submission: what is told of it, what is to be judged, what was judged."""

    student: Student
    told: dict
    parts: tuple[Part, ...] = ()
    keys: dict[str, str] = field(default_factory=dict)
    judged: dict[str, Judged] = field(default_factory=dict)
    gone: tuple[str, ...] = ()


def arrived(student: Student, trace: students.Trace) -> dict:
    """Return what is known of when a submission came, and from which platform.

    The files that a platform packs have the time of the download, and those of a clone
    that of cloning; neither tells anything.
    """
    if student.source:
        found = {"source": student.source, "id": student.id, "late": student.late}
        return {"handed_in": "", "arrival": found}
    if when := repositories.committed(student.path):
        return {"handed_in": when.isoformat(), "by": "its last commit"}
    return {"handed_in": trace.handed_in.isoformat() if trace.handed_in else ""}


class Desk:
    """Makes jobs of submissions, for one course on one machine.

    basis is the hash of all that a mark depends on but the submission: where that and
    the trace of its files are the same as in the run before, nothing is read again.
    again has the names of students whose known verdicts do not count.
    """

    def __init__(
        self,
        course: Course,
        book: Gradebook,
        caged: bool,
        again: Iterable[str] = (),
    ):
        self.course, self.book, self.again = course, book, {*again}
        self.secret = book.seed
        self.machine = keys.environment(caged)
        now = datetime.now().astimezone()
        self.hidden = {n: course.more_checks(n, now) for n in course.lessons}
        self.checks = {
            name: keys.of_checks(Lesson(name), self.hidden[name])
            for name in course.lessons
        }
        judged_by = [self.machine, self.checks, keys.of_engine(), self.secret]
        judged_by.append(fingerprints.VERSION)
        self.basis = hashlib.sha256(repr(judged_by).encode()).hexdigest()

    def job(self, student: Student) -> Job:
        """Return what has to be done for a student; no parts where all is known."""
        trace = students.trace_of(student.paths)
        seen = trace.listing and f"{trace.listing} {self.basis}"
        before = self.book.submission(student.name)
        if seen and before.get("seen") == seen and student.name not in self.again:
            return Job(student, before)
        told = {"path": student.path.name, "problem": "", "seen": seen}
        told |= arrived(student, trace)
        try:
            handed = several.read(student.paths, self.course.lessons)
        except submissions.Unreadable as error:
            told["problem"] = str(error)
            return Job(student, told, gone=self.course.lessons)
        # Those that are worth a look first, for not all are kept.
        left = sorted(
            ([each.path, each.reason] for each in handed.left_out),
            key=lambda each: each[1].startswith(looks.HARMLESS),
        )
        told |= {"left_out": left[:MOST_LEFT_OUT], "left_out_in_all": len(left)}
        told["elsewhere"] = handed.elsewhere
        gone = tuple(n for n in self.course.lessons if n not in handed.lessons)
        job = Job(student, told, gone=gone)
        self.fill(job, handed.lessons)
        return job

    def fill(self, job: Job, handed: Mapping[str, Mapping[str, bytes]]) -> None:
        """Add the lessons of a submission that have no verdict yet."""
        known = self.book.keys(job.student.name)
        before = self.book.submission(job.student.name).get("identical", [])
        if job.student.name in self.again:
            known = {}
        seed = keys.shown_seed(self.secret)
        parts = []
        same = [name for name in before if name not in self.course.lessons]
        for name, files in handed.items():
            job.keys[name] = keys.of_mark(files, self.checks[name], self.machine, seed)
            if known.get(name) == job.keys[name]:
                same += [name] * (name in before)
                continue
            same += [name] * identical.to_solution(name, files)
            if not self.hidden[name] and files == starters.starter(name):
                verdict = self.as_it_came(name)
                job.judged[name] = self.judged(job, name, files, verdict)
            else:
                parts.append(Part(name, files, keys.seed_of(self.secret, files)))
        job.told["identical"], job.parts = same, tuple(parts)
        projects = [name for name in handed if name in fingerprints.PROJECTS]
        prints = {name: fingerprints.of(name, handed[name]) for name in projects}
        job.told["prints"] = prints

    def as_it_came(self, name: str) -> dict:
        """Return the verdict on an untouched lesson; the guards prove that it is this one."""
        lesson = Lesson(name)
        return {
            "lesson": name,
            "title": lesson.title,
            "steps": [
                {
                    "number": step.number,
                    "title": step.title,
                    "state": NOT_YET,
                    "said": [AS_IT_CAME],
                }
                for step in lesson.steps
            ],
        }

    def judged(
        self, job: Job, name: str, files: Mapping[str, bytes], verdict: dict, **more
    ) -> Judged:
        """Return a verdict with all that says how it came."""
        origin = {
            "at": datetime.now().astimezone().isoformat(timespec="seconds"),
            "files": fingerprint(dict(files))[: keys.SHORT],
            "checks": self.checks[name][: keys.SHORT],
            "hidden": len(self.hidden[name]),
            "seed": keys.shown_seed(self.secret),
            **self.machine,
            **more,
        }
        return Judged(name, job.keys[name], verdict, origin)

    def save(self, job: Job) -> None:
        """Keep a job that is done, where it holds anything new."""
        name = job.student.name
        gone = {*job.gone} & {*self.book.keys(name)}
        if job.judged or gone or self.book.submission(name) != job.told:
            self.book.save(name, job.told, job.judged.values(), gone)

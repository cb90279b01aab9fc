"""Grade each family as a class, by the command that grades any class; see what it cost."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from checks.engine.grading import gradebook, students
from checks.engine.grading.gradebook import Gradebook
from checks.engine.judging.verdict import BROKEN, OK
from checks.engine.lessons import TOP
from checks.engine.redteam import packing
from checks.engine.redteam.families import Family, Submission, honest
from checks.engine.redteam.traces import NAME, SECRET, Trap, watched

JOBS = 2
NEIGHBOUR = "honest"  # who hands in beside each family, and must lose nothing


@dataclass
class Outcome:
    """What became of one family.

    given and withheld name the steps whose points were not deserved, faults those that
    were called our own fault, unjudged who got no verdict. neighbours is how many honest
    students were graded beside it. seconds is what a submission cost beyond honest work;
    left is what was left behind.
    """

    family: Family
    given: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)
    neighbours: int = 0
    seconds: float = 0.0
    left: list[str] = field(default_factory=list)
    said: str = ""

    @property
    def wrong(self) -> list[str]:
        """Everything that must not be."""
        return [
            *[f"given: {each}" for each in self.given],
            *[f"withheld: {each}" for each in self.withheld],
            *[f"called our fault: {each}" for each in self.faults],
            *[f"not judged: {each}" for each in self.unjudged],
            *[f"left behind: {each}" for each in self.left],
        ]


def attack(
    families: Iterable[Family],
    told: Callable[[Outcome], None] = lambda outcome: None,
    timed: bool = True,
) -> list[Outcome]:
    """Grade the families one after the other; return what became of them.

    told is called with each outcome. Where timed, as many honest submissions are graded
    as well, so that what is beyond their work is known.
    """
    found, trap = [], Trap()
    try:
        for family in families:
            outcome = one(family, trap)
            if timed:
                count = len(family.submissions)
                twins = [honest(each.lesson) for each in family.submissions]
                beyond = outcome.seconds - seconds_of(twins)
                outcome.seconds = max(0.0, beyond / count)
            told(outcome)
            found.append(outcome)
    finally:
        trap.close()
    return found


def one(family: Family, trap: Trap) -> Outcome:
    """Grade one family, and a neighbour who has done all of its lessons."""
    outcome = Outcome(family)
    neighbours = neighbours_of(family.submissions)
    outcome.neighbours = len(neighbours)
    with tempfile.TemporaryDirectory(prefix="red team ") as top:
        folder, scratch = Path(top, "class"), Path(top, "tmp")
        folder.mkdir()
        scratch.mkdir()
        fill(folder, [*family.submissions, *neighbours], trap)
        before = listing(folder)
        with watched(scratch, trap) as outcome.left:
            outcome.seconds, done = grade(folder, scratch, family.submissions)
        outcome.said = done.stdout
        if done.returncode:
            last = (done.stdout.strip().splitlines() or ["nothing"])[-1]
            outcome.unjudged.append(f"the class, exit code {done.returncode}: {last}")
        if listing(folder) != before:
            outcome.left.append("a change in the class folder")
        with_verdicts(folder, partial(compare, outcome, neighbours))
    return outcome


def neighbours_of(submissions: Iterable[Submission]) -> list[Submission]:
    """Return an honest student for every lesson of some submissions."""
    return [honest(name) for name in sorted({each.lesson for each in submissions})]


def fill(folder: Path, submissions: Iterable[Submission], trap: Trap) -> None:
    """Put submissions into a class folder, told where what they look for lies."""
    places = {"@TOP@": TOP, "@CLASS@": folder, "@HOME@": Path.home(), "@NAME@": NAME}
    places |= {"@PORT@": trap.port, "@SOCKET@": trap.name, "@SECRET@": SECRET}
    for each in submissions:
        files = {path: told_where(text, places) for path, text in each.files.items()}
        packing.pack(
            Submission(each.name, each.lesson, each.honest, files, each.form), folder
        )


def told_where(content: bytes, places: dict) -> bytes:
    """Return a file with the places of this machine in it."""
    for word, place in places.items():
        content = content.replace(word.encode(), str(place).encode())
    return content


def listing(folder: Path) -> list[tuple]:
    """Return what changes with any change to a folder's files."""
    found = []
    for where, folders, names in os.walk(folder):
        for name in (*folders, *names):
            told = os.lstat(os.path.join(where, name))
            found.append((where, name, told.st_size, told.st_mtime_ns, told.st_ino))
    return sorted(found)


def grade(
    folder: Path, scratch: Path, submissions: Sequence[Submission]
) -> tuple[float, subprocess.CompletedProcess]:
    """Grade a class by the command; return the seconds that it took, and what it said."""
    lessons = ",".join(sorted({each.lesson[:2] for each in submissions}))
    command = [sys.executable, "-m", "checks.engine", "check", "--class", str(folder)]
    command += ["--lessons", lessons, "--jobs", str(JOBS)]
    env = {
        **os.environ,
        "WORKBOOK_SETUP": "no",
        "TMPDIR": str(scratch),
        "COLUMNS": "88",
    }
    started = time.monotonic()
    done = subprocess.run(
        command,
        cwd=TOP,
        env={**env, "NO_COLOR": "1", SECRET: "found"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return time.monotonic() - started, done


def with_verdicts(folder: Path, do: Callable[[dict], None]) -> None:
    """Call a function with the verdicts of a class, by student and lesson."""
    path = gradebook.beside(folder)
    if not path.is_file():
        do({})
        return
    book = Gradebook(path)
    try:
        do({name: book.verdicts(name) for name in book.students()})
    finally:
        book.close()


def compare(outcome: Outcome, neighbours: Iterable[Submission], verdicts: dict) -> None:
    """Note every step whose points are not what the code deserves."""
    for each in (*outcome.family.submissions, *neighbours):
        name = students.safe(each.name)
        if name not in verdicts:
            outcome.unjudged.append(each.name)
            continue
        judged = verdicts[name].get(each.lesson)
        steps = judged.verdict["steps"] if judged else []
        passed = {step["number"] for step in steps if step["state"] == OK}
        broken = {step["number"] for step in steps if step["state"] == BROKEN}
        outcome.faults += [place(each, number) for number in sorted(broken)]
        if each.honest is not None:
            outcome.given += [place(each, n) for n in sorted(passed - each.honest)]
            outcome.withheld += [place(each, n) for n in sorted(each.honest - passed)]


def place(submission: Submission, step: int) -> str:
    """Return who and what: ``ends at import: 3.2``."""
    return f"{submission.name}: {int(submission.lesson[:2])}.{step}"


KNOWN: dict[str, float] = {}


def seconds_of(submissions: Sequence[Submission]) -> float:
    """Return how long a class of honest submissions takes, with a neighbour as before."""
    key = json.dumps(sorted(each.lesson for each in submissions))
    if key not in KNOWN:
        with tempfile.TemporaryDirectory(prefix="red team ") as top:
            folder = Path(top, "class")
            folder.mkdir()
            numbered = [*submissions, *neighbours_of(submissions)]
            for number, each in enumerate(numbered):
                place = folder / f"{number}"
                packing.as_folder(each, place)
            KNOWN[key] = grade(folder, Path(top), submissions)[0]
            shutil.rmtree(folder)
    return KNOWN[key]

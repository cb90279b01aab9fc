"""A class in parts: each is graded on a machine of its own, and then they are joined.

All parts draw unseen data from one seed, so that a part may be graded anywhere.
"""

import glob
import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from checks.engine.grading import gradebook
from checks.engine.grading.gradebook import Gradebook
from checks.engine.grading.students import Student
from checks.engine.lessons import WorkbookError

SEED = "WORKBOOK_SEED"
SHORTEST_SEED = 16
PART, BASIS = "part", "basis"


@dataclass(frozen=True)
class Shard:
    """Part number of so many: ``2/4``."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, student: Student) -> bool:
        """Is this student in this part? It depends on the name alone."""
        told = hashlib.sha256(student.name.encode("utf-8", "replace")).digest()
        return int.from_bytes(told[:8], "big") % self.count == self.number - 1

    def beside(self, folder: Path) -> Path:
        """Return where the gradebook of this part of a class folder is."""
        name = f"{folder.name}.{self.number}-of-{self.count}{gradebook.ENDING}"
        return folder.with_name(name)


def shard(word: str) -> Shard:
    """Return the part that ``2/4`` means. Raises WorkbookError for anything else."""
    found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", word.strip())
    if not found or not 1 <= int(found[1]) <= int(found[2]):
        raise WorkbookError(f"SHARD is written like 2/4, and not {word!r}.")
    return Shard(int(found[1]), int(found[2]))


def seed(folder: Path, needed: bool) -> str | None:
    """Return the seed that was given for a class, None where each gradebook has its own.

    Parts need one: from the environment, or from the gradebook of the whole class.
    Raises WorkbookError where it is too short, or missing.
    """
    given = os.environ.get(SEED)
    if given is not None and len(given) < SHORTEST_SEED:
        raise WorkbookError(f"{SEED} is a secret of {SHORTEST_SEED} letters or more.")
    whole = gradebook.beside(folder)
    if given is None and needed and whole.is_file():
        book = Gradebook(whole)
        given = book.seed
        book.close()
    if given is None and needed:
        raise WorkbookError(
            f"The parts of a class share one seed. Set {SEED} to the same secret for "
            f"each of them: {SHORTEST_SEED} letters or more that no student knows."
        )
    return given


def named(words: Iterable[str], folder: Path) -> list[Path]:
    """Return the parts that words name, patterns among them; without words those beside.

    Raises WorkbookError where there are none.
    """
    words = [*words] or [f"{glob.escape(str(folder))}.*-of-*{gradebook.ENDING}"]
    found = [
        path
        for word in words
        for path in sorted(glob.glob(word, recursive=True)) or [word]
    ]
    paths = [*dict.fromkeys(Path(path).absolute() for path in found)]
    missing = [path.name for path in paths if not path.is_file()]
    if missing:
        raise WorkbookError(
            f"There is no part {', '.join(missing)}. PARTS names the gradebooks that "
            "`make check CLASS=… SHARD=1/4` makes, as in PARTS='parts/*.gradebook'."
        )
    return paths


@dataclass(frozen=True)
class Joined:
    """What was joined: how many parts and students, and the parts that are missing."""

    parts: int
    students: int
    missing: list[str]


def join(folder: Path, paths: Sequence[Path]) -> Joined:
    """Join parts in the gradebook of the class; to do it again changes nothing.

    Corrections of the class and of the parts are kept. Raises WorkbookError, with
    nothing changed, for parts that were not graded alike.
    """
    books = [Gradebook(path, must_exist=True) for path in paths]
    try:
        missing = missing_parts(books)
        told = {book.about(BASIS) for book in books}
        if len(told) > 1:
            raise WorkbookError(
                "These parts were graded by different checks, versions or seeds, so "
                "they do not belong together. Grade them again, all by the same."
            )
        whole = Gradebook(gradebook.beside(folder), seed=books[0].seed)
        try:
            for book in books:
                add(whole, book)
            return Joined(len(books), sum(len(b.students()) for b in books), missing)
        finally:
            whole.close()
    finally:
        for book in books:
            book.close()


def missing_parts(books: Iterable[Gradebook]) -> list[str]:
    """Return the parts that were left out. Raises WorkbookError for what is no part."""
    found = set()
    for book in books:
        if not book.about(PART):
            raise WorkbookError(
                f"{book.path.name} is a whole class, and no part of one."
            )
        found.add(shard(book.about(PART)))
    counts = {each.count for each in found}
    if len(counts) > 1:
        told = " and ".join(map(str, sorted(counts)))
        raise WorkbookError(f"These are parts of {told}: of different divisions.")
    [count] = counts
    return [
        str(Shard(n, count))
        for n in range(1, count + 1)
        if Shard(n, count) not in found
    ]


def add(whole: Gradebook, part: Gradebook) -> None:
    """Put what a part knows in the gradebook of the class, a student at a time."""
    whole.save_steps(part.all_steps())
    for student in part.students():
        judged = part.verdicts(student)
        gone = whole.keys(student).keys() - judged.keys()
        told = part.submission(student)
        before = whole.verdicts(student), whole.submission(student)
        if before != (judged, told):
            whole.save(student, told, judged.values(), gone)
    whole.adopt(part.all_corrections())

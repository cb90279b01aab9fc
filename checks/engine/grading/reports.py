"""The files of a class: its page, a page a student, and marks for other programs."""

import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path

from checks.engine.files import write_atomically
from checks.engine.grading import exports, hidden_page, own_page, pages
from checks.engine.grading.fingerprints import PROJECTS
from checks.engine.grading.results import Results
from checks.engine.lessons import WorkbookError

ENDING, STAMP = ".report", ".stamp"
WRITERS = ("exports", "feedback", "given", "hidden_page", "looks", "marks")
WRITERS += ("own_page", "pages", "paper", "reports", "results", "rosters", "similar")
SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
# Files that not every class has, and pages of students: what may be taken out again.
AT_TIMES = ("canvas.csv", "moodle.csv", "similar.csv", hidden_page.FILE)
PAGE = re.compile(r"(students/[\w.-]+\.html|gradescope/[\w.-]+\.json)", re.ASCII)


def beside(folder: Path) -> Path:
    """Return where the report on a class folder is."""
    return folder.with_name(folder.name + ENDING)


def file_name(student: str) -> str:
    """Return a file's name for a student: no path, no surprise, no two the same."""
    if SAFE.fullmatch(student):
        return student
    plain = re.sub(r"[^A-Za-z0-9_-]+", "_", student).strip("_")[:40] or "student"
    return f"{plain}.{hashlib.sha256(student.encode()).hexdigest()[:8]}"


def files(results: Results) -> dict[str, str]:
    """Return every file of a report: its path in the folder, and what stands in it."""
    own = {mark.student: file_name(mark.student) for mark in results.marks}
    links = {student: f"students/{file}.html" for student, file in own.items()}
    found = {
        "index.html": pages.of_class(results, links),
        "marks.csv": exports.table(results),
        "junit.xml": exports.junit(results),
    }
    if results.roster or exports.canvas_ids(results):
        found["canvas.csv"] = exports.canvas(results)
    if {*results.course.lessons} & {*PROJECTS}:
        found["similar.csv"] = exports.similar(results)
    if results.roster:
        found["moodle.csv"] = exports.moodle(results)
    if hidden_page.has_any(results):
        found[hidden_page.FILE] = hidden_page.of_class(results)
    for mark in results.marks:
        found[links[mark.student]] = own_page.of_student(results, mark)
        told = json.dumps(exports.gradescope(mark), indent=1)
        found[f"gradescope/{own[mark.student]}.json"] = told
    return found


def write(results: Results, top: Path) -> None:
    """Write the report; what is as it was is left, and who has gone is taken out.

    A file that no report of ours has is left, too. Raises WorkbookError where the folder
    takes no files.
    """
    known, before = noted(top)
    stamp = stamp_of(results)
    if known == stamp and all((top / path).is_file() for path in before):
        return
    wanted = files(results)
    try:
        # Both, so that what is written is known as ours whatever ends this.
        note(top, "", {*before, *wanted})
        # First, for where Kai.html and kai.html are one file.
        old = {path for path in before if PAGE.fullmatch(path)}
        for path in (old | {*AT_TIMES}) - wanted.keys():
            (top / path).unlink(missing_ok=True)
        for path, content in wanted.items():
            put(top / path, content.encode("utf-8", "replace"))
        note(top, stamp, wanted)
    except OSError as error:
        raise WorkbookError(
            f"The report in {top.name} cannot be written: {error.strerror}. "
            "The gradebook has all of it."
        ) from error


def noted(top: Path) -> tuple[str, list[str]]:
    """Return the stamp of the report that is there, and its files; of none nothing."""
    try:
        text = (top / STAMP).read_text("utf-8", "replace")
    except OSError:
        return "", []
    stamp, _, paths = text.partition("\n")
    return stamp, paths.splitlines()


def note(top: Path, stamp: str, paths: Iterable[str]) -> None:
    """Keep which files are ours; the stamp is empty while they are written."""
    put(top / STAMP, "\n".join([stamp, *sorted(paths)]).encode())


def stamp_of(results: Results) -> str:
    """Return a hash of all that a report tells, and of what writes it."""
    here = Path(__file__).parent
    code = [(here / f"{name}.py").read_bytes() for name in WRITERS]
    told = (results.course, results.marks, results.looks, results.roster)
    told += (results.notes(),)
    return hashlib.sha256(repr((told, code)).encode("utf-8", "replace")).hexdigest()


def put(path: Path, content: bytes) -> None:
    """Write a file that has another content, or none, as yet."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)

"""The roster: who is in a course, by the names that the submissions have.

Nobody is guessed. Where a name is not quite that of a submission, a person is asked.
"""

import csv
import difflib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from checks.engine.grading import arrivals, students
from checks.engine.grading.students import Enrolled, Student
from checks.engine.lessons import WorkbookError

COLUMNS = ("student", "name", "id", "email")
NUMBER = re.compile(r"(.+?)[ _]\(?(\d+)\)?")  # what tells two of one name apart
ALIKE = 0.85  # from here on, by difflib, one name may be a slip for the other
MOST_COMPARED = 10_000  # pairs; in more, only the same letters are looked for
WRONG_QUOTES = (
    "a quote that is not closed, or more behind it in a cell. What stands in quotes has "
    'both around all of it, in one line: "Lovelace, Ada".'
)
AS_PRINTED = (
    "The roster's column student has each name in full, as the table above has it."
)


def read(path: Path | None) -> dict[str, Enrolled]:
    """Return the lines of a roster by student; none without a file.

    Raises WorkbookError, with the line, for one that is no CSV file of ours.
    """
    if path is None:
        return {}
    lines = lines_of(path)
    _, columns = next(lines, ("", []))
    refuse_columns(path, columns)
    found: dict[str, Enrolled] = {}
    for where, cells in lines:
        one = enrolled(where, columns, cells)
        if one.student in found:
            raise WorkbookError(f"{where} has {one.student!r}, who is there twice.")
        found[one.student] = one
    return found


def lines_of(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines with anything in them: where each is, and its cells.

    A cell ends in its line, so that a quote which is not closed takes no other line with
    it. Raises WorkbookError for that.
    """
    for number, line in enumerate(io.StringIO(text_of(path), newline=""), 1):
        where = f"{path.name}, line {number},"
        try:
            cells = next(csv.reader([line], strict=True))
        except csv.Error as error:
            quotes = f"{where} has {WRONG_QUOTES}" if '"' in line else ""
            raise WorkbookError(quotes or f"{where} is no CSV: {error}.") from error
        if any(cell.strip() for cell in cells):
            yield where, cells


def enrolled(where: str, columns: Sequence[str], cells: Sequence[str]) -> Enrolled:
    """Return who stands in a line. Raises WorkbookError for nobody, or too many cells."""
    if len(cells) > len(columns):
        raise WorkbookError(
            f"{where} has more cells than the first line. What has a comma in it stands "
            'in quotes: "Lovelace, Ada".'
        )
    told = {c: cell.strip() for c, cell in zip(columns, cells, strict=False)}
    if not told.get("student"):
        raise WorkbookError(f"{where} has nothing in the column student.")
    told["student"] = students.safe(told["student"])
    return Enrolled(**told)


def text_of(path: Path) -> str:
    """Return what stands in a roster. Raises WorkbookError where it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise WorkbookError(f"{path.name} cannot be read: {error.strerror}.") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise WorkbookError(
            f"{path.name} is not UTF-8, at line {line}. Save it again as a CSV file in "
            "UTF-8; spreadsheets call that “CSV UTF-8”."
        ) from error


def refuse_columns(path: Path, columns: Iterable[str]) -> None:
    """Raise WorkbookError for a first line that is none of a roster."""
    columns = [*columns]
    if "student" in columns and not {*columns} - {*COLUMNS}:
        return
    if len(columns) == 1 and (other := re.search("[;\t|]", columns[0])):
        sign = "tabs" if other[0] == "\t" else other[0]
        raise WorkbookError(
            f"{path.name} has {sign} between its columns, and needs commas."
        )
    raise WorkbookError(
        f"{path.name} needs a first line with student, and any of "
        f"{', '.join(COLUMNS[1:])}; it has {', '.join(columns) or 'nothing'}."
    )


def folded(name: str) -> str:
    """Return a name's letters and digits alone, without case and accents."""
    parts = unicodedata.normalize("NFKD", name).casefold()
    return "".join(
        c
        for c in parts
        if not unicodedata.combining(c) and unicodedata.category(c)[0] not in "PZSC"
    )


def order(name: str) -> tuple[str, str]:
    """Return what a list of names is sorted by: Ágnes stands before bea and Zoë."""
    return folded(name), name


def spellings(name: str) -> set[str]:
    """Return a name as platforms write it: ``Ada Lovelace`` is lovelaceada for Canvas."""
    words = name.split()
    found = {folded(name), folded("".join(words[-1:] + words[:-1]))}
    return found - {""}


def near(
    roster: Mapping[str, Enrolled], absent: Iterable[str], strangers: Iterable[str]
) -> list[str]:
    """Return a question for everybody absent whose name is nearly that of a stranger.

    absent are in the roster and have handed nothing in; strangers are the other way round.
    """
    absent, strangers = [*absent], [*strangers]
    fuzzy = len(absent) * len(strangers) <= MOST_COMPARED
    found = []
    for name in absent:
        close = [one for one in strangers if may_be(roster[name], one, fuzzy)]
        if close:
            found.append(f"{name} in the roster: is it {either(close)}?")
    return [*found, AS_PRINTED] if found else []


def may_be(line: Enrolled, stranger: str, fuzzy: bool) -> bool:
    """May a line of the roster and a submission be of one person?"""
    bare = without_number(stranger)
    mine = spellings(line.student) | spellings(line.name)
    mine |= spellings(without_number(line.student))
    if mine & (spellings(bare) | spellings(stranger)):
        return True
    if not fuzzy or not folded(bare):
        return False
    return bool(difflib.get_close_matches(folded(bare), mine, 1, ALIKE))


def without_number(name: str) -> str:
    """Return a name without the number of a platform behind it."""
    numbered = NUMBER.fullmatch(name)
    return numbered[1] if numbered else name


def either(names: Iterable[str]) -> str:
    """Return names as a question lists them: `a`, `b` or `c`."""
    *first, last = [f"`{name}`" for name in names]
    return f"{', '.join(first)} or {last}" if first else last


def of_students(found: Iterable[Student]) -> Iterator[str]:
    """Yield sentences on who has handed in several files, and on who shares a name."""
    found = [*found]
    counts = {s.name: sum(not arrivals.is_beside(p) for p in s.paths) for s in found}
    if more := [f"{name} ({count})" for name, count in counts.items() if count > 1]:
        told = ", ".join(more)
        yield f"Several files, read as one submission: {told}"
    groups: dict[str, list[str]] = {}
    for student in found:
        called = folded(student.called)
        groups.setdefault(called or student.called, []).append(student.name)
    for names in groups.values():
        if len(names) > 1:
            told = ", ".join(f"`{name}`" for name in names)
            yield (
                f"One name, {len(names)} students: {told}. A roster names each of them "
                "so, letter for letter."
            )

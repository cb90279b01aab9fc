"""The gradebook: an SQLite file beside the class folder, one transaction a submission.

Whatever ends a grader at whatever moment, the file holds whole submissions or nothing of
them. Two graders take turns; the one that is later finds what the other has done.
"""

import contextlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from pathlib import Path

from checks.engine.lessons import WorkbookError

ENDING = ".gradebook"
PATIENCE = 60.0  # seconds that one grader waits for another's transaction
VERSION = 2  # of 1, no correction can be taken back
COURSE = "course"  # under which the course's file is noted
TAKEN_BACK = -1.0  # in the place of points
TABLES = """
CREATE TABLE IF NOT EXISTS about (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS steps (lesson TEXT PRIMARY KEY, key TEXT, told TEXT);
CREATE TABLE IF NOT EXISTS submissions (student TEXT PRIMARY KEY, told TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS verdicts (
    student TEXT, lesson TEXT, key TEXT NOT NULL, verdict TEXT NOT NULL,
    origin TEXT NOT NULL, PRIMARY KEY (student, lesson)
);
CREATE TABLE IF NOT EXISTS corrections (
    number INTEGER PRIMARY KEY, student TEXT, lesson TEXT, step INTEGER,
    points REAL NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Judged:
    """One lesson's verdict as plain data, the key it was made for, and how it came."""

    lesson: str
    key: str
    verdict: dict
    origin: dict


@dataclass(frozen=True)
class Correction:
    """Points that a person gave for a step, and why. The last one holds.

    points is None where it takes back the one before it.
    """

    student: str
    lesson: str
    step: int
    points: float | None
    reason: str
    at: str

    @classmethod
    def of(cls, row: tuple) -> "Correction":
        """Return the correction that a line of the table is."""
        *place, points, reason, at = row
        return cls(*place, None if points == TAKEN_BACK else points, reason, at)

    @property
    def row(self) -> tuple:
        """The line of the table."""
        points = TAKEN_BACK if self.points is None else self.points
        return astuple(replace(self, points=points))


def beside(folder: Path) -> Path:
    """Return where the gradebook of a class folder is."""
    return folder.with_name(folder.name + ENDING)


class Gradebook:
    """One class's verdicts, corrections and secret seed.

    With must_exist none is made; a new one gets the seed that is given, or draws one.
    Every method raises WorkbookError where the file cannot be read or written.
    """

    def __init__(self, path: Path, must_exist: bool = False, seed: str | None = None):
        if must_exist and not path.is_file():
            raise WorkbookError(
                f"There is no gradebook {path.name}: `make check CLASS=…` makes it."
            )
        self.path = path
        with self.told():
            # The seed in it is nobody's business, so nobody else may read the file.
            os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            self.db = sqlite3.connect(path, PATIENCE, isolation_level=None)
            self.db.execute("PRAGMA busy_timeout = 60000")
            known = self.db.execute("PRAGMA user_version").fetchone()[0]
            if known > VERSION:
                raise WorkbookError(
                    f"{path.name} was made by a newer workbook; use that one."
                )
            with self.change():
                for statement in TABLES.split(";"):
                    self.db.execute(statement)
                self.db.execute(f"PRAGMA user_version = {VERSION}")
                line = ("seed", seed or secrets.token_hex(16))
                self.db.execute("INSERT OR IGNORE INTO about VALUES (?, ?)", line)
        if seed not in (None, self.seed):
            self.close()
            raise WorkbookError(
                f"{path.name} was made with another seed, which its marks depend on. "
                "Move it away, or give the seed that made it."
            )

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Turn SQLite's errors into sentences that name the repair."""
        name = self.path.name
        try:
            yield
        except sqlite3.Error as error:
            said = str(error)
            if "full" in said:
                why = "the disk is full. Make room, and run the command again"
            elif "readonly" in said or "unable to open" in said:
                why = "it cannot be written. Make its folder writable"
            elif "locked" in said:
                why = "another grader keeps it. Wait for its end, or end it"
            elif "not a database" in said or "malformed" in said:
                why = "it is damaged. Move it away, or bring back a copy"
            else:
                why = said
            raise WorkbookError(
                f"The gradebook {name}: {why}. What was graded before is kept."
            ) from error
        except OSError as error:
            raise WorkbookError(
                f"The gradebook {name} cannot be opened: {error.strerror}."
            ) from error

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """Make the block's changes all at once, or none of them."""
        with self.told():
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # a full disk has ended it
                    self.db.execute("ROLLBACK")
                raise

    def rows(self, query: str, *values) -> list[tuple]:
        """Return what a query finds."""
        with self.told():
            return self.db.execute(query, values).fetchall()

    @property
    def seed(self) -> str:
        """The secret that all unseen data of this class comes from."""
        return self.rows("SELECT value FROM about WHERE key = 'seed'")[0][0]

    def about(self, key: str) -> str:
        """Return what was noted of the gradebook itself under a key, "" for nothing."""
        rows = self.rows("SELECT value FROM about WHERE key = ?", key)
        return rows[0][0] if rows else ""

    def note(self, key: str, value: str) -> None:
        """Note something of the gradebook itself; it takes the place of the note before."""
        if self.about(key) != value:
            with self.change():
                self.db.execute("REPLACE INTO about VALUES (?, ?)", (key, value))

    def keys(self, student: str) -> dict[str, str]:
        """Return, by lesson, the keys of the verdicts that a student has."""
        query = "SELECT lesson, key FROM verdicts WHERE student = ?"
        return dict(self.rows(query, student))

    def save(
        self,
        student: str,
        submission: Mapping,
        judged: Iterable[Judged],
        gone: Iterable[str] = (),
    ) -> None:
        """Keep what was found out about a submission; gone are lessons no longer in it."""
        told = json.dumps(submission)
        with self.change():
            db = self.db
            db.execute("REPLACE INTO submissions VALUES (?, ?)", (student, told))
            for lesson in gone:
                where = "DELETE FROM verdicts WHERE student = ? AND lesson = ?"
                db.execute(where, (student, lesson))
            for each in judged:
                line = (student, each.lesson, each.key)
                line += (json.dumps(each.verdict), json.dumps(each.origin))
                db.execute("REPLACE INTO verdicts VALUES (?, ?, ?, ?, ?)", line)

    def submission(self, student: str) -> dict:
        """Return what is known of a student's submission, nothing for a new one."""
        query = "SELECT told FROM submissions WHERE student = ?"
        rows = self.rows(query, student)
        return json.loads(rows[0][0]) if rows else {}

    def verdicts(self, student: str) -> dict[str, Judged]:
        """Return a student's verdicts by lesson."""
        query = "SELECT lesson, key, verdict, origin FROM verdicts WHERE student = ?"
        return {
            lesson: Judged(lesson, key, json.loads(verdict), json.loads(origin))
            for lesson, key, verdict, origin in self.rows(query, student)
        }

    def steps(self, lesson: str, key: str | None = None) -> list[dict] | None:
        """Return a lesson's steps as they were told for a key, None where they were not.

        Without a key they are those that were told last.
        """
        rows = self.rows("SELECT key, told FROM steps WHERE lesson = ?", lesson)
        known = [told for made_for, told in rows if key in (None, made_for)]
        return json.loads(known[0]) if known else None

    def save_steps(self, told: Mapping[str, tuple[str, list[dict]]]) -> None:
        """Keep the steps of lessons, each with the key of its checks."""
        with self.change():
            for lesson, (key, steps) in told.items():
                line = (lesson, key, json.dumps(steps))
                self.db.execute("REPLACE INTO steps VALUES (?, ?, ?)", line)

    def correct(
        self, student: str, lesson: str, step: int, points: float | None, reason: str
    ) -> None:
        """Add a correction, which takes back the one before if points is None; all stay."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        line = Correction(student, lesson, step, points, reason, now).row
        words = "student, lesson, step, points, reason, at"
        with self.change():
            marks = "?, ?, ?, ?, ?, ?"
            self.db.execute(f"INSERT INTO corrections ({words}) VALUES ({marks})", line)

    def corrections(self, *names: str) -> dict[tuple[str, int], Correction]:
        """Return the last correction of each step of a student, by lesson and step.

        names are all that the student has had. A step of which the last one was taken
        back has none.
        """
        query = (
            "SELECT student, lesson, step, points, reason, at FROM corrections "
            f"WHERE student IN ({', '.join('?' * len(names))}) "
            "ORDER BY julianday(at), number"
        )
        found = [Correction.of(row) for row in self.rows(query, *names)]
        last = {(each.lesson, each.step): each for each in found}
        return {place: each for place, each in last.items() if each.points is not None}

    def all_steps(self) -> dict[str, tuple[str, list[dict]]]:
        """Return the steps of all lessons that were told, each with the key of its checks."""
        rows = self.rows("SELECT lesson, key, told FROM steps")
        return {lesson: (key, json.loads(told)) for lesson, key, told in rows}

    def corrected(self) -> list[str]:
        """Return everybody of whom a person has ever corrected a step."""
        query = "SELECT DISTINCT student FROM corrections ORDER BY student"
        return [row[0] for row in self.rows(query)]

    def all_corrections(self) -> list[Correction]:
        """Return every correction, in the order in which they were made."""
        words = "student, lesson, step, points, reason, at"
        rows = self.rows(f"SELECT {words} FROM corrections ORDER BY number")
        return [Correction.of(row) for row in rows]

    def adopt(self, others: Iterable[Correction]) -> None:
        """Add the corrections of another gradebook that this one does not have yet."""
        known = {*self.all_corrections()}
        words = "student, lesson, step, points, reason, at"
        with self.change():
            for one in others:
                if one not in known:
                    query = (
                        f"INSERT INTO corrections ({words}) VALUES (?, ?, ?, ?, ?, ?)"
                    )
                    self.db.execute(query, one.row)

    def students(self) -> list[str]:
        """Return everybody whom the gradebook knows."""
        return [row[0] for row in self.rows("SELECT student FROM submissions")]

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

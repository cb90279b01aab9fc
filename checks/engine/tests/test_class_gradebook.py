"""The gradebook: whatever ends a grader, it holds whole submissions or nothing of them."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap

import pytest

from checks.engine.grading import gradebook
from checks.engine.grading.gradebook import Gradebook, Judged
from checks.engine.lessons import TOP, WorkbookError

LESSONS = ("01_hello", "02_debug", "03_routes")
WRITER = """
    import itertools, sys
    from pathlib import Path
    from checks.engine.grading.gradebook import Gradebook, Judged

    book = Gradebook(Path(sys.argv[1]))
    for n in itertools.count():
        steps = [{{"number": 1, "round": n}}]
        verdicts = [Judged(name, f"{{n}}", {{"steps": steps}}, {{}}) for name in {lessons}]
        book.save(f"student {{n % 7}}", {{"round": n}}, verdicts)
        print(n, flush=True)
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "week1").mkdir()
    return gradebook.beside(tmp_path / "week1")


@pytest.fixture
def writers(path):
    """Start graders that save for ever; whoever is left is killed in the end."""
    started = []

    def start():
        code = textwrap.dedent(WRITER.format(lessons=LESSONS))
        command = [sys.executable, "-c", code, str(path)]
        started.append(subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def whole(path):
    """Return the last round that was kept; every student must have one round alone."""
    book = Gradebook(path)
    kept = [-1]
    for name in book.students():
        verdicts = book.verdicts(name)
        assert {*verdicts} == {*LESSONS}
        rounds = {each.verdict["steps"][0]["round"] for each in verdicts.values()}
        assert rounds == {book.submission(name)["round"]}
        kept += rounds
    assert book.rows("PRAGMA integrity_check") == [("ok",)]
    book.close()
    return max(kept)


@pytest.mark.parametrize("after", [0, 1, 5, 20])
def test_kill_9_loses_and_doubles_nothing(path, writers, after):
    writer = writers()
    told = [int(writer.stdout.readline()) for _ in range(after + 1)][-1]
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    assert whole(path) >= told, "what was told to be kept is kept"


def test_two_graders_at_once_do_no_harm(path, writers):
    both = [writers(), writers()]
    for writer in both:
        for _ in range(10):
            assert writer.stdout.readline()
    for writer in both:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert whole(path) >= 9


@pytest.fixture
def book(path):
    book = Gradebook(path)
    yield book
    book.close()


def test_nobody_else_may_read_the_seed(path, book):
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    other = Gradebook(path)
    assert len(book.seed) == 32 and other.seed == book.seed
    other.close()


def test_a_lesson_that_was_taken_out_has_no_verdict_any_more(book):
    verdicts = [Judged(name, "key", {"steps": []}, {}) for name in LESSONS]
    book.save("ada", {}, verdicts)
    book.save("ada", {}, [], LESSONS[:1])
    assert {*book.verdicts("ada")} == {*LESSONS[1:]}
    assert book.keys("bea") == {}


def test_corrections_stay_and_the_last_one_holds(book):
    for points in (1, 0.5):
        book.correct("ada", "03_routes", 2, points, f"because {points}")
    book.save("ada", {}, [Judged("03_routes", "new", {"steps": []}, {})])
    found = book.corrections("ada")
    assert found["03_routes", 2].points == 0.5
    assert found["03_routes", 2].reason == "because 0.5"
    assert book.rows("SELECT count(*) FROM corrections") == [(2,)]


def test_a_full_disk_is_told_and_what_was_kept_stays(path, book):
    book.save("ada", {"round": 1}, [])
    pages = book.rows("PRAGMA page_count")[0][0]
    book.db.execute(f"PRAGMA max_page_count = {pages}")
    large = Judged("03_routes", "key", {"steps": ["x" * 100_000]}, {})
    with pytest.raises(WorkbookError, match="the disk is full. Make room"):
        book.save("ada", {"round": 2}, [large])
    assert book.submission("ada") == {"round": 1}


def test_a_grader_waits_for_another(path, book):
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    book.db.execute("PRAGMA busy_timeout = 50")
    with pytest.raises(WorkbookError, match="another grader keeps it"):
        book.save("ada", {}, [])
    other.execute("ROLLBACK")
    other.close()
    book.save("ada", {}, [])


@pytest.mark.parametrize(
    ("content", "said"), [(b"no database" * 99, "it is damaged"), (None, "cannot be")]
)
def test_what_is_no_gradebook_is_told(path, content, said):
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(WorkbookError, match=said):
        Gradebook(path)


def test_one_of_a_newer_workbook_is_left_alone(path, book):
    book.db.execute("PRAGMA user_version = 99")
    with pytest.raises(WorkbookError, match="made by a newer workbook"):
        Gradebook(path)


def test_one_that_must_exist_is_not_made(path):
    with pytest.raises(WorkbookError, match="There is no gradebook week1.gradebook"):
        Gradebook(path, must_exist=True)
    assert not path.exists()

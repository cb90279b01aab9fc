"""Nothing that a learner wrote is lost: progress, backups, reset, undo, starters."""

import json
import os
import shutil
import subprocess

import pytest

from checks.engine.learner.state import Memory
from checks.engine.tests.small import SOLVED, STARTERS

MINE = "lessons/01_hello/app.py"


def tree(folder):
    """Return a folder's files and links: relative path to content."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = os.readlink(path)
        elif path.is_file():
            found[name] = path.read_bytes()
    return found


@pytest.fixture
def busy(workbook):
    """A workbook whose first lesson holds all that a learner may put there."""
    workbook.write(MINE, SOLVED)
    workbook.write("lessons/01_hello/notes/idea.txt", "an idea")
    workbook.write("lessons/01_hello/instance/blog.db", "a database")
    workbook.write("lessons/01_hello/README.md", "# 1 · Hello\n\nmy own notes\n")
    (workbook.top / "lessons/01_hello/link").symlink_to("app.py")
    return workbook


def test_reset_keeps_a_copy_of_everything_and_undo_brings_it_back(busy):
    lesson = busy.top / "lessons" / "01_hello"
    before = tree(lesson)
    done = busy.run("reset", "1")
    assert done.code == 0 and "make undo" in done.out
    assert busy.read(MINE) == STARTERS["01_hello"]["app.py"]
    assert sorted(p.name for p in lesson.iterdir()) == [
        "README.md",
        "app.py",
        "hints.md",
    ]
    assert busy.read("lessons/01_hello/README.md").endswith("my own notes\n")
    [copy] = (busy.top / ".workbook" / "backups").iterdir()
    assert tree(copy) == before and copy.name.endswith("-01_hello")
    assert busy.run("undo").code == 0
    assert tree(lesson) == before


def test_undo_of_undo_changes_back(busy):
    lesson = busy.top / "lessons" / "01_hello"
    busy.run("reset", "1")
    after_reset = tree(lesson)
    busy.run("undo")
    busy.run("undo")
    assert tree(lesson) == after_reset
    assert len(list((busy.top / ".workbook" / "backups").iterdir())) == 3


def test_undo_takes_the_last_backup_whatever_its_lesson(workbook):
    for number, name in (1, "01_hello"), (2, "02_url_for"):
        workbook.write(f"lessons/{name}/app.py", f"mine = {number}\n")
        workbook.run("reset", str(number))
    assert "02_url_for" in workbook.run("undo").out
    assert workbook.read("lessons/02_url_for/app.py") == "mine = 2\n"


@pytest.mark.parametrize("what", ["a folder", "nothing", "a file for the lesson"])
def test_reset_repairs_whatever_stands_in_the_place(workbook, what):
    lesson = workbook.top / "lessons" / "01_hello"
    if what == "a folder":
        (workbook.top / MINE).unlink()
        workbook.write(MINE + "/inner.py", "mine")
    else:
        shutil.rmtree(lesson)
    if what == "a file for the lesson":
        workbook.write("lessons/01_hello", "mine")
    assert workbook.run("reset", "1").code == 0
    assert workbook.read(MINE) == STARTERS["01_hello"]["app.py"]


def test_where_no_backup_can_be_made_nothing_is_changed(workbook):
    workbook.write(MINE, SOLVED)
    workbook.write(".workbook/backups", "a file where the folder should be")
    done = workbook.run("reset", "1")
    assert done.code == 2 and "nothing was changed" in done.err
    assert workbook.read(MINE) == SOLVED


def test_a_backup_that_was_cut_short_is_none(workbook):
    workbook.write(".workbook/backups/.2026-01-01-000000-000000-01_hello.7/app.py", "")
    assert "There is no backup" in workbook.run("undo").err


def test_starters_come_back_from_gits_history(workbook):
    def git(*words):
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *who, *words], cwd=workbook.top, check=True)

    git("init", "-q")
    git("add", "lessons")
    git("commit", "-qm", "the lessons as they came")
    workbook.write(MINE, SOLVED)
    git("commit", "-qam", "my work")
    shutil.rmtree(workbook.top / ".workbook")
    assert workbook.run("reset", "1").code == 0
    assert workbook.read(MINE) == STARTERS["01_hello"]["app.py"]


def test_a_starter_that_is_nowhere_costs_a_sentence(workbook):
    workbook.write(MINE, SOLVED)
    shutil.rmtree(workbook.top / ".workbook")
    done = workbook.run("reset", "1")
    assert done.code == 2 and "neither in lessons/ nor in git's history" in done.err
    assert workbook.read(MINE) == SOLVED


def test_a_starter_that_was_changed_is_put_right(workbook):
    workbook.write(".workbook/starters/01_hello/app.py", "not as it came")
    workbook.write(".workbook/starters/01_hello/stray.py", "not as it came")
    assert workbook.run("doctor").code == 0
    assert tree(workbook.top / ".workbook/starters/01_hello").keys() == {"app.py"}
    kept = workbook.read(".workbook/starters/01_hello/app.py")
    assert kept == STARTERS["01_hello"]["app.py"]


# Progress.


def test_progress_tells_done_from_changed_since(workbook):
    workbook.write(MINE, SOLVED)
    assert "0 of 3 lessons done" in workbook.run("progress").out
    workbook.run("check", "1")
    done = workbook.run("progress").out
    assert "done  2 of 2" in done and "1 of 3 lessons done" in done
    workbook.write(MINE, SOLVED + "# more\n")
    assert "was 2 of 2, changed since" in workbook.run("progress").out
    workbook.write(MINE, SOLVED)
    assert "1 of 3 lessons done" in workbook.run("progress").out


def test_the_time_of_the_first_green_stays(workbook):
    def steps():
        data = json.loads(workbook.read(".workbook/progress.json"))
        return data["steps"]["01_hello"]

    workbook.write(MINE, SOLVED)
    workbook.run("check", "1")
    first = steps()
    first["1"]["first"] = "2020-01-01T00:00:00"
    data = json.loads(workbook.read(".workbook/progress.json"))
    data["steps"]["01_hello"] = first
    workbook.write(".workbook/progress.json", json.dumps(data))
    workbook.write(MINE, SOLVED + "# more\n")
    workbook.run("check", "1")
    assert steps()["1"]["first"] == "2020-01-01T00:00:00"
    assert steps()["1"]["files"] != first["1"]["files"]


def test_the_solutions_are_nobodys_progress(workbook):
    workbook.run("check", "1", "--root", "solutions")
    assert "0 of 3 lessons done" in workbook.run("progress").out


@pytest.mark.parametrize(
    "content",
    ["", "{", "[1]", '{"steps": 3}', '{"later": 1}', "\x00", '"x"', "[" * 99999],
)
def test_damage_costs_one_line_and_keeps_a_copy(workbook, content):
    workbook.write(".workbook/progress.json", content)
    workbook.write(MINE, SOLVED)
    done = workbook.run("check", "1")
    assert done.code == 0 and len(done.err.splitlines()) == 1
    assert "put aside" in done.err and "Traceback" not in done.err
    assert workbook.read(".workbook/progress.damaged.json") == content
    again = workbook.run("progress")
    assert "1 of 3 lessons done" in again.out and again.err == ""


def test_two_at_once_both_keep_what_they_know(tmp_path):
    told = []
    one, two = (Memory(told.append, tmp_path / "progress.json") for _ in range(2))
    with one.change() as data:
        data["hints"]["01_hello"] = {"1": 1}
    with two.change() as data:
        data["hints"]["02_url_for"] = {"1": 2}
    assert one.read()["hints"] == {"01_hello": {"1": 1}, "02_url_for": {"1": 2}}
    assert told == []


def test_a_state_folder_that_takes_nothing_costs_one_line(workbook):
    shutil.rmtree(workbook.top / ".workbook")
    workbook.write(".workbook", "a file where the folder should be")
    workbook.write(MINE, SOLVED)
    done = workbook.run("check", "1")
    assert done.code == 0 and "2 of 2" in done.out
    assert "progress cannot be kept" in done.err and len(done.err.splitlines()) == 1


def test_a_state_folder_that_can_only_be_read_costs_one_line(workbook):
    workbook.write(MINE, SOLVED)
    workbook.run("check", "1")
    (workbook.top / ".workbook" / "lock").unlink()
    (workbook.top / ".workbook" / "lock").mkdir()  # root may write everywhere else
    done = workbook.run("check", "1")
    assert done.code == 0 and len(done.err.splitlines()) == 1
    assert "progress cannot be kept" in done.err
    assert "1 of 3 lessons done" in workbook.run("progress").out

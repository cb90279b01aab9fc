"""A class of a few students with known marks, graded in cages as a person would."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from checks.engine.grading import commands
from checks.engine.grading.gradebook import Gradebook, beside
from checks.engine.lessons import LESSONS, SOLUTIONS, TOP, WorkbookError
from checks.engine.screen import Screen
from checks.engine.worker import cage

HANG = """
import time

@app.before_request
def hang():
    time.sleep(600)
"""
CRASH = "import os\nos._exit(0)\n"
HIDDEN = '''"""More than the lesson asks."""

import pytest


@pytest.mark.step(4)
@pytest.mark.points(3)
def test_the_thanks_name_no_secret(client, unseen):
    assert "secret" not in client.post("/contact").text, f"it was {unseen.word()}"
'''
COURSE = """
title = "Web, spring"
lessons = "3-4"
hidden = "hidden"
roster = "roster.csv"
[weights]
4 = 2
[points]
3.1 = 0.5
"""
ROSTER = "student,name,id,email\nada,Ada L.,1,a@b.c\nzoe,Zoë,2,z@b.c\n"
SECONDS = 120


def hand_in(folder, student, *lessons, root=SOLUTIONS, **changed):
    """Put lessons where a student's lie; changed files are given by their stem."""
    for name in lessons:
        place = folder / student / "lessons" / name
        shutil.copytree(root / name, place)
        for stem, change in changed.items():
            file = place / f"{stem}.py"
            file.write_text(change(file.read_text()))


def grade(folder, *more, code=0):
    """Run the command as make does; return what it printed."""
    command = [sys.executable, "-m", "checks.engine", "check", "--class", str(folder)]
    env = {**os.environ, "WORKBOOK_SETUP": "no", "COLUMNS": "88", "NO_COLOR": "1"}
    done = subprocess.run(
        [*command, *more],
        cwd=TOP,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def totals(text):
    """Return what the table says: student to points."""
    rows = [
        line.split() for line in text.splitlines() if " of " in line and "%" in line
    ]
    return {row[0]: row[row.index("of") - 1] for row in rows}


@pytest.fixture(scope="module")
def week(needs_cage, tmp_path_factory):
    """Return a class folder that was graded once, and what was printed."""
    top = tmp_path_factory.mktemp("course")
    folder = top / "week1"
    hand_in(folder, "ada", "03_routes", "04_url_variables")
    less = lambda text: text.replace("Thank you", "Hello")  # noqa: E731
    hand_in(folder, "bea", "03_routes", app=less)
    hand_in(folder, "cleo", "03_routes", root=LESSONS)
    hand_in(folder, "dora", "03_routes", app=lambda text: text + HANG)
    hand_in(folder, "dora", "04_url_variables")
    hand_in(folder, "edda", "03_routes", app=lambda text: CRASH)
    files = [*(SOLUTIONS / "04_url_variables").glob("*.py")]
    with zipfile.ZipFile(folder / "finn.zip", "w") as archive:
        for file in files:
            archive.write(file, f"04_url_variables/{file.name}")
        archive.writestr("04_url_variables/../../etc/x", "x")
    (folder / "greta.zip").write_bytes(b"no archive")
    (top / "course.toml").write_text(COURSE)
    (top / "roster.csv").write_text(ROSTER)
    (top / "hidden").mkdir()
    (top / "hidden" / "test_03_routes.py").write_text(HIDDEN)
    return folder, grade(folder)


def test_the_marks_are_the_known_ones(week):
    _, text = week
    assert totals(text) == {
        "ada": "17.5",  # 0.5 + 1 + 1 + 3, and 6 that count twice
        "bea": "2.5",
        "cleo": "0",
        "dora": "12",
        "edda": "0",
        "finn": "12",
        "greta": "0",
        "zoe": "0",
    }
    assert "Web, spring: 7 students, 2 lessons, by course.toml" in text


@pytest.mark.parametrize(
    "said",
    [
        "dora: gave no answer in time in 3.1, 3.2, 3.3, 3.4",
        "edda: ended its own process in 3.1, 3.2, 3.3, 3.4",
        "finn: not taken: 04_url_variables/../../etc/x (a name that climbs out)",
        "greta: greta.zip is damaged",
        "ada: the same as the published solution: 03_routes, 04_url_variables",
        "Nothing handed in: zoe",
        "Not in the roster: bea, cleo, dora, edda, finn, greta",
        "6 judged now, 1 had nothing new",
    ],
)
def test_who_needs_a_look_is_told(week, said):
    folded = " ".join(week[1].split())
    assert said in folded, week[1]


def test_a_hang_in_one_lesson_is_repeated_and_leaves_the_other_alone(week):
    book = Gradebook(beside(week[0]))
    dora = book.verdicts("dora")
    book.close()
    assert sorted(dora["03_routes"].origin["repeated"]) == [1, 2, 3, 4]
    assert "repeated" not in dora["04_url_variables"].origin


def test_no_verdict_tells_the_seed(week):
    book = Gradebook(beside(week[0]))
    kept = book.rows("SELECT verdict, origin FROM verdicts")
    assert kept and book.seed not in json.dumps(kept)
    book.close()


def test_the_second_run_judges_only_what_changed_and_keeps_corrections(week):
    folder, first = week
    book = Gradebook(beside(folder))
    before = book.rows("SELECT * FROM verdicts ORDER BY student, lesson")
    book.correct("bea", "03_routes", 4, 1, "she did thank")
    text = grade(folder)
    assert "0 judged now, 7 had nothing new" in text
    assert book.rows("SELECT * FROM verdicts ORDER BY student, lesson") == before
    assert {**totals(first), "bea": "3.5"} == totals(text)
    assert "1 judged now, 6 had nothing new" in grade(folder, "--regrade", "ada")
    after = book.rows("SELECT verdict FROM verdicts WHERE student = 'ada'")
    assert [states(row) for row in after] == [
        states(row[3:]) for row in before if row[0] == "ada"
    ]
    assert totals(grade(folder))["bea"] == "3.5"
    book.close()


def states(row):
    return [(s["number"], s["state"]) for s in json.loads(row[0])["steps"]]


def test_where_no_cage_can_be_built_no_code_is_run(tmp_path, monkeypatch, capsys):
    def none(*given):
        raise cage.NoCage("the kernel forbids it", "allow it")

    monkeypatch.setattr(cage, "tried", none)
    refused = commands.cage_for([tmp_path], False, Screen())
    with pytest.raises(WorkbookError, match="no stranger's code is run: the kernel"):
        refused()
    assert commands.cage_for([tmp_path], True, Screen())() is None
    assert "runs as you do" in capsys.readouterr().out


def test_a_class_that_a_cage_would_show_is_refused(needs_cage):
    inside = Path(cage.places.of_python()[0]) / "class"
    with pytest.raises(WorkbookError, match="move one of them"):
        commands.cage_for([inside], False, Screen())()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--lessons", "99"], "There is no lesson '99'"),
        (["--regrade", "adaa"], "There is no student 'adaa'. Did you mean 'ada'?"),
        (["--course", "no.toml"], "There is no file no.toml"),
        (["--jobs", "0"], "JOBS takes a number like 4"),
    ],
)
def test_a_wrong_word_is_told(week, words, said):
    assert said in grade(week[0], *words, code=2)

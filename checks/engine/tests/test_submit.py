"""Handing in: one zip of the lessons alone, just as a class's grader reads it."""

import json
import os
import zipfile

import pytest

from checks.engine.grading import submissions
from checks.engine.handing.submit import SHORT
from checks.engine.lessons import MOST_BYTES, fingerprint
from checks.engine.tests.small import SOLVED

NAMES = ["01_hello", "02_url_for", "03_forms"]


@pytest.fixture
def begun(workbook):
    """A small workbook of which the first lesson is solved."""
    workbook.write("lessons/01_hello/app.py", SOLVED)
    return workbook


def told(path):
    with zipfile.ZipFile(path) as archive:
        return sorted(archive.namelist()), json.loads(archive.read("receipt.json"))


def test_the_zip_holds_the_apps_and_a_receipt(begun):
    done = begun.make("submit")
    assert done.code == 0 and "submit.zip: lessons 1 to 3" in done.out
    names, receipt = told(begun.top / "submit.zip")
    assert names == [
        "lessons/01_hello/app.py",
        "lessons/02_url_for/app.py",
        "lessons/02_url_for/posts.py",
        "lessons/03_forms/app.py",
        "lessons/03_forms/posts.py",
        "receipt.json",
    ]
    assert (
        f"Receipt {receipt['hash'][:16]}, {receipt['at']}: keep this line." in done.out
    )
    assert receipt["python"] and receipt["Flask"] and receipt["Werkzeug"]


def test_the_grader_reads_what_the_receipt_says(begun):
    begun.run("submit")
    read = submissions.read(begun.top / "submit.zip", NAMES)
    assert read.left_out == [] and [*read.lessons] == NAMES
    assert read.lessons["01_hello"] == {"app.py": SOLVED.encode()}
    hashes = {name: fingerprint(files)[:SHORT] for name, files in read.lessons.items()}
    assert hashes == told(begun.top / "submit.zip")[1]["lessons"]


def test_only_the_receipts_time_differs_from_one_zip_to_the_next(begun):
    found = []
    for name in ("a.zip", "b.zip"):
        begun.run("submit", "--to", name)
        names, receipt = told(begun.top / name)
        found.append((names, {**receipt, "at": ""}))
    assert found[0] == found[1]


def test_what_an_app_or_a_tool_made_is_left_out_and_told(begun):
    for path in (".venv/bin/python", "instance/blog.db", "__pycache__/app.pyc"):
        begun.write(f"lessons/01_hello/{path}", "x")
    for path in ("blog.sqlite3", "blog.db-wal", ".DS_Store", "sitecustomize.py"):
        begun.write(f"lessons/01_hello/{path}", "x")
    begun.write("lessons/01_hello/large.bin", "x" * (MOST_BYTES + 1))
    os.symlink("/etc/hostname", begun.top / "lessons/01_hello/link.py")
    done = begun.run("submit", "--lessons", "1")
    for path, reason in {
        ".venv": "made by an app or a tool",
        "instance": "made by an app or a tool",
        "__pycache__": "made by an app or a tool",
        ".DS_Store": "made by an app or a tool",
        "blog.sqlite3": "a database",
        "blog.db-wal": "a database",
        "large.bin": "larger than a lesson may be",
        "link.py": "a link",
        "sitecustomize.py": "Python would run it by itself",
    }.items():
        assert f"left out: lessons/01_hello/{path} ({reason})" in done.out
    names, _ = told(begun.top / "submit.zip")
    assert names == ["lessons/01_hello/app.py", "receipt.json"]


def test_a_zip_of_ours_gives_way_to_the_next_one(begun):
    begun.run("submit")
    begun.write("lessons/01_hello/app.py", SOLVED + "# more\n")
    assert begun.run("submit").code == 0
    read = submissions.read(begun.top / "submit.zip", NAMES)
    assert read.lessons["01_hello"]["app.py"].endswith(b"# more\n")


@pytest.mark.parametrize("content", ["a photo", ""])
def test_a_file_of_somebody_elses_is_never_written_over(begun, content):
    begun.write("submit.zip", content)
    done = begun.run("submit")
    assert done.code == 2 and "`make submit` has not made it" in done.err
    assert begun.read("submit.zip") == content


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--to", "work.rar"], "TO= names a .zip file and not 'work.rar'"),
        (["--to", "/nowhere/submit.zip"], "There is no folder /nowhere"),
        (["--lessons", "9"], "There is no lesson '9'"),
        (["--lessons", "2-3"], "There is nothing to hand in"),
        (["--to", "/proc/submit.zip"], "cannot be written"),
    ],
)
def test_wrong_words_are_told_and_nothing_is_left(begun, words, said):
    before = sorted(begun.top.iterdir())
    done = begun.run("submit", *words)
    assert done.code == 2 and said in done.err
    assert sorted(begun.top.iterdir()) == before


def test_a_folder_of_that_name_is_told(begun):
    (begun.top / "folder.zip").mkdir()
    done = begun.run("submit", "--to", "folder.zip")
    assert done.code == 2 and "folder.zip" in done.err


def test_lessons_as_they_came_are_nothing_to_hand_in(workbook):
    done = workbook.make("submit")
    assert "There is nothing to hand in: every lesson is as it came." in done.err
    assert not (workbook.top / "submit.zip").exists()

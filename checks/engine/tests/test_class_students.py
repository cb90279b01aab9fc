"""A class folder: who is in it, by names that do no harm."""

import os
import time
from datetime import datetime

import pytest

from checks.engine.grading import students
from checks.engine.grading.students import listing
from checks.engine.lessons import WorkbookError


def names(folder, own=()):
    found, others = listing(folder, own)
    return [student.name for student in found], others


def test_folders_and_archives_are_students_and_all_else_is_told(tmp_path):
    for name in ("ada", "bea.git", ".hidden", "hidden"):
        (tmp_path / name).mkdir()
    for name in ("cleo.zip", "dora.tar.gz", "notes.txt", "course.toml"):
        (tmp_path / name).touch()
    own = [tmp_path / "hidden", tmp_path / "course.toml"]
    told = (["ada", "bea", "cleo", "dora"], ["notes.txt"])
    assert names(tmp_path, own) == told


def test_a_link_is_listed_and_not_followed(tmp_path):
    (tmp_path / "ada").symlink_to("/")
    found, _ = listing(tmp_path)
    assert [s.name for s in found] == ["ada"]
    assert students.trace(found[0].path).handed_in, "it has a time of its own"


def test_a_folder_with_something_of_the_course_in_it_is_no_student(tmp_path):
    (tmp_path / "mine" / "checks" / "hidden").mkdir(parents=True)
    (tmp_path / "ada").mkdir()
    (tmp_path / "eve").symlink_to("/")
    own = [tmp_path / "mine" / "checks" / "hidden"]
    assert names(tmp_path, own) == (["ada", "eve"], ["mine"])
    assert names(tmp_path) == (["ada", "eve", "mine"], [])


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("=cmd()", "=cmd()"),
        ("<script>", "<script>"),
        ('O"Brien, Zoë 🎈', 'O"Brien, Zoë 🎈'),
        ("שלום", "שלום"),
        ("a\nb\x1b[2J", "a?b?[2J"),
        ("a\u202eb", "a?b"),
        ("back\\slash", "back?slash"),
        ("Zoe\u0308", "Zo\u00eb"),
        (b"\xff\xfe", "??"),
        ("x" * 200, "x" * 100),
    ],
)
def test_names_are_safe_to_print(tmp_path, given, safe):
    os.mkdir(os.path.join(os.fsencode(tmp_path), os.fsencode(given)))
    assert names(tmp_path)[0] == [safe]


def test_two_submissions_of_one_name_are_told_apart(tmp_path):
    (tmp_path / "ada").mkdir()
    for name in ("ada.zip", "a\n", "a\t"):
        (tmp_path / name).mkdir()
    assert sorted(names(tmp_path)[0]) == ["a?", "a? (2)", "ada", "ada.zip"]


@pytest.mark.parametrize(
    ("folders", "said"),
    [
        (["03_routes"], "looks like one workbook"),
        (["lessons", "checks"], "looks like one workbook"),
        ([], "Nobody has handed in"),
    ],
)
def test_what_is_no_class_is_told(tmp_path, folders, said):
    for name in folders:
        (tmp_path / name).mkdir()
    with pytest.raises(WorkbookError, match=said):
        listing(tmp_path)


def test_the_time_of_a_submission_is_that_of_its_newest_file(tmp_path):
    (tmp_path / "ada").mkdir()
    for name, when in (("old", 1_000_000_000), ("new", 1_700_000_000)):
        (tmp_path / "ada" / name).touch()
        os.utime(tmp_path / "ada" / name, (when, when))
    newest = datetime.fromtimestamp(1_700_000_000).astimezone()
    assert students.trace(tmp_path / "ada").handed_in == newest
    (tmp_path / "bea").mkdir()
    assert students.trace(tmp_path / "bea").handed_in is None
    assert students.trace(tmp_path / "nobody") == students.Trace(None, "")


def test_every_change_changes_the_trace_and_a_new_one_has_none(tmp_path):
    def listing():
        return students.trace(tmp_path, time.time() + 60).listing

    (tmp_path / "lesson").mkdir()
    found = [listing()]
    for change in (
        lambda: (tmp_path / "lesson" / "app.py").write_text("1"),
        lambda: (tmp_path / "lesson" / "app.py").write_text("12"),
        lambda: (tmp_path / "lesson" / "app.py").rename(tmp_path / "lesson" / "b.py"),
        lambda: (tmp_path / "lesson" / "b.py").unlink(),
    ):
        change()
        found.append(listing())
        assert listing() == found[-1] != ""
    assert len({*found}) == len(found)
    assert students.trace(tmp_path).listing == "", "it has only just been changed"

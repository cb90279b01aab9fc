"""CLASS: a folder or zip of submissions; whatever else it names is told for what it is."""

import os

import pytest

from checks.engine.grading import reports
from checks.engine.grading.classes import class_folder
from checks.engine.grading.gradebook import Gradebook, beside
from checks.engine.lessons import WorkbookError
from checks.engine.tests.test_class_arrivals import write_zip


@pytest.fixture
def term(tmp_path, monkeypatch):
    """A folder with a class, its gradebook and its report, in which the tests run."""
    write_zip(tmp_path / "week3" / "ada.zip")
    Gradebook(beside(tmp_path / "week3")).close()
    (tmp_path / "week3.1-of-2.gradebook").touch()
    report = reports.beside(tmp_path / "week3")
    for name in ("students", "gradescope"):
        (report / name).mkdir(parents=True)
    (report / reports.STAMP).touch()
    (tmp_path / "README.md").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("week3.report", "is the report of a class, .* CLASS=week3 names the folder"),
        ("week3.report/", "is the report of a class, .* CLASS=week3 names the folder"),
        ("week3.gradebook", "is the gradebook of a class, .* CLASS=week3 names"),
        ("week3.1-of-2.gradebook", "is the gradebook of .* CLASS=week3 names"),
        (".", "In . lies the class week3, .* CLASS=week3 names the folder"),
        ("README.md", "README.md is a file, and neither a folder nor a zip. CLASS"),
        ("week4", "There is no folder week4. CLASS names the folder that"),
    ],
)
def test_what_is_no_class_is_told_for_what_it_is(term, word, said):
    with pytest.raises(WorkbookError, match=said):
        class_folder(word)


def test_a_class_may_be_called_a_report(term):
    os.rename("week3", "my.report")
    assert class_folder("my.report") == term / "my.report"


def test_a_class_is_found_beside_what_was_made_of_it(term):
    assert class_folder("week3") == term / "week3"

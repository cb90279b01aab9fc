"""Who is no longer in the class: no marks of before, and nothing by hand is lost unsaid."""

import csv
import io

import pytest

from checks.engine.grading import exports
from checks.engine.grading.arrivals import CANVAS
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook, Judged
from checks.engine.grading.results import Results
from checks.engine.grading.students import Enrolled
from checks.engine.judging.verdict import NOT_YET, OK
from checks.engine.tests.test_similar import HONEST

NAME, BLOG = "03_routes", "17_blog"
STEP = {"points": 1.0, "self_tested": False, "hidden": False}
OUTLINE = {NAME: [{"number": n, "title": f"Step {n}", **STEP} for n in (1, 2)]}


@pytest.fixture
def book(tmp_path):
    """A gradebook that knows of ada and bea, who have done the first of two steps."""
    book = Gradebook(tmp_path / "week1.gradebook")
    for name in ("ada", "bea"):
        hand_in(book, name)
    yield book
    book.close()


def hand_in(book, student, number="", **more):
    """Keep a submission, of which Canvas has a number if there is one."""
    found = {"source": CANVAS, "id": number, "late": False}
    told = {"path": student, **({"arrival": found} if number else {}), **more}
    steps = [{"number": 1, "state": OK}, {"number": 2, "state": NOT_YET}]
    book.save(student, told, [Judged(NAME, "key", {"steps": steps}, {"at": "now"})])


def results_of(book, names, roster=(), lessons=(NAME,)):
    """Return what a class has achieved of which these names are in the folder."""
    lines = {name: Enrolled(name) for name in roster}
    outline = {**OUTLINE, BLOG: []}
    return Results(Course(lessons=lessons), names, book, outline, {}, lines)


def points_of(results):
    return {mark.student: mark.points for mark in results.marks}


def rows_of(text):
    return [*csv.reader(io.StringIO(text))]


def test_who_has_gone_has_no_marks_and_no_cells(book):
    results = results_of(book, ["ada"], roster=["ada", "bea"])
    assert points_of(results) == {"ada": 1, "bea": 0}
    assert rows_of(exports.moodle(results))[1:] == [["", "", "1"], ["", "", ""]]
    assert [row[-1] for row in rows_of(exports.canvas(results))[2:]] == ["1", ""]
    assert results.notes() == [
        "Nothing handed in: bea",
        "Judged before, and no longer in the folder: bea",
    ]


def test_what_was_given_by_hand_counts_all_the_same(book):
    book.correct("bea", NAME, 2, 1, "shown in person")
    results = results_of(book, ["ada"], roster=["bea"])
    assert points_of(results) == {"ada": 1, "bea": 1}, "the step of before is not in it"


def test_who_comes_back_has_the_marks_again(book):
    results_of(book, ["ada"], roster=["ada", "bea"])
    results = results_of(book, ["ada", "bea"], roster=["ada", "bea"])
    assert points_of(results) == {"ada": 1, "bea": 1} and results.notes() == []


def test_nobody_is_much_like_who_has_gone(book):
    for name in ("bea", "Bea Birch"):
        hand_in(book, name, prints=HONEST["ada"])
    lessons = (NAME, BLOG)
    both = results_of(book, ["bea", "Bea Birch"], lessons=lessons)
    assert len(both.pairs) == 1
    renamed = results_of(book, ["Bea Birch"], roster=["bea"], lessons=lessons)
    assert renamed.pairs == [] and "similar" not in str(renamed.looks)


def test_a_name_of_before_takes_nobodys_number_in_canvas(book):
    for name, number in {"jane": "111", "jane 111": "111", "jane 222": "222"}.items():
        hand_in(book, name, number)
    results = results_of(book, ["jane 111", "jane 222"], roster=["jane"])
    rows = [(row[0], row[1], row[-1]) for row in rows_of(exports.canvas(results))[2:]]
    assert rows == [
        ("jane", "", ""),
        ("jane 111", "111", "1"),
        ("jane 222", "222", "1"),
    ]


def test_a_correction_follows_a_person_to_a_new_name(book):
    hand_in(book, "jane", "111")
    book.correct("jane", NAME, 2, 1, "right in another way")
    for name, number in {"jane 111": "111", "jane 222": "222"}.items():
        hand_in(book, name, number)
    names = ["ada", "bea", "jane 111", "jane 222"]
    told = {"ada": 1, "bea": 1, "jane 111": 2, "jane 222": 1}
    results = results_of(book, names)
    assert points_of(results) == told and results.notes() == []
    asked = results_of(book, names, roster=["jane"])
    assert points_of(asked) == {**told, "jane": 0}, "it counts once"
    book.correct("jane 111", NAME, 2, None, "a slip of mine")
    assert points_of(results_of(book, names))["jane 111"] == 1
    book.correct("jane 111", NAME, 2, 0.5, "half of it")
    alone = results_of(book, ["jane"])
    assert points_of(alone) == {"jane": 1.5}, "the other one has gone again"


@pytest.mark.parametrize("numbers", [("", "", ""), ("1", "", ""), ("1", "1", "1")])
def test_nobody_is_guessed_and_a_correction_of_nobody_is_told(book, numbers):
    for name, number in zip(("jane", "jane 1", "jane 2"), numbers, strict=True):
        hand_in(book, name, number)
    book.correct("jane", NAME, 2, 1, "x")
    book.correct("jane", NAME, 1, 1, "x")
    book.correct("dora", NAME, 1, 1, "x")
    book.correct("dora", NAME, 1, None, "taken back")
    results = results_of(book, ["ada", "bea", "jane 1", "jane 2"])
    assert {*points_of(results).values()} == {1}
    assert results.notes() == [
        "Judged before, and no longer in the folder: jane",
        "Corrections of nobody in this class: jane (3.1, 3.2)",
    ]

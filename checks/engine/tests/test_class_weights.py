"""Weights: whatever is shown of a lesson's points adds up to the total."""

import csv
import io
import re

import pytest

from checks.engine.grading import exports, own_page, pages, tables
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook, Judged
from checks.engine.grading.results import Results
from checks.engine.judging.verdict import NOT_YET, OK
from checks.engine.screen import Screen

STATES = {"01_hello": (OK, NOT_YET), "03_routes": (OK, OK), "06_responses": (OK,)}
WEIGHTS = {"03_routes": 2.0, "06_responses": 0.5}


@pytest.fixture
def week(tmp_path):
    book = Gradebook(tmp_path / "week1.gradebook")
    judged, outline = [], {}
    for name, states in STATES.items():
        steps = [{"number": n, "state": s} for n, s in enumerate(states, 1)]
        judged.append(Judged(name, "key", {"steps": steps}, {"at": "now"}))
        more = {"title": "x", "points": 1.0, "self_tested": False, "hidden": False}
        outline[name] = [{"number": n, **more} for n in range(1, len(states) + 1)]
    book.save("ada", {}, judged)
    course = Course(lessons=tuple(STATES), weights=WEIGHTS)
    yield Results(course, ["ada"], book, outline, {}, {})
    book.close()


def test_the_columns_of_a_row_add_up(week):
    _, row = tables.table(week.marks, week.looks, Screen(io.StringIO()))
    *lessons, total, _, most, _, _ = row.split()[1:]
    assert lessons == ["1", "4", "0.5"] and (total, most) == ("5.5", "6.5")
    head, line = csv.reader(io.StringIO(exports.table(week)))
    assert line[1:5] == ["1", "4", "0.5", "5.5"]


def test_the_page_of_the_class_names_the_weights_and_adds_up(week):
    page = pages.of_class(week, {"ada": "students/ada.html"})
    heads = re.findall(r'<th scope="col"[^>]*>([^<]+)</th>', page)
    assert [each for each in heads if each[0].isdigit()] == ["01", "03 ×2", "06 ×0.5"]
    points = [
        re.findall(r'class="n">([\d.]+)<', row)
        for row in pages.by_points(week)
        if '<td class="n"' in row
    ]
    assert points == [["5.5", "85", "1", "4", "0.5"], ["6.5", "2", "4", "0.5"]]


def test_a_student_reads_what_a_lesson_counts(week):
    page = own_page.of_student(week, week.marks[0])
    for told in (
        "5.5 of 6.5 points.",
        "<p>1 of 2 points</p>",
        "<p>2 of 2 points, times 2: 4 of 4</p>",
        "<p>1 of 1 points, times 0.5: 0.5 of 0.5</p>",
    ):
        assert told in page


def test_a_note_says_which_lessons_have_a_weight(week):
    note = "Points are shown with their weights: lesson 3 times 2, lesson 6 times 0.5"
    assert week.notes() == [note]

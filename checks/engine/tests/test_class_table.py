"""The table of a class: who is done, and names that can be told apart and used."""

from dataclasses import replace

import pytest

from checks.engine.grading import tables
from checks.engine.grading.course import Course
from checks.engine.judging.verdict import NOT_YET, OK
from checks.engine.tests.test_class_marks import NAME, a_mark, screen


@pytest.mark.parametrize("weight", [0.0, 1.0])
@pytest.mark.parametrize(
    ("states", "word"), [((OK, OK), "done"), ((OK, NOT_YET), ""), ((), "")]
)
def test_done_is_who_has_done_all_steps_whatever_they_weigh(states, word, weight):
    course = Course(lessons=(NAME,), weights={NAME: weight})
    assert tables.state(a_mark(*states, course=course), []) == word


def test_a_step_without_points_is_to_be_done_too():
    assert tables.state(a_mark(OK, NOT_YET, points=(1, 0)), []) == ""


MARIA = "Maria Fernanda Gonzalez"
ALIKE = [f"{MARIA} Ramirez", f"{MARIA} Rodriguez", f"{MARIA} Ruiz 123456"]


def lines(names, columns, monkeypatch, called=lambda student: ""):
    """Return the table of students with these names in so many columns."""
    monkeypatch.setenv("COLUMNS", str(columns))
    group = [replace(a_mark(OK, OK), student=name) for name in names]
    return tables.table(group, {}, screen(), called)


def test_a_name_has_the_room_that_it_needs(monkeypatch):
    found = lines(["ada", *ALIKE], 88, monkeypatch)
    starts = [line.partition("   2 ")[0].strip() for line in found[1:]]
    assert starts == ["ada", *ALIKE] and "03" in found[0]


def test_names_that_are_cut_differ_and_stand_below_as_a_whole(monkeypatch):
    found = lines(["ada", *ALIKE], 64, monkeypatch)
    cut = [f"{MARIA}…", f"{MARIA[:-1]}…2", f"{MARIA[:-1]}…3"]
    starts = [line[2:26].strip() for line in found[1:5]]
    assert starts == ["ada", *cut]
    told = [f"  {short} is {name}" for short, name in zip(cut, ALIKE, strict=True)]
    assert found[5:] == ["", *told]


def test_a_name_leaves_its_room_to_the_lessons_and_some_to_the_roster(monkeypatch):
    found = lines(["x" * 90], 88, monkeypatch, lambda student: "Ada Lovelace")
    assert found[0].split() == ["03", "total"]
    assert "x…  Ada Lov…   2" in found[1] and tables.columns(found[1]) <= 88


def test_many_names_that_begin_alike_are_all_told_apart():
    names = [f"{'x' * 30} {number}" for number in range(200)]
    short = tables.apart([*names, "x" * 23 + "…"], 24)
    assert len({*short}) == 201 and short[-1] == "x" * 23 + "…"
    assert max(map(tables.columns, short)) == 24

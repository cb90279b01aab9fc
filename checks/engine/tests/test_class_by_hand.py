"""A step that a person has corrected: what is done by hand is done, everywhere."""

import xml.etree.ElementTree as ET

import pytest

from checks.engine.grading import exports, own_page, pages, paper
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook, Judged
from checks.engine.grading.looks import hardest
from checks.engine.grading.results import Results
from checks.engine.judging.verdict import BROKEN, NOT_CHECKED, NOT_YET, OK

NAME = "03_routes"
SAID = "expected 200"
REASON = "right in <another> way"


def outline(hidden):
    step = {"number": 1, "title": "About", "points": 1.0, "self_tested": False}
    return {NAME: [step | {"hidden": hidden}]}


@pytest.fixture
def books():
    """The gradebooks of a test, closed in the end."""
    found = []
    yield found
    for book in found:
        book.close()


@pytest.fixture
def corrected(tmp_path, books):
    """Return what makes the results of a class whose one step was corrected."""

    def run(state, points, hidden=False):
        step = {"number": 1, "state": state, "said": [SAID], "check": "a rule"}
        book = Gradebook(tmp_path / f"{len(books)}.gradebook")
        books.append(book)
        verdict = {"steps": [step | {"hidden": hidden}]}
        book.save("ada", {}, [Judged(NAME, "key", verdict, {"at": "now"})])
        book.correct("ada", NAME, 1, points, REASON)
        course = Course(lessons=(NAME,))
        return Results(course, ["ada"], book, outline(hidden), {}, {})

    return run


def case_of(results):
    """Return the one case of the JUnit file, and its suite."""
    suite = ET.fromstring(exports.junit(results))[0]
    return suite[0], suite


def cell_of(results):
    """Return the cell of the one step on the class's page."""
    return pages.cell(*results.marks[0].steps[0])


@pytest.mark.parametrize("state", [OK, NOT_YET, NOT_CHECKED, BROKEN])
@pytest.mark.parametrize("hidden", [False, True])
def test_all_points_by_hand_are_done_by_hand(corrected, state, hidden):
    results = corrected(state, 1, hidden)
    mark = results.marks[0]
    assert (mark.points, mark.most, hardest(results.marks)) == (1, 1, [])
    case, suite = case_of(results)
    assert [each.tag for each in case] == ["system-out"]
    assert case[0].text == f"1 by hand: {REASON}"
    counts = ("failures", "errors", "skipped")
    assert [suite.get(count) for count in counts] == ["0", "0", "0"]
    (test,) = exports.gradescope(mark)["tests"]
    assert (test["status"], test["score"]) == ("passed", 1)
    assert test["output"] == f"ok\n1 by hand: {REASON}"
    assert 'class="s l ok hand"' in cell_of(results)
    page = own_page.of_student(results, mark)
    assert "ok, 1 of 1, by hand</p>" in page and SAID not in page
    assert "<pre>1 by hand: right in &lt;another&gt; way</pre>" in page
    assert not results.broken and results.notes() == []


@pytest.mark.parametrize(("state", "points"), [(OK, 0), (OK, 0.5), (NOT_YET, 0.5)])
def test_fewer_points_by_hand_are_not_done(corrected, state, points):
    results = corrected(state, points)
    assert [(each.done, each.count) for each in hardest(results.marks)] == [(0, 1)]
    case, _ = case_of(results)
    assert [each.tag for each in case] == ["failure"]
    assert case[0].text.endswith(f"{points} by hand: {REASON}")
    (test,) = exports.gradescope(results.marks[0])["tests"]
    assert (test["status"], test["score"]) == ("failed", points)
    assert 'class="s l no hand"' in cell_of(results)
    page = own_page.of_student(results, results.marks[0])
    assert f"not yet, {points} of 1, by hand" in page
    assert (SAID in page) == (state == NOT_YET), "a failure is told where there was one"


def test_a_cell_tells_what_the_checks_found_and_what_the_person_gave(corrected):
    told = "3.1 About: not yet; 1 by hand: right in &lt;another&gt; way"
    assert f'title="{told}"' in cell_of(corrected(NOT_YET, 1))


def test_the_legend_explains_the_frame(corrected):
    results = corrected(NOT_YET, 1)
    frame = f"{paper.FRAME} corrected by hand"
    assert frame in pages.of_class(results, {"ada": "students/ada.html"})
    assert frame in own_page.of_student(results, results.marks[0])


def test_no_correction_counts_more_than_the_step_has_now(corrected):
    results = corrected(NOT_YET, 2.5)
    mark = results.marks[0]
    assert (mark.points, mark.percent) == (1, 100)
    assert "<pre>1 by hand: " in own_page.of_student(results, mark)
    told = "Corrections of more than a step has now: ada (3.1)"
    assert results.notes() == [told] and told in pages.of_class(results, {"ada": ""})


def test_a_correction_of_a_step_that_is_no_longer_there_is_told(corrected, books):
    corrected(NOT_YET, 1)
    for name, step in ((NAME, 9), (NAME, 7), ("04_requests", 1)):
        books[0].correct("ada", name, step, 1, REASON)
    results = Results(
        Course(lessons=(NAME,)), ["ada"], books[0], outline(False), {}, {}
    )
    assert results.marks[0].points == 1
    told = "Corrections of steps that are no longer there: ada (3.7, 3.9)"
    assert results.notes() == [told], "of a lesson that does not count there is no word"

"""Who is who in a class: the roster's names, their order, and room for both and the marks."""

import io

import pytest

from checks.engine.browser import browser
from checks.engine.grading import own_page, reports, rosters, tables
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook, Judged
from checks.engine.grading.results import Results
from checks.engine.grading.students import Enrolled
from checks.engine.judging.verdict import NOT_YET, OK
from checks.engine.lessons import all_lessons
from checks.engine.screen import Screen

CALLED = {
    "bea": "",
    "Ágnes": "ágnes",
    "zimmertom": "Tom\tZimmer <b>",
    "adams": "Amy Adams",
    "Cohen": "שלום כהן",
}
ORDER = ["adams", "Ágnes", "bea", "Cohen", "zimmertom", "Zoë"]
STEPS = 5


def a_class(tmp_path, count, called=None):
    """Return a class with so many lessons of five steps, and its gradebook."""
    called = CALLED if called is None else called
    lessons = [lesson.name for lesson in all_lessons()[:count]]
    numbers = range(1, STEPS + 1)
    more = {"title": "x", "points": 1.0, "self_tested": False, "hidden": False}
    outline = {name: [{"number": n, **more} for n in numbers] for name in lessons}
    steps = [{"number": n, "state": OK if n < 4 else NOT_YET} for n in numbers]
    book = Gradebook(tmp_path / "week1.gradebook")
    names = [*called, "Zoë"]
    for student in names:
        judged = [Judged(n, "key", {"steps": steps}, {"at": "now"}) for n in lessons]
        book.save(student, {}, judged)
    roster = {each: Enrolled(each, name) for each, name in called.items()}
    course = Course(lessons=tuple(lessons), weights=dict.fromkeys(lessons, 1.0))
    return Results(course, names, book, outline, {}, roster), book


@pytest.fixture
def group(tmp_path):
    found, book = a_class(tmp_path, 6)
    yield found
    book.close()


def shown(group, columns, monkeypatch):
    """Return the table as a terminal of so many columns has it."""
    monkeypatch.setenv("COLUMNS", str(columns))
    screen = Screen(io.StringIO())
    return tables.table(group.marks, group.looks, screen, group.called)


def test_names_are_sorted_without_case_and_accents(group):
    assert [mark.student for mark in group.marks] == ORDER
    assert sorted(["b", "Ä", "a", "É"], key=rosters.order) == ["a", "Ä", "b", "É"]


def test_a_name_is_shown_where_it_says_more(group):
    assert [group.called(student) for student in ORDER] == [
        "Amy Adams", "", "", "שלום כהן", "Tom?Zimmer <b>", "",
    ]  # fmt: skip


def test_the_table_has_both_names(group, monkeypatch):
    lines = shown(group, 88, monkeypatch)
    assert lines[1].startswith("  adams      Amy Adams       3   3")
    assert lines[3].startswith("  bea                        3   3")


def test_names_are_cut_before_lessons_are_left_out(group, monkeypatch):
    cut = shown(group, 83, monkeypatch)
    assert cut[1].startswith("  adams      Amy Ada…   3   3")
    without = shown(group, 75, monkeypatch)
    assert without[1].split() == ["adams", "Amy", "Adams", "18", "of", "30", "60", "%"]
    alone = shown(group, 40, monkeypatch)
    assert alone[1].split() == ["adams", "18", "of", "30", "60", "%"]


def test_the_pages_have_both_names(group):
    found = reports.files(group)
    index = found["index.html"]
    for told in (
        '<bdi>adams</bdi></a> <span class="who"><bdi>Amy Adams</bdi></span>',
        "<bdi>adams</bdi> (<bdi>Amy Adams</bdi>)",
        "Tom?Zimmer &lt;b&gt;",
    ):
        assert told in index
    mine = own_page.of_student(group, group.marks[0])
    assert "<p><bdi>Amy Adams</bdi> (<bdi>adams</bdi>): 18 of 30 points." in mine


@pytest.fixture(scope="module")
def index(needs_chromium, tmp_path_factory):
    """Return a browser, and where the page of a class with six lessons is."""
    top = tmp_path_factory.mktemp("people")
    found, book = a_class(top, 6, {**CALLED, "x" * 40: "Élodie Martin-Rousseau"})
    reports.write(found, top / "week1.report")
    book.close()
    with browser() as page:
        yield page, (top / "week1.report" / "index.html").as_uri()


WIDE = "document.documentElement.scrollWidth - innerWidth"
ROOM = "[...document.querySelectorAll('.wide')].map(e => e.scrollWidth - e.clientWidth)"
# How far the end of the percents is from the window's, and of the longest bar.
LEFT = "innerWidth - document.querySelector('.steps td:nth-child(3)').getBoundingClientRect().right"
BAR = "Math.max(...[...document.querySelectorAll('.bar')].map(e => e.getBoundingClientRect().right)) - innerWidth"
LABELS = "Math.max(...[...document.querySelectorAll('.bars td:first-child')].map(e => e.getClientRects()[0].height))"


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [400, 1280, 1600])
def test_the_marks_are_seen_without_scrolling(index, width, dark):
    page, url = index
    page.open(url, width, dark)
    assert page.value(WIDE) <= 0 and page.value(LEFT) >= 0
    assert page.value(BAR) < 0 and page.value(LABELS) < 40
    assert width < 1000 or max(page.value(ROOM)) == 0
    assert page.complaints() == []


def test_a_name_stays_while_the_steps_are_scrolled(index):
    page, url = index
    page.open(url, 400)
    left = "document.querySelector('.steps tbody th').getBoundingClientRect().left"
    before = page.value(left)
    page.value("document.querySelector('.wide').scrollLeft = 300")
    assert page.value(left) == before


def test_six_lessons_fit_on_paper(index):
    page, url = index
    page.open(url, 718)  # what A4 has between its margins, in pixels
    page.value("document.querySelector('details').open = true")
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.value(WIDE) <= 0 and max(page.value(ROOM)) <= 0
    page.call("Emulation.setEmulatedMedia", media="")

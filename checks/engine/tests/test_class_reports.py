"""The files of a report: whatever a student is called or answers, they do no harm."""

import csv
import html.parser
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from checks.engine.grading import exports, hidden_page, own_page, reports
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook, Judged
from checks.engine.grading.results import Results
from checks.engine.grading.students import Enrolled
from checks.engine.judging.verdict import NOT_YET, OK
from checks.engine.lessons import WorkbookError

NAME = "03_routes"
NAMES = (
    "=cmd()",
    "+1",
    "@x",
    "<script>alert(1)</script>",
    'O"Brien, Zoë',
    "..",
    "🎈",
    "שלום",
    "a",
    "A & B",
)
SECRET = "the-hidden-value"
SAID = "</pre><script>alert(2)</script> \x01 expected 'x'"
HIDDEN = {"title": "knows more", "hidden": True}
OUTLINE = {
    NAME: [
        {"number": 1, "title": "About", "points": 1.0, "self_tested": False,
         "hidden": False},
        {"number": 2, "title": "Tests", "points": 2.0, "self_tested": True,
         "hidden": False},
        {"number": 9, "points": 1.0, "self_tested": False, **HIDDEN},
    ]
}  # fmt: skip
STEPS = [
    {"number": 1, "state": NOT_YET, "said": [SAID], "check": SAID},
    {"number": 2, "state": OK},
    {"number": 9, "state": NOT_YET, "said": [SECRET], "hidden": True},
]


@pytest.fixture
def book(tmp_path):
    book = Gradebook(tmp_path / "week1.gradebook")
    for name in NAMES:
        hand_in(book, name, STEPS)
    book.correct("a", NAME, 1, 0.5, "half <i>of</i> it")
    yield book
    book.close()


@pytest.fixture
def group(book):
    return results_of(book)


def hand_in(book, student, steps):
    """Keep that a student has handed in, with a verdict of these steps."""
    verdict = Judged(NAME, "key", {"steps": steps}, {"at": "now", "seed": "abc"})
    book.save(student, {"left_out": [["<b>", "a link"]]}, [verdict])


def results_of(book, steps=3):
    """Return what the class has achieved, in so many of the steps."""
    roster = {
        "=cmd()": Enrolled("=cmd()", "=Ada", "1", "a@b.c"),
        "zoe": Enrolled("zoe"),
    }
    course = Course(title="Web <1>", lessons=(NAME,), weights={NAME: 2})
    return Results(course, NAMES, book, {NAME: OUTLINE[NAME][:steps]}, {}, roster)


def mark_of(group, student):
    """Return the mark of one of a class."""
    return next(mark for mark in group.marks if mark.student == student)


class Tags(html.parser.HTMLParser):
    """Gathers the elements of a page, the texts in it, and what it would fetch."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.links = set(), [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [v for k, v in attributes if k in ("href", "src", "action")]
        assert not [k for k, _ in attributes if k.startswith("on")]

    def handle_data(self, data):
        self.texts.append(data)


def test_pages_show_names_and_answers_as_text(group):
    found = reports.files(group)
    for path, content in found.items():
        if path.endswith(".html"):
            page = Tags(content)
            assert not page.tags & {"script", "img", "link", "iframe", "b", "i"}, path
            assert all(link.startswith(("students/", "hidden")) for link in page.links)
            assert "Web <1>" in "".join(page.texts)
    index = "".join(Tags(found["index.html"]).texts)
    assert all(name in index for name in NAMES)
    assert "half <i>of</i> it" in found["index.html"].replace("&lt;", "<").replace(
        "&gt;", ">"
    )


def test_every_link_leads_to_a_file(group):
    found = reports.files(group)
    links = Tags(found["index.html"]).links
    assert len({*links}) == len(NAMES) + 2 and {*links} <= found.keys()


def test_a_student_reads_nothing_hidden_and_nothing_of_others(group):
    mark = mark_of(group, "=cmd()")
    page = own_page.of_student(group, mark)
    told = json.dumps(exports.gradescope(mark))
    for text in (page, told, exports.junit(group)):
        assert SECRET not in text and "knows more" not in text
        assert "A further check" in text
    assert "Brien" not in page and "self-tested: look by hand" in page
    assert SECRET not in reports.files(group)["index.html"]


def test_only_the_instructors_page_says_why_a_hidden_check_failed(group):
    found = reports.files(group)
    page = found.pop("hidden.html")
    assert "3.9 knows more: 10 students" in page and page.count(SECRET) == len(NAMES)
    assert "Brien, Zoë" in page and "&lt;script&gt;" in page and "zoe" not in page
    assert 'href="hidden.html"' in found["index.html"]
    for path, content in found.items():
        assert SECRET not in content, path
        mine = path not in ("index.html", "marks.csv")
        assert not mine or "knows more" not in content, path
        assert path == "index.html" or "hidden.html" not in content, path


def test_without_hidden_checks_there_is_no_such_page(book, tmp_path):
    top = tmp_path / "week1.report"
    reports.write(results_of(book), top)
    assert (top / "hidden.html").is_file()
    reports.write(results_of(book, steps=2), top)
    assert not (top / "hidden.html").exists()
    assert "hidden.html" not in (top / "index.html").read_text()


def test_what_a_person_gave_for_a_hidden_check_is_told_there(book):
    book.correct("a", NAME, 9, 0.5, "half <b>right</b>")
    page = hidden_page.of_class(results_of(book))
    assert "<bdi>a</bdi>, 0.5 by hand: half &lt;b&gt;right&lt;/b&gt;</p>" in page


def test_where_all_pass_the_hidden_checks_the_page_says_so(book, tmp_path):
    for name in NAMES:
        hand_in(book, name, [{"number": 9, "state": OK, "hidden": True}])
    results = results_of(book)
    results.course = replace(results.course, hidden=tmp_path)
    found = reports.files(results)
    assert "Everybody has passed them." in found["hidden.html"]
    assert "hidden.html" not in found["index.html"]


def test_no_cell_is_a_formula(group):
    for text in (
        exports.table(group),
        exports.canvas(group),
        exports.moodle(group),
    ):
        for row in csv.reader(io.StringIO(text)):
            assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_canvas_and_moodle_get_those_of_the_roster(group):
    canvas = [*csv.reader(io.StringIO(exports.canvas(group)))]
    assert canvas[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section",
                         "03 Routes"]  # fmt: skip
    assert canvas[1] == ["    Points Possible", "", "", "", "", "8"]
    assert canvas[2:] == [
        ["'=Ada", "", "1", "a@b.c", "", "4"],
        ["zoe", "", "", "", "", ""],
    ]
    moodle = [*csv.reader(io.StringIO(exports.moodle(group)))]
    assert moodle[:2] == [
        ["ID number", "Email address", "03 Routes"],
        ["1", "a@b.c", "4"],
    ]


def test_who_handed_in_nothing_has_what_was_given_by_hand(group):
    marks = {mark.student: mark for mark in group.marks}
    corrected = replace(marks["zoe"], lessons=marks["a"].lessons)
    assert [exports.cells(each) for each in (marks["zoe"], corrected)] == [[""], ["5"]]


def test_junit_counts_and_can_be_read(group):
    top = ET.fromstring(exports.junit(group))
    suites = {suite.get("name"): suite for suite in top}
    assert suites["a"].get("failures") == "2" and suites["a"].get("tests") == "3"
    assert suites["zoe"].get("skipped") == "3"
    text = suites["=cmd()"][0][0].text
    assert "alert(2)" in text and "\x01" not in text


def test_gradescope_gets_the_scores(group):
    told = exports.gradescope(mark_of(group, "a"))
    assert told["score"] == sum(test["score"] for test in told["tests"]) == 5
    assert [test["max_score"] for test in told["tests"]] == [2, 4, 2]


def test_files_are_named_safely_and_apart(group, tmp_path):
    names = [
        reports.file_name(name) for name in (*NAMES, "a b", "a_b", "a.b", "x" * 99)
    ]
    assert len({*names}) == len(names)
    assert all("/" not in name and not name.startswith(".") for name in names)
    reports.write(group, tmp_path / "week1.report")
    written = {p for p in (tmp_path / "week1.report").rglob("*") if p.is_file()}
    assert len(written) == len(reports.files(group)) + 1  # and a stamp


def test_who_has_gone_has_no_page_any_more(group, tmp_path):
    top = tmp_path / "week1.report"
    reports.write(group, top)
    names = [f"students/{reports.file_name('a')}.html", "gradescope/a.json"]
    assert all((top / name).is_file() for name in names)
    (top / "students" / "notes.html").write_text("mine")
    (top / "gradescope" / "more").mkdir()
    before = (top / "index.html").stat().st_mtime_ns
    reports.write(group, top)
    assert (top / "index.html").stat().st_mtime_ns == before, "nothing is new"
    group.marks = [mark for mark in group.marks if mark.student != "a"]
    reports.write(group, top)
    assert not any((top / name).exists() for name in names)
    assert (top / "students" / "notes.html").exists(), "no file of ours"
    assert (top / "index.html").stat().st_mtime_ns != before


def test_what_was_deleted_comes_back(group, tmp_path):
    top = tmp_path / "week1.report"
    reports.write(group, top)
    gone = [top / "marks.csv", top / "index.html", top / "students" / "a.html"]
    for path in gone:
        path.unlink()
    reports.write(group, top)
    assert all(path.is_file() for path in gone)


def test_no_marks_of_a_former_run_are_left(group, tmp_path):
    top = tmp_path / "week1.report"
    reports.write(group, top)
    mine = top / "canvas-of-mine.csv"
    mine.write_text("mine")
    (top / "similar.csv").write_text("of a run with lesson 17")
    group.roster = {}
    reports.write(group, top)
    assert {path.name for path in top.glob("*.csv")} == {"marks.csv", mine.name}


def test_what_an_ended_run_has_written_is_known_as_ours(group, tmp_path, monkeypatch):
    top = tmp_path / "week1.report"
    put = reports.put

    def full(path, content):
        if path.name == "marks.csv":
            raise OSError(28, "No space left on device")
        put(path, content)

    monkeypatch.setattr(reports, "put", full)
    with pytest.raises(WorkbookError, match="No space left"):
        reports.write(group, top)
    monkeypatch.setattr(reports, "put", put)
    stamp, paths = reports.noted(top)
    assert stamp == "" and {*paths} == reports.files(group).keys()
    reports.write(group, top)
    assert (top / "marks.csv").is_file()


@pytest.mark.parametrize("path", ["../mine.html", "students/../../mine.html", "x.csv"])
def test_only_what_a_report_has_is_taken_out(group, tmp_path, path):
    top = tmp_path / "week1.report"
    (top / "students").mkdir(parents=True)
    (top / path).write_text("mine")
    (top / reports.STAMP).write_text(f"\n{path}")
    reports.write(group, top)
    assert (top / path).read_text() == "mine"


def test_a_report_that_cannot_be_written_is_told(group, tmp_path):
    (tmp_path / "week1.report").write_text("a file")
    with pytest.raises(WorkbookError, match="The gradebook has all of it"):
        reports.write(group, tmp_path / "week1.report")

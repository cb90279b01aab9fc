"""Submissions as Canvas and Moodle pack them: who it was, and whether late."""

import zipfile
from datetime import datetime

import pytest

from checks.engine.grading import (
    arrivals,
    bundles,
    exports,
    jobs,
    looks,
    marks,
    reports,
    repositories,
    students,
)
from checks.engine.grading.arrivals import CANVAS, MOODLE, Arrival
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook, Judged
from checks.engine.grading.results import Results
from checks.engine.lessons import WorkbookError
from checks.engine.tests.test_submissions import write_folder, write_repository

COMMITTED = "1000000000 +0000"
DUE = datetime.fromtimestamp(1_000_000_000 - 2 * 86_400).astimezone()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "lovelaceada_1007_52345_submit.zip",
            ("lovelaceada", "1007", CANVAS, False, 52345),
        ),
        (
            "lovelaceada_LATE_1007_52345_submit.zip",
            ("lovelaceada", "1007", CANVAS, True, 52345),
        ),
        (
            "o_brienzoë_1007_52345_submit-1.tar.gz",
            ("o_brienzoë", "1007", CANVAS, False, 52345),
        ),
        (
            "anon_x7Kq2_52345_submit.zip",
            ("anon_x7Kq2", "anon_x7Kq2", CANVAS, False, 52345),
        ),
        ("LATE_anon_x7Kq2_523_a.zip", ("anon_x7Kq2", "anon_x7Kq2", CANVAS, True, 523)),
        ("Ada Lovelace_7_assignsubmission_file_", ("Ada Lovelace", "7", MOODLE)),
        ("Ada Lovelace_7_assignsubmission_file", ("Ada Lovelace", "7", MOODLE)),
        ("Zoë O_B_7_assignsubmission_file_submit.zip", ("Zoë O_B", "7", MOODLE)),
        ("Ada Lovelace_7_assignsubmission_onlinetext_", None),
        ("ada.zip", ("ada",)),
        ("ada_2026_11_23.zip", ("ada_2026_11_23",)),
        ("2026_1123_ada.zip", ("2026_1123_ada",)),
        ("lovelaceada_1007_52345_folder", ("lovelaceada_1007_52345_folder",)),
    ],
)
def test_a_name_tells_who_it_was(tmp_path, name, told):
    assert arrivals.of(tmp_path / name) == (told and Arrival(*told))


@pytest.fixture
def folder(tmp_path):
    """A class folder as it stands after unpacking what both platforms make."""
    top = tmp_path / "week1"
    for name in ("lovelaceada_LATE_1007_52345_submit.zip", "boolebea_1008_52346_s.zip"):
        write_zip(top / name)
    write_zip(top / "Cleo C_9_assignsubmission_file_" / "submit.zip")
    (top / "Cleo C_9_assignsubmission_onlinetext_").mkdir()
    (top / "Cleo C_9_assignsubmission_onlinetext_" / "onlinetext.html").touch()
    (top / "lovelaceada_LATE_1007_52347_screen.png").touch()
    return top


def write_zip(path, **files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (files or {"03_routes/app.py": "app = 1"}).items():
            archive.writestr(name, content)
    return path


def test_the_students_of_a_download_have_names_numbers_and_marks(folder):
    found, others = students.listing(folder)
    assert [(s.name, s.id, s.source, s.late) for s in found] == [
        ("Cleo C", "9", MOODLE, False),
        ("boolebea", "1008", CANVAS, False),
        ("lovelaceada", "1007", CANVAS, True),
    ]
    assert found[0].path.name == "submit.zip"
    told = "Cleo C_9_assignsubmission_onlinetext_"
    assert others == [told, "lovelaceada_LATE_1007_52347_screen.png"]


def test_two_of_one_name_are_told_apart_by_their_numbers(tmp_path):
    for name in ("meierkim_11_100_a.zip", "meierkim_12_101_a.zip"):
        write_zip(tmp_path / name)
    assert [s.name for s in students.listing(tmp_path)[0]] == [
        "meierkim 11",
        "meierkim 12",
    ]


def test_a_folder_with_more_than_an_archive_is_read_as_a_folder(tmp_path):
    write_zip(tmp_path / "ada" / "work.zip")
    (tmp_path / "ada" / "03_routes").mkdir()
    (tmp_path / "bea").mkdir()
    (tmp_path / "bea" / "link.zip").symlink_to(tmp_path / "ada" / "work.zip")
    found, _ = students.listing(tmp_path)
    assert [s.path.name for s in found] == ["ada", "bea"]


def test_the_one_big_zip_is_unpacked_beside_itself(tmp_path):
    small = write_zip(tmp_path / "small.zip").read_bytes()
    files = {
        "boolebea_1008_52346_s.zip": small,
        "Cleo C_9_assignsubmission_file_/submit.zip": small,
        "__MACOSX/._x": b"",
        "../out.zip": small,
        "/abs.zip": small,
    }
    big = write_zip(tmp_path / "submissions.zip", **files)
    folder, note = bundles.unpacked(big)
    assert folder == tmp_path / "submissions"
    assert [s.name for s in students.listing(folder)[0]] == ["Cleo C", "boolebea"]
    told = ["'../out.zip' (a name that climbs out)", "'/abs.zip' (an absolute name)"]
    assert note.left == told and not (tmp_path / "out.zip").exists()
    write_zip(folder / "mine.zip")
    assert bundles.unpacked(big) == (folder, note), (
        "it is as it was, and so are the files"
    )
    assert (folder / "mine.zip").exists()
    write_zip(big, **{"deakdora_1009_52348_s.zip": small})
    assert bundles.unpacked(big)[1].left == []
    assert [s.name for s in students.listing(folder)[0]] == ["deakdora", "mine"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "small.zip", "submissions", "submissions.zip"
    ]  # fmt: skip


def test_a_folder_that_did_not_come_out_of_the_zip_is_left(tmp_path):
    big = write_zip(tmp_path / "week1.zip")
    write_zip(tmp_path / "week1" / "ada.zip")
    with pytest.raises(WorkbookError, match="did not come out of week1.zip"):
        bundles.unpacked(big)
    assert [p.name for p in (tmp_path / "week1").iterdir()] == ["ada.zip"]


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\5\6"])
def test_a_big_zip_that_is_damaged_is_told(tmp_path, content):
    big = tmp_path / "week1.zip"
    big.write_bytes(content)
    with pytest.raises(WorkbookError, match="week1.zip cannot be unpacked"):
        bundles.unpacked(big)
    assert [p.name for p in tmp_path.iterdir()] == ["week1.zip"]


def marks_of(tmp_path, **submissions):
    """Return the results of a class of which only the submissions are known."""
    book = Gradebook(tmp_path / "week1.gradebook")
    steps = [{"number": 1, "title": "One", "points": 1.0, "self_tested": False}]
    for name, told in submissions.items():
        book.save(name, told, [])
    course = Course(lessons=("03_routes",))
    outline = {"03_routes": [{**step, "hidden": False} for step in steps]}
    found = Results(course, [*submissions], book, outline, {}, {})
    book.close()
    return found


def from_canvas(number, late=False):
    return {"arrival": {"source": CANVAS, "id": number, "late": late}, "elsewhere": 3}


def test_canvas_finds_a_student_by_the_number_that_it_gave(tmp_path, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    told = {"ada": from_canvas("7"), "bea": from_canvas("8"), "cleo": from_canvas("8")}
    results = marks_of(
        tmp_path, **told, dora=from_canvas("anon_x7Kq2"), edda={"path": "e"}
    )
    rows = [line.split(",")[:3] for line in exports.canvas(results).splitlines()[2:]]
    assert rows == [["ada", "7", ""]], "of two with one number neither is guessed"
    assert "canvas.csv" in reports.files(results)
    assert "canvas.csv" not in reports.files(marks_of(other, edda={"path": "e"}))


def test_a_late_mark_and_a_hand_in_without_a_lesson_are_told(tmp_path):
    found = marks_of(tmp_path, ada=from_canvas("7", late=True)).looks["ada"]
    assert [(look.word, look.told) for look in found] == [
        ("nothing", "no lesson that counts in it, 3 other files"),
        ("late", "Canvas marks it as late"),
    ]


@pytest.mark.parametrize("place", ["ada.git", "work", "ada"])
def test_a_repository_came_when_it_was_last_committed_to(tmp_path, monkeypatch, place):
    monkeypatch.setenv("TZ", "UTC")
    path = tmp_path / place
    if place == "ada":
        write_folder(path, {"03_routes/app.py": b"app = 1"})
    else:
        date = {"GIT_AUTHOR_DATE": COMMITTED, "GIT_COMMITTER_DATE": COMMITTED}
        write_repository(tmp_path / "ada", {"03_routes/app.py": b"app = 1"}, **date)
    student = students.Student("ada", path)
    told = jobs.arrived(student, students.trace(path))
    if place == "ada":
        assert told["handed_in"][:4] > "2025" and "by" not in told
    else:
        assert datetime.fromisoformat(told["handed_in"]).timestamp() == 1_000_000_000
        course = Course(lessons=("03_routes",), due={"03_routes": DUE})
        judged = Judged("03_routes", "key", {"steps": []}, {"at": "now"})
        found = marks.mark(
            "ada", course, {"03_routes": []}, {"03_routes": judged}, {}, told
        )
        assert "2 days late, by its last commit" in looks.overdue(told, course, found)


def test_a_repository_that_leads_elsewhere_has_no_time(tmp_path):
    write_repository(tmp_path / "ada", {"03_routes/app.py": b"app = 1"})
    (tmp_path / "eve").mkdir()
    (tmp_path / "eve" / ".git").symlink_to(tmp_path / "ada.git")
    assert repositories.committed(tmp_path / "eve") is None
    (tmp_path / "ada.git" / "HEAD").write_text("ref: refs/heads/../../x")
    assert repositories.committed(tmp_path / "ada.git") is None

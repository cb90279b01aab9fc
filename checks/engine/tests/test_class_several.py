"""Several files of one student: one submission, in which the later file counts."""

import os

import pytest

from checks.engine.grading import (
    arrivals,
    looks,
    marks,
    rosters,
    several,
    students,
    submissions,
)
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Gradebook
from checks.engine.grading.jobs import Desk
from checks.engine.tests.test_class_arrivals import write_zip

NAMES = ("01_hello", "02_debug")


def listed(folder):
    """Return everybody's name, and the names of the files, the last first."""
    found, _ = students.listing(folder)
    return {student.name: [path.name for path in student.paths] for student in found}


@pytest.mark.parametrize("late", ["", "LATE_"])
def test_the_files_of_one_canvas_user_are_one_student(tmp_path, late):
    files = [f"lee_{late}12399_99{n}_0{n}_x.zip" for n in (1, 2)]
    files.append(f"lee_{late}12399_1001_03_x.zip")
    for name in files:
        write_zip(tmp_path / name)
    assert listed(tmp_path) == {"lee": files[::-1]}, "a number, and no text, is later"
    assert students.listing(tmp_path)[0][0].late == bool(late)


def test_two_canvas_users_of_one_name_stay_two(tmp_path):
    for name in ("lee_1_101_a.zip", "lee_2_102_a.zip", "lee_2_103_b.zip"):
        write_zip(tmp_path / name)
    assert listed(tmp_path) == {
        "lee 1": ["lee_1_101_a.zip"],
        "lee 2": ["lee_2_103_b.zip", "lee_2_102_a.zip"],
    }


def test_a_number_in_the_roster_is_kept_in_a_week_without_the_other(tmp_path):
    write_zip(tmp_path / "lee_2_102_a.zip")
    for known, name in (((), "lee"), (["lee 2"], "lee 2"), (["lee 3"], "lee")):
        assert [s.name for s in students.listing(tmp_path, (), known)[0]] == [name]


def test_the_files_of_one_moodle_participant_are_one_student(tmp_path):
    for name in ("submit.zip", "submit (1).zip"):
        write_zip(tmp_path / "Jane_7_assignsubmission_file_" / name)
        write_zip(tmp_path / f"Kim_8_assignsubmission_file_{name}")
    kim = "Kim_8_assignsubmission_file_submit"
    assert listed(tmp_path) == {
        "Jane": ["submit (1).zip", "submit.zip"],
        "Kim": [f"{kim} (1).zip", f"{kim}.zip"],
    }


@pytest.fixture
def read(tmp_path):
    """Read zips, the first of them the last one, each given by what is in it."""

    def run(*contents):
        paths = [tmp_path / f"{len(contents) - n}.zip" for n in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            write_zip(path, **content) if content else path.write_bytes(b"no zip")
        return several.read(paths, NAMES)

    return run


def test_each_file_brings_its_lessons(read):
    found = read({"02_debug/app.py": "two"}, {"01_hello/app.py": "one", "x": "x"})
    assert found.lessons == {
        "01_hello": {"app.py": b"one"},
        "02_debug": {"app.py": b"two"},
    }
    assert (found.left_out, found.elsewhere) == ([], 1)


def test_of_one_lesson_twice_the_later_file_counts_and_the_other_is_told(read):
    found = read({"01_hello/app.py": "late"}, {"01_hello/app.py": "early"})
    assert found.lessons == {"01_hello": {"app.py": b"late"}}
    told = [(each.path, each.reason) for each in found.left_out]
    assert told == [("1.zip/01_hello", "the later file 2.zip has this lesson, too")]
    [same] = read(*[{"01_hello/app.py": "same"}] * 2).left_out
    assert same.reason.startswith(looks.HARMLESS)


def test_many_files_hold_no_more_than_one_may(read, monkeypatch):
    monkeypatch.setattr(several, "MOST_IN_ALL", 6)
    found = read({"02_debug/app.py": "1234"}, {"01_hello/app.py": "1234"})
    assert [*found.lessons] == ["02_debug"]
    [left] = found.left_out
    assert left == submissions.LeftOut("1.zip/01_hello", "too much with the others")


def test_a_folder_with_very_many_archives_is_read_as_a_folder(tmp_path):
    place = tmp_path / "Jane_7_assignsubmission_file_"
    for number in range(arrivals.MOST_PACKED + 1):
        write_zip(place / f"{number}.zip")
    assert arrivals.packed_in(place) == (place,)


def test_what_lies_beside_a_zip_counts_as_other_files(tmp_path):
    place = tmp_path / "Jane_7_assignsubmission_file_"
    write_zip(place / "submit.zip", **{"01_hello/app.py": "one", "notes.txt": "x"})
    for name in ("notes.txt", "zoo.pdf"):
        (place / name).touch()
    assert listed(tmp_path) == {"Jane": ["submit.zip", "notes.txt", "zoo.pdf"]}
    [jane] = students.listing(tmp_path)[0]
    found = several.read(jane.paths, NAMES)
    assert found.lessons == {"01_hello": {"app.py": b"one"}}
    assert (found.left_out, found.elsewhere) == ([], 3)
    assert [*rosters.of_students([jane])] == [], "it is one file to be read"


@pytest.mark.parametrize("name", ["01_hello/app.py", "link.txt"])
def test_a_folder_with_a_folder_or_a_link_in_it_is_read_as_a_folder(tmp_path, name):
    write_zip(tmp_path / "Jane" / "submit.zip")
    (tmp_path / "Jane" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "Jane" / name).symlink_to(__file__)
    assert listed(tmp_path) == {"Jane": ["Jane"]}


def test_a_damaged_zip_is_told_whatever_lies_beside_it(tmp_path):
    (tmp_path / "submit.zip").write_bytes(b"no zip")
    (tmp_path / "notes.txt").touch()
    paths = arrivals.packed_in(tmp_path)
    with pytest.raises(submissions.Unreadable, match="submit.zip is damaged"):
        several.read(paths, NAMES)


def test_a_damaged_file_takes_nothing_from_the_others(read):
    found = read({}, {"01_hello/app.py": "one"})
    assert [*found.lessons] == ["01_hello"]
    assert [each.path for each in found.left_out] == ["2.zip"]
    with pytest.raises(submissions.Unreadable, match="2.zip is .* 1.zip is "):
        read({}, {})


def test_a_lesson_twice_is_a_reason_to_look_and_a_change_is_seen(tmp_path):
    folder = tmp_path / "week1"
    for n in (1, 2):
        path = write_zip(
            folder / f"lee_9_10{n}_a.zip", **{"01_hello/app.py": f"app = {n}"}
        )
        os.utime(path, (n, n))
    [student] = students.listing(folder)[0]
    assert students.trace_of(student.paths).handed_in.timestamp() == 2
    book = Gradebook(tmp_path / "week1.gradebook")
    course = Course(lessons=NAMES)
    job = Desk(course, book, True).job(student)
    book.close()
    assert [part.files for part in job.parts] == [{"app.py": b"app = 2"}]
    mark = marks.mark("lee", course, dict.fromkeys(NAMES, []), {}, {}, job.told)
    told = " ".join(look.told for look in looks.looks(mark, course))
    assert "lee_9_101_a.zip/01_hello (the later file lee_9_102_a.zip has" in told


def test_what_is_worth_a_look_is_not_lost_among_what_tools_left(tmp_path):
    junk = {f"01_hello/{n:03}.pyc": "" for n in range(60)}
    files = {**junk, "01_hello/conftest.py": "x", "01_hello/app.py": "x"}
    write_zip(tmp_path / "week1" / "lee.zip", **files)
    [student] = students.listing(tmp_path / "week1")[0]
    book = Gradebook(tmp_path / "week1.gradebook")
    told = Desk(Course(lessons=NAMES), book, True).job(student).told
    book.close()
    assert told["left_out"][0] == ["01_hello/conftest.py", "it says how tests run"]

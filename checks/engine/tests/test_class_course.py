"""course.toml: what counts is read strictly, and every slip is named."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from checks.engine.grading import commands
from checks.engine.grading import course as courses
from checks.engine.lessons import TOP, WorkbookError, all_lessons


@pytest.fixture
def read(tmp_path):
    """Read a course from the text of its file."""

    def run(text, only=None):
        (tmp_path / "course.toml").write_text(text)
        return courses.read(tmp_path / "course.toml", only)

    return run


def test_without_a_file_all_lessons_count_and_the_projects_count_twice():
    course = courses.read(None)
    assert course.lessons == tuple(lesson.name for lesson in all_lessons())
    assert (course.weight("03_routes"), course.weight("17_blog")) == (1, 2)
    assert course.weight("29_views_and_streams") == 0, "it is optional"


@pytest.mark.parametrize("written", ['"1-3"', '"1, 2,3"', "[1, 2, 3]", '"3, 1-2"'])
def test_lessons_are_named_in_several_ways(read, written):
    assert read(f"lessons = {written}").lessons == ("01_hello", "02_debug", "03_routes")


def test_the_command_line_chooses_among_the_lessons(read):
    assert read('lessons = "1-6"', "3").lessons == ("03_routes",)


def test_weights_points_and_dates(read):
    course = read(
        "due = 2026-10-01T23:59:00Z\nlessons = [1, 3]\n"
        "[weights]\n3 = 2\nblog = 0\n[points]\n3.2 = 1.5\n3.4 = 0\n"
    )
    assert (course.weight("03_routes"), course.weight("17_blog")) == (2, 0)
    assert course.points == {"03_routes": {2: 1.5, 4: 0}}
    due = datetime.fromisoformat("2026-10-01T23:59:00+00:00")
    assert course.due == {"01_hello": due, "03_routes": due}


def test_a_date_for_each_lesson(read):
    course = read("[due]\n3 = 2026-10-01T23:59:00\n")
    assert [*course.due] == ["03_routes"]
    assert course.due["03_routes"].tzinfo, "a time without a zone is this machine's"


def test_hidden_checks_and_those_after_the_date(read, tmp_path):
    for name in ("hidden", "later"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test_03_routes.py").write_text("")
    course = read(
        'hidden = "hidden"\nafter_due = "later"\ndue = 2026-10-01T23:59:00Z\n'
    )
    due = course.due["03_routes"]
    minute = timedelta(minutes=1)
    names = [[p.parent.name for p in course.more_checks("03_routes", due + by)]
             for by in (-minute, minute)]  # fmt: skip
    assert names == [["hidden"], ["hidden", "later"]]
    assert course.more_checks("01_hello", due + minute) == []


def test_a_further_step_of_a_hidden_check_has_points_too(read, tmp_path):
    for name, number in (("hidden", 8), ("later", 9)):
        (tmp_path / name).mkdir()
        text = f"@pytest.mark.step({number})\ndef test_x(): pass\n"
        (tmp_path / name / "test_03_routes.py").write_text(text)
    more = 'hidden = "hidden"\nafter_due = "later"\n[points]\n'
    course = read(f"{more}3.8 = 2\n3.9 = 3\n")
    assert course.points == {"03_routes": {8: 2, 9: 3}}
    with pytest.raises(WorkbookError, match="those of lesson 3 are .*, 8, 9"):
        read(f"{more}3.10 = 1")


def test_what_is_said_of_a_lesson_that_does_not_count_is_told(read):
    rest = (
        "[weights]\n3 = 2\nblog = 2\n[points]\n4.1 = 2\n[due]\n1 = 2026-10-01T08:00:00"
    )
    assert read(f'lessons = "3"\n{rest}').idle == ("due.1", "weights.blog", "points.4")
    [line] = commands.without_effect(
        read(f'lessons = "3"\n{rest}'), Path("course.toml")
    )
    assert line.endswith("these lessons do not count: due.1, weights.blog, points.4")
    assert read(rest, "3").idle == (), "LESSONS= chooses for this time alone"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lesons = 3", "lesons means nothing; known are .* Did you mean lessons"),
        ("lessons = 99", "course.toml: There is no lesson '99'"),
        ('lessons = "3-1"', "from the first to the last, and not 3-1"),
        ("lessons = []", "lessons is written like"),
        ("lessons = 3 4", "course.toml is no TOML"),
        ("title = 3", "title is a text in quotes"),
        ('due = "tomorrow"', "due is a date with a time"),
        ("due = 2026-10-01", "due is a date with a time"),
        ("[due]\n3 = 2026-10-01", "due.3 is written like 2026-10-01T23:59:00"),
        ('hidden = "no"', "hidden names no, which is not there"),
        ('hidden = "wrong"', "hidden holds test_99.py; a check is named"),
        ('roster = "no.csv"', "roster names no.csv, which is not there"),
        ("weights = 2", "weights is a table"),
        ("[weights]\nroutez = 2", "Did you mean 3"),
        ('[weights]\n3 = "2"', "weights.3 is a number, 0 or more"),
        ("[weights]\n3 = -1", "weights.3 is a number, 0 or more"),
        ("[weights]\n3 = true", "weights.3 is a number, 0 or more"),
        ("[weights]\n3 = 2\n03 = 5", "weights.03 is there twice, in two ways"),
        (
            "[due]\n3 = 2026-10-01T23:59:00\nroutes = 2026-10-02T23:59:00",
            "due.routes is there twice, in two ways",
        ),
        ("[points]\n3 = 2", "points.3 needs a step"),
        ("[points]\n3.x = 2", "points.3.x needs the number of a step"),
        ('[points]\n"1.9" = 3', "points.1.9 needs a step, .* = 1.5, without quotes"),
        ("[points]\n1.9 = 3", "points.1.9 is no step; those of lesson 1 are 1, 2, 3"),
        ("[points]\n1.02 = 3", "points.1.02 is no step. Did you mean 1.2"),
        ("[points]\n1.2 = 3\nhello.2 = 3", "points.hello.2 is there twice"),
    ],
)
def test_a_slip_is_named(read, tmp_path, text, said):
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "test_99.py").write_text("")
    with pytest.raises(WorkbookError, match=said):
        read(text)


def test_a_file_with_the_mark_of_an_editor_is_read(read):
    assert read('\ufefftitle = "Web"').title == "Web"


def test_the_file_is_named_or_in_or_beside_the_class_folder(tmp_path):
    folder = tmp_path / "week1"
    folder.mkdir()
    assert courses.find(folder) is None
    (tmp_path / "course.toml").write_text("")
    assert courses.find(folder) == tmp_path / "course.toml"
    (folder / "course.toml").write_text("")
    assert courses.find(folder) == folder / "course.toml"
    assert courses.find(folder, str(tmp_path / "course.toml")).parent == tmp_path
    with pytest.raises(WorkbookError, match="no file other.toml"):
        courses.find(folder, "other.toml")


def test_the_file_on_the_page_about_grading_is_understood(read, tmp_path):
    text = (TOP / "checks" / "GRADING.md").read_text(encoding="utf-8")
    example = text.partition("```toml\n")[2].partition("```")[0]
    for name in ("hidden", "later"):
        (tmp_path / name).mkdir()
    (tmp_path / "roster.csv").touch()
    course = read(example)
    assert course.weight("17_blog") == 3 and course.points == {"03_routes": {2: 1.5}}

"""What helps a learner on: hints, the solution beside their code, the blog carried on."""

import shutil

import pytest

from checks.engine.learner import carrying, hints
from checks.engine.tests.small import HINTS, POSTS, SOLVED, STARTERS


def test_hints_come_rung_by_rung_and_remember(workbook):
    shown = [workbook.run("hint", "1").out for _ in range(4)]
    assert "hint 1 of 3" in shown[0] and "The first idea of step 1." in shown[0]
    assert "go on in a second line" in shown[1]
    assert "the docs (https://flask.palletsprojects.com/)" in shown[1]
    assert '`return "____"`' in shown[2] and "make solution 1" in shown[2]
    assert "That was the last hint" in shown[3] and "make solution 1" in shown[3]
    assert "hint 3 of 3" in workbook.run("hint", "1", "--again").out


def test_hints_are_for_the_first_open_step(workbook):
    workbook.write("lessons/01_hello/app.py", SOLVED.replace("My own blog", "No name"))
    assert "step 2: Name it" in workbook.run("hint", "1").out
    workbook.write("lessons/01_hello/app.py", SOLVED)
    assert "nothing to hint at" in workbook.run("hint", "1").out
    assert "step 1: Say hello" in workbook.run("hint", "1", "--step", "1").out


def test_hints_follow_a_change_that_nobody_has_judged(workbook):
    workbook.write("lessons/01_hello/app.py", SOLVED)
    workbook.run("check", "1")
    workbook.write("lessons/01_hello/app.py", SOLVED.replace("hello", "bye"))
    assert "step 1: Say hello" in workbook.run("hint", "1").out


def test_without_a_number_it_is_the_lesson_you_are_on(workbook):
    assert "Lesson 1," in workbook.run("hint").out
    workbook.run("check", "2")
    assert "Lesson 2," in workbook.run("hint").out


def test_a_missing_hints_file_names_its_repair(workbook):
    (workbook.top / "lessons/01_hello/hints.md").unlink()
    done = workbook.run("hint", "1")
    assert done.code == 2 and "git checkout -- lessons/01_hello/hints.md" in done.err


def test_rungs_are_read_as_they_are_written(tmp_path):
    class Lesson:
        folder = tmp_path

    text = HINTS + "\n   Still the third:\n\n   ```python\n   a = 1\n   ```\n"
    (tmp_path / "hints.md").write_text(text)
    found = hints.rungs(Lesson)
    assert {step: len(ladder) for step, ladder in found.items()} == {1: 3, 2: 3}
    assert hints.lines(found[2][2], 60) == [
        "The third.",
        "Still the third:",
        "    a = 1",
    ]


def test_the_solution_is_shown_beside_and_never_over(workbook):
    mine = workbook.read("lessons/01_hello/app.py")
    done = workbook.run("solution", "1")
    lines = done.out.splitlines()
    assert lines[:2] == ["--- lessons/01_hello/app.py", "+++ solutions/01_hello/app.py"]
    assert '-BLOG_NAME = "No name"' in lines and '+BLOG_NAME = "My own blog"' in lines
    assert done.code == 0 and workbook.read("lessons/01_hello/app.py") == mine
    workbook.write("lessons/01_hello/app.py", SOLVED)
    assert "the same, line for line" in workbook.run("solution", "1").out


def test_the_solution_knows_files_of_one_side_only(workbook):
    workbook.write("lessons/01_hello/mine.py", "x = 1\n")
    workbook.write("lessons/01_hello/picture.png", "")
    (workbook.top / "lessons/01_hello/picture.png").write_bytes(b"\xff\xfe")
    out = workbook.run("solution", "1").out
    assert "--- lessons/01_hello/mine.py\n+++ /dev/null" in out and "is no text" in out


# The blog travels on.


def begin(workbook, number):
    """Start a lesson until its first verdict, and return what it said."""
    running = workbook.start("lesson", str(number))
    running.until("next:")
    running.stop()
    return running.text


def test_the_name_and_the_posts_travel_on(workbook):
    workbook.write("lessons/01_hello/app.py", SOLVED.replace("My own", "Ada's \\u00e9"))
    workbook.write("lessons/02_url_for/posts.py", 'POSTS = ["mine"]\n')
    said = begin(workbook, 3)
    assert "Brought along into lesson 3: the name" in said and "your posts" in said
    app = workbook.read("lessons/03_forms/app.py")
    assert 'BLOG_NAME = "Ada\'s é blog"' in app
    assert app.replace("Ada's é blog", "Given 3") == STARTERS["03_forms"]["app.py"]
    assert workbook.read("lessons/03_forms/posts.py") == 'POSTS = ["mine"]\n'


@pytest.mark.parametrize(
    "edited", ["lessons/03_forms/app.py", "lessons/03_forms/posts.py"]
)
def test_an_edited_lesson_is_never_written_to(workbook, edited):
    workbook.write("lessons/01_hello/app.py", SOLVED)
    workbook.write("lessons/02_url_for/posts.py", 'POSTS = ["mine"]\n')
    workbook.write(edited, workbook.read(edited) + "# mine\n")
    before = workbook.read("lessons/03_forms/app.py"), workbook.read(edited)
    assert "Brought along" not in begin(workbook, 3)
    assert before == (workbook.read("lessons/03_forms/app.py"), workbook.read(edited))


def test_what_nobody_changed_does_not_travel(workbook):
    assert "Brought along" not in begin(workbook, 3)
    assert workbook.read("lessons/03_forms/posts.py") == POSTS


def test_a_lesson_runs_where_nobody_knows_how_it_came(workbook):
    mine = STARTERS["03_forms"]["app.py"] + "# mine\n"
    workbook.write("lessons/03_forms/app.py", mine)
    shutil.rmtree(workbook.top / ".workbook")
    assert "Brought along" not in begin(workbook, 3)
    assert workbook.read("lessons/03_forms/app.py") == mine


def test_the_first_lessons_placeholder_does_not_travel(workbook):
    app = STARTERS["02_url_for"]["app.py"].replace("Given 2", "No name")
    workbook.write("lessons/02_url_for/app.py", app)
    workbook.write("lessons/02_url_for/posts.py", "POSTS = [\n")
    assert "Brought along" not in begin(workbook, 3)


@pytest.mark.parametrize(
    "name", ["Tea", 'The "Tea"', "Ada's", "a\\b", "new\nline", "Té"]
)
def test_any_name_can_be_written(name):
    source = 'x = "é"; BLOG_NAME = (\n    "one"\n    "two"\n)  # why\ny = 2\n'.encode()
    source = source.replace(b'x = "\xc3\xa9"; ', b"# \xc3\xa9\n")
    _, node = carrying.name_in({"app.py": source})
    new = carrying.replaced(source, node, name)
    values = {}
    exec(new, values)
    assert values["BLOG_NAME"] == name and values["y"] == 2 and b"# why" in new

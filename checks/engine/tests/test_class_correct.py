"""`correct`: a person's word on a mark, with a reason, and never a guess."""

import argparse

import pytest

from checks.engine.grading import corrections
from checks.engine.grading.gradebook import COURSE, Gradebook, beside
from checks.engine.lessons import WorkbookError
from checks.engine.menu import parse

REASON = "it's =right, says <b>me</b>; $(date) 🎈"


@pytest.fixture
def week(tmp_path):
    (tmp_path / "week1").mkdir()
    book = Gradebook(beside(tmp_path / "week1"))
    book.save("ada", {}, [])
    for name in ("01_hello", "02_debug", "03_routes"):
        steps = [{"number": n, "points": 1.0 + (n == 2)} for n in (1, 2, 3)]
        book.save_steps({name: ("key", steps)})
    book.close()
    return tmp_path / "week1"


def correct(*words):
    return corrections.correct(argparse.Namespace(words=[*map(str, words)], more=[]))


def known(week, student="ada"):
    """Return what counts for a student by hand: the points of each step."""
    book = Gradebook(beside(week))
    found = {place: one.points for place, one in book.corrections(student).items()}
    book.close()
    return found


def test_a_correction_is_kept_with_its_reason(week, capsys):
    assert correct(week, "ada", "3.2", "1.5", REASON) == 0
    book = Gradebook(beside(week))
    [found] = book.corrections("ada").values()
    book.close()
    assert (found.lesson, found.step, found.points) == ("03_routes", 2, 1.5)
    assert found.reason == REASON and REASON in capsys.readouterr().out


def test_words_that_look_like_options_arrive(week):
    args = parse(["correct", str(week), "ada", "routes.2", "1", "--- as said"])
    words = [*args.words, *args.more]
    assert words == [str(week), "ada", "routes.2", "1", "--- as said"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ada", "3.2", "1"), "It takes five words: correct CLASS STUDENT STEP"),
        (("adda", "3.2", "1", "x"), "no student 'adda'. Did you mean 'ada'"),
        (("ada", "3", "1", "x"), "A step is written like 3.2"),
        (("ada", "99.1", "1", "x"), "There is no lesson '99'"),
        (("ada", "3.9", "1", "x"), "Lesson 3 has no step 9; its steps are 1, 2, 3"),
        (("ada", "9.1", "1", "x"), "Lesson 9 does not count .*: lessons 1 to 3 count"),
        (("ada", "3.1", "7", "x"), "Step 3.1 has 1 at the most, and not 7"),
        (("ada", "3.2", "2.1", "x"), "before they are multiplied .* weight .here 1"),
        (("ada", "3.2", "judged", "x"), "Nothing to take back: ada has step 3.2 as"),
        (("ada", "3.2", "none", "x"), "or the word judged, which takes a correction"),
        (("ada", "3.2", "-1", "x"), "Points are a number, 0 or more"),
        (("ada", "3.2", "nan", "x"), "Points are a number, 0 or more"),
        (("ada", "3.2", "1", " "), "A correction needs a reason"),
    ],
)
def test_what_cannot_be_meant_is_told_and_not_kept(week, words, said):
    with pytest.raises(WorkbookError, match=said):
        correct(week, *words)
    book = Gradebook(beside(week))
    assert book.corrections("ada") == {}
    book.close()


def test_what_a_step_has_is_said_by_the_course(week):
    (week.parent / "course.toml").write_text(
        'lessons = "3"\n[points]\n3.1 = 5\n[weights]\n3 = 2\n'
    )
    correct(week, "ada", "3.1", "5", "x")
    assert known(week) == {("03_routes", 1): 5}
    with pytest.raises(WorkbookError, match="has 5 at the most, .* weight .here 2"):
        correct(week, "ada", "3.1", "6", "x")
    with pytest.raises(WorkbookError, match="Lesson 1 does not .*: lesson 3 counts"):
        correct(week, "ada", "1.1", "1", "x")


def test_the_course_that_graded_the_class_is_asked(week):
    (week.parent / "other.toml").write_text("[points]\n3.1 = 5\n")
    book = Gradebook(beside(week))
    book.note(COURSE, str(week.parent / "other.toml"))
    book.close()
    assert correct(week, "ada", "3.1", "5", "x") == 0


def test_a_correction_can_be_taken_back_and_stays_in_the_history(week, capsys):
    correct(week, "ada", "3.2", "1.5", "half of it")
    correct(week, "ada", "3.2", "judged", "a slip of mine")
    assert known(week) == {}
    assert (
        "step 3.2: as it was judged again, because: a slip" in capsys.readouterr().out
    )
    book = Gradebook(beside(week))
    history = [(each.points, each.reason) for each in book.all_corrections()]
    book.adopt(book.all_corrections())
    assert len(book.all_corrections()) == 2, "joining parts doubles nothing"
    book.close()
    assert history == [(1.5, "half of it"), (None, "a slip of mine")]
    correct(week, "ada", "3.2", "2", "after all")
    assert known(week) == {("03_routes", 2): 2}


def test_who_has_handed_in_nothing_and_is_in_the_roster_can_be_given_points(week):
    (week.parent / "course.toml").write_text('roster = "roster.csv"')
    (week.parent / "roster.csv").write_text("student\nghost\n")
    assert correct(week, "ghost", "3.1", "1", "shown in person") == 0
    assert known(week, "ghost") == {("03_routes", 1): 1}
    with pytest.raises(
        WorkbookError, match="no student 'ghosts'. Did you mean 'ghost'"
    ):
        correct(week, "ghosts", "3.1", "1", "x")


def test_who_is_neither_in_the_folder_nor_in_the_roster_is_nobody(week):
    correct(week, "ada", "3.1", "1", "x")
    (week / "Ada L").mkdir()
    with pytest.raises(WorkbookError, match="There is no student 'ada'"):
        correct(week, "ada", "3.2", "1", "x")
    assert correct(week, "Ada L", "3.2", "1", "x") == 0
    correct(week, "ada", "3.1", "judged", "it is Ada L's")
    assert known(week) == {} and known(week, "Ada L") == {("03_routes", 2): 1}
    with pytest.raises(WorkbookError, match="There is no student 'ada'"):
        correct(week, "ada", "3.1", "judged", "x")


def test_what_was_given_for_a_step_that_is_no_longer_there_can_be_taken_back(week):
    book = Gradebook(beside(week))
    book.correct("ada", "03_routes", 9, 1, "of a hidden check that is gone")
    book.close()
    assert correct(week, "ada", "3.9", "judged", "it is gone") == 0
    assert known(week) == {}
    with pytest.raises(WorkbookError, match="Lesson 3 has no step 9"):
        correct(week, "ada", "3.9", "judged", "again")


def test_what_was_given_under_a_former_name_can_be_taken_back(week):
    (week / "jane_1_101_x.zip").touch()
    (week / "jane_2_102_x.zip").touch()
    book = Gradebook(beside(week))
    for name in ("jane", "jane 1"):
        book.save(name, {"arrival": {"source": "Canvas", "id": "1"}}, [])
    book.correct("jane", "03_routes", 1, 1, "x")
    assert correct(week, "jane 1", "3.1", "judged", "a slip of mine") == 0
    assert book.corrections("jane", "jane 1") == {}
    book.close()


def test_the_help_names_the_five_words(capsys):
    with pytest.raises(SystemExit):
        parse(["correct", "--help"])
    told = " ".join(capsys.readouterr().out.split())
    assert "CLASS STUDENT STEP POINTS REASON" in told
    assert "before the lesson's weight" in told and "the word judged" in told


def test_a_class_that_was_not_graded_has_nothing_to_correct(tmp_path):
    (tmp_path / "week2").mkdir()
    with pytest.raises(WorkbookError, match="There is no gradebook week2.gradebook"):
        correct(tmp_path / "week2", "ada", "3.2", "1", "x")


def test_make_hands_every_word_on(workbook):
    words = {"CLASS": "a week", "STUDENT": "O'Brien", "STEP": "1.1", "POINTS": "1"}
    given = [f"{key}={value}" for key, value in words.items()]
    done = workbook.make("correct", *given, 'REASON=a "reason"; `ls`')
    assert "There is no folder a week" in done.err
    (workbook.top / "a week").mkdir()
    book = Gradebook(workbook.top / "a week.gradebook")
    book.save("O'Brien", {}, [])
    book.save_steps({"01_hello": ("key", [{"number": 1, "points": 1.0}])})
    done = workbook.make("correct", *given, 'REASON=a "reason"; `ls`')
    assert done.code == 0 and 'because: a "reason"; `ls`' in done.out
    assert [c.student for c in book.corrections("O'Brien").values()] == ["O'Brien"]
    book.close()

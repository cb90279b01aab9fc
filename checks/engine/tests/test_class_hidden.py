"""Hidden checks that cannot judge are told before they cost anybody a point."""

import shutil

import pytest

from checks.engine.grading.proof import doubts
from checks.engine.judging.verdict import BROKEN, NOT_CHECKED, NOT_YET, OK
from checks.engine.lessons import SOLUTIONS, WorkbookError
from checks.engine.tests.test_class import grade, totals

CHECK = """
import pytest

@pytest.mark.step(5)
def test_more(client, unseen):
    "it says more"
    {line}
"""


def told(state, how="", stumbled=False, hidden=True):
    """Return what a solution's verdict says of one step."""
    step = {"number": 5, "state": state, "how": how, "stumbled": stumbled}
    step |= {"hidden": hidden, "check": "it says more", "said": ["a", "b"]}
    return [{"lesson": "03_routes", "steps": [step]}]


@pytest.mark.parametrize(
    "verdict",
    [
        told(OK),
        told(NOT_CHECKED),
        told(NOT_YET, how="time"),
        told(BROKEN, hidden=False),
    ],
)
def test_what_says_nothing_of_a_hidden_check(verdict):
    assert doubts(verdict) == {}


@pytest.mark.parametrize("verdict", [told(BROKEN), told(NOT_YET, stumbled=True)])
def test_a_check_that_stumbles_judges_nobody(verdict):
    with pytest.raises(WorkbookError, match=r"3\.5 \(it says more\) stumbles .* a; b"):
        doubts(verdict)


@pytest.fixture
def class_with(tmp_path):
    """Return a function that makes a class of one student with a hidden check."""

    def make(line):
        folder = tmp_path / "week"
        shutil.copytree(SOLUTIONS / "03_routes", folder / "ada" / "03_routes")
        (tmp_path / "hidden").mkdir()
        check = tmp_path / "hidden" / "test_03_routes.py"
        check.write_text(CHECK.format(line=line))
        (tmp_path / "course.toml").write_text('lessons = "3"\nhidden = "hidden"\n')
        return folder

    return make


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("client.get(f'/post/{unseen.digits()}')", "no attribute 'digits'"),
        ("assert visitor.get('/')", "name 'visitor' is not defined"),
        ("import no_such", "No module named 'no_such'"),
    ],
)
def test_a_misspelt_word_costs_nobody_a_point(needs_cage, class_with, line, said):
    folder = class_with(line)
    text = " ".join(grade(folder, code=2).split())
    assert "The hidden check 3.5 (it says more) stumbles" in text and said in text
    assert not folder.with_name("week.report").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("step('5')", "test_more in test_03_routes.py belongs to no step"),
        ("step(0)", "test_more in test_03_routes.py belongs to no step"),
        ("step(5)\n@pytest.mark.points('two')", "has no points that can be counted"),
        ("step(5)\n@pytest.mark.points(-2)", "has no points that can be counted"),
        ("step(5)\n@pytest.mark.points", "has no points that can be counted"),
        ("step(5", "03_routes.py\", line 4 @pytest.mark.step(5 ^ SyntaxError: '('"),
        ("stop(5)", "cannot be read, so nobody was judged: "),
    ],
)
def test_marks_that_nobody_can_count_by_judge_nobody(
    needs_cage, class_with, wrong, said
):
    folder = class_with("assert client")
    check = folder.with_name("hidden") / "test_03_routes.py"
    check.write_text(check.read_text().replace("step(5)", wrong))
    text = " ".join(grade(folder, code=2).split())
    assert said in text and "not your fault" not in text
    assert not folder.with_name("week.report").exists()


def test_a_check_that_asks_for_more_than_the_solution_is_asked_about(
    needs_cage, class_with
):
    folder = class_with("assert 'moustache' in client.get('/').text")
    for _ in range(2):  # the first run may have been stopped before anybody read on
        text = grade(folder)
        flat = " ".join(text.split())
        assert "does not pass the hidden check 3.5 (it says more)" in flat
        assert "Is that what you want?" in flat
    assert totals(text)["ada"] != "0" and "ada" in totals(text)


def test_what_a_skipped_check_knows_is_not_told(needs_cage, class_with):
    folder = class_with("pytest.skip('secret ' + unseen.word())")
    grade(folder)
    (page,) = folder.with_name("week.report").glob("students/*ada*.html")
    assert "secret" not in page.read_text()
    assert "could not be run" in page.read_text()

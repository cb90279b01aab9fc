"""Who has an app that does not load is the first to be looked at."""

import shutil

import pytest

from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Judged
from checks.engine.grading.looks import looks
from checks.engine.grading.marks import mark
from checks.engine.judging.verdict import NOT_YET, OK, STARTS
from checks.engine.lessons import SOLUTIONS
from checks.engine.tests.test_class import grade

NAMES = ("01_hello", "03_routes")
BROKEN_APPS = {
    "ada": lambda app: app.write_text(app.read_text() + "def x(:\n"),
    "bea": lambda app: app.write_text("import nosuch\n" + app.read_text()),
    "cleo": lambda app: app.write_text("x = 1\n"),
    "dora": lambda app: app.unlink(),
}


@pytest.fixture(scope="module")
def told(needs_cage, tmp_path_factory):
    """Return what is printed of a class with apps that do not load, as one line."""
    week = tmp_path_factory.mktemp("course") / "week1"
    for student, damage in BROKEN_APPS.items():
        for name in NAMES:
            shutil.copytree(SOLUTIONS / name, week / student / name)
            damage(week / student / name / "app.py")
    return " ".join(grade(week, "--lessons", "1,3").split())


@pytest.mark.parametrize(
    "said",
    [
        "ada: does not load: lesson 1: SyntaxError: invalid syntax, "
        "lessons/01_hello/app.py:",
        "lesson 3: SyntaxError: invalid syntax, lessons/03_routes/app.py:",
        "bea: does not load: lesson 1: ModuleNotFoundError: No module named 'nosuch', "
        "lessons/01_hello/app.py:1 import nosuch",
        "cleo: does not load: lesson 1: lessons/01_hello/app.py makes no Flask object",
        "dora: does not load: lesson 1: there is no app.py in lessons/01_hello; lesson 3",
        "% does not load",
    ],
)
def test_the_error_and_its_line_are_told(told, said):
    assert said in told


def a_mark(*checks, how=""):
    """Return the mark of one whose steps failed these checks; None is a step done."""
    steps = [
        {"number": n, "state": NOT_YET, "check": check, "how": how, "said": ["Error"]}
        if check
        else {"number": n, "state": OK}
        for n, check in enumerate(checks, 1)
    ]
    outline = {
        "03_routes": [
            {
                "number": n,
                "title": "",
                "points": 1,
                "self_tested": False,
                "hidden": False,
            }
            for n in range(1, len(checks) + 1)
        ]
    }
    verdict = Judged("03_routes", "key", {"steps": steps}, {"at": "now"})
    course = Course(lessons=("03_routes",))
    return mark("ada", course, outline, {"03_routes": verdict}, {}, {}), course


@pytest.mark.parametrize(
    ("checks", "how", "words"),
    [
        ((STARTS, STARTS), "", ["does not load"]),
        ((STARTS, "another rule", STARTS, None), "", ["does not load"]),
        (("a rule", "a rule"), "", []),
        ((None, STARTS, STARTS), "", []),
        ((STARTS, None, None), "", []),
        ((STARTS, STARTS), "time", ["timed out"]),
        ((STARTS, STARTS), "exit", ["crashed"]),
    ],
)
def test_only_an_app_that_does_not_load_is_called_so(checks, how, words):
    assert [look.word for look in looks(*a_mark(*checks, how=how))] == words

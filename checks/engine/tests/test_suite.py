"""A learner's own tests: run apart, on right and wrong blogs, and never trusted."""

import tomllib

import pytest

from checks.engine import starters
from checks.engine.judging import overlooked, suite
from checks.engine.judging.code import Code
from checks.engine.judging.suite import Run, Suite, outcomes
from checks.engine.lessons import SOLUTIONS, TOP, WorkbookError, code_of, files_of

BLOG = """
from flask import Flask


def create_app():
    app = Flask(__name__)
    app.extensions["posts"] = ["tea"]
    app.add_url_rule("/", "index", lambda: ", ".join(app.extensions["posts"]))
    return app
"""
CONFTEST = """
import pytest
from blog import create_app


@pytest.fixture
def client():
    return create_app().test_client()
"""
TEST = """
def test_home(client):
    assert client.get("/").text == "tea"
"""
CHANGES = '''
[[change]]
title = "no post is there"
step = 2
path = "blog/__init__.py"
replace = '["tea"]'
with = "[]"

[[change]]
title = "every answer is empty"
step = 2
add = """
@app.after_request
def empty(response):
    response.set_data("")
    return response
"""

[[change]]
title = "the name of the view is another"
step = 2
path = "blog/__init__.py"
replace = '"index"'
with = '"home"'

[[change]]
title = "the blog hangs"
step = 3
path = "blog/__init__.py"
replace = "    app = Flask(__name__)"
with = """
    import time
    time.sleep(60)
    app = Flask(__name__)"""

[[change]]
title = "the blog ends the process"
step = 3
path = "blog/__init__.py"
replace = "    app = Flask(__name__)"
with = """
    import os
    os._exit(0)
    app = Flask(__name__)"""
'''


@pytest.fixture
def make(worker, tmp_path, monkeypatch):
    """Return a function that makes a suite: ``make(test="…", conftest="…")``."""
    (tmp_path / "00_tiny.toml").write_text(CHANGES)
    monkeypatch.setattr(suite, "CHANGES", tmp_path)
    monkeypatch.setattr(
        starters, "starter", lambda name: {"blog/__init__.py": BLOG.encode()}
    )

    def made(test=TEST, conftest=CONFTEST, blog=BLOG):
        files = {
            "blog/__init__.py": blog,
            "tests/conftest.py": conftest,
            "tests/test_it.py": test,
            "pytest.ini": "[pytest]\ntestpaths = tests\npythonpath = .\n",
        }
        code = Code(worker, {path: text.encode() for path, text in files.items()})
        return Suite(code, "00_tiny")

    return made


def test_a_right_suite_has_no_faults_and_notices_what_it_looks_at(make):
    right = make()
    assert right.tests == ["tests/test_it.py::test_home"]
    assert (right.problems, right.moody, right.idle) == ([], [], [])
    assert right.notices("no post is there")
    assert right.notices("every answer is empty")
    assert not right.notices("the name of the view is another")


def test_a_suite_without_tests_is_no_error_and_notices_nothing(make):
    empty = make(test="")
    assert (empty.tests, empty.problems, empty.idle) == ([], [], [])
    assert not empty.notices("no post is there")


def test_an_unknown_change_is_our_mistake(make):
    with pytest.raises(WorkbookError, match="is called 'no such thing'"):
        make().notices("no such thing")


def test_only_the_tests_that_a_lesson_names_are_run(make, tmp_path):
    told = 'tests = ["tests/test_other.py"]\n' + CHANGES
    (tmp_path / "00_tiny.toml").write_text(told)
    named = make()
    named.code.files["tests/test_other.py"] = TEST.replace("home", "other").encode()
    assert named.tests == ["tests/test_other.py::test_other"]
    assert named.notices("no post is there")


def test_where_the_learner_has_rewritten_the_place_ours_is_made_wrong(make):
    other = make(blog=BLOG.replace('["tea"]', 'list(("tea",))'))
    assert other.problems == []
    assert other.notices("no post is there")


def test_a_failure_is_told_with_the_tests_own_line_and_without_any_folder(make):
    (problem,) = make(test=TEST.replace('"tea"', '"milk"')).problems
    first, spot, said = problem.splitlines()[:3]
    assert first == "test_home fails on a blog that is right"
    assert spot == 'tests/test_it.py:3   assert client.get("/").text == "milk"'
    assert said.startswith("assert 'tea' == 'milk'")


def test_an_exception_of_the_blog_is_told_with_the_line_of_the_test(make):
    crash = BLOG.replace('", ".join(app.extensions["posts"])', "1 / 0")
    test = 'def test_it(client):\n    client.application.testing = True\n    client.get("/")'
    (problem,) = make(test=test, blog=crash).problems
    assert 'tests/test_it.py:3   client.get("/")' in problem
    assert "ZeroDivisionError" in problem


@pytest.mark.parametrize(
    ("conftest", "said"),
    [
        ("import nothing_of_this_name", "No module named 'nothing_of_this_name'"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(3)", "3"),
        ("import os; os._exit(3)", "ended its own process with exit code 3"),
        ("", "fixture 'client' not found"),
    ],
)
def test_a_conftest_that_gives_nothing_costs_its_run_and_says_why(make, conftest, said):
    problems = make(conftest=conftest).problems
    assert problems and said in problems[0], problems
    assert "workbook-" not in problems[0], "the folder is ours"
    assert make().problems == [], "the next suite runs"


def test_hangs_and_ends_on_a_wrong_blog_cost_their_run_and_are_noticed(
    make, monkeypatch
):
    right = make()
    assert right.problems == [] and right.notices("no post is there")
    monkeypatch.setattr(suite, "SECONDS", 3.0)
    assert right.notices("the blog hangs")
    assert right.notices("the blog ends the process")
    assert not right.late


def test_a_test_that_never_ends_is_told(make, monkeypatch):
    monkeypatch.setattr(suite, "SECONDS", 1.0)
    hangs = make(test="import time\ndef test_it():\n    time.sleep(60)\n")
    assert "no answer within 1 seconds" in hangs.problems[0]
    assert hangs.late, "so a class's judge tries it once more"
    assert not hangs.notices("no post is there")


def test_a_test_that_needs_another_is_moody(make):
    test = "SEEN = []\ndef test_one():\n    SEEN.append(1)\ndef test_two():\n    assert SEEN\n"
    assert make(test=test).moody == ["tests/test_it.py::test_two"]


@pytest.mark.parametrize(
    ("test", "idle"),
    [
        ("assert client.get('/')", True),
        ("client.get('/')", True),
        ("assert (client.get('/').text == 'tea', 'no tea')", True),
        ("assert client.get('/').status_code != 200 or 1", True),
        ("assert client.get('/').status_code == 200", False),
        ("assert client.get('/').status_code < 400", False),
        ("assert client.get('/no').status_code >= 400", False),
    ],
)
def test_what_passes_on_a_blog_that_does_nothing_is_idle(make, test, idle):
    found = make(test=f"def test_it(client):\n    {test}\n").idle
    assert found == ["tests/test_it.py::test_it"] * idle


def test_files_of_ours_ask_for_the_learners_fixtures(make):
    test = "def test_ours(client):\n    assert client.get('/').text == 'tea'\n"
    run = make().run({"tests/test_ours.py": test}, "tests/test_ours.py")
    assert run.outcomes == {"tests/test_ours.py::test_ours": "passed"}


def test_nothing_is_left_behind(make, worker):
    before = {path.name for path in worker.folder.iterdir()}
    suite = make(test="def test_it(tmp_path):\n    (tmp_path / 'x').write_text('x')\n")
    assert suite.problems == []
    after = {path.name for path in worker.folder.iterdir()}
    assert after - before <= {"templates"}


HOSTILE = """
import gc


def test_it():
    for line in gc.get_objects():
        if type(line).__name__ == "Line":
            line.send({"tests": {"not": "a list"}, "broken": 7}, b"")
"""


def test_a_forged_answer_is_a_claim_like_any_other(make):
    forged = make(test=HOSTILE)
    assert forged.tests in ([], ["tests/test_it.py::test_it"])
    assert not forged.notices("the name of the view is another")


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"tests": None, "broken": None},
        {"tests": [{"test": 5, "outcome": [], "said": {}}, 7, None], "broken": "no"},
        {"tests": [{"test": "x" * 9999, "outcome": "passed" * 99, "said": "y" * 9999}]},
    ],
)
def test_no_answer_makes_the_judge_stumble(told):
    class Forger:
        def ask(self, do, seconds, **question):
            return told, b""

    run = outcomes(Forger())
    assert isinstance(run, Run)
    assert all(len(said) <= 600 for said in run.said.values())


def test_overlooked_tests_are_found_by_a_look():
    text = """
def test_one(client):
    assert client.get("/").status_code == 200

def test_one(client):
    assert response

def home_works(client):
    assert (1, 2)

def helper():
    assert helper
"""
    found = overlooked.find(
        {"tests/test_it.py": text.encode(), "blog/x.py": b"assert response"}
    )
    assert [(slip["line"], slip["slip"].split(":")[0]) for slip in found] == [
        (8, "pytest runs what is called test_…"),
        (2, "line 5 has a test of the same name"),
        (6, "there is always a response"),
    ]
    assert overlooked.find({"tests/test_it.py": b"def broken(:"}) == []


@pytest.mark.parametrize(
    "file", sorted(suite.CHANGES.glob("*.toml")), ids=lambda f: f.stem
)
def test_every_change_fits_its_solution_and_is_asked_for(file):
    files = code_of(files_of(SOLUTIONS / file.stem))
    checks = (TOP / "checks" / f"test_{file.stem}.py").read_text(encoding="utf-8")
    told = tomllib.loads(file.read_text(encoding="utf-8"))["change"]
    assert len({change["title"] for change in told}) == len(told)
    parts = checks.split("@pytest.mark.step(")
    for change in told:
        if "add" not in change:
            text = files[change["path"]].decode()
            assert text.count(change["replace"]) == 1, change["title"]
        asked = [
            p
            for p in parts
            if p.startswith(f"{change['step']})") and f'"{change["title"]}"' in p
        ]
        assert asked, f"no check of step {change['step']} asks for {change['title']!r}"

"""Lesson 22, Testing: would your tests notice if the blog went wrong?"""

import pytest

pytestmark = pytest.mark.self_tested

OURS = "tests/test_what_the_fixtures_give.py"
# These tests ask for the learner's fixtures; each should get a blog of its own.
TESTS = """
import io
from pathlib import Path

def test_app(app):
    assert app.config["TESTING"], "the app is not set up for tests: TESTING is off"

def test_client(client):
    status = client.get("/about").status_code
    assert status == 200, f"client.get('/about') answers {status}"

def test_runner(runner):
    result = runner.invoke(args=["posts"])
    assert result.exit_code == 0, f"`posts` did not end with 0: {result.output}"

def test_together(client, runner):
    client.post("/new", data={"title": "Fresh", "body": "text"})
    found = "Fresh" in runner.invoke(args=["posts"]).output
    assert found, "what client publishes, runner does not list: they have two apps"

def publish(client):
    found = "Left behind" in client.get("/").text
    assert not found, "another test published a post, and it is there: give each an app"
    client.post("/new", data={"title": "Left behind", "body": "text"})

def test_fresh(client):
    publish(client)

def test_fresh_again(client):
    publish(client)

def test_pictures(app, client):
    client.post("/upload", data={"picture": (io.BytesIO(b"GIF89a"), "cup.gif")})
    kept = [path.name for path in Path(app.instance_path).rglob("*.gif")]
    assert not kept, "a picture of a test was kept in instance/, among the real ones"
"""


@pytest.mark.step(1)
@pytest.mark.parametrize("fixture", ["app", "client", "runner"])
def test_a_test_can_ask_for_your_fixtures(suite, fixture):
    assert_passes(suite, f"test_{fixture}")


@pytest.mark.step(1)
@pytest.mark.parametrize("test", ["together", "fresh", "fresh_again", "pictures"])
def test_every_test_gets_a_blog_of_its_own(suite, test):
    assert_passes(suite, f"test_{test}")


@pytest.mark.step(1)
def test_your_tests_pass_on_a_blog_that_is_right(suite):
    assert not suite.problems, first(suite.problems)


@pytest.mark.step(1)
def test_your_tests_pass_in_any_order(suite):
    rule = "in another order, other tests pass or fail: they need what ran before"
    assert not suite.moody, f"{rule}\n{first(suite.moody)}"


@pytest.mark.step(1)
def test_your_tests_can_fail(suite):
    rule = "passes even on a blog that answers nothing and does nothing"
    assert not suite.idle, f"{first(suite.idle)}\n{rule}"


@pytest.mark.step(2)
@pytest.mark.parametrize(
    "change",
    [
        "a missing post answers 200",
        "the oldest post comes first",
        "a post's body is sent as HTML",
        "an old link by number leads nowhere",
        "a search finds every post",
    ],
)
def test_your_tests_notice_wrong_pages(suite, change):
    assert_noticed(suite, change)


@pytest.mark.step(3)
@pytest.mark.parametrize(
    "change",
    [
        "a post without a title is published",
        "a refused form comes back empty",
        "publishing leads nowhere",
        "a published post is lost",
        "any kind of file is kept",
        "a refused post is kept all the same",
        "a refused file is kept all the same",
        "a second picture of the same name takes the place of the first",
    ],
)
def test_your_tests_notice_wrong_forms(suite, change):
    assert_noticed(suite, change)


@pytest.mark.step(4)
@pytest.mark.parametrize(
    "change",
    [
        "the API calls a title by another name",
        "a created post has no Location",
        "the API answers errors with a page",
        "the API lets everybody write",
        "a post that a program deletes is still there",
    ],
)
def test_your_tests_notice_a_wrong_api(suite, change):
    """your tests notice a wrong API"""
    assert_noticed(suite, change)


@pytest.mark.step(5)
@pytest.mark.parametrize(
    "change",
    [
        "flask posts prints nothing",
        "flask newsletter prints links without a host",
        "flask newsletter without --base links to localhost",
    ],
)
def test_your_tests_notice_wrong_commands(suite, change):
    assert_noticed(suite, change)


def assert_noticed(suite, change):
    """Assert that the tests are sound, and that one of them sees this change."""
    assert not suite.problems, first(suite.problems)
    assert suite.tests, "there is no test yet: nobody would notice anything"
    assert suite.notices(change), f"nobody would notice if {change}"


def assert_passes(suite, test):
    """Assert that a test of ours passes with the learner's fixtures."""
    run = suite.run({OURS: TESTS}, OURS)
    assert not run.broken, first(run.broken)
    name = f"{OURS}::{test}"
    said, passed = run.said.get(name, ""), run.outcomes.get(name) == "passed"
    ours = (OURS, "assert ")
    own = [line for line in said.splitlines() if not line.startswith(ours)]
    assert passed, "\n".join(own or ["your fixtures did not come to an end"])


def first(told):
    """Return the first of some texts, and how many there are beside it."""
    more = f"\n(and {len(told) - 1} more)" if len(told) > 1 else ""
    return f"{told[0]}{more}"

"""The desk of a lesson that really runs, asked without a browser."""

import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from checks.engine.desk import serving
from checks.engine.lessons import TOP, WorkbookError, find
from checks.engine.tests.small import SECONDS, SOLVED, wait_until

APP = "lessons/01_hello/app.py"


@pytest.fixture
def live(workbook):
    """Lesson 1, running, with its first verdict on the screen."""
    running = workbook.start("lesson", "1")
    running.until("0 of 2", "next:")
    running.workbook = workbook
    return running


def ask(running, path="/", **headers):
    """Return what the desk of a running lesson answers: status and text."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(running.desk + path, headers=named)
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_the_page_has_the_verdict_the_requests_and_the_next_lesson(live):
    assert "0 of 2" in ask(live)[1]
    live.workbook.write(APP, SOLVED)
    live.until("2 of 2")
    wait_until(lambda: "make lesson 2" in ask(live)[1])
    assert live.get("/name") == "My own blog"
    wait_until(lambda: "GET /name" in ask(live, "/parts?want=log")[1])
    live.until("app | GET /name  200")
    status, page = ask(live, "/progress")
    assert status == 200 and "2 of 2" in page


def test_events_tell_of_a_save(live):
    with urllib.request.urlopen(f"{live.desk}/events", timeout=SECONDS) as events:
        first = json.loads(next(events)[6:])
        live.workbook.write(APP, SOLVED)
        for line in events:
            now = json.loads(line[6:]) if line.startswith(b"data:") else first
            if now["verdict"] > first["verdict"]:
                break
        assert now["run"] == first["run"] and not now["busy"]
        assert live.stop() == 0, "an open page keeps nothing from ending"
    wait_until(lambda: not live.workbook.processes(), live.workbook.processes)


def test_two_lessons_have_two_desks(live):
    other = live.workbook.start("lesson", "2")
    other.until("Lesson 2 ·", "next:")
    assert other.desk != live.desk
    assert "1 · Hello" in ask(live)[1] and "2 · Url_for" in ask(other)[1]
    own = live.desk.removeprefix("http://")
    assert ask(other, Host=own)[0] == 403


def test_a_lesson_runs_without_a_desk_where_no_port_is_free(monkeypatch):
    def taken(port):
        raise WorkbookError("They are all taken.")

    monkeypatch.setattr(serving, "listen", taken)
    desk = serving.Desk(find("1"), None)
    assert desk.begin(None) == ["There is no desk this time. They are all taken."]


def test_the_terminal_alone_does_not_wait_for_the_page():
    code = (
        "import sys; from checks.engine.desk import commands, serving;"
        "from checks.engine.learner import live;"
        "print(*{'flask', 'jinja2', 'mistune'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("", "")

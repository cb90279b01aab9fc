"""Marks, and what a person sees of a class: tables, looks, the hardest steps."""

import io
from datetime import datetime, timedelta

import pytest

from checks.engine.grading import identical, looks, marks, tables
from checks.engine.grading.course import Course
from checks.engine.grading.gradebook import Correction, Judged
from checks.engine.grading.progress import Progress, duration
from checks.engine.grading.students import Student
from checks.engine.judging.verdict import BROKEN, NOT_CHECKED, NOT_YET, OK
from checks.engine.lessons import LESSONS, SOLUTIONS, code_of, files_of
from checks.engine.screen import Screen

NAME = "03_routes"
DUE = datetime.fromisoformat("2026-10-01T12:00:00+00:00")


def outline(*points, self_tested=False):
    return {
        NAME: [
            {
                "number": number,
                "title": f"Step {number}",
                "points": float(each),
                "self_tested": self_tested,
                "hidden": False,
            }
            for number, each in enumerate(points, 1)
        ]
    }


def a_mark(*states, course=None, points=(1, 1), correct=(), told=None, **more):
    """Return the mark of a student whose steps are in these states."""
    steps = [
        {"number": n, "state": state[0], "how": state[1], "check": "a rule"}
        if isinstance(state, tuple)
        else {"number": n, "state": state}
        for n, state in enumerate(states, 1)
    ]
    judged = {NAME: Judged(NAME, "key", {"steps": steps}, {"at": "now"})}
    corrections = {(c.lesson, c.step): c for c in correct}
    course = course or Course(lessons=(NAME,))
    told = told or {}
    given = judged if states else {}
    return marks.mark("ada", course, outline(*points, **more), given, corrections, told)


def screen():
    return Screen(io.StringIO())


def test_only_what_is_done_has_points():
    mark = a_mark(OK, NOT_YET, NOT_CHECKED, BROKEN, points=(1, 2, 3, 4))
    assert (mark.points, mark.most) == (1, 10)
    assert (a_mark().points, a_mark().most) == (0, 2), "nothing was handed in"


def test_weights_and_points_of_the_course():
    course = Course(lessons=(NAME,), weights={NAME: 2}, points={NAME: {2: 0.5}})
    mark = a_mark(OK, OK, course=course)
    assert (mark.points, mark.most, mark.percent) == (3, 3, 100)
    assert a_mark(OK, points=(0,)).percent == 0, "a lesson that counts nothing"


def test_a_correction_is_what_counts():
    correction = Correction("ada", NAME, 2, 0.5, "half of it", "now")
    mark = a_mark(OK, NOT_YET, correct=[correction])
    assert mark.points == 1.5
    assert mark.lessons[0].steps[1].correction.reason == "half of it"
    assert tables.state(mark, []) == "corrected"


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ((NOT_YET, "time"), "timed out"),
        ((NOT_YET, "computing"), "timed out"),
        ((NOT_YET, "exit"), "crashed"),
        ((NOT_YET, "killed"), "crashed"),
        ((NOT_YET, "malformed"), "hostile"),
        ((NOT_YET, "endless"), "endless"),
        (NOT_CHECKED, "not checked"),
        (BROKEN, "our fault"),
    ],
)
def test_who_needs_a_look(state, word):
    found = looks.looks(a_mark(OK, state), Course(lessons=(NAME,)))
    assert [look.word for look in found] == [word]
    assert found[0].told.endswith(" 3.2")


def test_what_was_handed_in_may_need_a_look():
    told = {
        "problem": "ada.zip is damaged",
        "left_out": [["a", "a link"], ["b", "made by an app or a tool"]],
        "identical": [NAME],
        "handed_in": (DUE + timedelta(days=1, hours=2)).isoformat(),
    }
    course = Course(lessons=(NAME,), due={NAME: DUE})
    found = looks.looks(a_mark(OK, OK, told=told), course)
    words = ["unreadable", "left out", "identical", "late"]
    assert [look.word for look in found] == words
    assert found[1].told == "not taken: a (a link)"
    assert "handed in 1 day 2 hours late, by its files: lesson 3" in found[3].told
    in_time = {"handed_in": DUE.isoformat()}
    assert looks.looks(a_mark(OK, OK, told=in_time), course) == []


@pytest.mark.parametrize(
    ("late", "told"),
    [
        ({"seconds": 20}, "1 minute"),
        ({"minutes": 12}, "12 minutes"),
        ({"hours": 1, "minutes": 5}, "1 hour 5 minutes"),
        ({"hours": 3}, "3 hours"),
        ({"days": 2, "hours": 1, "minutes": 5}, "2 days 1 hour"),
        ({"days": 2, "minutes": 5}, "2 days"),
    ],
)
def test_how_late_is_told_as_a_person_would(late, told):
    assert looks.spelled(timedelta(**late)) == told


def test_what_the_students_own_tests_say_is_for_a_person():
    found = looks.looks(a_mark(OK, NOT_YET, self_tested=True), Course(lessons=(NAME,)))
    assert [look.told for look in found] == ["self-tested: look by hand: 3.1"]


def test_the_hardest_steps_with_their_commonest_failure():
    group = [a_mark(OK, (NOT_YET, "")), a_mark(OK, OK), a_mark(NOT_CHECKED, OK)]
    hard = looks.hardest([*group, a_mark()])
    assert [(each.number, each.done, each.count) for each in hard] == [(2, 2, 3)]
    assert hard[0].check == "a rule"
    assert tables.hard_steps(hard, screen()) == [
        "  3.2 Step 2: done by 2 of 3; the others mostly fail at: a rule"
    ]


def test_the_published_solution_is_known_by_its_words():
    files = code_of(files_of(SOLUTIONS / NAME))
    assert identical.to_solution(NAME, files)
    app = b"# mine\n\n" + files["app.py"].replace(b"\n\n\n", b"\n\n  # more\n\n")
    assert identical.to_solution(NAME, {**files, "app.py": app})
    assert not identical.to_solution(NAME, {**files, "app.py": app + b"x = 1\n"})
    assert not identical.to_solution(NAME, code_of(files_of(LESSONS / NAME)))
    assert not identical.to_solution(NAME, {"app.py": b"\xff((("})
    assert not identical.to_solution(NAME, {})


def test_a_table_is_aligned_whatever_the_names_are(monkeypatch):
    monkeypatch.setenv("COLUMNS", "88")
    names = ("ada", "Zoë 🎈", "名前", "x" * 60)
    group = [marks.Mark(name, a_mark(OK, NOT_YET).lessons, {}) for name in names]
    lines = tables.table(group, {}, screen())
    assert "03" in lines[0]
    ends = {tables.columns(line.partition("50 %")[0]) for line in lines[1:5]}
    assert len(ends) == 1, lines


def test_lessons_that_do_not_fit_are_left_out(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    lines = tables.table([a_mark(OK, OK)], {}, screen())
    assert "03" not in lines[0] and lines[1].split() == [
        "ada", "2", "of", "2", "100", "%", "done",
    ]  # fmt: skip


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def shown(monkeypatch):
    """Let ten students be done, one a second; return what was written."""

    def run(stream, columns="88", **env):
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.delenv("NO_COLOR", raising=False)
        monkeypatch.setenv("COLUMNS", columns)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        now = [0]
        progress = Progress(Screen(stream), 20, lambda: now[0])
        for _ in range(10):
            now[0] += 1
            progress.tell(Student("ada", None))
        progress.end()
        return stream.getvalue()

    return run


def test_a_terminal_gets_a_bar_that_goes_away(shown):
    text = shown(Terminal())
    assert "■■■■■■■■■■□□□□□□□□□□ 10 of 20   1.0 a second   10 s left" in text
    assert "\n" not in text and text.endswith("\r\033[K")


@pytest.mark.parametrize(
    ("stream", "given"),
    [
        (io.StringIO, {}),
        (Terminal, {"NO_COLOR": "1"}),
        (Terminal, {"TERM": "dumb"}),
        (Terminal, {"columns": "40"}),
    ],
)
def test_everything_else_gets_a_line_now_and_then(shown, stream, given):
    lines = shown(stream(), **given).splitlines()
    assert len(lines) == 5 and lines[-1].startswith("10 of 20   1.0 a second")
    assert "\033" not in "".join(lines)


def test_durations_and_figures_are_short():
    assert [duration(s) for s in (8, 200, 7500)] == ["8 s", "3 min", "2 h 5 min"]
    assert [marks.figure(n) for n in (3.0, 2.5, 1 / 3, 10)] == [
        "3",
        "2.5",
        "0.33",
        "10",
    ]

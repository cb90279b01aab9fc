"""The page for teachers: its sums are right, its quiz prints what it says."""

import contextlib
import io
import re

import pytest

from checks.engine.lessons import SOLUTIONS, find

PAGE = (SOLUTIONS / "TEACHING.md").read_text(encoding="utf-8")
PLANS = re.split(r"^## ", PAGE, flags=re.M)
WEEKS = re.findall(r"^\| (\d+) \| ([\d, ]+) \| (\d+) \|", PAGE, re.M)
QUIZ = [
    "".join(line[3:] + "\n" for line in block.splitlines())
    for block in re.findall(r"```python\n(.*?) +```", PAGE, re.S)
]
PRINTED = ["Hello, stranger\nNone", "None 4", "['a', 'b']", "HELLO, ADA"]


def minutes(number: str) -> int:
    return int(re.search(r"\*\*Minutes:\*\* (\d+)", find(number).text)[1])


@pytest.mark.parametrize(("week", "numbers", "told"), WEEKS)
def test_the_minutes_of_a_week_are_those_of_its_lessons(week, numbers, told):
    assert sum(map(minutes, numbers.split(", "))) == int(told), f"week {week}"


@pytest.mark.parametrize(("plan", "weeks"), [("Twelve weeks", 12), ("Six weeks", 6)])
def test_a_plan_has_its_weeks_and_no_lesson_twice(plan, weeks):
    (text,) = [part for part in PLANS if part.startswith(plan)]
    rows = re.findall(r"^\| (\d+) \| ([\d, ]+) \|", text, re.M)
    assert [int(week) for week, _ in rows] == [*range(1, weeks + 1)]
    numbers = [int(n) for _, told in rows for n in told.split(", ")]
    assert numbers == sorted(set(numbers))
    if weeks == 12:
        assert {*range(1, 33)} - {*numbers} == {29}


@pytest.mark.parametrize(("code", "printed"), [*zip(QUIZ, PRINTED, strict=True)])
def test_the_quiz_prints_what_the_answers_say(code, printed):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "quiz", "exec"), {})
    assert out.getvalue().strip() == printed
    for line in printed.splitlines():
        assert f"`{line}`" in PAGE, "the answers name it"

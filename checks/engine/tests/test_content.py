"""The content guards: starters wait, solutions pass, mistakes are explained."""

import pytest

from checks.engine.judging import words
from checks.engine.judging.verdict import BROKEN, NOT_YET, OK
from checks.engine.lessons import find
from checks.engine.tests.content import (
    FIRST_STRANGE,
    LESSONS,
    SEEDS,
    STRANGE_ANSWERS,
    cases,
    first_cases,
    key_of,
    seed_key,
    strange_key,
)

FEWEST_MISTAKES, FEWEST_RIGHT = 6, 3


def later(thing, first):
    """Return a parameter that only `make test-all` tries, unless it is among the first."""
    return pytest.param(thing, marks=[] if thing in first else pytest.mark.long)


CASES = [later(case, first_cases(name)) for name in LESSONS for case in cases(name)]
MISTAKES = [param for param in CASES if param.values[0].step]
RIGHT = [param for param in CASES if not param.values[0].step]


def name_of(case):
    return f"{case.lesson}: {case.title}"


@pytest.mark.parametrize("key", ["starter"])
@pytest.mark.parametrize("name", LESSONS)
def test_every_step_fails_on_its_starter_by_its_own_assertion(results, name, key):
    verdict = results(name)[key]
    assert verdict["steps"], f"{name}: README.md has no steps"
    for step in verdict["steps"]:
        where = f"{name} step {step['number']} on its starter"
        assert step["state"] == NOT_YET, (
            f"{where} is {step['state']}: ask for what fails first"
        )
        facts = step["details"]
        assert facts["kind"] == "code" and "shape" not in facts, (
            f"{where}: {facts['error']}"
        )
        asserted = facts.get("expected") or facts.get("rule") or facts.get("command")
        assert asserted or facts["error"].startswith("AppError: StartedServer"), (
            f"{where} fails by a crash, not by an assertion: {facts['error']}"
        )


@pytest.mark.parametrize("key", ["solution"])
@pytest.mark.parametrize("name", LESSONS)
def test_the_solution_passes_every_step(results, name, key):
    verdict = results(name)[key]
    assert [step.number for step in find(name).steps] == [
        s["number"] for s in verdict["steps"]
    ]
    for step in verdict["steps"]:
        assert step["state"] == OK, "\n".join(words.details(step["details"] or {}))


@pytest.mark.long
@pytest.mark.parametrize("key", [seed_key(seed) for seed in SEEDS])
@pytest.mark.parametrize("name", LESSONS)
def test_the_solution_passes_whatever_data_is_drawn(results, name, key):
    for step in results(name)[key]["steps"]:
        assert step["state"] == OK, "\n".join(words.details(step["details"] or {}))


@pytest.mark.parametrize("case", MISTAKES, ids=name_of)
def test_a_known_mistake_gets_its_message(results, case):
    verdict = results(case.lesson)[key_of(case)]
    assert "error" not in verdict, f"{name_of(case)}: {verdict['error']}"
    (step,) = verdict["steps"]
    assert step["state"] == NOT_YET, f"{name_of(case)} is {step['state']}"
    lines = words.details(step["details"])
    message = "\n".join(lines)
    together = " ".join(message.split())
    for word in case.says:
        assert word in message or word in together, f"{word!r} is not said:\n{message}"


@pytest.mark.parametrize("case", RIGHT, ids=name_of)
def test_a_different_right_answer_passes(results, case):
    verdict = results(case.lesson)[key_of(case)]
    assert "error" not in verdict, f"{name_of(case)}: {verdict['error']}"
    for step in verdict["steps"]:
        assert step["state"] == OK, "\n".join(words.details(step["details"] or {}))


@pytest.mark.parametrize(
    "key",
    [
        later(strange_key(title), map(strange_key, FIRST_STRANGE))
        for title in STRANGE_ANSWERS
    ],
)
@pytest.mark.parametrize("name", LESSONS)
def test_no_check_stumbles_over_a_strange_answer(results, name, key):
    for step in results(name)[key]["steps"]:
        assert step["state"] != BROKEN, (
            f"step {step['number']}: {step['details']['error']}"
        )


@pytest.mark.parametrize("name", LESSONS)
def test_there_are_enough_cases(name):
    mistakes = [case for case in cases(name) if case.step]
    right = [case for case in cases(name) if not case.step]
    assert len(mistakes) >= FEWEST_MISTAKES, (
        f"checks/cases/{name}.toml: more known mistakes"
    )
    assert len(right) >= FEWEST_RIGHT, (
        f"checks/cases/{name}.toml: more different right answers"
    )
    assert {case.step for case in mistakes} >= {
        step.number for step in find(name).steps
    }, f"checks/cases/{name}.toml: every step deserves a known mistake"
    titles = [key_of(case) for case in cases(name)]
    assert len(titles) == len(set(titles)), (
        f"checks/cases/{name}.toml: a title stands twice"
    )

"""The red team: its files, what counts as wrong, and that nothing gets through."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from checks.engine.judging.verdict import BROKEN, NOT_YET, OK
from checks.engine.lessons import TOP, WorkbookError
from checks.engine.redteam import families, packing, running, telling, traces
from checks.engine.redteam.families import Family, Submission, honest
from checks.engine.redteam.traces import NAME, Trap, watched
from checks.engine.screen import Screen

ALL = families.families()
EACH = [each for family in ALL for each in family.submissions]
LESSON = "03_routes"
ROW = re.compile(r"^\| (`\w+`) \| (.+?) \| (\d+) \|", re.MULTILINE)


@pytest.fixture
def trap():
    trap = Trap()
    yield trap
    trap.close()


# What there is.


def test_there_are_families_enough_and_no_name_is_there_twice():
    assert len(EACH) >= 60 and len(ALL) >= 20
    for family in ALL:
        names = Counter(each.name for each in family.submissions)
        assert max(names.values()) == 1, family.name


def test_every_form_is_used_and_known():
    assert {each.form for each in EACH} == {*packing.FORMS}


def test_most_have_nothing_to_win_by_right():
    """A submission that deserves all could not show that something got through."""
    assert sum(each.honest == frozenset() for each in EACH) > 100


def test_the_readme_shows_the_families_as_they_are():
    text = (families.FOLDER / "README.md").read_text(encoding="utf-8")
    shown = text.partition("## The table")[2]
    rows = [f"| {' | '.join(cells)} |" for cells in ROW.findall(shown)]
    assert rows == telling.markdown(ALL)
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    assert (
        f"{len(EACH)} hostile and broken submissions in {len(ALL)} families" in readme
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 'x'", "'submission'"),
        ("title = 'x'\n[[submission]]\nname = 'a'\nlesson = '03_routes'", "'honest'"),
        ("title = 'x'\n[[submission]]\nnmae = 'a'", "nmae"),
        (
            "title = 'x'\n[[submission]]\nname = 'a'\nlesson = '03_routes'\n"
            "honest = []\nchange = { 'no such line' = '' }",
            "does not stand",
        ),
    ],
)
def test_a_file_that_nobody_understands_is_told(tmp_path, text, said):
    (tmp_path / "x.toml").write_text(text)
    with pytest.raises(WorkbookError, match=said):
        families.families(tmp_path)


def test_a_family_that_is_not_there_is_told():
    with pytest.raises(WorkbookError, match="There is no family 'no_such'; there are"):
        families.families(only=["no_such"])


# What counts as wrong.


def judged(**states):
    """Return what a gradebook has of one student, from states like ``s1=OK``."""
    steps = [{"number": int(s[1:]), "state": state} for s, state in states.items()]
    return {LESSON: SimpleNamespace(verdict={"steps": steps})}


@pytest.mark.parametrize(
    ("states", "wrong"),
    [
        ({"s1": OK, "s2": NOT_YET}, []),
        ({"s1": OK, "s2": OK}, ["given: ada: 3.2"]),
        ({"s1": NOT_YET, "s2": NOT_YET}, ["withheld: ada: 3.1"]),
        ({"s1": OK, "s2": BROKEN}, ["called our fault: ada: 3.2"]),
    ],
)
def test_a_point_more_or_less_is_seen(states, wrong):
    ada = Submission("ada", LESSON, frozenset({1}), {})
    outcome = running.Outcome(Family("x", "x", (ada,)))
    running.compare(outcome, [], {"ada": judged(**states)})
    assert outcome.wrong == wrong


def test_who_has_no_verdict_and_a_neighbour_who_loses_are_seen():
    outcome = running.Outcome(Family("x", "x", (Submission("ada", LESSON, None, {}),)))
    bea = Submission("bea", LESSON, frozenset({1}), {})
    running.compare(outcome, [bea], {"bea": judged(s1=NOT_YET)})
    assert outcome.wrong == ["withheld: bea: 3.1", "not judged: ada"]


def orphan():
    """Start a process that listens and goes on without its parent; return its number."""
    code = f"""
import os, socket, time
if os.fork() == 0:
    kept = socket.socket(socket.AF_UNIX)
    kept.bind("\\0{NAME}")
    print(os.getpid(), flush=True)
    time.sleep(600)
"""
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as run:
        return int(run.stdout.readline())


def test_what_is_left_behind_is_seen(tmp_path, trap, monkeypatch):
    monkeypatch.setattr(traces, "PATIENCE", 1.0)
    with watched(tmp_path, trap) as left:
        pid = orphan()
        (tmp_path / "kept").touch()
        trap.caught += 1
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    kinds = {each.split()[0] for each in left}
    assert kinds == {"process", "file", "socket", "a"}, left


def test_afterwards_nobody_is_adopted(tmp_path, trap):
    with watched(tmp_path, trap):
        pass
    pid = orphan()
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    os.kill(pid, signal.SIGKILL)
    assert int(told[1]) != os.getpid()


def test_an_honest_class_leaves_nothing(needs_cage, trap):
    family = Family("x", "x", (honest(LESSON),))
    outcome = running.one(family, trap)
    assert outcome.wrong == [] and "1 judged now" in outcome.said
    assert telling.row(outcome).split()[-4:-2] == ["1", "0"]


# What gets through.


def quick():
    """Return a family of those that take no time: the first of each file that has any."""
    found = [[e for e in family.submissions if e.quick][:1] for family in ALL]
    return Family(
        "quick", "one of each", tuple(each for some in found for each in some)
    )


def test_of_the_quick_ones_nothing_gets_through(needs_cage):
    family = quick()
    assert len(family.submissions) >= 12
    (outcome,) = running.attack([family], timed=False)
    assert outcome.wrong == [], outcome.said


@pytest.mark.long
@pytest.mark.parametrize("family", ALL, ids=lambda family: family.name)
def test_nothing_gets_through(needs_cage, family):
    (outcome,) = running.attack([family], timed=False)
    assert outcome.wrong == [], outcome.said


def test_the_end_tells_every_single_thing(monkeypatch):
    monkeypatch.setenv("COLUMNS", "88")
    outcome = running.Outcome(Family("x", "all of it", tuple(EACH[:3])))
    outcome.neighbours = 1
    assert telling.end([outcome], Screen()) == [
        "3 submissions in 1 family: nothing got through; "
        "1 honest neighbour got full marks."
    ]
    (more,) = telling.end([outcome] * 2, Screen())
    assert "6 submissions in 2 families" in more and "2 honest neighbours" in more
    outcome.given.append("ada: 3.2")
    *told, last = telling.end([outcome], Screen())
    assert told == ["  x: given: ada: 3.2"] and "1 undeserved" in last
    assert "honest" not in last


def test_who_is_in_a_family_is_told_and_acts_on_no_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    ada = Submission("a\x1b[31mda", LESSON, None, {})
    lines = telling.names(Family("x", "x", (ada, *EACH[:12])), Screen())
    assert lines[0].startswith("    a?[31mda; ") and EACH[11].name in lines[-1]
    assert max(map(len, lines)) <= 60

"""The sample class: ten submissions with known marks, graded as the README says."""

import csv
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from checks.engine.grading.gradebook import Gradebook, beside
from checks.engine.judging.unseen import Unseen
from checks.engine.lessons import SOLUTIONS, TOP
from checks.engine.menu import parse
from checks.engine.tests.test_class import totals

SAMPLE = Path(__file__).with_name("sample_class")
MARKS = {
    "ada": "6",  # all of it, in her own words
    "bea": "2",  # half of it
    "cleo": "0",  # as it came
    "dora": "3",  # ends its own process in step 4, and in the hidden check
    "edda": "5",  # never answers in step 2
    "finn": "6",  # the published solution
    "hollygreta": "6",  # by `make submit`, through Canvas
    "iris": "3",  # a bare repository, without step 4
    "ivyhanna": "6",  # late, says Canvas
    "mallory": "0",  # patches pytest, equals everything, ships a conftest.py
}
SECONDS = 180


def run(*words, folder=TOP, **env):
    """Run a command from the top of the workbook; return what it printed."""
    known = {k: v for k, v in os.environ.items() if not k.startswith("WORKBOOK_")}
    env = {**known, "WORKBOOK_SETUP": "no", "COLUMNS": "88", "NO_COLOR": "1", **env}
    done = subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, timeout=SECONDS
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def readme_commands():
    """Return the five commands of the README that lead from submissions to marks."""
    text = (TOP / "README.md").read_text(encoding="utf-8")
    block = re.search(r"in five commands.+?```console\n(.+?)```", text, re.DOTALL)[1]
    return [line.removeprefix("$ ") for line in block.splitlines()]


@pytest.fixture(scope="module")
def week(needs_cage, tmp_path_factory):
    """Do as the README says, in a place of its own; return folder and all that was printed."""
    top = tmp_path_factory.mktemp("term")
    printed = []
    for line in readme_commands():
        words = shlex.split(line.replace("../week3", f"{top}/week3"))
        if words[0] == "make":
            words.append(f"PYTHON={sys.executable}")
        printed.append(run(*words))
    return top / "week3", printed


def test_the_readme_has_five_commands():
    assert len(readme_commands()) == 5


def test_the_marks_are_the_known_ones(week):
    assert totals(week[1][1]) == MARKS


@pytest.mark.parametrize(
    "said",
    [
        "dora: ended its own process in 3.4, 3.5",
        "edda: gave no answer in time in 3.2",
        "finn: the same as the published solution: 03_routes",
        "ivyhanna: Canvas marks it as late",
        "mallory: not taken: lessons/03_routes/conftest.py (it says how tests run)",
    ],
)
def test_who_needs_a_look_is_told_and_nobody_else(week, said):
    text = week[1][1]
    looks = text[text.index("Who needs a look:") :].split("\n\n")[0]
    assert said in looks and len(looks.splitlines()) == 6


def test_the_word_of_the_teacher_counts_afterwards(week):
    assert totals(week[1][3]) == {**MARKS, "bea": "3"}
    assert "0 judged now, 10 had nothing new" in week[1][3]


def test_canvas_gets_a_line_for_everybody(week):
    text = (week[0].with_name("week3.report") / "canvas.csv").read_text()
    rows = [*csv.reader(io.StringIO(text))]
    assert rows[0][:3] == ["Student", "ID", "SIS User ID"]
    told = {row[0]: (row[1], row[2], row[5]) for row in rows[2:]}
    assert told["Bea Birch"] == ("", "1002", "3") and len(told) == 10
    assert told["Hanna Ivy"] == ("1008", "1008", "6")


def test_the_sample_of_the_solution_is_the_solution():
    mine = SAMPLE / "finn" / "lessons" / "03_routes"
    for file in mine.iterdir():
        assert file.read_bytes() == (SOLUTIONS / "03_routes" / file.name).read_bytes()


@pytest.mark.long
def test_parts_give_the_marks_of_the_whole_class(needs_cage, tmp_path):
    folder = shutil.copytree(SAMPLE, tmp_path / "week3")
    engine = (sys.executable, "-m", "checks.engine")
    for number in (1, 2):
        words = ("check", "--class", str(folder), "--shard", f"{number}/2")
        assert f"Part {number}/2" in run(*engine, *words, WORKBOOK_SEED="s" * 20)
    merge = (*engine, "grade-merge", "--class", str(folder))
    assert "2 parts joined, with 10 students" in run(*merge)
    told = run(*engine, "check", "--class", str(folder))
    assert totals(told) == MARKS and "0 judged now, 10 had nothing new" in told
    book = Gradebook(beside(folder))
    assert book.seed == "s" * 20
    book.close()


def test_the_page_on_grading_quotes_the_hidden_check():
    page = (TOP / "checks" / "GRADING.md").read_text(encoding="utf-8")
    quoted = re.search(r"```python\n(.+?)```", page, re.DOTALL)[1]
    assert quoted == (SAMPLE / "hidden" / "test_03_routes.py").read_text()


def test_the_workflow_is_yaml_and_its_commands_are_ours():
    page = (TOP / "checks" / "GRADING.md").read_text(encoding="utf-8")
    told = yaml.safe_load(re.search(r"```yaml\n(.+?)```", page, re.DOTALL)[1])
    steps = [step for job in told["jobs"].values() for step in job["steps"]]
    lines = [step["run"] for step in steps if "run" in step]
    ours = [line.replace("${{ matrix.part }}", "1") for line in lines if "make" in line]
    found = []
    for line in ours:
        alone = ("make", "--no-print-directory", "-n")  # this test runs inside of make
        printed = run(*alone, *shlex.split(line)[1:], "PYTHON=python3")
        words = shlex.split(printed.splitlines()[-1])
        args = parse(words[words.index("checks.engine") + 1 :])
        found.append((args.command.name, args.class_))
        assert getattr(args, "shard", None) in (None, "1/4")
    names = [("check", "week3"), ("grade-merge", "week3"), ("check", "week3")]
    assert found == names
    assert all(step.get("uses", "actions/").startswith("actions/") for step in steps)


def test_the_page_on_grading_names_all_that_unseen_gives():
    page = (TOP / "checks" / "GRADING.md").read_text(encoding="utf-8")
    given = [name for name in vars(Unseen) if not name.startswith("_")]
    assert given and all(f"`unseen.{name}(" in page for name in given)

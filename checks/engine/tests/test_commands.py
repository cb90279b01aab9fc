"""Every word that a person may type gets what was meant, or a sentence and a code."""

import ast
import json
import os
import pty
import shutil
import subprocess
import sys

import pytest

from checks.engine.lessons import TOP
from checks.engine.tests.small import SOLVED

MAIN = TOP / "checks" / "engine" / "__main__.py"


def test_a_fresh_workbook_says_where_to_start(untouched):
    done = untouched.run("check")
    assert done.code == 1
    assert "Nothing is done yet" in done.out and "make lesson 1" in done.out


@pytest.mark.parametrize(
    "word", ["2", "02", "url_for", "02_url_for", "lessons/02_url_for/"]
)
def test_a_lesson_has_several_names(untouched, word):
    done = untouched.run("check", word)
    assert done.code == 1 and "Lesson 2 · Url_for" in done.out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["check", "99"], "There is no lesson '99'; lessons run 1 to 3."),
        (["lesson", "abc"], "There is no lesson 'abc'"),
        (["lesson", "-5"], "There is no lesson '-5'"),
        (["hint", "3", "4"], "One lesson at a time, not '3 4'"),
        (["check", ""], "There is no lesson ''"),
        (["leson", "3"], "There is no command 'leson'. Did you mean lesson?"),
        (["check", "1", "--steps", "9"], "Lesson 1 has no step 9"),
        (["check", "1", "--steps", "one"], "--steps takes numbers"),
        (["check", "--steps", "2"], "Steps of which lesson?"),
        (["check", "--root", "nowhere"], "There is no folder nowhere"),
        (["check", "1", "--colour"], "'--colour' means nothing here"),
        (["hint", "1", "--step", "x"], "invalid int value: 'x'"),
        (["hint", "1", "--step", "9"], "no hints for a step 9"),
        (["reset"], "Which lesson?"),
        (["undo"], "There is no backup"),
        (["progress", "3"], "'3' means nothing here"),
    ],
)
def test_words_that_mean_nothing_get_a_sentence(untouched, words, sentence):
    done = untouched.run(*words)
    assert sentence in done.err and done.code == 2
    assert done.out == "" and "Traceback" not in done.err


@pytest.mark.parametrize(
    ("left", "repair"),
    [("no folder", "lessons"), ("no README", "'lessons/*/README.md'")],
)
def test_without_any_lesson_every_command_says_how_they_come_back(
    workbook, left, repair
):
    if left == "no folder":
        shutil.rmtree(workbook.top / "lessons")
    for readme in workbook.top.glob("lessons/*/README.md"):
        readme.unlink()
    for words in (["check"], ["check", "1"], ["lesson"], ["progress"], []):
        done = workbook.run(*words)
        assert f"`git checkout -- {repair}` brings them back" in done.err
        assert done.code == 2


def test_the_exit_code_tells_whose_turn_it_is(workbook):
    assert workbook.run("check", "1").code == 1
    assert workbook.run("check", "1", "--root", "solutions").code == 0
    workbook.write("checks/test_01_hello.py", "import nothing_of_that_name\n")
    broken = workbook.run("check", "1")
    assert broken.code == 3 and "not your fault" in broken.err
    assert "nothing_of_that_name" in broken.err and "WORKBOOK_DEBUG=1" in broken.err
    assert "Traceback" in workbook.run("check", "1", WORKBOOK_DEBUG="1").err


def test_check_without_a_number_judges_what_was_touched(workbook):
    workbook.write("lessons/01_hello/app.py", SOLVED)
    workbook.write("lessons/03_forms/app.py", SOLVED.replace("My own", "Given"))
    done = workbook.run("check")
    rows = done.out.split("\n\n")[0].splitlines()
    assert [row.split("  ")[-1][-6:] for row in rows] == ["2 of 2", "0 of 2", "1 of 2"]
    assert "Lesson 2 · Url_for" in done.out and "make hint 2" in done.out
    assert done.code == 1


def test_check_can_judge_the_solutions(untouched):
    done = untouched.run("check", "--root", "solutions")
    assert done.code == 0 and done.out.count("2 of 2") == 3
    assert not (untouched.top / ".untouched" / "progress.json").exists()


def test_a_verdict_is_also_data(untouched):
    verdict = json.loads(untouched.run("check", "1", "--json").out)
    assert [step["state"] for step in verdict["steps"]] == ["not yet", "not yet"]
    every = json.loads(untouched.run("check", "--root", "solutions", "--json").out)
    assert [v["lesson"] for v in every] == ["01_hello", "02_url_for", "03_forms"]


def test_only_some_steps_can_be_judged(workbook):
    workbook.write("lessons/01_hello/app.py", SOLVED.replace("hello", "bye"))
    assert workbook.run("check", "1", "--steps", "2").code == 0
    assert workbook.run("check", "1", "--steps", "1,2").code == 1


def test_a_done_lesson_names_the_next(workbook):
    workbook.write("lessons/01_hello/app.py", SOLVED)
    assert "make lesson 2" in workbook.run("check", "1").out
    workbook.write("lessons/03_forms/app.py", SOLVED)
    assert "the last lesson" in workbook.run("check", "3").out


def test_a_file_too_big_to_read_costs_a_sentence(workbook):
    with open(workbook.top / "lessons/01_hello/big.bin", "wb") as big:
        big.truncate(2**40)  # a hole, which takes no place on the disk
    done = workbook.run("check", "1")
    assert done.code == 2 and "more than" in done.err


def test_a_folder_that_cannot_be_read_is_told(workbook):
    # Not even root can open a place whose path has more than 4096 letters.
    folder = os.open(workbook.top / "lessons/01_hello", os.O_RDONLY)
    for _ in range(20):
        os.mkdir("x" * 250, dir_fd=folder)
        above, folder = folder, os.open("x" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(above)
    os.close(folder)
    done = workbook.run("check", "1")
    assert done.code == 2 and "cannot be read: File name too long" in done.err


def test_help_lists_every_command(untouched):
    done = untouched.run("--help")
    assert done.code == 0
    for name in ("lesson", "check", "undo", "doctor", "test-all"):
        assert name in done.out


def test_the_menu_names_commands_and_lessons(untouched):
    done = untouched.make()
    assert done.code == 0
    for text in ("make lesson N", "make undo", "make notebooks", "Hello", "to do"):
        assert text in done.out


@pytest.mark.parametrize("words", [["2"], ["N=2"], ["02_url_for"]])
def test_make_hands_words_on(untouched, words):
    done = untouched.make("check", *words)
    assert "Lesson 2 ·" in done.out and "Nothing to be done" not in done.out
    assert "No rule" not in done.err and done.code == 2


def test_make_hands_on_a_root(untouched):
    assert untouched.make("check", "1", "ROOT=solutions").code == 0


def test_make_refuses_a_typo_and_a_second_lesson(untouched):
    typo = untouched.make("leson", "3")
    assert "No rule to make target" in typo.err and typo.code == 2
    two = untouched.make("hint", "1", "2")
    assert "One lesson at a time" in two.err and two.code == 2


def test_make_quotes_what_it_hands_on(untouched):
    done = untouched.make("hint", "it's")
    assert 'There is no lesson "it\'s"' in done.err


def test_make_runs_a_second_goal_that_exists(untouched):
    done = untouched.make("progress", "doctor", "-n")
    assert "checks.engine progress" in done.out and "checks.engine doctor" in done.out


def test_the_makefile_is_a_menu():
    lines = (TOP / "Makefile").read_text().splitlines()
    assert len(lines) <= 80, "the Makefile is a menu, not a program"


def test_an_old_python_can_read_the_first_file():
    tree = ast.parse(MAIN.read_text(encoding="utf-8"), feature_version=(3, 6))
    outside = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    assert {name.name for node in outside for name in node.names} == {"os", "sys"}
    assert not any(isinstance(node, ast.NamedExpr) for node in ast.walk(tree))


PRETEND = """
import runpy, sys
sys.version_info = (3, 8, 18)
sys.argv = ["checks.engine", "check", "1"]
runpy.run_module("checks.engine", run_name="__main__")
"""


def test_an_old_python_without_a_newer_one_is_told(untouched, tmp_path):
    done = untouched.command(sys.executable, "-c", PRETEND, PATH=str(tmp_path))
    assert done.code == 2
    assert "needs Python 3.11 or newer; this is Python 3.8" in done.err


def test_an_old_python_goes_on_with_a_newer_one(untouched, tmp_path):
    liar = tmp_path / "python3.14"
    liar.write_text("#!/bin/sh\nexit 1\n")
    newer = tmp_path / "python3.12"
    newer.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    liar.chmod(0o755)
    newer.chmod(0o755)
    path = f"{tmp_path}:/usr/bin:/bin"
    done = untouched.command(sys.executable, "-c", PRETEND, PATH=path)
    assert done.code == 1 and "Lesson 1 · Hello" in done.out


def test_plain_letters_where_utf8_is_off(untouched):
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    for words in (["check", "1"], [], ["hint", "1"], ["progress"], ["doctor"]):
        done = untouched.run(*words, **plain)
        assert done.out.isascii() and done.code in (0, 1)


def test_sixty_columns_are_enough(untouched):
    for words in (["check", "1"], [], ["hint", "1", "--step", "1"], ["progress"]):
        lines = untouched.run(*words, COLUMNS="60").out.splitlines()
        assert max(map(len, lines)) <= 60


def on_a_terminal(workbook, *words, **env):
    """Return what a command sends to a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "checks.engine", *words],
        cwd=workbook.top,
        env=workbook.environment(TERM="xterm", **env),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when nobody holds the other end any more
            piece = b""
        if not piece:
            break
        seen += piece
    os.close(ours)
    process.wait()
    return seen.decode()


def test_colour_only_on_a_terminal_and_without_no_color(untouched):
    assert "\033[" in on_a_terminal(untouched, "solution", "1")
    assert "\033[" not in on_a_terminal(untouched, "solution", "1", NO_COLOR="1")
    assert "\033[" not in untouched.run("solution", "1").out


def test_a_reader_that_leaves_is_no_error(untouched):
    command = f'"{sys.executable}" -m checks.engine solution 1 | true'
    done = untouched.command("/bin/sh", "-c", command)
    assert done.err == ""


def test_doctor_finds_what_is_wrong(workbook):
    assert workbook.run("doctor").code == 0
    workbook.write("checks/starters.sha256", "0" * 64 + "  01_hello/app.py\n")
    done = workbook.run("doctor")
    assert done.code == 2 and "wrong" in done.out and "01_hello/app.py" in done.out


def test_clean_leaves_what_is_the_learners(workbook):
    workbook.write("lessons/01_hello/app.py", SOLVED)
    workbook.write("lessons/01_hello/__pycache__/mine.txt", "mine")
    workbook.run("check", "1")
    workbook.run("reset", "1")
    workbook.write(".venv/pyvenv.cfg", "")
    done = workbook.run("clean")
    assert done.code == 0
    state = workbook.top / ".workbook"
    assert not (workbook.top / ".venv").exists() and not (state / "starters").exists()
    assert (state / "progress.json").is_file() and list((state / "backups").iterdir())
    assert workbook.read("lessons/01_hello/__pycache__/mine.txt") == "mine"


SWALLOWED = """
import os, signal
from checks.engine import __main__ as commands

class Finalized:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

commands.INSIST = 1
commands.stop_with_the_terminal()
Finalized()  # Python tells what is raised in there, and goes on
print("goes on")
try:
    while True:
        signal.pause()
except KeyboardInterrupt:
    print("ended")
"""


def test_an_end_that_was_swallowed_is_asked_for_again():
    done = subprocess.run(
        [sys.executable, "-c", SWALLOWED], cwd=TOP, capture_output=True, text=True
    )
    assert (done.stderr, done.stdout) == ("", "goes on\nended\n")

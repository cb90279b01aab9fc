"""Ruff, as an ordinary test: the same rules for lessons, checks, engine and notebooks."""

import subprocess
import sys

import pytest

from checks.engine.lessons import TOP

RUFF = [sys.executable, "-m", "ruff"]
# lessons/ belongs to the learner; its starters are linted where they are pristine.
PLACES = ["checks", "solutions", "notebooks"]


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_ruff_has_nothing_to_say(command):
    result = subprocess.run(
        [*RUFF, *command, "--no-cache", *PLACES],
        cwd=TOP,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr

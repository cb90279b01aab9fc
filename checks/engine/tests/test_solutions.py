"""The solutions' own tests pass, as a learner runs them in a lesson's folder."""

import os
import shutil
import subprocess
import sys

import pytest

from checks.engine.lessons import SOLUTIONS

*EARLIER, LAST = sorted(f.parent.name for f in SOLUTIONS.glob("*/pytest.ini"))
TESTED = [*(pytest.param(name, marks=pytest.mark.long) for name in EARLIER), LAST]


@pytest.mark.parametrize("name", TESTED)
def test_the_tests_of_a_solution_pass(name, tmp_path):
    folder = tmp_path / name
    shutil.copytree(SOLUTIONS / name, folder)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    kept = [path.name for path in folder.glob("instance/**/*")]
    assert not kept, "a test leaves nothing among the real posts and pictures"

"""A fresh clone, on every Python that this machine has: the two commands, and no more."""

import os
import shutil
import subprocess
import sys
from functools import partial

import pytest

from checks.engine.lessons import TOP

pytestmark = pytest.mark.long
NAMES = ["python3.11", "python3.12", "python3.13", "python3.14"]


def pythons():
    """Return the Pythons that start, by version."""
    found = {}
    for name in NAMES:
        path = shutil.which(name)
        if (
            path
            and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0
        ):
            found[name] = path
    return found


@pytest.fixture
def clone(tmp_path):
    """What git has committed, in a folder with a space in its name."""
    folder = tmp_path / "the workbook"
    subprocess.run(["git", "clone", "--quiet", str(TOP), str(folder)], check=True)
    return folder


def make(clone, *words, path=None, **more):
    """Run make in the clone, in an environment that knows nothing of this one's."""
    kept = {"VIRTUAL_ENV", "PYTHONPATH", "PYTEST_DISABLE_PLUGIN_AUTOLOAD", "MAKEFLAGS"}
    environ = {name: value for name, value in os.environ.items() if name not in kept}
    environ = {
        n: v for n, v in environ.items() if not n.startswith(("WORKBOOK_", "MAKE"))
    }
    return subprocess.run(
        ["make", *words],
        cwd=clone,
        capture_output=True,
        text=True,
        env={**environ, "PATH": path or environ["PATH"], **more},
        stdin=subprocess.DEVNULL,
    )


def without_uv():
    """Return the search path without the folders in which uv lies."""
    folders = os.environ["PATH"].split(os.pathsep)
    return os.pathsep.join(
        f for f in folders if not os.path.exists(os.path.join(f, "uv"))
    )


@pytest.mark.parametrize("name", pythons())
def test_the_solutions_pass_on_this_python(clone, name):
    result = make(clone, "check", "ROOT=solutions", f"PYTHON={pythons()[name]}")
    assert result.returncode == 0, result.stdout + result.stderr
    again = make(clone, "check", f"PYTHON={pythons()[name]}")
    assert again.returncode == 2
    assert "make lesson 1" in again.stdout + again.stderr


def test_pip_sets_up_where_there_is_no_uv(clone):
    result = make(clone, "check", "1", "ROOT=solutions", path=without_uv())
    assert result.returncode == 0, result.stdout + result.stderr
    assert "pip" in result.stdout + result.stderr


def test_a_search_path_of_ones_own_does_no_harm(clone, tmp_path):
    tmp_path.joinpath("flask.py").write_text("raise SystemExit('the wrong flask')")
    result = make(clone, "check", "1", "ROOT=solutions", PYTHONPATH=str(tmp_path))
    assert result.returncode == 0, result.stdout + result.stderr


# `make test` runs the notebooks on the Python that it runs on itself.
OTHERS = [name for name in pythons() if name != "python{}.{}".format(*sys.version_info)]


@pytest.mark.parametrize("name", OTHERS or pythons())
def test_the_notebooks_give_their_outputs_on_this_python(clone, name):
    kept = {n: v for n, v in os.environ.items() if not n.startswith("WORKBOOK_")}
    run = partial(subprocess.run, cwd=clone, env=kept, capture_output=True, text=True)
    ensure = "from checks.engine import setup; setup.ensure('all', print)"
    done = run([pythons()[name], "-c", ensure])
    assert done.returncode == 0, done.stdout + done.stderr
    words = ["notebooks", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=600"]
    words += ["-q", "-p", "no:cacheprovider", "-n", "2", "--dist=loadfile"]
    done = run([clone / ".venv" / "bin" / "python", "-m", "pytest", *words])
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr

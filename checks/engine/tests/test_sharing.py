"""The tests themselves: shared by several processes, and no gap looks green."""

import os
import subprocess
import sys
from argparse import Namespace
from types import SimpleNamespace

import pytest

from checks.engine import keeping
from checks.engine.judging import pool
from checks.engine.lessons import TOP
from checks.engine.tests.sharing import group_of, turn_of

HERE = "checks/engine/tests"
CONTENT = f"{HERE}/test_content.py"
BOOK = "notebooks/03_routes.ipynb"
BROWSER = f"{HERE}/test_browser.py::test_the_theme"
NOTEBOOKS = f"{HERE}/test_fresh_clone.py::test_the_notebooks_give_their_outputs"
CONFTEST = "from checks.engine.tests.conftest import *  # noqa: F403\n"
TWO = """
import pytest

def test_one():
    pytest.skip("no such program")

def test_two():
    pass
"""


@pytest.mark.parametrize(
    ("nodeid", "group"),
    [
        (f"{HERE}/test_watch.py::test_a[07_templates]", f"{HERE}/test_watch.py"),
        (f"{BOOK}::Cell 3", BOOK),
        (f"{CONTENT}::test_the_solution[03_routes-solution]", "03_routes"),
        (f"{CONTENT}::test_a_known_mistake[03_routes: a [b] @ c]", "03_routes"),
        (f"{CONTENT}::test_no_check_stumbles[03_routes-strange: nothing]", "03_routes"),
        (BROWSER, BROWSER),
        (f"{NOTEBOOKS}[python3.12]", "test_fresh_clone.py::test_the_notebooks"),
    ],
)
def test_what_shares_something_stays_together(nodeid, group):
    assert group_of(nodeid) == group


def test_the_short_ones_are_left_for_the_end():
    early, late = "notebooks/01_hello.ipynb::Cell 0", "notebooks/31_proxy.ipynb::Cell 0"
    started = f"{CONTENT}::test_b[02_debug-starter]"
    solved = f"{CONTENT}::test_b[31_proxy-solution]"
    items = [
        SimpleNamespace(nodeid=nodeid, path=TOP / nodeid.partition("::")[0])
        for nodeid in (early, started, BROWSER, late, solved)
    ]
    order = [item.nodeid for item in sorted(items, key=turn_of)]
    assert order == [BROWSER, solved, started, late, early]


@pytest.fixture
def words(monkeypatch):
    """Return a function: the words with which a command runs pytest on so many cores."""
    told = []
    monkeypatch.setattr(keeping, "become", lambda *words: told.extend(words))

    def run(command, cores, **environ):
        told.clear()
        monkeypatch.setattr(pool, "cores", lambda: cores)
        monkeypatch.delenv("WORKBOOK_NO_REPEATS", raising=False)
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        command(Namespace(words=["one"], more=["-x"]))
        return " ".join(told)

    return run


@pytest.mark.parametrize(("cores", "count"), [(2, 3), (3, 4), (64, 4)])
def test_one_process_more_than_cores(words, cores, count):
    assert f" -n {count} --dist=loadscope" in words(keeping.test, cores)


def test_one_core_has_nobody_to_share_with(words):
    assert " -n " not in words(keeping.test, 1)


def test_what_was_just_proven_is_not_repeated_where_ci_says_so(words):
    assert words(keeping.test, 2).endswith("-m not long one -x")
    assert " -m " not in words(keeping.test_all, 2).removeprefix("-m ")
    rest = words(keeping.test_all, 2, WORKBOOK_NO_REPEATS="1")
    assert rest.endswith("-m long one -x")


@pytest.mark.parametrize(
    ("count", "forbidden", "code"), [("0", "1", 1), ("2", "1", 1), ("2", "", 0)]
)
def test_a_skip_is_named_and_is_a_failure_where_it_is_forbidden(
    tmp_path, count, forbidden, code
):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_two.py").write_text(TWO)
    command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:nbval", "-n", count]
    command += ["-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [*command, "--dist=loadscope", str(tmp_path)],
        cwd=TOP,
        env={**os.environ, "WORKBOOK_NO_SKIPS": forbidden},
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "1 passed, 1 skipped" in done.stdout and "no such program" in done.stdout
    assert ("skips are forbidden" in done.stdout) == bool(forbidden)

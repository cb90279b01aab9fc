"""pytest as a plain Flask project has it: the other side of the benchmarks.

A plugin with fixtures of the names that checks ask for. The learner's app is imported into
the process that judges it: no process of its own, no cage, no diagnosis.
"""

import ast
import contextlib
import importlib
import os
import shutil
import subprocess
import sys
import types
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from checks.engine.judging.unseen import Unseen, posts_file

SERVERS = "server"  # the fixture of checks that start a real server


def command(check: Path, code: Path, folder: Path) -> list[str]:
    """Return the command that runs a lesson's checks, typed in the workbook's top folder.

    Copies of the file of checks and of the lesson's folder are put into the last folder.
    """
    code = shutil.copytree(code, folder / "code")
    check = shutil.copy(check, folder)  # out of reach of the workbook's own conftest.py
    words = [sys.executable, "-m", "pytest", "-q", "--disable-plugin-autoload"]
    return [*words, "-p", __name__, "--code", str(code), str(check)]


def pytest_addoption(parser):
    parser.addoption("--code", help="the folder of the learner's lesson")


def pytest_configure(config):
    config.addinivalue_line("markers", "step(number): the step that a check belongs to")
    sys.path.insert(0, config.getoption("--code"))


def pytest_collection_modifyitems(items):
    """Leave out the steps with a server, of which the other side's time is taken off."""
    left_out = {step_of(item) for item in items if SERVERS in item.fixturenames}
    items[:] = [item for item in items if step_of(item) not in left_out]


def step_of(item: pytest.Item) -> int:
    """Return the step that a check belongs to."""
    return item.get_closest_marker("step").args[0]


@pytest.fixture
def code(pytestconfig) -> Path:
    return Path(pytestconfig.getoption("--code"))


@pytest.fixture
def app():
    return found()


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def make_app(code):
    def make(posts=None):
        with imported_anew(code, posts):
            return found()

    return make


@pytest.fixture
def python(code):
    def run(snippet):
        tree = ast.parse(snippet)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        names: dict = {}
        apart = (imported_anew(code), contextlib.chdir(code), warnings.catch_warnings())
        with apart[0], apart[1], apart[2]:
            exec(compile(tree, "<snippet>", "exec"), names)
            expression = last and compile(
                ast.Expression(last.value), "<snippet>", "eval"
            )
            return eval(expression, names) if expression else None

    return run


@pytest.fixture
def cli(code, tmp_path):
    def run(*words, posts=None):
        copy = shutil.copytree(code, tmp_path / "copy")
        if posts is not None:
            (copy / "posts.py").write_bytes(posts_file(posts))
        words = [sys.executable, *words[1:]]
        done = subprocess.run(words, cwd=copy, capture_output=True, text=True)
        return types.SimpleNamespace(exit_code=done.returncode, stdout=done.stdout)

    return run


@pytest.fixture
def unseen(request) -> Unseen:
    return Unseen(request.node.originalname)


def found():
    """Return the app as `flask run` finds it, with its routes as the checks ask for them."""
    from flask.cli import find_best_app

    app = find_best_app(importlib.import_module("app"))
    app.routes = [
        {"rule": rule.rule, "view": rule.endpoint} for rule in app.url_map.iter_rules()
    ]
    return app


@contextlib.contextmanager
def imported_anew(code: Path, posts: list[dict] | None = None) -> Iterator[None]:
    """Have the learner's modules imported once more, with other posts if any are given."""
    before = {name: sys.modules.pop(name) for name in of(code)}
    if posts is not None:
        module = types.ModuleType("posts")
        module.__file__ = os.path.join(code, "posts.py")
        exec(posts_file(posts), vars(module))
        sys.modules["posts"] = module
    try:
        yield
    finally:
        for name in of(code):
            del sys.modules[name]
        sys.modules.update(before)


def of(code: Path) -> list[str]:
    """Return the names of the modules that come from a folder."""
    files = {
        name: getattr(each, "__file__", None) for name, each in sys.modules.items()
    }
    return [
        n for n, file in files.items() if (file or "").startswith(f"{code}{os.sep}")
    ]

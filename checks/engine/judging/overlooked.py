"""Tests that say less than they seem to: only a look at them tells why."""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

Found = Iterator[tuple[ast.AST, str]]
MOST = 3
# What a test printed when it failed, and what that means.
MEANINGS = {
    r"fixture '(app|client|runner)' not found": (
        "every test finds what stands in tests/conftest.py, below @pytest.fixture"
    ),
    r"'NoneType' object has no attribute '(get|post|invoke|config)'": (
        "a fixture without return gives None"
    ),
    r"ScopeMismatch": (
        "without scope=, a fixture is made for each test alone, as it should be here"
    ),
    r"assert None [!=]= None|'NoneType' object .*'(startswith|endswith|split)'": (
        "response.location is None where nothing was redirected: which status came?"
    ),
    r"Cannot nest client invocations": (
        "the fixture has entered it already: `with client:` would be the second time"
    ),
    r"assert 30[1238] ==": (
        "the client stops at a redirect; follow_redirects=True makes it go on"
    ),
    r"a bytes-like object is required, not 'str'": (
        "response.data is bytes, response.text is text"
    ),
    r"Working outside of application context": (
        "a test has no app at work by itself: `with app.app_context():` gives it one"
    ),
    r"no answer within|computing time": (
        "does one of your tests wait for something that never comes?"
    ),
}


def meanings(said: str) -> list[str]:
    """Return what the failure of a learner's own test means, as far as is known."""
    return [told for pattern, told in MEANINGS.items() if re.search(pattern, said)]


def find(files: Mapping[str, bytes]) -> list[dict]:
    """Return what pytest passes over: ``{"file", "line", "source", "slip"}``."""
    found = []
    for file, content in sorted(files.items()):
        text = content.decode("utf-8", "replace")
        if not file.startswith("tests/") or not file.endswith(".py"):
            continue
        try:
            with warnings.catch_warnings(action="ignore"):
                tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError):
            continue
        lines = text.splitlines()
        for node, said in looks(file, tree):
            spot = {"file": file, "line": node.lineno}
            source = lines[node.lineno - 1].strip()[:200]
            found.append({**spot, "source": source, "slip": said})
    return found[:MOST]


def looks(file: str, tree: ast.Module) -> Found:
    """Look at a file in every way."""
    yield from outside(file, tree)
    yield from twice(tree)
    yield from always_true(tree)
    yield from returned(tree)


def outside(file: str, tree: ast.Module) -> Found:
    """Find functions that assert something and that nobody calls."""
    name = PurePosixPath(file).name
    read = name.startswith("test_") or name.endswith("_test.py")
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.decorator_list:
            continue
        if not any(isinstance(inner, ast.Assert) for inner in ast.walk(node)):
            continue
        if not read and name != "conftest.py" and node.name.startswith("test"):
            yield node, "pytest looks into files called test_….py only"
        elif read and node.name not in used and not node.name.startswith("test"):
            yield node, "pytest runs what is called test_…: nobody runs this one"


def twice(tree: ast.Module) -> Found:
    """Find tests whose name is given to another one below."""
    for body in [
        tree.body,
        *(n.body for n in tree.body if isinstance(n, ast.ClassDef)),
    ]:
        last = {}
        for node in body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                if node.name in last:
                    said = f"line {node.lineno} has a test of the same name: "
                    yield last[node.name], said + "only that one runs"
                last[node.name] = node


def always_true(tree: ast.Module) -> Found:
    """Find asserts that hold whatever the blog does."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assert):
            continue
        if isinstance(node.test, ast.Tuple) and node.test.elts:
            yield node, "in brackets, this is a tuple: a tuple of two is always true"
        elif isinstance(node.test, ast.Name) and "response" in node.test.id:
            yield node, "there is always a response: what should it be like?"


def returned(tree: ast.Module) -> Found:
    """Find tests that return what they should assert."""
    for test in ast.walk(tree):
        if not isinstance(test, ast.FunctionDef) or not test.name.startswith("test"):
            continue
        inside = [*ast.walk(test)]
        if any(isinstance(node, ast.Assert) for node in inside):
            continue
        for node in inside:
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Compare):
                yield node, "pytest looks at assert only, not at what a test returns"

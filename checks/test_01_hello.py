"""Lesson 1, Hello: does the blog greet you under its own name, started either way?"""

import pytest
from packaging.requirements import InvalidRequirement, Requirement

from checks.pages import texts

GREETING = "Hello, World!"


@pytest.mark.step(1)
def test_the_home_page_greets(client):
    response = client.get("/")
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert GREETING in response.text


@pytest.mark.step(2)
def test_one_heading_holds_a_name_of_your_own(client):
    names = texts(client.get("/").text, "h1")
    assert len(names) == 1, "the page should have exactly one <h1>, the blog's name"
    assert names[0] not in ("", "A blog without a name")


@pytest.mark.step(2)
def test_the_heading_is_the_name(client, python):
    """the heading is what BLOG_NAME holds"""
    names = texts(client.get("/").text, "h1")
    assert names == [python("import app; app.BLOG_NAME")]


@pytest.mark.step(3)
def test_python_serves_the_page(server):
    """`python app.py` serves the page"""
    response = server("python", "app.py").get("/")
    assert response.status_code == 200


@pytest.mark.step(3)
def test_importing_app_starts_nothing(python):
    assert python("import app; app.__name__") == "app"


@pytest.mark.step(4)
def test_every_line_pins_one_package(python):
    text = python("open('requirements.txt').read()")
    lines = [line for line in text.splitlines() if line.strip() and line[0] != "#"]
    pins = dict(pin(line) for line in lines)
    flask = python("from importlib.metadata import version; version('flask')")
    assert pins.get("flask") == flask, "the version of Flask should be the one you have"
    assert "python-dotenv" in pins, "both packages should keep a line"


def pin(line):
    """Return the name and the exact version that a line of requirements.txt pins."""
    rule = f"this line should pin one package, as name==version: {line}"
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        pytest.fail(rule)
    versions = [(v.operator, v.version) for v in requirement.specifier]
    assert len(versions) == 1, rule
    operator, version = versions[0]
    assert operator == "==", rule
    assert "*" not in version, rule
    return requirement.name.lower(), version

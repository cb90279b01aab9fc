"""Lesson 1, Hello: does the blog greet you under its own name, started either way?"""

import pytest
from packaging.requirements import Requirement

from checks.pages import texts

GREETING = "Hello, World!"


@pytest.mark.step(1)
def test_the_home_page_greets(client):
    response = client.get("/")
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert GREETING in response.text


@pytest.mark.step(2)
def test_one_heading_holds_your_blogs_name(client):
    page = client.get("/").text
    names = texts(page, "h1")
    assert len(names) == 1, "the page has exactly one <h1>, the name of the blog"
    assert names[0] not in ("", "A blog without a name"), "give it a name of your own"
    assert GREETING in page


@pytest.mark.step(3)
def test_python_app_py_serves_it(server):
    response = server("python", "app.py").get("/")
    assert response.status_code == 200


@pytest.mark.step(3)
def test_importing_it_starts_nothing(python):
    assert python("import app; app.__name__") == "app"


@pytest.mark.step(4)
def test_every_line_pins_one_package(python):
    lines = python("open('requirements.txt').read()").splitlines()
    lines = [line for line in lines if line.strip() and not line.startswith("#")]
    assert any(line.lower().startswith("flask=") for line in lines), (
        "Flask stands on a line"
    )
    for line in lines:
        assert pinned(line), f"this line does not pin one package: {line}"


def pinned(line):
    """Does this line of requirements.txt name one package with one exact version?"""
    try:
        versions = list(Requirement(line).specifier)
    except ValueError:
        return False
    return [v.operator for v in versions] == ["=="] and "*" not in versions[0].version

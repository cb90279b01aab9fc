"""The learner's .env is the learner's: no check reads it, no copy holds it."""

import pytest

SECRET = "my-own-secret-3f9c1be2"
HELD = f"BLOG_NAME={SECRET}\nSECRET_KEY={SECRET}\n"
ENV = "lessons/01_hello/.env"
# A lesson whose page shows what .env says, so that a leak would be seen.
TELLS = '''"""A blog that reads .env."""

import os
from pathlib import Path

from dotenv import load_dotenv
from flask import Flask

load_dotenv(Path(__file__).with_name(".env"))
app = Flask(__name__)


@app.route("/")
def index():
    return "hello"


@app.route("/name")
def name():
    return os.environ.get("BLOG_NAME", "No name")
'''


@pytest.fixture
def private(workbook):
    """A workbook in whose first lesson a .env lies, with a secret in it."""
    workbook.write("lessons/01_hello/app.py", TELLS)
    workbook.write(ENV, HELD)
    return workbook


def kept_by_the_workbook(workbook):
    """Return all that the workbook has stored for itself, as one text."""
    files = (workbook.top / ".workbook").rglob("*")
    found = [path.read_bytes() for path in files if path.is_file()]
    return b"\n".join(found).decode("utf-8", "replace")


@pytest.mark.parametrize(
    "commands",
    [
        ["check 1"],
        ["check 1", "reset 1"],
        ["check 1", "reset 1", "undo", "check 1"],
        ["solution 1", "hint 1", "progress"],
    ],
    ids=" then ".join,
)
def test_a_secret_is_found_nowhere_and_stays_where_it_is(private, commands):
    for command in commands:
        done = private.run(*command.split())
        assert done.code in (0, 1), done.out + done.err
        assert SECRET not in done.out + done.err, command
        assert private.read(ENV) == HELD, f"{command} changed the learner's .env"
    assert SECRET not in kept_by_the_workbook(private)
    names = [path.name for path in (private.top / ".workbook").rglob("*")]
    assert ".env" not in names


def test_the_checks_judge_the_app_without_it(private):
    done = private.run("check", "1")
    assert "1 of 2" in done.out, "without a .env, the page has no name of its own"
    assert "name it yourself" in done.out


def test_a_page_of_the_running_app_reads_it(private):
    running = private.start("lesson", "1")
    assert SECRET in running.get("/name")
    assert SECRET not in running.text

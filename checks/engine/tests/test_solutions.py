"""The solutions' own tests pass, as a learner runs them; and what no check can ask of them."""

import os
import shutil
import subprocess
import sys

import pytest

from checks.engine.lessons import SOLUTIONS, all_lessons, code_of, files_of

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


ACCOUNTS = [lesson.name for lesson in all_lessons() if lesson.number >= 27]
# A commit fails that nobody thought of, while a member is logged in.
BROKEN_COMMIT = """
from blog import create_app
from blog.models import User, db

app = create_app(settings={"SECRET_KEY": "k" * 40, "PROPAGATE_EXCEPTIONS": False})
app.test_cli_runner().invoke(args=["init-db"])

@app.get("/break")
def fail():
    db.session.add(User())
    db.session.commit()

with app.app_context():
    db.session.add(User(name="Ada", password_hash="x"))
    db.session.commit()
client = app.test_client()
with client.session_transaction() as session:
    session["user_id"] = 1
answer = client.get("/break")
[answer.status_code, "Ada" in client.get("/").text, "<nav" in answer.text]
"""


@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_failed_commit_leaves_the_page_of_a_500_whole(worker, name):
    process = worker.fork(code_of(files_of(SOLUTIONS / name)))
    told, _ = process.ask("python", BROKEN_COMMIT.encode(), seconds=30)
    process.close()
    assert told["value"] == [500, True, True]

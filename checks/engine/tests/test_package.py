"""An app that is a package: found, run, given posts and settings, like any other."""

import pytest

from checks.engine.judging.code import Code
from checks.engine.judging.trial import Trial
from checks.engine.learner import carrying
from checks.engine.worker.process import AppError
from checks.engine.worker.remote import NotAnswering

INIT = b"""
import os
from pathlib import Path

from dotenv import load_dotenv
from flask import Flask

from .posts import POSTS


def create_app(name=None):
    load_dotenv(Path(__file__).parents[1] / ".env")
    app = Flask(__name__)
    app.config["BLOG_NAME"] = os.environ.get("BLOG_NAME", "Given")
    app.add_url_rule("/", view_func=lambda: [post["title"] for post in POSTS])
    app.cli.command("posts")(lambda: print(*(post["title"] for post in POSTS)))
    return app
"""
FILES = {
    "app.py": b"raise SystemExit('the old one, which nobody asked for')",
    "blog/__init__.py": INIT,
    "blog/posts.py": b'POSTS = [{"title": "given"}]\n',
    "wsgi.py": b"from blog import create_app\n\napp = create_app()\n",
}


@pytest.fixture
def trial(worker):
    """Make the run of one check on files."""
    made = []

    def make(files):
        made.append(Trial(Code(worker, files), "lessons/19_package", "seed"))
        return made[-1]

    yield make
    for one in made:
        one.close()
        one.code.close()


def test_a_package_is_taken_before_an_app_py(trial):
    assert trial(FILES).make_app().test_client().get("/").json == ["given"]


def test_a_checks_posts_take_the_place_of_the_packages(trial, worker):
    mine = trial(FILES)
    app = mine.make_app(posts=[{"title": "unseen"}])
    assert app.test_client().get("/").json == ["unseen"]
    done = mine.cli("flask", "--app", "blog", "posts", posts=[{"title": "unseen"}])
    assert (done.exit_code, done.stdout) == (0, "unseen\n")


def test_a_checks_dotenv_is_read_and_an_environment_goes_over_it(trial):
    mine, dotenv = trial(FILES), {"BLOG_NAME": "From the file"}
    assert mine.make_app().config["BLOG_NAME"] == "Given"
    assert mine.make_app(dotenv=dotenv).config["BLOG_NAME"] == "From the file"
    app = mine.make_app(dotenv=dotenv, env={"BLOG_NAME": "Real"})
    assert app.config["BLOG_NAME"] == "Real"
    code = "from blog import create_app; create_app().config['BLOG_NAME']"
    assert mine.python(code, dotenv=dotenv) == "From the file"


def test_gunicorn_serves_it_for_real_and_ends_with_its_step(trial):
    server = trial(FILES).server("gunicorn", "wsgi:app")
    assert server.get("/").json == ["given"]
    assert "gunicorn" in server.output
    assert server.stop() == 0


def test_a_gunicorn_whose_app_does_not_start_says_why(trial):
    files = FILES | {"wsgi.py": b"application = 1\n"}
    with pytest.raises(NotAnswering) as caught:
        trial(files).server("gunicorn", "wsgi:app").get("/")
    assert "Failed to find attribute 'app' in 'wsgi'" in caught.value.output


def test_a_command_without_an_end_is_ended_with_all_it_started(trial):
    code = "import subprocess; subprocess.run(['sleep', '600'])"
    process = trial(FILES).process()
    told, _ = process.ask("run", command=["python", "-c", code], env={}, wait=0.5)
    assert told["code"] is None


def test_an_endpoint_that_is_no_text_is_told_as_text(trial):
    init = INIT.replace(b'"/", view_func=', b'"/", str, view_func=')
    routes = trial(FILES | {"blog/__init__.py": init}).make_app().routes
    assert "<class 'str'>" in [route["endpoint"] for route in routes]


def test_a_package_without_an_app_says_so(trial):
    with pytest.raises(AppError, match="Failed to find Flask application or factory"):
        trial(FILES | {"blog/__init__.py": b""}).make_app()


@pytest.mark.parametrize(
    "name", ["BLOG_NAME = 'Tea'\n", "class Config:\n    BLOG_NAME = 'Tea'\n"]
)
def test_the_blogs_name_is_found_wherever_it_is_set(name):
    path, node = carrying.name_in({"blog/config.py": name.encode()})
    assert (path, node.value) == ("blog/config.py", "Tea")

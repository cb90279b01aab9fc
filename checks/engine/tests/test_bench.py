"""The other side of the benchmarks: plain pytest must be measured at the same work."""

import subprocess

import pytest

from checks.engine import bench_plain
from checks.engine.lessons import SOLUTIONS, TOP, find


@pytest.mark.parametrize(
    ("name", "passed"),
    [
        ("02_debug", 4),  # without the four that start a server
        ("05_url_for", 15),
    ],
)
def test_plain_pytest_runs_the_checks_that_start_no_server(tmp_path, name, passed):
    lesson = find(name)
    words = bench_plain.command(lesson.check, SOLUTIONS / name, tmp_path / "solved")
    done = subprocess.run(words, cwd=TOP, capture_output=True, text=True)
    assert f"{passed} passed" in done.stdout and done.returncode == 0, done.stdout
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "app.py").write_text("import flask\napp = flask.Flask('a')\n")
    words = bench_plain.command(lesson.check, tmp_path / "empty", tmp_path / "to do")
    assert subprocess.run(words, cwd=TOP, capture_output=True).returncode == 1

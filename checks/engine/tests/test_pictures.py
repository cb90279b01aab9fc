"""`make pictures`: the README says what is drawn, and Chromium draws it."""

import argparse

import pytest

from checks.engine import keeping, pictures
from checks.engine.lessons import Lesson, find
from checks.engine.tests.content import LESSONS


def test_the_readme_says_which_page_is_drawn(tmp_path, monkeypatch):
    monkeypatch.setattr("checks.engine.lessons.LESSONS", tmp_path)
    folder = tmp_path / "01_hello"
    folder.mkdir()
    link = "[![A page](../../notebooks/pictures/01_hello.png)]"
    (folder / "README.md").write_text(
        f"# 1 · Hello\n\n{link}(http://127.0.0.1:5050/a)\n"
    )
    line = pictures.wanted(Lesson("01_hello"))
    assert line.groupdict() == {"alt": "A page", "file": "01_hello.png", "path": "/a"}
    (folder / "README.md").write_text(f"# 1 · Hello\n\nSee {link}(http://x.org/a)\n")
    assert pictures.wanted(Lesson("01_hello")) is None


@pytest.mark.long
def test_a_picture_is_drawn(needs_chromium, tmp_path, monkeypatch, capsys):
    name = next(name for name in LESSONS if pictures.wanted(find(name)))
    monkeypatch.setattr(pictures, "PICTURES", tmp_path / "pictures")
    assert keeping.pictures(argparse.Namespace(words=["1", name])) == 0
    [drawn] = (tmp_path / "pictures").iterdir()
    assert drawn.name == f"{name}.png" and drawn.read_bytes().startswith(b"\x89PNG")
    assert drawn.stat().st_size <= pictures.MOST_BYTES
    assert f"{name}.png: {drawn.stat().st_size} bytes" in capsys.readouterr().out

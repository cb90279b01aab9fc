"""`make pictures`: the README says what is drawn, and Chromium draws it.

The drawings (*.svg) are made by hand; here is what each must be.
"""

import argparse
import re
from xml.etree import ElementTree

import pytest

from checks.engine import keeping, pictures
from checks.engine.lessons import TOP, Lesson, find
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


SVG = "{http://www.w3.org/2000/svg}"
DRAWINGS = sorted((TOP / "notebooks" / "pictures").glob("*.svg"))
PHONE, SMALLEST = 328, 10  # pixels: the text's width on a phone, the smallest letters


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_can_be_read_by_everybody(path):
    root = ElementTree.parse(path).getroot()
    assert root[0].tag == f"{SVG}title" and root[0].text.strip()
    assert root[1].tag == f"{SVG}desc" and len(root[1].text) > 80
    card = root.find(f"{SVG}rect")
    assert card.get("width") == root.get("width"), "in the dark it needs its own card"
    sizes = [float(x.get("font-size", 0)) for x in root.iter() if x.get("font-size")]
    at_phone = min(1, PHONE / float(root.get("width")))
    assert min(sizes) * at_phone >= SMALLEST, "too small on a phone"
    text = path.read_text(encoding="utf-8")
    assert "<image" not in text and not re.search(r"(?:href|src)=", text)


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_drawing_is_shown_with_words_for_those_who_do_not_see_it(path):
    books = [p.read_text("utf-8") for p in (TOP / "notebooks").glob("*.ipynb")]
    alts = re.findall(rf"!\[([^\]]+)\]\(pictures/{path.name}\)", "\n".join(books))
    assert alts and min(map(len, alts)) > 80

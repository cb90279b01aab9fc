"""`make my 3`: a copy of a notebook to play with, and nobody's work is lost."""

import json
import re
import subprocess

import pytest

from checks.engine import notebooks
from checks.engine.learner import mine
from checks.engine.lessons import TOP, WorkbookError, find


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Have copies written to a folder that stands where notebooks/my/ does."""
    folder = tmp_path / "notebooks" / "my"
    folder.parent.mkdir()
    monkeypatch.setattr(mine, "MINE", folder)
    return folder


def text(path):
    book = json.loads(path.read_text(encoding="utf-8"))
    return "\n".join("".join(cell["source"]) for cell in book["cells"])


def test_a_copy_says_whose_it_is_and_its_links_still_lead_somewhere(folder):
    path = mine.copy(find("3"))
    assert path == folder / "03_routes.ipynb"
    assert "[the notebook](../03_routes.ipynb) is yours" in text(path)
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", text(path))
    assert "../pictures/url_map.svg" in links
    missing = [
        x for x in links if not (TOP / "notebooks" / "my" / x).resolve().exists()
    ]
    assert not missing


def test_a_second_copy_leaves_the_first_alone(folder):
    first = mine.copy(find("3"))
    first.write_text("my own tries")
    assert mine.copy(find("3")).name == "03_routes_2.ipynb"
    assert mine.copy(find("3")).name == "03_routes_3.ipynb"
    assert first.read_text() == "my own tries"


def test_a_folder_that_takes_no_files_is_told(folder):
    folder.write_text("no folder")
    with pytest.raises(WorkbookError, match="cannot be copied"):
        mine.copy(find("3"))


def test_a_copy_is_the_readers_alone():
    command = ["git", "check-ignore", "-q", "notebooks/my/03_routes.ipynb"]
    assert subprocess.run(command, cwd=TOP).returncode == 0
    assert mine.MINE not in {path.parent for path in notebooks.all_notebooks()}


@pytest.mark.long
def test_a_copy_gives_the_outputs_of_its_model(folder, monkeypatch):
    # This notebook opens files beside itself; here it lies in a folder of the test's.
    folder.parent.joinpath("workbook.py").symlink_to(mine.NOTEBOOKS / "workbook.py")
    folder.parent.with_name("solutions").symlink_to(TOP / "solutions")
    monkeypatch.setattr(notebooks, "FOLDER", folder)
    path = mine.copy(find("18"))
    stored = outputs(path.read_text(encoding="utf-8"))
    again = notebooks.executed({path: notebooks.read(path)})
    assert outputs(again[path]) == stored


def outputs(text):
    cells = json.loads(text)["cells"]
    return [cell["outputs"] for cell in cells if cell["cell_type"] == "code"]

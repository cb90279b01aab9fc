"""A notebook of the reader's own: a copy to play with, in notebooks/my/."""

import json
from itertools import count
from pathlib import Path

from checks.engine.files import write_atomically
from checks.engine.lessons import TOP, Lesson, WorkbookError, shown
from checks.engine.links import moved

NOTEBOOKS = TOP / "notebooks"
MINE = NOTEBOOKS / "my"
# The copy works where its model does: workbook.py lies there, and so do all paths.
START = """import os

if os.getcwd().endswith("my"):
    os.chdir("..")  # where the notebook lies that this is a copy of

"""


def copy(lesson: Lesson) -> Path:
    """Write a new copy of a lesson's notebook and return its path.

    A copy that is there already is somebody's work: the new one gets a number. Raises
    WorkbookError where the notebook is missing or the folder takes no files.
    """
    model = NOTEBOOKS / f"{lesson.name}.ipynb"
    try:
        book = json.loads(model.read_text(encoding="utf-8"))
        MINE.mkdir(exist_ok=True)
        path = free(lesson.name)
        text = json.dumps(adapted(book, lesson), indent=1, ensure_ascii=False)
        write_atomically(path, f"{text}\n".encode())
    except (OSError, ValueError) as error:
        raise WorkbookError(
            f"{shown(model)} cannot be copied to {shown(MINE)}/: {error}."
        ) from error
    return path


def free(name: str) -> Path:
    """Return a path in notebooks/my/ that nobody has taken."""
    names = (f"{name}_{n}.ipynb" if n > 1 else f"{name}.ipynb" for n in count(1))
    return next(MINE / each for each in names if not (MINE / each).exists())


def adapted(book: dict, lesson: Lesson) -> dict:
    """Return a notebook that works one folder further down, and says what it is."""
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            cell["source"] = moved(text, "notebooks", "notebooks/my")
    title, first = book["cells"][0], code_cells(book)[0]
    title["source"] += (
        f"\n\nThis copy of [the notebook](../{lesson.name}.ipynb) is yours: "
        "change, break and keep what you like."
    )
    first["source"] = START + "".join(first["source"])
    return book


def code_cells(book: dict) -> list[dict]:
    """Return the cells of a notebook that hold code."""
    return [cell for cell in book["cells"] if cell["cell_type"] == "code"]

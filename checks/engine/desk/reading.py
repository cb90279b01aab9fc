"""The pages to read: lessons, their files and pictures, notebooks, progress."""

import json

from flask import Blueprint, Response, abort, render_template, request

from checks.engine import lessons
from checks.engine.desk import text
from checks.engine.desk.board import LOG, VERDICT
from checks.engine.desk.parts import app_facts, facts_of
from checks.engine.desk.room import room
from checks.engine.desk.standing import rail, table
from checks.engine.lessons import LESSONS, TOP, Lesson, WorkbookError, files_of

blueprint = Blueprint("reading", __name__)
PICTURES, NOTEBOOKS = TOP / "notebooks" / "pictures", TOP / "notebooks"
SHOWN = {".png": "image/png", ".svg": "image/svg+xml"}


@blueprint.get("/")
def desk():
    """Show the lesson that runs, whichever it is."""
    return lesson_page(room.lesson)


@blueprint.get("/lessons/<name>/")
def lesson(name):
    """Show a lesson: the whole desk for the one that runs, the text of another."""
    return lesson_page(known(name))


def lesson_page(chosen: Lesson) -> str:
    """Return the page of a lesson."""
    here = chosen.name == room.lesson.name
    around = {"before": lessons.before(chosen), "after": lessons.after(chosen)}
    now = room.board.now()  # before all else: what changes meanwhile is fetched again
    facts = {"lesson": chosen, "marks": marks_kept(chosen)}
    if here:
        facts = facts_of(VERDICT, LOG) | app_facts(patient=False)
    return render_template(
        "desk.html" if here else "lesson.html",
        sections=text.sections(chosen),
        rail=rail(chosen),
        now=now,
        show=request.args.get("show", "/"),
        **around,
        **facts,
    )


def marks_kept(chosen: Lesson) -> dict[int, str]:
    """Return the steps of a lesson that were ok once, as the memory has them."""
    steps = room.memory.read()["steps"].get(chosen.name, {})
    return {int(number): "ok" for number in steps if number.isdigit()}


@blueprint.get("/lessons/<name>/files/<path:path>")
def file(name, path):
    """Show a file of a lesson, as it is now; nothing that is no source is a file here."""
    chosen = known(name)
    content = files_of(chosen.folder).get(path)
    if content is None:
        abort(404, f"There is no file {path} in lessons/{chosen.name}/.")
    try:
        lines = content.decode().splitlines()
    except UnicodeDecodeError:
        lines = None
    return render_template(
        "file.html", lesson=chosen, path=path, lines=lines, size=len(content)
    )


@blueprint.get("/pictures/<file>")
def picture(file):
    """Send a picture that the lessons' texts show."""
    there = {path.name: path for path in PICTURES.glob("*.*") if path.suffix in SHOWN}
    if file not in there:
        abort(404)
    return Response(there[file].read_bytes(), mimetype=SHOWN[there[file].suffix])


@blueprint.get("/notebooks/<name>/")
def notebook(name):
    """Say what a notebook tells, and how it is opened."""
    chosen = known(name)
    try:
        heads = headings(json.loads((NOTEBOOKS / f"{name}.ipynb").read_bytes()))
    except (OSError, ValueError, KeyError, TypeError):
        abort(404, f"notebooks/{name}.ipynb cannot be read.")
    return render_template("notebook.html", lesson=chosen, heads=heads)


def headings(notebook: dict) -> list[str]:
    """Return the headings of a notebook's parts."""
    texts = [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    lines = [line for text in texts for line in text["source"]]
    return [line[3:].strip() for line in lines if line.startswith("## ")]


@blueprint.get("/texts/<name>/")
def page(name):
    """Show one of the workbook's texts that belong to no lesson."""
    there = {path.stem: path for path in LESSONS.glob("*.md")}
    if name not in there:
        abort(404)
    title, _, body = there[name].read_text(encoding="utf-8").partition("\n")
    body = text.html(body, "lessons")
    return render_template("page.html", title=title.lstrip("# "), body=body)


@blueprint.get("/progress")
def progress():
    """Show how far the learner is in all lessons."""
    return render_template("progress.html", rows=table(), rail=rail(room.lesson))


def known(name: str) -> Lesson:
    """Return a lesson by its whole name, or answer that there is none."""
    try:
        return next(each for each in lessons.all_lessons() if each.name == name)
    except (StopIteration, WorkbookError):
        abort(404, f"There is no lesson {name}.")

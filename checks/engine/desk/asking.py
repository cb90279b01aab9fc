"""What the learner asks for with a button: the next hint, and the solution."""

from flask import Blueprint, abort, redirect, request, url_for

from checks.engine import kits
from checks.engine.desk.board import VERDICT
from checks.engine.desk.going_along import pieces
from checks.engine.desk.guard import HEADER
from checks.engine.desk.room import room
from checks.engine.learner import hints

blueprint = Blueprint("asking", __name__)


@blueprint.post("/hint")
def hint():
    """Show the next rung of the open step."""
    verdict = room.board.verdict
    step = verdict.first_open if verdict else None
    if step is None:
        abort(409, "No step is open, so there is nothing to hint at.")
    asked = request.form.get("step", "")
    if asked == str(step.number):  # else the page was an old one
        hints.take(room.memory, room.lesson, step.number, again=False)
    room.board.refresh()
    return answer("help")


@blueprint.post("/solution")
def solution():
    """Ask for the solution once more, or put it away."""
    if kits.here():
        abort(409, kits.NO_SOLUTIONS)
    count = room.board.questions
    room.board.ask(count + 1 if request.form.get("do") == "ask" else 0)
    return answer("help")


def answer(anchor: str):
    """Return the new parts to a script, and the page to a browser without one."""
    if request.headers.get(HEADER):
        return pieces([VERDICT])
    return redirect(url_for("reading.desk", _anchor=anchor), 303)

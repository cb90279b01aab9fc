"""What keeps an open page up to date: events that say what is new, and the parts themselves."""

import json
import threading
from functools import partial

from flask import Blueprint, Response, abort, current_app, render_template, request

from checks.engine.desk.board import VERDICT
from checks.engine.desk.parts import PARTS, facts_of
from checks.engine.desk.room import room

blueprint = Blueprint("going_along", __name__)
BEAT = 10.0  # seconds, at most, between two events: silence means that nobody is there
MOST_PAGES = 24  # that are open at once
places = threading.BoundedSemaphore(MOST_PAGES)


@blueprint.get("/events")
def events():
    """Send an event at once, after every change, and now and then besides."""
    if not places.acquire(blocking=False):
        abort(503, "Too many pages of the desk are open.")
    within = partial(current_app.request_context, request.environ)
    answer = Response(stream(room.board, within), mimetype="text/event-stream")
    answer.call_on_close(places.release)
    return answer


def stream(board, within):
    """Yield the board's numbers whenever they are others than the ones before.

    A new verdict comes along at once, drawn; all else can wait until the page asks.
    within gives the context of the request, which is over as soon as this begins.
    """
    seen = None
    while True:
        before, seen = seen, board.wait(seen, BEAT)
        told = dict(seen)
        if before is not None and seen[VERDICT] != before[VERDICT]:
            with within():
                told["pieces"] = pieces([VERDICT])
        yield f"data: {json.dumps(told)}\n\n"


@blueprint.get("/parts")
def parts():
    """Send the parts that a page wants anew, as they stand in the whole page."""
    wanted = request.args.get("want", "").split(",")
    if not {*wanted} <= {*PARTS}:
        abort(400, f"The parts are {', '.join(PARTS)}.")
    return pieces(wanted)


def pieces(wanted) -> str:
    """Return the HTML of some parts, and how many changes are in it at least."""
    count = room.board.count
    facts = facts_of(*wanted)
    return render_template("pieces.html", wanted=wanted, count=count, **facts)

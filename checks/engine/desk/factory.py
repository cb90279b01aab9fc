"""The factory: the desk's Flask app, for one running lesson."""

import os

from flask import Flask, render_template
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException

from checks.engine.desk import guard
from checks.engine.desk.board import Board
from checks.engine.learner.state import Memory
from checks.engine.lessons import WorkbookError

MOST_SENT = 4096  # bytes of a form; its answers are a word or two


def create_app(board: Board, memory: Memory, port: int) -> Flask:
    """Return the desk of a running lesson; port is the one at which it answers itself."""
    from checks.engine.desk import asking, going_along, reading, room

    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MOST_SENT
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.extensions["desk"] = room.Room(board, memory, port, guard.token())
    for blueprint in (reading.blueprint, going_along.blueprint, asking.blueprint):
        app.register_blueprint(blueprint)
    guard.watch(app)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(WorkbookError, in_need_of_repair)
    app.register_error_handler(Exception, failed)
    return app


def refused(error: HTTPException):
    """Answer with a page that says what was wrong with the request."""
    text = render_template("error.html", title=error.name, text=error.description)
    return text, error.code


def in_need_of_repair(error: WorkbookError):
    """Answer with the sentence that names the repair."""
    text = render_template("error.html", title="A repair is needed", text=str(error))
    return text, 500


def failed(error: Exception):
    """Say that the desk has failed; the terminal's lines stay the learner's own."""
    if os.environ.get("WORKBOOK_DEBUG"):
        raise error
    said = f"{type(error).__name__}: {error}"[:500]
    return render_template("error.html", title="The desk itself failed", text=said), 500

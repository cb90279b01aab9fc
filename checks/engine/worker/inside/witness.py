"""What the lesson's code did and how it failed, told as plain data."""

import linecache
import os
import sys
import traceback

import flask
import flask.cli
from werkzeug.wrappers import Response

from .folder import Folder

MOST_FRAMES, MOST_TEXT, MOST_SOURCE, MOST_LISTED = 6, 2000, 200, 20


class Witness:
    """Tells of the code in one folder.

    app is its app, once there is one; notes say what its import did; crash and refused
    are the exceptions behind the last answer's 500, or 400, None without.
    """

    def __init__(self, folder: Folder):
        self.folder = folder
        self.app: flask.Flask | None = None
        self.notes: list[dict] = []
        self.crash: dict | None = None
        self.refused: dict | None = None

    def note(self, kind: str, name: str | None = None) -> dict:
        """Add a note with the learner's line that led here, and return it."""
        named = {} if name is None else {"name": name}
        self.notes.append({"kind": kind, **named, **self.caller()})
        return self.notes[-1]

    def forget(self, note: dict) -> None:
        """Take a note back."""
        self.notes[:] = [other for other in self.notes if other is not note]

    def caller(self) -> dict:
        """Return the learner's line that led here."""
        frame = sys._getframe(1)
        while frame and not self.folder.holds(frame.f_code.co_filename):
            frame = frame.f_back
        if frame is None:
            return {}
        file = self.folder.relative(frame.f_code.co_filename)
        return {"file": file, "line": frame.f_lineno}

    def note_crash(self, sender, exception, **extra) -> None:
        """Remember the exception behind a 500, with what helps to explain it."""
        returned = getattr(returned_callable(exception), "__name__", "")
        self.crash = {
            **self.describe(exception),
            "endpoints": sorted(sender.view_functions),
            "returned": returned,
        }
        view = sender.view_functions.get(flask.request.endpoint)
        code = getattr(view, "__code__", None)
        if code and self.folder.holds(code.co_filename):
            self.crash["view"] = {
                "name": view.__name__,
                "file": self.folder.relative(code.co_filename),
                **(return_line(code, returned) or {"line": code.co_firstlineno}),
            }

    def place_of(self, view) -> str:
        """Return which function a view is, as ``index() in app.py, line 17``."""
        code = getattr(view, "__code__", None)
        if code is None:
            return ""
        name = getattr(view, "__name__", "?")
        file = self.folder.relative(code.co_filename)
        return f"{name}() in {file}, line {code.co_firstlineno}"

    def describe(self, error: BaseException) -> dict:
        """Return an exception as data: type, message, and the learner's own frames."""
        error = cause(error)
        told = {
            "type": type(error).__name__,
            "message": text_of(error),
            "frames": self.frames(error),
            "notes": self.notes,
        }
        if isinstance(error, SyntaxError):
            told["syntax"] = {
                "file": self.folder.relative(error.filename or ""),
                "line": error.lineno,
                "column": error.offset,
                "text": (error.text or "").rstrip("\n")[:MOST_SOURCE],
            }
        if told["type"] == "TemplateNotFound" and self.app is not None:
            told["templates"] = self.templates(self.app)
        return told

    def frames(self, error: BaseException) -> list[dict]:
        """Return the frames of a traceback that lie in the lesson's folder."""
        return [
            {
                "file": self.folder.relative(frame.filename),
                "line": frame.lineno,
                "name": frame.name,
                "source": (frame.line or "")[:MOST_SOURCE],
            }
            for frame in traceback.extract_tb(error.__traceback__)
            # What a library compiled to C has short paths, and "<…>" is no file.
            if os.path.isabs(frame.filename)
            and self.folder.holds(os.path.realpath(frame.filename))
        ][-MOST_FRAMES:]

    def templates(self, app: flask.Flask) -> dict:
        """Return where templates are looked for, and which files are there."""
        owners = [app, *app.blueprints.values()]
        loaders = [owner.jinja_loader for owner in owners if owner.jinja_loader]
        searched = [path for loader in loaders for path in loader.searchpath]
        names = sorted(map(self.folder.relative, self.folder.paths()))
        files = [name for name in names if "template" in name or name.endswith(".html")]
        return {
            "searched": [self.folder.relative(path) for path in searched],
            "files": files[:MOST_LISTED],
        }


def cause(error: BaseException) -> BaseException:
    """Return the failed import behind Flask's own complaint, else the error itself."""
    inner = error.__context__
    if (
        isinstance(error, flask.cli.NoAppException)
        and isinstance(inner, ImportError)
        and "While importing" in str(error)
    ):
        return inner
    return error


def returned_callable(error: BaseException):
    """Return the function that a view returned uncalled, None if it did not.

    Flask runs a callable as a WSGI app, so what it raises says nothing of the view.
    """
    found = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code is Response.force_type.__func__.__code__:
            found = frame.f_locals.get("response")
    return found if callable(found) else None


def return_line(code, name: str) -> dict | None:
    """Return the line of a function that says ``return name``, None without one."""
    lines = sorted({line for _, _, line in code.co_lines() if line}) if name else []
    for line in lines:
        source = linecache.getline(code.co_filename, line).strip()
        if source.partition("#")[0].split() == ["return", name]:
            return {"line": line, "source": source[:MOST_SOURCE]}
    return None


def text_of(error: BaseException) -> str:
    """Return an exception's message, whatever its class makes of that."""
    try:
        return str(error)[:MOST_TEXT]
    except Exception:
        return "(its message could not be read)"

"""The import of a lesson's code: what it must not hide, and what it does meanwhile."""

import functools
import os
from collections.abc import Iterable

import flask
from flask.sansio.scaffold import Scaffold
from werkzeug.exceptions import BadRequestKeyError

from .warm import brought
from .witness import Witness

# The names of the modules that were here before the lesson's.
taken: set[str] = set()


class ShadowedModule(Exception):
    """A file of the learner's hides a library's module."""


class StartedServer(Exception):
    """A file started a server while it was imported."""


def refuse_shadows(home: str, libraries: Iterable[str] = ()) -> None:
    """Refuse a file that hides a module which Flask, or a library in use, imports.

    The warm process has the real module already and would never notice; a plain
    `python app.py` would not even start.
    """
    # No union of them: that would touch, and so copy, the memory of each name.
    sets = [taken, *map(brought.__getitem__, libraries)]
    for name in sorted(os.listdir(home)):
        if any(module_name(home, name) in names for names in sets):
            raise ShadowedModule(name)


def module_name(home: str, name: str) -> str | None:
    """Return what a file or folder is imported as, None if it is no module."""
    stem, ending = os.path.splitext(name)
    package = os.path.isfile(os.path.join(home, name, "__init__.py"))
    return stem if ending == ".py" or (package and not ending) else None


def watch(witness: Witness, forbid_run: bool = False) -> None:
    """Have the witness note what a file does while it is imported.

    app.run() is kept from blocking; with forbid_run it raises StartedServer.
    """
    watch_run(witness, forbid_run)
    watch_route(witness)
    watch_init(witness)
    watch_refusals(witness)


def watch_run(witness: Witness, forbid: bool) -> None:
    """Note a call of app.run(), and do nothing else."""

    @functools.wraps(flask.Flask.run)
    def run(self, *args, **kwargs):
        witness.note("run")
        if forbid:
            raise StartedServer("app.run() was called while the file was imported")

    flask.Flask.run = run


def watch_route(witness: Witness) -> None:
    """Note a @app.route without brackets, and one that no view follows."""
    real = Scaffold.route

    @functools.wraps(real)
    def route(self, *args, **kwargs):
        rule = args[0] if args else kwargs.get("rule")
        if callable(rule):
            witness.note("bare route", getattr(rule, "__name__", "?"))
            return real(self, *args, **kwargs)
        decorator = real(self, *args, **kwargs)
        alone = witness.note("no view", str(rule))

        @functools.wraps(decorator)
        def decorate(view):
            witness.forget(alone)
            return decorator(view)

        return decorate

    Scaffold.route = route


def watch_init(witness: Witness) -> None:
    """Note each app that is made."""
    real = flask.Flask.__init__

    @functools.wraps(real)
    def init(self, *args, **kwargs):
        witness.note("app")
        return real(self, *args, **kwargs)

    flask.Flask.__init__ = init


def watch_refusals(witness: Witness) -> None:
    """Note the missing key behind a 400 of Flask's own."""
    real = flask.Flask.handle_user_exception

    @functools.wraps(real)
    def handle(self, error):
        if isinstance(error, BadRequestKeyError):
            key = str(error.args[0]) if error.args else ""
            witness.refused = {**witness.describe(error), "message": key}
        return real(self, error)

    flask.Flask.handle_user_exception = handle

"""A blog: create_app makes one."""

from flask import Flask

from .config import configure
from .store import open_store


def create_app(name=None, settings=None):
    """Return a new blog for an environment; settings go over those from outside.

    Raises RuntimeError for an unknown environment, and where a secret is missing.
    """
    app = Flask(__name__)
    configure(app, name, settings)
    open_store(app)

    from . import api, auth, errors, helpers, main

    for room in [main, auth, api, errors, helpers]:
        room.add_to(app)
    return app

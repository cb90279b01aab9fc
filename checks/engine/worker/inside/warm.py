"""What is done once, before anything is forked."""

import gc
import importlib
import sys

import flask
import flask.cli
import flask.json.provider
import flask.testing  # imported late by Flask, at the cost of the step that needs it

from .libraries import LIBRARIES

# The names of the modules that a library brought along.
brought: dict[str, set[str]] = {}


def warm_up() -> None:
    """Answer one request for an app of our own, so that no check waits for what is lazy.

    Flask, Werkzeug and the standard library import and compile some things only when
    the first request comes; a fork would do so again each time.
    """
    app = flask.Flask("warm_up")
    app.add_url_rule("/<int:number>", "page", lambda number: {"number": number})
    page = "{% for n in [1] %}{{ n | string }}{% endfor %}"
    app.add_url_rule("/", "text", lambda: flask.render_template_string(page))
    app.test_client().get("/1?a=b", headers={"Cookie": "a=b"})
    app.test_client().get("/")
    # Never collected in a fork: that would touch, and so copy, all of this memory.
    gc.freeze()
    gc.enable()


def warm_library(name: str) -> None:
    """Import a library once, for all forks that come after."""
    before = set(sys.modules)
    for module in LIBRARIES[name]:
        importlib.import_module(module)
    brought[name] = {
        module for module in set(sys.modules) - before if "." not in module
    }
    gc.collect()
    gc.freeze()

"""The learner's app, imported as Flask itself finds it, and what may be asked of it."""

import ast
import io
import json
import os
import sys

import flask
import flask.cli

from . import importing, templates
from .folder import MOST_BYTES, PACKAGE, Folder, app_in
from .witness import Witness


class App:
    """The app of the lesson in this folder; there is none before load."""

    def __init__(self, folder: Folder, witness: Witness):
        self.folder, self.witness = folder, witness
        self.flask: flask.Flask | None = None

    def load(self, config: dict, crash: str | None) -> None:
        """Import the app the way `flask run` does, set keys, add an address that crashes."""
        importing.refuse_shadows(self.folder.home, self.folder.libraries)
        importing.watch(self.witness)
        templates.keep(self.folder.home)
        os.environ["FLASK_RUN_FROM_CLI"] = "true"
        # The file is found without a name, so that Flask can say that there is none.
        named = PACKAGE if app_in(self.folder.home) == PACKAGE else None
        self.flask = self.witness.app = flask.cli.ScriptInfo(named).load_app()
        self.flask.config.update(config)
        if crash:
            self.flask.add_url_rule(crash, "crash_on_purpose", crash_on_purpose)
        flask.got_request_exception.connect(self.witness.note_crash, self.flask)

    def do_request(self, body: bytes, environ: dict) -> tuple[dict, bytes]:
        """Call the app once and return its status line, headers and body."""
        self.witness.crash = self.witness.refused = None
        answer: dict = {}
        environ |= {
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.version": (1, 0),
        }

        def start_response(status, headers, exc_info=None):
            answer["status"] = str(status)
            answer["headers"] = [[str(name), str(value)] for name, value in headers]

        result = self.flask(environ, start_response)
        pieces, size = [], 0
        try:
            for piece in result:
                size += len(piece)
                if size > MOST_BYTES:
                    answer["endless"] = size
                    break
                pieces.append(piece)
        finally:
            if hasattr(result, "close"):
                result.close()
        answer |= {"crash": self.witness.crash, "refused": self.witness.refused}
        return answer, b"".join(pieces)

    def do_invoke(self, body: bytes, words: list) -> dict:
        """Run a command of the app's own by Flask's test runner; tell how it ended."""
        runner = self.flask.test_cli_runner(catch_exceptions=False)
        result = runner.invoke(args=words)
        return {
            "code": result.exit_code,
            "stdout": result.stdout,
            "stderr": result.stderr,
        }

    def do_config(self, body: bytes, key: str) -> dict:
        """Return one configuration value, as far as JSON can carry it."""
        return {"value": plain(self.flask.config.get(key))}

    def do_routes(self, body: bytes) -> dict:
        """Return the URL map as a list of rules."""
        rules = [
            {
                "rule": rule.rule,
                "endpoint": str(rule.endpoint),
                "methods": sorted(rule.methods or ()),
                "view": self.witness.place_of(self.view(rule.endpoint)),
            }
            for rule in self.flask.url_map.iter_rules()
        ]
        return {"routes": sorted(rules, key=lambda rule: rule["rule"])}

    def view(self, endpoint: str):
        """Return the function behind an endpoint, None if there is none."""
        return self.flask.view_functions.get(endpoint)

    def do_python(self, body: bytes) -> dict:
        """Run a snippet in the lesson's folder; return its last expression's value."""
        importing.refuse_shadows(self.folder.home, self.folder.libraries)
        importing.watch(self.witness, forbid_run=True)
        templates.keep(self.folder.home)
        sys.path.insert(0, self.folder.home)
        tree = ast.parse(body.decode())
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        names = {"__name__": "snippet"}
        exec(compile(tree, "<snippet>", "exec"), names)
        if last is None:
            return {"value": None}
        value = eval(compile(ast.Expression(last.value), "<snippet>", "eval"), names)
        return {"value": plain(value)}


def plain(value):
    """Return a value as JSON has it, its text for what JSON does not know."""
    return json.loads(json.dumps(value, default=str))


def crash_on_purpose():
    """Be the address that always crashes, so that no lesson has to keep one."""
    raise RuntimeError("this address crashes on purpose")

"""A blog: create_app makes one."""

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from .config import configure
from .logs import start_log
from .models import db


def create_app(name=None, settings=None):
    """Return a new blog for an environment; settings go over those from outside.

    Raises RuntimeError for an unknown environment, and where a secret is missing.
    """
    app = Flask(__name__)
    configure(app, name, settings)
    start_log(app)
    if count := app.config["PROXIES"]:
        trust = dict.fromkeys(["x_for", "x_proto", "x_host", "x_prefix"], count)
        app.wsgi_app = ProxyFix(app.wsgi_app, **trust)
    db.init_app(app)

    from . import api, auth, commands, comments, errors, helpers, hooks, main

    for part in [hooks, errors, helpers, commands]:
        part.add_to(app)
    app.register_blueprint(main.bp)
    app.register_blueprint(comments.bp)
    app.register_blueprint(auth.bp, url_prefix="/auth")
    app.register_blueprint(api.bp, url_prefix="/api")
    CSRFProtect(app).exempt(api.bp)
    return app

"""Signing in and out."""

import functools

from flask import (
    Blueprint,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)

bp = Blueprint("auth", __name__)

LONGEST_NAME = 40


def visitor():
    """Return the name of who asks, None for somebody who has not signed in."""
    return session.get("name")


def login_required(view):
    """Let only those in who have signed in; all others are led to the form."""

    @functools.wraps(view)
    def guarded(*args, **kwargs):
        if visitor() is None:
            return redirect(url_for("auth.login"), code=303)
        return view(*args, **kwargs)

    return guarded


@bp.get("/login")
def login():
    """Ask for the visitor's name; a password comes in lesson 27."""
    return render_template("auth/login.html", name="", error="")


@bp.post("/login")
def log_in():
    """Remember the visitor's name and lead home, or say what is wrong with it."""
    name = request.form.get("name", "").strip()
    if not name or len(name) > LONGEST_NAME:
        error = f"A name has 1 to {LONGEST_NAME} characters."
        return render_template("auth/login.html", name=name, error=error), 422
    session["name"] = name
    flash(f"Welcome, {name}")
    return redirect(url_for("main.index"), code=303)


@bp.post("/logout")
def log_out():
    """Forget the visitor."""
    session.clear()
    flash("Goodbye")
    return redirect(url_for("main.index"), code=303)

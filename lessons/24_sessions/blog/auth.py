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
    return request.cookies.get("name")


# TODO 2: Signed.
def login_required(view):
    """Let only those in who have signed in; all others are led to the form."""
    return view


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
    # TODO 1: A session.
    response = redirect(url_for("main.index"), code=303)
    response.set_cookie("name", name, httponly=True, samesite="Lax")
    # TODO 3: Messages.
    return response


# TODO 4: Logout.

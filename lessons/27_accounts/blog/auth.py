"""Members: who they are, how they come in, and what is closed to others."""

import functools

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from .forms import LoginForm, RegisterForm
from .models import User, db
from .store import user_named

bp = Blueprint("auth", __name__)


def visitor():
    """Return the member who asks, None for somebody who has not signed in."""
    user_id = session.get("user_id")
    return db.session.get(User, user_id) if user_id else None


def login_required(view):
    """Let only members in; all others are led to the form."""

    @functools.wraps(view)
    def guarded(*args, **kwargs):
        if visitor() is None:
            # TODO 3: Come back.
            return redirect(url_for("auth.login"), code=303)
        return view(*args, **kwargs)

    return guarded


# TODO 5: /admin.
def admin_required(view):
    """Let only admins in; so far nobody is one."""

    @functools.wraps(view)
    def guarded(*args, **kwargs):
        abort(403)

    return guarded


# TODO 1: Register.


@bp.get("/login")
def login():
    """Ask who wants to come in."""
    return render_template("auth/login.html", form=LoginForm())


@bp.post("/login")
def log_in():
    """Let everybody in who says a name that the table has."""
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("auth/login.html", form=form), 422
    user = user_named(form.name.data)
    # TODO 2: Log in.
    if user is None:
        form.name.errors = ["No member has this name."]
        return render_template("auth/login.html", form=form), 422
    # TODO 6: A new session.
    session["user_id"] = user.id
    flash(f"Welcome, {user.name}")
    return redirect(url_for("main.index"), code=303)


@bp.post("/logout")
def log_out():
    """Forget the member."""
    session.clear()
    flash("Goodbye")
    return redirect(url_for("main.index"), code=303)

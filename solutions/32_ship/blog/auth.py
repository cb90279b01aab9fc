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

from .forms import LoginForm, ProfileForm, RegisterForm
from .models import User, db
from .store import user_named

bp = Blueprint("auth", __name__)


def visitor():
    """Return the member who asks, None for somebody who has not signed in."""
    user_id = session.get("user_id")
    return db.session.get(User, user_id) if user_id else None


def login_required(view):
    """Let only members in; all others are led to the form, and back after it."""

    @functools.wraps(view)
    def guarded(*args, **kwargs):
        if visitor() is None:
            # Where the blog stands below a prefix, each address begins with it.
            here = request.script_root + request.full_path.rstrip("?")
            back = here if request.method == "GET" else None
            return redirect(url_for("auth.login", next=back), code=303)
        return view(*args, **kwargs)

    return guarded


def admin_required(view):
    """Let only admins in: other members are refused, visitors led to the form."""

    @functools.wraps(view)
    @login_required
    def guarded(*args, **kwargs):
        if not visitor().is_admin:
            abort(403)
        return view(*args, **kwargs)

    return guarded


def inside(address):
    """Return an address of this site as it is, home in place of any other."""
    # Browsers read a backslash as a slash, and drop tabs and line ends.
    local = address.startswith("/") and not address.startswith("//")
    if local and address.isprintable() and "\\" not in address:
        return address
    return url_for("main.index")


@bp.get("/register")
def register():
    """Ask for a name and a password."""
    return render_template("auth/register.html", form=RegisterForm())


@bp.post("/register")
def add_member():
    """Keep a new member, or say why not."""
    form = RegisterForm()
    if not form.validate_on_submit():
        return render_template("auth/register.html", form=form), 422
    hashed = generate_password_hash(form.password.data)
    db.session.add(User(name=form.name.data, password_hash=hashed))
    try:
        db.session.commit()
    except IntegrityError:  # the table knows best, also when two come at once
        db.session.rollback()
        form.name.errors = ["This name is taken."]
        return render_template("auth/register.html", form=form), 409
    flash(f"Registered: {form.name.data}")
    return redirect(url_for("auth.login"), code=303)


@bp.get("/login")
def login():
    """Ask who wants to come in."""
    return render_template("auth/login.html", form=LoginForm())


@bp.post("/login")
def log_in():
    """Begin a new session for a member, and lead back."""
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template("auth/login.html", form=form), 422
    user = user_named(form.name.data)
    known = user.password_hash if user else None
    if not known or not check_password_hash(known, form.password.data):
        form.password.errors = ["Wrong name or password."]
        return render_template("auth/login.html", form=form), 422
    session.clear()
    session["user_id"] = user.id
    flash(f"Welcome, {user.name}")
    return redirect(inside(request.args.get("next", "")), code=303)


@bp.get("/profile")
@login_required
def profile():
    """Show a member what is told of her."""
    return render_template("auth/profile.html", form=ProfileForm(obj=visitor()))


@bp.post("/profile")
@login_required
def keep_profile():
    """Keep what a member tells, or say what is wrong with it."""
    form = ProfileForm()
    if not form.validate_on_submit():
        return render_template("auth/profile.html", form=form), 422
    visitor().homepage = form.homepage.data
    db.session.commit()
    flash("Saved: your page")
    return redirect(url_for("main.show_author", name=visitor().name), code=303)


@bp.post("/logout")
def log_out():
    """Forget the member."""
    session.clear()
    flash("Goodbye")
    return redirect(url_for("main.index"), code=303)

# TODO 4: By API.
"""The blog for programs."""

import functools
import hmac
from importlib.metadata import version

from flask import Blueprint, abort, current_app, request, url_for
from flask.views import MethodView
from sqlalchemy.exc import IntegrityError
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, Unauthorized

from .errors import in_json
from .models import User, db
from .store import add_post, all_posts, author_named, post_or_404

bp = Blueprint("api", __name__)
bp.register_error_handler(HTTPException, in_json)


def token_required(view):
    """Let only programs in that send the token of the API."""

    @functools.wraps(view)
    def guarded(*args, **kwargs):
        sent = request.authorization
        token = (sent.token if sent and sent.type == "bearer" else None) or ""
        wanted = current_app.config["API_TOKEN"]
        if not hmac.compare_digest(token.encode(), wanted.encode()):
            raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
        return view(*args, **kwargs)

    return guarded


@bp.route("/status")
def status():
    """Tell a monitor that the blog is up, and on which Flask."""
    return {"status": "ok", "flask": version("flask")}


def as_json(post):
    """Return a post as JSON has it: its date is text, or null."""
    date = post.date and post.date.isoformat()
    keys = ["id", "slug", "title", "summary", "body", "tips"]
    told = {key: getattr(post, key) for key in keys}
    return {**told, "date": date, "tags": list(post.tags), "author": post.author.name}


def faults(data):
    """Return what is wrong with a post that a program sent, field by field."""
    if not isinstance(data, dict):
        return {"body": "the body should be a JSON object"}
    return {
        name: f"{name} should be text, and not empty"
        for name in ["title", "body"]
        if not isinstance(data.get(name), str) or not data[name].strip()
    }


@bp.get("/posts")
def posts():
    """Return all posts."""
    return [as_json(post) for post in all_posts()]


@bp.get("/posts/<int:post_id>")
def get_post(post_id):
    """Return one post."""
    return as_json(post_or_404(post_id))


@bp.post("/posts")
@token_required
def create_post():
    """Store the post that a program sends."""
    data = request.get_json()
    if wrong := faults(data):
        return {"errors": wrong}, 400
    title, body = data["title"].strip(), data["body"].strip()
    post = add_post(title, "", "", body, author=author_named("Guest"))
    location = url_for(".get_post", post_id=post.id)
    return as_json(post), 201, {"Location": location}


@bp.put("/posts/<int:post_id>")
@token_required
def change_post(post_id):
    """Give a post the title and the body that a program sends."""
    post = post_or_404(post_id)
    data = request.get_json()
    if wrong := faults(data):
        return {"errors": wrong}, 400
    post.title, post.body = data["title"].strip(), data["body"].strip()
    db.session.commit()
    return as_json(post)


@bp.delete("/posts/<int:post_id>")
@token_required
def delete_post(post_id):
    """Take a post out."""
    db.session.delete(post_or_404(post_id))
    db.session.commit()
    return "", 204


def author_json(user):
    """Return an author as JSON has it."""
    return {"id": user.id, "name": user.name, "posts": len(user.posts)}


def sent_name():
    """Return the name that a program sends; without one, a 400 ends it."""
    data = request.get_json()
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str) or not 0 < len(name.strip()) <= 40:
        abort(400, "name should be text of 1 to 40 characters")
    return name.strip()


def keep_name(user, name):
    """Give an author a name and keep it; a name that is taken ends with a 409."""
    user.name = name
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        abort(409, "This name is taken")


class Authors(MethodView):
    """All authors: read them, add one."""

    init_every_request = False

    def get(self):
        """Return all authors, by their names."""
        users = db.session.scalars(db.select(User).order_by(User.name))
        return [author_json(user) for user in users]

    @token_required
    def post(self):
        """Store an author that a program sends."""
        user = User()
        keep_name(user, sent_name())
        location = url_for(".author", author_id=user.id)
        return author_json(user), 201, {"Location": location}


class Author(MethodView):
    """One author: read, rename, take out."""

    init_every_request = False

    def get(self, author_id):
        """Return one author."""
        return author_json(db.get_or_404(User, author_id))

    @token_required
    def put(self, author_id):
        """Give an author another name."""
        user = db.get_or_404(User, author_id)
        keep_name(user, sent_name())
        return author_json(user)

    @token_required
    def delete(self, author_id):
        """Take an author out who has no posts."""
        user = db.get_or_404(User, author_id)
        if user.posts:
            abort(409, "This author has posts")
        db.session.delete(user)
        db.session.commit()
        return "", 204


bp.add_url_rule("/authors", view_func=Authors.as_view("authors"))
bp.add_url_rule("/authors/<int:author_id>", view_func=Author.as_view("author"))

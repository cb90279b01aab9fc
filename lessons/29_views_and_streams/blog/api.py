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


# TODO 1: MethodView.

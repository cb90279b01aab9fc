"""Comments: members write them; their authors and admins take them out."""

from flask import Blueprint

bp = Blueprint("comments", __name__)

# TODO 1: Members comment.

# TODO 2: Hostile comments.

# TODO 3: Remove.

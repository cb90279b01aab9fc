"""What happens around every request."""

from uuid import uuid4

from flask import abort, g, request

LONGEST_NAME = 40


def refuse_long_names():
    """Refuse a name that only a program would send."""
    if len(request.cookies.get("name", "")) > LONGEST_NAME:
        abort(400, "The name in the cookie is too long")


# TODO 1: A number per request.
def add_to(app):
    """Have an app do this for every request."""
    app.before_request(refuse_long_names)

"""What happens around every request."""

from uuid import uuid4

from flask import abort, g, request

LONGEST_NAME = 40


def number():
    """Give the request a number."""
    g.request_id = uuid4().hex


def refuse_long_names():
    """Refuse a name that only a program would send."""
    if len(request.cookies.get("name", "")) > LONGEST_NAME:
        abort(400, "The name in the cookie is too long")


def send_number(response):
    """Send the request's number along."""
    response.headers["X-Request-Id"] = g.request_id
    return response


def add_to(app):
    """Have an app do this for every request."""
    app.before_request(number)  # first: a request that is refused has one, too
    app.before_request(refuse_long_names)
    app.after_request(send_number)

"""What happens around every request."""

from uuid import uuid4

from flask import current_app, g


def number():
    """Give the request a number."""
    g.request_id = uuid4().hex


def send_number(response):
    """Send the request's number along."""
    response.headers["X-Request-Id"] = g.request_id
    return response


# TODO 1: Headers everywhere.
# TODO 2: A policy for scripts.


def add_to(app):
    """Have an app do this for every request."""
    app.before_request(number)
    app.after_request(send_number)

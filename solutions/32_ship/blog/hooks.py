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


HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"
    ),
}
A_YEAR = 365 * 24 * 60 * 60  # seconds


def send_rules(response):
    """Tell the browser what this site never does."""
    response.headers.update(HEADERS)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
    return response


def add_to(app):
    """Have an app do this for every request."""
    app.before_request(number)
    app.after_request(send_number)
    app.after_request(send_rules)

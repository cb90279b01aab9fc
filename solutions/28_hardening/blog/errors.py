"""What the blog answers when something is wrong."""

from flask import current_app, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from .models import db


def in_json(error):
    """Return an error as programs read it."""
    response = error.get_response()  # with its own headers, such as Allow
    response.mimetype = "application/json"
    response.data = current_app.json.dumps(
        {
            "error": error.name,
            "message": error.description,
            "status_code": error.code,
        }
    )
    return response


def answer_error(error):
    """Answer every error: as JSON under /api/, as a page elsewhere."""
    if error.code == 500:
        db.session.rollback()  # after a failed commit nobody could ask who is logged in
    if isinstance(error, SecurityError):
        return error  # a page of ours needs links, and links need a host
    if request.path.startswith("/api/"):
        return in_json(error)
    response = error.get_response()
    templates = [f"errors/{error.code}.html", "errors/error.html"]
    response.data = render_template(templates, error=error)
    return response


def answer_old_form(error):
    """Tell a visitor what to do whose form came without a valid token."""
    error.description = "Load the page again and send the form once more."
    return answer_error(error)


def add_to(app):
    """Have an app answer its errors this way."""
    app.register_error_handler(HTTPException, answer_error)
    app.register_error_handler(CSRFError, answer_old_form)

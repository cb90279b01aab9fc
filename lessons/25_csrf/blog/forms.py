"""The forms of the blog: their fields, and what each may hold."""

from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, Regexp


def stripped(text):
    """Return a text without the blanks around it; what was not sent is empty."""
    return (text or "").strip()


class ContactForm(FlaskForm):
    """A greeting."""

    name = StringField(
        "Your name",
        [Length(max=40, message="A name has at most 40 characters.")],
        filters=[stripped],
    )
    email = EmailField(
        "Your e-mail",
        [Optional(), Regexp(r"[^@\s]+@[^@\s]+$", message="An e-mail has one @.")],
        filters=[stripped],
    )


# TODO 5: Messages beside the field.
class PostForm(FlaskForm):
    """A post."""

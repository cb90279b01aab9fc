"""The forms of the blog: their fields, and what each may hold."""

from urllib.parse import urlsplit

from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField, TextAreaField, URLField
from wtforms.validators import (
    DataRequired,
    Length,
    Optional,
    Regexp,
    ValidationError,
)


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


class PostForm(FlaskForm):
    """A post."""

    title = StringField(
        "Title",
        [
            DataRequired("The title is empty."),
            Length(max=100, message="A title has at most 100 characters."),
        ],
        filters=[stripped],
    )
    summary = StringField(
        "Summary",
        [Length(max=200, message="A summary has at most 200 characters.")],
        filters=[stripped],
    )
    tags = StringField("Tags, with commas between", filters=[stripped])
    body = TextAreaField(
        "Body", [DataRequired("The body is empty.")], filters=[stripped]
    )


class CommentForm(FlaskForm):
    """A comment."""

    # TODO 1: Members comment.

    # TODO 2: Hostile comments.


class LoginForm(FlaskForm):
    """Who wants to come in."""

    name = StringField(
        "Your name",
        [
            DataRequired("The name is empty."),
            Length(max=40, message="A name has at most 40 characters."),
        ],
        filters=[stripped],
    )
    password = PasswordField("Your password", [DataRequired("The password is empty.")])


class RegisterForm(LoginForm):
    """Who wants to become a member."""

    password = PasswordField(
        "Your password, 8 characters or more",
        [Length(min=8, message="A password has at least 8 characters.")],
    )


def web_address(form, field):
    """Refuse what is no address of a web page; javascript: would run on ours."""
    try:
        parts = urlsplit(field.data)
    except ValueError:  # as for http://[
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValidationError("A home page begins with https:// or http://.")


class ProfileForm(FlaskForm):
    """What a member tells about himself."""

    homepage = URLField(
        "Your home page, https://…",
        [
            Optional(),
            Length(max=200, message="An address has at most 200 characters."),
            web_address,
        ],
        filters=[stripped],
    )

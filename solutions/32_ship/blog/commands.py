"""What the blog can do in a terminal: flask --app blog …"""

import click
from flask import current_app, request

from .helpers import post_url
from .models import Post, db
from .posts import POSTS
from .ready import ready
from .store import author_named, newest_first, user_named


def init_db():
    """Make the tables that are missing."""
    db.create_all()
    click.echo("The tables are there.")


def seed():
    """Put the posts of posts.py into an empty table."""
    if db.session.scalar(db.select(Post).limit(1)):
        raise click.ClickException("There are posts already; nothing was changed.")
    for post in POSTS:
        row = {key: value for key, value in post.items() if key != "id"}
        row["author"] = author_named(post["author"])
        db.session.add(Post(**row))  # the table gives each its id
    db.session.commit()
    click.echo(f"Posts added: {len(POSTS)}")


def list_posts():
    """List the posts."""
    for post in newest_first():
        click.echo(f"{post.id}  {post.date or 'no date'}  {post.title}")


@click.option("--base", help="Where the blog is: https://blog.example")
def newsletter(base):
    """Print a line and a link for every post."""
    if not base and not current_app.config["SERVER_NAME"]:
        raise click.ClickException(
            "Where is the blog? Give --base, or set SERVER_NAME."
        )
    with current_app.test_request_context(base_url=base):
        if request.routing_exception:
            raise click.ClickException(f"{base} is not among TRUSTED_HOSTS.")
        for post in newest_first():
            click.echo(f"{post.title}: {post_url(post, _external=True)}")


@click.argument("name")
def make_admin(name):
    """Make a member an admin."""
    user = user_named(name)
    if user is None:
        raise click.ClickException(f"There is no member {name}.")
    user.is_admin = True
    db.session.commit()
    click.echo(f"{name} is an admin.")


def add_to(app):
    """Give an app these commands."""
    app.cli.command("init-db")(init_db)
    app.cli.command("seed")(seed)
    app.cli.command("posts")(list_posts)
    app.cli.command("newsletter")(newsletter)
    app.cli.command("make-admin")(make_admin)
    app.cli.command("ready")(ready)

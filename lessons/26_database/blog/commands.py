"""What the blog can do in a terminal: flask --app blog …"""

import click
from flask import current_app

from .helpers import post_url
from .models import Post, db
from .posts import POSTS
from .store import newest_first


def init_db():
    """Make the tables that are missing."""
    # TODO 1: Tables.
    raise click.ClickException("init-db makes no tables yet.")


def seed():
    """Put the posts of posts.py into an empty table."""
    raise click.ClickException("seed puts in no posts yet.")


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
        for post in newest_first():
            click.echo(f"{post.title}: {post_url(post, _external=True)}")


def add_to(app):
    """Give an app these commands."""
    app.cli.command("init-db")(init_db)
    app.cli.command("seed")(seed)
    app.cli.command("posts")(list_posts)
    app.cli.command("newsletter")(newsletter)

"""What the blog can do in a terminal: flask --app blog …"""

import click
from flask import current_app

from .helpers import post_url
from .store import newest_first

# TODO 3: flask posts.
# TODO 4: flask newsletter.


def add_to(app):
    """Give an app these commands."""

# TODO 1: Every route of lesson 18.
"""What the blog answers when something is wrong."""


def add_to(app):
    """Have an app answer its errors this way."""

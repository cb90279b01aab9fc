# TODO 1: Every route of lesson 18.
"""The blog for programs."""


def add_to(app):
    """Give an app these addresses."""

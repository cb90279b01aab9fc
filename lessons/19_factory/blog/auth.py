# TODO 1: Every route of lesson 18.
"""Signing in."""


def add_to(app):
    """Give an app these pages."""

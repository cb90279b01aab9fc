# TODO 1: Every route of lesson 18.
"""The pages of the blog."""


def index():
    """Say that there is more to come."""
    return "The blog is moving into its package."


def add_to(app):
    """Give an app these pages."""
    app.add_url_rule("/", view_func=index)

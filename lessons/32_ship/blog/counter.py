"""How often posts are read."""

from .models import Post, db


def count_view(post):
    """Count one more view of a post, and return how many there are."""
    post.views = Post.views + 1  # the database adds, so that no view is lost
    db.session.commit()
    return post.views

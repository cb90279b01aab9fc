"""The posts of a blog, and questions about them."""

import copy
import datetime

from flask import abort, current_app

from .posts import POSTS


def open_store(app):
    """Give an app posts of its own."""
    app.extensions["posts"] = copy.deepcopy(POSTS)


def all_posts():
    """Return the posts of the app that is at work."""
    return current_app.extensions["posts"]


def find_post(post_id):
    """Return the post with this id, None if there is none."""
    return next((post for post in all_posts() if post["id"] == post_id), None)


def post_or_404(post_id):
    """Return the post with this id; without one, the request ends with a 404."""
    post = find_post(post_id)
    if post is None:
        abort(404, "No such post")
    return post


def newest_first():
    """Return the posts, the newest first; those without a date come last."""
    first = datetime.date.min
    # Of two posts of one day, the later one stays in front.
    posts = reversed(all_posts())
    return sorted(posts, key=lambda post: post["date"] or first, reverse=True)


def neighbours(post):
    """Return the next older post and the next newer one, None where there is none."""
    posts = newest_first()
    place = posts.index(post)
    newer = posts[place - 1] if place > 0 else None
    older = posts[place + 1] if place + 1 < len(posts) else None
    return older, newer


def slug_of(title):
    """Return a title in small letters and hyphens, as no other post has it."""
    words = "".join(c if c.isalnum() else " " for c in title.lower()).split()
    slug = "-".join(words)
    if not slug or slug.isdecimal():  # a number would look like an id
        slug = f"post-{slug}"
    taken = {post["slug"] for post in all_posts()}
    count = 2
    free = slug
    while free in taken:
        free, count = f"{slug}-{count}", count + 1
    return free

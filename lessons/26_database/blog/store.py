# TODO 2: Pages from tables.
"""The posts of a blog, and questions about them."""

import datetime
from types import SimpleNamespace

from flask import abort, current_app

from .models import Post, db
from .posts import POSTS


def select_posts(*conditions):
    """Return a select of the posts that meet all conditions, in no order yet."""
    return db.select(Post).where(*conditions)


def newest_first():
    """Return the posts, the newest first; those without a date come last."""
    first = datetime.date.min
    # Of two posts of one day, the later one stays in front.
    posts = reversed(all_posts())
    return sorted(posts, key=lambda post: post.date or first, reverse=True)


def dated_posts():
    """Return the posts that have a date, the newest first."""
    return [post for post in newest_first() if post.date]


def posts_by(name):
    """Return the posts of one author, the newest first."""
    return [post for post in newest_first() if post.author == name]


def posts_tagged(tag):
    """Return the posts that have a tag, the newest first."""
    return [post for post in newest_first() if tag in post.tags]


def author_names():
    """Return the names of all who wrote a post."""
    return sorted({post.author for post in all_posts()})


def all_posts():
    """Return the posts as they came: a list in memory, which goes with the app."""
    mine = [SimpleNamespace(**post) for post in POSTS]
    return current_app.extensions.setdefault("posts", mine)


def post_or_404(post_id):
    """Return the post with this id; without one, the request ends with a 404."""
    for post in all_posts():
        if post.id == post_id:
            return post
    abort(404, "No such post")


def slug_or_404(slug):
    """Return the post with this slug; without one, the request ends with a 404."""
    for post in all_posts():
        if post.slug == slug:
            return post
    abort(404, "No such post")


def neighbours(post):
    """Return the next older post and the next newer one, None where there is none."""
    posts = newest_first()
    place = posts.index(post)
    newer = posts[place - 1] if place > 0 else None
    older = posts[place + 1] if place + 1 < len(posts) else None
    return older, newer


def select_found(question, tag):
    """Return a select of the posts that a question or a tag finds."""
    # TODO 5: Search.
    return select_posts(db.false())


def add_post(title, summary, tags, body, author):
    """Store a new post and return it."""
    # TODO 3: Survive.
    post = SimpleNamespace(
        id=max((post.id for post in all_posts()), default=0) + 1,
        slug=slug_of(title),
        title=title,
        author=author,
        date=datetime.date.today(),
        tags=[tag.strip() for tag in tags.split(",") if tag.strip()],
        summary=summary,
        body=body,
        tips=0,
    )
    all_posts().append(post)
    return post


def slug_of(title):
    """Return a title in small letters and hyphens, as no other post has it."""
    words = "".join(c if c.isalnum() else " " for c in title.lower()).split()
    slug = "-".join(words)
    if not slug or slug.isdecimal():  # a number would look like an id
        slug = f"post-{slug}"
    taken = {post.slug for post in all_posts()}
    count = 2
    free = slug
    while free in taken:
        free, count = f"{slug}-{count}", count + 1
    return free

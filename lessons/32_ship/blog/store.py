# TODO 1: Members comment.
"""The posts of a blog, and questions about them."""

import datetime

from .models import Post, User, db

NEWEST = (Post.date.desc().nulls_last(), Post.id.desc())


def select_posts(*conditions):
    """Return a select of the posts that meet all conditions, the newest first.

    Posts without a date come last; of two posts of one day, the later one comes first.
    """
    return db.select(Post).where(*conditions).order_by(*NEWEST)


def newest_first(*conditions):
    """Return the posts that meet all conditions, the newest first."""
    return db.session.scalars(select_posts(*conditions)).all()


def dated_posts():
    """Return the posts that have a date, the newest first."""
    return newest_first(Post.date.is_not(None))


def posts_by(name):
    """Return the posts of one author, the newest first."""
    return newest_first(Post.author.has(name=name))


def posts_tagged(tag):
    """Return the posts that have a tag, the newest first."""
    return newest_first(Post.tag_rows.any(name=tag))


def author_names():
    """Return the names of all who wrote a post."""
    names = db.select(User.name).where(User.posts.any())
    return sorted(db.session.scalars(names))


def all_posts():
    """Return the posts as they came."""
    return db.session.scalars(db.select(Post).order_by(Post.id)).all()


def post_or_404(post_id):
    """Return the post with this id; without one, the request ends with a 404."""
    return db.get_or_404(Post, post_id, description="No such post")


def slug_or_404(slug):
    """Return the post with this slug; without one, the request ends with a 404."""
    select = db.select(Post).filter_by(slug=slug)
    return db.one_or_404(select, description="No such post")


def neighbours(post):
    """Return the next older post and the next newer one, None where there is none."""
    posts = newest_first()
    place = posts.index(post)
    newer = posts[place - 1] if place > 0 else None
    older = posts[place + 1] if place + 1 < len(posts) else None
    return older, newer


def select_found(question, tag):
    """Return a select of the posts that a question or a tag finds."""
    texts = (Post.title, Post.summary, Post.body)
    found = [Post.tag_rows.any(name=tag)]
    if question:
        found += [text.icontains(question, autoescape=True) for text in texts]
    return select_posts(db.or_(*found))


def user_named(name):
    """Return the member with this name, None if there is none."""
    return db.session.scalar(db.select(User).filter_by(name=name))


def author_named(name):
    """Return the author with this name; a new one has no password."""
    user = user_named(name)
    if user is None:
        user = User(name=name)
        db.session.add(user)
    return user


def add_post(title, summary, tags, body, author):
    """Store a new post and return it."""
    post = Post(
        slug=slug_of(title),
        title=title,
        author=author,
        date=datetime.date.today(),
        tags=tag_list(tags),
        summary=summary,
        body=body,
        tips=0,
    )
    db.session.add(post)
    db.session.commit()
    return post


def tag_list(text):
    """Return the tags in a text with commas."""
    return [tag.strip() for tag in text.split(",") if tag.strip()]


def slug_of(title):
    """Return a title in small letters and hyphens, as no other post has it."""
    words = "".join(c if c.isalnum() else " " for c in title.lower()).split()
    slug = "-".join(words)
    if not slug or slug.isdecimal():  # a number would look like an id
        slug = f"post-{slug}"
    taken = set(db.session.scalars(db.select(Post.slug)))
    count = 2
    free = slug
    while free in taken:
        free, count = f"{slug}-{count}", count + 1
    return free

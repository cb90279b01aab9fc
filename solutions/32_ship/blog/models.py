"""The tables of the blog."""

import datetime

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """What all tables have in common."""


db = SQLAlchemy(model_class=Base)


class Tag(db.Model):
    """One tag of one post."""

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    name: Mapped[str]


class User(db.Model):
    """Somebody who writes; without a password nobody can sign in by the name."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    is_admin: Mapped[bool] = mapped_column(default=False)
    homepage: Mapped[str] = mapped_column(default="")
    posts: Mapped[list["Post"]] = relationship(back_populates="author")
    comments: Mapped[list["Comment"]] = relationship(back_populates="author")


class Post(db.Model):
    """A post; its tags are rows of their own, and read as a list of texts."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    date: Mapped[datetime.date | None]
    summary: Mapped[str]
    body: Mapped[str]
    tips: Mapped[float]
    views: Mapped[int] = mapped_column(default=0)

    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    author: Mapped[User] = relationship(back_populates="posts", lazy="joined")
    tag_rows: Mapped[list[Tag]] = relationship(
        cascade="all, delete-orphan", order_by=Tag.id, lazy="selectin"
    )
    comments: Mapped[list["Comment"]] = relationship(
        cascade="all, delete-orphan", order_by="Comment.id"
    )
    tags: AssociationProxy[list[str]] = association_proxy(
        "tag_rows", "name", creator=lambda name: Tag(name=name)
    )


class Comment(db.Model):
    """What a member says of a post."""

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    author: Mapped[User] = relationship(back_populates="comments", lazy="joined")
    date: Mapped[datetime.date]
    body: Mapped[str]

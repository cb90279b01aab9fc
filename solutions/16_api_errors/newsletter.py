"""Print the newsletter: a line and a link for every post."""

from flask import url_for

from app import app
from posts import POSTS

with app.test_request_context(base_url="https://blog.example"):
    for post in POSTS:
        url = url_for("show_post", post_id=post["id"], _external=True)
        print(f"{post['title']}: {url}")

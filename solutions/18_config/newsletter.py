"""Print the newsletter: a line and a link for every post."""

from app import app, post_url
from posts import POSTS

with app.test_request_context(base_url="https://blog.example"):
    for post in POSTS:
        url = post_url(post, _external=True)
        print(f"{post['title']}: {url}")

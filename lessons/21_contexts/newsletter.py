# TODO 4: flask newsletter. (delete this file)
"""Print the newsletter: a line and a link for every post."""

from blog import create_app
from blog.helpers import post_url
from blog.store import all_posts

app = create_app()

with app.test_request_context(base_url="https://blog.example"):
    for post in all_posts():
        url = post_url(post, _external=True)
        print(f"{post['title']}: {url}")

"""Print the newsletter: a line and a link for every post."""

# TODO 6: Links outside a request.
from posts import POSTS

for post in POSTS:
    print(post["title"])

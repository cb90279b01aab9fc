"""The blog: one page that says hello."""

from flask import Flask

app = Flask(__name__)

# TODO 2: Give your blog a name.
BLOG_NAME = "A blog without a name"


@app.route("/")
def index():
    """Greet the visitor under the blog's name."""
    # TODO 1: Say hello.
    return f"<h1>{BLOG_NAME}</h1><p>There is nothing here yet.</p>"


# TODO 3: Start it both ways.

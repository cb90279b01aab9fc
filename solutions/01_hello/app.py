"""The blog: one page that says hello."""

from flask import Flask

app = Flask(__name__)

BLOG_NAME = "Tea and Tracebacks"


@app.route("/")
def index():
    """Greet the visitor under the blog's name."""
    return f"<h1>{BLOG_NAME}</h1><p>Hello, World!</p>"


if __name__ == "__main__":
    app.run()

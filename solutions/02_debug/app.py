"""The blog: a greeting, a motto and today's date."""

import datetime

from flask import Flask

app = Flask(__name__)

BLOG_NAME = "Tea and Tracebacks"
ABOUT = {"motto": "Read the last line first."}


@app.route("/")
def index():
    """Greet the visitor under the blog's name."""
    return f"<h1>{BLOG_NAME}</h1><p>Hello, World!</p>"


@app.route("/motto")
def motto():
    """Show the blog's motto."""
    return f"<p>{ABOUT['motto']}</p>"


@app.route("/today")
def today():
    """Show today's date."""
    return f"<p>{datetime.date.today()}</p>"


if __name__ == "__main__":
    app.run()

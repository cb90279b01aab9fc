"""The blog: a few pages, each under its own address."""

import datetime

from flask import Flask

from page import page

app = Flask(__name__)

BLOG_NAME = "Tea and Tracebacks"
ABOUT = {"motto": "Read the last line first."}


# TODO 3: Two addresses, one view.
@app.route("/")
def index():
    """Greet the visitor under the blog's name."""
    return page(BLOG_NAME, "<p>Hello, World!</p>")


@app.route("/motto")
def motto():
    """Show the blog's motto."""
    return page("Motto", f"<p>{ABOUT['motto']}</p>")


@app.route("/today")
def today():
    """Show today's date."""
    return page("Today", f"<p>{datetime.date.today()}</p>")


# TODO 1: Add /about and /contact.


# TODO 4: Thank the sender.


# TODO 2: Add the folder-like page /authors/.


if __name__ == "__main__":
    app.run()

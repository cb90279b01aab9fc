"""The blog: a few pages, each under its own address."""

import datetime

from flask import Flask

from page import page

app = Flask(__name__)

BLOG_NAME = "Tea and Tracebacks"
ABOUT = {"motto": "Read the last line first."}


@app.route("/")
@app.route("/home")
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


@app.route("/about")
def about():
    """Say what this blog is."""
    return page("About", f"<p>{BLOG_NAME} is a blog that grows with every lesson.</p>")


@app.route("/contact")
def contact():
    """Show a form with one button."""
    form = '<form method="post"><button>Send a greeting</button></form>'
    return page("Contact", f"<p>Write to {BLOG_NAME}.</p>{form}")


@app.post("/contact")
def send():
    """Thank the sender."""
    return page("Contact", "<p>Thank you for writing.</p>")


@app.route("/authors/")
def authors():
    """List the authors."""
    return page("Authors", "<ul><li>Ada</li><li>Linus</li></ul>")


if __name__ == "__main__":
    app.run()

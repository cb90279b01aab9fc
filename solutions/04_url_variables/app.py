"""The blog: one view for many addresses."""

import datetime

from flask import Flask, abort
from markupsafe import escape

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


@app.route("/author/<name>")
def show_author(name):
    """Show the page of one author."""
    return page(f"Posts by {escape(name)}", "<p>No posts yet.</p>")


@app.route("/post/<int:post_id>")
def show_post(post_id):
    """Show one post."""
    return page(f"Post {post_id}", "<p>Its text comes in the next lesson.</p>")


@app.route("/tip/<int:amount>")
@app.route("/tip/<float:amount>")
def tip(amount):
    """Thank for a tip, with two decimals."""
    return page("Tip jar", f"<p>Thank you for ${amount:.2f}.</p>")


@app.route("/draft/<uuid:key>")
def draft(key):
    """Show a draft to whoever knows its key."""
    return page("A draft", f"<p>Only for you, under the key {key}.</p>")


@app.route("/files/<path:name>")
def show_file(name):
    """Name a file, wherever it lies below the folder."""
    if ".." in name.split("/"):
        abort(404)
    return page("File", f"<p>{escape(name)}</p>")


if __name__ == "__main__":
    app.run()

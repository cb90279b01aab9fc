"""The blog: posts on the home page, and every link built."""

import datetime

from flask import Flask, Response, abort, redirect, url_for
from markupsafe import escape

from page import page
from posts import POSTS

app = Flask(__name__)

BLOG_NAME = "Tea and Tracebacks"
ABOUT = {"motto": "Read the last line first."}


def find_post(post_id):
    """Return the post with this id, None if there is none."""
    return next((post for post in POSTS if post["id"] == post_id), None)


def navigation():
    """Return the links that lead around the blog."""
    # TODO 3: No link by hand.
    home, about = "/", "/about"
    return f'<p><a href="{home}">Home</a> <a href="{about}">About</a></p>'


def post_links(post):
    """Return a post's title and author, each a link."""
    title, author = escape(post["title"]), escape(post["author"])
    # TODO 1: Link posts and authors.
    return f"{title} by {author}"


def tag_links(post):
    """Return a post's tags, each a link to its search."""
    # TODO 2: Link tags with a query.
    return ", ".join(escape(tag) for tag in post["tags"])


def post_list(posts):
    """Return posts as an HTML list."""
    items = [f"<li>{post_links(post)} ({tag_links(post)})</li>" for post in posts]
    return f"<ul>{''.join(items)}</ul>"


# TODO 5: Redirect.
@app.route("/home")
@app.route("/")
def index():
    """Greet the visitor and list the posts."""
    body = f"<p>Hello, World!</p>{post_list(POSTS)}{navigation()}"
    return page(BLOG_NAME, body)


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
    names = sorted({post["author"] for post in POSTS})
    items = [f"<li>{escape(name)}</li>" for name in names]
    return page("Authors", f"<ul>{''.join(items)}</ul>")


@app.route("/author/<name>")
def show_author(name):
    """Show the page of one author."""
    posts = [post for post in POSTS if post["author"] == name]
    return page(f"Posts by {escape(name)}", post_list(posts) + navigation())


@app.route("/post/<int:post_id>")
def show_post(post_id):
    """Show one post."""
    post = find_post(post_id)
    if post is None:
        return page("No such post", navigation())
    body = f"<p>{escape(post['body'])}</p>{tag_links(post)}{navigation()}"
    return page(escape(post["title"]), body)


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


@app.route("/search")
def search():
    """Promise a search; lesson 11 builds it."""
    return page("Search", f"<p>The search comes in lesson 11.</p>{navigation()}")


@app.route("/sitemap.txt")
def sitemap():
    """List the address of every post, one a line."""
    # TODO 4: Absolute links.
    urls = [url_for("show_post", post_id=post["id"]) for post in POSTS]
    return Response("\n".join(urls), mimetype="text/plain")


if __name__ == "__main__":
    app.run()

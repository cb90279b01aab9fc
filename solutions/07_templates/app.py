"""The blog: views in Python, pages in templates."""

import datetime
from importlib.metadata import version

from flask import (
    Flask,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
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
    home, about = url_for("index"), url_for("about")
    return f'<p><a href="{home}">Home</a> <a href="{about}">About</a></p>'


def post_links(post):
    """Return a post's title and author, each a link."""
    title, author = escape(post["title"]), escape(post["author"])
    post_url = url_for("show_post", post_id=post["id"])
    author_url = url_for("show_author", name=post["author"])
    return f'<a href="{post_url}">{title}</a> by <a href="{author_url}">{author}</a>'


def tag_links(post):
    """Return a post's tags, each a link to its search."""
    links = []
    for tag in post["tags"]:
        url = url_for("search", tag=tag)
        links.append(f'<a href="{url}">{escape(tag)}</a>')
    return ", ".join(links)


def post_list(posts):
    """Return posts as an HTML list."""
    items = [f"<li>{post_links(post)} ({tag_links(post)})</li>" for post in posts]
    return f"<ul>{''.join(items)}</ul>"


@app.route("/home")
def old_home():
    """Send visitors of the old address to the home page, for good."""
    return redirect(url_for("index"), code=308)


@app.route("/latest")
def latest():
    """Send the visitor to the newest post, for now."""
    newest = max(
        (post for post in POSTS if post["date"]), key=lambda post: post["date"]
    )
    return redirect(url_for("show_post", post_id=newest["id"]))


@app.route("/")
def index():
    """Greet the visitor and list the posts."""
    body = render_template(
        "index.html",
        name=request.cookies.get("name", ""),
        visited="visited" in request.cookies,
        motto=ABOUT["motto"],
        today=datetime.date.today(),
        posts=POSTS,
    )
    response = make_response(page(BLOG_NAME, body + navigation()))
    response.set_cookie("visited", "true", max_age=3600, httponly=True, samesite="Lax")
    return response


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
        return page("No such post", navigation()), 404
    body = render_template("post.html", post=post) + navigation()
    return page(escape(post["title"]), body)


@app.route("/tip/<int:amount>")
@app.route("/tip/<float:amount>")
def tip(amount):
    """Thank for a tip, with two decimals."""
    return page("Tip jar", f"<p>Thank you for ${amount:.2f}.</p>")


@app.route("/draft/<uuid:key>")
def draft(key):
    """Show a draft to whoever knows its key."""
    response = make_response(
        page("A draft", f"<p>Only for you, under the key {key}.</p>")
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response


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
    urls = [url_for("show_post", post_id=post["id"], _external=True) for post in POSTS]
    return Response("\n".join(urls), mimetype="text/plain")


@app.route("/robots.txt")
def robots():
    """Tell search engines what to leave alone."""
    return Response("User-agent: *\nDisallow: /search\n", mimetype="text/plain")


@app.route("/api/status")
def status():
    """Tell a monitor that the blog is up, and on which Flask."""
    return {"status": "ok", "flask": version("flask")}


if __name__ == "__main__":
    app.run()

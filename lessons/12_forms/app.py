"""The blog: visitors write, publish, and are greeted by name."""

import datetime
import hashlib
from importlib.metadata import version
from pathlib import Path

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

from posts import POSTS

app = Flask(__name__)

BLOG_NAME = "Tea and Tracebacks"
ABOUT = {"motto": "Read the last line first."}
PER_PAGE = 2


def find_post(post_id):
    """Return the post with this id, None if there is none."""
    return next((post for post in POSTS if post["id"] == post_id), None)


@app.context_processor
def blog_name():
    """Tell every template the blog's name."""
    return {"blog_name": BLOG_NAME}


@app.template_filter()
def money(amount):
    """Return an amount with two decimals and thousands, like 1,200.00."""
    return f"{amount:,.2f}"


@app.template_global()
def fresh(filename):
    """Return the address of a static file, another one when the file changes."""
    content = Path(app.static_folder, filename).read_bytes()
    mark = hashlib.sha256(content).hexdigest()[:8]
    return url_for("static", filename=filename, v=mark)


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
    html = render_template(
        "index.html",
        name=request.cookies.get("name", ""),
        visited="visited" in request.cookies,
        motto=ABOUT["motto"],
        today=datetime.date.today(),
        posts=POSTS,
    )
    response = make_response(html)
    response.set_cookie("visited", "true", max_age=3600, httponly=True, samesite="Lax")
    return response


@app.route("/about")
def about():
    """Say what this blog is."""
    text = f"{BLOG_NAME} is a blog that grows with every lesson."
    return render_template("message.html", title="About", text=text)


@app.get("/contact")
def contact():
    """Show a form for a greeting."""
    return render_template("contact.html")


@app.post("/contact")
def send():
    """Thank the sender, by name where there is one."""
    # TODO 1: The contact form.
    text = f"Thank you for writing, {request.form.get('name')}."
    return render_template("message.html", title="Contact", text=text)


def slug_of(title):
    """Return a title in small letters and hyphens, as no other post has it."""
    words = "".join(c if c.isalnum() else " " for c in title.lower()).split()
    slug = "-".join(words)
    if not slug or slug.isdecimal():  # a number would look like an id
        slug = f"post-{slug}"
    taken = {post["slug"] for post in POSTS}
    count = 2
    free = slug
    while free in taken:
        free, count = f"{slug}-{count}", count + 1
    return free


def add_post(title, summary, tags, body):
    """Store a new post and return it."""
    post_id = max((post["id"] for post in POSTS), default=0) + 1
    post = {
        "id": post_id,
        "slug": slug_of(title),
        "title": title,
        "author": request.cookies.get("name") or "Guest",
        "date": datetime.date.today(),
        "tags": [tag.strip() for tag in tags.split(",") if tag.strip()],
        "summary": summary,
        "body": body,
        "tips": 0,
    }
    POSTS.append(post)
    return post


@app.get("/new")
def new():
    """Show an empty form for a post."""
    return render_template("new.html", form={}, errors={})


@app.post("/new")
def create():
    """Publish a post, or show the form again with what it lacks."""
    # TODO 4: Missing fields are not a bare 400.
    form = {name: request.form[name] for name in ["title", "summary", "tags", "body"]}
    # (Step 3 refuses here, between the two, what should not be stored.)
    # TODO 2: Publish.
    return render_template("new.html", form=form, errors={})


@app.get("/login")
def login():
    """Ask for the visitor's name; a password comes in lesson 27."""
    # TODO 5: Log in by name.
    return render_template("message.html", title="Log in", text="Not built yet.")


@app.route("/authors/")
def authors():
    """List the authors."""
    names = sorted({post["author"] for post in POSTS})
    return render_template("authors.html", names=names)


@app.route("/author/<name>")
def show_author(name):
    """Show the page of one author."""
    posts = [post for post in POSTS if post["author"] == name]
    return render_template("author.html", name=name, posts=posts)


@app.route("/post/<int:post_id>")
def show_post(post_id):
    """Show one post."""
    post = find_post(post_id)
    if post is None:
        return render_template("message.html", title="No such post"), 404
    return render_template("post.html", post=post)


@app.route("/tip/<int:amount>")
@app.route("/tip/<float:amount>")
def tip(amount):
    """Thank for a tip, with two decimals."""
    text = f"Thank you for ${amount:.2f}."
    return render_template("message.html", title="Tip jar", text=text)


@app.route("/draft/<uuid:key>")
def draft(key):
    """Show a draft to whoever knows its key."""
    text = f"Only for you, under the key {key}."
    html = render_template("message.html", title="A draft", text=text)
    response = make_response(html)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@app.route("/files/<path:name>")
def show_file(name):
    """Name a file, wherever it lies below the folder."""
    if ".." in name.split("/"):
        abort(404)
    return render_template("message.html", title="File", text=name)


def found_by(post, question, tag):
    """Return whether a post is about a question, or has a tag."""
    text = f"{post['title']} {post['summary']} {post['body']}".lower()
    return tag in post["tags"] or (question != "" and question.lower() in text)


@app.route("/search")
def search():
    """Show the posts that a question or a tag finds, two a page."""
    question = request.args.get("q", "")
    tag = request.args.get("tag", "")
    number = max(1, request.args.get("page", 1, type=int))
    found = [post for post in POSTS if found_by(post, question, tag)]
    start = (number - 1) * PER_PAGE
    return render_template(
        "search.html",
        question=question,
        tag=tag,
        count=len(found),
        posts=found[start : start + PER_PAGE],
        number=number,
        more=len(found) > start + PER_PAGE,
    )


@app.route("/debug-request")
def debug_request():
    """Show a developer what arrived, and nobody else."""
    if not app.debug:
        abort(404)
    return {
        "method": request.method,
        "url": request.url,
        "path": request.path,
        "host": request.host,
        "remote_addr": request.remote_addr,
        "content_type": request.content_type,
    }


@app.route("/sitemap.txt")
def sitemap():
    """List the address of every post, one a line."""
    urls = [url_for("show_post", post_id=post["id"], _external=True) for post in POSTS]
    return Response("\n".join(urls), mimetype="text/plain")


@app.route("/favicon.ico")
def favicon():
    """Send the icon that browsers ask for by this address."""
    return app.send_static_file("images/favicon.ico")


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

# TODO 1: Every route of lesson 18. (delete this file)
"""The blog of lesson 18, on its way into the package."""

import datetime
import functools
import hmac
from importlib.metadata import version
from pathlib import Path
from uuid import uuid4

from flask import (
    Flask,
    Response,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.utils import secure_filename

from blog import helpers
from blog.config import configure
from blog.helpers import post_url
from blog.store import all_posts, find_post, neighbours, newest_first, slug_of

app = Flask(__name__, template_folder="blog/templates", static_folder="blog/static")
configure(app)
helpers.add_to(app)

MOTTO = "Read the last line first."
KINDS = {".gif", ".jpeg", ".jpg", ".png", ".webp"}
UPLOADS = Path(app.instance_path, "uploads")


@app.route("/home")
def old_home():
    """Send visitors of the old address to the home page, for good."""
    return redirect(url_for("index"), code=308)


@app.route("/latest")
def latest():
    """Send the visitor to the newest post, for now."""
    dated = [post for post in newest_first() if post["date"]]
    if not dated:
        abort(404, "No post has a date yet")
    return redirect(post_url(dated[0]))


@app.route("/")
def index():
    """Greet the visitor and list the posts."""
    html = render_template(
        "main/index.html",
        name=request.cookies.get("name", ""),
        visited="visited" in request.cookies,
        motto=MOTTO,
        today=datetime.date.today(),
        posts=newest_first(),
    )
    response = make_response(html)
    response.set_cookie("visited", "true", max_age=3600, httponly=True, samesite="Lax")
    return response


@app.route("/about")
def about():
    """Say what this blog is."""
    text = f"{app.config['BLOG_NAME']} is a blog that grows with every lesson."
    return render_template("main/message.html", title="About", text=text)


@app.get("/contact")
def contact():
    """Show a form for a greeting."""
    return render_template("main/contact.html")


@app.post("/contact")
def send():
    """Thank the sender, by name where there is one."""
    name = request.form.get("name", "").strip() or "stranger"
    email = request.form.get("email", "").strip()
    text = f"Thank you for writing, {name}."
    if email:
        text += f" The answer goes to {email}."
    return render_template("main/message.html", title="Contact", text=text)


def add_post(title, summary, tags, body):
    """Store a new post and return it."""
    post_id = max((post["id"] for post in all_posts()), default=0) + 1
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
    all_posts().append(post)
    return post


@app.get("/new")
def new():
    """Show an empty form for a post."""
    return render_template("main/new.html", form={}, errors={})


@app.post("/new")
def create():
    """Publish a post, or show the form again with what it lacks."""
    names = ["title", "summary", "tags", "body"]
    form = {name: request.form.get(name, "").strip() for name in names}
    errors = {name: f"The {name} is empty." for name in ["title", "body"]}
    errors = {name: text for name, text in errors.items() if not form[name]}
    if errors:
        return render_template("main/new.html", form=form, errors=errors), 422
    post = add_post(**form)
    return redirect(post_url(post), code=303)


@app.get("/login")
def login():
    """Ask for the visitor's name; a password comes in lesson 27."""
    return render_template("auth/login.html")


@app.post("/login")
def log_in():
    """Remember the visitor's name and lead home."""
    response = redirect(url_for("index"), code=303)
    name = request.form.get("name", "").strip()
    response.set_cookie("name", name, httponly=True, samesite="Lax")
    return response


@app.route("/authors/")
def authors():
    """List the authors."""
    names = sorted({post["author"] for post in all_posts()})
    return render_template("main/authors.html", names=names)


@app.route("/author/<name>")
def show_author(name):
    """Show the page of one author."""
    posts = [post for post in newest_first() if post["author"] == name]
    return render_template("main/author.html", name=name, posts=posts)


@app.route("/post/<slug>")
def show_post(slug):
    """Show one post, with ways to its neighbours."""
    post = next((post for post in all_posts() if post["slug"] == slug), None)
    if post is None:
        abort(404, "No such post")
    older, newer = neighbours(post)
    return render_template("main/post.html", post=post, older=older, newer=newer)


@app.route("/post/<int:post_id>")
def old_post(post_id):
    """Send visitors of an old address to the post, for good."""
    return redirect(post_url(post_or_404(post_id)), code=308)


@app.route("/tag/<path:tag>")
def show_tag(tag):
    """Show the posts that have a tag."""
    posts = [post for post in newest_first() if tag in post["tags"]]
    if not posts:
        abort(404, "No post has this tag")
    return render_template("main/tag.html", tag=tag, posts=posts)


@app.route("/feed.xml")
def feed():
    """Send the posts that have a date, as an Atom feed."""
    posts = [post for post in newest_first() if post["date"]]
    xml = render_template("main/feed.xml", posts=posts)
    return Response(xml, mimetype="application/atom+xml")


@app.route("/tip/<int:amount>")
@app.route("/tip/<float:amount>")
def tip(amount):
    """Thank for a tip, with two decimals."""
    text = f"Thank you for ${amount:.2f}."
    return render_template("main/message.html", title="Tip jar", text=text)


@app.route("/draft/<uuid:key>")
def draft(key):
    """Show a draft to whoever knows its key."""
    text = f"Only for you, under the key {key}."
    html = render_template("main/message.html", title="A draft", text=text)
    response = make_response(html)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@app.get("/upload")
def ask_file():
    """Show the form for a picture."""
    return render_template("main/upload.html", error="")


@app.post("/upload")
def upload():
    """Keep a picture under a name of ours, and lead to it."""
    picture = request.files.get("picture")
    name = picture.filename if picture else ""
    if not name:
        return render_template("main/upload.html", error="No picture was chosen."), 422
    ending = Path(name).suffix.lower()
    if ending not in KINDS:
        error = f"The name of a picture ends with {', '.join(sorted(KINDS))}."
        return render_template("main/upload.html", error=error), 422
    stem = secure_filename(Path(name).stem)[:40] or "picture"
    name = f"{stem}-{uuid4().hex[:8]}{ending}"
    UPLOADS.mkdir(parents=True, exist_ok=True)
    picture.save(UPLOADS / name)
    return redirect(url_for("show_file", name=name), code=303)


@app.get("/files/<path:name>")
def show_file(name):
    """Send a picture that was uploaded."""
    return send_from_directory(UPLOADS, name)


def found_by(post, question, tag):
    """Return whether a post is about a question, or has a tag."""
    text = f"{post['title']} {post['summary']} {post['body']}".lower()
    return tag in post["tags"] or (question != "" and question.lower() in text)


@app.route("/search")
def search():
    """Show the posts that a question or a tag finds, page by page."""
    question = request.args.get("q", "")
    tag = request.args.get("tag", "")
    number = max(1, request.args.get("page", 1, type=int))
    found = [post for post in newest_first() if found_by(post, question, tag)]
    size = app.config["POSTS_PER_PAGE"]
    start = (number - 1) * size
    return render_template(
        "main/search.html",
        question=question,
        tag=tag,
        count=len(found),
        posts=found[start : start + size],
        number=number,
        more=len(found) > start + size,
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
    urls = [post_url(post, _external=True) for post in newest_first()]
    return Response("\n".join(urls), mimetype="text/plain")


@app.route("/favicon.ico")
def favicon():
    """Send the icon that browsers ask for by this address."""
    return app.send_static_file("images/favicon.ico")


@app.route("/admin")
def admin():
    """Be closed to everybody, until lesson 27 lets admins in."""
    abort(403)


@app.errorhandler(HTTPException)
def answer_error(error):
    """Answer every error: as JSON under /api/, as a page elsewhere."""
    response = error.get_response()  # with its own headers, such as Allow
    if request.path.startswith("/api/"):
        response.mimetype = "application/json"
        response.data = app.json.dumps(
            {
                "error": error.name,
                "message": error.description,
                "status_code": error.code,
            }
        )
    else:
        templates = [f"errors/{error.code}.html", "errors/error.html"]
        response.data = render_template(templates, error=error)
    return response


@app.route("/robots.txt")
def robots():
    """Tell search engines what to leave alone."""
    return Response("User-agent: *\nDisallow: /search\n", mimetype="text/plain")


@app.route("/api/status")
def status():
    """Tell a monitor that the blog is up, and on which Flask."""
    return {"status": "ok", "flask": version("flask")}


def token_required(view):
    """Let only programs in that send the token of the API."""

    @functools.wraps(view)
    def guarded(*args, **kwargs):
        sent = request.authorization
        token = (sent.token if sent and sent.type == "bearer" else None) or ""
        wanted = app.config["API_TOKEN"]
        if not hmac.compare_digest(token.encode(), wanted.encode()):
            raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
        return view(*args, **kwargs)

    return guarded


def as_json(post):
    """Return a post as JSON has it: its date is text, or null."""
    date = post["date"]
    return {**post, "date": date and date.isoformat()}


def post_or_404(post_id):
    """Return the post with this id; without one, the request ends with a 404."""
    post = find_post(post_id)
    if post is None:
        abort(404, "No such post")
    return post


def faults(data):
    """Return what is wrong with a post that a program sent, field by field."""
    if not isinstance(data, dict):
        return {"body": "the body should be a JSON object"}
    return {
        name: f"{name} should be text, and not empty"
        for name in ["title", "body"]
        if not isinstance(data.get(name), str) or not data[name].strip()
    }


@app.get("/api/posts")
def list_posts():
    """Return all posts."""
    return [as_json(post) for post in all_posts()]


@app.get("/api/posts/<int:post_id>")
def get_post(post_id):
    """Return one post."""
    return as_json(post_or_404(post_id))


@app.post("/api/posts")
@token_required
def create_post():
    """Store the post that a program sends."""
    data = request.get_json()
    if wrong := faults(data):
        return {"errors": wrong}, 400
    post = add_post(data["title"].strip(), "", "", data["body"].strip())
    location = url_for("get_post", post_id=post["id"])
    return as_json(post), 201, {"Location": location}


@app.put("/api/posts/<int:post_id>")
@token_required
def change_post(post_id):
    """Give a post the title and the body that a program sends."""
    post = post_or_404(post_id)
    data = request.get_json()
    if wrong := faults(data):
        return {"errors": wrong}, 400
    post["title"], post["body"] = data["title"].strip(), data["body"].strip()
    return as_json(post)


@app.delete("/api/posts/<int:post_id>")
@token_required
def delete_post(post_id):
    """Take a post out."""
    all_posts().remove(post_or_404(post_id))
    return "", 204


if __name__ == "__main__":
    app.run()

"""The pages of the blog."""

import asyncio
import csv
import datetime
import io
from pathlib import Path
from uuid import uuid4

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    stream_with_context,
    url_for,
)
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.utils import secure_filename

from . import outside
from .auth import admin_required, login_required, visitor
from .counter import count_view
from .forms import CommentForm, ContactForm, PostForm
from .helpers import post_url
from .models import User, db
from .store import (
    add_post,
    author_names,
    dated_posts,
    neighbours,
    newest_first,
    post_or_404,
    posts_by,
    posts_tagged,
    select_found,
    select_posts,
    slug_or_404,
    tag_list,
    user_named,
)

bp = Blueprint("main", __name__)

MOTTO = "Read the last line first."
KINDS = {".gif", ".jpeg", ".jpg", ".png", ".webp"}


@bp.route("/home")
def old_home():
    """Send visitors of the old address to the home page, for good."""
    return redirect(url_for("main.index"), code=308)


@bp.route("/latest")
def latest():
    """Send the visitor to the newest post, for now."""
    dated = dated_posts()
    if not dated:
        abort(404, "No post has a date yet")
    return redirect(post_url(dated[0]))


@bp.route("/")
def index():
    """Greet the visitor and list the posts."""
    size = current_app.config["POSTS_PER_PAGE"]
    page = db.paginate(select_posts(), per_page=size)
    html = render_template(
        "main/index.html",
        visited="visited" in request.cookies,
        motto=MOTTO,
        today=datetime.date.today(),
        page=page,
    )
    response = make_response(html)
    response.set_cookie(
        "visited",
        "true",
        max_age=3600,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


@bp.route("/about")
def about():
    """Say what this blog is."""
    text = f"{current_app.config['BLOG_NAME']} is a blog that grows with every lesson."
    return render_template("main/message.html", title="About", text=text)


@bp.get("/contact")
def contact():
    """Show a form for a greeting."""
    return render_template("main/contact.html", form=ContactForm())


@bp.post("/contact")
def send():
    """Thank the sender, by name where there is one, or show the form again."""
    form = ContactForm()
    if not form.validate_on_submit():
        return render_template("main/contact.html", form=form), 422
    text = f"Thank you for writing, {form.name.data or 'stranger'}."
    if form.email.data:
        text += f" The answer goes to {form.email.data}."
    return render_template("main/message.html", title="Contact", text=text)


@bp.get("/new")
@login_required
def new():
    """Show an empty form for a post."""
    return render_template("main/new.html", form=PostForm())


@bp.post("/new")
@login_required
def create():
    """Publish a post, or show the form again with what it lacks."""
    form = PostForm()
    if not form.validate_on_submit():
        return render_template("main/new.html", form=form), 422
    data = form.data
    kept = [data[key] for key in ["title", "summary", "tags", "body"]]
    post = add_post(*kept, author=visitor())
    flash(f"Published: {post.title}")
    return redirect(post_url(post), code=303)


@bp.route("/authors/")
def authors():
    """List the authors."""
    return render_template("main/authors.html", names=author_names())


@bp.route("/author/<name>")
def show_author(name):
    """Show the page of one author."""
    posts = posts_by(name)
    user = user_named(name)
    return render_template("main/author.html", name=name, user=user, posts=posts)


@bp.route("/post/<slug>")
def show_post(slug):
    """Show one post, with ways to its neighbours."""
    post = slug_or_404(slug)
    return post_page(post, count_view(post), CommentForm())


def post_page(post, views, form):
    """Return the page of a post, with its comments and a form for one more."""
    older, newer = neighbours(post)
    told = {"post": post, "older": older, "newer": newer, "views": views}
    return render_template("main/post.html", **told, form=form)


def own_post_or_403(slug):
    """Return the post with this slug, if the visitor wrote it; refuse all others."""
    post = slug_or_404(slug)
    if post.author != visitor():
        abort(403)
    return post


@bp.get("/post/<slug>/edit")
@login_required
def edit(slug):
    """Show the form for a post, filled in."""
    post = own_post_or_403(slug)
    tags = ", ".join(post.tags)
    form = PostForm(title=post.title, summary=post.summary, tags=tags, body=post.body)
    return render_template("main/edit.html", post=post, form=form)


@bp.post("/post/<slug>/edit")
@login_required
def change(slug):
    """Keep what its author changed of a post; its address stays."""
    post, form = own_post_or_403(slug), PostForm()
    if not form.validate_on_submit():
        return render_template("main/edit.html", post=post, form=form), 422
    post.title, post.summary = form.title.data, form.summary.data
    post.tags, post.body = tag_list(form.tags.data), form.body.data
    db.session.commit()
    flash(f"Saved: {post.title}")
    return redirect(post_url(post), code=303)


@bp.post("/post/<slug>/delete")
@login_required
def delete(slug):
    """Take a post out, for its author."""
    post = own_post_or_403(slug)
    db.session.delete(post)
    db.session.commit()
    flash(f"Deleted: {post.title}")
    return redirect(url_for("main.index"), code=303)


@bp.route("/post/<int:post_id>")
def old_post(post_id):
    """Send visitors of an old address to the post, for good."""
    return redirect(post_url(post_or_404(post_id)), code=308)


@bp.route("/tag/<path:tag>")
def show_tag(tag):
    """Show the posts that have a tag."""
    posts = posts_tagged(tag)
    if not posts:
        abort(404, "No post has this tag")
    return render_template("main/tag.html", tag=tag, posts=posts)


@bp.route("/feed.xml")
def feed():
    """Send the posts that have a date, as an Atom feed."""
    posts = dated_posts()
    xml = render_template("main/feed.xml", posts=posts)
    return Response(xml, mimetype="application/atom+xml")


@bp.route("/tip/<int:amount>")
@bp.route("/tip/<float:amount>")
def tip(amount):
    """Thank for a tip, with two decimals."""
    text = f"Thank you for ${amount:.2f}."
    return render_template("main/message.html", title="Tip jar", text=text)


@bp.route("/draft/<uuid:key>")
def draft(key):
    """Show a draft to whoever knows its key."""
    text = f"Only for you, under the key {key}."
    html = render_template("main/message.html", title="A draft", text=text)
    response = make_response(html)
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@bp.get("/upload")
def ask_file():
    """Show the form for a picture."""
    return render_template("main/upload.html", error="")


@bp.post("/upload")
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
    folder = Path(current_app.config["UPLOADS"])
    folder.mkdir(parents=True, exist_ok=True)
    picture.save(folder / name)
    return redirect(url_for("main.show_file", name=name), code=303)


@bp.get("/files/<path:name>")
def show_file(name):
    """Send a picture that was uploaded."""
    return send_from_directory(current_app.config["UPLOADS"], name)


@bp.route("/search")
def search():
    """Show the posts that a question or a tag finds, page by page."""
    question = request.args.get("q", "")
    tag = request.args.get("tag", "")
    size = current_app.config["POSTS_PER_PAGE"]
    page = db.paginate(select_found(question, tag), per_page=size, error_out=False)
    return render_template(
        "main/search.html",
        question=question,
        tag=tag,
        page=page,
    )


@bp.route("/debug-request")
def debug_request():
    """Show a developer what arrived, and nobody else."""
    if not current_app.debug:
        abort(404)
    return {
        "method": request.method,
        "url": request.url,
        "path": request.path,
        "host": request.host,
        "remote_addr": request.remote_addr,
        "content_type": request.content_type,
    }


@bp.route("/sitemap.txt")
def sitemap():
    """List the address of every post, one a line."""
    urls = [post_url(post, _external=True) for post in newest_first()]
    return Response("\n".join(urls), mimetype="text/plain")


@bp.route("/favicon.ico")
def favicon():
    """Send the icon that browsers ask for by this address."""
    return current_app.send_static_file("images/favicon.ico")


@bp.route("/admin")
@admin_required
def admin():
    """Show an admin who is a member."""
    users = db.session.scalars(db.select(User).order_by(User.name)).all()
    return render_template("main/admin.html", users=users)


@bp.route("/places")
def places():
    """List every place a visitor can go to."""
    return render_template("main/places.html")


@bp.route("/robots.txt")
def robots():
    """Tell search engines what to leave alone."""
    return Response("User-agent: *\nDisallow: /search\n", mimetype="text/plain")


COLUMNS = ["id", "title", "author", "date", "tags"]
RUN = ("=", "+", "-", "@")  # a spreadsheet runs a cell that begins so


def csv_line(cells):
    """Return cells as a line of CSV; one that a spreadsheet would run gets a quote."""
    line = io.StringIO()
    texts = ["" if cell is None else str(cell) for cell in cells]
    csv.writer(line).writerow(f"'{t}" if t.startswith(RUN) else t for t in texts)
    return line.getvalue()


@bp.route("/export.csv")
def export():
    """Send all posts as a table, line by line, as they come from the database."""

    def lines():
        yield csv_line(COLUMNS)
        posts = select_posts().execution_options(yield_per=50)
        for post in db.session.scalars(posts):
            tags = ", ".join(post.tags)
            yield csv_line([post.id, post.title, post.author.name, post.date, tags])

    response = Response(stream_with_context(lines()), mimetype="text/csv")
    response.headers["Content-Disposition"] = "attachment; filename=posts.csv"
    return response


@bp.route("/today")
async def today():
    """Show the tea and the weather of the day, which are asked for at the same time."""
    tea, sky = await asyncio.gather(outside.tea_of_the_day(), outside.weather())
    return render_template("main/today.html", tea=tea, sky=sky)


@bp.route("/health")
def health():
    """Tell a monitor whether the blog can work: not without its database."""
    try:
        db.session.execute(db.text("SELECT 1"))
    except SQLAlchemyError:
        return {"status": "no database"}, 503
    return {"status": "ok"}

"""What every template may use."""

import datetime
import hashlib
from pathlib import Path

from flask import current_app, url_for

from .auth import visitor


def known_everywhere():
    """Tell every template the blog's name, the year, and who asks."""
    year = datetime.date.today().year
    name = current_app.config["BLOG_NAME"]
    return {"blog_name": name, "year": year, "visitor": visitor()}


def money(amount):
    """Return an amount with two decimals and thousands, like 1,200.00."""
    return f"{amount:,.2f}"


def fresh(filename):
    """Return the address of a static file, another one when the file changes."""
    content = Path(current_app.static_folder, filename).read_bytes()
    mark = hashlib.sha256(content).hexdigest()[:8]
    return url_for("static", filename=filename, v=mark)


def post_url(post, **more):
    """Return the address of a post; more goes to url_for."""
    return url_for("main.show_post", slug=post.slug, **more)


def tag_url(tag):
    """Return the address of a tag's page."""
    return url_for("main.show_tag", tag=tag)


def add_to(app):
    """Give the templates of an app these helpers."""
    app.context_processor(known_everywhere)
    app.add_template_filter(money)
    for helper in [fresh, post_url, tag_url]:
        app.add_template_global(helper)

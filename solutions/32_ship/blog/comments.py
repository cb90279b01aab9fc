"""Comments: members write them; their authors and admins take them out."""

from flask import Blueprint, abort, flash, redirect

from .auth import login_required, visitor
from .forms import CommentForm
from .helpers import post_url
from .main import post_page
from .models import Comment, db
from .store import add_comment, slug_or_404

bp = Blueprint("comments", __name__)


@bp.post("/post/<slug>/comments")
@login_required
def create(slug):
    """Keep what a member says of a post, or say what is wrong with it."""
    post, form = slug_or_404(slug), CommentForm()
    if not form.validate_on_submit():
        return post_page(post, post.views, form), 422
    add_comment(post, visitor(), form.body.data)
    flash("Your comment is there")
    return redirect(post_url(post), code=303)


@bp.post("/post/<slug>/comments/<int:comment_id>/delete")
@login_required
def delete(slug, comment_id):
    """Take a comment out, for its author or an admin."""
    post, comment = slug_or_404(slug), db.get_or_404(Comment, comment_id)
    if comment.post_id != post.id:
        abort(404, "No such comment")
    if comment.author != visitor() and not visitor().is_admin:
        abort(403)
    db.session.delete(comment)
    db.session.commit()
    flash("The comment is gone")
    return redirect(post_url(post), code=303)

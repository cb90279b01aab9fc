"""Signing in."""

from flask import Blueprint, redirect, render_template, request, url_for

bp = Blueprint("auth", __name__)


@bp.get("/login")
def login():
    """Ask for the visitor's name; a password comes in lesson 27."""
    return render_template("auth/login.html")


@bp.post("/login")
def log_in():
    """Remember the visitor's name and lead home."""
    response = redirect(url_for("main.index"), code=303)
    name = request.form.get("name", "").strip()
    response.set_cookie("name", name, httponly=True, samesite="Lax")
    return response

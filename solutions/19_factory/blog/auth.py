"""Signing in."""

from flask import redirect, render_template, request, url_for


def login():
    """Ask for the visitor's name; a password comes in lesson 27."""
    return render_template("auth/login.html")


def log_in():
    """Remember the visitor's name and lead home."""
    response = redirect(url_for("index"), code=303)
    name = request.form.get("name", "").strip()
    response.set_cookie("name", name, httponly=True, samesite="Lax")
    return response


def add_to(app):
    """Give an app these pages."""
    app.add_url_rule("/login", view_func=login)
    app.add_url_rule("/login", view_func=log_in, methods=["POST"])

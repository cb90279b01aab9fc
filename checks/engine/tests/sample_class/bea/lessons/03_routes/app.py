"""Bea's blog: a few pages."""

from flask import Flask

app = Flask(__name__)

NAME = "Half a Loaf"


def page(title, body):
    return f"<!doctype html><title>{title}</title><h1>{title}</h1>{body}"


@app.get("/")
def index():
    return page(NAME, "<p>Hello, World!</p>")


@app.get("/about")
def about():
    return page("About", f"<p>{NAME} is mine.</p>")


@app.get("/contact")
def contact():
    button = "<form method=post><button>Greet</button></form>"
    return page("Contact", f"<p>Write to {NAME}.</p>{button}")


@app.get("/authors/")
def authors():
    return page("Authors", "<p>Bea</p>")

"""Dora's blog: a few pages."""

import os

from flask import Flask

app = Flask(__name__)

NAME = "Sudden Ends"


def page(title, body):
    return f"<!doctype html><title>{title}</title><h1>{title}</h1>{body}"


@app.get("/")
@app.get("/home")
def index():
    return page(NAME, "<p>Hello, World!</p>")


@app.get("/about")
def about():
    return page("About", f"<p>{NAME} is mine.</p>")


@app.get("/contact")
def contact():
    button = "<form method=post><button>Greet</button></form>"
    return page("Contact", f"<p>Write to {NAME}.</p>{button}")


@app.post("/contact")
def send():
    os._exit(1)


@app.get("/authors/")
def authors():
    return page("Authors", "<p>Dora</p>")

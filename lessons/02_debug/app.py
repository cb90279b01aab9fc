"""The blog: a greeting, a motto and today's date."""

import datetime

from flask import Flask

app = Flask(__name__)

BLOG_NAME = "Tea and Tracebacks"
ABOUT = {"motto": "Read the last line first."}


@app.route("/")
def index():
    """Greet the visitor under the blog's name."""
    return f"<h1>{BLOG_NAME}</h1><p>Hello, World!</p>"


@app.route("/motto")
def motto():
    """Show the blog's motto."""
    # TODO 1: Mend /motto.
    return f"<p>{ABOUT['moto']}</p>"


@app.route("/today")
def today():
    """Show today's date."""
    # TODO 2: Mend /today.
    return datetime.date.today()


# TODO 4: Take out the page that crashes on purpose.
@app.route("/boom")
def boom():
    """Crash, so that you can look at the debugger."""
    tea = {"kind": "green"}
    return tea["temperature"]


if __name__ == "__main__":
    # TODO 3: Switch debug from outside.
    app.run(debug=True)

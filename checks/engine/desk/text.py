"""The lessons' Markdown as HTML: escaped, and with links that lead somewhere here."""

import posixpath
import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

import mistune
from flask import url_for
from markupsafe import Markup, escape

from checks.engine.desk.room import room
from checks.engine.lessons import NAME, STEP, TOP, Lesson
from checks.engine.screen import PORT

SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
LOCAL = re.compile(rf"\b(127\.0\.0\.1|localhost):{PORT}\b")


@dataclass(frozen=True)
class Section:
    """A part of a text: its heading (none before the first), its step, its HTML."""

    title: str
    step: int | None
    html: Markup

    @property
    def id(self) -> str:
        """What a link to it says."""
        if self.step is not None:
            return f"step-{self.step}"
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-") or "top"


class Renderer(mistune.HTMLRenderer):
    """HTML for one text, which stands in a folder given from the workbook's top."""

    def __init__(self, folder: str):
        super().__init__(escape=True)
        self.folder = folder

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """Return a link: within the desk, to the learner's app, or out into the world."""
        if url.startswith("#"):
            return f'<a href="{escape(url)}">{text}</a>'
        if urlsplit(url).scheme not in ("", "http", "https"):
            return text
        if "://" not in url:
            href = place(self.folder, url)
            return f'<a href="{escape(href)}">{text}</a>' if href else text
        kind = ' class="to-app"' if is_app(url) else ""
        safe = 'target="_blank" rel="noopener noreferrer"'
        return f'<a href="{escape(url)}" {safe}{kind}>{text}</a>'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """Return a picture of the workbook's own; of others only their words."""
        href = place(self.folder, url) if "://" not in url else None
        words = escape(Markup(text).unescape())
        return (
            f'<img src="{escape(href)}" alt="{words}" loading="lazy">' if href else text
        )

    def block_code(self, code: str, info: str | None = None) -> str:
        """Return code that a keyboard can scroll."""
        kind = escape((info or "text").split()[0])
        label = f'tabindex="0" role="region" aria-label="{kind}"'
        return f'<pre class="code" {label}><code>{escape(code)}</code></pre>\n'

    def table(self, text: str) -> str:
        """Return a table that scrolls where it does not fit."""
        return f'<div class="wide" tabindex="0"><table>{text}</table></div>\n'


def is_app(url: str) -> bool:
    """Does an address lead to the learner's running app?"""
    parts = urlsplit(url)
    return parts.hostname in ("127.0.0.1", "localhost") and parts.port == room.app_port


def place(folder: str, url: str) -> str | None:
    """Return the desk's own page for a relative link, None where it has none."""
    path, _, part = url.partition("#")
    path = posixpath.normpath(posixpath.join(folder, path))
    anchor = part or None
    kinds = path.split("/")
    name = posixpath.splitext(kinds[-1])[0]
    if not (TOP / path).exists():  # a kit has only some of the lessons
        return None
    if kinds[0] == "lessons" and len(kinds) > 1 and NAME.fullmatch(kinds[1]):
        inner = "/".join(kinds[2:])
        if inner in ("", "README.md"):
            return url_for("reading.lesson", name=kinds[1], _anchor=anchor)
        return url_for("reading.file", name=kinds[1], path=inner)
    if kinds[0] == "lessons" and path.endswith(".md"):
        return url_for("reading.page", name=name, _anchor=anchor)
    if kinds[0] == "notebooks" and path.endswith(".ipynb") and NAME.fullmatch(name):
        return url_for("reading.notebook", name=name)
    if kinds[:2] == ["notebooks", "pictures"]:
        return url_for("reading.picture", file=kinds[-1])
    return url_for("reading.progress") if path == "README.md" else None


def html(markdown: str, folder: str) -> Markup:
    """Return a text as HTML; folder is where it stands, seen from the workbook's top."""
    here = LOCAL.sub(rf"\1:{room.app_port}", markdown)
    return rendered(here, folder, room.app_port)


@lru_cache(maxsize=128)
def rendered(markdown: str, folder: str, port: int) -> Markup:
    """Return a text as HTML; port is the one of the app's links that it was made for."""
    renderer = Renderer(folder)
    make = mistune.create_markdown(renderer=renderer, plugins=["table"])
    return Markup(make(markdown))


def sections(lesson: Lesson) -> list[Section]:
    """Return a lesson's text in its parts, without the heading of the page."""
    _, _, text = lesson.text.partition("\n")
    pieces = SECTION.split(text)
    folder = f"lessons/{lesson.name}"
    found = [Section("", None, html(pieces[0], folder))]
    for title, body in zip(pieces[1::2], pieces[2::2], strict=True):
        step = STEP.fullmatch(f"## {title}")
        number = int(step[1]) if step else None
        found.append(Section(title.strip(), number, html(body, folder)))
    return found

"""What a built site holds: its pages, their links and anchors, what they ask for."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# What a browser asks for by itself when it shows a page; links wait for a reader.
ASKS = {("img", "src"), ("script", "src"), ("link", "href"), ("iframe", "src")}
ASKS |= {("source", "src"), ("source", "srcset"), ("img", "srcset"), ("video", "src")}
LINKS = {("a", "href"), ("area", "href"), *ASKS}


class Page(HTMLParser):
    """The anchors of an HTML page, its links, and the pages in its frames."""

    def __init__(self, text: str):
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[tuple[str, str, str]] = []
        self.frames: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" or (tag, name) == ("a", "name"):
                self.anchors.add(value)
            elif (tag, name) in LINKS:
                self.links.append((tag, name, value or ""))
            elif (tag, name) == ("iframe", "srcdoc"):
                self.frames.append(value)


def pages(site: Path) -> dict[Path, Page]:
    """Return every page of a site, parsed."""
    found = sorted(path for path in site.rglob("*.html") if "_static" not in path.parts)
    return {path: Page(path.read_text(encoding="utf-8")) for path in found}


def faults(site: Path) -> Iterator[str]:
    """Yield what leads nowhere, and what asks another machine, page by page."""
    known = pages(site)
    for path, page in known.items():
        where = path.relative_to(site).as_posix()
        for tag, name, target in page.links:
            if fault := wrong(known, path, (tag, name), target):
                yield f'{where}: <{tag} {name}="{target}"> {fault}'
        for frame in map(Page, page.frames):
            for tag, name, target in frame.links:
                if (tag, name) in ASKS and not target.startswith("data:"):
                    yield f"{where}: a window asks for {target}"


def wrong(known: dict, path: Path, kind: tuple[str, str], target: str) -> str:
    """Return what is wrong with one link of a page; "" for nothing."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        away = kind in ASKS and parts.scheme != "data"
        return "asks another machine" if away else ""
    place = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not place.is_file():
        return "leads nowhere"
    anchor = unquote(parts.fragment)
    if anchor and place in known and anchor not in known[place].anchors:
        return "has no such anchor"
    return ""


def styles_that_ask(site: Path) -> list[str]:
    """Return the addresses of other machines that a stylesheet of the site asks for."""
    text = "\n".join(p.read_text(encoding="utf-8") for p in site.rglob("*.css"))
    return re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")\s]+)", text)

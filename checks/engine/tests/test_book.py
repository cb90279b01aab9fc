"""The book: its pages are put together right, and the built site is whole."""

import functools
import json
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from checks.engine.book import build as building
from checks.engine.book import made, names, pages
from checks.engine.browser import browser
from checks.engine.lessons import all_lessons, find
from checks.engine.links import LINK, moved
from checks.engine.tests import site

MOST_BYTES = 500_000
# Pages for teachers are looked up, these are read.
READERS = ("index", "lessons/", "notebooks/")
ALONE = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"


# --- What is put together ---------------------------------------------------------


def test_the_parts_hold_every_lesson_once():
    parts = pages.parts()
    assert [part.title[:6] for part in parts] == [
        "Part A",
        "Part B",
        "Part C",
        "Part D",
    ]
    names = [name for part in parts for name in part.lessons]
    assert names == [lesson.name for lesson in all_lessons()]


def test_the_hints_are_folded_below_their_steps():
    page = pages.lesson_page(find("3"))
    steps = page.split("\n## Step ")[1:]
    assert [step.count("<summary>Hint") for step in steps] == [3, 3, 3, 3]
    assert "with others below it is like a folder" in steps[1]
    assert "\n   " not in steps[1], "a hint is no block of code"
    assert page.rstrip().endswith("The notebook <../../notebooks/03_routes>\n```")


def test_a_notebook_folds_its_solutions_and_keeps_its_outputs():
    stored = (pages.TOP / "notebooks" / "03_routes.ipynb").read_text(encoding="utf-8")
    page = json.loads(pages.notebook_page(json.loads(stored), find("3")))
    assert page["cells"][0]["source"].startswith("# 3 · Routes: the notebook\n")
    tags = [cell["metadata"].get("tags", []) for cell in page["cells"]]
    assert ["solution", "hide-input"] in tags and tags[1] == ["hide-input"]
    assert ["hide-input", "remove-input"] in tags, (
        "of a guess only the question is left"
    )
    outputs = [cell.get("outputs") for cell in page["cells"]]
    assert outputs == [cell.get("outputs") for cell in json.loads(stored)["cells"]]


def test_links_move_with_their_text():
    text = "[a](../03_routes/README.md#top) [b](https://x.org) [c](#here) ![d](p/e.svg)"
    found = moved(text, "lessons/04_url_variables", "lessons")
    links = re.findall(r"\((.+?)\)", found)
    there = ["03_routes/README.md#top", "https://x.org", "#here"]
    assert links == [*there, "04_url_variables/p/e.svg"]


def test_every_page_that_the_readme_links_is_one_of_the_book(tmp_path):
    pages.stage(tmp_path / "book")
    text = (pages.TOP / "README.md").read_text(encoding="utf-8")
    linked = {link.partition("#")[0] for link in LINK.findall(text)}
    wanted = {link for link in linked if link.endswith(".md") and "://" not in link}
    assert "checks/redteam/README.md" in wanted
    assert not [link for link in wanted if not (tmp_path / "book" / link).is_file()]


def test_every_lesson_tells_what_goes_wrong():
    text = made.pages()["WHEN_IT_GOES_WRONG"]
    parts = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    assert len(parts) == len(all_lessons())
    assert all(part.count("\n| ") >= 4 for part in parts)


def test_what_is_often_told_comes_from_the_notes():
    text = made.pages()["OFTEN_TOLD"]
    assert "| a route answers only GET | HEAD and OPTIONS come along" in text
    assert "shown by" not in text and not re.search(r"\bF\d\d\b", text)


@functools.cache
def introduced():
    return {e.name: e.lesson for kind in names.introduced().values() for e in kind}


@pytest.mark.parametrize(
    ("name", "lesson"),
    [
        ("url_for", 5), ("render_template", 7), ("Blueprint", 20), ("session", 24),
        ("app.errorhandler", 15), ("request.args", 11), ("MAX_CONTENT_LENGTH", 14),
        ("flask routes", 3), ("{% extends %}", 8), ("ProxyFix", 31), ("flash", 24),
        ("| default", 9), ("response.set_cookie", 6), ("TRUSTED_HOSTS", 28),
    ],
)  # fmt: skip
def test_a_name_leads_to_the_lesson_that_introduces_it(name, lesson):
    assert introduced()[name].number == lesson


def test_what_a_lesson_leaves_to_others_introduces_nothing():
    assert "url_for" in find("3").text
    used = names.used(names.text_of(find("3")), set())
    assert ("From flask", "url_for") not in used


def test_the_glossary_speaks_of_what_its_lessons_explain():
    text = (pages.TOP / "notebooks" / "book" / "glossary.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+?) \| .+? \| \[(\d+)\]", text, re.MULTILINE)
    words = [word.lower().strip("`") for word, _ in rows]
    assert words == sorted(words) and len(words) > 40
    for word, number in rows:
        lesson = find(number)
        book = pages.TOP / "notebooks" / f"{lesson.name}.ipynb"
        said = (lesson.text + book.read_text("utf-8")).lower()
        first = re.split(r",| \(", word)[0].lower().strip("`")
        assert first in said, f"lesson {number} says nothing of {first}"


def test_the_books_packages_are_pinned_as_the_constraints_have_them():
    constraints = (pages.TOP / "checks" / "constraints.txt").read_text("utf-8")
    pinned = dict(re.findall(r"^([\w.-]+)==(\S+)", constraints, re.MULTILINE))
    text = (pages.TOP / "notebooks" / "book" / "requirements.txt").read_text("utf-8")
    wanted = re.findall(r"^([\w-]+)==(\S+)$", text, re.MULTILINE)
    assert wanted and all(pinned[name.lower()] == version for name, version in wanted)


# --- The built site ---------------------------------------------------------------


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Build the site once; a warning of Sphinx's is an error here."""
    return building.build(tmp_path_factory.mktemp("book") / "site").parent


@pytest.fixture(scope="module")
def origin(book):
    """Serve the site on this machine."""
    handler = functools.partial(Quiet, directory=book)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "http://127.0.0.1:{}".format(*server.server_address[1:])
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, *words):
        pass


@pytest.mark.long
def test_every_link_and_anchor_leads_somewhere_and_nothing_leaves_the_machine(book):
    assert list(site.faults(book)) == []
    assert site.styles_that_ask(book) == []


@pytest.mark.long
def test_no_page_is_large(book):
    sizes = {path.name: path.stat().st_size for path in site.pages(book)}
    assert len(sizes) > 8 and max(sizes.values()) <= MOST_BYTES, sizes


@pytest.mark.long
def test_a_site_with_faults_is_noticed(tmp_path):
    (tmp_path / "a.html").write_text(
        '<p id="x"><a href="b.html"></a><a href="#y"></a><a href="#x"></a>'
        '<img src="https://x.org/p.png"><a href="https://x.org"></a>'
        '<iframe srcdoc="&lt;img src=&quot;/p.png&quot;&gt;"></iframe>'
    )
    (tmp_path / "a.css").write_text('@import "https://x.org/font.css";')
    told = "\n".join(site.faults(tmp_path))
    assert told.count("\n") == 3
    for fault in (
        "leads nowhere",
        "no such anchor",
        "another machine",
        "a window asks",
    ):
        assert fault in told
    assert site.styles_that_ask(tmp_path) == ["https://x.org/font.css"]


LOOK = """(() => {
  const seen = [...document.querySelectorAll(
    "article img, article table, article .cell_output, article .output")];
  const shown = seen.filter(e => e.getBoundingClientRect().top < innerHeight
    && e.getBoundingClientRect().height > 0);
  return {wide: document.documentElement.scrollWidth, shown: shown.length};
})()"""


@pytest.mark.long
def test_pages_are_readable_wide_and_narrow_and_ask_nobody(
    book, origin, needs_chromium
):
    found = []
    with browser(ALONE) as page:
        for path in site.pages(book):
            name = path.relative_to(book).as_posix()
            page.open(f"{origin}/{name}", 1280)
            found += [f"{name}: {line}" for line in page.complaints()]
            asked = [
                url for url in page.asked() if not url.startswith((origin, "data:"))
            ]
            found += [f"{name} asks {url}" for url in asked]
            if name.startswith(READERS) and not page.value(LOOK)["shown"]:
                found.append(f"{name}: no picture, table or output in the first screen")
            page.resize(360, 740)
            if (wide := page.value(LOOK)["wide"]) > 360:
                found.append(f"{name} is {wide} pixels wide on a phone")
    assert found == []


@pytest.mark.long
def test_the_search_finds_a_word_of_a_notebook(origin, needs_chromium):
    with browser(ALONE) as page:
        page.open(f"{origin}/search.html?q=matching", 1280)
        found = "document.querySelectorAll('#search-results li a').length"
        done = "document.querySelector('#search-results p.search-summary')?.innerText"
        wait = f"""new Promise(tell => {{ const look = () =>
            {found} && /{"Search finished|found"}/.test({done} ?? '') ? tell({found})
            : setTimeout(look, 50); look(); }})"""
        told = page.call("Runtime.evaluate", expression=wait, awaitPromise=True)
        assert told["result"]["value"] > 0
        first = page.value("document.querySelector('#search-results').innerText")
        assert "3 · Routes" in first

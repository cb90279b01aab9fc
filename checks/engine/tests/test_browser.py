"""The finished pages in a real browser: wide and narrow, light and dark, and quiet."""

import json

import pytest

from checks.engine.browser import browser
from checks.engine.pictures import running
from checks.engine.tests.content import LESSONS

pytestmark = pytest.mark.long
DRESSED = LESSONS[2:]  # from lesson 3 on every page is given its looks

TEXT = "document.body.innerText"
PATHS = "[...document.links].map(link => link.pathname)"
SUBMIT = "document.querySelector('main form button').click()"
COLOURS = (
    "(style => style.backgroundColor + style.color)(getComputedStyle(document.body))"
)


@pytest.fixture(scope="module")
def page(needs_chromium):
    with browser() as opened:
        yield opened


def addresses(page, origin):
    """Return the pages that can be reached by links from the home page."""
    links = "[...document.links].map(link => link.href.split('#')[0])"
    seen, asked, waiting = [], set(), [f"{origin}/"]
    while waiting:
        url = waiting.pop()
        if url in asked or not url.startswith(origin):
            continue
        asked.add(url)
        page.open(url, 1000)
        if page.value("document.contentType") != "text/html":
            continue  # the feed, which a browser shows as it comes
        seen.append(url)
        waiting += page.value(links)
    return seen


# Text against what stands behind it, as WCAG 2.1 counts (success criterion 1.4.3, AA).
TOO_FAINT = """
(() => {
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => {
    const [r, g, b] = numbers(text).map(
      v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((numbers(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].filter(n => n.nodeType === 3 && n.data.trim());
    const style = getComputedStyle(element);
    if (!own.length || style.display === "none" || !element.offsetWidth) continue;
    const [high, low] = [light(style.color), light(behind(element))].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), bold = style.fontWeight >= 700;
    const needed = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < needed) found.push(`${own[0].data.trim()}: ${ratio.toFixed(1)}`);
  }
  return found;
})()
"""


@pytest.mark.parametrize("name", DRESSED)
def test_every_page_fits_and_asks_nobody_else(page, name):
    with running(name) as origin:
        for url in addresses(page, origin):
            for width, dark in [(1000, False), (360, False), (360, True)]:
                page.open(url, width, dark)
                where = f"{url.removeprefix(origin)} at {width} px"
                too_wide = "document.documentElement.scrollWidth - window.innerWidth"
                assert page.value(too_wide) <= 0, f"{where} is wider than the window"
                assert page.value("document.querySelectorAll('h1').length") == 1, where
                assert page.value("document.title"), f"{where} has no title"
                assert not page.value(TOO_FAINT), f"{where} is too faint to read"
                assert not page.complaints(), where
                strange = [a for a in page.asked() if not a.startswith(origin)]
                assert not strange, f"{where} asks {strange}"


@pytest.mark.parametrize("name", DRESSED)
def test_light_and_dark_pages_have_colours_of_their_own(page, name):
    with running(name) as origin:
        seen = []
        for dark in (False, True):
            page.open(f"{origin}/", 1000, dark)
            seen.append(page.value(COLOURS))
    assert seen[0] != seen[1]


def test_the_finished_blog_works_in_a_browser(page):
    with running("17_blog") as origin:
        page.open(f"{origin}/login", 1000)
        page.follow(f"{fill(name='Zoë <b>')}; {SUBMIT}")
        assert "Zoë <b>" in page.value(TEXT), "the greeting knows the name"

        page.open(f"{origin}/new", 360, dark=True)
        page.follow(f"{fill(title='', body='kept & <i>')}; {SUBMIT}")
        assert page.value("document.querySelector('[name=body]').value") == "kept & <i>"
        page.follow(f"{fill(title='Second cup')}; {SUBMIT}")
        assert page.value("document.querySelector('h1').innerText") == "Second cup"
        assert "kept & <i>" in page.value(TEXT)
        post = page.value("location.pathname")
        page.open(f"{origin}/", 1000)
        assert post in page.value(PATHS), "the home page leads to the new post"
        assert not page.complaints()


def test_the_theme_is_switched_and_remembered(page):
    with running("17_blog") as origin:
        page.open(f"{origin}/", 1000)
        before = page.value(COLOURS)
        page.value("document.querySelector('#theme').click()")
        assert page.value(COLOURS) != before
        switched = page.value(COLOURS)
        page.open(f"{origin}/about", 1000)
        assert page.value(COLOURS) == switched
        page.value("document.querySelector('#theme').click()")
        assert page.value(COLOURS) == before


def fill(**fields):
    """Return the JavaScript that types into the fields of a form."""
    lines = [
        f"document.querySelector('main [name={name}]').value = {json.dumps(text)}"
        for name, text in fields.items()
    ]
    return "; ".join(lines)

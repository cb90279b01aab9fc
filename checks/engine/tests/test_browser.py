"""The finished pages in a real browser: wide and narrow, light and dark, and quiet."""

import json
import urllib.error
import urllib.request

import pytest

from checks.engine.browser import browser
from checks.engine.pictures import running
from checks.engine.tests.content import LESSONS

pytestmark = pytest.mark.long
DRESSED = LESSONS[2:]  # from lesson 3 on every page is given its looks

WITH_MEMBERS = [name for name in LESSONS if name >= "27"]

LOOKS = [(1000, "light"), (360, "light"), (360, "dark")]
TEXT = "document.body.innerText"
PATHS = "[...document.links].map(link => link.pathname)"
SUBMIT = "document.querySelector('main form button').click()"
LOG_OUT = "[...document.querySelectorAll('nav button')].at(-2).click()"
COLOURS = (
    "(style => style.backgroundColor + style.color)(getComputedStyle(document.body))"
)


@pytest.fixture(scope="module")
def page(needs_chromium):
    with browser() as opened:
        yield opened


def pages_of(page, origin):
    """Open each page that can be reached by links from the home page; yield its address."""
    links = "[...document.links].map(link => link.href.split('#')[0])"
    asked, waiting = set(), [f"{origin}/"]
    while waiting:
        url = waiting.pop()
        if url in asked or not url.startswith(origin):
            continue
        asked.add(url)
        if is_saved(url):
            continue
        page.open(url, LOOKS[0][0])
        if page.value("document.contentType") != "text/html":
            continue  # the feed, which a browser shows as it comes
        waiting += page.value(links)
        yield url


def is_saved(url):
    """Does a browser save what is there, as a table of posts? Then no page comes."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.headers.get_content_disposition() == "attachment"
    except urllib.error.HTTPError:
        return False  # a page, too


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


def look_at_all(page, origin):
    """Assert what holds for every page of a site, wide and narrow, light and dark."""
    for url in pages_of(page, origin):
        where = url.removeprefix(origin)
        assert page.value("document.querySelectorAll('h1').length") == 1, where
        assert page.value("document.title"), f"{where} has no title"
        for width, scheme in LOOKS:  # as a reader who turns the phone and the light
            page.resize(width, 800)
            page.wish(prefers_color_scheme=scheme)
            too_wide = "document.documentElement.scrollWidth - window.innerWidth"
            assert page.value(too_wide) <= 0, f"{where} is too wide for {width} px"
            faint = page.value(TOO_FAINT)
            assert not faint, f"{where} is too faint to read, {scheme}: {faint}"
        assert not page.complaints(), where
        strange = [a for a in page.asked() if not a.startswith(origin)]
        assert not strange, f"{where} asks {strange}"


@pytest.mark.parametrize("name", DRESSED)
def test_every_page_fits_and_asks_nobody_else(page, name):
    with running(name) as origin:
        look_at_all(page, origin)


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


@pytest.mark.parametrize("name", WITH_MEMBERS)
def test_members_come_write_are_refused_and_go(page, name):
    with running(name) as origin:
        sign_up(page, origin, "Zoë <b>")
        assert "Zoë <b>" in page.value(TEXT), "the greeting knows the member"
        page.open(f"{origin}/new", 360, dark=True)
        page.follow(f"{fill(title='', body='kept & <i>')}; {SUBMIT}")
        assert page.value("document.querySelector('[name=body]').value") == "kept & <i>"
        page.follow(f"{fill(title='Second cup')}; {SUBMIT}")
        post = page.value("location.href")
        look_at_all(page, origin)

        page.open(post, 1000)
        page.follow(f"{linked('Edit')}.click()")
        page.follow(f"{fill(title='Third cup')}; {SUBMIT}")
        assert page.value("document.querySelector('h1').innerText") == "Third cup"
        assert page.value("location.href") == post
        page.follow(LOG_OUT)
        assert "Log in" in page.value(TEXT) and "Goodbye" in page.value(TEXT)

        sign_up(page, origin, "Yan")
        page.open(post, 1000)
        assert page.value(f"!{linked('Edit')}"), "only the author edits"
        page.open(f"{post}/edit", 1000)
        page.complaints()  # of the status, which a browser tells
        assert "Third cup" not in page.value(TEXT)


def sign_up(page, origin, name):
    """Register a member in the browser, and sign in."""
    for way in ("register", "login"):
        page.open(f"{origin}/auth/{way}", 1000)
        page.follow(f"{fill(name=name, password='tea at four')}; {SUBMIT}")


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


def linked(text):
    """Return the JavaScript that finds the link with a text."""
    return f"[...document.links].find(link => link.innerText === {json.dumps(text)})"


def fill(**fields):
    """Return the JavaScript that types into the fields of a form."""
    lines = [
        f"document.querySelector('main [name={name}]').value = {json.dumps(text)}"
        for name, text in fields.items()
    ]
    return "; ".join(lines)

"""The finished pages in a real browser: wide and narrow, light and dark, and quiet."""

import contextlib
import socket
import subprocess
import sys
import threading

import pytest

from checks.engine.lessons import SOLUTIONS
from checks.engine.tests.browser import browser, chromium
from checks.engine.tests.content import LESSONS

pytestmark = pytest.mark.long
# From lesson 3 on the given page helper dresses every page.
DRESSED = [name for name in LESSONS if (SOLUTIONS / name / "page.py").is_file()]


@pytest.fixture(scope="module")
def page():
    if chromium() is None:
        pytest.skip("Chromium is not installed: `apt-get install chromium` brings it")
    with browser() as opened:
        yield opened


@contextlib.contextmanager
def running(name):
    """Run a lesson's solution as a learner would; lend its address and its client."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-B", "-m", "flask", "--app", "app", "run"]
    process = subprocess.Popen(
        [*command, "--port", str(port)],
        cwd=SOLUTIONS / name,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for line in process.stdout:
            if "Running on" in line:
                break
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def addresses(page, origin):
    """Return the pages that can be reached by links from the home page."""
    links = "[...document.links].map(link => link.href.split('#')[0])"
    seen, waiting = [], [f"{origin}/"]
    while waiting:
        url = waiting.pop()
        if url in seen or not url.startswith(origin):
            continue
        seen.append(url)
        page.open(url, 1000)
        waiting += page.value(links)
    return seen


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
                assert not page.complaints(), where
                strange = [a for a in page.asked() if not a.startswith(origin)]
                assert not strange, f"{where} asks {strange}"


@pytest.mark.parametrize("name", DRESSED)
def test_light_and_dark_pages_have_colours_of_their_own(page, name):
    colour = "getComputedStyle(document.body).backgroundColor + getComputedStyle(document.body).color"
    with running(name) as origin:
        seen = []
        for dark in (False, True):
            page.open(f"{origin}/", 1000, dark)
            seen.append(page.value(colour))
    assert seen[0] != seen[1]

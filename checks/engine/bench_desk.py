"""What the desk promises of its speed, measured in a real browser for `make bench`."""

import contextlib
import json
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from checks.engine.browser import Browser, browser, chromium

SAVES, OPENED, IDLE_SECONDS, WIDTH = 30, 6, 20, 1400
PAUSE = 0.5  # seconds that a learner types between two saves, at the least
# The moments, in milliseconds since 1970, at which the page told another score.
STAMPS = """
window.stamps = [];
new MutationObserver(() => {
  const now = document.querySelector("#summary").textContent.trim();
  if (now !== window.last) stamps.push(performance.timeOrigin + performance.now());
  window.last = now;
}).observe(document.querySelector("header.top"), {childList: true, subtree: true});
window.last = document.querySelector("#summary").textContent.trim();
"""
PAINT = """
performance.getEntriesByName("first-contentful-paint")[0].startTime
  - performance.getEntriesByType("navigation")[0].responseStart
"""


def figures(
    desk: str,
    file: Path,
    terminal: Callable[[], float],
    processes: Callable[[], list[int]],
) -> Iterator[tuple[str, str, str]]:
    """Yield what was measured of a running lesson's desk: figure, measured, target.

    file is the lesson's app, whose every save moves the page. terminal waits for the
    next verdict on the terminal and returns the moment of perf_counter() at which it
    came; processes tells all that belong to the lesson. Nothing is yielded but a
    sentence where there is no browser.
    """
    if chromium() is None:
        yield "the desk in a browser", "no browser", ""
        return
    with browser() as page:
        first = first_paint(page, desk)
        page.until("!document.querySelector('#frame').hidden")
        size = f"{sent(page, desk)} kB"
        median = statistics.median(first_paint(page, desk) for _ in range(OPENED))
        yield "desk: first paint after the answer", ms(median), "≤ 200 ms"
        yield "  the first page that this browser ever shows", ms(first), ""
        yield "desk: the page with all it fetches", size, "≤ 100 kB"
        page.value(STAMPS)
        pairs = [saved(page, file, terminal) for _ in range(SAVES)]
        on_page, on_terminal = (sorted(found) for found in zip(*pairs, strict=True))
        p95 = f"save → verdict on the page, p95 of {SAVES}"
        yield p95, ms(on_page[int(SAVES * 0.95)]), "≤ 150 ms"
        yield "  median", ms(statistics.median(on_page)), ""
        median = ms(statistics.median(on_terminal))
        yield "  the same saves on the terminal, median", median, "as without a desk"
        time.sleep(PAUSE * 4)  # the app starts again
        share = f"{idle(processes) * 100:.1f} %"
        yield "desk open, nobody types: share of a core", share, "< 1 %"


def first_paint(page: Browser, desk: str) -> float:
    """Open the desk; return the milliseconds from the answer's begin to something seen."""
    page.open(desk, WIDTH)
    page.until("performance.getEntriesByName('first-contentful-paint').length")
    return page.value(PAINT)


def ms(milliseconds: float) -> str:
    """Return milliseconds as they stand in the table."""
    return f"{milliseconds:.0f} ms"


def saved(
    page: Browser, file: Path, terminal: Callable[[], float]
) -> tuple[float, float]:
    """Save the app so that its score changes.

    Return the milliseconds until the page has it, and until the terminal has.
    """
    time.sleep(PAUSE)
    page.value("stamps.length = 0")
    text = file.read_text()
    address, other = '"/about"', '"/abuot"'
    text = (
        text.replace(address, other)
        if address in text
        else text.replace(other, address)
    )
    whole = file.parents[2] / "saved.tmp"
    whole.write_text(text)
    start, tick = time.time() * 1000, time.perf_counter()
    os.replace(whole, file)
    shown = (terminal() - tick) * 1000
    return page.until("stamps[0]") - start, shown


def sent(page: Browser, desk: str) -> int:
    """Return how many kB the desk has sent for its page, headers and all."""
    script = "performance.getEntries().filter(e => e.transferSize).map(e => [e.name, e.transferSize])"
    entries = json.loads(page.value(f"JSON.stringify({script})"))
    return round(sum(size for name, size in entries if name.startswith(desk)) / 1000)


def idle(processes: Callable[[], list[int]]) -> float:
    """Return the share of a core that some processes take while nothing happens."""
    start, before = time.monotonic(), spent(processes())
    time.sleep(IDLE_SECONDS)
    return (spent(processes()) - before) / (time.monotonic() - start)


def spent(pids: list[int]) -> float:
    """Return the seconds of computing that processes have taken until now (Linux)."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")

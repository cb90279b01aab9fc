"""What a page shows that tells its own story: a bare name in braces, a strange link."""

import re

from checks.engine.judging.spots import Facts


def sights(facts: Facts) -> list[str]:
    """Return a line for everything on the page that gives a mistake away."""
    lines: list[str] = []
    for look in (braces, addresses_that_came):
        lines += look(facts)
    return lines


def answer(facts: Facts) -> str:
    """Return what the app said last: a page, or what a command printed."""
    page = (facts.get("exchange") or {}).get("response") or facts.get("saw", "")
    return page or (facts.get("command") or {}).get("output", "")


def addresses_that_came(facts: Facts) -> list[str]:
    """An address that url_for built of something else than was meant."""
    page, lines = answer(facts), []
    if re.search(r"[?&;]external=", page):
        lines.append("external= became a query: the keyword is _external")
    if re.search(r"&(amp;)?%23(34|39);", page):
        lines.append("an address holds &%23: what url_for got was escaped already")
    return lines


def braces(facts: Facts) -> list[str]:
    """A page that shows a name in braces, as it stands in the code."""
    page = (facts.get("exchange") or {}).get("response") or facts.get("saw", "")
    page = re.sub(r"(?is)<(style|script)\b.*?</\1>", "", page)
    found = re.search(r"(?<!\{)\{[A-Za-z_][\w.]*(\[[^]]*\]|\([^)]*\))?\}(?!\})", page)
    return [f"the page says {found[0]}: is an f missing?"] if found else []

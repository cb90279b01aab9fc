"""What a page shows that tells its own story: a bare name in braces, a strange link."""

import re

from checks.engine.judging.spots import Facts


def sights(facts: Facts) -> list[str]:
    """Return a line for everything on the page that gives a mistake away."""
    lines: list[str] = []
    for look in (braces, tags_that_came, words_that_came, addresses_that_came):
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
    found = re.search(r"(?<!\{)\{ ?[A-Za-z_][\w.]*(\[[^]]*\]|\([^)]*\))? ?\}(?!\})", page)
    if not found:
        return []
    template = any(name.endswith(".html") for name in facts.get("files") or [])
    also = ", or in a template the second pair of braces" if template else ""
    return [f"the page says {found[0]}: is an f missing{also}?"]


def words_that_came(facts: Facts) -> list[str]:
    """A word that nobody wrote for a visitor: None, or the name of a character."""
    page = (facts.get("exchange") or {}).get("response") or ""
    page, lines = re.sub(r"(?is)<(style|script|title)\b.*?</\1>", "", page), []
    if re.search(r"\bNone\b", re.sub(r"<[^>]*>", " ", page)):
        lines.append("None is what Python has for nothing: a value without anything")
        lines[-1] += " in it, or what a function gives that does not return"
    if found := re.search(r"&amp;(hellip|nbsp|mdash|ndash|euro|copy|middot);", page):
        lines.append(f"&{found[1]}; arrives as text: write the character itself")
    return lines


def tags_that_came(facts: Facts) -> list[str]:
    """Tags of Jinja's or of HTML that a visitor reads as text."""
    page = (facts.get("exchange") or {}).get("response") or ""
    page, lines = re.sub(r"(?is)<(style|script)\b.*?</\1>", "", page), []
    if found := re.search(r"\{\{[^}]*\}\}|\{%[^}]*%\}|\{#.*?#\}", page):
        lines.append(f"the page says {found[0]}: only a rendered template is read")
    if re.search(r"&amp;(lt|gt|quot|amp|#34|#39);", page):
        lines.append("a text was escaped twice: a template escapes by itself")
    if found := re.search(r"&lt;(p|a|h1|ul|ol|li|em|div)\b", page):
        lines.append(f"<{found[1]} arrives as text: HTML was handed over as a value")
    return lines

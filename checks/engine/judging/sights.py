"""What a page shows that tells its own story: a bare name in braces, a strange link."""

import base64
import json
import re
import zlib

from checks.engine.judging.addresses import of_nginx
from checks.engine.judging.meanings import logs, proxies, servers, tables, views
from checks.engine.judging.meanings.contexts import commands, hooks
from checks.engine.judging.meanings.errors import (
    FLASKS_OWN,
    handlers,
    pages_for_errors,
)
from checks.engine.judging.spots import Facts


def sights(facts: Facts) -> list[str]:
    """Return a line for everything on the page that gives a mistake away."""
    lines: list[str] = []
    looks = (
        braces,
        tags_that_came,
        words_that_came,
        addresses_that_came,
        frames_that_came,
        http_dates,
        json_elsewhere,
        content_types,
        broken_xml,
        fields_that_came,
        tokens_that_came,
        files_elsewhere,
        aborted,
        too_large,
        handlers,
        commands,
        logs.lines,
        servers.lines,
        tables.tables,
        views.capitals,
        views.coroutines,
        views.streams,
        sessions,
        proxies.refused,
        proxies.pages,
        proxies.believed,
    )
    if told := hooks(facts):  # nobody's page either
        return told
    path = str((facts.get("exchange") or {}).get("path"))
    if "content-disposition" in sent(facts) or "/static../" in path:
        looks = (files_elsewhere,)  # a file as it lies there, nobody's page
    for look in looks:
        lines += look(facts)
    return lines


def answer(facts: Facts) -> str:
    """Return what the app said last: a page, or what a command printed."""
    page = (facts.get("exchange") or {}).get("response") or facts.get("saw", "")
    return page or (facts.get("command") or {}).get("output", "")


def sent(facts: Facts) -> dict[str, str]:
    """Return the headers of the last answer, by their names in small letters."""
    pairs = (facts.get("exchange") or {}).get("headers") or []
    return {name.lower(): value for name, value in pairs}


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
    found = re.search(
        r"(?<!\{)\{ ?[A-Za-z_][\w.]*(\[[^]]*\]|\([^)]*\))? ?\}(?!\})", page
    )
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
        said = "None came: that is the value, or a function behind it does not return"
        lines.append(said)
    if found := re.search(r"&amp;(hellip|nbsp|mdash|ndash|euro|copy|middot);", page):
        lines.append(f"&{found[1]}; arrives as text: write the character itself")
    return lines


def tags_that_came(facts: Facts) -> list[str]:
    """Tags of Jinja's or of HTML that a visitor reads as text."""
    page = (facts.get("exchange") or {}).get("response") or ""
    page, lines = re.sub(r"(?is)<(style|script)\b.*?</\1>", "", page), []
    found = re.search(r"\{\{[^}]*\}\}|\{%[^}]*%\}|\{#.*?#\}", page)
    if found and "was typed" not in str(facts.get("rule")):
        lines.append(f"the page says {found[0]}: only a rendered template is read")
    if re.search(r"&amp;(lt|gt|quot|amp|#34|#39);", page):
        lines.append("a text was escaped twice: a template escapes by itself")
    if found := re.search(r"&lt;(p|a|h1|ul|ol|li|em|div)\b", page):
        lines.append(f"<{found[1]}> arrives as text: HTML was handed over as a value")
    return lines


def frames_that_came(facts: Facts) -> list[str]:
    """A frame that is not first, or has nothing in it; super without its brackets."""
    page, lines = (facts.get("exchange") or {}).get("response") or "", []
    before, doctype, _ = page.lower().partition("<!doctype")
    if doctype and before.strip():
        first = " ".join(page[: len(before)].split())[:40]
        lines.append(f"before the doctype comes {first!r}: what stands above extends")
        lines[-1] += " is sent first, and so is what is included outside the blocks"
    if re.search(r"(?i)<main\b[^>]*>\s*</main>", page):
        lines.append("the frame came with nothing in it: a block fills it that has the")
        lines[-1] += " same name as one of the frame's"
    if "jinja2.runtime.BlockReference object" in page:
        lines.append("super is called: it needs its brackets")
    return lines


def http_dates(facts: Facts) -> list[str]:
    """A date in JSON, written as HTTP writes dates."""
    found = re.search(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", facts.get("got") or "")
    return (
        ["Flask writes a date in JSON as HTTP does, unless it is text"] if found else []
    )


def json_elsewhere(facts: Facts) -> list[str]:
    """JSON that came with a request, and was looked for among forms or the query."""
    exchange = facts.get("exchange") or {}
    if "json" not in exchange.get("type", ""):
        return []
    frames = [facts.get(name) or {} for name in ("crash", "refused")]
    sources = " ".join(s.get("source", "") for t in frames for s in t.get("frames", []))
    asked = re.search(r"request\.(form|args|values)\b", sources)
    if asked or facts.get("refused") or facts.get("got") in ("''", "'None'"):
        where = asked[0] if asked else "request.form or request.args"
        return [f"JSON came, and it is not in {where}: request.get_json() reads it"]
    return []


def files_elsewhere(facts: Facts) -> list[str]:
    """A file that came with a request, and was looked for among the form's text."""
    if "; filename=" not in str((facts.get("exchange") or {}).get("body")):
        return []
    frames = [facts.get(name) or {} for name in ("crash", "refused")]
    sources = " ".join(s.get("source", "") for t in frames for s in t.get("frames", []))
    asked = re.search(r"request\.(form|args|values)\b", sources)
    return [f"a file came, and it is not in {asked[0]}: request.files"] if asked else []


def aborted(facts: Facts) -> list[str]:
    """A page of Flask's own for a status that only abort gives."""
    page = (facts.get("exchange") or {}).get("response") or ""
    if not pages_for_errors(facts) and re.match(rf"{FLASKS_OWN}(?<=422 )", page):
        return ["abort sends Flask's page for 422, without words of yours"]
    return []


def too_large(facts: Facts) -> list[str]:
    """A 413: which limits are there?"""
    exchange = facts.get("exchange") or {}
    if exchange.get("status", "")[:3] != "413" or of_nginx(exchange):
        return []
    said = "413: MAX_CONTENT_LENGTH counts the whole request, in bytes; a text field"
    return [f"{said} has a limit of its own, MAX_FORM_MEMORY_SIZE"]


def content_types(facts: Facts) -> list[str]:
    """A 415, or a 400, that get_json() gave by itself."""
    exchange = facts.get("exchange") or {}
    code, kind = exchange.get("status", "")[:3], exchange.get("type", "")
    if code == "415" and kind:
        return [f"{kind} came, and request.get_json() reads application/json"]
    if code == "415":
        return ["nothing came to read, and request.get_json() refuses that with 415"]
    if code == "400" and "json" in kind and not facts.get("refused"):
        try:
            json.loads(exchange["body"])
        except ValueError:
            return ["the JSON that came is broken, and request.get_json() refuses it"]
        return ["the JSON that came can be read, so it was not get_json() that refused"]
    return []


XML_FAULTS = [
    (
        "not at start",
        "<?xml … ?> is the very first thing: not even a line end before it",
    ),
    ("undefined entity", "that entity is HTML's: write the character itself"),
    ("mismatched tag", "XML closes each element: which one above is still open?"),
    ("unbound prefix", "a prefix needs its xmlns:…= in an element around it"),
    ("junk after", "one element is around all the others, and nothing follows it"),
    ("no element", "the text ends too early: is an element open, or did nothing come?"),
]


ABOUT_VISITORS = r"has (just )?signed in|logged out|published"
MOST_SESSION = 10_000


def sessions(facts: Facts) -> list[str]:
    """What a visitor's session held when the request came; everybody can read it."""
    exchange = facts.get("exchange") or {}
    if facts.get("crash") or not re.search(ABOUT_VISITORS, str(facts.get("rule"))):
        return []
    found = re.search(r"(?:^|;) ?session=([^;]*)", str(exchange.get("cookie")))
    if not found:
        none = "no cookie `session` came with this request: its session was empty"
        return [none] * ("nobody has" not in str(facts["rule"]))
    held = session_in(found[1])
    if held is None:
        return []
    waiting = "_flashes (messages that wait)"
    names = [key[:30] for key in held if key != "_flashes"][:6]
    names += [waiting] * ("_flashes" in held)
    holds = ", ".join(names) or "nothing"
    return [f"the session that came with this request holds: {holds}"]


def session_in(value: str) -> dict | None:
    """Return what a cookie of Flask's session holds, None where it cannot be read."""
    content = value.removeprefix(".").rsplit(".", 2)[0]
    try:
        data = base64.urlsafe_b64decode(content + "=" * (-len(content) % 4))
        if value.startswith("."):
            data = zlib.decompressobj().decompress(data, MOST_SESSION)
        held = json.loads(data)
    except (ValueError, zlib.error, RecursionError):
        return None
    return held if isinstance(held, dict) else None


def broken_xml(facts: Facts) -> list[str]:
    """XML that cannot be read: the line of it that a check named, and what is wrong."""
    rule = facts.get("rule") or ""
    found = re.search(r"XML: (.*): line (\d+), column \d+", rule)
    if not found:
        return []
    page = (facts.get("exchange") or {}).get("response") or ""
    rows = [row.strip() for row in page.split("\n")[: int(found[2])]]
    there = rows[-1] if len(rows) == int(found[2]) else ""
    lines = [f"its line {found[2]}: {there[:120]}"] if there else []
    if "invalid token" in found[1] and re.search(r"&(?!\w+;|#)", there):
        return [*lines, "a bare & begins an entity: a text is escaped, also in XML"]
    return lines + [said for fault, said in XML_FAULTS if fault in found[1]][:1]


# A token as Flask-WTF signs it, between two tags.
TOKEN = re.compile(r">\s*[\w-]{30,}\.[\w-]{5,7}\.[\w-]{27}\s*<")


def tokens_that_came(facts: Facts) -> list[str]:
    """A token where no browser would send it, and a form that brought none."""
    exchange = facts.get("exchange") or {}
    page, lines = exchange.get("response") or "", []
    if found := re.search(r"&lt;function (\w+) at 0x", page):
        lines.append(f"the page shows the function {found[1]} itself: brackets call it")
    if TOKEN.search(page):
        said = "a token stands on the page as text: a browser sends what is in fields"
        lines.append(said)
    outside = re.sub(r"(?is)<form\b.*?</form>", "", page)
    if re.search(r"<input\b[^>]*\bname=.?csrf_token", outside):
        lines.append("a csrf_token stands outside of every form, so no form sends it")
    refused = re.search(r"The CSRF |Load the page again", page)
    asked = re.match(r"expected 40[03]", facts.get("expected") or "")
    if refused and not asked and "csrf_token" not in str(exchange.get("body")):
        lines.append("it was refused for its token: no csrf_token came along")
    return lines


def fields_that_came(facts: Facts) -> list[str]:
    """Fields that cannot hold or send their text, and a POST that is sent once more."""
    exchange = facts.get("exchange") or {}
    page, lines = exchange.get("response") or "", []
    if re.search(r"<input\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*\svalue=[^\s\"'>]", page):
        lines.append("value= without quotes ends at the first space: quote it")
    if re.search(r"<textarea\b[^>]*\svalue=", page):
        lines.append("a textarea has no value=: its text stands between its tags")
    if re.search(r"<textarea\b[^>]*>(?:\r?\n)?+(\s+[^<\s]|[^<]*[^<\s]\s+</)", page):
        said = "a textarea keeps each blank and line end that stands around its text"
        lines += [f"{said}: put its tags directly around {{{{ }}}}"] * ("got" in facts)
    fields = re.findall(r"<(?:input|textarea|select)\b[^>]*>", page)
    silent = [f for f in fields if not re.search(r"\sname=|type=.?(submit|bu|re)", f)]
    if silent:
        lines.append(f"without a name= a field is not sent: {silent[0][:60]}")
    if (
        exchange.get("status", "")[:3] in ("307", "308")
        and exchange["method"] == "POST"
    ):
        lines.append("307 and 308 keep the method: the browser posts it there again")
    return lines

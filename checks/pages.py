"""Plain helpers for the checks: what a visitor sees, and a walk along the links."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "wbr",
}

# Elements inside of a line; the words before and after them may be one word.
RUNS_ON = {
    *("a", "abbr", "b", "bdi", "cite", "code", "data", "del", "dfn", "em", "i", "ins"),
    *("kbd", "label", "mark", "q", "s", "samp", "small", "span", "strong", "sub"),
    *("sup", "time", "u", "var", "wbr"),
}

UNSEEN = {"script", "style", "template", "title"}


class _Page(HTMLParser):
    """Collects the links, the text inside each element, and all that is read."""

    def __init__(self):
        super().__init__()
        self.links, self.elements, self._open = [], [], []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.links += [found[name] for name in ("href", "src") if found.get(name)]
        inside = [element["tag"] for element in self._open]
        element = {"tag": tag, "attrs": found, "text": "", "inside": inside}
        element["at"] = len(self.text)  # where it begins in what is read
        self.elements.append(element)
        self._part(tag)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        self._part(tag)
        while self._open and any(element["tag"] == tag for element in self._open):
            if self._open.pop()["tag"] == tag:
                break

    def _part(self, tag):
        """Part the words of two blocks, as a browser does; others run on."""
        self.text += "" if tag in RUNS_ON else " "

    def handle_data(self, data):
        if not any(element["tag"] in UNSEEN for element in self._open):
            self.text += data
        for element in self._open:
            element["text"] += data


def parse(html):
    """Return a page that has been read: ``.links``, ``.elements`` and ``.text``."""
    page = _Page()
    page.feed(html)
    page.close()
    return page


def links(html):
    """Return every href and src of a page, in order."""
    return parse(html).links


def texts(html, tag):
    """Return the text of every element of one kind: ``texts(page, "h1")``."""
    found = [
        element["text"] for element in parse(html).elements if element["tag"] == tag
    ]
    return [" ".join(text.split()) for text in found]


def seen(response):
    """Return what a visitor reads: a page's text, and what is no page as it came."""
    if response.mimetype != "text/html":
        return response.text
    return " ".join(parse(response.text).text.split())


def link_to(html, text):
    """Return the address behind the link with this text, None without such a link."""
    for element in parse(html).elements:
        if element["tag"] == "a" and " ".join(element["text"].split()) == text:
            return element["attrs"].get("href")
    return None


def fields(html):
    """Return what the fields of a page's forms hold, by name: ``{"title": "Tea"}``.

    A textarea holds all between its tags, but for a line end that comes first.
    """
    found = {}
    for element in parse(html).elements:
        name = element["attrs"].get("name")
        if name and element["tag"] in ("input", "select", "textarea"):
            typed = element["attrs"].get("value") or ""
            text = element["text"] if element["tag"] == "textarea" else typed
            found[name] = text.removeprefix("\r").removeprefix("\n")
    return found


def beside(html):
    """Return what is read after each field and before the next, by the field's name.

    Hidden fields count for nothing, and so does the text that a textarea holds.
    """
    page = parse(html)
    there = [
        each
        for each in page.elements
        if each["tag"] in ("input", "select", "textarea")
        and each["attrs"].get("type") != "hidden"
    ]
    ends = [each["at"] for each in there[1:]] + [len(page.text)]
    found = {}
    for each, end in zip(there, ends, strict=True):
        words = page.text[each["at"] : end].replace(each["text"], "", 1)
        found[each["attrs"].get("name")] = " ".join(words.split())
    return found


def send_form(client, path, data, page=None):
    """Open a page, by default the one at this path, and send its form to the path.

    The hidden fields go along, as from a browser. Returns the answer.
    """
    elements = parse(client.get(page or path).text).elements
    attrs = [element["attrs"] for element in elements if element["tag"] == "input"]
    hidden = {
        each["name"]: each.get("value") or ""
        for each in attrs
        if each.get("type") == "hidden" and each.get("name")
    }
    return client.post(path, data={**data, **hidden, **data})


def unlabelled(html):
    """Return the names of the fields that no label leads to, by for= or around them."""
    elements = parse(html).elements
    named = {each["attrs"].get("for") for each in elements if each["tag"] == "label"}
    return [
        each["attrs"].get("name") or "no name"
        for each in elements
        if each["tag"] in ("input", "select", "textarea")
        and each["attrs"].get("type") not in ("hidden", "submit")
        and "label" not in each["inside"]
        and each["attrs"].get("id", "") not in named
    ]


def cookie(response, name):
    """Return a cookie as the response sets it; {} if it sets none of that name.

    Its flags have small names: ``{"value": "1", "max-age": "60", "httponly": ""}``.
    """
    for header in response.headers.getlist("Set-Cookie"):
        pairs = [part.strip().partition("=") for part in header.split(";")]
        if pairs[0][0] == name:
            flags = {flag.lower(): value for flag, _, value in pairs[1:]}
            return {"value": pairs[0][2], **flags}
    return {}


def crawl(client, prefix="", without=()):
    """Follow every link from the home page; return each address with its status.

    With a prefix the app is mounted there, as behind a proxy; a link that leaves the
    prefix gets the status 404, since another program would answer it. The links of the
    pages in without are not followed.
    """
    found, waiting = {}, [prefix + "/"]
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        if not (address + "/").startswith(prefix + "/"):
            found[address] = 404
            continue
        response = client.get(
            address.removeprefix(prefix), base_url=f"http://localhost{prefix}"
        )
        found[address] = response.status_code
        here = [response.location] if response.location else []
        if response.mimetype == "text/html" and address not in without:
            here += links(response.text)
        waiting += [local for link in here if (local := _local(address, link))]
    return found


def _local(page, link):
    parts = urlsplit(urljoin(f"http://localhost{page}", link))
    if parts.scheme not in ("http", "https") or parts.hostname != "localhost":
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")

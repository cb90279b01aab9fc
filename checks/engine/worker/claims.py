"""What the learner's process says, typed and cut to size before anything reads it.

Every answer of the worker is a claim: its code may have been changed by the code
that it runs. Nothing here trusts a type, a length or a key.
"""

MOST_TEXT = 2000
MOST_ITEMS = 500


def text(value, most: int = MOST_TEXT) -> str:
    """Return a claim as text of at most so many characters."""
    return value[:most] if isinstance(value, str) else ""


def number(value) -> int:
    """Return a claim as a whole number, 0 for anything else."""
    return value if isinstance(value, int) and abs(value) < 10**9 else 0


def exit_code(value) -> int | None:
    """Return a claim as an exit code, None for a program that has not ended."""
    return value if isinstance(value, int) else None


def items(value) -> list[dict]:
    """Return the objects of a claimed list."""
    found = value[:MOST_ITEMS] if isinstance(value, list) else []
    return [item for item in found if isinstance(item, dict)]


def words(value) -> list[str]:
    """Return the texts of a claimed list."""
    found = value[:MOST_ITEMS] if isinstance(value, list) else []
    return [text(item) for item in found if isinstance(item, str)]


def spot(value) -> dict:
    """Return a place in the learner's code: file, line, name, source."""
    value = value if isinstance(value, dict) else {}
    return {
        "file": text(value.get("file"), 200),
        "line": number(value.get("line")),
        "name": text(value.get("name"), 200),
        "source": text(value.get("source"), 200),
    }


def crash(value) -> dict | None:
    """Return an exception as data, None where there is none."""
    if not isinstance(value, dict):
        return None
    told = {
        "type": text(value.get("type"), 200) or "Exception",
        "message": text(value.get("message")),
        "frames": [spot(frame) for frame in items(value.get("frames"))[-6:]],
        "endpoints": words(value.get("endpoints")),
        "notes": notes(value.get("notes")),
        "returned": text(value.get("returned"), 200),
    }
    if isinstance(value.get("view"), dict):
        told["view"] = spot(value["view"])
    syntax = value.get("syntax")
    if isinstance(syntax, dict):
        column = max(0, min(number(syntax.get("column")), 200))
        told["syntax"] = {
            **spot(syntax),
            "column": column,
            "text": text(syntax.get("text"), 200),
        }
    templates = value.get("templates")
    if isinstance(templates, dict):
        told["templates"] = {
            key: words(templates.get(key)) for key in ("searched", "files")
        }
    return told


def notes(value) -> list[dict]:
    """Return what the import did: ``{"kind", "file", "line", "name", "source"}``."""
    return [{"kind": text(note.get("kind"), 20), **spot(note)} for note in items(value)]


def routes(value) -> list[dict]:
    """Return the URL map: a list of ``{"rule", "endpoint", "methods", "view"}``."""
    return [
        {
            "rule": text(rule.get("rule"), 500),
            "endpoint": text(rule.get("endpoint"), 200),
            "methods": words(rule.get("methods")),
            "view": text(rule.get("view"), 500),
        }
        for rule in items(value)
    ]


def tests(value) -> list[dict]:
    """Return what became of tests: a list of ``{"test", "outcome", "said"}``."""
    return [
        {
            "test": text(told.get("test"), 300),
            "outcome": text(told.get("outcome"), 20),
            "said": text(told.get("said"), 600),
        }
        for told in items(value)
    ]


def status(value) -> str | None:
    """Return a status line such as ``200 OK``, None if it is none."""
    if isinstance(value, str) and value[:3].isdigit() and value[:3].isascii():
        return value[:200] if value.isprintable() else None
    return None


def headers(value) -> list[tuple[str, str]] | None:
    """Return headers as pairs of text without line ends, None if they are none."""
    if not isinstance(value, list):
        return None
    pairs = []
    for pair in value:
        if not (isinstance(pair, list | tuple) and len(pair) == 2):
            return None
        if not all(
            isinstance(part, str) and not {"\r", "\n", "\0"} & {*part} for part in pair
        ):
            return None
        pairs.append((pair[0], pair[1]))
    return pairs


def files(value, body: bytes) -> dict[str, bytes]:
    """Return the files of a listing ``[[name, size], …]`` cut out of a body."""
    listing = [
        entry
        for entry in (value[:MOST_ITEMS] if isinstance(value, list) else [])
        if isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str)
    ]
    parts = pieces([size for _, size in listing], body)
    return {name: part for (name, _), part in zip(listing, parts, strict=True)}


def pieces(sizes, body: bytes) -> list[bytes]:
    """Return a body cut into pieces of the claimed sizes."""
    found, at = [], 0
    for claimed in sizes[:MOST_ITEMS] if isinstance(sizes, list) else []:
        size = max(0, number(claimed))
        found.append(body[at : at + size])
        at += size
    return found

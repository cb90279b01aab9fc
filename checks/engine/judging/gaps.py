"""Names in templates that nobody passes: Jinja prints nothing for them, and no error.

Also keys that no post and no form has, which are as silent, the line of a tag that has
no end, and tags in a comment.
"""

import difflib
import re
from collections.abc import Mapping
from functools import lru_cache

# What Flask, its extensions in this workbook and Jinja itself give to a template.
GIVEN = "request session g config url_for get_flashed_messages csrf_token csrf_meta_tag"
GIVEN += " current_user loop self super caller varargs kwargs range dict lipsum cycler"
GIVEN += " joiner namespace"
# A keyword of a call, a function, or a text: each may be a name that is passed on.
PASSED = re.compile(
    r"(?:[(,]\s{0,40}|^ {1,40})(\w+) ?=(?!=)|\bdef (\w+)|[\"'](\w+)[\"']", re.M
)
ASSIGNED = re.compile(r"\b(\w+) ?=(?!=)")
KEYS = re.compile(r"[\"'](\w+)[\"'] ?:")
FIELD = re.compile(r"\bname=\"?(\w+)")
COMMENT, TAG = re.compile(r"\{#.*?#\}", re.S), re.compile(r"\{%-?\s*(\w+)")
MOST_TEXT, MOST_CODE, MOST_FILES = 20_000, 100_000, 40


def find(files: Mapping[str, bytes]) -> list[dict]:
    """Return the lines of templates with an unknown name, in the shape of slips.

    Templates are only parsed, never run; one that cannot be parsed is passed over.
    """
    templates, known, words = {}, set(GIVEN.split()), set(dir(dict))
    for file, content in sorted(files.items())[:MOST_FILES]:
        text = content.decode("utf-8", "replace")
        if file.endswith(".py"):
            known |= passed(text)
        elif "templates/" in file and len(text) < MOST_TEXT:
            templates[file] = text
            continue
        words |= set(re.findall(r"\w+", text[:MOST_CODE]))
    given = next((p for p in files if p.rpartition("/")[2] == "posts.py"), "")
    posts = files.get(given, b"").decode("utf-8", "replace")[:MOST_CODE]
    keys = set(KEYS.findall(posts))
    fields: set[str] = set()
    for text in templates.values():
        known |= names(text)[1]
        fields |= set(FIELD.findall(text))
    found = [
        {"file": file, "line": line, "source": row(text, line), "slip": said}
        for file, text in templates.items()
        for name, line in names(text)[0].items()
        for said in [unpassed(name, known) or no_key(name, words, keys, fields)]
        if said
    ]
    return (commented(templates) + opened(templates) + found)[:2]


def passed(code: str) -> set[str]:
    """Return the names that a file of Python may pass to a template."""
    code = code[:MOST_CODE]
    found = {name for names in PASSED.findall(code) for name in names if name}
    return found | (set(ASSIGNED.findall(code)) if "(**" in code else set())


@lru_cache(maxsize=512)  # most templates of a class are the same
def names(template: str) -> tuple[dict[str, int], set[str]]:
    """Return the names that a template reads, with their lines, and those it makes.

    It makes names by for, set, macro and import. What it reads of a post is among them
    as ``post.title``.
    """
    from jinja2 import Environment, nodes

    kinds = (nodes.Name, nodes.Macro, nodes.Import, nodes.FromImport, nodes.Getattr)
    try:
        found = list(Environment().parse(template).find_all(kinds))
    except Exception:  # it is the learner's: what is wrong in it is told elsewhere
        found = []
    read: dict[str, int] = {}
    made: set[str] = set()
    for node in found:
        if isinstance(node, nodes.Getattr):
            owner = node.node.name if isinstance(node.node, nodes.Name) else ""
            if owner in ("post", "form", "errors"):
                read.setdefault(f"{owner}.{node.attr}", node.lineno)
        elif isinstance(node, nodes.FromImport):
            made |= {name if isinstance(name, str) else name[1] for name in node.names}
        elif isinstance(node, nodes.Import):
            made.add(node.target)
        elif isinstance(node, nodes.Macro) or node.ctx != "load":
            made.add(node.name)
        else:
            read.setdefault(node.name, node.lineno)
    return read, made


def unpassed(name: str, known: set[str]) -> str:
    """Say what a name is that nobody passes, "" where it is known."""
    if "." in name or name in known:
        return ""
    if name in ("else", "elif", "endif", "endfor", "endblock"):
        return f"{{{{ }}}} prints a value; {name} is a statement and stands in {{% %}}"
    return f"nobody passes the name {name} to this template, so it is empty there"


def no_key(name: str, words: set[str], keys: set[str], fields: set[str]) -> str:
    """Say so where a post has no such key, and none of the learner's files such a word.

    The keys of form and errors are the names of the fields.
    """
    owner, _, key = name.partition(".")
    if key and owner != "post":
        close = difflib.get_close_matches(key, sorted(fields), 1, 0.6)
        said = f"no field is called {key}, so {name} is empty"
        known = key in words or key in fields or not close
        return "" if known else f"{said}: did you mean {close[0]}?"
    if not key or not keys or key in words:
        return ""
    close = difflib.get_close_matches(key, sorted(keys), 1, 0.6)
    guess = f"did you mean {close[0]}?" if close else "which keys are in posts.py?"
    return f"a post has no key {key}, so it is empty there: {guess}"


CLOSED = ["autoescape", "block", "call", "filter", "for", "if", "macro", "set", "with"]


def commented(templates: Mapping[str, str]) -> list[dict]:
    """Return the first tag that stands inside the comment of a TODO."""
    found = []
    for file, text in templates.items():
        for comment in COMMENT.finditer(text):
            tag = TAG.search(comment[0])
            if tag and "TODO" in comment[0]:
                line = text.count("\n", 0, comment.start() + tag.start()) + 1
                said = f"a {{% {tag[1]} %}} stands inside {{# #}}, and is left out"
                slip = {"file": file, "line": line, "source": row(text, line)}
                found.append({**slip, "slip": said})
    return found


def opened(templates: Mapping[str, str]) -> list[dict]:
    """Return the line of each template's innermost tag that is never closed."""
    found = []
    for file, text in templates.items():
        name, line = unclosed(text)
        if line:
            said = f"this {{% {name} %}} is not closed"
            slip = {"file": file, "line": line, "source": row(text, line), "slip": said}
            found.append(slip)
    return found


@lru_cache(maxsize=512)
def unclosed(template: str) -> tuple[str, int]:
    """Return the tag that is open where the file or a wrong end tag comes, and its line.

    Both are empty where every tag is closed, and where it cannot be told.
    """
    from jinja2 import Environment

    stack: list[tuple[str, int]] = []
    tag: list[str] = []
    try:
        tokens = list(Environment().lex(template))
    except Exception:  # a tag that cannot even be read
        tokens = []
    for line, kind, value in tokens:
        if kind == "block_begin":
            tag = []
        elif kind in ("name", "operator"):
            tag.append(value)
        elif kind == "block_end" and tag:
            name, ends = tag[0], tag[0].removeprefix("end")
            if name in CLOSED and not (name == "set" and "=" in tag):
                stack.append((name, line))
            elif name != ends and ends in [opener for opener, _ in stack]:
                if stack[-1][0] != ends:
                    break
                stack.pop()
    return stack[-1] if stack else ("", 0)


def row(template: str, line: int) -> str:
    """Return a template's line, as far as it is worth showing."""
    return re.split(r"\r\n|\r|\n", template)[line - 1].strip()[:200]

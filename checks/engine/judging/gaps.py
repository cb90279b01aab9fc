"""Names in templates that nobody passes: Jinja prints nothing for them, and no error."""

import re
from collections.abc import Mapping
from functools import lru_cache

# What Flask, its extensions in this workbook and Jinja itself give to a template.
GIVEN = "request session g config url_for get_flashed_messages csrf_token current_user"
GIVEN += (
    " loop self super caller varargs kwargs range dict lipsum cycler joiner namespace"
)
# A keyword of a call, a function, or a text: each may be a name that is passed on.
PASSED = re.compile(
    r"(?:[(,]\s{0,40}|^ {1,40})(\w+) ?=(?!=)|\bdef (\w+)|[\"'](\w+)[\"']", re.M
)
ASSIGNED = re.compile(r"\b(\w+) ?=(?!=)")
MOST_TEXT, MOST_CODE, MOST_FILES = 20_000, 100_000, 40


def find(files: Mapping[str, bytes]) -> list[dict]:
    """Return the lines of templates with an unknown name, in the shape of slips.

    Templates are only parsed, never run; one that cannot be parsed is passed over.
    """
    templates, known = {}, set(GIVEN.split())
    for file, content in sorted(files.items())[:MOST_FILES]:
        text = content.decode("utf-8", "replace")
        if file.endswith(".py"):
            known |= passed(text)
        elif file.startswith("templates/") and len(text) < MOST_TEXT:
            templates[file] = text
    for text in templates.values():
        known |= names(text)[1]
    return [
        gap(file, text, name, line)
        for file, text in templates.items()
        for name, line in names(text)[0].items()
        if name not in known
    ][:2]


def passed(code: str) -> set[str]:
    """Return the names that a file of Python may pass to a template."""
    code = code[:MOST_CODE]
    found = {name for names in PASSED.findall(code) for name in names if name}
    return found | (set(ASSIGNED.findall(code)) if "(**" in code else set())


@lru_cache(maxsize=512)  # most templates of a class are the same
def names(template: str) -> tuple[dict[str, int], set[str]]:
    """Return the names that a template reads, with their lines, and those it makes.

    It makes names by for, set, macro and import.
    """
    from jinja2 import Environment, nodes

    kinds = (nodes.Name, nodes.Macro, nodes.Import, nodes.FromImport)
    try:
        found = list(Environment().parse(template).find_all(kinds))
    except Exception:  # it is the learner's: what is wrong in it is told elsewhere
        found = []
    read: dict[str, int] = {}
    made: set[str] = set()
    for node in found:
        if isinstance(node, nodes.FromImport):
            made |= {name if isinstance(name, str) else name[1] for name in node.names}
        elif isinstance(node, nodes.Import):
            made.add(node.target)
        elif isinstance(node, nodes.Macro) or node.ctx != "load":
            made.add(node.name)
        else:
            read.setdefault(node.name, node.lineno)
    return read, made


def gap(file: str, template: str, name: str, line: int) -> dict:
    """Return one such line, and what it means."""
    source = re.split(r"\r\n|\r|\n", template)[line - 1].strip()[:200]
    said = f"nobody passes the name {name} to this template, so it is empty there"
    if name in ("else", "elif", "endif", "endfor", "endblock"):
        said = f"{{{{ }}}} prints a value; {name} is a statement and stands in {{% %}}"
    return {"file": file, "line": line, "source": source, "slip": said}

"""What render_template hands over, beside what the template reads."""

import ast
import difflib
import re
from collections.abc import Iterator, Mapping

from checks.engine.judging import gaps
from checks.engine.judging.asked import parsed

MOST, MOST_CODE = 2, 100_000
QUOTED = re.compile(r"[\"']([\w./-]+\.html)[\"']")
Call = tuple[str, int, str, set[str]]


def find(files: Mapping[str, bytes]) -> list[dict]:
    """Return names that miss each other by little, in the shape of slips."""
    texts = {
        file: content.decode("utf-8", "replace") for file, content in files.items()
    }
    templates = {
        file.partition("templates/")[2]: file
        for file, text in texts.items()
        if "templates/" in file and len(text) < gaps.MOST_TEXT
    }
    found = []
    called = [call for file in sorted(texts) for call in calls(file, texts[file])]
    for file, line, template, names in called:
        read = reads(template, templates, texts)
        for name in sorted(names - read):
            for close in difflib.get_close_matches(name, sorted(read - names), 1, 0.8):
                said = f"{template} reads {close}, and here it gets {name}"
                found.append((file, line, said))
    for template, file in templates.items():
        got = [names for _, _, wanted, names in called if wanted == template]
        found += [(file, *rest) for rest in without_form(texts[file], got)]
    return [
        {"file": file, "line": line, "source": row(texts[file], line), "slip": said}
        for file, line, said in found[:MOST]
    ]


def calls(file: str, text: str) -> Iterator[Call]:
    """Return every call of render_template that names its template and all values."""
    whole = "render_template(" in text and not file.startswith("tests/")
    tree = parsed(text[:MOST_CODE]) if whole and file.endswith(".py") else None
    for node in ast.walk(tree) if tree else ():
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        first = getattr(node.args[0], "value", None)
        names = [keyword.arg for keyword in node.keywords]
        if name == "render_template" and isinstance(first, str) and None not in names:
            yield file, node.lineno, first, {*names}


def reads(template: str, templates: Mapping, texts: Mapping) -> set[str]:
    """Return the names that a template reads, or one that it extends or includes."""
    found, waiting, done = set(), [template], set()
    while waiting:
        name = waiting.pop()
        if name in done or name not in templates:
            continue
        done.add(name)
        text = texts[templates[name]]
        found |= {each for each in gaps.names(text)[0] if "." not in each}
        waiting += QUOTED.findall(text)
    return found - {*gaps.GIVEN.split()}


def without_form(text: str, got: list[set[str]]) -> Iterator[tuple[int, str]]:
    """Find a field's name alone, where all that was typed is handed over as form."""
    read, made = gaps.names(text)
    for name, line in read.items():
        known = name in {*made, *gaps.GIVEN.split()} or f'name="{name}"' not in text
        if got and not known and all("form" in n and name not in n for n in got):
            said = f"nobody passes the name {name} to this template"
            yield line, f"{said}: did you mean form.{name}?"


def row(text: str, line: int) -> str:
    """Return a line of a file, as far as it is worth showing."""
    return text.splitlines()[line - 1].strip()[:200]

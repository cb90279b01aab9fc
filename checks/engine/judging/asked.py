"""What a view asks a request for, beside what the request carries.

Only the view that gave the last answer is read, and only to explain a failure.
"""

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from urllib.parse import parse_qsl

from checks.engine.judging.addresses import answering

MOST, MOST_CODE, MOST_FIELDS = 2, 100_000, 50
FIELD = re.compile(r'\bname="([^"]{1,80})"(; filename=)?')
TOKENS = {"csrf_token"}  # fields that a view need not ask for itself
Found = Iterator[tuple[int, str]]


def find(files: Mapping[str, bytes], exchange: Mapping, routes: list[dict]) -> list:
    """Return where a view asks for what did not come, in the shape of slips."""
    path = exchange["path"].partition("?")[0].removeprefix(exchange["prefix"] or "\0")
    endpoint = answering(routes, path, exchange["method"]) or ""
    found = []
    for file, content in sorted(files.items()):
        text = content.decode("utf-8", "replace")[:MOST_CODE]
        for view in views(text, endpoint.rpartition(".")[2]):
            for line, said in [*fields(view, exchange), *folders(view, exchange)]:
                source = text.splitlines()[line - 1].strip()[:200]
                slip = {"file": file, "line": line, "source": source, "slip": said}
                found.append(slip)
    return found[:MOST]


def views(text: str, name: str) -> list[ast.FunctionDef]:
    """Return the functions of this name in a file; none where it is no Python."""
    if f"def {name}(" not in text:
        return []
    tree = parsed(text)
    return [
        node
        for node in (ast.walk(tree) if tree else ())
        if isinstance(node, ast.FunctionDef) and node.name == name
    ]


@lru_cache(maxsize=16)
def parsed(text: str) -> ast.Module | None:
    """Return the tree of a file, None where it cannot be read."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def fields(view: ast.FunctionDef, exchange: Mapping) -> Found:
    """Find fields and files that are asked for in the wrong place, or by another name."""
    texts, sent = carried(exchange)
    form, whole = keys(view, "form")
    for name in sent & {*form}:
        yield form[name], "a file came: files are in request.files, not in request.form"
    elsewhere, args = keys(view, "args")
    if texts and not form and not whole and "?" not in exchange["path"] and elsewhere:
        said = f"{listed(texts)} came in request.form; request.args is what follows a ?"
        yield min(elsewhere.values()), said
    if not whole:
        yield from others(form, texts - TOKENS, "in request.form")
    files, whole = keys(view, "files")
    if not whole:
        yield from others(files, sent, "in request.files")


def others(asked: dict[str, int], came: set[str], where: str) -> Found:
    """Find a key that did not come, where another came that nobody asks for."""
    missing = [name for name in asked if name not in came]
    if missing and came - {*asked}:
        said = f"{listed(came)} came {where}; your view asks for {listed(missing)}"
        yield asked[missing[-1]], said


def listed(names) -> str:
    """Return ``'name' and 'email'``."""
    return " and ".join(repr(name[:30]) for name in sorted(names)[:4])


def carried(exchange: Mapping) -> tuple[set[str], set[str]]:
    """Return the names of the texts, and of the files, that a form brought."""
    kind, body = str(exchange["type"]), str(exchange["body"])
    if kind.startswith("application/x-www-form-urlencoded"):
        pairs = parse_qsl(body[:MOST_CODE], keep_blank_values=True)
        return {name for name, _ in pairs[:MOST_FIELDS]}, set()
    if not kind.startswith("multipart/form-data"):
        return set(), set()
    found = FIELD.findall(body)[:MOST_FIELDS]
    files = {name for name, file in found if file}
    return {name for name, file in found if not file}, files


def keys(view: ast.FunctionDef, part: str) -> tuple[dict[str, int], bool]:
    """Return the keys asked of one part of the request, with their lines.

    The second value says that the part is also used as a whole, or with keys unknown.
    """
    found: dict[str, int] = {}
    used = sum(is_part(node, part) for node in ast.walk(view))
    for node in ast.walk(view):
        key = key_of(node, part)
        names = texts_of(key, view) if key else []
        used -= bool(names)
        found |= {name: node.lineno for name in names if name not in found}
    return found, used > 0


def key_of(node: ast.AST, part: str) -> ast.expr | None:
    """Return the key in ``form[key]``, ``form.get(key)`` or ``key in form``."""
    if isinstance(node, ast.Subscript) and is_part(node.value, part):
        return node.slice
    if isinstance(node, ast.Compare) and is_part(node.comparators[0], part):
        return node.left
    call = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    if call and is_part(node.func.value, part) and node.args:
        return node.args[0]
    return None


def is_part(node: ast.AST, part: str) -> bool:
    """Is this ``request.form``, where part is form?"""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == part
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    )


def texts_of(key: ast.expr, view: ast.FunctionDef) -> list[str]:
    """Return the texts that a key may be: itself, or those of the view's lists."""
    if isinstance(key, ast.Constant):
        return [key.value] if isinstance(key.value, str) else []
    lists = [n for n in ast.walk(view) if isinstance(n, ast.List | ast.Tuple | ast.Set)]
    return [
        item.value
        for each in (lists if isinstance(key, ast.Name) else [])
        for item in each.elts
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    ]


def folders(view: ast.FunctionDef, exchange: Mapping) -> Found:
    """Find a folder that send_from_directory cannot have been meant to get."""
    if str(exchange.get("status"))[:3] not in ("404", "500"):
        return
    own = {arg.arg for arg in view.args.args}
    for node in ast.walk(view):
        name = getattr(node, "func", None)
        name = getattr(name, "id", getattr(name, "attr", ""))
        if name != "send_from_directory" or not getattr(node, "args", None):
            continue
        first = node.args[0]
        if isinstance(first, ast.Name) and first.id in own:
            yield node.lineno, "send_from_directory takes the folder first, then a name"
        elif isinstance(first, ast.Constant) and not str(first.value).startswith("/"):
            said = f"{first.value!r} begins in app.root_path, the folder of app.py"
            yield node.lineno, f"{said}: do the pictures lie there?"

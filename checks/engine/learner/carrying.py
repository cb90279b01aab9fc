"""The learner's blog stays the learner's: its name and posts travel on."""

import ast
from pathlib import PurePosixPath

from checks.engine import lessons, starters
from checks.engine.learner.backups import fill
from checks.engine.lessons import Lesson, WorkbookError, code_of, files_of

Files = dict[str, bytes]


def carry(lesson: Lesson) -> list[str]:
    """Bring the blog's name and posts into a lesson that is still untouched.

    Returns what was brought, as ``the name "Tea"`` and ``your posts``. A lesson that
    was edited is never written to.
    """
    try:
        files = code_of(files_of(lesson.folder))
        if files != starters.starter(lesson.name):
            return []
        brought = {**named(lesson, files), **with_posts(lesson, files)}
        fill(lesson.folder, {path: content for path, (content, _) in brought.items()})
    except OSError as error:
        raise WorkbookError(
            f"{lessons.shown(lesson.folder)} cannot be written: {error.strerror}."
        ) from error
    return [what for _, what in brought.values()]


def named(lesson: Lesson, files: Files) -> dict[str, tuple[bytes, str]]:
    """Return the file that holds the name, with the learner's name in it."""
    place = name_in(files)
    if place is None:
        return {}
    path, node = place
    for theirs, pristine in earlier(lesson):
        mine, given = name_in(theirs), name_in(pristine)
        if mine and given and mine[1].value not in (given[1].value, placeholder()):
            name = mine[1].value
            if name == node.value:
                return {}
            return {path: (replaced(files[path], node, name), f'the name "{name}"')}
    return {}


def with_posts(lesson: Lesson, files: Files) -> dict[str, tuple[bytes, str]]:
    """Return posts.py as the learner has it in the nearest earlier lesson."""
    path = posts_in(files)
    if path is None:
        return {}
    for theirs, pristine in earlier(lesson):
        old, given = posts_in(theirs), posts_in(pristine)
        if old and given and theirs[old] != pristine[given] and parsed(theirs[old]):
            if theirs[old] == files[path]:
                return {}
            return {path: (theirs[old], "your posts")}
    return {}


def earlier(lesson: Lesson):
    """Yield the learner's and the pristine files of the lessons before, nearest first."""
    before = lessons.before(lesson)
    while before is not None:
        try:
            yield code_of(files_of(before.folder)), starters.starter(before.name)
        except WorkbookError:
            pass  # a lesson that cannot be read has nothing to give
        before = lessons.before(before)


def placeholder() -> str | None:
    """Return the name that the first lesson starts with, which is nobody's."""
    place = name_in(starters.starter(lessons.all_lessons()[0].name))
    return place[1].value if place else None


def name_in(files: Files) -> tuple[str, ast.Constant] | None:
    """Return where BLOG_NAME gets its text: the file and the text's node."""
    for path in sorted(files, key=lambda path: (path != "app.py", path)):
        tree = parsed(files[path]) if path.endswith(".py") else None
        for node in settings_of(tree) if tree else ():
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
                and [getattr(t, "id", "") for t in node.targets] == ["BLOG_NAME"]
            ):
                return path, node.value
    return None


def settings_of(tree: ast.Module) -> list[ast.stmt]:
    """Return what stands at the top of a module, or directly in one of its classes."""
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return [*tree.body, *(node for inner in classes for node in inner.body)]


def posts_in(files: Files) -> str | None:
    """Return the path of posts.py, if the lesson has one."""
    return next(
        (path for path in files if PurePosixPath(path).name == "posts.py"), None
    )


def parsed(source: bytes) -> ast.Module | None:
    """Return the tree of a source, None where it is no Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def replaced(source: bytes, node: ast.Constant, name: str) -> bytes:
    """Return the source with another text in the place of a node."""
    lines = source.splitlines(keepends=True)
    head = lines[node.lineno - 1][: node.col_offset]
    new = (
        head
        + literal(name).encode()
        + lines[node.end_lineno - 1][node.end_col_offset :]
    )
    return b"".join([*lines[: node.lineno - 1], new, *lines[node.end_lineno :]])


def literal(text: str) -> str:
    """Return a text as Python writes it, in double quotes where that is possible."""
    plain = repr(text)
    if plain.startswith("'") and '"' not in text and "\\" not in plain:
        return f'"{text}"'
    return plain

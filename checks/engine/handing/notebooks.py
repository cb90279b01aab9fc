"""The notebooks of a kit: without the outputs that would show a solution."""

import json
from collections.abc import Iterable


def without(notebook: bytes, answers: Iterable[str]) -> bytes:
    """Return a notebook in which no output holds any of these lines of code.

    Cells whose output is taken out count as not run yet. Raises ValueError for what is
    no notebook.
    """
    told = json.loads(notebook)
    answers = [*answers]
    for cell in told["cells"]:
        if cell["cell_type"] == "code" and shows(cell["outputs"], answers):
            cell["outputs"], cell["execution_count"] = [], None
    return (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode()


def shows(outputs: object, answers: Iterable[str]) -> bool:
    """Does a line of code stand anywhere in these outputs?"""
    words = "\n".join(texts(outputs))
    return any(line in words for line in answers)


def texts(value: object) -> Iterable[str]:
    """Yield all texts in some data; the lines of one text are joined."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        if value and all(isinstance(each, str) for each in value):
            yield "".join(value)
            return
        for each in value:
            yield from texts(each)

"""The notebooks: built from cells, run in a fresh kernel, written the same each time.

For whoever writes a notebook; the .ipynb is the source, the script is thrown away::

    python -m checks.engine.notebooks script 3 > /tmp/03.py           # or start empty
    $EDITOR /tmp/03.py && PYTHONPATH=. python /tmp/03.py              # from the top

where /tmp/03.py is no more than::

    from checks.engine.notebooks import code, md, save

    save("03_routes", [
        md("# 3 · Routes\n\nOne line that says what you will see."),
        code("from workbook import load, show, source"),
        code('show(client.get("/nowhere"))', "hide-output"),
    ])

``save`` formats the code, runs the cells with the pristine starters, and writes
notebooks/03_routes.ipynb. An .ipynb that was edited in JupyterLab is brought into the
same form by ``python -m checks.engine.notebooks [N …]``; without a lesson, all are.
"""

import asyncio
import difflib
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

from checks.engine.lessons import TOP, WorkbookError, find
from checks.engine.starters import ensure

# nbformat's validator would build a grammar of internationalised addresses: 3 s of
# work at each start, for a format that no notebook uses.
sys.modules.setdefault("rfc3987_syntax", None)

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from nbclient.exceptions import CellExecutionError  # noqa: E402
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook  # noqa: E402

FOLDER = TOP / "notebooks"
SECONDS = 180  # for a cell: only a hang takes so long, also where much else runs
MOST_LINES = 60
HIDES_SOURCE = {"solution", "hide-input"}
HIDES_OUTPUT = {"hide-output"}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def md(text: str) -> nbformat.NotebookNode:
    """Return a Markdown cell."""
    return new_markdown_cell(text.strip())


def code(text: str, *tags: str) -> nbformat.NotebookNode:
    """Return a code cell with its tags."""
    return new_code_cell(text.strip(), metadata={"tags": list(tags)} if tags else {})


def save(name: str, cells: Sequence[nbformat.NotebookNode]) -> None:
    """Write notebooks/NAME.ipynb from cells: formatted, run, in its one form.

    The file changes at the end and at once. Raises WorkbookError where Ruff objects,
    nbclient's CellExecutionError where a cell fails.
    """
    path = FOLDER / f"{name}.ipynb"
    book = tidied(new_notebook(cells=list(cells)), path)
    path.write_text(executed({path: book})[path], encoding="utf-8")


def script(path: Path) -> str:
    """Return the script that builds a notebook, to edit and run."""
    lines = ["from checks.engine.notebooks import code, md, save", ""]
    lines += [f'save("{path.stem}", [']
    for cell in read(path).cells:
        tags = "".join(f', "{tag}"' for tag in cell.metadata.get("tags", []))
        kind = "code" if cell.cell_type == "code" else "md"
        quotes = "'''" if '"""' in cell.source or cell.source.endswith('"') else '"""'
        lines.append(f"{kind}(r{quotes}\n{cell.source}\n{quotes}{tags}),\n")
    return "\n".join([*lines, "])"])


def all_notebooks() -> list[Path]:
    """Return every notebook, in order."""
    return sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> nbformat.NotebookNode:
    """Return a notebook as it is stored."""
    return nbformat.read(path, as_version=4)


def write(paths: Iterable[Path] | None = None) -> list[Path]:
    """Format and run notebooks, store what came; return those whose bytes changed."""
    books = {path: tidied(read(path), path) for path in paths or all_notebooks()}
    changed = []
    for path, text in executed(books).items():
        if path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed


def differences(paths: Iterable[Path] | None = None) -> dict[str, str]:
    """Run notebooks and return, by name, how each came out that came out otherwise."""
    books = {path: read(path) for path in paths or all_notebooks()}
    stored = {path: path.read_text(encoding="utf-8") for path in books}
    return {
        path.name: _diff(stored[path], text)
        for path, text in executed(books).items()
        if stored[path] != text
    }


def _diff(stored: str, text: str) -> str:
    """Return the first lines that differ."""
    lines = difflib.unified_diff(
        stored.splitlines(), text.splitlines(), "stored", "run again", "", "", 2, ""
    )
    return "\n".join(line[:160] for line in list(lines)[:MOST_LINES])


def executed(books: Mapping[Path, nbformat.NotebookNode]) -> dict[Path, str]:
    """Run each notebook in a fresh kernel; return the text that should be stored.

    As many at a time as there are processors. Raises nbclient's CellExecutionError for
    a cell that fails without the tag raises-exception.
    """
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(patch.dict(os.environ, environment(scratch)))
        return asyncio.run(_executed(books))


async def _executed(books: Mapping[Path, nbformat.NotebookNode]) -> dict[Path, str]:
    places = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(book: nbformat.NotebookNode) -> str:
        async with places:
            return await _run(book)

    texts = await asyncio.gather(*map(one, books.values()))
    return dict(zip(books, texts, strict=True))


async def _run(notebook: nbformat.NotebookNode) -> str:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        startup_timeout=SECONDS,
        kernel_name="python3",
        store_widget_state=False,
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    # What a cell writes to stderr is in the notebook; this is the kernel's own chatter.
    await client.async_execute(stderr=subprocess.DEVNULL)
    return text_of(notebook)


def environment(scratch: Path) -> dict[str, str]:
    """Return what a kernel's environment must have so that outputs repeat.

    The starters are the pristine ones; scratch holds what IPython writes for itself.
    """
    return {
        "WORKBOOK_ROOT": str(ensure()),
        "IPYTHONDIR": str(scratch),
        "JUPYTER_RUNTIME_DIR": str(scratch),
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "NO_COLOR": "1",
    }


def text_of(notebook: nbformat.NotebookNode) -> str:
    """Return the one text that a notebook is stored as.

    Counts run from 1; ids come from the cells' own text; tags decide what is folded;
    metadata of machines, kernels and editors is left out.
    """
    plain = new_notebook(metadata=METADATA, cells=[])
    count, taken = 0, set()
    for cell in notebook.cells:
        tidied = _cell(cell)
        tidied.id = identity(cell.cell_type, tidied.source, taken)
        if cell.cell_type == "code":
            count += 1
            tidied.execution_count = count
            tidied.outputs = [_output(output, count) for output in cell.outputs]
        plain.cells.append(tidied)
    plain.nbformat_minor = 5
    return nbformat.writes(plain).rstrip("\n") + "\n"


def _cell(cell: nbformat.NotebookNode) -> nbformat.NotebookNode:
    if cell.cell_type != "code":
        return new_markdown_cell(cell.source.strip())
    tags = sorted(cell.metadata.get("tags", []))
    return new_code_cell(cell.source.strip(), metadata=metadata_for(tags))


def metadata_for(tags: Sequence[str]) -> dict:
    """Return the metadata of a code cell: its tags, and what they fold in JupyterLab."""
    folded = {}
    if HIDES_OUTPUT & set(tags):
        folded["outputs_hidden"] = True
    if HIDES_SOURCE & set(tags):
        folded["source_hidden"] = True
    return {
        **({"jupyter": folded} if folded else {}),
        **({"tags": list(tags)} if tags else {}),
    }


def identity(kind: str, source: str, taken: set[str]) -> str:
    """Return an id that only an edit of the cell itself changes, and take it."""
    number, name = 0, ""
    while not name or name in taken:
        text = f"{number}{kind}\n{source}"
        name = hashlib.sha256(text.encode()).hexdigest()[:8]
        number += 1
    taken.add(name)
    return name


def _output(output: nbformat.NotebookNode, count: int) -> nbformat.NotebookNode:
    if "metadata" in output:
        output.metadata = {}
    output.pop("transient", None)
    if output.output_type == "execute_result":
        output.execution_count = count
    return output


def tidied(book: nbformat.NotebookNode, path: Path) -> nbformat.NotebookNode:
    """Return a notebook with its code as Ruff formats what lies at path.

    Raises WorkbookError where Ruff finds what it cannot repair.
    """
    text = text_of(book)
    for words in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *words, "--stdin-filename", path, "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True)
        if done.returncode:
            raise WorkbookError(f"Ruff objects to {path.name}:\n{done.stderr}")
        text = done.stdout
    return nbformat.reads(text, as_version=4)


def main(words: list[str]) -> int:
    """Write the notebooks that were named, or all; ``script NAME`` prints one."""
    try:
        if words[:1] == ["script"]:
            for word in words[1:] or [""]:
                print(script(path_of(word)))
            return 0
        for path in write(map(path_of, words) if words else None):
            print(f"written: notebooks/{path.name}")
    except (OSError, WorkbookError, CellExecutionError) as error:
        print(error, file=sys.stderr)
        return 3
    return 0


def path_of(word: str) -> Path:
    """Return the notebook of the lesson that a person means, by number or name.

    Raises WorkbookError where there is no such lesson.
    """
    return FOLDER / f"{find(Path(word).stem).name}.ipynb"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

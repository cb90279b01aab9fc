"""What a stored notebook must be; each rule yields sentences that name the repair."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from checks.engine.lessons import Lesson, after
from checks.engine.notebooks import METADATA, identity, metadata_for

TAGS = {"raises-exception", "exercise", "solution", "hide-output", "hide-input"}
REWRITE = "`python -m checks.engine.notebooks {name}` writes it anew"
MOST_CELLS, FEWEST_CELLS, MOST_LINES = 20, 10, 8
MACHINE = re.compile(
    r"(?<![\w.])/(?:root|home|Users|tmp|var|private|opt|usr|work)/\S+|[A-Z]:\\\w+"
    r"|site-packages|ipykernel_\d+|\bat 0x[0-9a-fA-F]{4,}|(?:127\.0\.0\.1|localhost):(?!50[05]0\b)\d+"
)
DATE = re.compile(
    r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} (?!1970)\d{4} \d\d:|© \d{4}"
)
PARTS = ["Warm up", "Where it breaks", "Your turn", "Recap"]


@dataclass
class Notebook:
    """A stored notebook: its lesson, its folder, what the file says."""

    lesson: Lesson
    folder: Path
    content: dict

    @property
    def cells(self) -> list[dict]:
        return self.content["cells"]

    @property
    def code(self) -> list[dict]:
        return [cell for cell in self.cells if cell["cell_type"] == "code"]

    @property
    def prose(self) -> str:
        cells = (c for c in self.cells if c["cell_type"] == "markdown")
        return "\n\n".join(source(cell) for cell in cells)


def read(path: Path) -> Notebook:
    """Return the notebook at path, without nbformat: it must be plain to read."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return Notebook(Lesson(path.stem), path.parent, content)


def source(cell: dict) -> str:
    """Return a cell's source in one piece."""
    return "".join(cell["source"])


def tags(cell: dict) -> list[str]:
    """Return a cell's tags."""
    return cell["metadata"].get("tags", [])


def printed(cell: dict) -> str:
    """Return all that a code cell shows, every form of it."""
    found = []
    for output in cell["outputs"]:
        found += [output.get("text", "")] + list(output.get("data", {}).values())
    return "\n".join("".join(text) for text in found)


def call(cell: dict) -> str:
    """Return what to call a code cell in a message."""
    return f"cell [{cell['execution_count'] or ' '}] {source(cell).splitlines()[0]!r}"


def begins_with_its_title(book: Notebook) -> Iterator[str]:
    """# 12 · Forms, an empty line, a line that says what you will see."""
    first = source(book.cells[0]).split("\n")
    heading = f"# {book.lesson.number} · {book.lesson.title}"
    if book.cells[0]["cell_type"] != "markdown" or first[0] != heading:
        yield f"the first cell must begin with `{heading}`, as the lesson's README does"
    elif len(first) != 3 or first[1] or not first[2]:
        yield "after the title: an empty line and one line that says what is to be seen"


def has_its_parts(book: Notebook) -> Iterator[str]:
    """Warm up, steps, where it breaks, your turn, recap; titles as in the README."""
    headings = re.findall(r"^## (.+)$", book.prose, re.MULTILINE)
    parts = [heading for heading in headings if heading in PARTS]
    if parts != PARTS:
        yield f"these headings, in this order: {', '.join(PARTS)} (found: {parts})"
    steps = [heading for heading in headings if heading.startswith("Step ")]
    wanted = [f"Step {step.number}: {step.title}" for step in book.lesson.steps]
    if [step for step in wanted if step in steps] != steps:
        yield f"step headings as in the lesson's README: {wanted} (found: {steps})"
    warm_up = book.prose.partition("## Warm up")[2].partition("\n## ")[0]
    if warm_up.count("<details>") < 2:
        yield "the warm-up asks two folded questions (<details>)"


def leads_on(book: Notebook) -> Iterator[str]:
    """Its own lesson and the next are linked; the reader's own work is checked."""
    if f"../lessons/{book.lesson.name}/README.md" not in book.prose:
        yield f"link ../lessons/{book.lesson.name}/README.md"
    following = after(book.lesson)
    for target in ["../lessons/{}/README.md", "{}.ipynb"] if following else []:
        if target.format(following.name) not in source(book.cells[-1]):
            yield f"the last cell links {target.format(following.name)}"
    if not any(source(c) == f'check("{book.lesson.number}")' for c in book.code):
        yield f'one cell is `check("{book.lesson.number}")`'


def is_plain_prose(book: Notebook) -> Iterator[str]:
    """No exclamation marks, no emoji: the voice of the workbook."""
    text = re.sub(r"```.*?```|`[^`]*`|<code>.*?</code>|!\[", "", book.prose, flags=re.S)
    for found in re.findall(
        r"[^\n]{0,30}(?:!(?!-)|[\U0001F000-\U0001FAFF\u2705\u274C])", text
    ):
        yield f"plain sentences, no exclamation mark and no emoji: {found!r}"


def is_small(book: Notebook) -> Iterator[str]:
    """10 to 20 code cells of 1 to 8 lines; blank lines and comments are free."""
    if not FEWEST_CELLS <= len(book.code) <= MOST_CELLS:
        yield f"{len(book.code)} code cells; {FEWEST_CELLS} to {MOST_CELLS} are right"
    for cell in book.code:
        lines = [x for x in source(cell).splitlines() if x.strip()[:1] not in ("", "#")]
        if not 1 <= len(lines) <= MOST_LINES:
            yield f"{call(cell)} has {len(lines)} lines; 1 to {MOST_LINES} are right"


def was_run_in_order(book: Notebook) -> Iterator[str]:
    """Counts 1 to n, and each cell but the first shows something."""
    counts = [cell["execution_count"] for cell in book.code]
    if counts != list(range(1, len(counts) + 1)):
        yield f"counts are {counts}; {REWRITE.format(name=book.lesson.name)}"
    for cell in book.code[1:]:
        if not cell["outputs"]:
            yield f"{call(cell)} shows nothing: print, show, or join it to another"


def has_honest_outputs(book: Notebook) -> Iterator[str]:
    """No stderr, no stored traceback, nothing of one machine or one moment."""
    for cell in book.code:
        kinds = {output["output_type"] for output in cell["outputs"]}
        if any(output.get("name") == "stderr" for output in cell["outputs"]):
            yield f"{call(cell)} writes to stderr: catch it, or show it by error(…)"
        if "error" in kinds and "raises-exception" not in tags(cell):
            yield f"{call(cell)} ends in a traceback: show it by error(…)"
        for text in (source(cell), printed(cell)):
            for found in [*MACHINE.finditer(text), *DATE.finditer(text)]:
                yield f"{call(cell)} names {found[0]!r}: it differs on the next machine"


def has_no_magic(book: Notebook) -> Iterator[str]:
    """Plain Python: an unknown %%magic would swallow its cell in silence."""
    magic = re.compile(
        r"^\s*[%!?].*|^.*\?$|.*get_ipython\(.*|.*\b(?:In|Out)\[\d.*", re.M
    )
    for cell in book.code:
        for found in magic.findall(source(cell)):
            yield f"{call(cell)}: {found.strip()!r} is no plain Python; run(…) runs commands"


def has_only_our_tags(book: Notebook) -> Iterator[str]:
    """Tags that mean something here, metadata that says no more than they do."""
    for cell in book.code:
        strange = set(tags(cell)) - TAGS
        if strange:
            yield f"{call(cell)}: no tags {sorted(strange)}; there are {sorted(TAGS)}"
        elif cell["metadata"] != metadata_for(tags(cell)):
            yield f"{call(cell)}: its metadata; {REWRITE.format(name=book.lesson.name)}"
    for cell in book.cells:
        if cell["cell_type"] == "markdown" and (
            cell["metadata"] or "attachments" in cell
        ):
            yield f"{source(cell)[:40]!r}: a text cell has no metadata and no attachments"


def has_our_metadata(book: Notebook) -> Iterator[str]:
    """No kernel of one machine, no editor's state, ids that follow from the cells."""
    form = {
        key: book.content[key] for key in ("metadata", "nbformat", "nbformat_minor")
    }
    if form != {"metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}:
        yield f"the notebook's metadata; {REWRITE.format(name=book.lesson.name)}"
    taken: set[str] = set()
    wanted = [identity(cell["cell_type"], source(cell), taken) for cell in book.cells]
    if [cell.get("id") for cell in book.cells] != wanted:
        yield f"the cells' ids; {REWRITE.format(name=book.lesson.name)}"


def has_links_that_lead_somewhere(book: Notebook) -> Iterator[str]:
    """Links and images are relative, and their files exist."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", book.prose, flags=re.S)
    targets = re.findall(r"\]\(([^)\s]+)[^)]*\)|\b(?:src|href)=\"([^\"]+)\"", prose)
    for target in (markdown or html for markdown, html in targets):
        if re.match(r"(?:https?|mailto):|#", target):
            continue
        if (
            target.startswith("/")
            or not (book.folder / target.partition("#")[0]).exists()
        ):
            yield f"the link to {target} leads nowhere; links start from notebooks/"


def folds_what_a_guess_comes_before(book: Notebook) -> Iterator[str]:
    """A prediction shows its question only, and the next cell's output is folded."""
    asked = [cell for cell in book.code if source(cell).startswith("predict(")]
    if not asked:
        yield "ask for at least one prediction: predict(question, *choices)"
    for cell in asked:
        following = book.code[book.code.index(cell) + 1 :]
        if "hide-input" not in tags(cell):
            yield f"{call(cell)} needs the tag hide-input"
        if not following or "hide-output" not in tags(following[0]):
            yield f"{call(cell)}: the next cell answers it, so it needs the tag hide-output"


def has_an_exercise_with_its_solution(book: Notebook) -> Iterator[str]:
    """An exercise ships unsolved; the folded solution runs the same check."""
    exercises = [cell for cell in book.code if "exercise" in tags(cell)]
    if not exercises:
        yield "give the reader at least one exercise (the tag exercise)"
    for cell in exercises:
        following = [*book.code[book.code.index(cell) + 1 :], cell][0]
        if "solution" not in tags(following):
            yield f"{call(cell)}: the next code cell is its solution (the tag solution)"
        elif source(cell).splitlines()[-1] != source(following).splitlines()[-1]:
            yield f"{call(cell)}: exercise and solution end in the same is_it(…) line"
        elif not printed(cell).strip().startswith("not there yet"):
            yield f"{call(cell)}: an exercise must ask for what fails at first"
        elif printed(following).strip() != "that is it":
            yield f"{call(following)}: the solution does not solve it"


RULES = [
    begins_with_its_title,
    has_its_parts,
    leads_on,
    is_plain_prose,
    is_small,
    was_run_in_order,
    has_honest_outputs,
    has_no_magic,
    has_only_our_tags,
    has_our_metadata,
    has_links_that_lead_somewhere,
    folds_what_a_guess_comes_before,
    has_an_exercise_with_its_solution,
]

"""The book's sources, laid out in a folder as the workbook is: so every link holds.

What a page gains here, a reader at the screen has by other means: the hints of `make
hint` are folded below their steps, and the sidebar leads where folders lead otherwise.
"""

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from checks.engine.book import made
from checks.engine.lessons import TOP, Lesson, all_lessons
from checks.engine.links import LINK

PART = re.compile(r"^\| \| \*\*(Part .+?)\*\* \|", re.MULTILINE)
ROW = re.compile(r"^\| \d+ \| \[.+?\]\(lessons/(\w+)/README\.md\)", re.MULTILINE)
SECTION = re.compile(r"^(?=## )", re.MULTILINE)
TOGGLES = ("show", "hide")
STEP = re.compile(r"## (Step \d+: .+)\n")
HINT = re.compile(r"^\d\. (.+?)(?=^\d\. |\Z)", re.MULTILINE | re.DOTALL)
BESIDE = ["lessons/PITFALLS", "lessons/WHEN_IT_GOES_WRONG", "lessons/OFTEN_TOLD"]
BESIDE += ["lessons/NAMES", "notebooks/book/glossary", "lessons/WHERE_NEXT"]
RUN = re.compile(r"(?:Then run|Run) (?:the cells|them) from top .+? Shift\+Enter\.")
GUESS = re.compile(r"(first, then|before you) run the cell")
FOR_TEACHERS = re.compile(r"\]\(((?:solutions|checks)/[\w/]+)\.md\)")
WRITTEN = ["lessons/PITFALLS", "lessons/WHERE_NEXT", "notebooks/book/glossary"]


@dataclass
class Part:
    """A part of the workbook: its title and the names of its lessons."""

    title: str
    lessons: list[str] = field(default_factory=list)


def parts() -> list[Part]:
    """Return the parts as the table of the workbook's README has them."""
    found: list[Part] = []
    for line in (TOP / "README.md").read_text(encoding="utf-8").splitlines():
        if title := PART.match(line):
            found.append(Part(title[1]))
        elif row := ROW.match(line):
            found[-1].lessons.append(row[1])
    return found


def for_teachers() -> list[str]:
    """Return the pages for teachers that the workbook's README links, without .md."""
    text = (TOP / "README.md").read_text(encoding="utf-8")
    return list(dict.fromkeys(FOR_TEACHERS.findall(text)))


def stage(folder: Path) -> None:
    """Write all sources of the book into a new folder."""
    shutil.copytree(TOP / "notebooks" / "pictures", folder / "notebooks" / "pictures")
    keep(folder / "index.md", front_page())
    for lesson in all_lessons():
        keep(folder / "lessons" / lesson.name / "README.md", lesson_page(lesson))
        name = f"{lesson.name}.ipynb"
        stored = (TOP / "notebooks" / name).read_text(encoding="utf-8")
        keep(folder / "notebooks" / name, notebook_page(json.loads(stored), lesson))
    for page in (*WRITTEN, *for_teachers()):
        text = (TOP / f"{page}.md").read_text(encoding="utf-8")
        keep(folder / f"{page}.md", text.replace("](../README.md", "](../index.md"))
        bring_files(folder, page, text)
    for page, text in made.pages().items():
        keep(folder / "lessons" / f"{page}.md", text)


def bring_files(folder: Path, page: str, text: str) -> None:
    """Copy the files that a page links and that are no pages: the book hands them out."""
    for target in LINK.findall(text):
        path = (TOP / page).parent.joinpath(target.partition("#")[0]).resolve()
        if path.suffix != ".md" and path.is_file():
            copy = folder / path.relative_to(TOP)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)


def keep(path: Path, text: str) -> None:
    """Write a source, and the folder that it lies in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def front_page() -> str:
    """Return the workbook's README with the book's table of contents."""
    text = (TOP / "README.md").read_text(encoding="utf-8")
    trees = [
        toctree([f"lessons/{name}/README" for name in part.lessons], part.title)
        for part in parts()
    ]
    trees += [
        toctree(BESIDE, "Beside the lessons"),
        toctree(for_teachers(), "For teachers"),
    ]
    return "\n".join([text, *trees])


def toctree(pages: list[str], caption: str = "") -> str:
    """Return what puts pages into the sidebar, and not onto the page itself."""
    lines = ["```{toctree}", ":hidden:"]
    lines += [f":caption: {json.dumps(caption)}"] if caption else []
    return "\n".join([*lines, "", *pages, "```", ""])


def lesson_page(lesson: Lesson) -> str:
    """Return a lesson's text, the hints folded below their steps; its notebook follows."""
    hints = (lesson.folder / "hints.md").read_text(encoding="utf-8")
    rungs = {title: HINT.findall(body) for title, body in sections(hints)}
    text = "".join(
        whole
        + "".join(folded(n, hint) for n, hint in enumerate(rungs.get(title, []), 1))
        for whole in SECTION.split(lesson.text)
        for title in [title_of(whole)]
    )
    return f"{text}\n{toctree([f'The notebook <../../notebooks/{lesson.name}>'])}"


def title_of(section: str) -> str:
    """Return ``Step 2: …`` where a section is a step, else nothing."""
    found = STEP.match(section)
    return found[1] if found else ""


def sections(text: str) -> list[tuple[str, str]]:
    """Return the steps of a text: title and body."""
    return [(title_of(part), part) for part in SECTION.split(text) if title_of(part)]


def folded(number: int, hint: str) -> str:
    """Return a hint that opens when its line is pressed."""
    plain = re.sub(r"\n {1,3}", "\n", hint).strip()
    return f"<details>\n<summary>Hint {number}</summary>\n\n{plain}\n\n</details>\n\n"


def notebook_page(book: dict, lesson: Lesson) -> str:
    """Return a notebook for a reader without Jupyter: what is in it, then all of it.

    Its title tells it from the lesson's text; imports and solutions are folded, and of
    a guess only the question is left.
    """
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    title = book["cells"][0]
    lines = "".join(title["source"]).split("\n")
    inside = table_of(code, lesson)
    title["source"] = "\n".join([f"{lines[0]}: the notebook", *lines[1:], "", *inside])
    for cell in book["cells"]:
        if cell["cell_type"] == "markdown":
            cell["source"] = for_reading("".join(cell["source"]), lesson)
    for cell in code:
        tags = cell["metadata"].setdefault("tags", [])
        if is_guess(cell):
            tags.append("remove-input")
        elif "solution" in tags:
            fold(cell, "solution")
        elif cell is code[0]:
            fold(cell, "set-up")
    return json.dumps(book)


def for_reading(text: str, lesson: Lesson) -> str:
    """Return a notebook's text for a page, where no cell can be run."""
    there = f"`make notebooks {lesson.number}` opens this notebook in JupyterLab."
    return GUESS.sub(r"\1 unfold", RUN.sub(there, text))


def fold(cell: dict, what: str) -> None:
    """Fold the code of a cell, and let the line that stands there say what it is."""
    cell["metadata"]["tags"].append("hide-input")
    prompts = {f"code_prompt_{word}": f"{word.title()} the {what}" for word in TOGGLES}
    cell["metadata"]["mystnb"] = prompts


def is_guess(cell: dict) -> bool:
    """Does a cell only ask for a guess, so that its code says nothing?"""
    return "".join(cell["source"]).startswith("predict(")


def table_of(code: list[dict], lesson: Lesson) -> list[str]:
    """Return a table of what a notebook has in store."""
    asked = sum(map(is_guess, code))
    exercises = sum("exercise" in cell["metadata"].get("tags", []) for cell in code)
    text = f"[{lesson.number} · {lesson.title}](../lessons/{lesson.name}/README.md)"
    return [
        "| the text that it explains | cells | guesses | exercises |",
        "| --- | --- | --- | --- |",
        f"| {text} | {len(code)} | {asked} | {exercises} |",
    ]

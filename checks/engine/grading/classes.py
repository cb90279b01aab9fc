"""Which class is meant, and who in it: the words of a person, and where they lead."""

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

from checks.engine.grading import bundles, gradebook, reports
from checks.engine.lessons import WorkbookError
from checks.engine.screen import Screen

OURS = {"report": reports.ENDING, "gradebook": gradebook.ENDING}
PART = re.compile(r"\.\d+-of-\d+$")  # of a gradebook's name
NAMES = (
    "CLASS names the folder that holds the submissions, one folder or archive a student, "
    "or a zip of such a folder."
)
KEPT = "Changed in {} by hand before this zip came, so put aside there: {}"


def class_folder(word: str, screen: Screen | None = None) -> Path:
    """Return the class folder that a word names; one that is a zip is unpacked first.

    screen is told what was left out of the zip, and what of the folder was put aside for
    it. Raises WorkbookError for no class.
    """
    folder = Path(word).absolute()
    if folder.is_file() and folder.suffix.lower() == ".zip":
        folder, note = bundles.unpacked(folder)
        if note.left and screen:
            screen.say(f"Left out of {word}: {', '.join(note.left)}")
        if note.kept and screen:
            screen.say(KEPT.format(folder.name, ", ".join(note.kept)))
    refuse_ours(word, folder)
    if folder.is_file():
        raise WorkbookError(
            f"{word} is a file, and neither a folder nor a zip. {NAMES}"
        )
    if not folder.is_dir():
        raise WorkbookError(f"There is no folder {word}. {NAMES}")
    refuse_above(word, folder)
    return folder


def refuse_ours(word: str, path: Path) -> None:
    """Raise WorkbookError for what was made of a class: its report, its gradebook."""
    for what, ending in OURS.items():
        marked = path.is_file() or (path / reports.STAMP).is_file()
        if path.name.endswith(ending) and marked:
            folder = PART.sub("", word.rstrip("/").removesuffix(ending))
            raise WorkbookError(
                f"{word} is the {what} of a class, and no class. CLASS={folder} names the "
                "folder of the submissions."
            )


def refuse_above(word: str, folder: Path) -> None:
    """Raise WorkbookError for the folder in which a class lies beside its gradebook."""
    try:
        inner = sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:
        return  # whoever reads it will say what is wrong
    for path in inner:
        if gradebook.beside(path).is_file():
            raise WorkbookError(
                f"In {word} lies the class {path.name}, with its gradebook beside it. "
                f"CLASS={Path(word) / path.name} names the folder of its submissions."
            )


def nobody(name: str, names: Iterable[str]) -> WorkbookError:
    """Return the error for a name that no student has."""
    close = difflib.get_close_matches(name, [*names], 1)
    guess = f" Did you mean {close[0]!r}?" if close else ""
    return WorkbookError(f"There is no student {name!r}.{guess}")

"""The last green: the files as they were when all that is done now was done for sure."""

import contextlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from checks.engine.files import write_atomically
from checks.engine.judging.verdict import Verdict
from checks.engine.learner.difference import one_file
from checks.engine.lessons import STATE

FOLDER = STATE / "green"
MOST_BYTES = 4 * 1024 * 1024
Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Mark:
    """A state of the files that passed: how many steps were done, and the files."""

    passed: int
    files: Files


class Green:
    """The last green of one lesson, also from one `make lesson` to the next.

    turned is the state in which the newest step turned ok, held the last one in which
    nothing was lost again. Both are None until the first step is ok.
    """

    def __init__(self, name: str, folder: Path = FOLDER):
        self.file = folder / f"{name}.zip"
        self.turned = self.held = read(self.file)
        self.passed = 0

    def judged(self, verdict: Verdict, files: Files) -> None:
        """Take a verdict and the files that it is about."""
        self.passed = verdict.passed
        if not self.passed or (self.held and self.passed < self.held.passed):
            return
        self.held = Mark(self.passed, dict(files))
        if self.turned is None or self.passed > self.turned.passed:
            self.turned = self.held
            keep(self.file, self.turned)

    @property
    def lost(self) -> bool:
        """Is a step open again that was ok?"""
        return self.held is not None and self.passed < self.held.passed

    def changes(self, files: Files) -> list[str]:
        """Return the lines of a diff: from the last green to these files.

        Where a step was lost, from the last state that had it; else from the one in
        which the newest step turned ok.
        """
        mark = self.held if self.lost else self.turned
        if mark is None:
            return []
        lines: list[str] = []
        for path in sorted(mark.files.keys() | files.keys()):
            if mark.files.get(path) != files.get(path):
                names = (f"{path} (then)", f"{path} (now)")
                lines += one_file(names, mark.files.get(path), files.get(path))
        return lines


def keep(file: Path, mark: Mark) -> None:
    """Keep a mark for the next time; where that cannot be, it is known until the end."""
    if sum(map(len, mark.files.values())) > MOST_BYTES:
        return
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = str(mark.passed).encode()
        for path, content in mark.files.items():
            archive.writestr(path, content)
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, packed.getvalue())


def read(file: Path) -> Mark | None:
    """Return the mark that was kept, None where there is none that can be read."""
    try:
        with zipfile.ZipFile(file) as archive:
            found = {name: archive.read(name) for name in archive.namelist()}
            return Mark(int(archive.comment), found)
    except (OSError, ValueError, zipfile.BadZipFile):
        return None

"""Remove what can be made again, and nothing that a learner made."""

import os
import shutil
from pathlib import Path

from checks.engine.files import CACHES
from checks.engine.lessons import STATE, TOP, shown

WHOLE = (
    TOP / ".venv",
    STATE / "starters",
    STATE / "book",
    TOP / ".pytest_cache",
    TOP / ".ruff_cache",
    TOP / ".hypothesis",
)
SWEPT = ("checks", "notebooks", "solutions")


def clean() -> list[str]:
    """Remove .venv, the copies of the starters and all caches; return what is gone.

    lessons/ is not looked into at all; of .workbook only the copies and the book go.
    """
    found = [path for path in WHOLE if path.is_dir()]
    for name in SWEPT:
        for where, folders, _ in os.walk(TOP / name):
            found += [Path(where, folder) for folder in folders if folder in CACHES]
            folders[:] = [folder for folder in folders if folder not in CACHES]
    for path in found:
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path, ignore_errors=True)
    big = [shown(path) for path in found if path in WHOLE]
    small = len(found) - len(big)
    return [*big, *([f"{small} folders of caches"] if small else [])]

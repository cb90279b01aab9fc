"""Files: the names of what tools leave behind, and a content written in one go."""

import os
import shutil
from pathlib import Path

# Made by tools, and made again at their next run.
CACHES = {"__pycache__", ".pytest_cache", ".ruff_cache", ".ipynb_checkpoints"}
# Nobody's work, or nobody's business: no backup holds it, and no reset removes it.
TOOLS = CACHES | {".venv", "venv", ".env"}
# What an app or a tool leaves behind, and secrets; none of it is a lesson's source.
LEFT_OUT = TOOLS | {".git", "instance"}


def write_atomically(path: Path, content: bytes) -> None:
    """Put a content in a file so that a reader sees the old or the new, never a part."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_bytes(content)
        if path.exists():
            shutil.copymode(path, new)
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)

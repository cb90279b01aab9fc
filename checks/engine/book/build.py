"""Have Sphinx make the site: into .workbook/book/, in one piece, without a warning."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from checks.engine.book.pages import stage
from checks.engine.lessons import STATE, TOP

CONFIG = TOP / "notebooks" / "book"
SITE = STATE / "book"
LONGEST = 40


class NotBuilt(Exception):
    """Sphinx has complained of the book's pages; its text says of which."""


def build(site: Path = SITE) -> Path:
    """Make the site anew and return its first page.

    The site that stood there is replaced only once the new one is whole. Raises
    NotBuilt with Sphinx's warnings, and StarterError's kin where a file is missing.
    """
    site.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="book-", dir=site.parent) as scratch:
        pages, made = Path(scratch, "pages"), Path(scratch, "site")
        stage(pages)
        complaints = sphinx(pages, made)
        if complaints:
            raise NotBuilt(complaints.replace(f"{pages}/", ""))
        shutil.rmtree(site, ignore_errors=True)
        made.rename(site)
    return site / "index.html"


def sphinx(pages: Path, made: Path) -> str:
    """Run Sphinx; return what it complains of, empty where all is well.

    -W makes a failure of every warning; each core reads and writes some of the pages.
    """
    command = [sys.executable, "-m", "sphinx", "-b", "html", "-W", "--keep-going", "-q"]
    command += ["-j", "auto", "-c", str(CONFIG), "-d", str(pages.parent / "trees")]
    done = subprocess.run(
        [*command, str(pages), str(made)],
        env={**os.environ, "NO_COLOR": "1", "PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = done.stdout.strip().splitlines()
    return "\n".join(lines[-LONGEST:] or ["Sphinx failed"]) if done.returncode else ""

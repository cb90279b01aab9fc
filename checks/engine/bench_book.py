"""Figures for those who read: how long the book and the notebooks take."""

import importlib.util
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from checks.engine.bench import QUIET, row
from checks.engine.lessons import TOP


def book(top: Path) -> Iterator[str]:
    """`make book`, and its largest page."""
    if importlib.util.find_spec("sphinx") is None:
        yield row("make book", "not set up", "≤ 15 s")
        return
    from checks.engine.book.build import build

    site = top.parent / "site"
    start = time.perf_counter()
    build(site)
    yield row("make book", f"{time.perf_counter() - start:.1f} s", "≤ 15 s")
    largest = max(page.stat().st_size for page in site.rglob("*.html"))
    yield row("  its largest page", f"{largest / 1000:.0f} kB", "≤ 500 kB")


def notebooks(top: Path) -> Iterator[str]:
    """All notebooks run again, every output compared, one process for each core."""
    target = "≤ 60 s"
    if importlib.util.find_spec("nbval") is None:
        yield row("all notebooks, strict nbval", "not set up", target)
        return
    command = [sys.executable, "-m", "pytest", "notebooks", "--nbval", "-q"]
    command += ["--nbval-current-env", "--nbval-cell-timeout=60", "-n", "2"]
    command += ["--dist=loadfile", "-p", "no:cacheprovider"]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=TOP, **QUIET)
    measured = f"{time.perf_counter() - start:.0f} s"
    failed = f"ended with {done.returncode}"
    yield row(
        "all notebooks, strict nbval", failed if done.returncode else measured, target
    )

"""The READMEs' pictures: the finished pages, as a real browser shows them."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from checks.engine.browser import browser, chromium
from checks.engine.lessons import SOLUTIONS, TOP, Lesson, WorkbookError
from checks.engine.worker.inside.folder import app_in

PICTURES = TOP / "notebooks" / "pictures"
WIDTH, LOWEST, HIGHEST = 760, 300, 640  # pixels
MOST_BYTES = 60_000
# The picture of a page is a link to that page in the running lesson.
LINE = re.compile(
    r"^\[!\[(?P<alt>[^\]]+)\]\(\.\./\.\./notebooks/pictures/(?P<file>\w+\.png)\)\]"
    r"\(http://127\.0\.0\.1:5050(?P<path>/\S*)\)$",
    re.MULTILINE,
)


def wanted(lesson: Lesson) -> re.Match | None:
    """Return the line of a README that shows a picture: its alt, file and path."""
    return LINE.search(lesson.text)


def draw(lessons: list[Lesson]) -> Iterator[Path]:
    """Draw the picture of every lesson that shows one; yield each file as it is written.

    Raises WorkbookError where there is no Chromium.
    """
    if chromium() is None:
        raise WorkbookError(
            "Pictures are drawn by Chromium, which is not installed here: "
            "`apt-get install chromium` brings it."
        )
    PICTURES.mkdir(exist_ok=True)
    with browser() as page:
        for lesson in lessons:
            if (line := wanted(lesson)) is None:
                continue
            with running(lesson.name) as origin:
                page.open(origin + line["path"], WIDTH, height=LOWEST)
                whole = page.value("document.documentElement.scrollHeight")
                page.resize(WIDTH, min(whole, HIGHEST))
                path = PICTURES / line["file"]
                path.write_bytes(page.picture())
            yield path


def fill_tables(folder: Path, flask: list[str]) -> None:
    """Make the tables of a lesson that has some, and put the posts in."""
    commands = folder / "blog" / "commands.py"
    if commands.is_file() and "init-db" in commands.read_text(encoding="utf-8"):
        for word in ("init-db", "seed"):
            subprocess.run([*flask, word], cwd=folder, check=True, capture_output=True)


@contextlib.contextmanager
def running(name: str) -> Iterator[str]:
    """Run a copy of a lesson's solution as a learner would; lend its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    app = app_in(str(SOLUTIONS / name))
    flask = [sys.executable, "-B", "-m", "flask", "--app", app]
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copytree(SOLUTIONS / name, Path(folder, name))
        fill_tables(copy, flask)
        process = subprocess.Popen(
            [*flask, "run", "--port", str(port)],
            cwd=copy,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            for line in process.stdout:
                if "Running on" in line:
                    break
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()

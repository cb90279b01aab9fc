"""The notebooks as JupyterLab shows them: opened clean, readable at once, run in one go."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from checks.engine.browser import browser
from checks.engine.keeping import lab as told
from checks.engine.lessons import TOP
from checks.engine.starters import ensure
from checks.engine.tests.small import wait_until

pytestmark = pytest.mark.long
NAME = "04_url_variables"
OPEN = [
    "--no-browser",
    "--allow-root",
    "--ServerApp.port=0",
    "--ServerApp.ip=127.0.0.1",
]
OPEN += ["--IdentityProvider.token=tea", "--LabApp.expose_app_in_browser=True"]
APP = "window.jupyterapp"
PANEL = f"[...({APP}?.shell?.widgets('main') ?? [])][0]"
READY = f"{PANEL}?.context?.isReady && {PANEL}.content.widgets.length > 20"
CELLS = f"{PANEL}.content.widgets.filter(cell => cell.model.type === 'code')"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a copy of the notebooks in a workbook whose other parts are the real ones."""
    top = tmp_path_factory.mktemp("lab") / "workbook"
    left_out = shutil.ignore_patterns(".ipynb_checkpoints", "__pycache__", "my")
    shutil.copytree(TOP / "notebooks", top / "notebooks", ignore=left_out)
    for part in ("checks", "lessons", "solutions"):
        (top / part).symlink_to(TOP / part)
    return top / "notebooks"


@contextmanager
def lab(folder, scratch):
    """Run JupyterLab as `make notebooks` does; yield the address of a notebook in it."""
    places = (
        "JUPYTER_RUNTIME_DIR",
        "JUPYTER_CONFIG_DIR",
        "JUPYTER_DATA_DIR",
        "IPYTHONDIR",
    )
    environ = {**os.environ, **dict.fromkeys(places, str(scratch))}
    command = [sys.executable, "-m", "jupyterlab", *told(folder.parent, [NAME]), *OPEN]
    process = subprocess.Popen(
        command,
        cwd=TOP,
        env={**environ, "WORKBOOK_ROOT": str(ensure()), "PYTHONHASHSEED": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_until(lambda: written(scratch))
        yield json.loads(written(scratch))["url"]
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def written(scratch):
    """Return what JupyterLab notes of itself; nothing before all of it is there."""
    texts = [file.read_text() for file in scratch.glob("jpserver-*.json")]
    return next((text for text in texts if text.rstrip().endswith("}")), "")


@pytest.fixture(scope="module")
def page(folder, tmp_path_factory):
    """Open a notebook in JupyterLab, in a real browser."""
    with lab(folder, tmp_path_factory.mktemp("jupyter")) as url, browser() as page:
        page.open(f"{url}?token=tea", 1280)
        page.until(READY)
        yield page


def test_it_opens_unchanged_and_can_be_read_before_it_is_run(
    needs_chromium, page, folder
):
    before = (TOP / "notebooks" / f"{NAME}.ipynb").read_bytes()
    shown = (
        "document.querySelector('.jp-Notebook').innerText.includes('Watch one view')"
    )
    page.until(shown)
    assert page.value(f"{PANEL}.context.model.dirty") is False
    assert "Posts by" in page.value(f"{CELLS}[1].outputArea.node.innerText")
    assert (folder / f"{NAME}.ipynb").read_bytes() == before


def test_it_asks_no_other_machine(needs_chromium, page):
    away = [url for url in page.asked() if "127.0.0.1" not in url]
    assert [url for url in away if not url.startswith(("data:", "blob:"))] == []


def test_run_all_gives_the_stored_outputs(needs_chromium, page, folder):
    def outputs():
        book = json.loads((folder / f"{NAME}.ipynb").read_text(encoding="utf-8"))
        code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
        return [[plain(output) for output in cell["outputs"]] for cell in code]

    stored = outputs()
    page.until(f"{PANEL}.sessionContext.session?.kernel?.status === 'idle'")
    page.value(f"{APP}.commands.execute('notebook:run-all-cells')")
    page.until(f"{CELLS}.at(-1).model.executionCount === {len(stored)}")
    page.value(f"{PANEL}.context.save()")
    page.until(f"{PANEL}.context.model.dirty === false")
    assert outputs() == stored


def test_a_link_leads_to_the_text_of_the_lesson(needs_chromium, page):
    link = "document.querySelector('.jp-Notebook a[href*=README]')"
    page.until(f"!!{link}")
    page.value(f"{link}.click()")
    text = "document.querySelector('.jp-MarkdownViewer')?.innerText"
    page.until(f"{text}?.includes('The one new idea')")


def plain(output):
    """Return what an output shows, as text."""
    text = output.get("text") or output.get("data", {}).get("text/plain", "")
    return "".join(text)

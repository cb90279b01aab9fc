"""The learner's own tests, run by a pytest in this process."""

import contextlib
import io
import os
import sys
import tempfile

from . import templates
from .folder import Folder

USAGE = 4  # pytest's exit code for words, files and a conftest.py it cannot use
FLAGS = ("-q", "-p", "no:cacheprovider", "--tb=short", "--color=no", "--strict-markers")
MOST_SAID = 600
ALONE = "def test_nothing(tmp_path):\n    assert tmp_path\n"


class Suite:
    """The tests in the lesson's folder."""

    def __init__(self, folder: Folder):
        self.folder = folder

    def do_get_pytest(self, body: bytes) -> dict:
        """Import pytest and run it once, so that no fork has to do either."""
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        with tempfile.TemporaryDirectory() as place:
            with open(os.path.join(place, "test_alone.py"), "w") as file:
                file.write(ALONE)
            run([*FLAGS, "--rootdir", place, "-c", os.devnull, place])
        sys.modules.pop("test_alone", None)
        return {}

    def do_tests(
        self, body: bytes, paths: list, backwards: bool, only: list | None
    ) -> dict:
        """Run the tests; return what became of each, and what kept pytest from running.

        With backwards the last test comes first. only names tests that should all
        pass: no other runs, and the first that fails is the end.
        """
        templates.keep(self.folder.home)
        notes = Notes(self.folder, backwards, only)
        # pytest's own place for tmp_path is shared, and cleared by each run.
        own = ["--basetemp", os.path.join(os.path.dirname(self.folder.home), "tmp")]
        own += ["--rootdir", self.folder.home, *([] if only is None else ["-x"])]
        code, printed = run([*FLAGS, *own, *paths], notes)
        if code == USAGE and not notes.broken:  # a conftest.py that cannot be imported
            notes.broken.append({"test": "", "said": printed[-MOST_SAID:]})
        return {"tests": notes.tests, "broken": notes.broken}


def run(words: list[str], *plugins) -> tuple[int, str]:
    """Run pytest with these words; return its exit code and what it printed."""
    import pytest

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        code = pytest.main(words, plugins=list(plugins))
    return int(code), printed.getvalue()


class Notes:
    """A plugin that notes what became of each test."""

    def __init__(self, folder: Folder, backwards: bool, only: list | None):
        self.folder, self.backwards, self.only = folder, backwards, only
        self.tests: list[dict] = []
        self.broken: list[dict] = []

    def pytest_collection_modifyitems(self, items):
        if self.backwards:
            items.reverse()
        if self.only is not None:
            items[:] = [item for item in items if item.nodeid in self.only]

    def pytest_collectreport(self, report):
        if report.failed:
            self.broken.append({"test": report.nodeid, "said": self.said(report)})

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or not report.passed:
            late = report.when != "call" and report.failed
            outcome = f"{report.when} error" if late else report.outcome
            told = {"outcome": outcome, "said": self.said(report)}
            self.tests.append({"test": report.nodeid, **told})

    def said(self, report) -> str:
        """Return why a test or a file failed, in few lines."""
        if not report.failed:
            return ""
        crash = getattr(report.longrepr, "reprcrash", None)
        if crash is None:
            return str(report.longrepr)[-MOST_SAID:]
        place = f"{self.folder.relative(crash.path)}:{crash.lineno}"
        return f"{place}: {crash.message}"[:MOST_SAID]

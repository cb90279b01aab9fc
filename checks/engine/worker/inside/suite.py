"""The learner's own tests, run by a pytest in this process."""

import contextlib
import io
import linecache
import os
import re
import sys
import tempfile

from . import builders, processes, templates
from .folder import Folder

USAGE = 4  # pytest's exit code for words, files and a conftest.py it cannot use
UNUSED = ("cacheprovider", "threadexception", "unraisableexception")  # the last is slow
FLAGS = ["-q", "--tb=short", "--color=no", "--strict-markers"]
FLAGS += [word for name in UNUSED for word in ("-p", f"no:{name}")]
MOST_SAID = 600
ALONE = "def test_nothing(tmp_path):\n    assert tmp_path\n"


class Suite:
    """The tests in the lesson's folder."""

    def __init__(self, folder: Folder):
        self.folder = folder

    def do_get_pytest(self, body: bytes) -> dict:
        """Import pytest and run it once, so that no fork has to do either."""
        builders.remember()
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        with tempfile.TemporaryDirectory() as place:
            with open(os.path.join(place, "test_alone.py"), "w") as file:
                file.write(ALONE)
            run([*FLAGS, "--rootdir", place, "-c", os.devnull, place])
        sys.modules.pop("test_alone", None)
        return {}

    def do_tests(
        self,
        body: bytes,
        paths: list,
        backwards: bool,
        only: list | None,
        stop: bool,
    ) -> dict:
        """Run the tests; return what became of each, and what kept pytest from running.

        With backwards the last test comes first. only names the tests that run, in this
        order, None for all. With stop the first that fails is the end.
        """
        processes.limit_less()
        templates.keep(self.folder.home)
        notes = Notes(self.folder, backwards, only)
        # pytest's own place for tmp_path is shared, and cleared by each run.
        own = ["--basetemp", os.path.join(os.path.dirname(self.folder.home), "tmp")]
        own += ["--rootdir", self.folder.home, *(["-x"] if stop else [])]
        code, printed = run([*FLAGS, *own, *paths], notes)
        if code == USAGE and not notes.broken:  # a conftest.py that cannot be imported
            notes.broken.append({"test": "", "said": notes.in_short(printed)})
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
            places = {name: place for place, name in enumerate(self.only)}
            items[:] = [item for item in items if item.nodeid in places]
            items.sort(key=lambda item: places[item.nodeid])

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
        """Return why a test or a file failed: a line of the learner's, then the error."""
        if not report.failed:
            return ""
        longrepr = report.longrepr
        if hasattr(longrepr, "errorstring"):  # a fixture that is not there
            spot = self.spot(str(longrepr.filename), longrepr.firstlineno + 1)
            told = str(longrepr.errorstring).strip().splitlines()[:1]
            return "\n".join([spot, *told])[:MOST_SAID]
        crash = getattr(longrepr, "reprcrash", None)
        if crash is None:
            return self.in_short(str(longrepr))
        message = crash.message.removeprefix("AssertionError: ")
        message = message.partition(" Requesting fixture stack")[0]
        lines = [line for line in message.splitlines() if not line.startswith(" +")]
        told = [self.last_spot(longrepr), *lines]
        return "\n".join(filter(None, told))[:MOST_SAID]

    def last_spot(self, longrepr) -> str:
        """Return the last line of a traceback that is a test's, else the learner's.

        Returns nothing where it is neither.
        """
        crash = longrepr.reprcrash
        spots = [
            (os.path.join(self.folder.home, place.path), place.lineno)
            for entry in longrepr.reprtraceback.reprentries
            if (place := getattr(entry, "reprfileloc", None))
        ]
        own = [spot for spot in spots if self.folder.holds(spot[0])]
        tests = [
            spot for spot in own if not self.folder.relative(spot[0]).startswith("blog")
        ]
        spot = [(crash.path, crash.lineno), *own[-1:], *tests[-1:]][-1]
        return self.spot(*spot) if self.folder.holds(spot[0]) else ""

    def spot(self, path: str, line: int) -> str:
        """Return ``tests/test_pages.py:12   assert …``."""
        source = linecache.getline(path, line).strip()
        return f"{self.folder.relative(path)}:{line}   {source}".rstrip()[:200]

    def in_short(self, printed: str) -> str:
        """Return the last place and the error of what pytest printed."""
        printed = printed.replace(self.folder.home + os.sep, "")
        errors = re.findall(r"^E +([^\s^].*)", printed, re.MULTILINE)
        spots = re.findall(r"^\w[\w./]*\.py:\d+(?=: in )", printed, re.MULTILINE)
        lines = [*spots[-1:], *errors[-6:]] if errors else [printed[-MOST_SAID:]]
        return "\n".join(lines)[:MOST_SAID]

"""How several processes share the tests: what stays together, and what goes first.

A group goes to one process as a whole: a file's tests, for their fixtures; a notebook's
cells, for their kernel; and what waits for the verdicts on one lesson, which are made
in one go. As one process runs out of tests it is given the next group.
"""

import re

from xdist.scheduler import LoadScopeScheduling

VERDICT = re.compile(r"test_content\.py::\w+\[(\d\d_\w+)")
# Files whose tests are long, and share nothing that is dear.
LOOSE = ("test_browser.py", "test_fresh_clone.py")
# Each keeps several processes busy: side by side they would starve each other.
BUSY = re.compile(r"test_fresh_clone\.py::test_the_notebooks")


class Groups(LoadScopeScheduling):
    """xdist's scheduler, with groups of our own."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return the name of the group that a test belongs to."""
    if verdict := VERDICT.search(nodeid):
        return verdict[1]
    if busy := BUSY.search(nodeid):
        return busy[0]
    file = nodeid.partition("::")[0]
    return nodeid if file.endswith(LOOSE) else file


def turn_of(item) -> tuple[int, int]:
    """Return what the tests are sorted by: files, verdicts, and notebooks at the end.

    Of these the late ones come first, which take longer: what is short is left for the
    end, where it keeps no process busy alone.
    """
    if verdict := VERDICT.search(item.nodeid):
        return 1, -int(verdict[1][:2])
    if item.path.suffix == ".ipynb":
        return 2, -int(item.path.name[:2])
    return 0, 0

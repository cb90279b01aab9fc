"""The commands around the lessons: notebooks, tests, and what keeps the house in order."""

import os
import sys

from checks.engine import lessons
from checks.engine.screen import say

TESTS = ["-m", "pytest", "checks/engine/tests", "notebooks", "--nbval"]
TESTS += ["--nbval-current-env", "--nbval-cell-timeout=60", "-p", "no:cacheprovider"]

# JupyterLab as it opens for a reader: no news, no look for updates, no request abroad.
QUIET = ["--LabApp.news_url=None"]
QUIET += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
# Without these settings it asks every newcomer whether it may fetch its news.
QUIET += [f"--LabApp.app_settings_dir={lessons.TOP / 'notebooks' / '.lab'}"]


def become(*words: str) -> None:
    """Become a Python program, seen from the top of the workbook."""
    os.chdir(lessons.TOP)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *words])


def notebooks(args) -> int:
    """Open JupyterLab on the notebooks."""
    become("-m", "jupyterlab", "notebooks", *QUIET, *args.words, *args.more)


def test(args) -> int:
    """Run everything that proves the workbook, but what takes long."""
    become(*TESTS, "-m", "not long", *args.words, *args.more)


def test_all(args) -> int:
    """Run everything that proves the workbook."""
    become(*TESTS, *args.words, *args.more)


def bench(args) -> int:
    """Measure."""
    from checks.engine import bench

    return bench.main() or 0


def clean(args) -> int:
    """Remove what can be made again."""
    from checks.engine.learner import cleaning

    gone = cleaning.clean()
    say("Removed: " + (", ".join(gone) or "nothing was there") + ".")
    say("Your lessons, your progress and your backups are untouched.")
    return 0


def starters(args) -> int:
    """Rewrite the list of pristine starters."""
    from checks.engine import starters

    count = starters.write_list()
    say(
        f"{lessons.shown(starters.LIST)} holds {count} files, as lessons/ has them now."
    )
    say("It is right only where lessons/ holds no learner's work: look at its diff.")
    return 0


def pictures(args) -> int:
    """Draw the READMEs' pictures anew."""
    from checks.engine import pictures

    chosen = [lessons.find(word) for word in args.words] or lessons.all_lessons()
    for path in pictures.draw(chosen):
        say(f"{lessons.shown(path)}: {path.stat().st_size} bytes")
    return 0

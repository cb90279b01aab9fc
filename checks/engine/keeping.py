"""The commands around the lessons: notebooks, tests, and what keeps the house in order."""

import os
import sys
from pathlib import Path

from checks.engine import lessons
from checks.engine.screen import say

TESTS = ["-m", "pytest", "checks/engine/tests", "notebooks", "--nbval"]
# A cell that hangs is found late: one that waits on a busy machine must not look like it.
TESTS += ["--nbval-current-env", "--nbval-cell-timeout=600", "-p", "no:cacheprovider"]

# JupyterLab as it opens for a reader: no news, no look for updates, no request abroad.
QUIET = ["--LabApp.news_url=None"]
QUIET += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
# Without these settings it asks every newcomer whether it may fetch its news.
QUIET += [f"--LabApp.app_settings_dir={lessons.TOP / 'notebooks' / '.lab'}"]

# A notebook that is only opened stays as it is.
QUIET += ["--ServerApp.contents_manager_class=checks.engine.opened.Notebooks"]


# Several processes share the tests, one more than there are cores: much is waiting.
MOST_PROCESSES = 4


def shared() -> list[str]:
    """Return the words that have processes share the tests; none where one core is."""
    from checks.engine.judging.pool import cores

    count = min(cores() + 1, MOST_PROCESSES)
    by_groups = ["--dist=loadscope", "--no-loadscope-reorder"]
    return ["-n", str(count), *by_groups] if cores() > 1 else []


def become(*words: str) -> None:
    """Become a Python program, seen from the top of the workbook."""
    os.chdir(lessons.TOP)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *words])


def lab(top: Path, words: list[str]) -> list[str]:
    """Return what JupyterLab is told: it sees the whole workbook, so that links hold.

    The first word may name a lesson; its notebook is opened. Raises WorkbookError where
    there is no such lesson.
    """
    page = f"/{lessons.find(words[0]).name}.ipynb" if words else ""
    address = f"--LabApp.default_url=/lab/tree/notebooks{page}"
    return [f"--ServerApp.root_dir={top}", address, *QUIET, *words[1:]]


def notebooks(args) -> int:
    """Open JupyterLab on the notebooks, or on one of them."""
    from checks.engine import kits

    if kits.here():
        say(kits.NOTEBOOKS)
    become("-m", "jupyterlab", *lab(lessons.TOP, args.words), *args.more)


def my(args) -> int:
    """Copy a notebook, for its reader to play with."""
    from checks.engine.learner import commands, mine

    path = mine.copy(commands.named(args) or commands.meant(args))
    say(f"{lessons.shown(path)} is yours: change and break what you like.")
    say("`make notebooks` opens JupyterLab; it lies in notebooks/my there.")
    return 0


def book(args) -> int:
    """Build the web edition and say how it is opened."""
    from checks.engine.book.build import build

    say("Putting lessons and notebooks together; a few seconds, if nothing else runs.")
    page = build()
    say(f"{lessons.shown(page)} is the first page; a browser opens it as it is:")
    say(page.as_uri())
    return 0


def test(args) -> int:
    """Run everything that proves the workbook, but what takes long."""
    become(*TESTS, *shared(), "-m", "not long", *args.words, *args.more)


def test_all(args) -> int:
    """Run everything that proves the workbook, or what `make test` has left out."""
    only = ["-m", "long"] if os.environ.get("WORKBOOK_NO_REPEATS") else []
    become(*TESTS, *shared(), *only, *args.words, *args.more)


def bench(args) -> int:
    """Measure."""
    from checks.engine import bench

    return bench.main() or 0


def redteam(args) -> int:
    """Grade hostile submissions, and see what gets through."""
    from checks.engine.redteam import command

    return command.redteam(args)


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


def correct(args) -> int:
    """Correct a student's mark by hand."""
    from checks.engine.grading import corrections

    return corrections.correct(args)


def grade_merge(args) -> int:
    """Join the parts of a class."""
    from checks.engine.grading import commands

    return commands.grade_merge(args)


def pictures(args) -> int:
    """Draw the READMEs' pictures anew."""
    from checks.engine import pictures

    chosen = [lessons.find(word) for word in args.words] or lessons.all_lessons()
    for path in pictures.draw(chosen):
        say(f"{lessons.shown(path)}: {path.stat().st_size} bytes")
    return 0

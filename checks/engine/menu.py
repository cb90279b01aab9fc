"""The menu: every command's words, and what it needs before it can run."""

import argparse
import difflib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from checks.engine import keeping, kits, lessons, setup, starters
from checks.engine.desk.commands import lesson
from checks.engine.handing import commands as handing
from checks.engine.learner import commands
from checks.engine.lessons import WorkbookError
from checks.engine.screen import Screen, say


@dataclass(frozen=True)
class Command:
    """One command.

    usage is how it is typed after make, text what it does, level the packages that it
    needs ("" for none), more whether it hands unknown words on to another program.
    words names what it takes, and about says it at length, both in its --help.
    """

    usage: str
    text: str
    do: Callable[[argparse.Namespace], int]
    level: str = ""
    options: tuple = ()
    more: bool = False
    words: str = "…"
    about: str = ""

    @property
    def name(self) -> str:
        """The first word."""
        return self.usage.split()[0]

    @property
    def takes(self) -> str:
        """What may follow: ``N``, ``[N]`` or nothing."""
        return self.usage.partition(" ")[2]


def run(words: list[str]) -> int:
    """Do what the words say; return the exit code. Raises WorkbookError for a person."""
    args = parse(words)
    lay_out()
    if args.command is None:
        return show_menu()
    command = args.command
    kits.refuse(command.name)
    level = "grading" if getattr(args, "class_", None) else command.level
    level = "cluster" if getattr(args, "cluster", None) else level
    if level and not setup.left_alone():
        if setup.ensure(level, say):
            keep_starters()
        if not setup.running_inside():
            go_on_inside(words)
    return command.do(args)


def go_on_inside(words: list[str]) -> None:
    """Become the Python of .venv with the same words."""
    os.chdir(lessons.TOP)
    sys.stdout.flush()
    os.execv(setup.PYTHON, [str(setup.PYTHON), "-m", "checks.engine", *words])


def keep_starters() -> None:
    """Copy the starters while the lessons are new; what is missing only matters later."""
    try:
        starters.ensure()
    except WorkbookError as error:
        say(str(error))


def lay_out() -> None:
    """Put the apps of a kit's new lessons in their place, and say so."""
    if kits.here() and (names := kits.lay_out()):
        told = kits.numbers(names)
        Screen(sys.stderr).say(f"The apps of {told} are in lessons/ now.")


class Parser(argparse.ArgumentParser):
    """argparse, with its complaints as sentences of ours."""

    def error(self, message: str):
        raise WorkbookError(
            f"{message[:1].upper()}{message[1:]}. `{self.prog} --help` says more."
        )


def parse(words: list[str]) -> argparse.Namespace:
    """Return the command and its words. Raises WorkbookError for words that mean nothing."""
    parser = Parser(
        prog="python -m checks.engine",
        description="The Flask workbook. `make` takes the same commands.",
        epilog="WORKBOOK_SETUP=no uses this Python as it is, without .venv.",
    )
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        close = difflib.get_close_matches(words[0], COMMANDS, 1)
        guess = f" Did you mean {close[0]}?" if close else ""
        raise WorkbookError(
            f"There is no command {words[0]!r}.{guess} `make` lists them."
        )
    parser.set_defaults(command=None, more=[])
    names = parser.add_subparsers(metavar="command", title="commands")
    for command in COMMANDS.values():
        one = names.add_parser(
            command.name,
            help=command.text,
            description=command.about or command.text,
        )
        one.set_defaults(command=command)
        if command.takes:
            lesson = "N" in command.takes
            what = "number or name of a lesson" if lesson else "a name"
            one.add_argument("words", nargs="*", metavar=command.takes, help=what)
        if command.more and not command.takes:
            handed = (
                "handed on as they are" if command.words == "…" else "in this order"
            )
            one.add_argument("words", nargs="*", metavar=command.words, help=handed)
        for name, settings in command.options:
            one.add_argument(name, **settings)
    args, more = parser.parse_known_args(words)
    if more and not (args.command and args.command.more):
        raise WorkbookError(
            f"{' '.join(more)!r} means nothing here. `make` lists what does."
        )
    args.more = more
    return args


def show_menu() -> int:
    """Print the commands and the lessons."""
    from checks.engine.learner import progress, tables

    shown = [c for c in COMMANDS.values() if not kits.here() or c.name in kits.COMMANDS]
    say(*tables.menu([(c.usage, c.text) for c in shown], Screen()), "")
    say(*tables.table(progress.standings(commands.memory()), Screen()))
    return 0


ROOT = ("--root", {"default": "lessons", "help": "what to judge: lessons, solutions"})
STEPS = ("--steps", {"help": "only these steps, as in 2,3"})
JSON = ("--json", {"action": "store_true", "help": "print the verdict as data"})
SEED = ("--seed", {"help": "seed of the data that you have not seen"})
CLASS = ("--class", {"dest": "class_", "help": "a folder of submissions to grade"})
LESSONS = ("--lessons", {"help": "with --class: only these, as in 1-6"})
JOBS = ("--jobs", {"help": "with --class: how many at once"})
TRUST = ("--trust", {"help": "with --class: yes grades without a cage, if need be"})
COURSE = ("--course", {"help": "with --class: the file that says what counts"})
REGRADE = ("--regrade", {"help": "with --class: a student to judge again"})
SHARD = ("--shard", {"help": "with --class: grade one part of it, as in 2/4"})
CLUSTER = ("--cluster", {"help": "with --class: a scheduler, as in tcp://host:8786"})
GRADING = (CLASS, LESSONS, JOBS, TRUST, COURSE, REGRADE, SHARD, CLUSTER)
PARTS = ("--parts", {"help": "the parts' gradebooks, as in 'parts/*.gradebook'"})
OF_CLASS = ("--class", {"dest": "class_", "help": "the class whose parts are joined"})
HAND_OUT = ("--lessons", {"help": "which lessons, as in 1-6"})
TO = ("--to", {"help": "where to put it: a folder, or a .zip"})
TO_ZIP = ("--to", {"help": "where to put it, if not submit.zip"})
FUZZ = ("--fuzz", {"help": "send the judge anything at all, for so many minutes"})
STEP = ("--step", {"type": int, "help": "hints for this step"})
AGAIN = ("--again", {"action": "store_true", "help": "show the last hint again"})

RUN = "run a lesson's app; a verdict after every save"
CHECK = "judge a lesson once, or all of them"
CORRECT = "give a student's step other points, with a reason"
FIVE = "CLASS STUDENT STEP POINTS REASON"
CORRECTING = (
    "Give a student's step other points. CLASS is the class folder, STUDENT a name in "
    "its table or roster, STEP is like 3.2, and REASON stands in quotes. POINTS are "
    "those of the step, before the lesson's weight: from 0 to what the step has, or the "
    "word judged, which takes a correction back."
)
MERGE = "join the parts of a class that SHARD=1/4 made"
KIT = "build what students get: LESSONS=1-6, TO=folder or .zip"
SUBMIT = "pack your lessons into submit.zip, to hand in"
HINT = "the next hint for the first open step"
SOLUTION = "what lies between your files and the solution"
RESET = "back to the start; a backup is kept"
DOCTOR = "find out what is wrong with your set-up"
NOTEBOOKS = "read the notebooks in JupyterLab"
MY = "a copy of a notebook, to play with"
BOOK = "build lessons and notebooks as a web site"
TEST = "everything that proves the workbook"
REDTEAM = "grade hostile submissions, and see what gets through"
STARTERS = "rewrite the list of starters (for maintainers)"
PICTURES = "draw the lessons' pictures anew (for maintainers)"

HERE = (ROOT, STEPS, JSON, SEED)
LESSON, ALL, SITE, WHOLE = "lessons", "all", "book", "whole"
TABLE = (
    Command("lesson N", RUN, lesson, LESSON),
    Command("check [N]", CHECK, commands.check, LESSON, HERE + GRADING),
    Command("correct", CORRECT, keeping.correct, "", (), True, FIVE, CORRECTING),
    Command("grade-merge", MERGE, keeping.grade_merge, options=(OF_CLASS, PARTS)),
    Command("kit", KIT, handing.kit, options=(HAND_OUT, TO)),
    Command("submit", SUBMIT, handing.submit, options=(HAND_OUT, TO_ZIP)),
    Command("hint N", HINT, commands.hint, LESSON, (STEP, AGAIN)),
    Command("solution N", SOLUTION, commands.solution),
    Command("reset N", RESET, commands.reset),
    Command("undo", "bring the last backup back", commands.undo),
    Command("progress", "how far you are", commands.show_progress),
    Command("run N", "only the app of a lesson", commands.run_app, LESSON),
    Command("doctor", DOCTOR, commands.doctor),
    Command("notebooks [N]", NOTEBOOKS, keeping.notebooks, ALL, more=True),
    Command("my N", MY, keeping.my),
    Command("book", BOOK, keeping.book, SITE),
    Command("test", TEST, keeping.test, ALL, more=True),
    Command(
        "test-all", "the same, and what takes long", keeping.test_all, WHOLE, more=True
    ),
    Command("bench", "measure the workbook", keeping.bench, LESSON),
    Command("redteam [family]", REDTEAM, keeping.redteam, ALL, (FUZZ,)),
    Command("clean", "remove what can be made again", keeping.clean),
    Command("starters", STARTERS, keeping.starters),
    Command("pictures [N]", PICTURES, keeping.pictures, ALL),
)
COMMANDS = {command.name: command for command in TABLE}

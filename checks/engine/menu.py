"""The menu: every command's words, and what it needs before it can run."""

import argparse
import difflib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from checks.engine import keeping, lessons, setup, starters
from checks.engine.learner import commands
from checks.engine.lessons import WorkbookError
from checks.engine.screen import Screen, say


@dataclass(frozen=True)
class Command:
    """One command.

    usage is how it is typed after make, text what it does, level the packages that it
    needs ("" for none), more whether it hands unknown words on to another program.
    """

    usage: str
    text: str
    do: Callable[[argparse.Namespace], int]
    level: str = ""
    options: tuple = ()
    more: bool = False

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
    if args.command is None:
        return show_menu()
    command = args.command
    if command.level and not setup.left_alone():
        if setup.ensure(command.level, say):
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
            command.name, help=command.text, description=command.text
        )
        one.set_defaults(command=command)
        if command.takes:
            what = "number or name of a lesson"
            one.add_argument("words", nargs="*", metavar=command.takes, help=what)
        if command.more:
            one.add_argument("words", nargs="*", help="handed on as they are")
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

    say(*tables.menu([(c.usage, c.text) for c in COMMANDS.values()], Screen()), "")
    say(*tables.table(progress.standings(commands.memory()), Screen()))
    return 0


ROOT = ("--root", {"default": "lessons", "help": "what to judge: lessons, solutions"})
STEPS = ("--steps", {"help": "only these steps, as in 2,3"})
JSON = ("--json", {"action": "store_true", "help": "print the verdict as data"})
SEED = ("--seed", {"help": "seed of the data that you have not seen"})
STEP = ("--step", {"type": int, "help": "hints for this step"})
AGAIN = ("--again", {"action": "store_true", "help": "show the last hint again"})

RUN = "run a lesson's app; a verdict after every save"
CHECK = "judge a lesson once, or all of them"
HINT = "the next hint for the first open step"
SOLUTION = "what lies between your files and the solution"
RESET = "back to the start; a backup is kept"
DOCTOR = "find out what is wrong with your set-up"
NOTEBOOKS = "read the notebooks in JupyterLab"
TEST = "everything that proves the workbook"
STARTERS = "rewrite the list of starters (for maintainers)"
PICTURES = "draw the lessons' pictures anew (for maintainers)"

LESSON, ALL = "lessons", "all"
TABLE = (
    Command("lesson N", RUN, commands.lesson, LESSON),
    Command("check [N]", CHECK, commands.check, LESSON, (ROOT, STEPS, JSON, SEED)),
    Command("hint N", HINT, commands.hint, LESSON, (STEP, AGAIN)),
    Command("solution N", SOLUTION, commands.solution),
    Command("reset N", RESET, commands.reset),
    Command("undo", "bring the last backup back", commands.undo),
    Command("progress", "how far you are", commands.show_progress),
    Command("run N", "only the app of a lesson", commands.run_app, LESSON),
    Command("doctor", DOCTOR, commands.doctor),
    Command("notebooks", NOTEBOOKS, keeping.notebooks, ALL, more=True),
    Command("test", TEST, keeping.test, ALL, more=True),
    Command(
        "test-all", "the same, and what takes long", keeping.test_all, ALL, more=True
    ),
    Command("bench", "measure the workbook", keeping.bench, LESSON),
    Command("clean", "remove what can be made again", keeping.clean),
    Command("starters", STARTERS, keeping.starters),
    Command("pictures [N]", PICTURES, keeping.pictures, ALL),
)
COMMANDS = {command.name: command for command in TABLE}

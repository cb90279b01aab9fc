"""The menu: every command's words, and what it needs before it can run."""

import argparse
import difflib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from checks.engine import lessons, setup
from checks.engine.lessons import Lesson, WorkbookError

TESTS = ["-m", "pytest", "checks/engine/tests", "notebooks", "--nbval"]
TESTS += ["--nbval-current-env", "--nbval-cell-timeout=60", "-p", "no:cacheprovider"]


@dataclass(frozen=True)
class Command:
    """One command: its name, what it does, what it takes, and which packages it needs."""

    name: str
    text: str
    do: Callable[[argparse.Namespace], int]
    takes: str = ""
    level: str | None = None
    options: list[tuple[str, dict]] = field(default_factory=list)

    @property
    def usage(self) -> str:
        """The command as it is typed after make."""
        return f"{self.name} {self.takes}".strip()


def run(words: list[str]) -> int:
    """Do what the words say; return the exit code. Raises WorkbookError for a person."""
    args = parse(words)
    if args.command is None:
        return menu(args)
    command = args.command
    if command.level and not setup.left_alone():
        setup.ensure(command.level, say)
        if not setup.running_inside():
            go_on_inside(words)
    return command.do(args)


def go_on_inside(words: list[str]) -> None:
    """Become the Python of .venv with the same words."""
    os.chdir(lessons.TOP)
    sys.stdout.flush()
    os.execv(setup.PYTHON, [str(setup.PYTHON), "-m", "checks.engine", *words])


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
            what = (
                "number or name of a lesson" if "N" in command.takes else "more words"
            )
            one.add_argument("words", nargs="*", metavar=command.takes, help=what)
        for name, settings in command.options:
            one.add_argument(name, **settings)
    args, more = parser.parse_known_args(words)
    if more and not (args.command and args.command.takes == "…"):
        raise WorkbookError(
            f"{' '.join(more)!r} means nothing here. `make` lists what does."
        )
    args.more = more
    return args


# What the commands share.


def say(*lines: str) -> None:
    """Print lines."""
    screen().say(*lines)


def screen():
    """Return where lines go."""
    from checks.engine.screen import Screen

    return Screen()


def memory():
    """Return what is remembered; whatever is wrong with it goes to stderr in one line."""
    from checks.engine.learner.state import Memory
    from checks.engine.screen import Screen

    return Memory(Screen(sys.stderr).say)


def named(args: argparse.Namespace) -> Lesson | None:
    """Return the lesson that was named, None where none was.

    Raises WorkbookError for two, and for one that does not exist.
    """
    if len(args.words) > 1:
        raise WorkbookError(
            f"One lesson at a time, not {' '.join(args.words)!r}: which of them?"
        )
    return lessons.find(args.words[0]) if args.words else None


def meant(args: argparse.Namespace) -> Lesson:
    """Return the lesson that was named, or the one the learner is on."""
    from checks.engine.learner import progress

    known = memory()
    lesson = named(args) or progress.current(known)
    progress.enter(known, lesson)
    return lesson


# The commands of a learner.


def menu(args) -> int:
    """Print the commands and the lessons."""
    from checks.engine.learner import progress, tables

    say(*tables.menu([(c.usage, c.text) for c in COMMANDS.values()], screen()), "")
    say(*tables.table(progress.standings(memory()), screen()))
    return 0


def lesson(args) -> int:
    """Run a lesson's app and judge every save."""
    from checks.engine.learner.live import Live

    chosen = meant(args)
    bring_along(chosen)
    Live(chosen, memory(), screen()).run()
    return 0


def bring_along(chosen: Lesson) -> None:
    """Carry the learner's blog into an untouched lesson, and say so."""
    from checks.engine.learner.carrying import carry

    brought = carry(chosen)
    if brought:
        say(f"Brought along into lesson {chosen.number}: {' and '.join(brought)}.")


def run_app(args) -> int:
    """Become the lesson's app."""
    from checks.engine.learner import running

    chosen = meant(args)
    bring_along(chosen)
    with running.listen() as sock:
        port = sock.getsockname()[1]
    if port != running.PORT:
        say(f"Port {running.PORT} is taken, so this one uses {port}.")
    words = running.command(port)
    os.chdir(chosen.folder)
    os.execv(words[0], words)


def check(args) -> int:
    """Judge one lesson, or all."""
    from checks.engine.learner import judged

    root = lessons.TOP / args.root
    if not root.is_dir():
        raise WorkbookError(
            f"There is no folder {args.root}; it is lessons or solutions."
        )
    chosen = named(args)
    desk = judged.Desk(root, memory(), screen(), args.json)
    if chosen is None:
        return desk.all(lessons.all_lessons())
    return desk.one(chosen, steps_of(args.steps))


def steps_of(text: str | None) -> frozenset[int] | None:
    """Return the steps in ``2,3``. Raises WorkbookError for anything else."""
    if text is None:
        return None
    try:
        return frozenset(int(word) for word in text.split(","))
    except ValueError:
        raise WorkbookError(
            f"--steps takes numbers like 2,3 and not {text!r}."
        ) from None


def hint(args) -> int:
    """Show the next hint for the first step that is open."""
    from checks.engine.learner import hints

    chosen = meant(args)
    step = args.step or first_open(chosen)
    if step is None:
        say(
            f"Every step of lesson {chosen.number} is done; there is nothing to hint at."
        )
        return 0
    number, text = hints.take(memory(), chosen, step, args.again)
    title = next((s.title for s in chosen.steps if s.number == step), "")
    say(f"Lesson {chosen.number}, step {step}: {title}", "")
    if number > hints.COUNT:
        say(
            f"  That was the last hint; `make solution {chosen.number}` shows the rest."
        )
        say(f"  `python -m checks.engine hint {chosen.number} --again` repeats it.")
        return 0
    return show_hint(chosen, number, text)


def show_hint(chosen: Lesson, number: int, text: str) -> int:
    """Print one rung, and what comes after it."""
    from checks.engine.learner import hints

    indented = ["  " + line for line in hints.lines(text, screen().width - 2)]
    say(f"  hint {number} of {hints.COUNT}", "", *indented, "")
    more = "hint" if number < hints.COUNT else "solution"
    say(f"  next:    make {more} {chosen.number}")
    return 0


def first_open(chosen: Lesson) -> int | None:
    """Return the first step that is not done, judging only what was not judged yet."""
    from checks.engine.learner import judged, progress

    known = memory()
    fresh, step = progress.open_step(chosen, known.read())
    if not fresh:
        verdict = judged.verdict_on(chosen, known)
        step = verdict.first_open.number if verdict.first_open else None
    return step


def solution(args) -> int:
    """Show what lies between the learner's files and the solution."""
    from checks.engine.learner import difference, tables

    chosen = named(args) or meant(args)
    lines = difference.difference(chosen)
    if not lines:
        say(
            f"Your lesson {chosen.number} and its solution are the same, line for line."
        )
        return 0
    say(*tables.diff(lines, screen()), "")
    say(f"Yours is lessons/{chosen.name}, marked -; the solution is marked +.")
    say("It is one right answer; nothing of yours was changed.")
    return 0


def reset(args) -> int:
    """Put a lesson back to its start."""
    from checks.engine.learner import backups

    if not args.words:
        raise WorkbookError(
            "Which lesson? `make reset 3` puts lesson 3 back to its start."
        )
    name = reset_name(args)
    copy = backups.reset(name)
    say(f"lessons/{name} is as it was at the start.")
    say(f"What you had is in {lessons.shown(copy)}; `make undo` brings it back.")
    return 0


def reset_name(args) -> str:
    """Return the name of the lesson to put back, also of one whose folder is gone."""
    from checks.engine import starters

    try:
        return named(args).name
    except WorkbookError:
        wanted = args.words[0]
        for name in starters.listed() if len(args.words) == 1 else ():
            number = wanted.isascii() and wanted.isdigit() and int(wanted)
            if wanted in (name, name[3:]) or number == int(name[:2]):
                return name
        raise


def undo(args) -> int:
    """Bring the last backup back."""
    from checks.engine.learner import backups

    name, source, copy = backups.undo()
    say(f"lessons/{name} is back as it is in {lessons.shown(source)}.")
    say(
        f"What stood there is in {lessons.shown(copy)}; `make undo` again changes back."
    )
    return 0


def show_progress(args) -> int:
    """Print how every lesson stands."""
    from checks.engine.learner import progress, tables

    standings = progress.standings(memory())
    say(*tables.table(standings, screen()))
    done = sum(s.state == progress.DONE for s in standings)
    say("", f"  {done} of {len(standings)} lessons done")
    return 0


def doctor(args) -> int:
    """Look for whatever keeps the workbook from working."""
    from checks.engine.learner import doctor as ward

    findings = list(ward.examine())
    say(*ward.report(findings, screen()))
    return 2 if any(finding.wrong for finding in findings) else 0


# Notebooks, tests, and the keeper's commands.


def become(*words: str) -> None:
    """Become a Python program, seen from the top of the workbook."""
    os.chdir(lessons.TOP)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *words])


def notebooks(args) -> int:
    """Open JupyterLab on the notebooks."""
    become("-m", "jupyterlab", "notebooks", *args.words, *args.more)


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


ROOT = (
    "--root",
    {"default": "lessons", "help": "the folder to judge: lessons, solutions"},
)
STEPS = ("--steps", {"help": "only these steps, as in 2,3"})
JSON = ("--json", {"action": "store_true", "help": "print the verdict as data"})
STEP = ("--step", {"type": int, "help": "hints for this step"})
AGAIN = ("--again", {"action": "store_true", "help": "show the last hint again"})

COMMANDS = {
    command.name: command
    for command in (
        Command(
            "lesson",
            "run a lesson's app; a verdict after every save",
            lesson,
            "N",
            "lessons",
        ),
        Command(
            "check",
            "judge a lesson once, or all of them",
            check,
            "[N]",
            "lessons",
            [ROOT, STEPS, JSON],
        ),
        Command(
            "hint",
            "the next hint for the first open step",
            hint,
            "N",
            "lessons",
            [STEP, AGAIN],
        ),
        Command(
            "solution", "what lies between your files and the solution", solution, "N"
        ),
        Command("reset", "back to the start; a backup is kept", reset, "N"),
        Command("undo", "bring the last backup back", undo),
        Command("progress", "how far you are", show_progress),
        Command("run", "only the app of a lesson", run_app, "N", "lessons"),
        Command("doctor", "find out what is wrong with your set-up", doctor),
        Command("notebooks", "read the notebooks in JupyterLab", notebooks, "…", "all"),
        Command("test", "everything that proves the workbook", test, "…", "all"),
        Command("test-all", "the same, and what takes long", test_all, "…", "all"),
        Command("bench", "measure the workbook", bench, "", "lessons"),
        Command("clean", "remove what can be made again", clean),
        Command("starters", "rewrite the list of starters (for maintainers)", starters),
    )
}

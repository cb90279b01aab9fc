"""The learner's commands: each takes the parsed words, speaks, and returns its exit code.

What a command needs is imported inside it, so that none waits for another's needs.
"""

import argparse
import functools
import os
import sys

from checks.engine import kits, lessons
from checks.engine.lessons import Lesson, WorkbookError
from checks.engine.screen import Screen, say


@functools.cache
def memory():
    """Return what is remembered; whatever is wrong with it goes to stderr in one line."""
    from checks.engine.learner.state import Memory

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


def bring_along(chosen: Lesson) -> list[str]:
    """Carry the learner's blog into an untouched lesson; return the line that says so."""
    from checks.engine.learner.carrying import carry

    try:
        brought = carry(chosen)
    except WorkbookError:
        brought = []  # nobody knows whether it is untouched, so it stays as it is
    if not brought:
        return []
    return [f"Brought along into lesson {chosen.number}: {' and '.join(brought)}."]


def run_app(args) -> int:
    """Become the lesson's app."""
    from checks.engine.learner import running

    chosen = meant(args)
    for line in bring_along(chosen):
        say(line)
    with running.listen() as sock:
        port = sock.getsockname()[1]
    if port != running.PORT:
        say(f"Port {running.PORT} is taken, so this one uses {port}.")
    words = running.command(chosen.folder, port)
    os.chdir(chosen.folder)
    os.execv(words[0], words)


def check(args) -> int:
    """Judge one lesson, or all, or a class."""
    if args.class_:
        from checks.engine.grading.commands import check_class

        kits.refuse("check CLASS=…")
        return check_class(args)
    for name in ("lessons", "jobs", "trust", "course", "regrade", "shard", "cluster"):
        if getattr(args, name):
            raise WorkbookError(f"--{name} goes with --class, which grades a folder.")
    from checks.engine.learner import judged

    chosen, there = named(args), lessons.all_lessons()
    steps = steps_of(args.steps)
    if steps and chosen is None:
        raise WorkbookError(
            f"Steps of which lesson? `check 3 --steps {args.steps}` judges lesson 3's."
        )
    root = lessons.TOP / args.root
    if args.root == "solutions":
        kits.refuse("check ROOT=solutions")
    if not root.is_dir():
        raise WorkbookError(
            f"There is no folder {args.root}; it is lessons or solutions."
        )
    judge = judged.Judge(root, memory(), Screen(), args.json, args.seed)
    return judge.one(chosen, steps) if chosen else judge.all(there)


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
        rest = f"; `make solution {chosen.number}` shows the rest"
        say(f"  That was the last hint{'' if kits.here() else rest}.")
        say(f"  `make hint {chosen.number} AGAIN=1` repeats it.")
        return 0
    return show_hint(chosen, number, text, f" STEP={step}" if args.step else "")


def show_hint(chosen: Lesson, number: int, text: str, step: str) -> int:
    """Print one rung, and what comes after it; step is what was asked for by hand."""
    from checks.engine.learner import hints

    indented = ["  " + line for line in hints.lines(text, Screen().width - 2)]
    say(f"  hint {number} of {hints.COUNT}", "", *indented, "")
    following = f"hint {chosen.number}{step}"
    if number == hints.COUNT and not kits.here():
        following = f"solution {chosen.number}"
    say(f"  next:    make {following}")
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
    say(*tables.diff(lines, Screen()), "")
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
    say(*tables.table(standings, Screen()))
    done = sum(s.state == progress.DONE for s in standings)
    say("", f"  {done} of {len(standings)} lessons done")
    return 0


def doctor(args) -> int:
    """Look for whatever keeps the workbook from working."""
    from checks.engine.learner import doctor as ward

    findings = list(ward.examine())
    say(*ward.report(findings, Screen()))
    return 2 if any(finding.wrong for finding in findings) else 0

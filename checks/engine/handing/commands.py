"""`make kit` and `make submit`: for a teacher to hand out, for a learner to hand in."""

import argparse
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from checks.engine import kits, lessons
from checks.engine.lessons import Lesson, WorkbookError, shown
from checks.engine.screen import Screen, say, sentence

BESIDE = lessons.TOP.parent / "flask-workbook-kit"
ZIP = lessons.TOP / "submit.zip"
MOST_TOLD = 10


def kit(args: argparse.Namespace) -> int:
    """Build what students get: a folder with a git repository, or a zip."""
    from checks.engine.grading.course import lessons_of
    from checks.engine.handing import folders, packing

    if args.lessons is None:
        raise WorkbookError(
            "Which lessons? `make kit LESSONS=1-6` builds a kit of six."
        )
    chosen = lessons_of(args.lessons, None)
    if args.to and args.to.lower().endswith(".zip"):
        return as_zip(chosen, packing.place_of(args.to))
    folder = Path(args.to).expanduser().resolve() if args.to else BESIDE
    handed = folders.hand_out(folder, chosen)
    what = "new" if handed.new == handed.chosen else "brought up to date"
    say(f"{folder}: {told(handed.chosen)}, {what}")
    if handed.new and handed.left:
        say(f"New in it: {told(handed.new)}.")
    if handed.left:
        say(*sentence(
            f"lessons/ was left alone where students may have worked: {told(handed.left)}.",
            Screen(),
        ))  # fmt: skip
    say(f"Commit {handed.commit}." if handed.commit else "Nothing had changed.")
    return warn(handed.chosen)


def as_zip(chosen: Sequence[Lesson], place: Path) -> int:
    """Write a kit as a zip, which may be unzipped over an older one."""
    from checks.engine.handing import kit as kits_of
    from checks.engine.handing import packing

    content = packing.packed(in_a_folder(kits_of.contents(chosen)))
    packing.write(place, content)
    say(f"{place}: {told(chosen)}, {len(content) / 1e6:.1f} MB")
    return warn(chosen)


def in_a_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files of a kit in one folder, so that a zip opens into it."""
    return {f"flask-workbook/{path}": content for path, content in files.items()}


def told(chosen: Sequence[Lesson]) -> str:
    """Return ``lessons 1 to 6``."""
    return kits.numbers([lesson.name for lesson in chosen])


def warn(chosen: Sequence[Lesson]) -> int:
    """Say which solutions the starters of these lessons give away; return 0."""
    from checks.engine.handing.kit import given_away

    if given := given_away(chosen):
        say(*sentence(
            f"The starter of a lesson is the solution of the one before, so this kit "
            f"shows those of {told(given)}. Hand out week by week where that matters.",
            Screen(),
        ))  # fmt: skip
    return 0


def submit(args: argparse.Namespace) -> int:
    """Pack the lessons for handing in, and print the receipt."""
    from checks.engine.grading.course import lessons_of
    from checks.engine.handing import packing
    from checks.engine.handing import submit as handing

    chosen = lessons_of(args.lessons, None)
    place = packing.place_of(args.to) if args.to else ZIP
    handing.refuse_strangers(place)
    hand = handing.hand_in(chosen, datetime.now().astimezone())
    packing.write(place, hand.content)
    handing.proven(place, hand, chosen)
    for path, reason in hand.left_out[:MOST_TOLD]:
        say(f"  left out: {path} ({reason})")
    if more := hand.left_out[MOST_TOLD:]:
        say(f"  left out: {len(more)} more")
    packed = [lesson for lesson in chosen if lesson.name in hand.receipt["lessons"]]
    say(f"{shown(place)}: {told(packed)}, {len(hand.content) / 1000:.0f} kB")
    say(f"Receipt {hand.receipt['hash'][:16]}, {hand.receipt['at']}: keep this line.")
    return 0

"""`make doctor`: what keeps the workbook from working, and the repair for each."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.engine import lessons, setup, starters
from checks.engine.lessons import WorkbookError, shown
from checks.engine.screen import PORT, Screen, wrap

FINE, NOTE, WRONG = "ok", "note", "wrong"
COLOURS = {FINE: "32", NOTE: "33", WRONG: "31"}
VERSIONS = """
import importlib.metadata, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        found[name] = None
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Finding:
    """One thing looked at: ``ok``, ``note`` or ``wrong``, what was seen, and the repair."""

    state: str
    text: str
    repair: str = ""

    @property
    def wrong(self) -> bool:
        """Does it keep the workbook from working?"""
        return self.state == WRONG


def examine() -> Iterator[Finding]:
    """Yield a finding for everything that was looked at."""
    yield python()
    yield packages()
    yield port()
    yield from folders()
    yield pristine()
    yield tools()
    yield letters()
    yield cage()


def python() -> Finding:
    """Is this Python one that the workbook was tried with?"""
    version = "Python {}.{}.{}".format(*sys.version_info)
    if sys.version_info[:2] > setup.NEWEST:
        newest = "{}.{}".format(*setup.NEWEST)
        return Finding(NOTE, f"{version} is newer than {newest}, the newest tried here")
    return Finding(FINE, version)


def packages() -> Finding:
    """Does .venv hold what the lessons need, at the pinned versions?"""
    if setup.left_alone():
        return Finding(NOTE, "WORKBOOK_SETUP=no: the packages are left to you")
    repair = "`make lesson` installs it"
    if not setup.VENV.exists():
        return Finding(NOTE, "there is no .venv yet", repair)
    if setup.version_of(setup.PYTHON) is None:
        return Finding(WRONG, ".venv is broken: its Python does not start", repair)
    if not setup.ready("lessons"):
        return Finding(WRONG, ".venv is not complete, or older than the pins", repair)
    pins = dict(line.split("==") for line in setup.requirements("lessons"))
    found = versions(pins)
    for name, pin in pins.items():
        if found.get(name) != pin:
            text = f"{name} is {found.get(name) or 'missing'} in .venv, not {pin}"
            return Finding(WRONG, text, "`make clean`, then `make lesson`")
    return Finding(FINE, ".venv holds what the lessons need, at the pinned versions")


def versions(names: Iterable[str]) -> dict[str, str | None]:
    """Return the versions that .venv has of some packages."""
    command = [str(setup.PYTHON), "-Ec", VERSIONS, *names]
    done = subprocess.run(command, capture_output=True, text=True)
    return json.loads(done.stdout) if done.returncode == 0 else {}


def port() -> Finding:
    """Is the port of the lessons free?"""
    from checks.engine.learner.running import listen

    try:
        with listen() as sock:
            free = sock.getsockname()[1]
    except WorkbookError as error:
        return Finding(WRONG, str(error))
    if free == PORT:
        return Finding(FINE, f"port {PORT} is free")
    text = f"port {PORT} is taken{holder()}; a lesson would use {free}"
    return Finding(NOTE, text)


def holder() -> str:
    """Return `` by NAME`` for whoever holds the port, nothing where nobody tells."""
    lsof = shutil.which("lsof")
    if lsof is None:
        return ""
    command = [lsof, "-nP", f"-iTCP:{PORT}", "-sTCP:LISTEN", "-Fpc"]
    told = subprocess.run(command, capture_output=True, text=True).stdout.split()
    fields = {line[0]: line[1:] for line in told}
    return f" by {fields['c']} (process {fields.get('p')})" if "c" in fields else ""


def folders() -> Iterator[Finding]:
    """Can the folders be written that have to be?"""
    for folder in (lessons.TOP, lessons.LESSONS, lessons.STATE):
        name = shown(folder) if folder != lessons.TOP else "the workbook's folder"
        nearest = folder if folder.exists() else folder.parent
        if not folder.exists() and folder == lessons.LESSONS:
            yield Finding(WRONG, "lessons/ is missing", "`git checkout -- lessons`")
        elif not os.access(nearest, os.W_OK | os.X_OK):
            repair = "copy the workbook to a folder of yours, or change its owner"
            yield Finding(WRONG, f"{name} cannot be written", repair)
    damaged = list(lessons.STATE.glob("progress.damaged*.json"))
    if damaged:
        yield Finding(NOTE, f"progress was damaged once: {shown(damaged[0])}")


def pristine() -> Finding:
    """Are all starters there, as they came?"""
    try:
        starters.ensure()
    except WorkbookError as error:
        return Finding(WRONG, str(error))
    return Finding(FINE, "all starters are kept as they came")


def tools() -> Finding:
    """Which helpers are installed? None is needed."""
    there = [name for name in ("uv", "git") if shutil.which(name)]
    missing = {
        "uv": "set-up takes pip, a little slower",
        "git": "lost starters stay lost",
    }
    notes = [f"no {name}: {missing[name]}" for name in missing if name not in there]
    if notes:
        return Finding(NOTE, "; ".join(notes))
    return Finding(FINE, "uv and git are there")


def cage() -> Finding:
    """Can the code of strangers be run here? Only who grades a class has to."""
    from checks.engine.worker.cage import NoCage, find

    try:
        find()
    except NoCage as error:
        text = f"no class can be graded here: {error.reason}"
        return Finding(NOTE, text, error.repair)
    return Finding(FINE, "a class can be graded: strangers' code runs in a cage")


def letters() -> Finding:
    """Can the terminal show every letter?"""
    screen = Screen()
    if screen.unicode:
        return Finding(FINE, f"the terminal takes {screen.encoding}")
    text = f"the terminal takes {screen.encoding}, so some signs are drawn plainly"
    return Finding(NOTE, text, "`export LC_ALL=C.UTF-8`")


def report(findings: Iterable[Finding], screen: Screen) -> list[str]:
    """Return the findings as lines, each repair beneath what it repairs."""
    lines = []
    for finding in findings:
        mark = screen.paint(f"{finding.state:<5}", COLOURS[finding.state])
        first, *rest = wrap(finding.text, screen.width - 10)
        lines += [f"  {mark}  {first}", *(" " * 9 + piece.strip() for piece in rest)]
        if finding.repair:
            lines.append(f"         repair: {finding.repair}")
    return lines

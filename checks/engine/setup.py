"""The workbook's own Python: .venv with the pinned packages, made at the first need.

It runs on the system's Python, before anything is installed: standard library only.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from checks.engine.files import write_atomically
from checks.engine.lessons import TOP, WorkbookError

VENV = TOP / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "workbook.json"
REQUIREMENTS = TOP / "requirements.txt"
OF_THE_BOOK = TOP / "notebooks" / "book" / "requirements.txt"
CONSTRAINTS = TOP / "checks" / "constraints.txt"
OLDEST, NEWEST = (3, 11), (3, 14)
LEVELS = {
    "lessons": "what the lessons need",
    "grading": "what grading a class needs",
    "cluster": "what grading on several machines needs",
    "all": "the notebooks and the workbook's own tests",
    "book": "what the web edition needs",
    "whole": "all that the workbook uses",
}
# A level that is installed brings those within it.
WITHIN = {
    "grading": {"lessons"},
    "cluster": {"lessons", "grading"},
    "all": {"lessons", "grading"},
    "book": {"lessons"},
    "whole": {"lessons", "grading", "cluster", "all", "book"},
}
NETWORK = ("NewConnectionError", "dns error", "Temporary failure", "ConnectTimeout")
NETWORK += ("Could not find a version", "error sending request", "ProxyError")


def requirements(level: str) -> list[str]:
    """Return the pinned packages of a level: some groups of the file, or all of them."""
    of_lessons, of_tests, of_clusters, of_grading = REQUIREMENTS.read_text(
        encoding="utf-8"
    ).split("\n\n")
    groups = [of_lessons]
    if level in ("all", "whole"):
        groups.append(of_tests)
    if level in ("cluster", "whole"):
        groups.append(of_clusters)
    if level in ("grading", "cluster", "all", "whole"):
        groups.append(of_grading)
    if level in ("book", "whole"):
        groups.append(OF_THE_BOOK.read_text(encoding="utf-8"))
    lines = (
        line.partition("#")[0].strip()
        for group in groups
        for line in group.splitlines()
    )
    return [line for line in lines if line]


def wanted(level: str, version: tuple[int, int]) -> str:
    """Return a hash that changes with whatever should be installed."""
    parts = [*requirements(level), CONSTRAINTS.read_text(encoding="utf-8"), version]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def running_inside() -> bool:
    """Is this Python the one of .venv?"""
    return Path(sys.prefix).resolve() == VENV.resolve()


def left_alone() -> bool:
    """Has the person said that the packages are somebody else's job?"""
    return os.environ.get("WORKBOOK_SETUP") == "no"


def ready(level: str) -> bool:
    """Does .venv hold everything of a level, at the versions that are pinned now?"""
    try:
        version = sys.version_info[:2] if running_inside() else version_of(PYTHON)
        return version is not None and stamped().get(level) == wanted(level, version)
    except (OSError, ValueError, AttributeError):
        return False


def stamped() -> dict[str, str]:
    """Return the hash of each level that .venv holds. Raises OSError and ValueError."""
    return json.loads(STAMP.read_text(encoding="utf-8"))


def version_of(python: Path) -> tuple[int, int] | None:
    """Return the version of a Python, None when it does not start."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        run = subprocess.run(
            [str(python), "-Ec", code], capture_output=True, text=True, timeout=30
        )
        major, minor = run.stdout.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def ensure(level: str, say: Callable[[str], None]) -> bool:
    """Make .venv hold everything of a level; return whether there was anything to do.

    say gets a line or two about what it takes.
    It can be interrupted and run again: the stamp that calls it ready comes last.
    Raises WorkbookError with the repair.
    """
    if left_alone() or ready(level):
        return False
    if sys.version_info[:2] > NEWEST:
        say("Python {}.{} is newer than what was tried here".format(*sys.version_info))
    start = time.monotonic()
    tool = shutil.which("uv")
    say(f"Set-up: installing {LEVELS[level]} into .venv with {'uv' if tool else 'pip'}")
    try:
        make(tool)
        install(level, tool)
        write_stamp(level)
    except OSError as error:
        raise WorkbookError(
            f"The set-up cannot write {error.filename or '.venv'}: {error.strerror}. "
            "Copy the workbook to a folder of yours, or make this one writable."
        ) from error
    say(f"Set-up: done in {time.monotonic() - start:.0f} seconds")
    return True


def make(uv: str | None) -> None:
    """Make .venv, or make it again where its Python does not start."""
    version = version_of(PYTHON)
    whole = version == version_in_config() and version is not None
    if whole and version >= OLDEST and (uv or has_pip()):
        return
    STAMP.unlink(missing_ok=True)
    base = getattr(sys, "_base_executable", None) or sys.executable
    if uv:
        run([uv, "venv", "--clear", "--python", base, str(VENV)], "uv venv")
        return
    try:
        run([base, "-m", "venv", "--clear", str(VENV)], "python -m venv")
    except WorkbookError as error:
        if "ensurepip" in str(error):
            raise WorkbookError(
                "This Python cannot make a virtual environment. On Debian or Ubuntu "
                "`sudo apt install python3-venv` repairs that; then try again."
            ) from None
        raise


def version_in_config() -> tuple[int, int] | None:
    """Return the version that .venv was made for, None where it does not say."""
    try:
        for line in (VENV / "pyvenv.cfg").read_text().splitlines():
            key, _, value = line.partition("=")
            if key.strip() in ("version", "version_info"):
                major, minor = value.strip().split(".")[:2]
                return int(major), int(minor)
    except (OSError, ValueError):
        pass
    return None


def has_pip() -> bool:
    """Can .venv install anything?"""
    command = [str(PYTHON), "-m", "pip", "--version"]
    return subprocess.run(command, capture_output=True).returncode == 0


def install(level: str, uv: str | None) -> None:
    """Install a level's packages at the pinned versions."""
    words = ["-c", str(CONSTRAINTS), *requirements(level)]
    if uv:
        python = ["--python", str(PYTHON), "--compile-bytecode", "--quiet"]
        run([uv, "pip", "install", *python, *words], "uv pip install")
    else:
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet"]
        run([*pip, "--disable-pip-version-check", *words], "pip install")


def run(command: list[str], name: str) -> None:
    """Run a command quietly; raise WorkbookError with its last lines when it fails."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=TOP
    )
    if done.returncode == 0:
        return
    printed = (done.stdout + done.stderr).strip()
    if any(word in printed for word in NETWORK):
        raise WorkbookError(
            "The set-up could not fetch the packages: is there a network? "
            f"Once it is there, run the same command again.\n{tail(printed)}"
        )
    raise WorkbookError(
        f"The set-up failed at `{name}`. `make clean` and the same command again "
        f"start afresh. It said:\n{tail(printed)}"
    )


def tail(printed: str) -> str:
    """Return the last lines of what a command said, each indented."""
    return "\n".join("    " + line for line in printed.splitlines()[-6:])


def write_stamp(level: str) -> None:
    """Note what .venv holds now, beside what was installed before."""
    version = version_of(PYTHON)
    stamp = stamped() if STAMP.is_file() else {}
    for name in {level, *WITHIN.get(level, ())}:
        stamp[name] = wanted(name, version)
    write_atomically(STAMP, json.dumps(stamp).encode())

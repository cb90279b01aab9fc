"""A zip whose bytes depend on its files alone, written in one go."""

import io
import os
import stat
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

from checks.engine.files import write_atomically
from checks.engine.lessons import WorkbookError, fingerprint

UNIX = 3
EPOCH, SPAN = 978_307_200, 400_000_000  # seconds: from 2001 on, for 12 years


def packed(files: Mapping[str, bytes], when: tuple[int, ...] | None = None) -> bytes:
    """Return a zip of these files: path to content.

    when is the time that all of them get; without one it is made of what they hold.
    """
    buffer, when = io.BytesIO(), when or time_of(files)
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            info = zipfile.ZipInfo(path, when)
            info.create_system = UNIX
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, files[path], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def time_of(files: Mapping[str, bytes]) -> tuple[int, ...]:
    """Return the time that all files in a zip get, made of what they hold.

    Python takes a module that has the same time and size as before for unchanged. So
    the files of one kit must not have the times of another's that they replace.
    """
    number = int(fingerprint(dict(files))[:12], 16)
    return time.gmtime(EPOCH + number % SPAN // 2 * 2)[:6]


def write(place: Path, content: bytes) -> None:
    """Put a zip in its place. Raises WorkbookError where that is not possible."""
    if not place.parent.is_dir():
        raise WorkbookError(
            f"There is no folder {place.parent} to put {place.name} in."
        )
    if place.is_dir():
        raise WorkbookError(f"{place} is a folder; name the zip itself, as in kit.zip.")
    try:
        write_atomically(place, content)
    except OSError as error:
        raise WorkbookError(
            f"{place} cannot be written: {error.strerror}. TO= names another place."
        ) from error


def place_of(word: str, ending: str = ".zip") -> Path:
    """Return the place that a person has named, from the folder where they typed it."""
    path = Path(os.path.expanduser(word)).absolute()
    if path.suffix.lower() != ending:
        raise WorkbookError(f"TO= names a {ending} file and not {word!r}.")
    return path

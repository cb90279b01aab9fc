"""How a submission lies in a class folder: a folder, an archive, a repository, a trap.

A family names the form of a submission. Links, devices, archives that lie and
repositories that lead out of themselves cannot be told as files, so they are made here.
"""

import io
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

from checks.engine.lessons import SOLUTIONS
from checks.engine.redteam import tars
from checks.engine.redteam.families import Submission

MANY, MB = 30_000, 1024 * 1024
GIT = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
QUIET = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def pack(given: Submission, folder: Path) -> None:
    """Put a submission into a class folder."""
    FORMS[given.form](given, folder / given.name)


def as_folder(given: Submission, place: Path) -> None:
    """Hand in a folder."""
    for path, content in given.files.items():
        file = place / given.lesson / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def linked(given: Submission, place: Path) -> None:
    """Hand in a folder whose app.py is a link to the solution's."""
    as_folder(given, place)
    file = place / given.lesson / "app.py"
    file.unlink()
    file.symlink_to(SOLUTIONS / given.lesson / "app.py")


def linked_twice(given: Submission, place: Path) -> None:
    """Hand in a folder with a second name for the solution's own file."""
    as_folder(given, place)
    file = place / given.lesson / "app.py"
    file.unlink()
    try:
        os.link(SOLUTIONS / given.lesson / "app.py", file)
    except OSError:  # another file system: there is no second name to be had
        file.symlink_to(SOLUTIONS / given.lesson / "app.py")


def linked_lesson(given: Submission, place: Path) -> None:
    """Hand in a folder whose lesson is a link to the solution's folder."""
    place.mkdir()
    (place / given.lesson).symlink_to(SOLUTIONS / given.lesson)


def linked_whole(given: Submission, place: Path) -> None:
    """Hand in a link to the folder of all solutions."""
    place.symlink_to(SOLUTIONS)


def linked_round(given: Submission, place: Path) -> None:
    """Hand in a folder with links that lead back to where they are."""
    as_folder(given, place)
    (place / given.lesson / "again").symlink_to("..")
    (place / given.lesson / "self").symlink_to("self")


def fifo(given: Submission, place: Path) -> None:
    """Hand in a folder whose app.py is a FIFO: whoever opens it would wait for ever."""
    as_folder(given, place)
    (place / given.lesson / "app.py").unlink()
    os.mkfifo(place / given.lesson / "app.py")


def device(given: Submission, place: Path) -> None:
    """Hand in a folder with a socket, and a device that never ends where one can be made."""
    as_folder(given, place)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place / given.lesson / "s"))
    try:
        os.mknod(place / given.lesson / "zero.py", 0o20666, os.makedev(1, 5))
    except OSError:
        pass  # only root makes devices


def deep(given: Submission, place: Path) -> None:
    """Hand in a folder with two hundred folders in each other."""
    as_folder(given, place)
    (place / given.lesson / "/".join(["d"] * 200)).mkdir(parents=True)


def many(given: Submission, place: Path) -> None:
    """Hand in a lesson of far too many files."""
    as_folder(given, place)
    for number in range(700):
        (place / given.lesson / f"{number}.txt").touch()


def zipped(place: Path, entries: list[tuple[str, bytes, int]]) -> None:
    """Write a .zip of names, contents and kinds."""
    with zipfile.ZipFile(f"{place}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, kind in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = kind << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


def own(given: Submission) -> list[tuple[str, bytes, int]]:
    """Return the files of a submission as entries of a .zip."""
    files = given.files.items()
    return [(f"{given.lesson}/{path}", content, 0o100644) for path, content in files]


def as_zip(given: Submission, place: Path) -> None:
    """Hand in a .zip."""
    zipped(place, own(given))


def climbing(given: Submission, place: Path) -> None:
    """Hand in a .zip whose names climb into the folder of somebody else."""
    better = (SOLUTIONS / given.lesson / "app.py").read_bytes()
    above = [f"{given.lesson}/../../{given.lesson}", f"../honest/{given.lesson}"]
    above += [f"/{given.lesson}", f"C:\\{given.lesson}", f"a\\..\\{given.lesson}"]
    names = [(f"{folder}/app.py", better, 0o100644) for folder in above]
    zipped(place, [*own(given), *names])


def zipped_link(given: Submission, place: Path) -> None:
    """Hand in a .zip whose app.py is a link to the solution's."""
    target = str(SOLUTIONS / given.lesson / "app.py").encode()
    files = [entry for entry in own(given) if not entry[0].endswith("/app.py")]
    zipped(place, [*files, (f"{given.lesson}/app.py", target, 0o120777)])


def zipped_twice(given: Submission, place: Path) -> None:
    """Hand in a .zip that has app.py twice; the later one counts, as where it is unpacked."""
    better = (SOLUTIONS / given.lesson / "app.py").read_bytes()
    first = (f"{given.lesson}/app.py", better, 0o100644)
    with warnings.catch_warnings(action="ignore"):  # zipfile tells of the second
        zipped(place, [first, *own(given)])


def zip_bomb(given: Submission, place: Path) -> None:
    """Hand in a .zip of forty files that hold a hundred megabytes each."""
    bombs = [(f"{given.lesson}/{n}.txt", bytes(12 * MB), 0o100644) for n in range(8)]
    huge = (f"{given.lesson}/huge.txt", bytes(100 * MB), 0o100644)
    zipped(place, [*own(given), huge, *bombs])


def lying(given: Submission, place: Path) -> None:
    """Hand in a .zip of many large files whose sums are all wrong."""
    large = bytes(8 * MB)
    wrong = [(f"{given.lesson}/{n}.txt", large, 0o100644) for n in range(150)]
    zipped(place, [*own(given), *wrong])
    raw = Path(f"{place}.zip").read_bytes()
    crc = zlib.crc32(large).to_bytes(4, "little")
    Path(f"{place}.zip").write_bytes(raw.replace(crc, b"\1\2\3\4"))


def zip_of_many(given: Submission, place: Path) -> None:
    """Hand in a .zip of more names than any workbook has."""
    names = [(f"{given.lesson}/{n}", b"", 0o100644) for n in range(MANY)]
    zipped(place, [*own(given), *names])


def file_and_folder(given: Submission, place: Path) -> None:
    """Hand in a .zip with a file and, by the same name, a folder with a file in it."""
    both = (f"{given.lesson}/page.py/more.py", b"", 0o100644)
    zipped(place, [*own(given), both])


def cut_off(given: Submission, place: Path) -> None:
    """Hand in half of a .zip."""
    as_zip(given, place)
    raw = Path(f"{place}.zip").read_bytes()
    Path(f"{place}.zip").write_bytes(raw[: len(raw) // 2])


def as_tar(given: Submission, place: Path) -> None:
    """Hand in a .tar.gz."""
    tarred(given, place, [])


def tarred(given: Submission, place: Path, more: list[tarfile.TarInfo]) -> None:
    """Write a .tar.gz of a submission's files and of more entries without content."""
    with tarfile.open(f"{place}.tar.gz", "w:gz") as archive:
        for path, content in given.files.items():
            info = tarfile.TarInfo(f"{given.lesson}/{path}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in more:
            archive.addfile(info)


def tarred_links(given: Submission, place: Path) -> None:
    """Hand in a .tar.gz whose app.py becomes a link, a hard one, and a device."""
    found = []
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        info = tarfile.TarInfo(f"{given.lesson}/app.py")
        info.type, info.linkname = kind, str(SOLUTIONS / given.lesson / "app.py")
        found.append(info)
    tarred(given, place, found)


def repository(given: Submission, place: Path) -> Path:
    """Hand in a bare repository; return where it is."""
    bare = Path(f"{place}.git")
    with tempfile.TemporaryDirectory() as work:
        as_folder(given, Path(work))
        subprocess.run([*GIT, "init", "-q", work], **QUIET)
        subprocess.run([*GIT, "-C", work, "add", "-A"], **QUIET)
        subprocess.run([*GIT, "-C", work, "commit", "-q", "-m", "x"], **QUIET)
        subprocess.run([*GIT, "clone", "-q", "--bare", work, str(bare)], **QUIET)
    shutil.rmtree(bare / "hooks", ignore_errors=True)
    return bare


def borrowing(given: Submission, place: Path) -> None:
    """Hand in a bare repository that borrows its objects from another folder."""
    bare = repository(given, place)
    (bare / "objects" / "info").mkdir(exist_ok=True)
    (bare / "objects" / "info" / "alternates").write_text("/\n")


def hooked(given: Submission, place: Path) -> None:
    """Hand in a bare repository whose settings and hooks would run a program."""
    bare = repository(given, place)
    trap = place.parent.parent / "tmp" / "left_by_a_hook"
    with open(bare / "config", "a") as file:
        file.write(f"[core]\nfsmonitor = touch {trap}\nsshCommand = touch {trap}\n")
        file.write(f"[uploadpack]\npackObjectsHook = touch {trap}\n")
    (bare / "hooks").mkdir(exist_ok=True)
    for name in ("post-checkout", "reference-transaction", "pre-auto-gc"):
        (bare / "hooks" / name).write_text(f"#!/bin/sh\ntouch {trap}\n")
        (bare / "hooks" / name).chmod(0o755)


FORMS: dict[str, Callable[[Submission, Path], object]] = {
    **{"folder": as_folder, "link": linked, "hard link": linked_twice},
    **{"linked lesson": linked_lesson, "linked whole": linked_whole},
    **{"round": linked_round, "fifo": fifo, "device": device, "deep": deep},
    **{"many": many, "zip": as_zip, "climbing": climbing, "zipped link": zipped_link},
    **{"zipped twice": zipped_twice, "zip bomb": zip_bomb, "lying": lying},
    **{"zip of many": zip_of_many, "file and folder": file_and_folder},
    **{"cut off": cut_off, "tar": as_tar, "tarred links": tarred_links},
    **{"repository": repository, "borrowing": borrowing, "hooked": hooked},
    **tars.FORMS,
}

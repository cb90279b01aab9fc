"""What an archive holds, read without unpacking it."""

import gzip
import io
import os
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from checks.engine.grading.submissions import DEVICE, LINK, MOST_SEEN, Entry, Unreadable

MOST_PACKED = 64 * 1024 * 1024
MOST_UNPACKED = 256 * 1024 * 1024  # of a .tar.gz, what is skipped too
MOST_DIRECTORY = 4 * 1024 * 1024
MOST_HEADER = 64 * 1024  # what a .tar.gz may tell of one file, beside what is in it
HEADERS = {tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE}
HEADERS |= {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK}
METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
ENCRYPTED, UTF8 = 0x1, 0x800
END, END_SIZE, LOCATOR_64 = b"PK\5\6", 22, b"PK\6\7"
DAMAGED = (zipfile.BadZipFile, tarfile.TarError, zlib.error, gzip.BadGzipFile, EOFError)
DAMAGED += (ValueError, OverflowError, RecursionError, NotImplementedError, MemoryError)
DAMAGED += (LookupError, struct.error)


class TooLarge(Exception):
    """More came out of an archive than any submission needs."""


def packed(path: Path) -> io.BytesIO:
    """Return an archive's bytes. Raises Unreadable for more than fit, OSError."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    with open(os.open(path, flags), "rb") as file:
        content = file.read(MOST_PACKED + 1)
    if len(content) > MOST_PACKED:
        raise Unreadable(f"{path.name} is larger than {MOST_PACKED >> 20} MB.")
    return io.BytesIO(content)


def of_zip(path: Path) -> Iterator[Entry]:
    """Yield what a .zip holds. Raises Unreadable."""
    file = packed(path)
    if (size := directory_size(file.getbuffer())) > MOST_DIRECTORY:
        raise Unreadable(f"{path.name} lists more than {MOST_SEEN} files.")
    try:
        with zipfile.ZipFile(file) as archive:
            for info in archive.infolist() if size else ():
                if not info.is_dir():
                    yield of_member(archive, info)
    except DAMAGED as error:
        raise damaged(path, error) from error


def directory_size(content) -> int:
    """Return how many bytes the list of a .zip's files has; none is 0.

    Larger lists would take much memory before the first file is known.
    """
    tail = bytes(content[-(END_SIZE + 0xFFFF) :])
    at = tail.rfind(END)
    if LOCATOR_64 in tail:
        return MOST_DIRECTORY + 1
    return int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 1


def of_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Entry:
    """Return one file of a .zip."""
    name, mode = name_in_zip(info), info.external_attr >> 16
    kind = stat.S_IFMT(mode)
    if stat.S_ISLNK(mode):
        return Entry(name, reason=LINK)
    if kind and not stat.S_ISREG(mode):
        return Entry(name, reason=DEVICE)
    if info.flag_bits & ENCRYPTED:
        return Entry(name, reason="encrypted")
    if info.compress_type not in METHODS:
        return Entry(name, reason="packed in a way that is not taken")

    def content(most: int) -> bytes:
        try:
            with archive.open(info) as file:
                return file.read(most)
        except DAMAGED as error:
            raise OSError(f"damaged: {error}") from error

    return Entry(name, info.file_size, content)


def name_in_zip(info: zipfile.ZipInfo) -> str:
    """Return a name as it stands in a .zip: many write UTF-8 and do not say so."""
    name = info.orig_filename
    if not info.flag_bits & UTF8 and not name.isascii():
        raw = name.encode("cp437")
        return raw.decode("utf-8", "surrogateescape")
    return name


def of_tar(path: Path) -> Iterator[Entry]:
    """Yield what a .tar.gz holds, in its order. Raises Unreadable."""
    try:
        with gzip.GzipFile(fileobj=packed(path)) as unpacked:
            stream = Limited(unpacked)
            options = {"mode": "r|", "errorlevel": 2, "tarinfo": Member}
            with tarfile.open(fileobj=stream, **options) as archive:
                for member in archive:
                    archive.members.clear()  # it would keep them all
                    if not member.isdir():
                        yield of_tarred(archive, member)
    except TooLarge:
        most = MOST_UNPACKED >> 20
        raise Unreadable(f"{path.name} unpacks to more than {most} MB.") from None
    except DAMAGED as error:
        raise damaged(path, error) from error


def of_tarred(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    """Return one file of a .tar.gz."""
    if member.issym() or member.islnk():
        return Entry(member.name, reason=LINK)
    if not member.isreg() or member.issparse():
        return Entry(member.name, reason=DEVICE)
    return Entry(
        member.name, member.size, lambda most: archive.extractfile(member).read(most)
    )


class Member(tarfile.TarInfo):
    """A header of a .tar.gz; what tells of holes, or too much of a file, is refused.

    tarfile would read such a header as a whole, and keep a list of all that it names.
    """

    def _proc_member(self, archive):
        if self.type == tarfile.GNUTYPE_SPARSE:
            raise tarfile.ReadError("a file with holes")
        if self.type in HEADERS and self.size > MOST_HEADER:
            raise tarfile.ReadError("a header that is too long")
        return super()._proc_member(archive)

    def _proc_gnusparse_10(self, *given):
        raise tarfile.ReadError("a file with holes")


class Limited:
    """A stream that ends with TooLarge after so many bytes."""

    def __init__(self, stream):
        self.stream, self.left = stream, MOST_UNPACKED

    def read(self, size: int) -> bytes:
        """Read up to so many bytes."""
        if size > self.left:
            raise TooLarge
        piece = self.stream.read(size)
        self.left -= len(piece)
        return piece


def damaged(path: Path, error: Exception) -> Unreadable:
    """Return what to say of an archive that cannot be read."""
    return Unreadable(f"{path.name} is damaged: {error or type(error).__name__}.")

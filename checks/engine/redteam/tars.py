"""Archives of the tar family whose headers are the bomb: small on disk, huge when read."""

import gzip
import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

BLOCK, MB = 512, 1024 * 1024
SIZE = 200 * MB  # what comes out of a few hundred kilobytes
PIECE = MB


def header(name: str, size: int, kind: bytes) -> bytes:
    """Return one header."""
    info = tarfile.TarInfo(name)
    info.size, info.type = size, kind
    return info.tobuf(tarfile.USTAR_FORMAT)


def record(key: str, value: str) -> bytes:
    """Return one line of an extended header: its own length, the key, the value."""
    rest = f" {key}={value}\n"
    length = len(rest) + len(str(len(rest) + 2))
    return f"{length}{rest}".encode()


def padded(content: bytes) -> bytes:
    """Return a content as long as its blocks."""
    return content.ljust(-(-len(content) // BLOCK) * BLOCK, b"\0")


def extended() -> Iterator[bytes]:
    """Yield an extended header of very many lines."""
    yield header("x", SIZE, tarfile.XHDTYPE)
    lines = record("a" * 90, "b" * 19) * (PIECE // 120)
    for _ in range(SIZE // PIECE):
        yield lines.ljust(PIECE, b"\n")


def long_name() -> Iterator[bytes]:
    """Yield a name that is as long as a film."""
    yield header("x", SIZE, tarfile.GNUTYPE_LONGNAME)
    for _ in range(SIZE // PIECE):
        yield b"a" * PIECE


def holes() -> Iterator[bytes]:
    """Yield a file that is told to be made of a hundred million holes."""
    told = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "x"}
    lines = b"".join(record(key, value) for key, value in told.items())
    yield header("x", len(lines), tarfile.XHDTYPE) + padded(lines)
    yield header("y", SIZE, tarfile.REGTYPE) + f"{SIZE:09}\n".encode()
    for _ in range(SIZE // PIECE):
        yield b"0\n" * (PIECE // 2)


def old_holes() -> Iterator[bytes]:
    """Yield the same in the way of old: one header after the other lists more holes."""
    first = bytearray(header("03_routes/app.py", 0, tarfile.GNUTYPE_SPARSE))
    first[482] = 1
    first[148:156] = b" " * 8
    first[148:156] = f"{sum(first):06o}\0 ".encode()
    more = bytearray((b"00000000001\0" * 42).ljust(BLOCK, b"\0"))
    more[504] = 1
    yield bytes(first)
    for _ in range(SIZE // PIECE):
        yield bytes(more) * (PIECE // BLOCK)


def chain() -> Iterator[bytes]:
    """Yield extended headers, each of which only leads to the next."""
    lines = record("a", "b")
    for _ in range(20_000):
        yield header("x", len(lines), tarfile.XHDTYPE) + padded(lines)


def endless() -> Iterator[bytes]:
    """Yield a file that nobody wants, larger than all that may come out of an archive."""
    yield header("film", 2 * SIZE, tarfile.REGTYPE)
    for _ in range(2 * SIZE // PIECE):
        yield bytes(PIECE)


def bomb(blocks: Callable[[], Iterator[bytes]]) -> Callable:
    """Return the form of a submission: its own files, and behind them these blocks."""

    def form(given, place: Path) -> None:
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w") as archive:
            for path, content in given.files.items():
                info = tarfile.TarInfo(f"{given.lesson}/{path}")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            end = archive.offset
        with gzip.open(f"{place}.tar.gz", "wb", 1) as file:
            file.write(plain.getvalue()[:end])
            for block in blocks():
                file.write(block)

    return form


FORMS = {
    "extended header": bomb(extended),
    "long name": bomb(long_name),
    "holes": bomb(holes),
    "old holes": bomb(old_holes),
    "chain": bomb(chain),
    "tar bomb": bomb(endless),
}

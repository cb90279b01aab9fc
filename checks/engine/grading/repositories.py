"""What the last commit of a bare git repository holds, read by git's plumbing.

The repository's own settings, hooks and borrowed objects are never used: git is given a
repository of ours, empty but for the place of their objects.
"""

import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from checks.engine.grading.submissions import (
    DEVICE,
    LARGE,
    LINK,
    MOST_SEEN,
    Entry,
    Unreadable,
)

MOST_PACKED = 128 * 1024 * 1024
MOST_LISTED = 8 * 1024 * 1024
MOST_REFS = 1024 * 1024
MOST_DATE = 40
SECONDS = 30.0
# Kilobytes of memory and seconds of computing that git may take.
BOUNDS = 'ulimit -v 1500000 && ulimit -t 20 && exec "$@"'
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
REF = re.compile(r"refs/heads/[\w./-]+")
LISTED = re.compile(rb"(\d{6}) (\w+) ([0-9a-f]+) +(\d+|-)\t(.+)", re.DOTALL)
SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.protectHFS": "true",
    "core.protectNTFS": "true",
    "core.bigFileThreshold": "8m",
    "gc.auto": "0",
    "protocol.allow": "never",
}


def is_bare(path: Path) -> bool:
    """Does a folder look like a bare repository?"""
    parts = (path / "HEAD", path / "objects", path / "refs")
    return all(part.exists() and not part.is_symlink() for part in parts)


def entries(path: Path) -> Iterator[Entry]:
    """Yield the files of the commit that HEAD names. Raises Unreadable."""
    refuse_tricks(path)
    commit = head(path)
    git = shutil.which("git")
    if git is None:
        raise Unreadable("git is not installed, and a repository needs it.")
    with ours(git, path, commit) as command, Contents(command) as contents:
        for mode, kind, name, size, file in listing(path, command, commit):
            if kind == "commit":
                yield Entry(file, reason="a repository in the repository")
            elif mode == "120000":
                yield Entry(file, reason=LINK)
            elif kind != "blob":
                yield Entry(file, reason=DEVICE)
            else:
                yield Entry(file, size, partial(contents.read, name, size))


def refuse_tricks(path: Path) -> None:
    """Raise Unreadable for a repository with links, borrowed objects, or far too much."""
    size = count = 0
    for folder, folders, names in os.walk(path):
        for name in (*folders, *names):
            told = os.lstat(os.path.join(folder, name))
            regular = stat.S_ISREG(told.st_mode) or stat.S_ISDIR(told.st_mode)
            borrowed = name in ("alternates", "http-alternates") and told.st_size
            if not regular or borrowed:
                raise Unreadable(f"{path.name} leads out of itself, at {name}.")
            size, count = size + told.st_size, count + 1
            if size > MOST_PACKED or count > MOST_SEEN:
                most = MOST_PACKED >> 20
                raise Unreadable(f"{path.name} is larger than {most} MB.")


def head(path: Path) -> str:
    """Return the name of the commit that HEAD means. Raises Unreadable."""
    text = small(path / "HEAD").strip()
    if text.startswith("ref: "):
        ref = text.removeprefix("ref: ").strip()
        if not REF.fullmatch(ref) or ".." in ref:
            raise Unreadable(f"{path.name} has a HEAD that is none.")
        text = small(path / ref).strip() or packed(path, ref)
    if not COMMIT.fullmatch(text):
        raise Unreadable(f"{path.name} has no commit on the branch of its HEAD.")
    return text


def packed(path: Path, ref: str) -> str:
    """Return the commit of a branch from the list of packed ones, "" without."""
    for line in small(path / "packed-refs").splitlines():
        commit, _, name = line.partition(" ")
        if name.strip() == ref:
            return commit
    return ""


def small(path: Path) -> str:
    """Return the text of a small file, "" where there is none."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with open(fd, "rb") as file:
        return file.read(MOST_REFS).decode("utf-8", "replace")


@contextmanager
def ours(git: str, path: Path, commit: str) -> Iterator[list[str]]:
    """Lend the words that begin a git command on a repository of ours, with their objects."""
    with tempfile.TemporaryDirectory(prefix="workbook-git-") as top:
        for folder in ("objects", "refs/heads"):
            os.makedirs(os.path.join(top, folder))
        form = "sha256" if len(commit) == 64 else "sha1"
        config = "[core]\nrepositoryformatversion = 1\nbare = true\n"
        config += f"[extensions]\nobjectformat = {form}\n"
        Path(top, "config").write_text(config)
        Path(top, "HEAD").write_text("ref: refs/heads/none\n")
        environment = {
            "GIT_OBJECT_DIRECTORY": str((path / "objects").resolve()),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
            "HOME": top,
        }
        words = ["env", "-i", *(f"{key}={value}" for key, value in environment.items())]
        words += ["sh", "-c", BOUNDS, "sh", git, f"--git-dir={top}"]
        for key, value in {**SETTINGS, "safe.directory": "*"}.items():
            words += ["-c", f"{key}={value}"]
        yield words


def committed(path: Path) -> datetime | None:
    """Return when a repository, or the one in a clone, was last committed to.

    None where there is none, or where git does not tell.
    """
    repository = next((p for p in (path, path / ".git") if is_bare(p)), None)
    git = shutil.which("git")
    if repository is None or repository.is_symlink() or git is None:
        return None
    try:
        refuse_tricks(repository)
        commit = head(repository)
        with ours(git, repository, commit) as command:
            told = run([*command, "log", "-1", "--format=%ct", commit], MOST_DATE)
        return datetime.fromtimestamp(int(told)).astimezone()
    except (Unreadable, OSError, ValueError, OverflowError, subprocess.SubprocessError):
        return None


def run(command: list[str], most: int) -> bytes:
    """Return what a command prints. Raises ValueError where it fails, or prints more."""
    quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, stdout=subprocess.PIPE, **quiet) as process:
        try:
            printed = process.stdout.read(most + 1)
            if len(printed) <= most and process.wait(SECONDS) == 0:
                return printed
            raise ValueError(LARGE if len(printed) > most else "git cannot read it")
        finally:
            process.kill()


def listing(path: Path, command: list[str], commit: str) -> Iterator[tuple]:
    """Yield mode, kind, name, size and path of all that a commit holds."""
    try:
        printed = run(
            [*command, "ls-tree", "-r", "-l", "-z", "--full-tree", commit], MOST_LISTED
        )
    except (ValueError, subprocess.TimeoutExpired) as error:
        raise Unreadable(f"{path.name} cannot be listed: {error}.") from error
    for line in printed.split(b"\0"):
        if found := LISTED.fullmatch(line):
            mode, kind, name, size = (word.decode() for word in found.groups()[:4])
            file = found[5].decode("utf-8", "surrogateescape")
            yield mode, kind, name, int(size) if size.isdigit() else 0, file


class Contents:
    """One git that gives the content of one file after the other."""

    def __init__(self, command: list[str]):
        self.command = [*command, "cat-file", "--batch"]

    def __enter__(self) -> "Contents":
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.git = subprocess.Popen(
            self.command, stderr=subprocess.DEVNULL, bufsize=0, **pipes
        )
        self.answers = os.fdopen(os.dup(self.git.stdout.fileno()), "rb")
        return self

    def __exit__(self, *args) -> None:
        self.answers.close()
        self.git.kill()
        with self.git:  # closes its pipes and waits
            pass

    def read(self, name: str, size: int, most: int) -> bytes:
        """Return a file of the commit, of which the size is known. Raises OSError."""
        if size > most:
            raise OSError(LARGE)
        self.git.stdin.write(f"{name}\n".encode())
        told = self.answers.readline(200).split()
        if told[1:] != [b"blob", str(size).encode()]:
            raise OSError("git cannot read it")
        content = self.answers.read(size + 1)
        if len(content) != size + 1:
            raise OSError("git cannot read it")
        return content[:size]

"""The lesson's files in a folder of this process's own."""

import os

PACKAGE = "blog"  # what the lessons' app is called once it is a package
MOST_BYTES = 16 * 1024 * 1024


def app_in(home: str) -> str:
    """Return what ``flask --app`` should be given for the files in a folder."""
    return PACKAGE if os.path.isdir(os.path.join(home, PACKAGE)) else "app"


class Folder:
    """Where the lesson's files are: home is its path, "" until they are unpacked."""

    def __init__(self):
        self.home = ""
        self.libraries: list[str] = []
        self._kept: dict[str, bytes | None] = {}  # None is a folder

    def do_unpack(
        self, body: bytes, home: str, files: list, env: dict, libraries: list
    ) -> dict:
        """Write the lesson's files into a new folder and make it the current one.

        libraries are those of the warm ones that the files name.
        """
        self.home, self.libraries = os.path.realpath(home), libraries
        os.makedirs(self.home, exist_ok=True)  # also for a lesson without any files
        at = 0
        for name, size in files:
            path = os.path.join(self.home, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(body[at : at + size])
            at += size
        os.chdir(self.home)
        os.environ.update(env)
        return {}

    def do_files(self, body: bytes) -> tuple[dict, bytes]:
        """Return every file that is in the folder now, or that they are too large."""
        paths = [
            path
            for path in self.paths()
            if os.path.isfile(path) and not os.path.islink(path)
        ]
        if sum(map(os.path.getsize, paths)) > MOST_BYTES:
            return {"too_large": True}, b""
        listing, pieces = [], []
        for path in paths:
            with open(path, "rb") as file:
                pieces.append(file.read())
            listing.append([self.relative(path), len(pieces[-1])])
        return {"files": listing}, b"".join(pieces)

    def do_write(self, body: bytes, path: str) -> dict:
        """Save a file again, as an editor would while a server runs."""
        with open(os.path.join(self.home, path), "wb") as file:
            file.write(body)
        return {}

    def paths(self) -> list[str]:
        """Return the path of every file."""
        return [
            os.path.join(folder, name)
            for folder, _, names in os.walk(self.home)
            for name in sorted(names)
        ]

    def keep(self) -> None:
        """Remember the files as they are now."""
        self._kept.update({folder: None for folder, _, _ in os.walk(self.home)})
        for path in self.paths():
            with open(path, "rb") as file:
                self._kept[path] = file.read()

    def put_back(self) -> None:
        """Make the files what they were, and remove all others."""
        for folder, folders, names in os.walk(self.home, topdown=False):
            for path in [os.path.join(folder, name) for name in names + folders]:
                if path in self._kept:
                    continue
                if os.path.isdir(path) and not os.path.islink(path):
                    os.rmdir(path)
                else:
                    os.unlink(path)
        for path, content in self._kept.items():
            if content is None:
                os.makedirs(path, exist_ok=True)
                continue
            with open(path, "wb") as file:
                file.write(content)

    def state(self) -> list[tuple]:
        """Return what changes with any change to a file or a folder."""
        found = []
        for folder, _, names in os.walk(self.home):
            for name in [".", *names]:
                path = os.path.join(folder, name)
                told = os.lstat(path)
                found.append((path, told.st_mtime_ns, told.st_size))
        return sorted(found)

    def holds(self, path: str) -> bool:
        """Does a path lie in this folder?"""
        return bool(self.home) and path.startswith(self.home + os.sep)

    def relative(self, path: str) -> str:
        """Return a path inside this folder without the folder, any other as it is."""
        path = os.path.realpath(path)
        return os.path.relpath(path, self.home) if self.holds(path) else path

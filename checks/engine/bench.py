"""What the workbook promises of its speed, measured: `make bench` prints the table.

Nothing in here fails: a slow or busy machine shows slow figures.
"""

import contextlib
import functools
import os
import queue
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from checks.engine import bench_plain, starters
from checks.engine.files import LEFT_OUT
from checks.engine.lessons import SOLUTIONS, TOP, code_of, files_of
from checks.engine.screen import say

PARTS = ("checks", "lessons", "solutions")
REPEATS, SAVES, REQUESTS = 7, 30, 500
QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
LESSON = "03_routes"
WATCHED = ("03_routes", "04_url_variables")
JUDGE = """
import sys
from checks.engine.judging.pool import judge_all
from checks.engine.lessons import SOLUTIONS, all_lessons

first, last = map(int, sys.argv[1:])
some = [lesson for lesson in all_lessons() if first <= lesson.number <= last]
verdicts = []
judge_all(some, SOLUTIONS, verdicts.append)
assert all(verdict.done for verdict in verdicts)
"""


def main() -> int:
    """Measure everything, print a row as soon as it is known, return 0."""
    from checks.engine import bench_book, bench_class

    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in a shell's background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    say(row("figure", "measured", "target"))
    with workbook() as top:
        for measure in (
            this_machine,
            cold_check,
            one_request,
            watch,
            desk,
            all_solutions,
            bench_book.book,
            bench_book.notebooks,
            bench_class.grading,
            fresh_clones,
        ):
            for line in measure(top):
                say(line)
    return 0


def row(figure: str, measured: str, target: str) -> str:
    """Return one line of the table."""
    return f"{figure:<52} {measured:>14}   {target}"


@contextlib.contextmanager
def workbook() -> Iterator[Path]:
    """Lend a copy of the workbook, so that nobody's lessons are touched."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        top = Path(folder, "workbook")
        left_out = shutil.ignore_patterns(*LEFT_OUT)
        for part in PARTS:
            shutil.copytree(TOP / part, top / part, ignore=left_out)
        shutil.copytree(starters.ensure(), top / ".workbook" / "starters")
        for file in (".pytest.ini", "requirements.txt", "Makefile"):
            shutil.copy(TOP / file, top / file)
        yield top


def engine(top: Path, *words: str, **settings) -> subprocess.Popen:
    """Start a command of the workbook's copy on this Python."""
    environ = {**os.environ, "WORKBOOK_SETUP": "no", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "checks.engine", *words]
    return subprocess.Popen(
        command, cwd=top, env=environ, text=True, stdin=subprocess.DEVNULL, **settings
    )


def seconds(work: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Return how long each of several runs took, after one that does not count."""
    work()
    found = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return found


def median_ms(found: list[float]) -> str:
    """Return a median in milliseconds."""
    return f"{statistics.median(found) * 1000:.1f} ms"


def this_machine(top: Path) -> Iterator[str]:
    """A yardstick for all the rest: 190 to 200 ms where the targets were set."""
    command = [sys.executable, "-c", "import flask, pytest"]
    found = seconds(lambda: subprocess.run(command, cwd=top))
    yield row("this machine: python -c 'import flask, pytest'", median_ms(found), "")


def cold_check(top: Path) -> Iterator[str]:
    """`check 3` from nothing, beside plain pytest in process on the same checks."""
    shutil.rmtree(top / "lessons" / LESSON)
    shutil.copytree(SOLUTIONS / LESSON, top / "lessons" / LESSON)
    shutil.copy(TOP / "lessons" / LESSON / "README.md", top / "lessons" / LESSON)
    check, folder = top / "checks" / f"test_{LESSON}.py", top.parent / "plain"
    plain = bench_plain.command(check, SOLUTIONS / LESSON, folder)
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(REPEATS):  # side by side, so that a busy moment meets both
        ours += seconds(lambda: engine(top, "check", "3", **QUIET).wait(), 1)
        run = functools.partial(subprocess.run, plain, cwd=top, check=True, **QUIET)
        theirs += seconds(run, 1)
    yield row("check 3, cold", median_ms(ours), "≤ 350 ms")
    yield row("  plain pytest in process, same checks", median_ms(theirs), "beside it")


def one_request(top: Path) -> Iterator[str]:
    """A request through the worker, beside the same app in this process."""
    from werkzeug.test import Client

    from checks.engine.worker.process import Worker
    from checks.engine.worker.remote import RemoteApp

    names: dict = {"__name__": "hello"}
    exec((SOLUTIONS / "01_hello" / "app.py").read_text(), names)
    files = code_of(files_of(SOLUTIONS / "01_hello"))
    worker = Worker()
    try:
        client = RemoteApp(worker.fork(files).load()).test_client()
        local = Client(names["app"])
        through = seconds(lambda: client.get("/"), REQUESTS)
        within = seconds(lambda: local.get("/"), REQUESTS)
    finally:
        worker.close()
    yield row("a request through the worker", hundredths(through), "≤ 0.3 ms")
    yield row("  the same in process", hundredths(within), "beside it")


def hundredths(found: list[float]) -> str:
    """Return a median in milliseconds, with two decimals."""
    return f"{statistics.median(found) * 1000:.2f} ms"


def watch(top: Path) -> Iterator[str]:
    """`make lesson`: from a save to its verdict, and the memory of all that runs."""
    for name in WATCHED:
        lesson = Watched(top, name)
        try:
            found = sorted(lesson.save_and_wait(number) for number in range(SAVES))
            memory = sum(pss(pid) for pid in family(lesson.process.pid))
        finally:
            lesson.stop()
        p95 = f"{found[int(len(found) * 0.95)] * 1000:.0f} ms"
        yield row(f"save → verdict, p95 of {SAVES}, {name}", p95, "≤ 150 ms")
        yield row("  median", median_ms(found), "")
        measured = f"{memory / 1024:.0f} MB"
        yield row("  memory of the whole lesson (PSS)", measured, "≤ 150 MB")


def desk(top: Path) -> Iterator[str]:
    """The page beside `make lesson`, in a browser; and the terminal while it is open."""
    from checks.engine import bench_desk

    shutil.copy(SOLUTIONS / LESSON / "app.py", top / "lessons" / LESSON)
    lesson = Watched(top, LESSON)
    try:
        pids = functools.partial(family, lesson.process.pid)
        for figure in bench_desk.figures(
            lesson.desk, lesson.file, lesson.verdict, pids
        ):
            yield row(*figure)
    finally:
        lesson.stop()


class Watched:
    """A lesson that runs without a terminal, and the lines that it prints."""

    def __init__(self, top: Path, name: str):
        self.file = top / "lessons" / name / "app.py"
        self.desk = ""
        self.process = engine(
            top,
            "lesson",
            name,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.lines: queue.Queue = queue.Queue()
        work = [self.process.stdout, self.lines]
        threading.Thread(target=read, args=work, daemon=True).start()
        self.verdict()

    def verdict(self) -> float:
        """Wait for the last line of a verdict; return when it came."""
        while True:
            when, line = self.lines.get(timeout=60)
            if line.startswith("Your desk:"):
                self.desk = line.split()[2]
            if "next:" in line:
                return when

    def save_and_wait(self, number: int) -> float:
        """Save the app under another name; return the seconds until its verdict."""
        time.sleep(0.5)  # a learner types between two saves
        lines = self.file.read_text().splitlines()
        name = f'BLOG_NAME = "Blog {number}"'
        lines = [name if "BLOG_NAME =" in line else line for line in lines]
        whole = Path(self.file.parents[2], "saved.tmp")
        whole.write_text("\n".join(lines) + "\n")
        start = time.perf_counter()
        whole.replace(self.file)  # as many editors save: all at once
        return self.verdict() - start

    def stop(self) -> None:
        """End the lesson as Ctrl-C does."""
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait()


def read(stream, lines: queue.Queue) -> None:
    """Put lines into a queue as they come."""
    for line in stream:
        lines.put((time.perf_counter(), line))


def family(pid: int) -> list[int]:
    """Return a process with all its descendants (Linux)."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True)
    pairs = [line.split() for line in listing.stdout.splitlines()[1:]]
    found = [pid]
    for parent in found:
        found += [int(child) for child, above in pairs if int(above) == parent]
    return found


def pss(pid: int) -> int:
    """Return a process's share of memory in kB, 0 where the system does not tell."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(w.split()[1]) for w in rollup.splitlines() if w.startswith("Pss:"))


def all_solutions(top: Path) -> Iterator[str]:
    """All checks of the solutions, server steps included, part by part."""
    parts = ((1, 6, 10), (1, 17, 15), (18, 23, 20), (24, 32, 60), (1, 32, 75))
    for first, last, target in parts:
        command = [sys.executable, "-c", JUDGE, str(first), str(last)]
        run = functools.partial(subprocess.run, command, cwd=top, check=True)
        found = seconds(run, 3)
        measured = f"{statistics.median(found):.1f} s"
        yield row(
            f"all checks of solutions {first} to {last}", measured, f"≤ {target} s"
        )


def fresh_clones(top: Path) -> Iterator[str]:
    """From a fresh clone to an answer of lesson 1, with pip and with uv."""
    for name, target in (("pip", "≤ 20 s"), ("uv", "≤ 8 s")):
        if name == "uv" and not shutil.which("uv"):
            yield row("fresh clone → lesson 1 answers, uv", "no uv here", target)
            continue
        folder = top.parent / f"clone-{name}"
        command = ["git", "clone", "--quiet", str(TOP), str(folder)]
        subprocess.run(command, check=True)
        measured = f"{first_answer(folder, name):.1f} s"
        yield row(f"fresh clone → lesson 1 answers, {name}", measured, target)


def first_answer(folder: Path, installer: str) -> float:
    """Return the seconds from `make lesson 1` to the first page."""
    folders = os.environ["PATH"].split(os.pathsep)
    if installer == "pip":
        folders = [f for f in folders if not Path(f, "uv").exists()]
    environ = {n: v for n, v in os.environ.items() if not n.startswith("WORKBOOK_")}
    environ |= {"PATH": os.pathsep.join(folders)}
    start = time.perf_counter()
    process = subprocess.Popen(
        ["make", "lesson", "1"],
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        address = next(
            word
            for line in process.stdout
            for word in line.split()
            if word.startswith("http://127.0.0.1:")
        )
        return until_it_answers(address) - start
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate()


def until_it_answers(address: str) -> float:
    """Return the moment of the first page."""
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=30).close()
            return time.perf_counter()
        time.sleep(0.01)


if __name__ == "__main__":
    sys.exit(main())

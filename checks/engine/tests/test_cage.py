"""The cage: what a stranger's code in it cannot see, reach, keep or take."""

import contextlib
import json
import os
import socket
import textwrap
from pathlib import Path

import pytest

from checks.engine.judging.code import Code
from checks.engine.lessons import LESSONS, SOLUTIONS, TOP
from checks.engine.worker import cage as cages
from checks.engine.worker.process import Lost, Worker
from checks.engine.worker.remote import RemoteApp

APP = """
import ctypes, json, mmap, os, signal, socket, sys, time
from flask import Flask
app = Flask(__name__)
libc = ctypes.CDLL(None, use_errno=True)
kept, shared = [], {shared}

def say(value):
    return json.dumps(value)

def denied(result):
    return result == -1 and os.strerror(ctypes.get_errno())

def processes():
    return sorted(int(pid) for pid in os.listdir("/proc") if pid.isdigit())

@app.get("/")
def index():
{body}
"""
SECRET = "WORKBOOK_SECRET_OF_THE_JUDGE"


def app(body, shared="None"):
    body = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return {"app.py": APP.format(body=body, shared=shared).encode()}


def answer(process):
    """Return what the view of a loaded app says; an exception in it is raised."""
    return json.loads(RemoteApp(process).test_client().get("/").text)


@pytest.fixture(scope="module")
def caged(any_cage):
    """Lend a worker that stands in a cage, of a judge that has something to hide."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SECRET, "found")
        worker = Worker(any_cage)
        yield worker
        worker.close()


@pytest.fixture
def ask(caged):
    """Run the body of a view in the cage; return what it says."""

    def run(body):
        process = caged.fork(app(body))
        try:
            return answer(process.load({"PROPAGATE_EXCEPTIONS": True}))
        finally:
            process.close()

    yield run
    assert run("return say(processes())")[0] == 1, "the first process is untouched"


@pytest.fixture
def refused(ask):
    """Run statements in the cage; return the type of what they raise, "" if nothing."""

    def run(statements):
        body = textwrap.indent(textwrap.dedent(statements).strip(), "    ")
        failed = "except BaseException as error:\n    return say(type(error).__name__)"
        return ask(f"try:\n{body}\n{failed}\nreturn say('')")

    return run


# See.


@pytest.mark.parametrize(
    "path",
    [
        SOLUTIONS / "03_routes/app.py",
        LESSONS / "03_routes/app.py",
        TOP / "checks/test_03_routes.py",
        TOP / "checks/engine/worker/process.py",
        TOP / ".git/HEAD",
        "/etc/shadow",
        "/etc/machine-id",
        "/sys/kernel",
        "/var/log",
        "/run",
        "/bin/sh",
    ],
    ids=lambda path: str(path).removeprefix(str(TOP)),
)
def test_what_is_not_shown_is_not_there(refused, path):
    assert refused(f"os.stat({str(path)!r})") == "FileNotFoundError"
    link = f"os.symlink({str(path)!r}, 'link'); open('link').read()"
    assert refused(link) == "FileNotFoundError"


def test_of_the_home_nothing_is_shown_but_the_way_to_python(ask):
    homes = sorted({str(Path.home()), "/root", "/home"})
    found = ask(f"""
        found = []
        for home in {homes}:
            for folder, folders, names in os.walk(home):
                folders[:] = [name for name in folders if name != "lib"]
                found += [os.path.join(folder, name) for name in names]
        return say(found)
    """)
    shown = cages.places.of_python()
    hidden = [p for p in found if not any(Path(p).is_relative_to(s) for s in shown)]
    assert hidden == []


def test_of_other_processes_and_the_judges_environment_nothing_is_seen(ask):
    assert os.environ[SECRET] == "found"
    environment, commands, ids = ask("""
        found, commands = str(os.environ), []
        for pid in processes():
            commands.append(open(f"/proc/{pid}/cmdline").read())
            try:
                found += open(f"/proc/{pid}/environ").read()
            except PermissionError:
                pass
        return say([found, commands, [os.getuid(), os.getgid(), os.getgroups()]])
    """)
    assert SECRET not in environment
    assert not [command for command in commands if "pytest" in command]
    assert ids == [65534, 65534, []] or ids == [65534, 65534, [65534]]


@pytest.mark.parametrize("file", ["environ", "mem", "fd", "root", "cwd", "maps"])
def test_the_first_process_cannot_be_looked_into(refused, file):
    look = "os.listdir" if file in ("fd", "root", "cwd") else "open"
    assert refused(f"{look}('/proc/1/{file}')") == "PermissionError"


# Reach.


def test_there_is_no_network_but_the_loopback_of_the_cage(ask, refused):
    assert ask("return say(socket.if_nameindex())") == [[1, "lo"]]
    outside = "socket.create_connection(('192.0.2.1', 80), 3)"
    assert refused(outside) == "OSError"
    assert refused("socket.socket().bind(('192.0.2.1', 0))") == "OSError"
    assert refused("socket.create_connection(('example.org', 80), 3)") == "gaierror"
    for family in (17, 38, 40):  # packets, the kernel's ciphers, the machine's host
        opened = f"socket.socket({family}, socket.SOCK_STREAM)"
        assert refused(opened) == "PermissionError", family


def test_no_socket_makes_who_closes_it_wait(ask, refused):
    """One that came along with an answer is closed by the judge."""
    lingers = (
        "socket.socket().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes(8))"
    )
    assert refused(lingers) == "PermissionError"
    usual = "setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)"
    assert ask(f"return say(socket.socket().{usual})") is None


def test_the_terminal_is_not_in_the_cage(needs_cage):
    ours, terminal = os.openpty()
    usual = os.dup(1)
    try:
        os.dup2(terminal, 1)
        worker = Worker(needs_cage)
        try:
            there = "return say([name for name in os.listdir('/dev') if 'con' in name])"
            assert answer(worker.fork(app(there)).load()) == []
        finally:
            worker.close()
    finally:
        os.dup2(usual, 1)
        for fd in (ours, terminal, usual):
            os.close(fd)


def test_no_listener_of_this_machine_is_reached(refused):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        reach = f"socket.create_connection(('127.0.0.1', {port}), 3)"
        assert refused(reach) == "ConnectionRefusedError"
    with socket.socket(socket.AF_UNIX) as server:
        name = f"\0workbook-{os.getpid()}"
        server.bind(name)
        server.listen()
        reach = f"socket.socket(socket.AF_UNIX).connect({name!r})"
        assert refused(reach) == "ConnectionRefusedError"


@pytest.mark.parametrize(
    "place",
    [
        "flask.__file__",
        "os.__file__",
        "sys.executable",
        "sys.modules['_workbook'].__path__[0] + '/app.py'",
        "'/new'",
        "'/dev/new'",
        "'/etc/hosts'",
        "'/proc/sys/kernel/core_pattern'",
        "'/proc/1/oom_score_adj'",
    ],
)
def test_nothing_is_written_outside_of_its_own_room(refused, place):
    assert refused(f"import flask; open({place}, 'a')") in (
        "OSError",
        "PermissionError",
    )


@pytest.mark.parametrize(
    "call",
    [
        "libc.ptrace(16, 1, 0, 0)",
        "libc.process_vm_readv(1, 0, 0, 0, 0, 0)",
        "libc.unshare(0x10000000)",
        "libc.unshare(0x00020000)",
        "libc.setns(0, 0)",
        "libc.mount(b'none', b'/room', b'tmpfs', 0, 0)",
        "libc.umount2(b'/room', 2)",
        "libc.chroot(b'/room')",
        "libc.syscall(321, 0, 0, 0)",  # bpf
        "libc.memfd_create(b'x', 0)",
        "libc.shmget(0, 4096, 0o1600)",
        "libc.setgroups(0, 0)",
        "libc.personality(0x0040000)",
        "libc.sethostname(b'x', 1)",
        "libc.syscall(443, 0, 0, 0, 0)",  # quotactl_fd
        "libc.syncfs(0)",
    ],
)
def test_the_kernel_refuses(ask, call):
    assert ask(f"return say(denied({call}))") == "Operation not permitted"


def test_nobody_becomes_somebody(ask):
    for call in ("setuid", "setgid", "setreuid", "setresuid"):
        said = ask(f"return say(denied(libc.{call}(0, 0, 0)))")
        assert said == "Invalid argument", "there is no other user in this namespace"


def test_no_namespace_by_a_clone_either(ask):
    namespaces = [0x00020000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]
    for flags in namespaces:
        body = f"return say(denied(libc.syscall(56, {flags} | 17, 0, 0, 0, 0)))"
        assert ask(body) == "Operation not permitted"
    body = "return say(denied(libc.syscall(435, 0, 0)))"
    assert ask(body) == "Function not implemented"


def test_there_is_no_right_left_and_none_to_gain(ask):
    status = dict(
        ask("""
        lines = open("/proc/self/status").read().splitlines()
        return say([line.split(":\\t") for line in lines])
    """)
    )
    sets = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    assert [int(status[name], 16) for name in sets] == [0] * 5
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")


@pytest.mark.parametrize("target", [1, -1])
def test_no_signal_ends_or_stops_the_first_process(caged, ask, target):
    process = caged.fork(app(f"""
        for number in sorted(set(signal.Signals), key=lambda n: n == signal.SIGKILL):
            if number not in (signal.SIGSTOP, signal.SIGTSTP) or {target} == 1:
                signal.signal(number, signal.SIG_IGN) if number not in (9, 19) else 0
                try:
                    os.kill({target}, number)
                except ProcessLookupError:
                    pass  # -1 is all others, and there may be none
        return say("sent")
    """))  # fmt: skip
    with contextlib.suppress(Lost):
        answer(process.load())
    process.close()
    warm = caged._process.pid
    assert ask("return say('still here')") == "still here"
    assert target == -1 or caged._process.pid == warm, "it was not started anew"


# Keep.


def test_a_daemon_ends_with_its_check(ask, caged):
    daemon = """
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                for number in set(signal.Signals) - {9, 19}:
                    signal.signal(number, signal.SIG_IGN)
                os.write(pipe[1], b"1")
                time.sleep(600)
            os._exit(0)
        os.read(pipe[0], 1)
        return say(processes())
    """
    before = len(ask("return say(processes())"))
    body = "pipe = os.pipe()\n" + textwrap.dedent(daemon)
    assert len(ask(body)) > before
    assert len(ask("return say(processes())")) == before


def test_no_file_is_there_for_the_next_check(ask):
    ask("""
        for place in ("/room/kept", "/dev/shm/kept", "../kept", "kept"):
            open(place, "w").write("kept")
        os.makedirs("/room/templates", exist_ok=True)
        open("/room/templates/kept", "w").write("kept")
        os.mkdir("/room/closed")
        os.chdir("/room/closed")
        for _ in range(3000):
            os.mkdir("deep")
            os.chdir("deep")
        os.chmod("/room/closed", 0)
        return say("")
    """)
    found = ask("""
        found = [name for name in os.listdir("/dev/shm")]
        found += [os.path.join(*each) for each in os.walk("/room") for each in
                  [(each[0], name) for name in each[1] + each[2]]]
        return say([found, os.getcwd()])
    """)
    home = found[1]
    assert {*found[0]} == {os.path.dirname(home), home, f"{home}/app.py"}


@pytest.mark.parametrize("place", ["kept", "shared"])
def test_no_memory_is_there_for_the_next_check(caged, place):
    keep = """
        if shared is not None:
            kept.extend(shared[:1])
            shared[0] = 7
            return say(kept == [7])
        kept.append(7)
        return say(kept == [7, 7])
    """
    shared = "mmap.mmap(-1, 4096)" if place == "shared" else "None"
    code = Code(caged, app(keep, shared))
    try:
        for _ in range(3):
            process = code.app()
            assert answer(process) is False
            process.close()
    finally:
        code.close()

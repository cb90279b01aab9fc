"""Cells: one cage for a whole class, and nothing that passes from one to the next."""

import os
import signal
import sys
from dataclasses import replace

from checks.engine.grading import graded
from checks.engine.tests.test_cage import answer, app
from checks.engine.worker.cells import Cells
from checks.engine.worker.process import Worker

SEEN = """
    found = [os.listdir(folder) for folder in ("/room", "/dev/shm")]
    with open("/proc/net/unix") as file:
        found.append([line.split()[-1] for line in file if "@kept" in line])
    with socket.socket() as line:
        found.append(line.connect_ex(("127.0.0.1", 5999)) != 0)
    with open("/proc/net/tcp") as file:
        found.append([line.split()[1] for line in file if ":176F" in line])
    return say([found, len(processes())])
"""
KEEP = """
    pipe = os.pipe()
    for folder in ("/room", "/dev/shm"):
        open(folder + "/kept", "w").write("kept")
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            kept.append(socket.create_server(("127.0.0.1", 5999)))
            there = socket.create_connection(("127.0.0.1", 5999))
            kept[0].accept()[0].close()
            there.close()
            kept.append(socket.socket(socket.AF_UNIX))
            kept[-1].bind("\\0kept")
            kept[-1].listen()
            os.write(pipe[1], b"1")
            time.sleep(600)
        os._exit(0)
    os.read(pipe[0], 1)
    return say(processes())
"""


def said(cells, body):
    """Return what the view of an app says, in a cell of its own."""
    worker = Worker(cells)
    try:
        return answer(worker.fork(app(body)).load({"PROPAGATE_EXCEPTIONS": True}))
    finally:
        worker.close()


def test_nothing_is_there_for_the_next_submission(cells):
    nothing = said(cells, SEEN)
    assert nothing[0] == [["1"], [], [], True, []]
    assert len(said(cells, KEEP)) > nothing[1]
    assert said(cells, SEEN) == nothing


def test_one_that_was_begun_sees_nothing_of_one_that_is_judged(cells):
    judged, begun = Worker(cells), Worker(cells)
    try:
        kept = judged.fork(app(KEEP)).load()
        assert len(answer(kept)) >= 3
        [files, shared, *_], count = answer(begun.fork(app(SEEN)).load())
        assert "kept" not in [*files, *shared]
        assert count <= 3
    finally:
        judged.close()
        begun.close()


def test_it_is_one_cage_for_all_and_a_new_one_if_it_has_ended(cells):
    first = cells._running
    assert said(cells, "return say(7)") == 7
    assert said(cells, "return say(8)") == 8
    assert cells._running is first
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert said(cells, "return say(9)") == 9
    assert cells._running is not first


def test_a_cage_that_ends_meanwhile_costs_no_submission(cells):
    for number in range(5):
        assert said(cells, f"return say({number})") == number
        os.kill(copied_process(cells._running), signal.SIGKILL)


def copied_process(outer):
    """Return the process that all copies come from: the first Python in the cage."""
    at = [outer.pid]
    while command(at[0]) != sys.executable:
        at = children(at[0])
    return at[0]


def command(pid):
    with open(f"/proc/{pid}/cmdline") as file:
        return file.read().partition("\0")[0]


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]


def test_one_that_dies_costs_no_other(cells):
    one, other = Worker(cells), Worker(cells)
    try:
        process = other.fork(app("return say('unharmed')")).load()
        one.fork(app("return say(1)"))
        one._process.kill()
        assert answer(process) == "unharmed"
        again = one.fork(app("return say('started anew')")).load()
        assert answer(again) == "started anew"
    finally:
        one.close()
        other.close()


def test_where_the_kernel_makes_none_each_submission_has_a_cage(needs_cage):
    # A program of no instructions is one that the kernel does not take.
    without = replace(needs_cage, rules=b"")
    assert not Cells(without).work()
    assert graded.lasting(without) is without
    assert graded.lasting(None) is None


def test_a_class_is_graded_in_cells(cells):
    lent = graded.lasting(cells.cage)
    assert isinstance(lent, Cells)
    lent.close()

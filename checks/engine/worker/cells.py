"""Cages for a whole class: Python and Flask are started once, a copy is for a submission.

A cage in which Flask is imported costs more than most submissions do. So one such cage
stays, in which nobody's code runs, and each submission gets a copy of its process in
namespaces of its own. See inside/cells.py for what stands between two copies.
"""

import socket
import subprocess

from checks.engine.worker import claims
from checks.engine.worker.cage import Cage
from checks.engine.worker.inside import wire
from checks.engine.worker.process import AppError, Lost, Process, compile_inside

START_SECONDS = 20.0


class Cells:
    """One cage, and the copies in it; it starts a worker as a Cage does.

    For the thread that made it: the cage ends with both. folder is where a copy's files
    can be written.
    """

    def __init__(self, cage: Cage):
        self.cage, self.folder = cage, cage.folder
        self._running: subprocess.Popen | None = None
        self._model: Process | None = None

    def work(self) -> bool:
        """Try a copy, and say whether the kernel makes it; the cage stays if it does."""
        ours, theirs = socket.socketpair()
        with theirs:
            cell = self.start(theirs)
        copy = Process(ours)
        try:
            copy.ask("fit", seconds=START_SECONDS)
        except (AppError, Lost):
            self.close()
            return False
        finally:
            copy.hang_up()
        cell.wait(START_SECONDS)
        return True

    def start(self, sock: socket.socket) -> "Cell":
        """Start the warm process as a copy, with its end of the line; nobody waits for it."""
        if self._running is None or self._running.poll() is not None:
            self._begin()
        elif self._model.ended:  # and the cage around it may take a moment longer
            self.close()
            self._begin()
        cell = Cell(self._model)
        head = {"do": "cell", "most": self.cage.processes, "room": self.cage.room}
        self._model.tell_with(sock, wire.pack(head, self.cage.rules), cell.born)
        return cell

    def _begin(self) -> None:
        compile_inside()
        ours, theirs = socket.socketpair()
        with theirs:
            self._running = self.cage.start_to_copy(theirs)
        self._model = Process(ours)

    def close(self) -> None:
        """End the cage, and all copies in it."""
        if self._running is not None:
            self._model.hang_up()
            self._running.kill()
            self._running.wait()
            self._running = None


class Cell:
    """One copy, as seen from outside: what a Popen is to a cage.

    pid is its number in the cage, 0 as long as that is not known and where there is none.
    """

    def __init__(self, model: Process):
        self._model, self.pid = model, 0

    def born(self, told: dict) -> None:
        """Take the answer to the question that made it."""
        self.pid = claims.number(told.get("pid"))

    def wait(self, seconds: float = 0.0) -> None:
        """Wait until it has ended with all its processes; after some seconds end it."""
        try:
            self._model.ask(
                "fit", seconds=START_SECONDS
            )  # its number may be on its way
            question = {"pid": self.pid, "patience": seconds}
            if self.pid:
                self._model.ask("end", seconds=seconds + START_SECONDS, **question)
        except (AppError, Lost):
            pass  # the cage has ended, and has taken it along
        self.pid = 0

    def kill(self) -> None:
        """End it at once."""
        self.wait()

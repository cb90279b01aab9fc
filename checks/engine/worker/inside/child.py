"""One process and its line: it answers frames, forks, and is ended with all its forks."""

import os
import socket
from collections.abc import Callable

from . import caged, processes, warm, wire
from .app import App
from .commands import Commands
from .folder import Folder
from .servers import Servers
from .suite import Suite
from .witness import Witness


class Unfit(Exception):
    """A process that must not be forked: a fork would share more than memory."""


class Line(wire.Line):
    """A line on which sockets for forks may come along with a frame."""

    def __init__(self, sock: socket.socket):
        super().__init__(sock)
        self.fds: list[int] = []

    def take(self, size: int) -> bytes:
        """Read up to so many bytes, and keep the socket that comes along."""
        caged.wait(self.sock)
        piece, fds, _, _ = socket.recv_fds(self.sock, size, 1)
        self.fds += fds
        return piece


class Child:
    """A process with a line: the warm one first, and every fork of it.

    A question is the name of a method: ``{"do": "request"}`` asks `do_request` of
    the one part that has it. What it returns is the answer: a head, or a head and a
    body.
    """

    def __init__(self, sock: socket.socket):
        self.line = Line(sock)
        self.living: set[int] = set()
        self.folder = Folder()
        self.witness = Witness(self.folder)
        self.app = App(self.folder, self.witness)
        others = (Commands(self.folder), Servers(self.folder), Suite(self.folder))
        self.parts = (self, self.app, self.folder, *others)
        self.as_loaded: tuple | None = None

    def live(self) -> None:
        """Answer frames until the other side hangs up; never return."""
        try:
            while True:
                head, body = self.line.receive()
                try:
                    answer = self.answer(body, **head)
                except BaseException as error:  # SystemExit too is the app's answer
                    answer = {"error": self.witness.describe(error)}
                if answer is None:  # a new process: the one it came from answers
                    continue
                told, content = answer if isinstance(answer, tuple) else (answer, b"")
                self.line.send(told, content)
        except wire.Closed:
            pass
        finally:
            for pid in self.living:
                processes.end(pid)
            processes.end_orphans(set())
            os._exit(0)  # taking Python apart would cost every check 30 ms

    def answer(self, body: bytes, do: str, **head) -> dict | tuple[dict, bytes] | None:
        """Have a question answered by the part that can."""
        name = f"do_{do}"
        part = next(part for part in self.parts if hasattr(part, name))
        return getattr(part, name)(body, **head)

    def do_fork(self, body: bytes) -> dict | None:
        """Fork; the new process answers on the socket that came along."""
        answer = self.fork(os.fork)
        if answer is None:
            os.setsid()
            processes.limit()
            caged.limit()
            processes.silence()
        return answer

    def do_cell(self, body: bytes, most: int, room: str) -> dict | None:
        """Fork a copy that stands apart; it answers on the socket that came along.

        body has the rules of its kernel, most is how many processes a fork may see, room
        are the bounds of its files.
        """
        from . import cells  # only a class needs them

        answer = self.fork(lambda: cells.copy(room, body))
        if answer is None:
            try:
                caged.enter(most)
            except BaseException:  # nobody may answer from there without its bounds
                os._exit(1)
        return answer

    def fork(self, fork: Callable[[], int]) -> dict | None:
        """Return what to answer; None in the new process, which has the line that came."""
        theirs = socket.socket(fileno=self.line.fds.pop(0))
        try:
            pid = fork()
        except OSError:
            theirs.close()
            raise
        if pid:
            theirs.close()
            self.living.add(pid)
            return {"pid": pid}
        self.line.close()
        self.line, self.living = Line(theirs), set()
        return None

    def do_warm(self, body: bytes, library: str) -> dict:
        """Import a library of the later lessons, for all forks to come."""
        warm.warm_library(library)
        return {}

    def do_fit(self, body: bytes) -> dict:
        """Raise Unfit where a fork is not as good as a process made anew.

        What a fork wrote that has ended is undone; one fork is the next, which has not
        begun. Others may still be writing.
        """
        if self.as_loaded and self.state() != self.as_loaded and len(self.living) == 1:
            self.folder.put_back()
            self.as_loaded = (self.folder.state(), *self.as_loaded[1:])
        if self.state() != self.as_loaded:
            raise Unfit("its files or what it holds open have changed")
        return {}

    def do_end(self, body: bytes, pid: int, patience: float) -> dict:
        """End a fork of this process, and all that it left."""
        caged.end_a_bomb()
        known = pid in self.living
        code, number = processes.end(pid, patience) if known else (0, 0)
        self.living.discard(pid)
        processes.end_orphans(self.living)
        return {"code": code, "signal": number}

    def do_sweep(self, body: bytes, keep: list) -> dict:
        """End and remove what ended forks have left in a cage, but the folders to keep."""
        caged.sweep(self.living, {*keep})
        return {}

    def do_load(self, body: bytes, config: dict, crash: str | None) -> dict:
        """Import the app; a process that it leaves fit for forks adopts their orphans."""
        before = processes.open_files()
        self.app.load(config, crash)
        alone = processes.threads() == 1 and not processes.shares_memory()
        if alone and processes.open_files() == before:
            processes.adopt_orphans()
            self.folder.keep()
            self.as_loaded = self.state()
        return {"notes": self.witness.notes}

    def state(self) -> tuple | None:
        """Return what two forks would share: the folder's files, threads, open files.

        The warm process has no folder, and no state to lose.
        """
        if not self.folder.home:
            return None
        return self.folder.state(), processes.threads(), processes.open_files()

"""What every view of the desk needs: the board, the memory, the port, the token."""

from dataclasses import dataclass, field

from flask import current_app, request
from werkzeug.local import LocalProxy

from checks.engine.desk.board import Board
from checks.engine.desk.preview import Frame
from checks.engine.learner.state import Memory
from checks.engine.lessons import Lesson
from checks.engine.screen import PORT


@dataclass
class Room:
    """One desk: what it shows, what it remembers, where it answers, and its token."""

    board: Board
    memory: Memory
    port: int
    token: str
    frame: Frame = field(default_factory=Frame)

    @property
    def lesson(self) -> Lesson:
        """The lesson that runs."""
        return self.board.lesson

    @property
    def app_port(self) -> int:
        """Where the learner's app answers."""
        return self.board.app.port if self.board.app else PORT

    def app_at(self, path: str = "/") -> str:
        """Return an address of the learner's app, on the host that the desk was asked by.

        A cookie of 127.0.0.1 is not one of localhost.
        """
        host = request.host.partition(":")[0]
        path = path if path.startswith("/") else f"/{path}"
        return f"http://{host}:{self.app_port}{path}"


room: Room = LocalProxy(lambda: current_app.extensions["desk"])

"""The desk's server: a thread beside the running lesson, made at the first visit.

Nobody who stays with the terminal pays for it: Flask is imported when a browser comes.
"""

import selectors
import socket
import threading
from collections.abc import Sequence

from checks.engine.desk.board import Board
from checks.engine.learner.green import Green
from checks.engine.learner.running import App, listen
from checks.engine.learner.state import Memory
from checks.engine.lessons import Lesson, WorkbookError

PORT = 5051


class Desk(Board):
    """A lesson's board with a page that shows it, for as long as the process lives."""

    def __init__(self, lesson: Lesson, memory: Memory):
        super().__init__(lesson, Green(lesson.name))
        self.memory = memory
        self.server = None

    def begin(self, app: App) -> Sequence[str]:
        """Open the desk; return the line that says where, or why there is none."""
        super().begin(app)
        try:
            self.socket = listen(PORT)
        except WorkbookError as error:
            return [f"There is no desk this time. {error}"]
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()
        return [f"Your desk:  http://127.0.0.1:{self.port}   (the same, as a page)"]

    def serve(self) -> None:
        """Wait for the first visitor, then answer all of them until the end."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.select()
        from checks.engine.desk.factory import create_app

        self.server = server(create_app(self, self.memory, self.port), self.socket)
        self.server.serve_forever()


def server(app, sock: socket.socket):
    """Return a server for an app on a socket that listens already; it prints nothing."""
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        """The terminal belongs to the learner's own app."""

        def log(self, *args) -> None:
            pass

    host, port = sock.getsockname()
    settings = {"threaded": True, "request_handler": Quiet, "fd": sock.fileno()}
    return make_server(host, port, app, **settings)

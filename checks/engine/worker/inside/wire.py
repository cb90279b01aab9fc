"""Frames on a socket: a small JSON head and a body of raw bytes.

Both sides use it. What arrives is measured before it is read and typed before it is
used; nothing is ever unpickled.
"""

import json
import select
import socket
import struct
import time

SIZES = struct.Struct("!II")
MOST_HEAD = 4 * 1024 * 1024
MOST_BODY = 32 * 1024 * 1024
LEAST_READ, MOST_READ = 1 << 16, 1 << 20


class Closed(Exception):
    """The other side is gone: its process ended, or it closed the socket."""


class Malformed(Exception):
    """The other side sent something that is not a frame of ours."""


def pack(head: dict, body: bytes = b"") -> bytes:
    """Return one frame as bytes."""
    text = json.dumps(head).encode()
    return SIZES.pack(len(text), len(body)) + text + body


class Line:
    """One end of a connected socket; a frame costs one call to send and one to read."""

    def __init__(self, sock: socket.socket):
        self.sock = sock
        self._come = bytearray()  # what has come already of the frames to receive

    def send(self, head: dict, body: bytes = b"") -> None:
        """Send one frame.

        Raises Closed when nobody is listening any more.
        """
        try:
            self.sock.sendall(pack(head, body))
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Closed from error

    def receive(self, seconds: float | None = None) -> tuple[dict, bytes]:
        """Return the next frame, its head and its body.

        seconds bounds the whole frame, not each piece of it: a sender of one byte a
        second gets no more time than one that sends nothing.

        Raises Closed at the end of the stream, Malformed for anything that is not a
        frame, TimeoutError when the time is over.
        """
        head_size, size = self._gather(seconds)
        text = self._come[SIZES.size : head_size]
        body = bytes(memoryview(self._come)[head_size:size])
        del self._come[:size]
        try:
            head = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Malformed("a head that is not JSON") from error
        if not isinstance(head, dict):
            raise Malformed("a head that is not an object")
        return head, body

    def _gather(self, seconds: float | None) -> tuple[int, int]:
        """Read until a whole frame is there; return where its head and its body end."""
        left = seconds
        deadline = None if seconds is None else time.monotonic() + seconds
        while len(self._come) < (ends := self._ends())[1]:
            if left is not None and left <= 0:
                raise TimeoutError
            self.wait_at_most(left)
            self._come += self._read(ends[1] - len(self._come))
            left = None if deadline is None else deadline - time.monotonic()
        return ends

    def _ends(self) -> tuple[int, int]:
        """Return where the next frame's head and body end, as far as that is known."""
        if len(self._come) < SIZES.size:
            return SIZES.size, SIZES.size
        head_size, body_size = SIZES.unpack_from(self._come)
        if head_size > MOST_HEAD or body_size > MOST_BODY:
            raise Malformed(f"a frame of {head_size} + {body_size} bytes")
        head_end = SIZES.size + head_size
        return head_end, head_end + body_size

    def refuse_more(self) -> None:
        """Raise Malformed where something has come that nobody has asked for."""
        if self._come or self._has_more():
            raise Malformed("an answer before it was asked")

    def _has_more(self) -> bool:
        """Is there anything to read, and not only the end?"""
        look = select.poll()
        look.register(self.sock, select.POLLIN)
        if not look.poll(0):
            return False
        try:
            return bool(self.sock.recv(1, socket.MSG_PEEK))
        except ConnectionResetError:
            return False

    def wait_at_most(self, seconds: float | None) -> None:
        """Bound the calls that follow; setting what is set already would cost a call."""
        if self.sock.gettimeout() != seconds:
            self.sock.settimeout(seconds)

    def _read(self, missing: int) -> bytes:
        """Return what is there, at least one byte of it."""
        try:
            piece = self.take(min(max(missing, LEAST_READ), MOST_READ))
        except ConnectionResetError as error:
            raise Closed from error
        if not piece:
            raise Closed
        return piece

    def take(self, size: int) -> bytes:
        """Read up to so many bytes."""
        return self.sock.recv(size)

    def close(self) -> None:
        """Hang up."""
        self.sock.close()

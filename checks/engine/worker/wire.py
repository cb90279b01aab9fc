"""Frames on a socket: a small JSON head and a body of raw bytes.

Both sides use it, and it imports nothing of the engine: the side beside the
learner's code has no other module of ours. What arrives is measured before it is
read and typed before it is used; nothing is ever unpickled.
"""

import json
import socket
import struct
import time

SIZES = struct.Struct("!II")
MOST_HEAD = 4 * 1024 * 1024
MOST_BODY = 32 * 1024 * 1024


class Closed(Exception):
    """The other side is gone: its process ended, or it closed the socket."""


class Malformed(Exception):
    """The other side sent something that is not a frame of ours."""


def send(sock: socket.socket, head: dict, body: bytes = b"") -> None:
    """Send one frame.

    Raises Closed when nobody is listening any more.
    """
    text = json.dumps(head).encode()
    try:
        sock.sendall(SIZES.pack(len(text), len(body)) + text + body)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Closed from error


def receive(sock: socket.socket, seconds: float | None = None) -> tuple[dict, bytes]:
    """Return the next frame, its head and its body.

    seconds bounds the whole frame, not each piece of it: a sender of one byte a
    second gets no more time than one that sends nothing.

    Raises Closed at the end of the stream, Malformed for anything that is not a
    frame, TimeoutError when the time is over.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    # One question, one answer: whatever has come belongs to this frame, so most
    # frames take a single read.
    frame = bytearray()
    _fill(frame, sock, SIZES.size, deadline)
    head_size, body_size = SIZES.unpack_from(frame)
    if head_size > MOST_HEAD or body_size > MOST_BODY:
        raise Malformed(f"a frame of {head_size} + {body_size} bytes")
    start = SIZES.size + head_size
    _fill(frame, sock, start + body_size, deadline)
    if len(frame) > start + body_size:
        raise Malformed("more than one answer")
    text, body = bytes(frame[SIZES.size : start]), bytes(frame[start:])
    try:
        head = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("a head that is not JSON") from error
    if not isinstance(head, dict):
        raise Malformed("a head that is not an object")
    return head, body


def _fill(
    frame: bytearray, sock: socket.socket, size: int, deadline: float | None
) -> None:
    """Read until the frame has at least size bytes."""
    while len(frame) < size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
        try:
            piece = sock.recv(1 << 16 if size < 1 << 16 else 1 << 20)
        except ConnectionResetError as error:
            raise Closed from error
        if not piece:
            raise Closed
        frame += piece

"""Frames on a socket: a small JSON head and a body of raw bytes.

Both sides use it, and it imports nothing of the engine: the side beside the
learner's code has no other module of ours. What arrives is measured before it is
read and typed before it is used; nothing is ever unpickled.
"""

import json
import socket
import struct
import time
from collections.abc import Callable

SIZES = struct.Struct("!II")
MOST_HEAD = 4 * 1024 * 1024
MOST_BODY = 32 * 1024 * 1024


class Closed(Exception):
    """The other side is gone: its process ended, or it closed the socket."""


class Malformed(Exception):
    """The other side sent something that is not a frame of ours."""


def pack(head: dict, body: bytes = b"") -> bytes:
    """Return one frame as bytes."""
    text = json.dumps(head).encode()
    return SIZES.pack(len(text), len(body)) + text + body


def send(sock: socket.socket, head: dict, body: bytes = b"") -> None:
    """Send one frame.

    Raises Closed when nobody is listening any more.
    """
    try:
        sock.sendall(pack(head, body))
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Closed from error


def receive(
    sock: socket.socket,
    seconds: float | None = None,
    read: Callable[[int], bytes] | None = None,
) -> tuple[dict, bytes]:
    """Return the next frame, its head and its body.

    seconds bounds the whole frame, not each piece of it: a sender of one byte a
    second gets no more time than one that sends nothing. read stands in for the
    socket's own recv.

    Raises Closed at the end of the stream, Malformed for anything that is not a
    frame, TimeoutError when the time is over.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    read = read or sock.recv
    sizes = _exactly(sock, read, SIZES.size, deadline)
    head_size, body_size = SIZES.unpack(sizes)
    if head_size > MOST_HEAD or body_size > MOST_BODY:
        raise Malformed(f"a frame of {head_size} + {body_size} bytes")
    frame = _exactly(sock, read, head_size + body_size, deadline)
    try:
        head = json.loads(frame[:head_size])
    except (ValueError, RecursionError) as error:
        raise Malformed("a head that is not JSON") from error
    if not isinstance(head, dict):
        raise Malformed("a head that is not an object")
    return head, frame[head_size:]


def _exactly(
    sock: socket.socket,
    read: Callable[[int], bytes],
    size: int,
    deadline: float | None,
) -> bytes:
    """Return exactly so many bytes."""
    pieces = []
    while size:
        if deadline is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            sock.settimeout(left)
        try:
            piece = read(min(size, 1 << 20))
        except ConnectionResetError as error:
            raise Closed from error
        if not piece:
            raise Closed
        pieces.append(piece)
        size -= len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)

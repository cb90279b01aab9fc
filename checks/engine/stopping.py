"""Whether this command was asked to end, and what must not be ended half-way.

An interrupt can get lost on its way: where one meets an import of pytest's, or what
closes files, it may be told as an error of another kind.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

asked = False
_blocks = 0  # how many that must be whole the main thread is in
_kept = False  # an interrupt waits for their end


def interrupt() -> None:
    """Raise KeyboardInterrupt, now or at the end of what must be whole.

    Only the first one waits: who asks again has waited enough.
    """
    global asked, _kept
    first, asked = not asked, True
    if first and _blocks:
        _kept = True
    else:
        raise KeyboardInterrupt


@contextmanager
def whole() -> Iterator[None]:
    """Have an interrupt wait until the end of this block; there it is raised.

    For what closes a file and forgets it: with an interrupt between the two, the file
    would be closed again. Only the main thread is ever interrupted.
    """
    global _blocks, _kept
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _blocks += 1
    try:
        yield
    finally:
        _blocks -= 1
        if _kept and not _blocks:
            _kept = False
            raise KeyboardInterrupt

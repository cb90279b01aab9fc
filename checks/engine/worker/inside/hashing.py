"""Passwords hashed in little time, in every process that a check starts."""

import hashlib

FEW = 16  # rounds of scrypt


def hash_quickly() -> None:
    """Have passwords hashed in little time: nobody is after those of a check.

    A check that signs somebody in would spend most of its time on this. A process that
    has not done so refuses the passwords of one that has, so all of them do.
    """
    slow = getattr(hashlib, "scrypt", None)  # what werkzeug takes where Python has it
    if slow is not None:
        hashlib.scrypt = lambda *args, n, **more: slow(*args, n=min(n, FEW), **more)

"""Copies of a process that stand apart from each other, in one cage.

Python and Flask are started once in a cage and run nobody's code; each submission gets
a copy. Between the copies stand namespaces of the kernel's: a copy sees no process, no file and
no port of another's. Around all of them stands the cage, which is bwrap's work.
"""

import ctypes
import errno
import os
import socket
import struct

from .caged import FOLDERS

# The kernel's numbers, from sched.h, mount.h, prctl.h, capability.h, sockios.h, if.h.
NEW_MOUNTS, NEW_IPC = 0x00020000, 0x08000000
NEW_PROCESSES, NEW_NETWORK = 0x20000000, 0x40000000
NO_SUID, NO_DEVICES, NO_PROGRAMS, BIND = 2, 4, 8, 4096
SET_NO_NEW_PRIVS, SET_SECCOMP, FILTER, DROP_BOUND = 38, 22, 2, 24
SET_FLAGS, UP, LOOPBACK = 0x8914, 1, b"lo"
CAPABILITIES_3, LAST_CAPABILITY = 0x20080522, 63
INSTRUCTION = 8  # bytes of one in a program for the kernel

LIBC = ctypes.CDLL(None, use_errno=True)


def copy(room: str, rules: bytes) -> int:
    """Fork a copy with namespaces of its own; return its number, and 0 in the copy.

    room are tmpfs's options for all files of the copy, rules is the kernel's program
    for the calls that it refuses. The copy is the first process of its own and has no
    right to anything. Raises OSError where the kernel makes no such copy.
    """
    reader, writer = os.pipe()
    between = os.fork()
    if between:
        os.close(writer)
        with open(reader, "rb") as file:
            told = file.read()
        os.waitpid(between, 0)
        if not told.isdigit():
            raise OSError(errno.EPERM, "the kernel makes no namespaces in a cage")
        return int(told)
    try:
        os.close(reader)
        call("unshare", NEW_PROCESSES | NEW_MOUNTS | NEW_IPC | NEW_NETWORK)
        make_room(room)
        make_network()
        pid = os.fork()
        if pid:  # this one has done its part: the copy falls to the one that asked
            os.write(writer, str(pid).encode())
            os._exit(0)
        os.close(writer)
        # Only who is in a namespace of processes can have it shown in /proc.
        call("mount", b"proc", b"/proc", b"proc", NO_SUID | NO_DEVICES | NO_PROGRAMS, 0)
        os.setsid()
        give_up(rules)
    except BaseException:
        os._exit(1)
    return 0


def make_room(options: str) -> None:
    """Put an empty room in the place of the one that is there, and go into it."""
    room, shared = (folder.encode() for folder in FOLDERS)
    options = f"{options},mode=0755".encode()
    call("mount", b"tmpfs", room, b"tmpfs", NO_SUID | NO_DEVICES, options)
    for name in (b"/files", b"/shared"):
        os.mkdir(room + name)
        os.chmod(room + name, 0o1777)
    call("mount", room + b"/shared", shared, 0, BIND, 0)
    call("mount", room + b"/files", room, 0, BIND, 0)
    os.chdir(room)  # where it stood is the old room, which all copies have in common


def make_network() -> None:
    """Have 127.0.0.1 answer, which is all that there is in a new network.

    The one of the cage would remember for a minute which ports a copy has used.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        call("ioctl", plug.fileno(), SET_FLAGS, struct.pack("=16sH14x", LOOPBACK, UP))


def give_up(rules: bytes) -> None:
    """Give up every right for good, and have the kernel refuse what the rules forbid."""
    for capability in range(LAST_CAPABILITY + 1):
        if LIBC.prctl(DROP_BOUND, capability, 0, 0, 0) < 0:
            break  # the kernel has no more of them
    none = struct.pack("=6I", 0, 0, 0, 0, 0, 0)
    call("capset", struct.pack("=Ii", CAPABILITIES_3, 0), none)
    call("prctl", SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    kept = ctypes.create_string_buffer(rules, len(rules))
    count = len(rules) // INSTRUCTION
    program = struct.pack("@HP", count, ctypes.addressof(kept))
    call("prctl", SET_SECCOMP, FILTER, program, 0, 0)
    refuse_to_live_with_rights()


def refuse_to_live_with_rights() -> None:
    """Raise PermissionError where this process could still do what it must not."""
    with open("/proc/self/status") as file:
        lines = [line.partition(":") for line in file]
    told = {name: value.strip() for name, _, value in lines}
    sets = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
    held = [name for name in sets if int(told[name], 16)]
    if held or told["Seccomp"] != str(FILTER) or os.getpid() != 1:
        raise PermissionError(f"a copy must not have {held}")


def call(name: str, *given) -> None:
    """Call the kernel. Raises OSError where it refuses."""
    if getattr(LIBC, name)(*map(plain, given)) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def plain(given):
    """Return a number as the kernel takes it, whatever its size, and all else as it is."""
    return ctypes.c_long(given) if isinstance(given, int) else given

"""The calls to the kernel that nobody in a cage may make, as a program for the kernel.

A cage has no capability to use most of them. Without this list they would still be
there to be tried: each is a part of the kernel where mistakes have been found before,
a way into another process, or memory that no limit counts.
"""

import platform
import struct

# The kernel's names for machines, and its numbers of the calls on each:
# name: (x86-64, ARM64). What a machine lacks has None.
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
FORBIDDEN = {
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # Memory that outlives its process, or that no limit of a process counts.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # Namespaces and mounts.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_tree_attr": (467, 467),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # Large and seldom used parts of the kernel.
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "fanotify_init": (300, 262),
    "modify_ldt": (154, None),
    "personality": (135, 92),
    # The whole machine.
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "iopl": (172, None),
    "ioperm": (173, None),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "sync": (162, 81),
    "syncfs": (306, 267),
    "io_setup": (206, 0),
    "acct": (163, 89),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
}
CLONE, CLONE3, SOCKET, SETSOCKOPT = (56, 220), 435, (41, 198), (54, 208)
# Any of a clone's flags that make a namespace.
NEW_NAMESPACES = 0x7E020000
# Unix, IPv4, IPv6, netlink (which only reads here). Others, such as vsock, would pass
# by the network namespace.
FAMILIES = (1, 2, 10, 16)

# Who is handed a socket that lingers waits when it closes it, also one who never asked
# for it: the judge, where it comes along with an answer.
SOL_SOCKET, SO_LINGER = 1, 13

LOAD, EQUAL, AT_LEAST, ANY_OF, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS = 0x00050001, 0x00050026
# Places in what the kernel shows the program.
NUMBER, MACHINE, ARGUMENT, SECOND, THIRD = 0, 4, 16, 24, 32
OTHER_ABI = 0x40000000  # x32: the same calls again under other numbers


def program(machine: str | None = None) -> bytes | None:
    """Return the program for a machine (this one), None for a kind not known here."""
    machine = machine or platform.machine()
    if machine not in ARCHITECTURES:
        return None
    at = [*ARCHITECTURES].index(machine)
    steps = [
        *[step(LOAD, MACHINE), step(EQUAL, ARCHITECTURES[machine], 1, 0)],
        *[step(RETURN, KILL), step(LOAD, NUMBER)],
        *[step(AT_LEAST, OTHER_ABI, 0, 1), step(RETURN, EPERM)],
        # glibc takes the old clone then, whose flags can be looked at.
        *[step(EQUAL, CLONE3, 0, 1), step(RETURN, ENOSYS)],
    ]
    for numbers in FORBIDDEN.values():
        if numbers[at] is not None:
            steps += [step(EQUAL, numbers[at], 0, 1), step(RETURN, EPERM)]
    steps += [step(EQUAL, CLONE[at], 0, 4), step(LOAD, ARGUMENT)]
    steps += [step(ANY_OF, NEW_NAMESPACES, 0, 1), step(RETURN, EPERM)]
    steps += [step(RETURN, ALLOW)]
    steps += [step(EQUAL, SETSOCKOPT[at], 0, 6), step(LOAD, SECOND)]
    steps += [step(EQUAL, SOL_SOCKET, 0, 3), step(LOAD, THIRD)]
    steps += [step(EQUAL, SO_LINGER, 0, 1), step(RETURN, EPERM), step(RETURN, ALLOW)]
    steps += [step(EQUAL, SOCKET[at], 1, 0), step(RETURN, ALLOW), step(LOAD, ARGUMENT)]
    for family in FAMILIES:
        steps += [step(EQUAL, family, 0, 1), step(RETURN, ALLOW)]
    return b"".join([*steps, step(RETURN, EPERM)])


def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    """Return one instruction: what it does, with what, and how many it then skips."""
    return struct.pack("=HBBI", code, yes, no, value)

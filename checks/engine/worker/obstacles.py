"""Why no cage can be built here, and what to do about it."""

import os
import re
from pathlib import Path

APPARMOR = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns"
SWITCH = "/proc/sys/kernel/unprivileged_userns_clone"
MOST = "/proc/sys/user/max_user_namespaces"
# What bwrap says of a namespace that it may not make, and of what it may not do in it.
NAMESPACES = re.compile(
    r"uid map|gid map|new namespace|CLONE_NEWUSER|No permissions|user namespace", re.I
)
MOUNTS = re.compile(r"mount|/ slave|pivot|loopback|RTM_NEWADDR", re.I)
MOST_SAID = 300


class NoCage(Exception):
    """No cage can be built here: reason says why, repair what a person can do."""

    def __init__(self, reason: str, repair: str):
        self.reason, self.repair = reason, repair
        super().__init__(f"{reason}: {repair}")


def explain(said: str, root: Path = Path("/")) -> NoCage:
    """Return why bwrap has failed, from what it said and what the kernel tells.

    root is where the kernel's files are.
    """
    line = said.strip()[-MOST_SAID:] or "it ended without a word"
    barred = NAMESPACES.search(line) is not None
    if barred and (told(root, SWITCH) == "0" or told(root, MOST) == "0"):
        name = SWITCH if told(root, SWITCH) == "0" else MOST
        key = name.removeprefix("/proc/sys/").replace("/", ".")
        value = 1 if name == SWITCH else 10000
        return NoCage(
            f"the kernel forbids user namespaces here ({line})",
            f"`sudo sysctl -w {key}={value}`",
        )
    if in_container(root) and (barred or MOUNTS.search(line)):
        return NoCage(
            f"the container around this forbids namespaces or mounts ({line})",
            "start it with `--security-opt seccomp=unconfined --security-opt "
            "apparmor=unconfined --security-opt systempaths=unconfined`, or grade "
            "outside of it",
        )
    if (barred or MOUNTS.search(line)) and told(root, APPARMOR) == "1":
        return NoCage(
            f"AppArmor forbids user namespaces here, as Ubuntu sets it up ({line})",
            "`sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or give "
            "bwrap a profile that has `userns,`",
        )
    if barred or MOUNTS.search(line):
        return NoCage(
            f"the kernel, or a rule around this process, forbids namespaces ({line})",
            "grade on a Linux machine where `unshare --user true` works",
        )
    return NoCage(f"a cage does not start here ({line})", "please report this")


def told(root: Path, file: str) -> str:
    """Return what a file of the kernel's says, nothing where it is not there."""
    try:
        return (root / file.lstrip("/")).read_text().strip()
    except OSError:
        return ""


def in_container(root: Path) -> bool:
    """Does this process stand in a container, or behind a filter of system calls?"""
    signs = (".dockerenv", "run/.containerenv")
    filtered = re.search(r"^Seccomp:\s*2$", told(root, "/proc/self/status"), re.M)
    return bool(filtered) or any(os.path.exists(root / sign) for sign in signs)

"""What `pytest --nbval notebooks` needs: kernels that see the pristine starters."""

import os
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from jupyter_client.manager import KernelManager

from checks.engine.notebooks import environment

# What a reader tries in copies of the notebooks proves nothing.
collect_ignore = ["my"]
KERNELS = pytest.StashKey[dict[str, str]]()
# How long the path of a socket may be on every system.
LONGEST = 103


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Let the kernel see our environment; it starts with the first cell's set-up."""
    stash = item.config.stash
    if KERNELS not in stash:
        scratch = TemporaryDirectory()
        item.config.add_cleanup(scratch.cleanup)
        stash[KERNELS] = environment(Path(scratch.name))
        talk_by_files(f"{scratch.name}/kernel")
    with patch.dict(os.environ, stash[KERNELS]):
        return (yield)


def talk_by_files(sockets: str) -> None:
    """Have kernels talk over sockets in a folder, not over ports.

    A kernel is told free ports and takes them a second later. Where much else runs,
    another program has taken one by then, and the kernel dies.

    Args:
        sockets: the path that the names of all sockets begin with. Where it is too
            long for a socket, kernels talk over ports.
    """
    from nbval import kernel

    if len(f"{sockets}-0000") <= LONGEST:
        files = {"transport": "ipc", "ip": sockets}
        kernel.KernelManager = partial(KernelManager, **files)

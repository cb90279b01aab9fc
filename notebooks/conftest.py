"""What `pytest --nbval notebooks` needs: kernels that see the pristine starters."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest

from checks.engine.notebooks import environment

# What a reader tries in copies of the notebooks proves nothing.
collect_ignore = ["my"]
KERNELS = pytest.StashKey[dict[str, str]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    """Let the kernel see our environment; it starts with the first cell's set-up."""
    stash = item.config.stash
    if KERNELS not in stash:
        scratch = TemporaryDirectory()
        item.config.add_cleanup(scratch.cleanup)
        stash[KERNELS] = environment(Path(scratch.name))
    with patch.dict(os.environ, stash[KERNELS]):
        return (yield)

"""Programs of the system's, found where they usually are."""

import os
import shutil

# Where nginx often is, and an ordinary user's PATH does not lead.
MORE = ":/usr/sbin:/usr/local/sbin:/opt/homebrew/bin"


def program(name: str) -> str:
    """Return the path of a program.

    Raises FileNotFoundError where it is not installed.
    """
    found = shutil.which(name, path=os.environ.get("PATH", "") + MORE)
    if found is None:
        raise FileNotFoundError(name)
    return found

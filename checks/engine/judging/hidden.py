"""Checks that learners do not have: the fixtures of checks/, for files elsewhere."""

import importlib.util
from types import ModuleType

from checks.engine.lessons import TOP

CONFTEST = TOP / "checks" / "conftest.py"


def fixtures() -> ModuleType:
    """Return a plugin that has the fixtures of checks/conftest.py for every check.

    pytest itself offers them to the checks beside that file alone.
    """
    spec = importlib.util.spec_from_file_location("checks_for_hidden", CONFTEST)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

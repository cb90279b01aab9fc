"""What `pytest --nbval notebooks` needs: kernels that see the pristine starters."""

from contextlib import ExitStack

from checks.engine.notebooks import kernels


def pytest_configure(config):
    stack = ExitStack()
    stack.enter_context(kernels())
    config.add_cleanup(stack.close)

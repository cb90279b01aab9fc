"""A learner's code of one lesson: its files, and its app, imported once for all checks."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from checks.engine.worker.process import AppError, Lost, Process, Worker

if TYPE_CHECKING:
    from checks.engine.judging.suite import Suite


class Code:
    """The files of one save, and the processes that are made of them.

    files are the learner's, path to content.
    """

    def __init__(self, worker: Worker, files: Mapping[str, bytes]):
        self.worker, self.files = worker, files
        self.suite: Suite | None = None  # made at the first need, kept for all checks
        self._own: Import | None = None
        self._other: Import | None = None
        self._replaced: dict[str, bytes] = {}

    def process(
        self, env: Mapping | None = None, files: Mapping | None = None
    ) -> Process:
        """Return a new process with these files, some of them replaced."""
        return self.worker.fork({**self.files, **(files or {})}, env)

    def app(self, files: Mapping[str, bytes] | None = None) -> Process:
        """Return a process with the app in it, as if it were the only one.

        Every check gets a fork of one import. With some files replaced there is another
        import, kept until other files are asked for: the cases of one check often ask
        for the same. Raises what the import raises.
        """
        if files:
            return self._with(dict(files)).app()
        if self._own is None:
            self._own = Import(self.process)
        return self._own.app()

    def _with(self, files: dict[str, bytes]) -> "Import":
        if self._other is not None and self._replaced != files:
            self._other.close()
            self._other = None
        if self._other is None:
            self._replaced = files
            self._other = Import(lambda: self.process(files=files))
        return self._other

    def close(self) -> None:
        """End the processes that the forks come from."""
        for known in (self._own, self._other):
            if known is not None:
                known.close()


class Import:
    """One import of the app, and the processes that go on from there.

    start gives a process with the files. Where a fork would share more than memory
    (the app has written files, holds some open, or runs threads), each gets an import
    of its own.
    """

    def __init__(self, start: Callable[[], Process]):
        self._start = start
        self._error: Exception | None = None
        self._loaded: Process | None = start()
        try:
            self._loaded.load()
        except (AppError, Lost) as error:
            self._error = error
            self.close()

    def app(self) -> Process:
        """Return a process with the app in it. Raises what the import raises."""
        if self._error is not None:
            raise self._error.with_traceback(None)
        if self._loaded is not None:
            try:
                return self._loaded.fork(ahead=True)
            except (AppError, Lost):
                self.close()
        return self._start().load()

    def close(self) -> None:
        """End the process that the forks come from."""
        loaded, self._loaded = self._loaded, None
        if loaded is not None:
            loaded.close()

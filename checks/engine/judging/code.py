"""A learner's code of one lesson: its files, and its app, imported once for all checks."""

from collections.abc import Mapping

from checks.engine.worker.process import AppError, Lost, Process, Worker


class Code:
    """The files of one save, and the processes that are made of them.

    files are the learner's, path to content.
    """

    def __init__(self, worker: Worker, files: Mapping[str, bytes]):
        self.worker, self.files = worker, files
        self._known = False
        self._loaded: Process | None = None
        self._error: Exception | None = None

    def process(
        self, env: Mapping | None = None, files: Mapping | None = None
    ) -> Process:
        """Return a new process with these files, some of them replaced."""
        return self.worker.fork({**self.files, **(files or {})}, env)

    def app(self) -> Process:
        """Return a process with the app in it, as if it were the only one.

        Every check gets a fork of one import. Where a fork would share more than
        memory (the app has written files, holds some open, or runs threads), each gets
        an import of its own. Raises what the import raises.
        """
        if not self._known:
            self._known = True
            self._import()
        if self._error is not None:
            raise self._error.with_traceback(None)
        if self._loaded is not None:
            try:
                return self._loaded.fork(ahead=True)
            except (AppError, Lost):
                self._forget()
        return self.process().load()

    def _import(self) -> None:
        self._loaded = self.process()
        try:
            self._loaded.load()
        except (AppError, Lost) as error:
            self._error = error
            self._forget()

    def _forget(self) -> None:
        loaded, self._loaded = self._loaded, None
        loaded.close()

    def close(self) -> None:
        """End the process that the forks come from."""
        if self._loaded is not None:
            self._forget()

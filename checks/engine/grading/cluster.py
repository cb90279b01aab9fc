"""A class on several machines: its submissions go to the workers of a dask cluster.

A worker judges as a process here does, in a cage that its own machine builds. Each has a
copy of this workbook, and refuses to judge by another one than the machine that asks.
"""

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace

from checks.engine.grading import keys
from checks.engine.grading.graded import Part, Setting, graded
from checks.engine.grading.jobs import Desk
from checks.engine.lessons import Lesson, WorkbookError, shown

SECONDS = 20  # until a scheduler counts as not there
one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Wanted:
    """What a worker has to judge by: versions of all kinds, and the hash of each check."""

    machine: tuple[tuple[str, str], ...]
    checks: tuple[tuple[str, str], ...]

    @classmethod
    def by(cls, machine: Mapping[str, str], checks: Mapping[str, str]) -> "Wanted":
        """Return what a desk on this machine judges by."""
        return cls(tuple(sorted(machine.items())), tuple(sorted(checks.items())))


class Cluster:
    """The workers behind one scheduler's address, as in ``tcp://host:8786``.

    Raises WorkbookError where dask is not installed, or nobody is there.
    """

    def __init__(self, address: str):
        try:
            from distributed import Client
        except ImportError as error:
            raise WorkbookError(
                "CLUSTER needs dask: `pip install -c checks/constraints.txt distributed`."
            ) from error
        try:
            self.client = Client(address, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise WorkbookError(
                f"No scheduler answers at {address}. `dask scheduler` starts one; "
                "CLUSTER is its address, as in tcp://host:8786."
            ) from error
        self.count = sum(self.client.nthreads().values())
        if not self.count:
            self.close()
            raise WorkbookError(f"The scheduler at {address} has no worker yet.")

    @contextlib.contextmanager
    def processes(self, count: int) -> Iterator[Executor]:
        """Lend an executor whose work the workers do; what a lost one did, another does."""
        executor = self.client.get_executor(pure=False)
        try:
            yield executor
            executor.shutdown()
        except BaseException:
            executor.shutdown(wait=False)
            raise

    def close(self) -> None:
        """Leave the cluster; its workers go on."""
        self.client.close()


def work_for(desk: Desk) -> Callable[[Setting, tuple[Part, ...]], list[dict]]:
    """Return what a worker does instead of graded: the same, if it is one of us."""
    return functools.partial(there, Wanted.by(desk.machine, desk.checks))


# On a worker.


def there(wanted: Wanted, setting: Setting, parts: tuple[Part, ...]) -> list[dict]:
    """Judge the parts of one submission on this machine; return plain verdicts.

    Raises WorkbookError where this machine would judge otherwise than is wanted.
    """
    with one_at_a_time:  # also where a worker was given several threads
        mine = prepared(wanted, setting)
        return graded(mine, parts)


@functools.cache
def prepared(wanted: Wanted, setting: Setting) -> Setting:
    """Return the setting with a cage of this machine's, after comparing all versions."""
    from checks.engine.worker import cage

    caged = setting.cage is not None
    hidden = {
        n: [f for f in setting.hidden if f.name == f"test_{n}.py"]
        for n, _ in wanted.checks
    }
    mine = Wanted.by(
        keys.environment(caged),
        {name: keys.of_checks(Lesson(name), hidden[name]) for name, _ in wanted.checks},
    )
    if mine.machine != wanted.machine:
        other = {*wanted.machine} - {*mine.machine}
        told = ", ".join(f"{name} {value}" for name, value in sorted(other))
        raise WorkbookError(f"A worker differs from this machine, which has {told}.")
    if mine.checks != wanted.checks:
        places = ", ".join(shown(file) for file in setting.hidden) or "checks/"
        raise WorkbookError(f"A worker has other checks; they lie in {places}.")
    if not caged:
        return setting
    try:
        return replace(setting, cage=cage.find())
    except cage.NoCage as error:
        raise WorkbookError(f"A worker cannot build a cage: {error}") from error

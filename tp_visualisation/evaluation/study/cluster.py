"""Run the jobs of a benchmark on a Dask cluster: workers on this machine, or any scheduler's.

A job is small to send (a path and two names) and slow to run; the network stays on the worker, which loads it for its
first job. When a worker is lost, Dask runs its jobs again elsewhere.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from threading import Lock

from tp_visualisation.checks import check_integer

_CONNECT_SECONDS = 10
_IN_FLIGHT = 1000  # jobs that the scheduler knows of at a time: enough to keep workers busy and let a cluster grow

_judges: dict[str, Callable] = {}  # of this worker: the one that it has made
_lock = Lock()


class WorkersLost(OSError, RuntimeError):
    """Maps are missing, since the workers that began them died: the machines' fault, as when no scheduler answers."""


def check_dask(scheduler: str | None, n_workers: int | None) -> None:
    """Raise a ValueError if both are given, or a number of workers less than 1, or Dask is not installed."""
    if scheduler is not None and n_workers is not None:
        raise ValueError("give the address of a scheduler or a number of workers, not both.")
    if n_workers is not None:
        check_integer("[1, inf)", n_workers=n_workers)
    try:
        import distributed  # noqa: F401
    except ImportError:
        raise ValueError('Dask is not installed: pip install "tp_visualisation[benchmark]".') from None


@contextmanager
def connected(scheduler: str | None = None, n_workers: int | None = None) -> Iterator:
    """Yield a `distributed.Client` of the scheduler at an address, or of so many new processes on this machine.

    Raises:
        OSError: no scheduler answers, or the processes do not start.
    """
    from distributed import Client, LocalCluster

    if scheduler is not None:
        try:
            client = Client(scheduler, timeout=_CONNECT_SECONDS)
        except (OSError, ValueError, TimeoutError) as error:
            raise OSError(f'no Dask scheduler answers at "{scheduler}": {error}') from error
        with client:
            yield client
        return
    # TensorFlow keeps its own number of threads, that of a serial run: another one rounds otherwise
    try:
        local = LocalCluster(n_workers=n_workers, threads_per_worker=1, memory_limit=0, dashboard_address="127.0.0.1:0")
    except RuntimeError as error:
        raise OSError(f"Dask's processes could not be started on this machine: {error}") from error
    with local, Client(local) as client:
        yield client


def run_on(client, make_judge: Callable, jobs: Iterable) -> Iterator[list]:
    """Yield the rows of each job as jobs finish, in any order.

    Args:
        client: `distributed.Client`.
        make_judge: picklable function without arguments; its result, called with a job, gives the rows. Called
            once in each worker.
        jobs: picklable.

    Raises:
        WorkersLost: at the end, if workers died again and again while they ran a job.
    """
    from distributed import as_completed
    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker

    key, waiting, running, lost = os.urandom(8).hex(), iter(jobs), {}, []

    def submit(number):
        new = {client.submit(_run, key, make_judge, job, pure=False): job for job in islice(waiting, number)}
        running.update(new)
        return list(new)

    finished = as_completed(submit(_IN_FLIGHT))
    for future in finished:
        job = running.pop(future)
        try:
            yield future.result()
        except (KilledWorker, FutureCancelledError):
            lost.append(job)
        for new in submit(1):
            finished.add(new)
    if lost:
        raise WorkersLost(
            f"{len(lost)} maps are missing, as every worker that began one of them died (of too little memory?), "
            f"for instance {lost[0]}. What is done is kept: start again to try once more."
        )


def _run(key, make_judge, job):
    """What a worker does: one job at a time, however many threads it has."""
    with _lock:
        if key not in _judges:
            _judges.clear()
            _judges[key] = make_judge()
        return _judges[key](job)

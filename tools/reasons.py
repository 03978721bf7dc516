"""Why a submission cannot be graded, in one line."""

import logging
from contextlib import contextmanager

from nbgrader.converters.base import NbGraderException

LOG = logging.getLogger("traitlets")  # nbgrader's


class Unusable(Exception):
    """A submission that cannot be graded, and why."""


def line(error):
    """Return the first words of an error, on one line."""
    return (" ".join(str(error).split()) or type(error).__name__)[:160]


@contextmanager
def reasons_from_the_log():
    """Raise nbgrader's errors, which only tell where to look, as `Unusable` with the reason that its log has."""
    tracebacks = _Tracebacks()
    LOG.addHandler(tracebacks)
    try:
        yield
    except NbGraderException as error:
        reason = tracebacks.last_line.removeprefix(f"{Unusable.__module__}.{Unusable.__name__}: ")
        raise Unusable(reason or type(error).__name__) from error
    finally:
        LOG.removeHandler(tracebacks)


class _Tracebacks(logging.Handler):
    """Keeps the last line of the last traceback that is logged."""

    last_line = ""

    def emit(self, record):
        if "Traceback" in record.getMessage():
            self.last_line = record.getMessage().strip().splitlines()[-1]

"""TensorFlow and the process that it runs in: what it writes past Python's `sys.stderr`, and what a fork does to it.

Once it has computed, or OpenVINO has, a forked process waits for ever for threads that only its parent has.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_forked_too_late = _openvino_computes = False
_silence = threading.RLock()  # two threads that put stderr aside would lose it


@contextmanager
def silent_stderr() -> Iterator[None]:
    """Send nowhere, inside the `with`, what is written to the process' stderr, by whatever language."""
    with _silence:
        try:
            kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
        except OSError:  # a process without stderr
            yield
            return
        if sys.stderr is not None:
            sys.stderr.flush()
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            os.close(nowhere)


def check_not_forked() -> None:
    """Raise a RuntimeError in a process that was forked after a network had begun to compute: it would hang.

    Raises:
        RuntimeError: the sentence that names the way out.
    """
    if _forked_too_late:
        raise RuntimeError(
            "this process was forked after TensorFlow or OpenVINO had begun to compute, and would wait for ever: start "
            'it with multiprocessing.get_context("spawn"), or fork before the first network is loaded.'
        )


def openvino_computes() -> None:
    """Take note that OpenVINO has threads now, which a forked process will not have."""
    global _openvino_computes
    _openvino_computes = True


def _notice():
    global _forked_too_late
    context = getattr(sys.modules.get("tensorflow.python.eager.context"), "_context", None)
    computes = _openvino_computes or getattr(context, "_initialized", False)
    _forked_too_late = _forked_too_late or bool(computes)


if hasattr(os, "register_at_fork"):  # not on Windows, which never forks
    os.register_at_fork(after_in_child=_notice)

"""TensorFlow and `fork`: once it has computed, a forked process waits for ever for threads that only its parent has."""

import os
import sys

_forked_too_late = False


def check_not_forked() -> None:
    """Raise a RuntimeError in a process that was forked after TensorFlow had begun to compute: it would hang.

    Raises:
        RuntimeError: the sentence that names the way out.
    """
    if _forked_too_late:
        raise RuntimeError(
            "this process was forked after TensorFlow had begun to compute, and would wait for ever: start it with "
            'multiprocessing.get_context("spawn"), or fork before the first network is loaded.'
        )


def _notice():
    global _forked_too_late
    context = getattr(sys.modules.get("tensorflow.python.eager.context"), "_context", None)
    _forked_too_late = _forked_too_late or bool(getattr(context, "_initialized", False))


if hasattr(os, "register_at_fork"):  # not on Windows, which never forks
    os.register_at_fork(after_in_child=_notice)

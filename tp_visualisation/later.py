"""TensorFlow and Keras, and what is built on them, imported when something of them is first asked for.

That takes two seconds, and a network whose conversion was kept needs none of them: see `kept`.
"""

import gc
import importlib
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import Any

from tp_visualisation.checks import check_backend
from tp_visualisation.processes import silent_stderr


class _Later:
    """A module that is imported when something of it is asked for."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        start_tensorflow()
        return getattr(importlib.import_module(self._name), attribute)


tf: Any = _Later("tensorflow")
keras: Any = _Later("keras")
engines: Any = _Later("tp_visualisation.engines")


def start_tensorflow() -> None:
    """Import TensorFlow without the log lines that it writes past Python's stderr, unless they were asked for.

    Raises:
        ValueError: Keras was told to run on something else.
    """
    check_backend()
    if "tensorflow" in sys.modules or os.environ.get("TF_CPP_MIN_LOG_LEVEL") == "0":
        return
    collects = gc.isenabled()
    gc.disable()  # what an import makes stays, and to look for garbage in it takes half a second
    try:
        with _ctrl_c_put_off(), silent_stderr():  # TensorFlow may abort when its import is cut short
            import tensorflow

            tensorflow.constant(0)
    finally:
        if collects:
            gc.enable()


@contextmanager
def _ctrl_c_put_off():
    """What Ctrl-C does, it does at the end of the `with`."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list = []
    usual = signal.signal(signal.SIGINT, lambda *received: asked.append(received))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if asked:
        signal.raise_signal(signal.SIGINT)

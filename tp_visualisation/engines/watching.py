"""See what the layers of a model do while this thread calls it, without touching the model.

Keras calls every layer through `keras.Operation.__call__`. That method is wrapped once, when this file is imported:
in a thread that watches nothing it does what it always does; inside `with watching(...)` it lets the watcher of this
thread stand between Keras and the layer. Other threads, and the model itself, never see anything of it.
"""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keras

_thread = threading.local()
_plain_call = keras.Operation.__call__


@contextmanager
def watching(watcher: Callable) -> Iterator[None]:
    """Inside the `with`, in this thread, each layer's call is `watcher(layer, call, args, kwargs)`.

    `call(*args, **kwargs)` gives the layer's own output. Watchers may be nested: the inner one sees what the outer one
    makes of the call.
    """
    outer = getattr(_thread, "watchers", ())
    _thread.watchers = (*outer, watcher)
    try:
        yield
    finally:
        _thread.watchers = outer


def is_watched() -> bool:
    """Return whether something watches the layers that this thread calls."""
    return bool(getattr(_thread, "watchers", ()))


@functools.wraps(_plain_call)
def _watched_call(operation, *args, **kwargs):
    call = functools.partial(_plain_call, operation)
    for watcher in getattr(_thread, "watchers", ()):
        call = functools.partial(_through, watcher, operation, call)
    return call(*args, **kwargs)


def _through(watcher, operation, call, *args, **kwargs):
    return watcher(operation, call, args, kwargs)


keras.Operation.__call__ = _watched_call

"""A model's weights in a few bytes: have they changed, and whose are they?"""

import hashlib
import math
import threading
import zlib
from functools import cached_property, partial

import numpy as np
import tensorflow as tf

from tp_visualisation.processes import check_not_forked


def weights_digest(model) -> str:
    """Return a digest of a model's weights: the same for the same network, anywhere."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()[:16]


UNTRACED = 3  # calls: a traced function is three times as fast, and to trace it takes as long as thirty calls


class WeightsWatch:
    """Notice when the weights of a model change, by a few bytes for each of them."""

    def __init__(self, model):
        self.__setstate__(model)

    def __getstate__(self):  # what is compiled, and the lock, cannot be copied or pickled
        return self.model

    def __setstate__(self, model):
        self.model, self._n_calls, self._lock = model, 0, threading.Lock()
        self._seen = _checksums(model)

    def if_changed(self, *acts) -> None:
        """Call `acts` when the weights are others than at the last call, or when the watch was made."""
        check_not_forked()
        with self._lock:
            self._n_calls += 1
            read = _checksums(self.model) if self._n_calls <= UNTRACED + 1 else self._traced()
            if read != self._seen:
                for act in acts:
                    act()
            self._seen = self._traced() if self._n_calls == UNTRACED + 1 else read

    def _traced(self):
        return self._function().numpy().tobytes()

    @cached_property
    def _function(self):
        return tf.function(partial(_fingerprints, self.model), autograph=False).get_concrete_function()


def _checksums(model):
    """A checksum of each weight."""
    weights = (np.asarray(tf.convert_to_tensor(weight)) for weight in model.weights)  # not copied
    return [zlib.crc32(weight.reshape(-1).view(np.uint8)) for weight in weights if weight.size]


def _fingerprints(model):
    """The fingerprints of the rows of each weight, uint8 (n, 8): by the operation itself, in two thirds of the time."""
    weights = [tf.convert_to_tensor(weight) for weight in model.weights if math.prod(weight.shape)] or [tf.zeros(1)]
    rows = [weight if weight.shape.rank else tf.reshape(weight, [1]) for weight in weights]
    return tf.concat([tf.raw_ops.Fingerprint(data=row, method="farmhash64") for row in rows], axis=0)

"""A model's weights in a few bytes: have they changed, and whose are they?"""

import hashlib
import math
import threading
from collections import defaultdict
from functools import partial

import numpy as np
import tensorflow as tf

from tp_visualisation.processes import check_not_forked


def weights_digest(model) -> str:
    """Return a digest of a model's weights: the same for the same network, anywhere."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()[:16]


UNTRACED = 3  # calls: a traced function is three to five times as fast, and to trace it takes as long as some 25 calls


class WeightsWatch:
    """Notice when the weights of a model change, or others take their place, by a few bytes for each of them."""

    def __init__(self, model):
        self.__setstate__(model)

    def __getstate__(self):  # what is compiled, and the lock, cannot be copied or pickled
        return self.model

    def __setstate__(self, model):
        self.model, self._n_calls, self._lock = model, 0, threading.Lock()
        self._weights, self._traced = model.weights, None
        self._seen = self._read()

    def if_changed(self, *acts) -> None:
        """Call `acts` when the weights are others than at the last call, or when the watch was made."""
        check_not_forked()
        with self._lock:
            self._n_calls += 1
            read = self._read()
            if read != self._seen:
                for act in acts:
                    act()
            self._seen = read

    def _read(self):
        weights = self.model.weights
        if [*map(id, weights)] != [*map(id, self._weights)]:  # as after `quantize` or `enable_lora`
            self._weights, self._traced = weights, None
        if self._n_calls > UNTRACED and self._traced is None:
            function = tf.function(partial(_fingerprints, weights), autograph=False)
            self._traced = function.get_concrete_function()
        fingerprints = self._traced() if self._traced else _fingerprints(weights)
        return fingerprints.numpy().tobytes()


def _fingerprints(weights):
    """Fingerprints, uint8 (n, 8): of the rows of each matrix, and of all vectors and numbers of a type together."""
    rows, vectors = [], defaultdict(list)
    for weight in weights:
        if math.prod(weight.shape):
            tensor = tf.convert_to_tensor(weight)
            if tensor.shape.rank < 2:
                vectors[tensor.dtype].append(tensor if tensor.shape.rank else tensor[None])
            else:
                rows.append(tensor)
    rows += [tf.concat(several, axis=0)[None] for several in vectors.values()]
    # by the operation itself: `tf.fingerprint` takes half as long again
    return tf.concat([tf.raw_ops.Fingerprint(data=row, method="farmhash64") for row in rows or [tf.zeros(1)]], axis=0)

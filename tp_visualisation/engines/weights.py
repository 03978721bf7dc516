"""A model's weights in a few bytes: have they changed, and whose are they?"""

import hashlib

import numpy as np
import tensorflow as tf


def weights_digest(model) -> str:
    """Return a digest of a model's weights: the same for the same network, anywhere."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()[:16]


def fingerprint_function(model):
    """Return a compiled function that gives 8 bytes for each weight, different as soon as the weight is."""

    def fingerprints():
        weights = [weight.value for weight in model.weights if weight.shape.num_elements()] or [tf.zeros(1)]
        return tf.concat([tf.fingerprint(tf.reshape(weight, [1, -1])) for weight in weights], axis=0)

    return tf.function(fingerprints, autograph=False).get_concrete_function()

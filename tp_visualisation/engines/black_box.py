"""A function from images to probabilities in the place of a Keras model: a network outside Keras, a service, anything.

Nothing is known of its inside. TensorFlow calls it in the middle of a step, so that every method runs that only asks
for probabilities.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tp_visualisation.checks import WrongKind
from tp_visualisation.names import first_line


class BlackBox(keras.Model):
    """A model that asks a function for its outputs.

    Args:
        function: function from float32 inputs (N, h, w, C) to N rows of K numbers, or N numbers.

    Attributes:
        failure: the error of the function's last call in a step; None if it went well.
    """

    def __init__(self, function: Callable) -> None:
        super().__init__(name=getattr(function, "__name__", type(function).__name__).strip("<>") or "function")
        self.function, self.failure, self._n_outputs = function, None, None

    def ask(self, inputs: np.ndarray) -> np.ndarray:
        """Return the outputs (N, K) of the function itself.

        Raises:
            ValueError: they are no finite numbers, or not one row for each of the inputs.
        """
        try:
            outputs = np.asarray(self.function(inputs), np.float32)
        except Exception as error:
            raise ValueError(f"function failed on inputs {inputs.shape}: {first_line(error)}") from error
        outputs = outputs[:, None] if outputs.ndim == 1 else outputs
        wanted = len(inputs), self._n_outputs or outputs.shape[-1]
        if outputs.shape != wanted or not np.isfinite(outputs).all():
            raise ValueError(
                f"function must give {wanted[0]} rows of {wanted[1] if self._n_outputs else 'K'} finite numbers for "
                f"inputs {inputs.shape}, got an array of shape {outputs.shape}."
            )
        return outputs

    def build(self, input_shape) -> None:
        """Ask the function once, to know how many outputs it has."""
        self._n_outputs = self.ask(np.zeros((2, *input_shape[1:]), np.float32)).shape[-1]

    def call(self, inputs, training=False):
        """The function's outputs (N, K), asked for when the step runs."""

        def ask(values):
            self.failure = None
            try:
                return self.ask(values)
            except ValueError as error:
                self.failure = error
                raise

        outputs = tf.numpy_function(ask, [inputs], tf.float32)
        return tf.ensure_shape(outputs, (None, self._n_outputs))


def check_model(model, function: Callable | None = None) -> keras.Model:
    """Return the Keras model that is given, or the `BlackBox` of a function.

    Raises:
        ValueError: neither or both are given, something else than a Keras model, or Keras on another backend.
    """
    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            f'Keras runs on "{keras.backend.backend()}" here, and gradients are taken with TensorFlow: '
            'set the environment variable KERAS_BACKEND to "tensorflow" before Python starts.'
        )
    if function is not None:
        if model is not None or not callable(function):
            raise WrongKind(f"a model is expected, or a function as black box: got {model!r:.80}, {function!r:.80}.")
        return BlackBox(function)
    if not isinstance(model, keras.Model):
        kind = f"{type(model).__module__}.{type(model).__name__}"
        raise ValueError(
            f"model must be a keras.Model (Keras 3), got {kind}. A network of another kind can be explained as a black "
            "box: Classifier(function=...), a function from inputs to probabilities."
        )
    return model

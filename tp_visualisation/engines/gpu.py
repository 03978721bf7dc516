"""The GPU, where there is one: how many images its memory holds in one pass, and products to all their digits."""

import threading
from functools import cache

import tensorflow as tf

from tp_visualisation.engines.black_box import BlackBox
from tp_visualisation.engines.network import Network
from tp_visualisation.engines.tracing import operations_before

LARGEST_BATCH = 256  # images in a pass: with more of them a large GPU is no faster
SHARE = 0.5  # of its memory, for the images of one pass; the rest is for the weights, and for others


def gpus() -> list:
    """Return the GPUs that TensorFlow may use."""
    return tf.config.get_visible_devices("GPU")


def images_at_once(network: Network) -> int | None:
    """Return how many images the memory of the GPU holds in one pass; None where that is not known.

    Nor is it of a black box, which computes wherever it likes.
    """
    if isinstance(network.model, BlackBox):
        return None
    needed, there = _bytes_of_an_image(network), _memory()
    return max(1, min(LARGEST_BATCH, int(SHARE * there / needed))) if needed and there else None


@cache
def _memory():
    """The bytes that TensorFlow may take on the first GPU."""
    from tensorflow.python.client import device_lib

    return next((device.memory_limit for device in device_lib.list_local_devices() if device.device_type == "GPU"), 0)


class _InFloat32:
    """A `with` in which a GPU multiplies in float32, for all threads; the last one that leaves gives TF32 back.

    TensorFlow's default there is TF32, with ten binary digits: a deep network's gradient is then off by some percent.
    """

    def __init__(self):
        self._lock, self._n_inside, self._found = threading.Lock(), 0, False

    def __enter__(self):
        with self._lock:
            if self._n_inside == 0:
                self._found = tf.config.experimental.tensor_float_32_execution_enabled()
                tf.config.experimental.enable_tensor_float_32_execution(False)
            self._n_inside += 1

    def __exit__(self, *error):
        with self._lock:
            self._n_inside -= 1
            if self._n_inside == 0:
                tf.config.experimental.enable_tensor_float_32_execution(self._found)


in_float32 = _InFloat32()


def _bytes_of_an_image(network):
    """All that the network computes on the way from one image to its scores: what a gradient has to keep."""
    inputs = []

    def scores(x):
        inputs.append(x)
        return network.scores(x)

    try:
        graph = tf.function(scores, autograph=False).get_concrete_function(tf.TensorSpec((1, *network.input_shape)))
    except Exception:  # whatever it is, the step that asks for scores meets it too, and says it
        return None
    reached = operations_before(graph.outputs[0]) & _operations_after(inputs[0])
    return sum(_bytes(output) for operation in reached for output in operation.outputs)


def _operations_after(tensor):
    seen, waiting = set(), [tensor.op]
    while waiting:
        operation = waiting.pop()
        if operation not in seen:
            seen.add(operation)
            waiting += [after for output in operation.outputs for after in output.consumers()]
    return seen


def _bytes(tensor):
    return (tensor.shape.num_elements() or 0) * tensor.dtype.size

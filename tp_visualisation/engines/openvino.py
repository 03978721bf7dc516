"""OpenVINO: TensorFlow's frozen graphs converted, compared with TensorFlow on first use, and kept in a cache."""

import tempfile
import threading
import warnings
from functools import partial
from pathlib import Path

import numpy as np

from tp_visualisation.conversions import Conversion, folder_of, folder_of_step, kept_in
from tp_visualisation.engines.tensorflow import TensorFlowEngine, as_arrays, call, check_equal, freeze
from tp_visualisation.engines.weights import weights_digest
from tp_visualisation.names import first_line


class OpenVINOEngine(TensorFlowEngine):
    """The same graphs, converted to OpenVINO and compared with TensorFlow on first use. Forward passes only."""

    _on_gpu = False

    def __init__(self, network, precision="f32"):
        super().__init__(network)
        self._traced = network  # a conversion is kept under the graph and the weights
        self.name = "openvino" if precision == "f32" else f"openvino-{precision}"
        self.exact = precision == "f32"
        self.precision = precision
        self.description = f"{precision} on the CPU, compared with TensorFlow on first use"
        self.failure = None  # why TensorFlow runs instead, once it does
        self.identity = None  # of a network that is known without a look at its weights: see `conversions`

    def _compile(self, step, specs, options):
        function = self._trace(step, specs, options)
        return _Converted(self, step, options, function, partial(super()._compile_traced, function))

    def forget(self):
        self.identity = None
        super().forget()

    def give_up(self, error):
        """Say, once, that TensorFlow runs in OpenVINO's place."""
        if self.failure is None:
            self.failure = f"{type(error).__name__}: {first_line(error)[:200]}"
            warnings.warn(f"OpenVINO fails here ({self.failure}): TensorFlow runs instead, more slowly.", stacklevel=2)


class _Converted:
    """A traced function converted; TensorFlow's own as soon as OpenVINO fails, or computes something else.

    There is one conversion for each size (h, w) of the images in it, since OpenVINO does not notice at run time that a
    matrix has the wrong size.
    """

    def __init__(self, engine, step, options, function, compile_plain):
        self.engine, self.function, self._compile_plain = engine, function, compile_plain
        self._step, self._options = step, options
        self._by_size, self._plain, self._lock = {}, None, threading.RLock()

    def __call__(self, *arrays):
        if self._plain is not None:
            return self._plain(*arrays)
        try:
            sizes = tuple(array.shape[1:3] for array in arrays if array.ndim == 4)
            with self._lock:
                if sizes not in self._by_size:
                    self._by_size[sizes] = _for_one_size(self, sizes, arrays)
            return self._by_size[sizes](arrays)
        except Exception as error:  # whatever a converter can stumble on
            plain = self._compile_plain()
            results = plain(*arrays)  # what TensorFlow cannot do either is no failure of OpenVINO
            self.engine.give_up(error)
            self._plain = plain
            return results

    def folder(self, arrays):
        """Where the conversion of a known network is kept; None for another."""
        identity = self.engine.identity
        return identity and folder_of_step(identity, self._step, arrays, self._options, self.engine.precision)


def _for_one_size(converted, sizes, arrays):
    """The conversion for images of the sizes (h, w): from the cache, or compared with TensorFlow and put there."""
    function, precision = converted.function, converted.engine.precision
    folder = converted.folder(arrays) or _folder_of_graph(function, converted.engine.network.model, sizes, precision)
    kept = kept_in(folder, precision)
    if kept is not None:
        return kept
    names = [[tensor.name for tensor in tensors] for tensors in (function.inputs[: len(arrays)], function.outputs)]
    frozen = freeze(function, largest=None)
    expected = as_arrays(call(frozen, arrays))
    model = _converted(frozen.graph)
    images = [(name, array) for name, array in zip(names[0], arrays, strict=True) if array.ndim == 4]
    model.reshape({name: [-1, *array.shape[1:]] for name, array in images})
    for each in dict.fromkeys(("f32", precision)):  # is the conversion right, and are few digits enough for it?
        conversion = Conversion(model, names, each)
        check_equal(conversion(arrays), expected, each)
    conversion.save(folder)
    return conversion


def _folder_of_graph(function, model, sizes, precision):
    graph = function.graph.as_graph_def().SerializeToString(deterministic=True)
    return folder_of(precision, str(sizes), graph, weights_digest(model))


def try_conversion() -> None:
    """Convert and run a tiny graph, past the cache; raises whatever OpenVINO raises."""
    import openvino
    import tensorflow as tf

    function = tf.function(lambda x: tf.nn.relu(x) + 1, autograph=False)
    model = _converted(function.get_concrete_function(tf.TensorSpec([None, 2], tf.float32)).graph)
    (result,) = openvino.Core().compile_model(model, "CPU")(np.array([[-1, 2]], np.float32)).values()
    check_equal([np.array(result)], [np.array([[1, 3]], np.float32)], "f32")


def _converted(graph):
    """The OpenVINO model of a frozen TensorFlow graph: through a file, in a seventh of the time of `convert_model`."""
    import openvino

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "frozen.pb"
        path.write_bytes(graph.as_graph_def().SerializeToString())
        return openvino.Core().read_model(path)

"""OpenVINO: TensorFlow's frozen graphs converted, compared with TensorFlow on first use, and kept in a cache."""

import hashlib
import os
import shutil
import tempfile
import threading
import warnings
from functools import partial
from pathlib import Path

import numpy as np

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

    def _compile_traced(self, function):
        return _Converted(self, function, partial(super()._compile_traced, function))

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

    def __init__(self, engine, function, compile_plain):
        self.engine, self.function, self._compile_plain = engine, function, compile_plain
        self._by_size, self._plain, self._lock = {}, None, threading.RLock()

    def __call__(self, *arrays):
        if self._plain is not None:
            return self._plain(*arrays)
        try:
            sizes = tuple(array.shape[1:3] for array in arrays if array.ndim == 4)
            with self._lock:
                if sizes not in self._by_size:
                    self._by_size[sizes] = _ForOneSize(self, sizes, arrays)
            return self._by_size[sizes](arrays)
        except Exception as error:  # whatever a converter can stumble on
            plain = self._compile_plain()
            results = plain(*arrays)  # what TensorFlow cannot do either is no failure of OpenVINO
            self.engine.give_up(error)
            self._plain = plain
            return results


class _ForOneSize:
    """The conversion for images of the sizes (h, w): from the cache, or compared with TensorFlow and put there."""

    def __init__(self, converted, sizes, arrays):
        function, precision = converted.function, converted.engine.precision
        self._inputs = [tensor.name for tensor in function.inputs[: len(arrays)]]  # the others are the weights
        self._outputs = [tensor.name for tensor in function.outputs]
        folder = _cache_folder(function, converted.engine.network.model, sizes, precision)
        model = _read(folder)
        if model is not None:
            self._compile(model, precision)
            return
        frozen = freeze(function, largest=None)
        expected = as_arrays(call(frozen, arrays))
        model = _converted(frozen.graph)
        images = [(name, array) for name, array in zip(self._inputs, arrays, strict=True) if array.ndim == 4]
        model.reshape({name: [-1, *array.shape[1:]] for name, array in images})
        for each in dict.fromkeys(("f32", precision)):  # is the conversion right, and are few digits enough for it?
            self._compile(model, each)
            check_equal(self(arrays), expected, each)
        _save(model, folder)

    def _compile(self, model, precision):
        import openvino

        settings = {"INFERENCE_PRECISION_HINT": precision, "PERFORMANCE_HINT": "LATENCY"}
        self._compiled = openvino.Core().compile_model(model, "CPU", settings)
        self._own = threading.local()  # a request serves one thread at a time

    def __call__(self, arrays):
        if not hasattr(self._own, "request"):
            self._own.request = self._compiled.create_infer_request()
        results = self._own.request.infer(dict(zip(self._inputs, arrays, strict=True)))
        return [np.array(results[name]) for name in self._outputs]


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


# Conversions that were found right are kept in the user's cache folder


def _cache_folder(function, model, sizes, precision):
    """Where a conversion is kept: named after graph, weights, sizes, precision and OpenVINO's version."""
    import openvino
    import platformdirs

    key = hashlib.sha256(f"{openvino.__version__} {precision} {sizes}".encode())
    key.update(function.graph.as_graph_def().SerializeToString(deterministic=True))
    key.update(weights_digest(model).encode())
    return Path(platformdirs.user_cache_dir("tp_visualisation")) / "openvino" / key.hexdigest()[:32]


def _checksum(folder, name):
    """The digest of the conversion in `folder`, kept under `name`: one that is moved, cut or changed has another."""
    digest = hashlib.sha256(name.encode())
    for part in ("model.xml", "model.bin"):
        content = (folder / part).read_bytes()
        digest.update(f"{part} {len(content)} ".encode() + content)
    return digest.hexdigest()


def _read(folder):
    """The OpenVINO model kept in `folder`; None if there is none, or not the one that was put there."""
    import openvino

    try:
        if (folder / "sha256").read_text(encoding="utf-8") == _checksum(folder, folder.name):
            return openvino.Core().read_model(folder / "model.xml")
    except (OSError, ValueError, RuntimeError):  # missing, not a text, or what OpenVINO cannot read
        pass
    return None


def _save(model, folder):
    """Keep a conversion, whole or not at all."""
    import openvino

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as whole:
            new = Path(whole) / folder.name
            openvino.save_model(model, new / "model.xml", compress_to_fp16=False)
            (new / "sha256").write_text(_checksum(new, folder.name), encoding="utf-8")
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(new, folder)
    except (OSError, RuntimeError):  # a full disk, a read-only home: converted again next time
        pass

"""Run a network fast: trace it once together with a method's arithmetic, freeze its weights, call the result.

A method writes its step as a function of symbolic tensors, `step(network, *tensors, **options)`, where `network` is a
`tracing.Network`. `engine.run(step, *arrays, **options)` compiles it on the first call and then only runs it.
"""

import gc
import hashlib
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from tp_visualisation.tracing import Network

ENGINES = ("auto", "tensorflow", "openvino")
PRECISIONS = ("f32", "bf16", "auto")
LARGEST_FROZEN = 10_000_000  # weights; freezing copies them many times over, and large networks gain little by it


def make_engine(model, engine="auto", precision="f32"):
    """Return the engine called `engine` for a Keras model.

    Args:
        model: Keras model.
        engine: "tensorflow", "openvino" (the extra of that name must be installed), or "auto":
            TensorFlow, which is always there and uses a GPU where there is one.
        precision: "f32"; "bf16" for OpenVINO on processors that have it: twice as fast, with
            probabilities to about two digits; "auto": bf16 by OpenVINO where both are there and the
            network is small, f32 otherwise.

    Raises:
        ValueError: unknown name, OpenVINO is not installed, or a precision that the engine does not have.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}.")
    if precision not in PRECISIONS:
        raise ValueError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}.")
    if precision == "auto":
        fast = engine != "tensorflow" and computes_in_bf16() and model.count_params() <= LARGEST_FROZEN
        engine, precision = ("openvino", "bf16") if fast else (engine, "f32")
    if engine != "openvino":
        if precision != "f32":
            raise ValueError(f'precision="{precision}" is for engine="openvino": TensorFlow computes in f32.')
        return TensorFlowEngine(model)
    if importlib.util.find_spec("openvino") is None:
        raise ValueError('OpenVINO is not installed: pip install "tp_visualisation[openvino]", or engine="tensorflow".')
    return OpenVINOEngine(model, precision)


def computes_in_bf16():
    """Whether OpenVINO is installed and this processor has instructions for bf16."""
    if importlib.util.find_spec("openvino") is None:
        return False
    import openvino

    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


class TensorFlowEngine:
    """Frozen TensorFlow graphs; the traced function itself where a graph cannot be frozen, or with `frozen=False`."""

    name = "tensorflow"
    precision = "f32"
    description = "frozen graphs, on the GPU where there is one"

    def __init__(self, model, frozen=True):
        self.model = model
        self.frozen = frozen
        self._compiled = {}
        _let_gpu_memory_grow()

    def run(self, step, *arrays, **options):
        """Return `step(network, *arrays, **options)` as NumPy arrays: one array, or a tuple.

        Args:
            step: function made of TensorFlow operations, traced once for each set of `options`.
            arrays: its tensors. Their ranks and types are fixed by the first call, their sizes are
                not; the channels of images (rank 4) are.
            options: hashable constants of the trace.
        """
        arrays = [np.asarray(array) for array in arrays]
        specs = tuple(_spec(array) for array in arrays)
        key = (step, specs, tuple(sorted(options.items())))
        if key not in self._compiled:
            self._compiled[key] = self._compile(step, specs, options)
        outputs = self._compiled[key](*arrays)
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    def forget(self):
        """Drop every function that holds the model's weights: they have changed."""
        if self.frozen:
            self._compiled.clear()

    def _compile(self, step, specs, options):
        function = trace(self.model, step, specs, options)
        if self.frozen:
            function = freeze(function)
        return lambda *arrays: [output.numpy() for output in _as_list(function(*map(tf.constant, arrays)))]


class OpenVINOEngine(TensorFlowEngine):
    """The same graphs, converted to OpenVINO and compared with TensorFlow on first use. Forward passes only."""

    name = "openvino"

    def __init__(self, model, precision="f32"):
        super().__init__(model)
        self.precision = precision
        self.description = f"{precision} on the CPU, compared with TensorFlow on first use"

    def _compile(self, step, specs, options):
        import openvino

        function = trace(self.model, step, specs, options)
        inputs = [tensor.name for tensor in function.inputs[: len(specs)]]  # the others are the weights
        outputs = [tensor.name for tensor in function.outputs]
        folder = _cache_folder(function, self.model)
        model = _read(folder)
        frozen = None if model else freeze(function, largest=None)
        model = model or openvino.convert_model(frozen.graph)
        settings = {"INFERENCE_PRECISION_HINT": self.precision, "PERFORMANCE_HINT": "LATENCY"}
        compiled = openvino.Core().compile_model(model, "CPU", settings)

        def call(*arrays):
            results = compiled(dict(zip(inputs, arrays, strict=True)))
            return [np.array(results[name]) for name in outputs]

        return call if frozen is None else self._compared_on_first_use(call, frozen, lambda: _save(model, folder))

    def _compared_on_first_use(self, call, function, when_right):
        tolerance = {"f32": 1e-3, "bf16": 0.3}[self.precision]
        unseen = [function]  # the TensorFlow graph goes after the first call

        def compared(*arrays):
            results = call(*arrays)
            if unseen:
                expected = [tensor.numpy() for tensor in _as_list(unseen[0](*map(tf.constant, arrays)))]
                _refuse_if_different(results, expected, tolerance)
                unseen.clear()
                when_right()
            return results

        return compared


# Conversions that were found right are kept in the user's cache folder


def _cache_folder(function, model):
    """Where the conversion of a traced function is kept: named after its graph, its weights and OpenVINO's version."""
    import openvino
    import platformdirs

    key = hashlib.sha256(openvino.__version__.encode())
    key.update(function.graph.as_graph_def().SerializeToString(deterministic=True))
    key.update(weights_digest(model).encode())
    return Path(platformdirs.user_cache_dir("tp_visualisation")) / "openvino" / key.hexdigest()[:32]


def weights_digest(model):
    """Return a digest of a model's weights: the same for the same network, anywhere."""
    digest = hashlib.sha256()
    for weight in model.get_weights():
        digest.update(np.ascontiguousarray(weight).tobytes())
    return digest.hexdigest()[:16]


def _read(folder):
    """The OpenVINO model kept in `folder`; None if there is none, or a damaged one."""
    import openvino

    try:
        return openvino.Core().read_model(folder / "model.xml")
    except RuntimeError:
        return None


def _save(model, folder):
    """Keep a conversion, whole or not at all."""
    import openvino

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as whole:
            openvino.save_model(model, Path(whole) / folder.name / "model.xml", compress_to_fp16=False)
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(Path(whole) / folder.name, folder)
    except (OSError, RuntimeError):  # a full disk, a read-only home: converted again next time
        pass


def trace(model, step, specs, options):
    """Record `step` with the network inside as one graph, for tensors of the given specifications."""
    network = Network(model)
    return tf.function(
        lambda *tensors: step(network, *tensors, **options), input_signature=specs, autograph=False
    ).get_concrete_function()


def freeze(function, largest=LARGEST_FROZEN):
    """Turn the variables of a traced function into constants, so that they can be folded; or give it back.

    A function with more than `largest` weights stays as it is; None freezes any.
    """
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    if largest is not None and sum(w.shape.num_elements() for w in function.graph.variables) > largest:
        return function
    try:
        return convert_variables_to_constants_v2(function)
    except Exception:  # a model with lookup tables, for instance: slower, and as right
        return function
    finally:
        gc.collect()  # the conversion leaves copies of the weights in reference cycles


def _spec(array):
    sizes = [None] * array.ndim
    if array.ndim == 4:
        sizes[-1] = array.shape[-1]
    return tf.TensorSpec(sizes, array.dtype)


def _as_list(outputs):
    return list(outputs) if isinstance(outputs, (list, tuple)) else [outputs]


def _refuse_if_different(outputs, expected, tolerance):
    for ours, theirs in zip(outputs, expected, strict=True):
        scale = np.abs(theirs).max() + 1e-6
        if ours.shape != theirs.shape or not np.abs(ours - theirs).max() <= tolerance * scale:
            raise ValueError(
                'OpenVINO does not compute what TensorFlow computes for this model: use engine="tensorflow".'
            )


def _let_gpu_memory_grow():
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # TensorFlow has already started: its settings stay
            return

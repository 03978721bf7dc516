"""Run a network fast: trace it once together with a method's arithmetic, freeze its weights, call the result.

A method writes its step as a function of symbolic tensors, `step(network, *tensors, **options)`, where `network` is a
`tracing.Network`. `engine.run(step, *arrays, **options)` compiles it on the first call and then only runs it.
"""

import gc
import importlib.util

import numpy as np
import tensorflow as tf

from tp_visualisation.tracing import Network

ENGINES = ("auto", "tensorflow", "openvino")
LARGEST_FROZEN = 10_000_000  # weights; freezing copies them many times over, and large networks gain little by it


def make_engine(model, engine="auto"):
    """Return the engine called `engine` for a Keras model.

    Args:
        model: Keras model.
        engine: "tensorflow", "openvino" (the extra of that name must be installed), or "auto":
            TensorFlow, which is always there and uses a GPU where there is one.

    Raises:
        ValueError: unknown name, or OpenVINO is not installed.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}.")
    if engine != "openvino":
        return TensorFlowEngine(model)
    if importlib.util.find_spec("openvino") is None:
        raise ValueError('OpenVINO is not installed: pip install "tp_visualisation[openvino]", or engine="tensorflow".')
    return OpenVINOEngine(model)


class TensorFlowEngine:
    """Frozen TensorFlow graphs; the traced function itself where a graph cannot be frozen."""

    name = "tensorflow"
    description = "frozen graphs, on the GPU where there is one"

    def __init__(self, model):
        self.model = model
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
        """Drop every compiled function: the model's weights have changed."""
        self._compiled.clear()

    def _compile(self, step, specs, options):
        function = freeze(trace(self.model, step, specs, options))
        return lambda *arrays: [output.numpy() for output in _as_list(function(*map(tf.constant, arrays)))]


class OpenVINOEngine(TensorFlowEngine):
    """The same graphs, converted to OpenVINO and compared with TensorFlow on first use. Forward passes only."""

    name = "openvino"
    description = "float32 on the CPU, compared with TensorFlow on first use"

    def _compile(self, step, specs, options):
        import openvino

        function = freeze(trace(self.model, step, specs, options))
        core = openvino.Core()
        compiled = core.compile_model(
            openvino.convert_model(function), "CPU", {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
        )
        verified = False

        def call(*arrays):
            nonlocal verified
            outputs = [np.array(output) for output in compiled(list(arrays)).values()]
            if not verified:
                expected = [output.numpy() for output in _as_list(function(*map(tf.constant, arrays)))]
                _refuse_if_different(outputs, expected)
                verified = True
            return outputs

        return call


def trace(model, step, specs, options):
    """Record `step` with the network inside as one graph, for tensors of the given specifications."""
    network = Network(model)
    return tf.function(
        lambda *tensors: step(network, *tensors, **options), input_signature=specs, autograph=False
    ).get_concrete_function()


def freeze(function):
    """Turn the variables of a traced function into constants, so that TensorFlow can fold them; or give it back."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    if sum(weight.shape.num_elements() for weight in function.graph.variables) > LARGEST_FROZEN:
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


def _refuse_if_different(outputs, expected):
    for ours, theirs in zip(outputs, expected, strict=True):
        scale = np.abs(theirs).max() + 1e-6
        if ours.shape != theirs.shape or not np.abs(ours - theirs).max() <= 1e-2 * scale:
            raise ValueError(
                'OpenVINO does not compute what TensorFlow computes for this model: use engine="tensorflow".'
            )


def _let_gpu_memory_grow():
    for gpu in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # TensorFlow has already started: its settings stay
            return

"""Numbers of 16 bits: float16 on a GPU, bfloat16 (bf16) on processors that have instructions for it."""

import threading
import warnings

import keras
import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.rewriter_config_pb2 import RewriterConfig

from tp_visualisation.engines.gpu import gpus
from tp_visualisation.engines.tensorflow import TensorFlowEngine, call, check_equal, freeze
from tp_visualisation.names import first_line


class HalfPrecisionEngine(TensorFlowEngine):
    """Frozen TensorFlow graphs that compute in float16. Forward passes only.

    A copy of the model, under Keras' policy "mixed_float16", has its weights.

    Raises:
        ValueError: there is no GPU, or the model cannot be copied.
    """

    name = "tensorflow-f16"
    exact = False
    description = "float16 on the GPU, probabilities to about three digits"

    def __init__(self, network):
        super().__init__(network)
        if not gpus():
            raise ValueError(
                'engine="tensorflow-f16" needs a GPU, and TensorFlow sees none: leave engine="tensorflow".'
            )
        self._traced = network.with_constant_weights().of_model(_in_half_precision(network.model))

    def forget(self):
        self._traced.model.set_weights(self.network.model.get_weights())
        self._traced.forget()
        super().forget()


def _in_half_precision(model):
    def copied(layer):
        return layer.__class__.from_config({**layer.get_config(), "dtype": "mixed_float16"})

    try:
        half = keras.models.clone_model(model, clone_function=copied, recursive=True)
        half.set_weights(model.get_weights())
    except Exception as error:  # whatever a layer of one's own can stumble on
        raise ValueError(
            f'{model.name} cannot be copied in half precision ({first_line(error)}): leave engine="tensorflow".'
        ) from error
    return half


class BFloat16Engine(TensorFlowEngine):
    """Frozen TensorFlow graphs that compute in bf16 on the CPU, compared with f32 on first use. Forward passes only.

    Raises:
        ValueError: this processor does not compute in bf16.
    """

    name = "tensorflow-bf16"
    exact = False
    description = "bf16 on the CPU, compared with f32 on first use"
    failure = None  # why f32 runs instead, once it does
    _on_gpu = False

    def __init__(self, network):
        super().__init__(network)
        if not tensorflow_has_bf16():
            raise ValueError(
                'engine="tensorflow-bf16" needs a processor that computes in bf16, and TensorFlow says (by its library '
                'oneDNN) that this one does not: leave engine="tensorflow".'
            )

    def _compile_traced(self, function):
        frozen = freeze(function, largest=None)
        if frozen.graph.captures:
            self.give_up("its weights cannot be frozen")
            return super()._compile_traced(function)
        return _InBFloat16(self, frozen)

    def give_up(self, reason):
        """Say, once, that f32 runs in the place of bf16."""
        if self.failure is None:
            self.failure = str(reason)
            warnings.warn(f"bf16 fails here ({reason}): TensorFlow computes in f32, more slowly.", stacklevel=2)


class _InBFloat16:
    """A frozen function in bf16; in f32 where bf16 computes something else."""

    def __init__(self, engine, frozen):
        self.engine, self.frozen = engine, frozen
        self._run, self._lock = None, threading.Lock()

    def __call__(self, *arrays):
        with self._lock:
            if self._run is None:
                self._run = self._chosen(arrays)
        return self._run(arrays)

    def _chosen(self, arrays):
        expected = _session(self.frozen, disable_meta_optimizer=True)(arrays)  # once: to optimise takes longer
        in_bf16 = _session(self.frozen, auto_mixed_precision_onednn_bfloat16=RewriterConfig.ON)
        try:
            check_equal(in_bf16(arrays), expected, "bf16")
        except ArithmeticError as error:
            self.engine.give_up(error)
            return lambda arrays: call(self.frozen, arrays)
        return in_bf16


def _session(frozen, **rewriting):
    """The function of arrays that a frozen graph computes, in a session: tf.config's options are of all graphs."""
    threads = tf.config.threading
    config = tf.compat.v1.ConfigProto(
        device_count={"GPU": 0},
        intra_op_parallelism_threads=threads.get_intra_op_parallelism_threads(),
        inter_op_parallelism_threads=threads.get_inter_op_parallelism_threads(),
        graph_options=tf.compat.v1.GraphOptions(rewrite_options=RewriterConfig(**rewriting)),
    )
    session = tf.compat.v1.Session(graph=frozen.graph, config=config)
    inputs, outputs = ([tensor.name for tensor in tensors] for tensors in (frozen.inputs, frozen.outputs))

    def run(arrays):
        return [np.asarray(output) for output in session.run(outputs, dict(zip(inputs, arrays, strict=True)))]

    return run


def tensorflow_has_bf16() -> bool:
    """Return whether TensorFlow, by its library oneDNN, computes in bf16 on this processor."""
    try:
        from tensorflow.python.util import _pywrap_util_port, _pywrap_utils

        return _pywrap_util_port.IsMklEnabled() and _pywrap_utils.IsDataTypeSupportedByOneDNNOnThisCPU(tf.bfloat16)
    except (ImportError, AttributeError):  # of another version of TensorFlow
        return False

"""Run a network fast: trace it once together with a method's arithmetic, freeze its weights, call the result."""

import gc
import threading
from collections import OrderedDict, deque
from contextlib import contextmanager, nullcontext
from functools import cached_property

import numpy as np
import tensorflow as tf

from tp_visualisation.checks import check_integer
from tp_visualisation.conversions import box
from tp_visualisation.engines.gpu import gpus, images_at_once, in_float32
from tp_visualisation.engines.record import LARGEST_FROZEN
from tp_visualisation.engines.tracing import n_weights, weights_of
from tp_visualisation.processes import check_not_forked, silent_stderr

AHEAD = 2  # batches that a GPU is given before the result of the first is read
LARGEST_CACHE = 32  # compiled steps; all methods together need 14, but a layer is a step of its own: 17 MB each


class TensorFlowEngine:
    """Frozen TensorFlow graphs; the traced function itself where a graph cannot be frozen, or with `frozen=False`."""

    name = "tensorflow"
    exact = True  # computes in f32
    description = "frozen graphs, on the GPU where there is one"
    reason = ""  # why it was chosen, where it was asked for as the fastest

    def __init__(self, network, frozen=True):
        self.network, self.frozen = network, frozen
        self._traced = network.with_constant_weights() if frozen else network
        self._compiled, self._lock = OrderedDict(), threading.Lock()
        _let_gpu_memory_grow()

    def __getstate__(self):  # what is compiled, and the lock, cannot be copied or pickled
        return {name: value for name, value in self.__dict__.items() if name not in ("_compiled", "_lock")}

    def __setstate__(self, state):
        self.__dict__.update(state, _compiled=OrderedDict(), _lock=threading.Lock())

    def __repr__(self):
        return f"{self.name}, the fastest here: {self.reason}" if self.reason else self.name

    def run(self, step, *arrays, **options):
        """Return `step(network, *arrays, **options)` as NumPy arrays: one array, or a tuple.

        Args:
            step: function made of TensorFlow operations, traced once for each set of `options`; the last 32 are kept.
            arrays: its tensors, arrays or numbers; a whole number becomes an int32 scalar, any other
                number a float32 one. Their ranks and types are fixed by the first call, their sizes are
                not; the channels of images (rank 4) are.
            options: hashable constants of the trace.

        Raises:
            RuntimeError: this process was forked after TensorFlow had begun to compute.
        """
        return self._read(self._start(step, [box(array) for array in arrays], options))

    def run_each(self, step, batches, **options):
        """Yield `run(step, *arrays, **options)` for each tuple of arrays.

        A GPU is given the next ones before the first is read, and what is the very same array as in the batch before
        is not sent to it again.
        """
        if not self._on_gpu:
            yield from (self.run(step, *arrays, **options) for arrays in batches)
            return
        before, tensors, started = (), (), deque()
        for arrays in batches:
            known = dict(zip(map(id, before), tensors, strict=True))
            tensors = [known[id(array)] if id(array) in known else tf.constant(box(array)) for array in arrays]
            started.append(self._start(step, tensors, options))
            if len(started) > AHEAD:
                yield self._read(started.popleft())
            before = arrays  # kept, so that no other array gets the id of one of them
        yield from map(self._read, started)

    def _start(self, step, arrays, options):
        """The outputs of a step, which a GPU may still be computing."""
        check_not_forked()
        specs = tuple(_spec(array) for array in arrays)
        read = tuple(map(id, self.network.model.weights)) if self.network.live else ()  # others may take their place
        key = (step, specs, tuple(sorted(options.items())), read)
        with self._lock:  # what several threads ask for is compiled once
            if key not in self._compiled:
                self._compiled[key] = self._compile(step, specs, options)
                if len(self._compiled) > LARGEST_CACHE:
                    self._compiled.popitem(last=False)
            self._compiled.move_to_end(key)
            compiled = self._compiled[key]
        with self._errors(), in_float32 if self._on_gpu else nullcontext():
            return compiled(*arrays)

    def _read(self, outputs):
        """Outputs as NumPy arrays: one array, or a tuple."""
        with self._errors():
            arrays = as_arrays(outputs)
        return arrays[0] if len(arrays) == 1 else tuple(arrays)

    @contextmanager
    def _errors(self):
        try:
            yield
        except tf.errors.OpError as error:  # that of a black box is said as its function said it
            raise (getattr(self.network.model, "failure", None) or error) from None

    def batch_size(self, wanted, otherwise):
        """Return the images of one pass: `wanted`; for None as many as the GPU holds, or `otherwise` without one.

        Raises:
            ValueError: `wanted` is no whole number, or less than 1.
        """
        if wanted is None:
            return (self._images_at_once if self._on_gpu else None) or otherwise
        check_integer("[1, inf)", batch_size=wanted)
        return wanted

    @property
    def _on_gpu(self):
        return bool(gpus())

    @cached_property
    def _images_at_once(self):
        return images_at_once(self.network)

    def forget(self):
        """Drop what was traced, and every function that holds the model's weights: they have changed."""
        self.network.forget()
        if self.frozen or not self.network.live:
            with self._lock:
                self._compiled.clear()

    def _trace(self, step, specs, options):
        """Record `step` with the network inside as one graph, for tensors of the given specifications."""

        def outputs(*tensors):  # with names of their own, by which OpenVINO tells them apart
            return tf.nest.map_structure(tf.identity, step(self._traced, *tensors, **options))

        return tf.compat.v1.wrap_function(outputs, specs)  # in which a layer does not change what it keeps

    def _compile(self, step, specs, options):
        return self._compile_traced(self._trace(step, specs, options))

    def _compile_traced(self, function):
        """A traced function as one of arrays."""
        if self.frozen:
            function = freeze(function)
        return lambda *arrays: call(function, arrays)


def call(function, arrays):
    """Return the outputs of a traced or frozen function as a list of tensors."""
    outputs = function(*map(tf.constant, arrays))
    return outputs if isinstance(outputs, (list, tuple)) else [outputs]


def as_arrays(outputs):
    """Return tensors, or what are arrays already, as a list of NumPy arrays."""
    return [output if isinstance(output, np.ndarray) else output.numpy() for output in outputs]


def check_equal(outputs, expected, precision):
    """Raise an ArithmeticError unless arrays computed in "f32" or "bf16" are what TensorFlow computes in f32.

    In bf16 a masked image at the border of two classes may gain or lose 0.2 of its probability: what is lost must be
    less than half of what is there, over all the images.
    """
    for ours, theirs in zip(outputs, expected, strict=True):
        same = ours.shape == theirs.shape
        if same and theirs.size:
            theirs = theirs.astype(np.float64)  # also of flags; and squares of what f32 holds
            off = ours - theirs
            if precision == "f32":
                same = np.abs(off).max() <= 1e-3 * (np.abs(theirs).max() + 1e-6)
            else:
                same = np.linalg.norm(off) <= 0.5 * (np.linalg.norm(theirs) + 1e-6)
        if not same:
            raise ArithmeticError(f"in {precision} it does not compute what TensorFlow computes")


def freeze(function, largest=LARGEST_FROZEN):
    """Turn the variables of a traced function into constants, so that they can be folded; or give it back.

    A function with more than `largest` weights stays as it is; None freezes any.
    """
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    if not function.graph.captures:
        return function
    if largest is not None and n_weights(weights_of(function.graph)) > largest:
        return function
    try:
        with silent_stderr():  # up to 2.20 it tells of its session, whatever TF_CPP_MIN_LOG_LEVEL says
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


def _let_gpu_memory_grow():
    for gpu in gpus():
        try:
            tf.config.experimental.set_memory_growth(gpu, True)
        except RuntimeError:  # TensorFlow has already started: its settings stay
            return

"""Look inside a Keras model while TensorFlow records its graph. The model itself stays as it is.

Everything here runs once, while a function is traced: tensors are symbolic and know the operation that made them.
"""

from collections import Counter
from contextlib import contextmanager

import keras
import tensorflow as tf

from tp_visualisation.folding import fold, is_foldable
from tp_visualisation.names import find_name, first_line

PASSING_ON = {"Identity", "Cast", "StopGradient", "Squeeze"}
NO_FEATURES = ("Pooling", "Dropout", "Flatten", "Reshape", "Padding", "Cropping", "Permute", "InputLayer", "Rescaling")


class Network:
    """A Keras classifier inside a traced function: inputs (N, h, w, C) → class scores (N, K) before the softmax."""

    def __init__(self, model):
        self.model = model

    def scores(self, inputs):
        """Scores (N, K): the outputs before a final softmax or sigmoid, wherever in the model that is."""
        with _folding(self.model):
            return self._scores(inputs)

    def _scores(self, inputs):
        outputs = self.model(inputs, training=False)
        check_outputs(outputs)
        activation = _final_activation(outputs)
        scores = outputs if activation is None else activation.inputs[0]
        return tf.cast(scores, tf.float32)

    def probabilities(self, inputs):
        """Probabilities (N, K); of a single output, the sigmoid."""
        scores = self.scores(inputs)
        return tf.sigmoid(scores) if scores.shape[-1] == 1 else tf.nn.softmax(scores)

    def target_scores(self, inputs, targets):
        """The score of one class for each input: (N,), from targets (N,)."""
        return tf.gather(self.scores(inputs), targets, axis=1, batch_dims=1)

    def scores_and_activations(self, inputs, layer):
        """Scores (N, K) and the output of the layer called `layer` in the same pass."""
        calls = []

        def is_wanted(x):  # the score must depend on this very tensor
            return any(x is output for name, output in calls if name == layer)

        with _folding(self.model, unless=is_wanted), recording(self.model, calls):
            scores = self._scores(inputs)
        return scores, dict(calls)[layer]


def preprocessed(images, preprocess):
    """Inputs of the network from RGB images (N, h, w, 3); a ValueError where gradients cannot pass through."""
    if preprocess is None:
        return images
    try:
        return tf.convert_to_tensor(preprocess(tf.identity(images)))
    except (NotImplementedError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(
            "gradients must pass through preprocess: write it with arithmetic, keras.ops or TensorFlow operations "
            f"instead of NumPy functions ({first_line(error)})"
        ) from error


def check_outputs(outputs):
    """Raise a ValueError unless `outputs` is one tensor (N, K)."""
    shape = getattr(outputs, "shape", None)
    if shape is None or len(shape) != 2:
        got = f"shape {tuple(shape)}" if shape is not None else f"{type(outputs).__name__} of {len(outputs)} outputs"
        raise ValueError(f"a classifier must have one output of shape (N, number of classes), this model gives {got}.")


def _final_activation(outputs):
    """The softmax, log-softmax or sigmoid operation that ends the graph of `outputs`, or None."""
    operation = outputs.op
    while operation.type in PASSING_ON:
        operation = operation.inputs[0].op
    return operation if operation.type in ("Softmax", "LogSoftmax", "Sigmoid") else None


@contextmanager
def recording(model, calls=None):
    """Record (layer name, output) of every layer called inside the `with`, nested models included, in order."""
    calls = [] if calls is None else calls

    def recorded(name, layer):
        call = layer.call

        def call_and_record(*args, **kwargs):
            output = call(*args, **kwargs)
            calls.append((name, output))
            return output

        return call_and_record

    with _calls_replaced(layers_by_name(model), recorded):
        yield calls


@contextmanager
def _folding(model, unless=lambda x: False):
    """Inside the `with`, batch normalisations are folded into the convolution before them, `unless` of their input."""

    def folded(name, layer):
        call = layer.call

        def fold_or_call(inputs, *args, **kwargs):
            output = None if unless(inputs) else fold(layer, inputs)
            return call(inputs, *args, **kwargs) if output is None else output

        return fold_or_call

    layers = {name: layer for name, layer in layers_by_name(model).items() if is_foldable(layer)}
    with _calls_replaced(layers, folded):
        yield


@contextmanager
def _calls_replaced(layers, replacement):
    """Inside the `with`, every layer's `call` is `replacement(name, layer)`."""
    before = {name: vars(layer)["call"] for name, layer in layers.items() if "call" in vars(layer)}
    try:
        for name, layer in layers.items():
            layer.__dict__["call"] = replacement(name, layer)
        yield
    finally:
        for name, layer in layers.items():
            layer.__dict__.pop("call", None)
            if name in before:
                layer.__dict__["call"] = before[name]


def layers_by_name(model):
    """Every layer of `model` by name, layers of nested models included; names used twice are replaced by their path."""
    layers = [layer for layer in model._flatten_layers(include_self=False) if not isinstance(layer, keras.Model)]
    uses = Counter(layer.name for layer in layers)
    return {layer.name if uses[layer.name] == 1 else layer.path or layer.name: layer for layer in layers}


def feature_layers(model, inputs):
    """Names of the layers whose output is a feature map (N, h, w, C), in the order in which they are called.

    Maps of a single position, as a 1 × 1 convolution gives after global pooling, count only where there are no others.
    """
    with recording(model) as calls:
        model(inputs, training=False)
    layers = layers_by_name(model)
    maps = {
        name: output for name, output in dict(calls).items() if _is_feature_map(output, type(layers[name]).__name__)
    }
    return [name for name, output in maps.items() if output.shape[1] * output.shape[2] > 1] or list(maps)


def _is_feature_map(output, kind):
    return len(getattr(output, "shape", ())) == 4 and not any(word in kind for word in NO_FEATURES)


def find_layer(name, names):
    """The feature layer called `name`; None means the last one."""
    if not names:
        raise ValueError("this model has no feature map: no layer gives an output of shape (N, h, w, C).")
    return names[-1] if name is None else find_name(name, names, "layer")

"""The network inside a step: symbolic tensors in, symbolic tensors out."""

import copy

import tensorflow as tf

from tp_visualisation.engines.backward import first_of, for_each
from tp_visualisation.engines.ending import ending_of
from tp_visualisation.engines.features import lay_out
from tp_visualisation.engines.folding import folding
from tp_visualisation.engines.inputs import with_fixed_inputs
from tp_visualisation.engines.record import Record, Records
from tp_visualisation.engines.tracing import is_made_of_keras, one_output, recording
from tp_visualisation.engines.watching import is_watched, watching
from tp_visualisation.names import first_line

LEAST = 1e-30  # the smallest probability whose logarithm is taken


class Network:
    """A Keras classifier inside a traced function, with its preprocessing.

    RGB images (N, h, w, 3) in [0, 255] become inputs (N, h, w, C) by `prepare`, and inputs become class scores (N, K),
    those before the softmax or the sigmoids. A single output z with a sigmoid is two classes, no and yes, with the
    scores (−z, z). `activation` is "softmax", "sigmoid", or None where the outputs are no scores of classes. Of a model
    with several outputs, `output` says which one is meant, by name or number; of one with several inputs,
    `fixed_inputs` holds the others.

    Of a black box, or a network whose softmax is out of reach, only probabilities are known: `has_scores` is False
    (of a log-softmax, their logarithms: `gives_logs`). Their logarithms then stand for the scores, for what only asks
    for probabilities; their gradients would be others.

    `scalar`, a function of the scores, makes a network with a single output of them, explained instead of a class.
    """

    def __init__(self, model, preprocess=None, activation="softmax", output=None, fixed_inputs=None):
        self.model, self.preprocess, self.activation, self.output = model, preprocess, activation, output
        self.fixed_inputs, self.scalar = fixed_inputs, None
        self.has_scores, self.gives_logs = True, False
        self.input_shape = None  # (h, w, C), where it is known
        self.grids = {}  # of layers that give tokens: see `features`
        self._records = Records()  # of the outputs, by the shape of the inputs; None where they cannot be copied
        self._constant, self.live = False, False
        self.can_share_passes, self._one_image = False, False

    def with_constant_weights(self) -> "Network":
        """Return the same network for steps whose graphs hold the weights of now, as far as they can."""
        other = copy.copy(self)
        other._constant = True
        return other

    def with_live_weights(self) -> "Network":
        """Return the same network for steps whose graphs read every weight at every call."""
        other = copy.copy(self)
        other.live, other._records = True, Records()
        return other

    def of_one_image(self) -> "Network":
        """Return the same network for images that are all the same: only one goes forward, where it can.

        Gradients come back for each of them. Outputs of layers are those of one, (1, …).
        """
        other = copy.copy(self)
        other._one_image = True
        return other

    def of_model(self, model) -> "Network":
        """Return the same network around a copy of its model."""
        other = copy.copy(self)
        other.model, other._records = model, Records()
        return other

    def forget(self):
        """Trace the model anew when it is needed again: it may have changed."""
        self._records.clear()

    def prepare(self, images):
        """Inputs from RGB images (N, h, w, 3) of the input size; a ValueError where gradients cannot pass through."""
        if self.preprocess is None:
            return images
        try:
            return tf.convert_to_tensor(self.preprocess(tf.identity(images)))
        except (NotImplementedError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(
                "gradients must pass through preprocess: write it with arithmetic, keras.ops or TensorFlow operations "
                f"instead of NumPy functions ({first_line(error)})"
            ) from error

    def outputs(self, inputs):
        """The model's own outputs (N, K); of several, the one called `output`."""
        with watching(_open_compiled_calls):
            outputs = self.model(with_fixed_inputs(self.model, inputs, self.fixed_inputs), training=False)
        return one_output(outputs, self.output)

    def scores(self, inputs):
        """Scores (N, K): the outputs before a final softmax or sigmoid, wherever in the model that is."""
        if record := self._record_of(inputs):
            return self._copied(record, inputs)[0]
        with folding(self.model, live=self.live):
            return self._explained(self._scores(inputs))

    def _copied(self, record, inputs, *layers):
        """Scores (N, K) and the outputs of layers, of a copy of a record."""
        wanted = [self._values(record.outputs).name, *(record.layers[layer] for layer in layers)]
        shares = self._one_image and self.can_share_passes
        values, *activations = record.copy(first_of(inputs) if shares else inputs, wanted, self._constant, shares)
        return self._explained(self._scores_of(for_each(values) if shares else values)), *activations

    def keep(self, record) -> None:
        """Take the `Record` of the outputs, from a first look at the model, for the scores too.

        Steps are traced for images of any size. A layer of the user's own may have made a number of the size.
        """
        any_size = record.takes_any_size() and is_made_of_keras(self.model)
        if any_size and record.can_be_copied():
            self._records[record.inputs.dtype, (None, None, None, record.inputs.shape[-1])] = record
            self.can_share_passes = record.keeps_images_apart()

    def _record_of(self, inputs):
        """The `Record` of the outputs for inputs of this shape; None where they have to be traced each time."""
        if is_watched():  # what is seen, or changed, is this very call
            return None
        key = inputs.dtype, tuple(inputs.shape)
        if key not in self._records:
            self._records[key] = self._recorded(tf.TensorSpec(inputs.shape, inputs.dtype))
        return self._records[key]

    def _recorded(self, spec):
        calls = []

        def outputs(inputs):
            with folding(self.model, live=self.live), recording(self.model, calls):
                return self.outputs(inputs)

        try:
            record = Record(outputs, calls, spec)
        except Exception:  # whatever it is, the step that asks for scores meets it too, and says it
            return None
        return record if record.can_be_copied() else None

    def _scores(self, inputs):
        return self._scores_of(self._values(self.outputs(inputs)))

    def _values(self, outputs):
        """What scores are made of: what the outputs come from, or they themselves."""
        as_they_are = self.activation is None or not self.has_scores
        return outputs if as_they_are else ending_of(outputs).scores

    def _scores_of(self, values):
        scores = tf.cast(values, tf.float32)
        if not self.has_scores and not self.gives_logs:
            scores = _scores_from_probabilities(scores, self.activation)
        if self.activation == "sigmoid" and scores.shape[-1] == 1:
            scores = tf.concat([-scores, scores], axis=-1)
        return scores

    def _explained(self, scores):
        """The scores of classes, or their function that is explained, (N, 1)."""
        if self.scalar is None:
            return scores
        value = tf.convert_to_tensor(self.scalar(scores))
        if value.shape.rank != 1:
            raise ValueError(
                f"a target function must make one number for each image, (N,), of the scores {_named(scores.shape)}; "
                f"it gave {_named(value.shape)}."
            )
        return tf.cast(value, tf.float32)[:, None]

    def check_gradients(self):
        """Raise a ValueError where the scores are out of reach, and gradients of them with them."""
        if not self.has_scores:
            raise ValueError(
                f"{self.model.name} gives probabilities and does not show the scores that they are made of, so that "
                "there is no gradient of a score: methods that hide parts of the image explain it (rise, occlusion, "
                "quadtree_occlusion). For the others let a Keras model end in Dense(K), or in a softmax."
            )

    def probabilities(self, inputs):
        """Probabilities (N, K) of the classes; the scores themselves where there are no probabilities."""
        return self.probabilities_of(self.scores(inputs))

    def probabilities_of(self, scores):
        """The same, from scores (N, K)."""
        activations = {"softmax": tf.nn.softmax, "sigmoid": tf.sigmoid, None: tf.identity}
        return activations[None if self.scalar else self.activation](scores)

    def log_probabilities_of(self, scores):
        """The logarithms of the probabilities of classes, from scores (N, K)."""
        return tf.nn.log_softmax(scores) if self.activation == "softmax" else tf.math.log_sigmoid(scores)

    def scores_and_activations(self, inputs, layer):
        """Scores (N, K) and the output of the layer called `layer` in the same pass."""
        record = self._record_of(inputs)
        if record and layer in record.layers:
            return self._copied(record, inputs, layer)
        calls = []

        def is_wanted(x):  # the score must depend on this very tensor
            return any(x is output for name, output in calls if name == layer)

        with folding(self.model, is_wanted, self.live), recording(self.model, calls):
            scores = self._explained(self._scores(inputs))
        return scores, dict(calls)[layer]

    def lay_out(self, activations, layer):
        """A feature map (N, rows, columns, C) of what the feature layer `layer` gave."""
        return lay_out(activations, self.grids.get(layer))


def _scores_from_probabilities(probabilities, activation):
    """Scores (N, K) whose softmax or sigmoids are `probabilities`."""
    p = tf.clip_by_value(probabilities, LEAST, 1.0)
    if activation == "softmax":
        return tf.math.log(p)
    return tf.math.log(p) - tf.math.log(tf.maximum(1 - probabilities, LEAST))


def _named(shape):
    """A symbolic shape with N for the open number of images."""
    return f"({', '.join(['N', *map(str, shape[1:])] if shape.rank else [])})"


def _open_compiled_calls(layer, call, args, kwargs):
    """A `call` that was decorated with `tf.function` runs as the function it was made of, so that it can be seen."""
    own = getattr(layer, "call", None)
    if not hasattr(own, "python_function") or not hasattr(own, "get_concrete_function"):
        return call(*args, **kwargs)
    return own.python_function(*args, **kwargs)

"""The one object to learn: a network with its preprocessing and its labels."""

import copy
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from scipy.special import expit, softmax

from tp_visualisation.engines import TensorFlowEngine, make_engine, trace
from tp_visualisation.images import check_image, check_size, resize
from tp_visualisation.labels import ClassLabel, find_class, imagenet_labels
from tp_visualisation.networks import DEFAULT, build_network
from tp_visualisation.tracing import check_outputs, feature_layers, find_layer, preprocessed


class Prediction(NamedTuple):
    """A class and its probability, in [0, 1]. `wnid` is the WordNet id, None outside ImageNet."""

    index: int
    wnid: str | None
    label: str
    probability: float


def load_classifier(name=DEFAULT, weights="imagenet", *, engine="auto", precision="f32"):
    """Return a classifier of ImageNet's thousand classes, ready to use.

    Args:
        name: "efficientnet_lite0" (embedded: needs no download), or another of `tpvis networks`.
        weights: "imagenet"; the path of a weights file; or None for random weights.
        engine: what runs forward passes: "auto", "tensorflow" or "openvino".
        precision: "f32"; "bf16" for OpenVINO: faster, and good enough for maps; "auto": see `engines`.

    Raises:
        ValueError: unknown name, or a weights file that does not fit.
        FileNotFoundError: no such weights file.
        OSError: the weights could not be downloaded; the message names the ways out.
    """
    network = build_network(name, weights)
    labels = imagenet_labels()
    return Classifier(
        network.model,
        preprocess=network.preprocess,
        labels=labels,
        name=network.name,
        engine=engine,
        precision=precision,
    )


class Classifier:
    """A network under study: RGB images in, scores and probabilities out.

    Args:
        model: Keras 3 model with inputs (N, h, w, C) and outputs (N, K), softmax at the end or
            not: Functional, Sequential, subclassed, with other models as layers. Left as it is, but
            for a model that was not built: it is.
        preprocess: function from RGB float32 images (N, h, w, 3) in [0, 255] to the model's inputs,
            made of arithmetic, keras.ops or TensorFlow operations so that gradients pass through it;
            None where the model takes RGB in [0, 255].
        labels: K names, in the order of the outputs; None numbers them.
        input_size: (h, w) that images are resized to; None takes it from the model.
        name: how it is called in figures; None takes the model's name.
        engine: what runs forward passes: "auto", "tensorflow" or "openvino".
        precision: "f32"; "bf16" for OpenVINO: faster, and good enough for maps; "auto": see `engines`.

    Raises:
        ValueError: not a Keras model, more than one input or output, no input size, a number of
            labels that is not the number of outputs, or probabilities whose softmax cannot be found.
    """

    def __init__(self, model, preprocess=None, labels=None, input_size=None, *, name=None, engine="auto",
                 precision="f32"):  # fmt: skip
        if not isinstance(model, keras.Model):
            raise ValueError(
                f"model must be a keras.Model (Keras 3), got {type(model).__module__}.{type(model).__name__}."
            )
        if keras.backend.backend() != "tensorflow":
            raise ValueError(
                f'Keras runs on "{keras.backend.backend()}" here, and gradients are taken with TensorFlow: '
                'set the environment variable KERAS_BACKEND to "tensorflow" before Python starts.'
            )
        self.model = model
        self.preprocess = preprocess
        self.name = name or model.name
        self.input_size = _input_size(model, input_size)
        self.engine = make_engine(model, engine, precision)
        self._gradients = TensorFlowEngine(model, frozen=False)  # freezing a backward pass costs more than it gains
        self._exact = self.engine if self.engine.precision == "f32" else self._gradients  # scores and metrics
        self._weights = None
        self._features = None

        images = np.random.default_rng(0).uniform(0, 255, (2, *self.input_size, 3))
        self.labels = _labels(labels, _n_classes(model, self.prepare(images)))

    def __repr__(self):
        height, width = self.input_size
        return f"Classifier({self.name!r}, {len(self.labels)} classes, input {height} x {width}, {self.engine.name})"

    # Images and classes

    def class_index(self, target):
        """Return the index of a class given by index, label or WordNet id.

        Raises:
            ValueError: unknown (the nearest labels are named) or ambiguous (the candidates are).
        """
        return find_class(target, self.labels)

    def check(self, image, target=None):
        """Return `image` as a new float32 array (H, W, 3) and `target` as a class index.

        Every method begins with it: what is wrong is said before any slow work.

        Args:
            image: RGB array (H, W, 3), values in [0, 255].
            target: index, label or WordNet id; None for the predicted class.

        Raises:
            ValueError: `image` or `target` is not as above.
        """
        image = check_image(image)
        target = None if target is None else self.class_index(target)
        self._notice_new_weights()
        return image, int(self.logits(image)[0].argmax()) if target is None else target

    def prepare(self, images):
        """Return the network's own inputs (N, h, w, C) from RGB images, one or several: resized, preprocessed."""
        resized = np.stack([resize(image, self.input_size) for image in _as_batch(images)])
        inputs = resized if self.preprocess is None else self.preprocess(resized)
        inputs = np.asarray(inputs, dtype=np.float32)
        if inputs.ndim != 4 or len(inputs) != len(resized):
            raise ValueError(
                f"preprocess must give inputs (N, h, w, C), it turned {resized.shape} into {inputs.shape}."
            )
        return inputs

    # Forward passes

    def top(self, image, k=5):
        """Return the `k` most probable classes of one image: a list of `Prediction`, the most probable first."""
        image, _ = self.check(image, 0)
        probabilities = self.probabilities(image)[0]
        best = np.argsort(-probabilities, kind="stable")[:k]
        return [self.prediction(index, probabilities[index]) for index in best]

    def prediction(self, index, probability):
        """Return the `Prediction` of a class index with a probability."""
        entry = self.labels[index]
        return Prediction(entry.index, entry.wnid, entry.label, float(probability))

    def logits(self, images, batch_size=32):
        """Return the class scores before the softmax, float32 (N, K).

        Args:
            images: RGB in [0, 255], of any size: one (H, W, 3), a batch (N, H, W, 3), or a list.
            batch_size: images per pass; bounds the memory.
        """
        self._notice_new_weights()
        images = [check_image(image) for image in _as_batch(images)]
        starts = range(0, len(images), batch_size)
        return np.concatenate([self.scores(self.prepare(images[start : start + batch_size])) for start in starts])

    def probabilities(self, images, batch_size=32):
        """Return the class probabilities, float32 (N, K); arguments as for `logits`."""
        return probabilities_of(self.logits(images, batch_size))

    def scores(self, inputs, batch_size=32):
        """Return the class scores (N, K) of the network's own inputs (N, h, w, C), already prepared."""
        starts = range(0, len(inputs), batch_size)
        return np.concatenate([self.run_exact(_scores, inputs[start : start + batch_size]) for start in starts])

    def run(self, step, *arrays, **options):
        """Run a method's forward step with the network inside; see `engines`. Batches are the caller's affair."""
        return self.engine.run(step, *arrays, **options)

    def run_exact(self, step, *arrays, **options):
        """Run a forward step in f32 whatever the engine's precision: for scores and metrics."""
        return self._exact.run(step, *arrays, **options)

    # Backward passes

    def run_backward(self, step, *arrays, **options):
        """Run a method's step that takes gradients: always TensorFlow, whatever the engine."""
        return self._gradients.run(step, *arrays, **options)

    def gradient(self, images, target):
        """Return ∂S_c/∂I, the gradient of the class score before the softmax with respect to grey levels.

        Args:
            images: RGB float32 (N, h, w, 3) in [0, 255], at the network's input size; values a
                little outside are allowed, as noise makes them.
            target: class index, or one for each image.

        Returns:
            float32 array (N, h, w, 3), in score units per grey level.
        """
        targets = np.broadcast_to(np.asarray(target, np.int32), len(images))
        return self.run_backward(image_gradient, np.asarray(images, np.float32), targets, preprocess=self.preprocess)

    def input_gradient(self, inputs, target):
        """Return ∂S_c/∂x for the network's own inputs x, (N, h, w, C); `target` as for `gradient`."""
        targets = np.broadcast_to(np.asarray(target, np.int32), len(inputs))
        return self.run_backward(_input_gradient, np.asarray(inputs, np.float32), targets)

    def activations_and_gradients(self, inputs, target, layer=None):
        """Return a layer's output A and how the class score depends on it, ∂S_c/∂A.

        Args:
            inputs: the network's own inputs (N, h, w, C), already prepared; of another size than
                `input_size` where the network can take it.
            target: class index, or one for each input.
            layer: name of a feature layer; None for the last one.

        Returns:
            A and ∂S_c/∂A, float32 arrays (N, rows, columns, channels), and the scores (N, K).
        """
        targets = np.broadcast_to(np.asarray(target, np.int32), len(inputs))
        return self.run_backward(_activations_and_gradients, inputs, targets, layer=self.feature_layer(layer))

    def with_live_weights(self):
        """Return a copy, of the same model, whose compiled functions read its weights at every call.

        Forward passes are slower than with frozen weights, and nothing is compiled again when the weights change.
        """
        other = copy.copy(self)
        other.engine = other._exact = other._gradients = TensorFlowEngine(self.model, frozen=False)
        return other

    # Layers

    @property
    def feature_layers(self):
        """Names of the layers that give feature maps (N, h, w, C), in the order of the computation."""
        if self._features is None:
            self._features = feature_layers(self.model, self.prepare(np.zeros((*self.input_size, 3), np.float32)))
        return self._features

    def feature_layer(self, layer=None):
        """Return the name of a feature layer: `layer` itself if it is one, the last one for None.

        Raises:
            ValueError: no such layer (the nearest names are given), or a model without feature maps.
        """
        return find_layer(layer, self.feature_layers)

    @cached_property
    def _fingerprints(self):
        return _fingerprint_function(self.model)

    def _notice_new_weights(self):
        """Compiled functions hold frozen weights: drop them when the model has been trained or reloaded since."""
        weights = self._fingerprints().numpy().tobytes()
        if self._weights is not None and weights != self._weights:
            self.engine.forget()
        self._weights = weights


def probabilities_of(logits):
    """Softmax of scores (N, K), in NumPy; of a single output, the sigmoid."""
    return expit(logits) if logits.shape[-1] == 1 else softmax(logits, axis=-1)


def _scores(network, inputs):
    return network.scores(inputs)


def _input_gradient(network, inputs, targets):
    return tf.gradients(network.target_scores(inputs, targets), inputs)[0]


def image_gradient(network, images, targets, preprocess):
    """The step of `Classifier.gradient`: ∂S_c/∂I through preprocessing and network."""
    inputs = preprocessed(images, preprocess)
    return tf.gradients(network.target_scores(inputs, targets), images)[0]


def _activations_and_gradients(network, inputs, targets, layer):
    scores, activations = network.scores_and_activations(inputs, layer)
    target_scores = tf.gather(scores, targets, axis=1, batch_dims=1)
    return activations, tf.gradients(target_scores, activations)[0], scores


def _fingerprint_function(model):
    """A compiled function that gives 8 bytes for each weight, different as soon as the weight is."""

    def fingerprints():
        weights = [weight.value for weight in model.weights if weight.shape.num_elements()] or [tf.zeros(1)]
        return tf.concat([tf.fingerprint(tf.reshape(weight, [1, -1])) for weight in weights], axis=0)

    return tf.function(fingerprints, autograph=False).get_concrete_function()


def _as_batch(images):
    if isinstance(images, (str, bytes, Path)):
        return [images]
    images = [images] if getattr(images, "ndim", 4) < 4 else list(images)
    if not images:
        raise ValueError("images is empty: at least one image (H, W, 3) was expected.")
    return images


def _input_size(model, input_size):
    shape = getattr(model, "input_shape", None)  # None for a model that was not built
    if isinstance(shape, (list, dict)) and len(shape) > 1:
        raise ValueError(f"a classifier must have one input, images (N, h, w, C): this model has {len(shape)}.")
    if input_size is not None:
        return check_size(input_size, "input_size")
    if not isinstance(shape, tuple) or len(shape) != 4 or None in shape[1:3]:
        raise ValueError(f"input_size=(h, w) is needed: the model's own input shape is {shape}.")
    return tuple(shape[1:3])


def _n_classes(model, inputs):
    """The number of classes, from a first pass: two inputs go through the model as it is, and nothing is compiled.

    Raises:
        ValueError: inputs of another shape than the model's, outputs that are not (N, K) scores.
    """
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, tuple) and any(
        side not in (None, ours) for side, ours in zip(shape, inputs.shape, strict=True)
    ):
        raise ValueError(
            f"the model takes inputs {shape}, and images become {(None, *inputs.shape[1:])}: give input_size, or a "
            "preprocess that makes them fit."
        )
    outputs = model(inputs, training=False)
    check_outputs(outputs)
    outputs = np.asarray(outputs, dtype=np.float32)
    n_classes = outputs.shape[-1]
    if n_classes > 1 and 0 <= outputs.min() <= outputs.max() <= 1:
        scores = trace(model, _scores, (tf.TensorSpec(inputs.shape, tf.float32),), {})(tf.constant(inputs)).numpy()
        depend_on_the_image = not np.array_equal(scores[0], scores[1])  # constant scores may well be [1, 0]
        if depend_on_the_image and _are_probabilities(scores):
            raise ValueError(
                "the outputs of this model are probabilities, and the softmax that makes them was not found, so that "
                "there are no scores to explain: let the model end in Dense(K) without activation, or in a plain "
                'softmax, as Dense(K, activation="softmax") or keras.layers.Softmax().'
            )
        if not np.array_equal(scores, outputs) and not _are_probabilities(outputs):
            raise ValueError(
                f"this model ends in {n_classes} sigmoids, so that an image may have several classes: a classifier "
                "with one class for each image was expected, ending in logits or a softmax."
            )
    return n_classes


def _are_probabilities(rows):
    return rows.min() >= 0 and np.abs(rows.sum(axis=-1) - 1).max() < 5e-3  # half precision is no better


def _labels(labels, n_classes):
    if isinstance(labels, str):
        raise ValueError(f"labels must be a list of {n_classes} names, got the text {labels!r:.80}.")
    labels = [f"class {index}" for index in range(n_classes)] if labels is None else list(labels)
    if len(labels) != n_classes:
        raise ValueError(f"labels must name the {n_classes} outputs of the model, got {len(labels)} names.")
    return [
        label if isinstance(label, ClassLabel) else ClassLabel(index, None, str(label))
        for index, label in enumerate(labels)
    ]

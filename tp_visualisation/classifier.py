"""The one object to learn: a network with its preprocessing and its labels."""

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from tp_visualisation import steps
from tp_visualisation.checks import check_choice, check_integer
from tp_visualisation.images import Image, Size, as_batch, check_image, resize_all
from tp_visualisation.labels import (
    Prediction,
    Target,
    check_classes,
    check_scores,
    class_indices,
    class_labels,
    find_class,
)
from tp_visualisation.later import engines


class Classifier:
    """A network under study: RGB images in, scores and probabilities out.

    Args:
        model: Keras 3 model with inputs (N, h, w, C) and outputs (N, K), softmax at the end or
            not: Functional, Sequential, subclassed, with other models as layers. It stays as it is; one
            that was not built yet is built. Outputs of another shape, as the pixels of a segmentation, are
            explained with a function as target.
        preprocess: function from RGB float32 images (N, h, w, 3) in [0, 255] to the model's inputs,
            made of arithmetic, keras.ops or TensorFlow operations so that gradients pass through it;
            None where the model takes RGB in [0, 255].
        labels: K names, in the order of the outputs; None numbers them.
        input_size: (h, w) that images are resized to; None takes it from the model.
        name: how it is called in figures; None takes the model's name.
        engine: what runs forward passes, as in `load_classifier`; scores, probabilities and metrics are
            computed in f32 with any of them.
        activation: what makes probabilities of the model's scores: "softmax" (one class for each image),
            "sigmoid" (each class for itself; of a single output, two classes: no and yes), or None for
            outputs that are no scores of classes, as in a regression: they are explained as they are, and
            there are no probabilities. "auto" reads it from the model: its last operation, else the loss that
            it was compiled with, else softmax for several outputs and None for one without two labels.
        output: of a model with several outputs, the name or number of the one to explain.
        fixed_inputs: of a model with several inputs, name → value of all but the one that takes the images; a value
            has the input's shape without the axis of the batch.
        function: a black box instead of a model: a function from inputs (N, h, w, C), float32, to probabilities
            (N, K), or (N,) for one of two classes: P(yes). Methods explain it that need neither gradients nor feature
            maps. `activation` is "softmax" where its K numbers add up to 1, and else to be said.

    What is explained is what `model.predict` computes: layers run as in inference, but those whose `training` was fixed
    in the model.

    Any number of threads may use a classifier at once, also while others call, train or save the model: nothing of the
    model is ever replaced.

    Raises:
        ValueError: not a Keras model, inputs left open, several outputs and none chosen, no input
            size, inputs of another size, or a number of labels that is not the number of classes.
    """

    def __init__(
        self,
        model: Any = None,
        preprocess: Callable | None = None,
        labels: Sequence | None = None,
        input_size: Size | int | None = None,
        *,
        name: str | None = None,
        engine: str = "tensorflow",
        activation: str | None = "auto",
        output: str | int | None = None,
        fixed_inputs: dict[str, Any] | None = None,
        function: Callable | None = None,
    ):
        model = engines.check_model(model, function)
        self.model, self.preprocess, self.name = model, preprocess, name or model.name
        self.input_size = engines.input_size_of(engines.input_shape_of(model, fixed_inputs), input_size)
        check_choice(("auto", "softmax", "sigmoid", "None"), activation=str(activation))
        labels = labels if labels is None or isinstance(labels, str) else list(labels)

        images = np.random.default_rng(0).uniform(0, 255, (2, *self.input_size, 3))
        inputs = self.prepare(images)
        network = engines.Network(model, preprocess, None, output, fixed_inputs)
        self.output_shape = engines.settle(
            network, inputs, self.input_size, activation, None if labels is None else len(labels)
        )
        self.activation = network.activation
        *pixels, n_classes = self.output_shape[1:]
        self.labels = [] if pixels and labels is None else class_labels(labels, n_classes)
        self._use(network, engine)

    def _use(self, network, engine):
        """Explain `network`, whose forward passes the engine of this name runs."""
        self.engine = engines.make_engine(network, engine)
        self._gradients = engines.GradientEngine(network)
        self._watch, self._scalar = engines.WeightsWatch(self.model), None

    def __getstate__(self):  # for pickle: a target function may be a lambda
        return {**self.__dict__, "_scalar": None}

    def __repr__(self):
        height, width = self.input_size
        gives = f"{len(self.labels)} classes" if len(self.output_shape) == 2 else f"outputs {self.output_shape}"
        return f"Classifier({self.name!r}, {gives}, input {height} x {width}, {self.engine})"

    # Images and classes

    def class_index(self, target: int | str | Callable) -> int:
        """Return the index of a class given by index, label or WordNet id.

        Raises:
            ValueError: unknown (the nearest labels are named) or ambiguous (the candidates are).
        """
        check_classes(self.output_shape)
        return find_class(target, self.labels)

    def check(self, image: Image, target: Target = None) -> tuple["Classifier", Image, int]:
        """Return what is explained: the classifier, `image` as a new float32 array (H, W, 3), and a class index.

        Every method begins with it: what is wrong is said before any slow work. A function as target makes another
        classifier, whose only output is that function.

        Args:
            image: RGB array (H, W, 3), values in [0, 255].
            target: index, label or WordNet id; None for the predicted class; or a function of the scores before the
                softmax, a TensorFlow tensor (N, K) → (N,), such as `lambda scores: scores[:, 3] - scores[:, 5]`.

        Raises:
            ValueError: `image` or `target` is not as above.
        """
        image = check_image(image)
        if callable(target):
            return self.with_scalar(target), image, 0
        return self, image, self.check_target(image, target)

    def check_target(self, image: Image, target: Target) -> int:
        """Return `target` as a class index; None is the class predicted for `image`, which was checked before.

        Raises:
            ValueError: no such class.
        """
        check_classes(self.output_shape)
        if target is None:
            return int(self.input_scores(self.prepare(image))[0].argmax())
        index = self.class_index(target)
        self.notice_new_weights()
        return index

    def prepare(self, images: Image | Sequence[Image]) -> np.ndarray:
        """Return the network's own inputs (N, h, w, C) from RGB images, one or several: resized, preprocessed."""
        resized = resize_all(images, self.input_size)
        inputs = resized if self.preprocess is None else self.preprocess(resized)
        inputs = np.asarray(inputs, dtype=np.float32)
        if inputs.ndim != 4 or len(inputs) != len(resized):
            raise ValueError(
                f"preprocess must give inputs (N, h, w, C), it turned {resized.shape} into {inputs.shape}."
            )
        return inputs

    # Forward passes

    def top(self, image: Image, k: int = 5) -> list[Prediction]:
        """Return the `k` most probable classes of one image: a list of `Prediction`, the most probable first."""
        check_integer("[1, inf)", k=k)
        image = check_image(image)
        return self.predictions(self.input_probabilities(self.prepare(image))[0], k)

    def predictions(self, probabilities: np.ndarray, k: int = 5) -> list[Prediction]:
        """Return the `k` largest of probabilities (K,) as a list of `Prediction`, the most probable first."""
        check_integer("[1, inf)", k=k)
        best = np.argsort(-probabilities, kind="stable")[:k]
        return [self.prediction(index, probabilities[index]) for index in best]

    def prediction(self, index: int, probability: float) -> Prediction:
        """Return the `Prediction` of a class index with a probability."""
        entry = self.labels[index]
        return Prediction(entry.index, entry.wnid, entry.label, float(probability))

    def scores(self, images: Image | Sequence[Image], batch_size: int | None = None) -> np.ndarray:
        """Return the class scores before the softmax, float32 (N, K).

        Args:
            images: RGB in [0, 255], of any size: one (H, W, 3), a batch (N, H, W, 3), or a list.
            batch_size: images per pass; bounds the memory. None for 32, or on a GPU for what its memory holds.
        """
        images = [check_image(image) for image in as_batch(images)]
        batch_size = self.engine.batch_size(batch_size, 32)
        starts = range(0, len(images), batch_size)
        return np.concatenate([self.input_scores(self.prepare(images[start : start + batch_size])) for start in starts])

    def probabilities(self, images: Image | Sequence[Image], batch_size: int | None = None) -> np.ndarray:
        """Return the class probabilities, float32 (N, K); arguments as for `scores`."""
        return self.probabilities_of(self.scores(images, batch_size))

    def input_scores(self, inputs: np.ndarray, batch_size: int | None = None) -> np.ndarray:
        """Return the class scores (N, K) of the network's own inputs (N, h, w, C), already prepared.

        Raises:
            ValueError: no input, or scores that are not finite.
        """
        batch_size = self.engine.batch_size(batch_size, 32)
        if len(inputs) == 0:
            raise ValueError("inputs is empty: at least one input (h, w, C) was expected.")
        self.notice_new_weights()
        starts = range(0, len(inputs), batch_size)
        scores = np.concatenate([self.run_exact(steps.scores, inputs[start : start + batch_size]) for start in starts])
        check_scores(scores, self.name)
        return scores

    def input_probabilities(self, inputs: np.ndarray, batch_size: int | None = None) -> np.ndarray:
        """Return the class probabilities (N, K) of the network's own inputs (N, h, w, C), already prepared."""
        return self.probabilities_of(self.input_scores(inputs, batch_size))

    def probabilities_of(self, scores: np.ndarray) -> np.ndarray:
        """Return the probabilities (N, K) that belong to scores (N, K), by `activation`.

        Raises:
            ValueError: there are none, as `activation` is None.
        """
        self.check_probabilities()
        return softmax(scores, axis=-1) if self.activation == "softmax" else expit(scores)

    def check_probabilities(self) -> None:
        """Raise a ValueError if there are no probabilities, as `activation` is None."""
        if self.activation is None:
            raise ValueError(
                f"{self.name} gives no probabilities: what is explained are numbers, no scores of classes. If they "
                'are, say so when the Classifier is made: activation="softmax" or "sigmoid".'
            )

    def run(self, step, *arrays, few: bool = False, **options):
        """Run a method's forward step with the network inside, see `engines`; for `few` images nothing is frozen."""
        return self._forward(few).run(step, *arrays, **options)

    def run_each(self, step, batches: Iterable[tuple], *, backward=False, few=False, **options) -> Iterator:
        """Yield `run`, or `run_backward`, of each tuple of arrays; a GPU works on the next ones meanwhile."""
        if backward:
            self.engine.network.check_gradients()
        return (self._gradients if backward else self._forward(few)).run_each(step, batches, **options)

    def run_exact(self, step, *arrays, **options):
        """Run a forward step in f32 whatever the engine's precision: for scores and metrics."""
        few = step is steps.scores and len(arrays[0]) <= steps.FEW
        return self._forward(few, not self.engine.exact).run(step, *arrays, **options)

    def _forward(self, few, in_f32=False):  # a frozen graph pays after about a thousand passes
        return self._gradients if in_f32 or (few and self.engine.name == "tensorflow") else self.engine

    # Backward passes

    def run_backward(self, step, *arrays, **options):
        """Run a method's step that takes gradients: always TensorFlow, whatever the engine.

        Raises:
            ValueError: only probabilities are known of this network, and no gradient of a score.
        """
        self.engine.network.check_gradients()
        return self._gradients.run(step, *arrays, **options)

    def gradient(self, images: np.ndarray, target: int | np.ndarray) -> np.ndarray:
        """Return ∂S_c/∂I, the gradient of the class score before the softmax with respect to grey levels.

        Args:
            images: RGB float32 (N, h, w, 3) in [0, 255], at the input size; noise may take values a little outside.
            target: class index, or one for each image.

        Returns:
            float32 array (N, h, w, 3), in score units per grey level.
        """
        return self.scores_and_gradient(images, target)[1]

    def scores_and_gradient(self, images: np.ndarray, target: int | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores (N, K) and ∂S_c/∂I (N, h, w, 3) of one pass; arguments as for `gradient`."""
        targets = class_indices(target, len(images), self.output_shape)
        self.notice_new_weights()
        return self.run_backward(steps.image_gradient, np.asarray(images, np.float32), targets)

    def input_gradient(self, inputs: np.ndarray, target: int | np.ndarray) -> np.ndarray:
        """Return ∂S_c/∂x for the network's own inputs x, (N, h, w, C); `target` as for `gradient`."""
        return self.input_scores_and_gradient(inputs, target)[1]

    def input_scores_and_gradient(self, inputs: np.ndarray, target: int | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the scores (N, K) and ∂S_c/∂x (N, h, w, C) of one pass, for the network's own inputs x."""
        targets = class_indices(target, len(inputs), self.output_shape)
        self.notice_new_weights()
        return self.run_backward(steps.input_gradient, np.asarray(inputs, np.float32), targets)

    def activations_and_gradients(
        self, inputs: np.ndarray, target: int | np.ndarray, layer: str | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return a layer's output A and how the class score depends on it, ∂S_c/∂A.

        Args:
            inputs: the network's own (N, h, w, C), prepared; of another size than `input_size` where it can take it.
            target: class index, or one for each input.
            layer: name of a feature layer; None for the last one.

        Returns:
            A and ∂S_c/∂A, float32 arrays (N, rows, columns, channels), and the scores (N, K).
        """
        targets = class_indices(target, len(inputs), self.output_shape)
        self.notice_new_weights()
        return self.run_backward(steps.activations_and_gradients, inputs, targets, layer=self.feature_layer(layer))

    def with_live_weights(self) -> "Classifier":
        """Return a copy of the same model that reads its weights at every call: slower, and never compiled anew."""
        other = copy.copy(self)
        network = self.engine.network.with_live_weights()
        other.engine = other._gradients = engines.TensorFlowEngine(network, frozen=False)
        other._watch, other._scalar = engines.WeightsWatch(self.model), None
        return other

    def with_scalar(self, function: Callable) -> "Classifier":
        """Return a copy of the model with one output, that function of the scores, kept until another one comes."""
        if self._scalar is None or self._scalar[0] is not function:
            self.notice_new_weights()  # the copy has the trace of the network in common
            other, network = copy.copy(self), copy.copy(self.engine.network)
            network.scalar = function
            other._use(network, self.engine.name)
            other.activation, other.output_shape = None, (None, 1)
            other.labels = class_labels([getattr(function, "__name__", "target").strip("<>")], 1)
            self._scalar = function, other
        return self._scalar[1]

    # Layers

    @property
    def feature_layers(self) -> list[str]:
        """Names of the layers that give feature maps, in the order of the computation; the last one is the default."""
        return list(self.engine.network.grids)

    def feature_layer(self, layer: str | None = None) -> str:
        """Return the name of a feature layer: `layer` itself if it is one, the last one for None.

        Raises:
            ValueError: no such layer (the nearest names are given), or a model without feature maps.
        """
        return engines.find_layer(layer, self.feature_layers)

    def notice_new_weights(self) -> None:
        """Drop compiled functions, which hold frozen weights, when the model has been trained or reloaded since."""
        self._watch.if_changed(self.engine.forget, self._gradients.forget)

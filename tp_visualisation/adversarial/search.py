"""What the attacks share: batches, gradients through the resizing, and the test on the image of 8 bits.

An attack climbs from an image x_0 to x_1, x_2, ..., in floating point. After every step the image is rounded to whole
grey levels and shown to the classifier the ordinary way: only what fools then counts, since it is what a file can hold.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

import numpy as np
from tqdm import tqdm

from tp_visualisation import steps
from tp_visualisation.adversarial.example import AdversarialExample
from tp_visualisation.checks import check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, as_batch, check_image
from tp_visualisation.labels import Target
from tp_visualisation.later import tf
from tp_visualisation.names import counted

Images = Image | Sequence[Image]  # one image (H, W, 3); or several: a batch (N, H, W, 3), or a list of any sizes


def attacked(
    classifier: Classifier,
    image: Images,
    target: Target,
    attack: "Callable[[Search], None]",
    *,
    name: str,
    n_steps: int,
    min_probability: float = 0.0,
    least_likely: bool = False,
    batch_size: int | None = None,
    progress: bool = False,
) -> AdversarialExample | list[AdversarialExample]:
    """Run an attack on one image, or on several, those of one size together.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3); or a batch (N, H, W, 3) or a list of such images, of any sizes.
        target: class to reach: index, label or WordNet id; None for any other class.
        attack: function that runs a `Search` to its end.
        name: what the attack is called, beside the progress bar.
        n_steps: steps at most, for each image.
        min_probability: probability that the class reached must have.
        least_likely: without a target, go to the class that is the least likely for each image.
        batch_size: images attacked together; bounds the memory and does not change the result.
            None for 8, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        `AdversarialExample`, or a list of them where several images were given.

    Raises:
        ValueError: an argument is not as above, the network has one class only, or an image is
            already predicted as the target.
    """
    check_integer("[1, inf)", n_steps=n_steps)
    batch_size = classifier.engine.batch_size(batch_size, 8)
    check_number("[0, 1)", min_probability=min_probability)
    if len(classifier.labels) < 2:
        raise ValueError("an attack needs at least two classes to choose between, this classifier has one.")
    if target is not None:
        target = classifier.class_index(target)
    given = as_batch(image)
    single = given[0] is image
    names = ["image"] if single else [f"image {number}" for number in range(len(given))]
    images = [np.rint(check_image(one, name)) for one, name in zip(given, names, strict=True)]
    classifier.notice_new_weights()
    probabilities = [classifier.input_probabilities(classifier.prepare(one))[0] for one in images]
    for before, name_of_one in zip(probabilities, names, strict=True):
        _check_goal(classifier, target, before, name_of_one)

    examples: list[AdversarialExample] = []
    with tqdm(desc=name, total=n_steps * len(images), unit=" steps", delay=1, disable=not progress) as bar:
        for _, pairs in groupby(zip(images, probabilities, strict=True), key=lambda pair: pair[0].shape):
            group = list(pairs)
            for start in range(0, len(group), batch_size):
                originals, before = map(np.stack, zip(*group[start : start + batch_size], strict=True))
                end = n_steps * (len(examples) + len(originals))
                on_step = partial(_advance, bar, end)
                search = Search(
                    classifier, originals, before, target, min_probability, least_likely=least_likely, on_step=on_step
                )
                attack(search)
                examples += search.examples()
                bar.update(end - bar.n)  # the steps that were not needed
    return examples[0] if single else examples


def _advance(bar, end, n_images):
    bar.update(min(n_images, end - bar.n))


def _check_goal(classifier, target, probabilities, name):
    if not np.isfinite(probabilities).all():
        raise ValueError(f"the network gives NaN for {name}: check its weights and its preprocess.")
    if target == probabilities.argmax():
        raise ValueError(
            f'{name} is already predicted as the target "{classifier.labels[target].label}": choose another target.'
        )


class Search:
    """The way from originals to images that fool, for images of one size.

    Args:
        classifier: `Classifier` to fool.
        originals: float32 (N, H, W, 3), whole grey levels in [0, 255].
        probabilities: what the classifier gives for them, float32 (N, K).
        target: index of the class to reach; None for any class but the predicted one.
        min_probability: probability that the class reached must have.
        least_likely: without a target, go to the class that is the least likely for each image.
        on_step: function that is told after each step how many images took it.

    Attributes:
        originals: float32 (N, H, W, 3), whole grey levels.
        sources: classes predicted for the originals, int32 (N,).
        targets: classes to reach, int32 (N,); None for any class but the source.
        n_steps: gradient steps that each image took, integers (N,).
        success: which images fool, bool (N,).
        reasons: why each one gave up, list of strings; empty while it goes on, and on success.
        margins: the best try of each: how far the score of its goal is above the others, (N,).
    """

    def __init__(
        self,
        classifier: Classifier,
        originals: np.ndarray,
        probabilities: np.ndarray,
        target: int | None = None,
        min_probability: float = 0.0,
        *,
        least_likely: bool = False,
        on_step: Callable[[int], None] = lambda n_images: None,
    ) -> None:
        self.classifier = classifier
        self.originals, self.before = originals, probabilities
        self.sources = probabilities.argmax(axis=-1).astype(np.int32)
        self.targets = None if target is None else np.full(len(originals), target, np.int32)
        if target is None and least_likely:
            self.targets = probabilities.argmin(axis=-1).astype(np.int32)
        self.min_probability = min_probability
        self.on_step = on_step

        n = len(originals)
        self.best, self.after = originals.copy(), probabilities.copy()
        self.margins = np.full(n, -np.inf)
        self.success = np.zeros(n, bool)
        self.n_steps = np.zeros(n, int)
        self.reasons = [""] * n

    @property
    def active(self) -> np.ndarray:
        """Indices of the images that neither fool yet nor are stuck."""
        return np.flatnonzero([not fooled and not why for fooled, why in zip(self.success, self.reasons, strict=True)])

    def climb(
        self,
        move: Callable,
        n_steps: int,
        *,
        objective: str,
        start: np.ndarray | None = None,
        rounding: Callable = np.rint,
    ) -> None:
        """Repeat x ← move(x, g, indices) until the rounded image fools, at most `n_steps` times.

        Args:
            move: function of images (n, H, W, 3), their ascent directions g and their indices in the batch.
            n_steps: steps at most.
            objective: what g is the gradient of, see `ascent`.
            start: x_0, float32 (N, H, W, 3); None for the originals.
            rounding: from perturbations (n, H, W, 3) to whole grey levels.
        """
        x = (self.originals if start is None else start).copy()
        for _ in range(n_steps):
            active = self.active
            if not len(active):
                return
            indices, g = self.usable(self.ascent(x, active, objective), active)
            self.n_steps[indices] += 1
            if len(indices):
                x[indices] = np.clip(move(x[indices], g, indices), 0, 255)
                self.look(self.originals[indices] + rounding(x[indices] - self.originals[indices]), indices)
            self.on_step(len(active))
        self.give_up(f"not reached in {counted(n_steps, 'step')}")

    def ascent(self, x: np.ndarray, indices: np.ndarray, objective: str) -> np.ndarray:
        """Return the direction that leads to the goal, for the images of these indices.

        With a target it is the gradient of the target's score ("score") or of its log-probability
        ("log_probability", the negative cross-entropy); without, minus that of the source.
        """
        if self.targets is not None:
            return self.gradient(x[indices], self.targets[indices], objective)[1]
        return -self.gradient(x[indices], self.sources[indices], objective)[1]

    def gradient(self, images: np.ndarray, classes: np.ndarray, objective: str) -> tuple[np.ndarray, np.ndarray]:
        """Return scores (n, K), and the gradient of the objective with respect to each grey level, (n, H, W, 3)."""
        return self.classifier.run_backward(
            _scores_and_gradient, images, classes, objective=objective, size=self.classifier.input_size
        )

    def usable(self, g: np.ndarray, indices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Leave out, with the reason, the images whose gradient leads nowhere."""
        sums = np.abs(g).sum(axis=(1, 2, 3), dtype=np.float64)
        for index, total in zip(indices, sums, strict=True):
            if not np.isfinite(total):
                self.reasons[index] = "the gradient is not finite"
            elif total == 0:
                self.reasons[index] = "the gradient is zero: the network is saturated or flat there"
        kept = np.isfinite(sums) & (sums > 0)
        return indices[kept], g[kept]

    def look(self, images: np.ndarray, indices: Sequence[int] | np.ndarray) -> np.ndarray:
        """Show images of whole grey levels to the classifier, keep those that fool and else the best try.

        Returns:
            bool (n,): which ones fool.
        """
        images = np.clip(images, 0, 255)
        scores = self.classifier.input_scores(self.classifier.prepare(images))
        probabilities = self.classifier.probabilities_of(scores)
        for image, s, p, index in zip(images, scores, probabilities, indices, strict=True):
            margin = self._margin(s, index)
            self.success[index] = self._fools(p, index)
            if self.success[index] or margin > self.margins[index]:
                self.best[index], self.after[index], self.margins[index] = image, p, margin
        return self.success[indices]

    def _fools(self, probabilities, index):
        seen = probabilities.argmax()
        reached = seen != self.sources[index] if self.targets is None else seen == self.targets[index]
        return bool(reached and probabilities[seen] >= self.min_probability)

    def _margin(self, scores, index):
        """How far the score of the goal is above the others: positive where the image fools."""
        known = self.sources[index] if self.targets is None else self.targets[index]
        above_others = scores[known] - np.delete(scores, known).max()
        return -above_others if self.targets is None else above_others

    def give_up(self, reason: str) -> None:
        """Stop the images that do not fool yet."""
        for index in self.active:
            self.reasons[index] = reason

    def examples(self) -> list[AdversarialExample]:
        """Return the list of `AdversarialExample`."""
        return [self._example(index) for index in range(len(self.originals))]

    def _example(self, index):
        perturbation = self.best[index] - self.originals[index]
        target = None if self.targets is None else int(self.targets[index])
        after = self.after[index]
        return AdversarialExample(
            image=self.best[index].astype(np.uint8),
            perturbation=perturbation,
            l2=float(np.sqrt((perturbation.astype(np.float64) ** 2).sum())),
            linf=float(np.abs(perturbation).max()),
            original_top=tuple(self.classifier.predictions(self.before[index])),
            adversarial_top=tuple(self.classifier.predictions(after)),
            target=None if target is None else self.classifier.prediction(target, after[target]),
            n_steps=int(self.n_steps[index]),
            success=bool(self.success[index]),
            reason=self.reasons[index],
        )


def norm_of(arrays: np.ndarray) -> np.ndarray:
    """Return the Euclidean norm of each array of a batch, float64 (n, 1, 1, 1)."""
    return np.sqrt((arrays.astype(np.float64) ** 2).sum(axis=(1, 2, 3), keepdims=True))


def normalised(g: np.ndarray) -> np.ndarray:
    """Return each array of a batch divided by its norm: float32, also where the norm's square is beyond float32."""
    return (g / norm_of(g)).astype(np.float32)


def check_epsilon(epsilon: float, norm: str = "linf") -> None:
    """Raise a ValueError unless the pixels of an image of 8 bits ("l2": all of them together) move by `epsilon`."""
    if norm == "linf":
        check_number("[1, 255]", "grey levels of an image of 8 bits", epsilon=epsilon)
    check_number("[1, inf)", "the smallest change of an image of 8 bits", epsilon=epsilon)


# The step that runs with the network inside: see `engines`


def _scores_and_gradient(network, images, classes, objective, size):
    """Images (n, H, W, 3) of any size → scores (n, K), gradient of the objective (n, H, W, 3)."""
    resized = tf.image.resize(images, size, method="bilinear")
    scores = network.scores(network.prepare(resized))
    values = scores if objective == "score" else network.log_probabilities_of(scores)
    return scores, steps.gradient_of_class(values, classes, images)


steps.OF_CLASSES.add(_scores_and_gradient)

"""What the attacks share: batches, gradients through the resizing, and the test on the image of 8 bits.

An attack climbs from an image x_0 to x_1, x_2, ..., in floating point. After every step the image is rounded to whole
grey levels and shown to the classifier the ordinary way: only what fools then counts, since it is what a file can hold.
"""

from itertools import groupby

import numpy as np
import tensorflow as tf

from tp_visualisation.adversarial.example import AdversarialExample
from tp_visualisation.classifier import probabilities_of
from tp_visualisation.images import check_image
from tp_visualisation.names import counted
from tp_visualisation.tracing import preprocessed


def attacked(classifier, image, target, attack, *, confidence=0.0, batch_size=8):
    """Run an attack on one image, or on several, those of one size together.

    Args:
        classifier: `Classifier` to fool.
        image: RGB in [0, 255], (H, W, 3); or a batch (N, H, W, 3) or a list of such images, of any sizes.
        target: class to reach: index, label or WordNet id; "least likely"; None for any other class.
        attack: function that runs a `Search` to its end.
        confidence: probability that the class reached must have.
        batch_size: images attacked together; bounds the memory and does not change the result.

    Returns:
        `AdversarialExample`, or a list of them where several images were given.

    Raises:
        ValueError: an argument is not as above, the network has one class only, or an image is
            already predicted as the target.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}.")
    if not 0 <= confidence < 1:
        raise ValueError(f"confidence is a probability in [0, 1), got {confidence}.")
    if len(classifier.labels) < 2:
        raise ValueError("an attack needs at least two classes to choose between, this classifier has one.")
    if target is not None and target != "least likely":
        target = classifier.class_index(target)
    single = getattr(image, "ndim", 4) == 3 or isinstance(image, (str, bytes))
    images = [np.rint(check_image(one)) for one in ([image] if single else image)]
    probabilities = [classifier.probabilities(one)[0] for one in images]
    for number, before in enumerate(probabilities):
        _check_goal(classifier, target, before, "image" if single else f"image {number}")

    examples = []
    for _, group in groupby(zip(images, probabilities, strict=True), key=lambda pair: pair[0].shape):
        group = list(group)
        for start in range(0, len(group), batch_size):
            batch = (np.stack(arrays) for arrays in zip(*group[start : start + batch_size], strict=True))
            search = Search(classifier, *batch, target, confidence)
            attack(search)
            examples += search.examples()
    return examples[0] if single else examples


def _check_goal(classifier, target, probabilities, name):
    if not np.isfinite(probabilities).all():
        raise ValueError(f"the network gives NaN for {name}: check its weights and its preprocess.")
    if target == probabilities.argmax():
        raise ValueError(
            f'{name} is already predicted as the target "{classifier.labels[target].label}": choose another target.'
        )


class Search:
    """The way from originals to images that fool, for images of one size.

    Attributes:
        originals: float32 (N, H, W, 3), whole grey levels.
        sources: classes predicted for the originals, int32 (N,).
        targets: classes to reach, int32 (N,); None for any class but the source.
    """

    def __init__(self, classifier, originals, probabilities, target=None, confidence=0.0):
        self.classifier = classifier
        self.originals, self.before = originals, probabilities
        self.sources = probabilities.argmax(axis=-1).astype(np.int32)
        if target == "least likely":
            self.targets = probabilities.argmin(axis=-1).astype(np.int32)
        else:
            self.targets = None if target is None else np.full(len(originals), target, np.int32)
        self.confidence = confidence

        n = len(originals)
        self.best, self.after = originals.copy(), probabilities.copy()
        self.margins = np.full(n, -np.inf)
        self.success = np.zeros(n, bool)
        self.n_steps = np.zeros(n, int)
        self.reasons = [""] * n

    @property
    def active(self):
        """Indices of the images that neither fool yet nor are stuck."""
        return np.flatnonzero([not fooled and not why for fooled, why in zip(self.success, self.reasons, strict=True)])

    def climb(self, move, max_steps, *, objective, start=None, rounding=np.rint):
        """Repeat x ← move(x, g, indices) until the rounded image fools, at most `max_steps` times.

        Args:
            move: function of images (n, H, W, 3), their ascent directions g and their indices in the batch.
            max_steps: gradient steps at most.
            objective: what g is the gradient of, see `ascent`.
            start: x_0, float32 (N, H, W, 3); None for the originals.
            rounding: from perturbations (n, H, W, 3) to whole grey levels.
        """
        x = (self.originals if start is None else start).copy()
        for _ in range(max_steps):
            if not len(self.active):
                return
            g = self.ascent(x, self.active, objective)
            indices, g = self.usable(g, self.active)
            self.n_steps[indices] += 1
            if len(indices):
                x[indices] = np.clip(move(x[indices], g, indices), 0, 255)
                self.look(self.originals[indices] + rounding(x[indices] - self.originals[indices]), indices)
        self.give_up(f"not reached in {counted(max_steps, 'step')}")

    def ascent(self, x, indices, objective):
        """Return the direction that leads to the goal, for the images of these indices.

        With a target it is the gradient of the target's score ("score") or of its log-probability
        ("log_probability", the negative cross-entropy); without, minus that of the source.
        """
        if self.targets is not None:
            return self.gradient(x[indices], self.targets[indices], objective)[1]
        return -self.gradient(x[indices], self.sources[indices], objective)[1]

    def gradient(self, images, classes, objective):
        """Return scores (n, K), and the gradient of the objective with respect to each grey level, (n, H, W, 3)."""
        return self.classifier.run_backward(
            scores_and_gradient, images, classes, objective=objective,
            preprocess=self.classifier.preprocess, size=self.classifier.input_size,
        )  # fmt: skip

    def usable(self, g, indices):
        """Leave out, with the reason, the images whose gradient leads nowhere."""
        sums = np.abs(g).sum(axis=(1, 2, 3), dtype=np.float64)
        for index, total in zip(indices, sums, strict=True):
            if not np.isfinite(total):
                self.reasons[index] = "the gradient is not finite"
            elif total == 0:
                self.reasons[index] = "the gradient is zero: the network is saturated or flat there"
        kept = np.isfinite(sums) & (sums > 0)
        return indices[kept], g[kept]

    def look(self, images, indices):
        """Show images of whole grey levels to the classifier, keep those that fool and else the best try.

        Returns:
            bool (n,): which ones fool.
        """
        images = np.clip(images, 0, 255)
        logits = self.classifier.logits(images)
        probabilities = probabilities_of(logits)
        for image, scores, p, index in zip(images, logits, probabilities, indices, strict=True):
            margin = self._margin(scores, index)
            self.success[index] = self._fools(p, index)
            if self.success[index] or margin > self.margins[index]:
                self.best[index], self.after[index], self.margins[index] = image, p, margin
        return self.success[indices]

    def _fools(self, probabilities, index):
        seen = probabilities.argmax()
        reached = seen != self.sources[index] if self.targets is None else seen == self.targets[index]
        return bool(reached and probabilities[seen] >= self.confidence)

    def _margin(self, scores, index):
        """How far the score of the goal is above the others: positive where the image fools."""
        known = self.sources[index] if self.targets is None else self.targets[index]
        above_others = scores[known] - np.delete(scores, known).max()
        return -above_others if self.targets is None else above_others

    def give_up(self, reason):
        """Stop the images that do not fool yet."""
        for index in self.active:
            self.reasons[index] = reason

    def examples(self):
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
            original_top=_top(self.classifier, self.before[index]),
            adversarial_top=_top(self.classifier, after),
            target=None if target is None else self.classifier.prediction(target, after[target]),
            n_steps=int(self.n_steps[index]),
            success=bool(self.success[index]),
            reason=self.reasons[index],
        )


def _top(classifier, probabilities, k=5):
    best = np.argsort(-probabilities, kind="stable")[:k]
    return tuple(classifier.prediction(index, probabilities[index]) for index in best)


def norm_of(arrays):
    """Euclidean norm of each array of a batch, float64 (n, 1, 1, 1)."""
    return np.sqrt((arrays.astype(np.float64) ** 2).sum(axis=(1, 2, 3), keepdims=True))


def normalised(g):
    """Each array of a batch divided by its norm: float32, also where that norm is beyond float32's squares."""
    return (g / norm_of(g)).astype(np.float32)


def check_epsilon(epsilon):
    """Return `epsilon`, or raise a ValueError unless an image of 8 bits can be moved that far."""
    if not 1 <= epsilon <= np.inf:
        raise ValueError(
            f"epsilon must be at least 1 grey level, the smallest change of an image of 8 bits, got {epsilon}."
        )
    return epsilon


def scores_and_gradient(network, images, classes, objective, preprocess, size):
    """Compiled step: images (n, H, W, 3) of any size → scores (n, K), gradient of the objective (n, H, W, 3)."""
    resized = tf.image.resize(images, size, method="bilinear")
    scores = network.scores(preprocessed(resized, preprocess))
    values = scores if objective == "score" else tf.nn.log_softmax(scores)
    return scores, tf.gradients(tf.gather(values, classes, axis=1, batch_dims=1), images)[0]

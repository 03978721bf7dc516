"""Deletion and insertion: hide or show pixels in the order of a map, and watch the probability of the class.

Petsiuk, Das and Saenko, "RISE: randomized input sampling for explanation of black-box models", 2018.
https://arxiv.org/abs/1806.07421

A map says which pixels matter; these two curves ask the network whether they do. The pixels of the network's input
are sorted by decreasing saliency and changed `step_size` at a time, n times in all:

    deletion    from the image x to zeros: if the map is right the probability falls at once, and the area is small
    insertion   from a blurred x to x: if the map is right the probability rises at once, and the area is large

    area = (p_0/2 + p_1 + … + p_{n-1} + p_n/2) / n        overall = area of insertion − area of deletion

Everything happens in the network's own input space, after preprocessing: zero is that space's zero, and the blur is
the authors', an 11 × 11 kernel with zeros around the image. That kernel is what SciPy's `gaussian_filter` makes of a
single one in an 11 × 11 square (σ = 5); reflected at the borders of the square, the Gaussian is nearly a box
(0.0077 to 0.0088). We keep it so that areas agree with published ones.

Ties: of pixels with equal saliency the first in reading order comes first. The authors' program leaves them to an
unstable sort; where a seventh of a Grad-CAM map is zero, our area of insertion differs from its own by 0.001.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.ndimage import convolve1d, gaussian_filter1d
from tqdm import tqdm

from tp_visualisation.checks import check_choice, check_integer
from tp_visualisation.classifier import Classifier
from tp_visualisation.evaluation.judged import Judged
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap


class Curve(NamedTuple):
    """Probabilities (n + 1,) of a class after fractions (n + 1,) of the pixels, from 0 to 1, and the area below."""

    fractions: np.ndarray
    probabilities: np.ndarray
    auc: float


def deletion(
    classifier: Classifier,
    image: Image,
    saliency_map: SaliencyMap,
    target: Target = None,
    *,
    step_size: int = 224,
    batch_size: int | None = None,
    progress: bool = False,
) -> Curve:
    """Return the curve of the class probability as pixels are put to zero, the most salient first.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        saliency_map: array (H, W), raw values; resized to the network's input size.
        target: class to follow: index, label or WordNet id; None for the predicted class.
        step_size: pixels changed at a time; the last time may be fewer.
        batch_size: images per pass; bounds the memory and does not change the curve.
            None for 32, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        `Curve`; its `auc` lies in [0, 1], smaller is better.

    Raises:
        ValueError: an argument is not as above; the map is of another size, constant or not finite.
    """
    subject = Judged(classifier, image, saliency_map, target)
    return curve_of(subject, "deletion", step_size=step_size, batch_size=batch_size, progress=progress)


def insertion(
    classifier: Classifier,
    image: Image,
    saliency_map: SaliencyMap,
    target: Target = None,
    *,
    step_size: int = 224,
    batch_size: int | None = None,
    progress: bool = False,
) -> Curve:
    """Return the curve of the class probability as pixels replace a blurred image, the most salient first.

    Arguments and errors are those of `deletion`.

    Returns:
        `Curve`; its `auc` lies in [0, 1], larger is better.
    """
    subject = Judged(classifier, image, saliency_map, target)
    return curve_of(subject, "insertion", step_size=step_size, batch_size=batch_size, progress=progress)


def overall(
    classifier: Classifier,
    image: Image,
    saliency_map: SaliencyMap,
    target: Target = None,
    *,
    step_size: int = 224,
    batch_size: int | None = None,
    progress: bool = False,
) -> float:
    """Return the area of insertion minus that of deletion, a number in [-1, 1], larger is better.

    Arguments and errors are those of `deletion`.
    """
    subject = Judged(classifier, image, saliency_map, target)
    inserted, deleted = (
        curve_of(subject, metric, step_size=step_size, batch_size=batch_size, progress=progress)
        for metric in ("insertion", "deletion")
    )
    return inserted.auc - deleted.auc


def curve_of(
    subject: Judged, metric: str, *, step_size: int = 224, batch_size: int | None = None, progress: bool = False
) -> Curve:
    """Return a curve of an image and a map that were checked before.

    Args:
        subject: `Judged`.
        metric: "deletion" or "insertion".
        step_size, batch_size, progress: as for `deletion`.

    Raises:
        ValueError: an option is not as above, or the map is constant at the network's input size.
    """
    check_choice(_ENDPOINTS, metric=metric)
    check_integer("[1, inf)", step_size=step_size)
    batch_size = subject.classifier.engine.batch_size(batch_size, 32)
    n_pixels = subject.ranks.size
    changed = np.append(np.arange(0, n_pixels, step_size), n_pixels)
    target = subject.target
    start, finish = _ENDPOINTS[metric](subject.inputs)
    probabilities = substituted_probabilities(
        subject.classifier,
        start,
        finish,
        subject.ranks,
        np.zeros_like(changed),
        changed,
        target,
        name=metric,
        batch_size=batch_size,
        progress=progress,
    )
    return Curve(changed / n_pixels, probabilities, _area(probabilities))


def frames(
    classifier: Classifier,
    image: Image,
    saliency_map: SaliencyMap,
    fractions: Sequence[float],
    *,
    metric: str = "deletion",
) -> np.ndarray:
    """Return pictures of deletion or insertion on its way, for `plotting.plot_curves`.

    The photograph at the network's input size stands for its input, and mid-grey for that space's
    zero: it is what the network sees where preprocessing brings [0, 255] to [-1, 1].

    Args:
        classifier, image, saliency_map: as for `deletion`.
        fractions: (n,) in [0, 1]: the parts of the pixels that have been changed.
        metric: "deletion" or "insertion".

    Returns:
        uint8 RGB array (n, h, w, 3).

    Raises:
        ValueError: an argument is not as above.
    """
    check_choice(_ENDPOINTS, metric=metric)
    fractions = np.asarray(fractions, np.float64)
    if fractions.ndim != 1 or not ((fractions >= 0) & (fractions <= 1)).all():
        raise ValueError(f"fractions must be a list of numbers in [0, 1], got {fractions}.")
    subject = Judged(classifier, image, saliency_map)
    ranks = subject.ranks
    start, finish = _ENDPOINTS[metric](resize(subject.image, classifier.input_size)[None] - 127.5)
    changed = ranks < np.rint(fractions * ranks.size)[:, None, None]
    return np.clip(np.rint(np.where(changed[..., None], finish, start) + 127.5), 0, 255).astype(np.uint8)


def blurred_input(x: np.ndarray) -> np.ndarray:
    """Return the start of insertion: inputs (N, h, w, C) blurred with the authors' kernel, zeros around."""
    one = np.zeros(11)
    one[5] = 1
    kernel = gaussian_filter1d(one, 5)  # reflected at its borders; the 11 × 11 kernel is its outer product
    for axis in (1, 2):
        x = convolve1d(x, kernel, axis, mode="constant")
    return x


def substituted_probabilities(
    classifier: Classifier,
    start: np.ndarray,
    finish: np.ndarray,
    ranks: np.ndarray,
    first: Sequence[int] | np.ndarray,
    last: Sequence[int] | np.ndarray,
    target: int,
    *,
    name: str = "probabilities",
    batch_size: int | None = None,
    progress: bool = False,
) -> np.ndarray:
    """Return the probability of a class with part of the pixels of `start` replaced by those of `finish`.

    Args:
        classifier: `Classifier` under study.
        start, finish: the network's own inputs (1, h, w, C).
        ranks: int32 (h, w), as `pixel_ranks` gives.
        first, last: (n,); in the i-th input, pixels with first[i] <= rank < last[i] are replaced.
        target: class index.
        name: what is measured, beside the progress bar.
        batch_size: inputs per pass; bounds the memory and does not change the probabilities.
            None for 32, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (n,).
    """
    batch_size = classifier.engine.batch_size(batch_size, 32)
    first, last = np.asarray(first, np.int32), np.asarray(last, np.int32)
    probabilities = []
    with tqdm(desc=name, total=len(last), unit=" inputs", delay=1, disable=not progress) as bar:
        for begin in range(0, len(last), batch_size):
            part = slice(begin, begin + batch_size)
            batch = classifier.run_exact(_substitute, start, finish, ranks, first[part], last[part], target)
            probabilities.append(batch)
            bar.update(len(batch))
    return np.concatenate(probabilities)


def _substitute(network, start, finish, ranks, first, last, target):
    replaced = (ranks >= first[:, None, None]) & (ranks < last[:, None, None])  # (B, h, w)
    inputs = tf.where(replaced[..., None], finish, start)
    return tf.gather(network.probabilities(inputs), target, axis=1)


def _area(probabilities):
    """The area below a curve by the trapezoid rule, with the same width for every step."""
    return float((probabilities.sum() - probabilities[0] / 2 - probabilities[-1] / 2) / (len(probabilities) - 1))


def _to_zero(x):
    return x, np.zeros_like(x)


def _from_blurred(x):
    return blurred_input(x), x


_ENDPOINTS: dict[str, Callable] = {"deletion": _to_zero, "insertion": _from_blurred}

"""Integrated gradients: share the change of the score between an image and a baseline among the pixels.

Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks", 2017. https://arxiv.org/abs/1703.01365

Walk in a straight line from the baseline x₀ to the input x, and add up what each pixel contributes on the way:

    IG = (x − x₀) ⊙ ∫₀¹ ∂S_c/∂x (x₀ + α (x − x₀)) dα ≈ (x − x₀) ⊙ Σ_i v_i ∂S_c/∂x (x₀ + α_i (x − x₀))

The factor (x − x₀) makes the map complete: Σ IG = S_c(x) − S_c(x₀) for the integral. A sum of n terms comes close to it
as n grows, at once where the score is smooth, slowly through many ReLUs: `completeness_error` tells by how much it
misses. Everything is in the network's own input space, whose zero is the default baseline; Σ runs over pixels and
channels at the network's input size, and a map resized to another size does not keep its sum.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import roots_legendre
from tqdm import tqdm

from tp_visualisation import steps
from tp_visualisation.checks import check_choice, check_integer
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, check_image, resize
from tp_visualisation.labels import Target, class_indices
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.registry import Batch, Sizes, of_sizes

RULES = ("gauss_legendre", "midpoint", "trapezoid")


class Attribution(NamedTuple):
    """A map (H, W), the difference S_c(x) − S_c(x₀) that it shares out, and |Σ IG − difference| before resizing."""

    saliency_map: np.ndarray
    score_difference: float
    completeness_error: float


def integrated_gradients(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    return_attribution: bool = False,
    n_steps: int = 50,
    baseline: Image | None = None,
    rule: str = "gauss_legendre",
    batch_size: int | None = None,
    progress: bool = False,
) -> SaliencyMap | Attribution:
    """Return the integrated gradients of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        return_attribution: return an `Attribution`, the map with its completeness error, instead of the map.
        n_steps: gradients taken on the way from the baseline to the image; the paper: 20 to 300.
        baseline: RGB array of the shape of the image that means "no information"; None is the zero
            of the network's own input space.
        rule: how the integral becomes a sum: "gauss_legendre", "midpoint" or "trapezoid".
        batch_size: gradients per pass; bounds the memory and does not change the map.
            None for 32, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W), signed, in score units, summed over the channels. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    path = nodes(n_steps, rule)
    batch_size = classifier.engine.batch_size(batch_size, 32)
    classifier, image, target = classifier.check(image, target)
    x = classifier.prepare(image)
    x0 = np.zeros_like(x) if baseline is None else classifier.prepare(_check_baseline(baseline, image))

    with tqdm(desc="Integrated gradients", total=n_steps, unit=" gradients", delay=1, disable=not progress) as bar:
        ig = integrate(classifier, x, x0, target, path, batch_size, bar)
    saliency_map = resize(ig.sum(axis=-1), image.shape[:2])
    if not return_attribution:
        return saliency_map
    end, start = classifier.input_scores(np.concatenate([x, x0]))[:, target].astype(float)
    return Attribution(saliency_map, float(end - start), float(abs(ig.sum() - (end - start))))


def integrated_gradients_batch(
    classifier: Classifier,
    images: np.ndarray,
    target,
    *,
    n_steps: int = 50,
    rule: str = "gauss_legendre",
    batch_size: int | None = None,
    sizes: Sizes = None,
) -> Batch:
    """Return the `integrated_gradients` maps of images (N, h, w, 3) at the network's input size, from its zero."""
    path = nodes(n_steps, rule)
    batch_size = classifier.engine.batch_size(batch_size, 32)
    targets = class_indices(target, len(images), classifier.output_shape, lowest=0)
    maps = np.empty(images.shape[:3], np.float32)
    for number, image in enumerate(images):
        x = classifier.prepare(image)
        maps[number] = integrate(classifier, x, np.zeros_like(x), targets[number], path, batch_size).sum(axis=-1)
    return Batch(of_sizes(maps, sizes, classifier.input_size))


def integrate(
    classifier: Classifier,
    x: np.ndarray,
    x0: np.ndarray,
    target: int,
    path: tuple[np.ndarray, np.ndarray],
    batch_size: int,
    bar: tqdm | None = None,
) -> np.ndarray:
    """Return IG before the sum over the channels, float64 (h, w, C).

    Args:
        classifier: `Classifier` under study.
        x, x0: input and baseline, (1, h, w, C), in the network's own input space.
        target: class index.
        path: the α_i in [0, 1] and their weights v_i, (n,) each: see `nodes`.
        batch_size: gradients per pass.
        bar: progress bar that counts the gradients; None for none.
    """
    target, total = int(target), np.zeros(x.shape[1:])
    starts = range(0, len(path[0]), batch_size)
    batches = ((x0, x, target, *(values[start : start + batch_size] for values in path)) for start in starts)
    for start, added in zip(starts, classifier.run_each(_summed_on_the_way, batches, backward=True), strict=True):
        total += added
        if bar is not None:
            bar.update(len(path[0][start : start + batch_size]))
    return (x[0] - x0[0]) * total


def _summed_on_the_way(network, x0, x, target, alpha, v):
    """Σ_i v_i ∂S_c/∂x at x0 + α_i (x − x0): float64 (h, w, C)."""
    alpha, v = alpha[:, None, None, None], v[:, None, None, None]
    inputs = tf.cast(tf.cast(x0, tf.float64) + alpha * tf.cast(x - x0, tf.float64), tf.float32)
    _, g = steps.input_gradient(network, inputs, tf.fill(tf.shape(alpha)[:1], target))
    return tf.reduce_sum(v * tf.cast(g, tf.float64), axis=0)


def nodes(n_steps: int, rule: str) -> tuple[np.ndarray, np.ndarray]:
    """Return where on [0, 1] the integral is sampled and with what weights: two arrays (n_steps,)."""
    check_choice(RULES, rule=rule)
    if rule == "trapezoid":
        check_integer("[2, inf)", "the ends of the way, for the trapezoid rule", n_steps=n_steps)
    check_integer("[1, inf)", n_steps=n_steps)
    if rule == "gauss_legendre":
        roots, weights = roots_legendre(n_steps)  # on [-1, 1]
        return (1 + roots) / 2, weights / 2
    if rule == "midpoint":
        return (np.arange(n_steps) + 0.5) / n_steps, np.full(n_steps, 1 / n_steps)
    weights = np.full(n_steps, 1 / (n_steps - 1))
    weights[[0, -1]] /= 2
    return np.linspace(0, 1, n_steps), weights


def _check_baseline(baseline, image):
    baseline = check_image(baseline, "baseline")
    if baseline.shape != image.shape:
        raise ValueError(f"baseline must have the shape of the image, {image.shape}, got {baseline.shape}.")
    return baseline

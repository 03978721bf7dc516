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

from tp_visualisation.images import resize


class Attribution(NamedTuple):
    """A map (H, W), the difference S_c(x) − S_c(x₀) that it shares out, and |Σ IG − difference| before resizing."""

    saliency_map: np.ndarray
    score_difference: float
    completeness_error: float


def integrated_gradients(classifier, image, target=None, *, return_attribution=False, steps=50, baseline=None,
                         rule="gauss_legendre", batch_size=32, progress=False):  # fmt: skip
    """Return the integrated gradients of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        return_attribution: return an `Attribution`, the map with its completeness error, instead of the map.
        steps: gradients taken on the way from the baseline to the image; the paper: 20 to 300.
        baseline: RGB array of the shape of the image that means "no information"; None is the zero
            of the network's own input space.
        rule: how the integral becomes a sum: "gauss_legendre", "midpoint" or "trapezoid".
        batch_size: gradients per pass; bounds the memory and does not change the map.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W), signed, in score units, summed over the channels. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    image, target = classifier.check(image, target)
    path = nodes(steps, rule)
    check_batch_size(batch_size)
    x = classifier.prepare(image)
    x0 = np.zeros_like(x) if baseline is None else classifier.prepare(_check_baseline(classifier, baseline, image))

    ig = integrate(classifier, x, x0, target, path, batch_size, progress)
    saliency_map = resize(ig.sum(axis=-1), image.shape[:2])
    if not return_attribution:
        return saliency_map
    end, start = classifier.scores(np.concatenate([x, x0]))[:, target].astype(float)
    return Attribution(saliency_map, float(end - start), float(abs(ig.sum() - (end - start))))


def integrated_gradients_batch(classifier, images, target, *, steps=50, rule="gauss_legendre", batch_size=32):
    """Return the maps (N, h, w) of images (N, h, w, 3) at the network's input size, from its zero."""
    path = nodes(steps, rule)
    check_batch_size(batch_size)
    targets = np.broadcast_to(target, len(images))
    maps = np.empty(images.shape[:3], np.float32)
    for number, image in enumerate(images):
        x = classifier.prepare(image)
        maps[number] = integrate(classifier, x, np.zeros_like(x), targets[number], path, batch_size).sum(axis=-1)
    return maps


def integrate(classifier, x, x0, target, path, batch_size, progress=False):
    """Return IG before the sum over the channels, float64 (h, w, C).

    Args:
        classifier: `Classifier` under study.
        x, x0: input and baseline, (1, h, w, C), in the network's own input space.
        target: class index.
        path: the α_i in [0, 1] and their weights v_i, (n,) each: see `nodes`.
        batch_size: gradients per pass.
        progress: show a progress bar on stderr when it takes longer than a second.
    """
    total = np.zeros(x.shape[1:])
    starts = range(0, len(path[0]), batch_size)
    for start in tqdm(starts, desc="Integrated gradients", unit=" batches", delay=1, disable=not progress):
        alpha, v = (values[start : start + batch_size, None, None, None] for values in path)
        total += (v * classifier.input_gradient(x0 + alpha * (x - x0), target)).sum(axis=0)
    return (x[0] - x0[0]) * total


def nodes(steps, rule):
    """Return where on [0, 1] the integral is sampled and with what weights: two arrays (steps,)."""
    if steps < 1 or (steps < 2 and rule == "trapezoid"):
        raise ValueError(f"steps must be at least 1, and 2 for the trapezoid rule, got {steps}.")
    if rule == "gauss_legendre":
        roots, weights = roots_legendre(steps)  # on [-1, 1]
        return (1 + roots) / 2, weights / 2
    if rule == "midpoint":
        return (np.arange(steps) + 0.5) / steps, np.full(steps, 1 / steps)
    if rule == "trapezoid":
        weights = np.full(steps, 1 / (steps - 1))
        weights[[0, -1]] /= 2
        return np.linspace(0, 1, steps), weights
    raise ValueError(f'rule must be "gauss_legendre", "midpoint" or "trapezoid", got {rule!r}.')


def check_batch_size(batch_size):
    if batch_size < 1:
        raise ValueError(f"batch_size must be at least 1, got {batch_size}.")


def _check_baseline(classifier, baseline, image):
    baseline, _ = classifier.check(baseline, 0)
    if baseline.shape != image.shape:
        raise ValueError(f"baseline must have the shape of the image, {image.shape}, got {baseline.shape}.")
    return baseline


integrated_gradients.batch = integrated_gradients_batch

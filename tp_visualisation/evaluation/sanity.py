"""Sanity checks: does a map depend on what the network has learned, and do its first pixels matter most?

**Cascading randomisation.** Adebayo et al., "Sanity checks for saliency maps", 2018. https://arxiv.org/abs/1810.03292

A map that explains a network must change when the network forgets. The layers are randomised from the top (the class
scores) down, one by one, each on top of those before; after each, the map of the same class is compared with the
original by Spearman's rank correlation ρ and by SSIM. Near 1: the map would be the same without what the layers had
learned, so it is closer to an edge detector than to an explanation. Here randomising a layer shuffles the values of
each of its weight arrays, where the paper draws them from the initialiser: shuffled, they keep their mean and spread,
so that activations neither die nor explode, and a variance stays positive.

**Rank corruption.** Jalwana et al., "CAMERAS", 2021, https://arxiv.org/abs/2106.10649, judge a map also by whether
corrupting pixels in the order of their saliency hurts in that order. `rank_corruption` is our reading of that idea: the
pixels of the network's input are cut into bands of equal size by decreasing saliency, each band alone is put to zero,
and

    ρ = Spearman(saliency of the band, p_c(x) − p_c(x without the band))

is 1 when each band hurts more than the next one, 0 for a map in random order.
"""

import warnings
from typing import NamedTuple

import numpy as np
from scipy.stats import ConstantInputWarning, spearmanr
from skimage.metrics import structural_similarity
from tqdm import tqdm

from tp_visualisation.evaluation.causal import pixel_ranks, substituted_probabilities
from tp_visualisation.evaluation.checks import check_positive, map_at_input
from tp_visualisation.images import check_image, check_map, minmax
from tp_visualisation.names import find_name
from tp_visualisation.tracing import layers_by_name, recording


class RandomizedLayer(NamedTuple):
    """The layer randomised last; ρ and SSIM of each image's map (N,) with the original one; the maps, if asked for."""

    layer: str
    spearman: np.ndarray
    ssim: np.ndarray
    saliency_maps: list | None


class RankCorruption(NamedTuple):
    """Drop of the probability for each band (n,), the most salient first, and its rank correlation ρ with saliency."""

    drops: np.ndarray
    spearman: float


def cascading_randomization(classifier, images, target=None, *, method, layers=None, return_maps=False, seed=0,
                            progress=False):  # fmt: skip
    """Return how much the maps of a method stay the same while layers are randomised from the top down.

    The model is the caller's own and gets its weights back at the end, whatever happens on the way.

    Args:
        classifier: `Classifier` under study.
        images: RGB array (H, W, 3), values in [0, 255], or a list of them, of any sizes.
        target: class to explain: index, label or WordNet id, or a list with one for each image; None for
            the class predicted before anything is randomised.
        method: function (classifier, image, target) → map (H, W), such as `saliency.grad_cam`;
            `functools.partial` sets its options. It gets a copy of the classifier that follows the
            weights, so that nothing is compiled again at each layer.
        layers: names of layers to randomise, in this order; an integer for that many from the top; None
            for every layer that has weights.
        return_maps: keep the maps of every step, which takes memory.
        seed: integer; the same seed shuffles the same way.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        list of `RandomizedLayer`, the top layer first. ρ of a constant map is 0: it ranks nothing.

    Raises:
        ValueError: an argument is not as above, or an original map is constant or not finite.
    """
    images = [images] if getattr(images, "ndim", 4) == 3 else list(images)
    if not images:
        raise ValueError("images is empty: at least one image is needed.")
    targets = list(target) if isinstance(target, (list, tuple, np.ndarray)) else [target] * len(images)
    if len(targets) != len(images):
        raise ValueError(f"target must be one class, or one for each of the {len(images)} images, got {len(targets)}.")
    subjects = [classifier.check(image, target) for image, target in zip(images, targets, strict=True)]
    by_name = layers_by_name(classifier.model)
    layers = _layers_to_randomize(classifier, by_name, layers)

    live = classifier.with_live_weights()
    originals = [check_map(method(live, *subject), subject[0].shape[:2]) for subject in subjects]
    rng = np.random.default_rng(seed)
    weights = [(weight, weight.numpy()) for weight in classifier.model.weights]
    steps = []
    try:
        for layer in tqdm(layers, desc="randomisation", unit=" layers", delay=1, disable=not progress):
            for weight in _arrays_of(by_name[layer]):
                weight.assign(rng.permuted(weight.numpy()))
            maps = [method(live, *subject) for subject in subjects]
            pairs = list(zip(originals, maps, strict=True))
            spearman = np.array([rank_correlation(*pair) for pair in pairs])
            ssim = np.array([similarity(*pair) for pair in pairs])
            steps.append(RandomizedLayer(layer, spearman, ssim, maps if return_maps else None))
    finally:
        for weight, value in weights:
            weight.assign(value)
        classifier.check(subjects[0][0], 0)  # makes it notice that the weights are back
    return steps


def rank_corruption(classifier, image, saliency_map, target=None, *, n_bands=10, batch_size=32):
    """Return whether hiding pixels hurts in the order of their saliency; see the top of this file.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        saliency_map: array (H, W), raw values; resized to the network's input size.
        target: class to follow: index, label or WordNet id; None for the predicted class.
        n_bands: number of bands, at least 2.
        batch_size: images per pass; bounds the memory.

    Returns:
        `RankCorruption`; its `spearman` lies in [-1, 1], larger is better, and is 0 where no band hurts
        more than another.

    Raises:
        ValueError: an argument is not as above; the map is of another size, constant or not finite.
    """
    height, width = classifier.input_size
    if not 2 <= n_bands <= height * width:
        raise ValueError(f"n_bands must lie in [2, {height * width}], got {n_bands}.")
    check_positive(batch_size=batch_size)
    saliency_map = check_map(saliency_map, check_image(image).shape[:2])
    image, target = classifier.check(image, target)
    ranks = pixel_ranks(map_at_input(classifier, saliency_map))
    x = classifier.prepare(image)

    borders = np.linspace(0, ranks.size, n_bands + 1).astype(np.int32)
    first, last = np.append(0, borders[:-1]), np.append(0, borders[1:])  # the first input is x itself
    p = substituted_probabilities(classifier, x, np.zeros_like(x), ranks, first, last, target, batch_size)
    drops = p[0] - p[1:]
    return RankCorruption(drops, rank_correlation(-np.arange(n_bands), drops))


def rank_correlation(first, other):
    """Return Spearman's ρ of two arrays of one shape, over their elements; 0 where one of them is constant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantInputWarning)
        return float(np.nan_to_num(spearmanr(np.ravel(first), np.ravel(other)).statistic))


def similarity(first, other):
    """Return the SSIM of the min-max of two maps (H, W), with windows of 7 × 7, smaller on a smaller map."""
    window = min(7, *np.shape(first))
    return float(
        structural_similarity(
            minmax(np.asarray(first, np.float64)),
            minmax(np.asarray(other, np.float64)),
            win_size=window - (window + 1) % 2,
            data_range=1,
            use_sample_covariance=False,  # which a window of one pixel does not have
        )
    )


def _layers_to_randomize(classifier, by_name, layers):
    """Names of layers, in the order in which they are to be randomised."""
    zeros = np.zeros((*classifier.input_size, 3), np.float32)
    with recording(classifier.model) as calls:
        classifier.model(classifier.prepare(zeros), training=False)
    called = [name for name in dict.fromkeys(name for name, _ in reversed(calls)) if _arrays_of(by_name[name])]
    if not called:
        raise ValueError("this model has no layer with weights: there is nothing to randomise.")
    if layers is None:
        return called
    if isinstance(layers, int):
        check_positive(layers=layers)
        return called[:layers]
    return [find_name(layer, called, "layer with weights") for layer in layers]


def _arrays_of(layer):
    """The weights that a layer holds itself, not in a layer inside it, and that shuffling can change."""
    inner = {id(weight) for part in layer._flatten_layers(include_self=False) for weight in part.weights}
    return [weight for weight in layer.weights if id(weight) not in inner and np.prod(weight.shape) > 1]

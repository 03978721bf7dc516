"""Sanity checks: does a map depend on what the network has learned, and do its first pixels matter most?

**Cascading randomisation.** Adebayo et al., "Sanity checks for saliency maps", 2018. https://arxiv.org/abs/1810.03292

A map that explains a network must change when the network forgets. The layers are randomised from the top (the class
scores) down, one by one, each on top of those before; after each, the map of the same class is compared with the
original by Spearman's rank correlation r_s and by SSIM. Near 1: the map would be the same without what the layers had
learned, so it is closer to an edge detector than to an explanation. Here randomising a layer shuffles the values of
each of its weight arrays, where the paper draws them from the initialiser: shuffled, they keep their mean and spread,
so that activations neither die nor explode, and a variance stays positive.

**Rank corruption.** Jalwana et al., "CAMERAS", 2021, https://arxiv.org/abs/2106.10649, judge a map also by whether
corrupting pixels in the order of their saliency hurts in that order. `rank_corruption` is our reading of that idea: the
pixels of the network's input are cut into bands of equal size by decreasing saliency, each band alone is put to zero,
and

    r_s = Spearman(saliency of the band, p_c(x) − p_c(x without the band))

is 1 when each band hurts more than the next one, 0 for a map in random order.
"""

import warnings
from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import NamedTuple

import numpy as np
from scipy.stats import ConstantInputWarning, spearmanr
from skimage.metrics import structural_similarity
from tqdm import tqdm

from tp_visualisation.checks import WrongKind, check_integer
from tp_visualisation.classifier import Classifier
from tp_visualisation.engines import layers_with_weights, shuffle, weights_restored
from tp_visualisation.evaluation.causal import substituted_probabilities
from tp_visualisation.evaluation.judged import Judged
from tp_visualisation.images import Image, as_batch
from tp_visualisation.labels import Target
from tp_visualisation.maps import SaliencyMap, check_map, minmax
from tp_visualisation.names import find_name
from tp_visualisation.saliency import find_method


class RandomizedLayer(NamedTuple):
    """The layer randomised last; r_s and SSIM of each image's map (N,) with the original; the maps, if asked for."""

    layer: str
    spearman: np.ndarray
    ssim: np.ndarray
    saliency_maps: list[SaliencyMap] | None


class RankCorruption(NamedTuple):
    """Drop of the probability for each band (n,), the most salient first; its rank correlation r_s with saliency."""

    drops: np.ndarray
    spearman: float


def cascading_randomization(
    classifier: Classifier,
    images: Image | Sequence[Image],
    target: Target | list[Target] = None,
    *,
    method: str | Callable,
    layers: int | str | Sequence[str] | None = None,
    return_maps: bool = False,
    seed: int = 0,
    progress: bool = False,
) -> list[RandomizedLayer]:
    """Return how much the maps of a method stay the same while layers are randomised from the top down.

    The model is the caller's own and gets its weights back at the end, whatever happens on the way.

    Args:
        classifier: `Classifier` under study.
        images: RGB array (H, W, 3), values in [0, 255], or a list of them, of any sizes.
        target: class to explain: index, label or WordNet id, or a list with one for each image; None for
            the class predicted before anything is randomised.
        method: name of `saliency.METHODS`, or function (classifier, image, target) → map (H, W), such as
            `saliency.grad_cam`; `functools.partial` sets its options. It gets a copy of the classifier
            that follows the weights, so that nothing is compiled again at each layer.
        layers: names of layers to randomise, in this order, or one name; an integer for that many from the
            top; None for every layer that has weights.
        return_maps: keep the maps of every step, which takes memory.
        seed: integer; the same seed shuffles the same way.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        list of `RandomizedLayer`, the top layer first. r_s of a constant map is 0: it ranks nothing.

    Raises:
        ValueError: an argument is not as above, or an original map is constant or not finite.
    """
    check_integer("[0, inf)", seed=seed)
    method = find_method(method)
    photographs = as_batch(images)
    targets = list(target) if isinstance(target, (list, tuple, np.ndarray)) else [target] * len(photographs)
    if len(targets) != len(photographs):
        raise ValueError(
            f"target must be one class, or one for each of the {len(photographs)} images, got {len(targets)}."
        )
    subjects = [classifier.check(image, target)[1:] for image, target in zip(photographs, targets, strict=True)]
    layers = _layers_to_randomize(classifier, layers)

    live = classifier.with_live_weights()
    originals = [check_map(method(live, *subject), subject[0].shape[:2]) for subject in subjects]
    rng = np.random.default_rng(seed)
    steps = []
    try:
        with weights_restored(classifier.model):
            for layer in tqdm(layers, desc="randomisation", unit=" layers", delay=1, disable=not progress):
                shuffle(classifier.model, layer, rng)
                maps = [method(live, *subject) for subject in subjects]
                pairs = list(zip(originals, maps, strict=True))
                spearman = np.array([_rank_correlation(*pair) for pair in pairs])
                ssim = np.array([_similarity(*pair) for pair in pairs])
                steps.append(RandomizedLayer(layer, spearman, ssim, maps if return_maps else None))
    finally:
        classifier.notice_new_weights()
    return steps


def rank_corruption(
    classifier: Classifier,
    image: Image,
    saliency_map: SaliencyMap,
    target: Target = None,
    *,
    n_bands: int = 10,
    batch_size: int | None = None,
    progress: bool = False,
) -> RankCorruption:
    """Return whether hiding pixels hurts in the order of their saliency; see the top of this file.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        saliency_map: array (H, W), raw values; resized to the network's input size.
        target: class to follow: index, label or WordNet id; None for the predicted class.
        n_bands: number of bands, at least 2.
        batch_size: images per pass; bounds the memory and does not change the result.
            None for 32, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        `RankCorruption`; its `spearman` lies in [-1, 1], larger is better, and is 0 where no band hurts
        more than another.

    Raises:
        ValueError: an argument is not as above; the map is of another size, constant or not finite.
    """
    height, width = classifier.input_size
    check_integer(f"[2, {height * width}]", n_bands=n_bands)
    batch_size = classifier.engine.batch_size(batch_size, 32)
    subject = Judged(classifier, image, saliency_map, target)
    ranks, class_index, x = subject.ranks, subject.target, subject.inputs

    borders = np.linspace(0, ranks.size, n_bands + 1).astype(np.int32)
    first, last = np.append(0, borders[:-1]), np.append(0, borders[1:])  # the first input is x itself
    p = substituted_probabilities(
        classifier,
        x,
        np.zeros_like(x),
        ranks,
        first,
        last,
        class_index,
        name="rank corruption",
        batch_size=batch_size,
        progress=progress,
    )
    drops = p[0] - p[1:]
    return RankCorruption(drops, _rank_correlation(-np.arange(n_bands), drops))


def _rank_correlation(first, other):
    """Spearman's r_s of two arrays of one shape, over their elements; 0 where one of them is constant."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConstantInputWarning)
        return float(np.nan_to_num(spearmanr(np.ravel(first), np.ravel(other)).statistic))


def _similarity(first, other):
    """The SSIM of the min-max of two maps (H, W), with windows of 7 × 7, smaller on a smaller map."""
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


def _layers_to_randomize(classifier, layers):
    """Names of layers, in the order in which they are to be randomised."""
    inputs = classifier.prepare(np.zeros((*classifier.input_size, 3), np.float32))
    from_the_top = layers_with_weights(classifier.engine.network, inputs)[::-1]
    if not from_the_top:
        raise ValueError("this model has no layer with weights: there is nothing to randomise.")
    if layers is None:
        return from_the_top
    if isinstance(layers, Integral):
        check_integer("[1, inf)", layers=layers)
        return from_the_top[:layers]
    if isinstance(layers, str):
        layers = [layers]
    elif not isinstance(layers, Iterable):
        raise WrongKind(f"layers must be names of layers, a number of them, or None for every one, got {layers!r:.80}.")
    layers = list(layers)
    if not layers:
        raise ValueError("layers is empty: name at least one, or give None for every layer that has weights.")
    return [find_name(layer, from_the_top, "layer with weights") for layer in layers]

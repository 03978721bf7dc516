"""RISE: hide random parts of the image, and credit each pixel with the probabilities of the images that kept it.

Petsiuk, Das and Saenko, "RISE: randomized input sampling for explanation of black-box models", 2018.
https://arxiv.org/abs/1806.07421

With masks m_i that keep each cell of a coarse grid with probability p, the map estimates the mean probability of the
class given that a pixel is kept:

    S(x) ≈ 1 / (N p) Σ_i p_c(I ⊙ m_i) m_i(x)

⊙ acts on the network's own input, so a hidden pixel is that space's zero.
"""

from collections.abc import Iterator
from functools import partial
from itertools import tee
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import check_choice, check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.masks import BalancedBlocks, cut, random_grids, upsampling


class Estimate(NamedTuple):
    """A RISE map (H, W), its standard error (H, W) in the same unit, and the number of masks behind them."""

    saliency_map: np.ndarray
    standard_error: np.ndarray
    n_masks: int


def rise(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    return_estimate: bool = False,
    progress: bool = False,
    n_masks: int | None = None,
    design: str = "balanced",
    tolerance: float = 0.02,
    grid_size: int = 7,
    p: float = 0.5,
    shift: bool = True,
    top_k: int | None = None,
    masks: np.ndarray | None = None,
    batch_size: int | None = None,
    seed: int = 0,
) -> SaliencyMap | Estimate:
    """Return the RISE saliency map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        return_estimate: return an `Estimate`, the map with its standard error, instead of the map.
        progress: show a progress bar on stderr when it takes longer than a second.
        n_masks: masks at most; None means 4096 for the balanced design, 4000 for the random one
            (the paper uses 4000 to 8000). The balanced design rounds it up to whole blocks.
        design: "balanced" (see `BalancedBlocks`) stops when the map has settled; "random" is the
            paper's estimator. Where no balanced design exists (p other than 0.5, more than 15 x 15
            cells, `shift=False`), "balanced" means random masks, and probabilities from which
            their mean is subtracted.
        tolerance: the balanced design stops when the estimated correlation of the map with its own
            limit reaches 1 - tolerance; 0 never stops early.
        grid_size: cells along each side of the grid.
        p: probability that a cell is kept.
        shift: True moves each mask by a random part of a cell, as the paper does. False stretches
            the grid over the image and takes the plain mean of probability times mask, not divided by p.
        top_k: count a probability only where the class is among the k most probable, 0 elsewhere; None
            counts every one.
        masks: array (N, h, w) in [0, 1] at the network's input size, used instead of random ones.
        batch_size: masked images per pass; bounds the memory and does not change the map.
            None for 16, or on a GPU for what its memory holds.
        seed: integer; the same seed gives the same map.

    Returns:
        float32 array (H, W), in units of probability: the mean probability of the class where the
        pixel is kept. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    options = n_masks, design, tolerance, grid_size, p, shift, top_k, masks, batch_size, seed
    estimates, shape = _estimates(classifier, image, target, *options)
    with tqdm(desc="RISE", unit=" masks", delay=1, disable=not progress) as bar:
        for n, estimate in estimates:  # noqa: B007 (the last one is meant)
            bar.update(n - bar.n)
    found = _of_shape(shape, n, estimate)
    return found if return_estimate else found.saliency_map


def rise_estimates(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    n_masks: int | None = None,
    design: str = "balanced",
    tolerance: float = 0.02,
    grid_size: int = 7,
    p: float = 0.5,
    shift: bool = True,
    top_k: int | None = None,
    masks: np.ndarray | None = None,
    batch_size: int | None = None,
    seed: int = 0,
) -> Iterator[Estimate]:
    """Yield an `Estimate` after each batch or block of masks, for live plots and stopping rules of one's own.

    Arguments and errors are those of `rise`.
    """
    options = n_masks, design, tolerance, grid_size, p, shift, top_k, masks, batch_size, seed
    estimates, shape = _estimates(classifier, image, target, *options)
    return (_of_shape(shape, n, estimate) for n, estimate in estimates)


def _estimates(
    classifier, image, target, n_masks, design, tolerance, grid_size, p, shift, top_k, masks, batch_size, seed
):
    """What is yielded after each batch or block: the number of masks, and a function that gives map and error (h, w).

    With it the shape (H, W) of the image. Arguments are looked at before the first is asked for.
    """
    size = classifier.input_size
    n_masks = _check(n_masks, design, tolerance, grid_size, p, top_k, seed, size, len(classifier.labels))
    batch_size = classifier.engine.batch_size(batch_size, 16)
    classifier, image, target = classifier.check(image, target)
    one_pass = _Pass(classifier, classifier.prepare(image), target, top_k)

    if masks is not None:
        estimates = _estimate_from_masks(one_pass, _check_masks(masks, size), p if shift else 1, batch_size)
    elif design == "balanced" and shift and p == 0.5 and BalancedBlocks.exists(grid_size):
        estimates = _estimate_from_blocks(
            one_pass, BalancedBlocks(grid_size, seed), size, n_masks, tolerance, batch_size
        )
    else:
        centred = design == "balanced"
        grids = random_grids(n_masks, grid_size, p, batch_size, seed)
        estimates = _estimate_from_grids(one_pass, grids, size, p, shift, centred)

    return estimates, image.shape[:2]


def _of_shape(shape, n_masks, estimate):
    mean, error = estimate()
    return Estimate(resize(mean, shape), _resize_error(error, shape), n_masks)


def _resize_error(error, shape):
    unknown = np.isinf(error).any()  # after a single mask or block; to interpolate infinities would give NaN
    return np.full(shape, np.inf, np.float32) if unknown else resize(error, shape)


class _Pass(NamedTuple):
    """What every pass needs: the network, its input (1, h, w, C), the class, and which probabilities count."""

    classifier: object
    x: np.ndarray
    target: int
    top_k: int | None

    def __call__(self, function, batches):
        """Yield what a step gives for each of `batches`, tuples of arrays."""
        whole = ((self.x, self.target, *arrays) for arrays in batches)
        return self.classifier.run_each(function, whole, top_k=self.top_k)


# The three ways of estimating: given masks, independent random masks, balanced blocks


def _estimate_from_masks(one_pass, masks, p, batch_size):
    sums = _Sums()
    batches = [masks[start : start + batch_size] for start in range(0, len(masks), batch_size)]
    for batch, added in zip(batches, one_pass(_sums_of_masks, ((batch,) for batch in batches)), strict=True):
        sums.add(len(batch), *added)
        yield sums.n, partial(sums.estimate, p)


def _estimate_from_grids(one_pass, grids, size, p, shift, centred):
    grids, again = tee(grids)
    sums = _Sums()
    for (cells, _), added in zip(grids, one_pass(_sums_of_grids, _placed(again, size, shift)), strict=True):
        sums.add(len(cells), *added)
        yield sums.n, partial(sums.estimate, p if shift else 1, mask_mean=p if centred else None)


def _placed(grids, size, shift):
    """Yield what `_masks` makes masks of, for each batch of (cells (b, s, s), shifts in [0, 1) of a cell (b, 2))."""
    stretch, pixels_of_side = None, np.int32(size)
    for cells, shifts in grids:
        grid_size = cells.shape[-1]
        stretch = stretch or tuple(upsampling(length, grid_size, shift) for length in size)
        pixels = _shift_pixels(shifts, size, grid_size) if shift else np.zeros((len(cells), 2), np.int32)
        yield cells, pixels, *stretch, pixels_of_side


def _estimate_from_blocks(one_pass, blocks, size, n_masks, tolerance, batch_size):
    """Accumulate each block in the grid: G = mean((g - ½) p_c), C = T_dy G T_dxᵀ; the map is mean(2 C + mean(p_c))."""
    rows, columns = (upsampling(length, blocks.grid_size, shift=True) for length in size)
    batches = blocks.batches(min(batch_size, max(n_masks, blocks.length)))
    parts = one_pass(_probabilities_of_grids, _placed(batches, size, shift=True))
    c_mean, v_mean = _RunningMean(), _RunningMean()
    for number, ((cells, shift), p_c) in enumerate(zip(blocks, cut(parts, blocks.length), strict=False), start=1):
        g = np.einsum("b,bij->ij", p_c, cells - 0.5, dtype=np.float64) / len(cells)
        (dy, dx), (height, width) = _shift_pixels(shift, size, cells.shape[-1]), size
        c = rows[dy : dy + height] @ g @ columns[dx : dx + width].T
        c_mean.add(c)
        v_mean.add(2 * c + p_c.mean(dtype=np.float64))
        yield number * len(cells), v_mean.estimate

        settled = number >= 4 and correlation_with_limit(c_mean.mean, c_mean.standard_error()) >= 1 - tolerance
        if settled or number * len(cells) >= n_masks:
            return


def correlation_with_limit(mean: np.ndarray, standard_error: np.ndarray) -> float:
    """Return an estimate of the Pearson correlation of a mean map with the map that more masks would give.

    What the map varies by, over the pixels, is signal plus noise, and the noise is the standard error:
    ρ = sqrt(1 − mean(error²) / var(map)).
    """
    variance = mean.var()
    return np.sqrt(max(0.0, 1 - (standard_error**2).mean() / variance)) if variance > 0 else 1.0


class _RunningMean:
    """Welford's running mean of arrays, and its standard error."""

    def __init__(self):
        self.n, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, value):
        self.n += 1
        before, self.mean = self.mean, self.mean + (value - self.mean) / self.n
        self.squares = self.squares + (value - before) * (value - self.mean)

    def estimate(self):
        return self.mean, self.standard_error()

    def standard_error(self):
        if self.n == 1:
            return np.full(self.mean.shape, np.inf)
        return np.sqrt(self.squares / (self.n - 1) / self.n)


class _Sums:
    """Sums over the masks m and probabilities p_c: Σ p_c; Σ m, Σ p_c m; Σ m², Σ p_c m², Σ p_c² m².

    Their size does not depend on the number of masks.
    """

    def __init__(self):
        self.n, self.p_c, self.m, self.m2 = 0, 0.0, 0.0, 0.0

    def add(self, n, p_c, m, m2):
        self.n, self.p_c = self.n + n, self.p_c + float(p_c)
        self.m, self.m2 = self.m + np.float64(m), self.m2 + np.float64(m2)

    def estimate(self, p, mask_mean=None):
        """The mean of t = p_c m / p over the masks, and its standard error.

        With the mean E[m] of a mask, the probabilities are centred: t = ((p_c − mean p_c) m + mean p_c E[m]) / p.
        """
        mean, mask_mean = (0.0, 0.0) if mask_mean is None else (self.p_c / self.n, mask_mean)
        total = self.m[1] - mean * self.m[0]
        total_of_squares = self.m2[2] - 2 * mean * self.m2[1] + mean**2 * self.m2[0]
        variance = np.maximum(total_of_squares - total**2 / self.n, 0) / max(self.n - 1, 1)
        error = np.sqrt(variance / self.n) / p if self.n > 1 else np.full(total.shape, np.inf)
        return (total / self.n + mean * mask_mean) / p, error


# The steps that run with the network inside: see `engines`


def _probabilities_of_grids(network, x, target, grids, shifts, rows, columns, size, top_k):
    return _probabilities(network, x, target, _masks(grids, shifts, rows, columns, size), top_k)


def _sums_of_grids(network, x, target, grids, shifts, rows, columns, size, top_k):
    return _sums_of_masks(network, x, target, _masks(grids, shifts, rows, columns, size), top_k)


def _sums_of_masks(network, x, target, masks, top_k):
    p_c = _probabilities(network, x, target, masks, top_k)
    powers = tf.stack([tf.ones_like(p_c), p_c, p_c**2])  # (3, B)
    return tf.reduce_sum(p_c), tf.einsum("kb,bhw->khw", powers[:2], masks), tf.einsum("kb,bhw->khw", powers, masks**2)


def _masks(grids, shifts, rows, columns, size):
    """Grids (B, s, s) → masks (B, h, w): m = T_dy g T_dxᵀ, T_dy being `size` rows of T from row dy on."""
    t_dy = tf.gather(rows, shifts[:, :1] + tf.range(size[0]))  # (B, h, s)
    t_dx = tf.gather(columns, shifts[:, 1:] + tf.range(size[1]))
    return t_dy @ grids @ tf.transpose(t_dx, [0, 2, 1])


def _probabilities(network, x, target, masks, top_k):
    probabilities = network.probabilities(x * masks[..., None])
    p_c = tf.gather(probabilities, target, axis=1)
    if top_k is None:
        return p_c
    kth = tf.math.top_k(probabilities, top_k).values[:, -1]
    return tf.where(p_c >= kth, p_c, 0.0)


def _shift_pixels(shifts, size, grid_size):
    """Shifts in [0, 1) of a cell → whole pixels, int32 (n, 2)."""
    cell = np.ceil(np.asarray(size) / grid_size)
    return np.floor(shifts * cell).astype(np.int32)


def _check(n_masks, design, tolerance, grid_size, p, top_k, seed, size, n_classes):
    """Raise a ValueError for the first option that cannot be; return the number of masks."""
    check_choice(("balanced", "random"), design=design)
    if n_masks is None:
        n_masks = 4096 if design == "balanced" else 4000
    check_integer("[1, inf)", n_masks=n_masks)
    check_integer("[0, inf)", seed=seed)
    check_number("[0, 1)", tolerance=tolerance)
    check_integer(f"[1, {min(size)}]", "the network's input size", grid_size=grid_size)
    check_number("(0, 1]", "the probability that a cell is kept", p=p)
    if top_k is not None:
        check_integer(f"[1, {n_classes}]", "the number of classes", top_k=top_k)
    return n_masks


def _check_masks(masks, size):
    masks = np.asarray(masks, dtype=np.float32)
    if masks.ndim != 3 or masks.shape[1:] != size or len(masks) == 0:
        raise ValueError(
            f"masks must have the shape (N, {size[0]}, {size[1]}), the network's input, got {masks.shape}."
        )
    if not (masks.min() >= 0 and masks.max() <= 1):
        raise ValueError(f"masks must lie in [0, 1], got [{masks.min():.4g}, {masks.max():.4g}].")
    return masks

"""RISE: hide random parts of the image, and credit each pixel with the scores of the images that kept it.

Petsiuk, Das and Saenko, "RISE: randomized input sampling for explanation of black-box models", 2018.
https://arxiv.org/abs/1806.07421

With masks m_i that keep each cell of a coarse grid with probability p, the map estimates the mean probability of the
class given that a pixel is kept:

    S(x) ≈ 1 / (N p) Σ_i p_c(I ⊙ m_i) m_i(x)

⊙ acts on the network's own input, so a hidden pixel is that space's zero.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tp_visualisation.images import resize
from tp_visualisation.saliency.masks import BalancedBlocks, random_grids, upsampling


class Estimate(NamedTuple):
    """A RISE map (H, W), its standard error (H, W) in the same unit, and the number of masks behind them."""

    saliency_map: np.ndarray
    standard_error: np.ndarray
    n_masks: int


def rise(classifier, image, target=None, *, return_estimate=False, progress=False, n_masks=None, design="balanced",
         tolerance=0.02, grid_size=7, p=0.5, shift=True, top_k=None, masks=None, batch_size=16, seed=0):  # fmt: skip
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
            cells, `shift=False`), "balanced" means random masks with centred scores.
        tolerance: the balanced design stops when the estimated correlation of the map with its own
            limit reaches 1 - tolerance; 0 never stops early.
        grid_size: cells along each side of the grid.
        p: probability that a cell is kept.
        shift: True moves each mask by a random part of a cell, as the paper does. False stretches
            the grid over the image and takes the plain mean of score times mask, not divided by p.
        top_k: count a score only where the class is among the k most probable, 0 elsewhere; None
            counts every score.
        masks: array (N, h, w) in [0, 1] at the network's input size, used instead of random ones.
        batch_size: masked images per pass; bounds the memory and does not change the map.
        seed: integer; the same seed gives the same map.

    Returns:
        float32 array (H, W), in units of probability: the mean probability of the class where the
        pixel is kept. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    estimates = rise_estimates(
        classifier, image, target, n_masks=n_masks, design=design, tolerance=tolerance, grid_size=grid_size, p=p,
        shift=shift, top_k=top_k, masks=masks, batch_size=batch_size, seed=seed,
    )  # fmt: skip
    with tqdm(desc="RISE", unit=" masks", delay=1, disable=not progress) as bar:
        for estimate in estimates:
            bar.update(estimate.n_masks - bar.n)
    return estimate if return_estimate else estimate.saliency_map


def rise_estimates(classifier, image, target=None, *, n_masks=None, design="balanced", tolerance=0.02, grid_size=7,
                   p=0.5, shift=True, top_k=None, masks=None, batch_size=16, seed=0):  # fmt: skip
    """Yield an `Estimate` after each batch or block of masks, for live plots and stopping rules of one's own.

    Arguments and errors are those of `rise`.
    """
    image, target = classifier.check(image, target)
    size = classifier.input_size
    n_masks = _check(n_masks, design, tolerance, grid_size, p, top_k, batch_size, size, len(classifier.labels))
    step = _Step(classifier, classifier.prepare(image), target, top_k)

    if masks is not None:
        estimates = _estimate_from_masks(step, _check_masks(masks, size), p if shift else 1, batch_size)
    elif design == "balanced" and shift and p == 0.5 and BalancedBlocks.exists(grid_size):
        estimates = _estimate_from_blocks(step, BalancedBlocks(grid_size, seed), size, n_masks, tolerance, batch_size)
    else:
        centred = design == "balanced"
        grids = random_grids(n_masks, grid_size, p, batch_size, seed)
        estimates = _estimate_from_grids(step, grids, size, p, shift, centred)

    shape = image.shape[:2]
    return (Estimate(resize(mean, shape), _resize_error(error, shape), count) for mean, error, count in estimates)


def _resize_error(error, shape):
    unknown = np.isinf(error).any()  # after a single mask or block; to interpolate infinities would give NaN
    return np.full(shape, np.inf, np.float32) if unknown else resize(error, shape)


class _Step(NamedTuple):
    """What every pass needs: the network, its input (1, h, w, C), the class, and which scores count."""

    classifier: object
    x: np.ndarray
    target: int
    top_k: int | None

    def __call__(self, function, *arrays):
        return self.classifier.run(function, self.x, np.int32([self.target]), *arrays, top_k=self.top_k)


# The three ways of estimating: given masks, independent random masks, balanced blocks


def _estimate_from_masks(step, masks, p, batch_size):
    sums = _Sums()
    for start in range(0, len(masks), batch_size):
        batch = masks[start : start + batch_size]
        sums.add(len(batch), *step(_sums_of_masks, batch))
        yield sums.estimate(p)


def _estimate_from_grids(step, grids, size, p, shift, centred):
    sums = _Sums()
    for cells, shifts in grids:
        rows, columns = (upsampling(length, cells.shape[-1], shift) for length in size)
        pixels = _shift_pixels(shifts, size, cells.shape[-1]) if shift else np.zeros((len(cells), 2), np.int32)
        sums.add(len(cells), *step(_sums_of_grids, cells, pixels, rows, columns, np.int32(size)))
        yield sums.estimate(p if shift else 1, mask_mean=p if centred else None)


def _estimate_from_blocks(step, blocks, size, n_masks, tolerance, batch_size):
    """Accumulate each block in the grid: G = mean((g - ½) s), C = T_dy G T_dxᵀ; the map is mean(2 C + mean(s))."""
    rows, columns = (upsampling(length, blocks.grid_size, shift=True) for length in size)
    c_mean, v_mean = _RunningMean(), _RunningMean()
    for number, (cells, shift) in enumerate(blocks, start=1):
        pixels = _shift_pixels(shift[None], size, blocks.grid_size)
        scores = np.concatenate([
            step(_scores_of_grids, batch, np.repeat(pixels, len(batch), axis=0), rows, columns, np.int32(size))
            for batch in np.split(cells, range(batch_size, len(cells), batch_size))
        ])  # fmt: skip
        g = np.einsum("b,bij->ij", scores, cells - 0.5, dtype=np.float64) / len(cells)
        (dy, dx), (height, width) = pixels[0], size
        c = rows[dy : dy + height] @ g @ columns[dx : dx + width].T
        c_mean.add(c)
        v_mean.add(2 * c + scores.mean(dtype=np.float64))
        yield v_mean.mean, v_mean.standard_error(), number * len(cells)

        settled = number >= 4 and correlation_with_limit(c_mean.mean, c_mean.standard_error()) >= 1 - tolerance
        if settled or number * len(cells) >= n_masks:
            return


def correlation_with_limit(mean, standard_error):
    """Estimate the Pearson correlation of a mean map with the map that more masks would give.

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

    def standard_error(self):
        if self.n == 1:
            return np.full(self.mean.shape, np.inf)
        return np.sqrt(self.squares / (self.n - 1) / self.n)


class _Sums:
    """Sums over the masks, whose size does not depend on their number: Σ m, Σ s m, then Σ m², Σ s m², Σ s² m²."""

    def __init__(self):
        self.n, self.s, self.m, self.m2 = 0, 0.0, 0.0, 0.0

    def add(self, n, s, m, m2):
        self.n, self.s = self.n + n, self.s + float(s)
        self.m, self.m2 = self.m + np.float64(m), self.m2 + np.float64(m2)

    def estimate(self, p, mask_mean=None):
        """The mean of t = s m / p over the masks, and its standard error; centred, of ((s − s̄) m + s̄ E[m]) / p."""
        s_mean, mask_mean = (0.0, 0.0) if mask_mean is None else (self.s / self.n, mask_mean)
        total = self.m[1] - s_mean * self.m[0]
        total_of_squares = self.m2[2] - 2 * s_mean * self.m2[1] + s_mean**2 * self.m2[0]
        variance = np.maximum(total_of_squares - total**2 / self.n, 0) / max(self.n - 1, 1)
        error = np.sqrt(variance / self.n) / p if self.n > 1 else np.full(total.shape, np.inf)
        return (total / self.n + s_mean * mask_mean) / p, error, self.n


# The steps that run with the network inside: see `engines`


def _scores_of_grids(network, x, target, grids, shifts, rows, columns, size, top_k):
    return _scores(network, x, target, _masks(grids, shifts, rows, columns, size), top_k)


def _sums_of_grids(network, x, target, grids, shifts, rows, columns, size, top_k):
    return _sums_of_masks(network, x, target, _masks(grids, shifts, rows, columns, size), top_k)


def _sums_of_masks(network, x, target, masks, top_k):
    s = _scores(network, x, target, masks, top_k)
    powers = tf.stack([tf.ones_like(s), s, s**2])  # (3, B)
    return tf.reduce_sum(s), tf.einsum("kb,bhw->khw", powers[:2], masks), tf.einsum("kb,bhw->khw", powers, masks**2)


def _masks(grids, shifts, rows, columns, size):
    """Grids (B, s, s) → masks (B, h, w): m = T_dy g T_dxᵀ, T_dy being `size` rows of T from row dy on."""
    t_dy = tf.gather(rows, shifts[:, :1] + tf.range(size[0]))  # (B, h, s)
    t_dx = tf.gather(columns, shifts[:, 1:] + tf.range(size[1]))
    return t_dy @ grids @ tf.transpose(t_dx, [0, 2, 1])


def _scores(network, x, target, masks, top_k):
    probabilities = network.probabilities(x * masks[..., None])
    s = tf.gather(probabilities, target[0], axis=1)
    if top_k is None:
        return s
    kth = tf.math.top_k(probabilities, top_k).values[:, -1]
    return tf.where(s >= kth, s, 0.0)


def _shift_pixels(shifts, size, grid_size):
    """Shifts in [0, 1) of a cell → whole pixels, int32 (n, 2)."""
    cell = np.ceil(np.asarray(size) / grid_size)
    return np.floor(shifts * cell).astype(np.int32)


def _check(n_masks, design, tolerance, grid_size, p, top_k, batch_size, size, n_classes):
    """Raise a ValueError for the first option that cannot be; return the number of masks."""
    if design not in ("balanced", "random"):
        raise ValueError(f'design must be "balanced" or "random", got {design!r}.')
    if n_masks is None:
        n_masks = 4096 if design == "balanced" else 4000
    integers = {"n_masks": n_masks, "batch_size": batch_size, "grid_size": grid_size, "top_k": top_k}
    for name, value in integers.items():
        if not hasattr(value, "__index__") and not (name == "top_k" and value is None):
            raise ValueError(f"{name} must be an integer, got {value!r}.")
    if n_masks < 1 or batch_size < 1:
        raise ValueError(f"n_masks and batch_size must be at least 1, got {n_masks} and {batch_size}.")
    if not 0 <= tolerance < 1:
        raise ValueError(f"tolerance must lie in [0, 1), got {tolerance}.")
    if not 1 <= grid_size <= min(size):
        raise ValueError(f"grid_size must lie in [1, {min(size)}], the network's input size, got {grid_size}.")
    if not 0 < p <= 1:
        raise ValueError(f"p, the probability that a cell is kept, must lie in (0, 1], got {p}.")
    if top_k is not None and not 1 <= top_k <= n_classes:
        raise ValueError(f"top_k must lie in [1, {n_classes}], the number of classes, got {top_k}.")
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

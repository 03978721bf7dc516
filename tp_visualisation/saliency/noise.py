"""Gaussian noise for noisy copies of an image: drawn in one place, so that a run can be replayed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from tp_visualisation.checks import check_integer, check_number

OF_ONE_GENERATOR = 50  # copies whose numbers come from one generator; several draw at a time, for batches of a GPU


def check_noise(n_samples: int, noise_level: float, noise: np.ndarray | None, size: tuple[int, int], seed: int) -> int:
    """Return the number of noisy copies: that of `noise` where it is given, else `n_samples`.

    Raises:
        ValueError: `n_samples` < 1, a negative `noise_level` or `seed`, or `noise` is not (n, h, w, 3) finite numbers.
    """
    check_integer("[1, inf)", n_samples=n_samples)
    check_integer("[0, inf)", seed=seed)
    check_number("[0, inf)", "a share of max - min", noise_level=noise_level)
    if noise is None:
        return n_samples
    shape = np.shape(noise)
    if len(shape) != 4 or shape[1:] != (*size, 3) or shape[0] == 0:
        raise ValueError(f"noise must have the shape (n, {size[0]}, {size[1]}, 3), the input size, got {shape}.")
    if not np.isfinite(noise).all():
        raise ValueError("noise holds NaN or infinite values: standard normal numbers are expected.")
    return shape[0]


def batches_of_normals(
    noise: np.ndarray | None, n_samples: int, batch_size: int, size: tuple[int, int], seed: int
) -> Iterator[np.ndarray]:
    """Yield standard normal numbers, float32 (b, h, w, 3), b = `batch_size` at most and `n_samples` in all.

    They are those of `noise` where it is given, else the seed's, and do not depend on how they are cut into batches.
    """
    left, n_drawn = np.empty((0, *size, 3), np.float32), 0
    for start in range(0, n_samples, batch_size):
        stop = min(start + batch_size, n_samples)
        if noise is not None:
            yield np.asarray(noise[start:stop], np.float32)
            continue
        firsts = range(n_drawn, stop, OF_ONE_GENERATOR)
        n_drawn = min(n_drawn + len(firsts) * OF_ONE_GENERATOR, n_samples)
        drawn = np.empty((n_drawn - start, *size, 3), np.float32)
        drawn[: len(left)] = left
        with ThreadPoolExecutor() as pool:
            list(pool.map(partial(_draw, drawn, start, seed), firsts))
        yield drawn[: stop - start]
        left = drawn[stop - start :]


def _draw(drawn, start, seed, first):
    """Fill the rows of `drawn`, the copies from `start` on, that are of the generator of the copy `first`."""
    rng = np.random.default_rng([seed, first // OF_ONE_GENERATOR])  # with 0 the same as of the seed alone
    rng.standard_normal(dtype=np.float32, out=drawn[first - start : first - start + OF_ONE_GENERATOR])

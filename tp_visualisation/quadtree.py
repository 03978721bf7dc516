"""Quadtree: cut an image into few large squares where it is flat, and many small ones where it is not.

Finkel and Bentley, "Quad trees: a data structure for retrieval on composite keys", Acta Informatica 4, 1974:
the name is theirs; they cut the plane at given points, and not in the middle of a cell.

A cell that is not uniform is cut into four, and each of its quarters again, down to `min_size`. What remains are the N'
leaves: they tile the image, and each stands for its pixels by one value. Work done once a leaf instead of once a pixel
costs N' instead of N². For a convolution with kernels M × M × C, per output channel:

    full M² N² C multiply-adds        on the leaves M² N' C multiply-adds

`convolve` does both and counts. The leaves are those of the image, so what it saves depends on the image, and its
answer is only exact where a leaf is one pixel: the benchmark draws the error against the cost.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from tp_visualisation.checks import check_choice, check_integer, check_number

CRITERIA = {"variance": 400.0, "gradient": 40.0}  # with their default thresholds, for values in [0, 255]


class Leaf(NamedTuple):
    """A rectangle of pixels: rows top to top + height − 1, columns left to left + width − 1."""

    top: int
    left: int
    height: int
    width: int


class Convolution(NamedTuple):
    """The output (H, W, F) of a convolution, float32, and the multiply-adds that it took."""

    output: np.ndarray
    multiply_adds: int


def decompose(
    image: np.ndarray,
    *,
    criterion: str = "variance",
    threshold: float | None = None,
    min_size: int = 1,
    max_depth: int | None = None,
) -> list[Leaf]:
    """Return the leaves of the quadtree of an image, row by row.

    Args:
        image: array (H, W) or (H, W, C) of any sizes and values: a photograph, or a feature map.
        criterion: what says that a cell is not uniform. "variance": the variance of its values,
            averaged over the channels. "gradient": the largest difference between two of its pixels
            that touch by a side, in any channel.
        threshold: cells above it are cut. None takes a default for photographs: 400 squared grey
            levels for "variance" (a standard deviation of 20), 40 grey levels for "gradient". With 0
            every leaf is constant, to rounding.
        min_size: smallest side of a leaf. A side shorter than twice that is not cut, so
            that a long cell can be cut in two instead of four.
        max_depth: cuts at most between the image and a leaf; None sets no limit.

    Returns:
        list of `Leaf`. They tile the image: every pixel is in exactly one. Of an odd side the first half
        is one pixel longer.

    Raises:
        ValueError: an argument is not as above.

    Examples:
        >>> image = np.zeros((8, 8))
        >>> image[0, 0] = 255
        >>> [leaf.height for leaf in decompose(image)]
        [1, 1, 2, 4, 1, 1, 2, 2, 4, 4]
    """
    image = _check_image(image)
    threshold = _check(criterion, threshold, min_size, max_depth)
    rules: dict[str, Callable] = {"variance": _VarianceExceeds, "gradient": _DifferenceExceeds}
    exceeds = rules[criterion](image, threshold)

    leaves, cells, depth = [], np.array([[0, 0, *image.shape[:2]]]), 0
    while len(cells):  # one level of the tree after the other
        may_be_cut = (cells[:, 2:] >= 2 * min_size).any(axis=1) & (max_depth is None or depth < max_depth)
        cut = may_be_cut & exceeds(cells)
        leaves.append(cells[~cut])
        cells, depth = _quarters(cells[cut], min_size), depth + 1

    leaves = np.concatenate(leaves)
    return [Leaf(*leaf) for leaf in leaves[np.lexsort((leaves[:, 1], leaves[:, 0]))].tolist()]


def leaf_numbers(leaves: Sequence[Leaf], size: tuple[int, int]) -> np.ndarray:
    """Return which leaf each pixel is in: integers (H, W), indices of `leaves`.

    Raises:
        ValueError: the leaves do not tile an image of that size.
    """
    cells = np.asarray(leaves, np.int64).reshape(-1, 4)
    corners = np.stack([cells[:, :2], cells[:, :2] + cells[:, 2:]])
    inside = (cells[:, :2] >= 0).all() and (cells[:, 2:] > 0).all() and (corners[1] <= size).all()
    if not inside or (_fill(cells, np.ones(len(cells), np.int64), size) != 1).any():
        raise ValueError(
            f"the leaves do not tile an image of size {tuple(size)}: take those that decompose gives for it."
        )
    return _fill(cells, np.arange(len(cells)), size)


def leaf_means(image: np.ndarray, leaves: Sequence[Leaf]) -> np.ndarray:
    """Return the mean value of each leaf: float64 (N', C), or (N',) for an image (H, W)."""
    array = _check_image(image)
    numbers = leaf_numbers(leaves, array.shape[:2]).ravel()
    sums = [np.bincount(numbers, channel, len(leaves)) for channel in array.reshape(-1, array.shape[-1]).T]
    means = np.stack(sums, axis=-1) / np.bincount(numbers)[:, None]
    return means if np.ndim(image) == 3 else means[:, 0]


def reconstruct(image: np.ndarray, leaves: Sequence[Leaf]) -> np.ndarray:
    """Return the image that the leaves stand for, each constant at its mean: float32, of the shape of `image`."""
    return leaf_means(image, leaves)[leaf_numbers(leaves, np.shape(image)[:2])].astype(np.float32)


def convolve(image: np.ndarray, kernel: np.ndarray, leaves: Sequence[Leaf] | None = None) -> Convolution:
    """Convolve an image once a leaf, or once a pixel, and count the multiply-adds.

    On leaves, the convolution is that of `reconstruct(image, leaves)`, evaluated at each leaf's middle
    pixel and held over the leaf. Averaging the leaves takes additions only, and is not counted.

    Args:
        image: array (H, W, C), or (H, W) for one channel.
        kernel: array (M, M, C, F), laid on the image as networks do: not flipped, zeros outside the
            image, output of the image's size.
        leaves: list of `Leaf` that tile the image; None evaluates at every pixel.

    Returns:
        `Convolution`: output (H, W, F), multiply-adds: M² N' C F with leaves, M² H W C F without.

    Raises:
        ValueError: an array is not as above, or the leaves do not tile the image.
    """
    array, kernel = _check_image(image), np.asarray(kernel, np.float64)
    height, width, channels = array.shape
    if kernel.ndim != 4 or kernel.shape[0] != kernel.shape[1] or kernel.shape[2] != channels or 0 in kernel.shape:
        raise ValueError(f"kernel must have the shape (M, M, {channels}, F) for this image, got {kernel.shape}.")

    if leaves is None:
        rows, columns = (indices.ravel() for indices in np.indices((height, width)))
        numbers = np.arange(height * width).reshape(height, width)
    else:
        numbers = leaf_numbers(leaves, (height, width))
        array = leaf_means(array, leaves)[numbers]
        top, left, leaf_height, leaf_width = np.asarray(leaves).T
        rows, columns = top + (leaf_height - 1) // 2, left + (leaf_width - 1) // 2

    m = len(kernel)
    before, after = (m - 1) // 2, m // 2
    padded = np.pad(array, ((before, after), (before, after), (0, 0)))
    outputs, multiply_adds = np.zeros((len(rows), kernel.shape[3])), 0
    for i, j in np.ndindex(m, m):
        pixels = padded[rows + i, columns + j]  # (N', C)
        outputs += pixels @ kernel[i, j]
        multiply_adds += pixels.size * kernel.shape[3]
    return Convolution(outputs.astype(np.float32)[numbers], multiply_adds)


def relative_rmse(approximation: np.ndarray, exact: np.ndarray) -> float:
    """Return ‖approximation − exact‖₂ / ‖exact‖₂; 0 where they are equal, infinite where only `exact` is zero."""
    error, norm = (np.linalg.norm(np.ravel(array).astype(np.float64)) for array in (approximation - exact, exact))
    return float(error / norm) if norm else float(error and np.inf)


class _VarianceExceeds:
    """Whether the variance of a cell, mean(x²) − mean(x)² averaged over the channels, is above a threshold."""

    def __init__(self, image, threshold):
        centred = image - image.mean(axis=(0, 1))  # keeps the difference of large numbers small
        self.sums, self.squares = _integral(centred), _integral((centred**2).sum(axis=-1, keepdims=True))
        self.threshold = threshold * image.shape[-1]
        self.rounding = 8 * np.finfo(float).eps * self.squares[-1, -1, 0]  # what the long sums lose

    def __call__(self, cells):
        area = cells[:, 2:].prod(axis=1)
        means = _sums(self.sums, cells) / area[:, None]
        squares = _sums(self.squares, cells)[:, 0] / area
        return squares - (means**2).sum(axis=1) > self.threshold + self.rounding / area


class _DifferenceExceeds:
    """Whether a cell holds two neighbours, both inside it, that differ by more than a threshold."""

    def __init__(self, image, threshold):
        above = [np.abs(np.diff(image, axis=axis)).max(axis=-1, keepdims=True) > threshold for axis in (0, 1)]
        self.vertical, self.horizontal = (_integral(differences.astype(np.int64)) for differences in above)

    def __call__(self, cells):
        one_row_less, one_column_less = cells - [0, 0, 1, 0], cells - [0, 0, 0, 1]
        return (_sums(self.vertical, one_row_less) + _sums(self.horizontal, one_column_less))[:, 0] > 0


def _integral(array):
    """The integral image (H + 1, W + 1, C): sums over all the pixels above and to the left."""
    return np.pad(array, ((1, 0), (1, 0), (0, 0))).cumsum(axis=0).cumsum(axis=1)


def _sums(integral, cells):
    """The sums over cells (n, 4) of the array behind an integral image: (n, C)."""
    top, left, height, width = cells.T
    bottom, right = top + height, left + width
    return integral[bottom, right] - integral[top, right] - integral[bottom, left] + integral[top, left]


def _quarters(cells, min_size):
    """The quarters of cells (n, 4), or their halves where one side is too short to be cut."""
    sides = cells[:, 2:]
    first = np.where(sides >= 2 * min_size, (sides + 1) // 2, sides)  # of an odd side, the longer half
    parts = [
        np.hstack([cells[:, :2] + first * second, np.where(second, sides - first, first)])
        for second in np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    ]
    quarters = np.concatenate(parts)
    return quarters[(quarters[:, 2:] > 0).all(axis=1)]


def _fill(cells, values, size):
    """The integer map (H, W) with each cell at its value: its corners carry ± the value, and running sums spread it."""
    (top, left), (bottom, right) = cells[:, :2].T, (cells[:, :2] + cells[:, 2:]).T
    corners = np.zeros((size[0] + 1, size[1] + 1), np.int64)
    for row, column, sign in ((top, left, 1), (bottom, left, -1), (top, right, -1), (bottom, right, 1)):
        np.add.at(corners, (row, column), sign * values)
    return corners.cumsum(axis=0).cumsum(axis=1)[:-1, :-1]


def _check_image(image):
    array = np.asarray(image)
    if array.dtype.kind not in "buif" or array.ndim not in (2, 3) or 0 in array.shape:
        raise ValueError(f"image must be an array (H, W) or (H, W, C) of numbers, got {array.shape} of {array.dtype}.")
    array = array.astype(np.float64).reshape(*array.shape[:2], -1)
    if not np.isfinite(array).all():
        raise ValueError("image holds NaN or infinite values: check how it was computed.")
    return array


def _check(criterion, threshold, min_size, max_depth):
    """Raise a ValueError for the first option that cannot be; return the threshold."""
    check_choice(CRITERIA, criterion=criterion)
    threshold = CRITERIA[criterion] if threshold is None else threshold
    check_number("[0, inf]", threshold=threshold)
    check_integer("[1, inf)", "pixels", min_size=min_size)
    if max_depth is not None:
        check_integer("[0, inf)", "or None for no limit", max_depth=max_depth)
    return threshold

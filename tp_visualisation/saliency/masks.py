"""The masks of RISE: random or balanced grids of cells, and how a grid becomes a mask."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import scipy

from tp_visualisation.checks import check_integer, check_number
from tp_visualisation.resampling import interpolation_matrix, resizing_matrix


def upsampling(length: int, grid_size: int, shift: bool = True) -> np.ndarray:
    """Return the matrix that stretches one side of a grid by bilinear interpolation.

    A grid g becomes the mask T g Tᵀ.

    Args:
        length: pixels along this side of the image.
        grid_size: cells along this side of the grid.
        shift: True, as in the paper: cells of ⌈length / grid_size⌉ pixels and one cell more than
            needed, so that a window of `length` rows can be cut out anywhere; the border is mirrored as
            by scikit-image's resize(mode="reflect"). False: exactly `length` rows, border clamped.

    Returns:
        float32 array (rows, grid_size); each row is >= 0 and sums to 1.
    """
    check_integer("[1, inf)", length=length, grid_size=grid_size)
    length, grid_size = int(length), int(grid_size)  # NumPy's small integers overflow
    if not shift:
        return resizing_matrix(length, grid_size).toarray()
    rows = (grid_size + 1) * -(-length // grid_size)
    unit, last = 2 * rows, 2 * rows * (grid_size - 1)  # places are counted in 1 / (2 rows) of a cell
    places = np.abs((2 * np.arange(rows) + 1) * grid_size - rows)
    places = np.clip(np.minimum(places, 2 * last - places), 0, last)
    return interpolation_matrix(places, unit, grid_size).toarray().astype(np.float32)


def random_grids(
    n_masks: int, grid_size: int, p: float, batch_size: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield batches of independent masks: cells kept with probability p (b, s, s), shifts in [0, 1) of a cell (b, 2).

    The masks do not depend on how they are cut into batches.
    """
    check_integer("[1, inf)", n_masks=n_masks, grid_size=grid_size, batch_size=batch_size)
    check_number("(0, 1]", "the probability that a cell is kept", p=p)
    check_integer("[0, inf)", seed=seed)
    cells_rng, shifts_rng = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    for start in range(0, n_masks, batch_size):
        n = min(batch_size, n_masks - start)
        yield (cells_rng.random((n, grid_size, grid_size)) < p).astype(np.float32), shifts_rng.random((n, 2))


class BalancedBlocks:
    """Endless blocks of masks in which chance has less to say.

    The error of plain RISE is mostly (mean score) × (how unevenly chance keeps the pixels). In a
    block every cell is kept by exactly half of the masks, every pair of cells is kept together by
    exactly a quarter of them, and each mask comes with its complement:

    - the ±1 rows of a Hadamard matrix, whose columns are orthogonal to each other and, but for the first, to the
      constant one, are the grids: a random column for each cell, with a random sign;
    - then the same grids with kept and hidden exchanged;
    - all the masks of a block share one shift, and the shifts of successive blocks fill the cell evenly (R2, the
      low-discrepancy sequence of the plastic number).

    For 7 x 7 cells the order is 64 and the block 128 masks.
    """

    LARGEST_ORDER = 256

    def __init__(self, grid_size, seed):
        self.grid_size = grid_size
        self.order = self._order(grid_size)
        self.length = 2 * self.order
        self.seed = seed

    @classmethod
    def exists(cls, grid_size):
        """Whether a block of reasonable size exists for s x s cells."""
        return cls._order(grid_size) <= cls.LARGEST_ORDER

    @staticmethod
    def _order(grid_size):
        """The smallest power of 2 with a non-constant column for each cell."""
        return 1 << (int(grid_size) ** 2).bit_length()

    def __iter__(self):
        """Yield (cells kept, float32 (length, s, s); shift in [0, 1) of a cell, (2,)) without end."""
        rng = np.random.default_rng(self.seed)
        offset = rng.random(2)
        signs_of_rows = scipy.linalg.hadamard(self.order)
        shape = (self.order, self.grid_size, self.grid_size)
        block = 0
        while True:
            columns = 1 + rng.permutation(self.order - 1)[: self.grid_size**2]
            signs = rng.choice([-1, 1], size=len(columns))
            grids = signs_of_rows[rng.permutation(self.order)][:, columns] * signs
            kept = ((1 + grids) / 2).reshape(shape).astype(np.float32)
            yield np.concatenate([kept, 1 - kept]), (block * np.array([0.7548776662, 0.5698402910]) + offset) % 1
            block += 1

    def batches(self, batch_size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the same as (grids, a shift for each), without end: parts of a block, or as many whole ones as fit."""
        blocks = iter(self)
        while True:
            some = list(islice(blocks, max(1, batch_size // self.length)))
            grids = np.concatenate([grids for grids, _ in some])
            shifts = np.repeat([shift for _, shift in some], self.length, axis=0)
            for start in range(0, len(grids), batch_size):
                yield grids[start : start + batch_size], shifts[start : start + batch_size]


def cut(batches: Iterator[np.ndarray], length: int) -> Iterator[np.ndarray]:
    """Yield arrays of `length`, cut from longer ones or joined of shorter ones."""
    waiting = np.empty(0, np.float32)
    for batch in batches:
        waiting = np.concatenate([waiting, batch])
        while len(waiting) >= length:
            yield waiting[:length]
            waiting = waiting[length:]

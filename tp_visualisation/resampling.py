"""Resizing as a matrix: linear interpolation along one side of an image or of a grid.

A map P is resized by one matrix for each side, R_y P R_xᵀ. Each row of R reads two neighbours,

    value at (i + share) = (1 − share) P[i] + share P[i + 1],   0 <= share < 1

and beyond the ends it keeps the value of the end. RISE's masks, SESS's windows, CAMERAS' stretched feature maps and the
quadtree's estimates all are such products; to work on the small matrices saves what the large arrays would cost.
"""

import numpy as np
from scipy.sparse import csr_array


def resizing_matrix(length: int, n: int) -> csr_array:
    """Return the matrix (length, n) that resizes n pixels to `length`, as `images.resize` does: no antialiasing.

    Pixel i takes its value at (i + ½) n / length − ½. Places are counted in whole numbers, so that a weight that is 0
    is exactly 0.

    Returns:
        float32 sparse array; each row is >= 0 and sums to 1.
    """
    places = (2 * np.arange(length) + 1) * n - length  # in 1 / (2 length) of a pixel
    return interpolation_matrix(np.clip(places, 0, 2 * length * (n - 1)), 2 * length, n).astype(np.float32)


def interpolation_matrix(places: np.ndarray, unit: float, n: int) -> csr_array:
    """Return the matrix (len(places), n) of linear interpolation between n neighbours.

    Args:
        places: where to read, in [0, (n − 1) unit].
        unit: the distance of two neighbours; with integers for both, weights are exact to the last digit.
        n: number of neighbours.

    Returns:
        float64 sparse array; each row is >= 0 and sums to 1.
    """
    before = (places // unit).astype(int)
    share = places % unit / unit
    rows = np.arange(len(places))
    weights = np.concatenate([1 - share, share])
    columns = np.concatenate([before, np.minimum(before + 1, n - 1)])
    return csr_array((weights, (np.concatenate([rows, rows]), columns)), shape=(len(places), n))

"""The masks of extremal perturbations: smooth by construction, whatever the few numbers are that they are made from.

Nodes m_i in [0, 1] lie on a grid; node i weighs a pixel u by its distance, and the mask is their smooth maximum:

    z_i(u) = k(u − i) m_i,    k(d) = exp(−2 max(|d| / σ − ½, 0)²),    mask(u) = Σ_i z_i e^(20 z_i) / Σ_i e^(20 z_i)

over the 9 × 9 nodes nearest to u. For an input of 224 pixels there are 32 × 32 nodes, 7 pixels apart, and σ is 21
pixels: three nodes. All lengths are counted in nodes here, so that the masks of another input size are the same, drawn
finer or coarser; of an input that is not square the shorter side has 32. The mask goes on for 18 pixels beyond the
image, where there are no nodes any more.

Pixels at the same place between their nodes have the same 81 weights, so mask and gradient are sums of 81 terms over
small arrays. TensorFlow's compiler XLA makes one loop of nine of them at a time, which saves most of the traffic to
memory.
"""

from collections.abc import Callable

import numpy as np

from tp_visualisation.images import Size
from tp_visualisation.later import tf
from tp_visualisation.resampling import resizing_matrix

PIXELS = 7  # from node to node, at most
SIGMA = 3  # distance at which a node's weight has fallen to exp(−½), in nodes
REACH = 4  # nodes on each side of a pixel that it depends on
NEAREST = 2 * REACH + 1
MARGIN = 3  # nodes by which the mask goes on beyond the image, less half a node's pixels
SHARPNESS = 20  # of the smooth maximum


class SmoothMasks:
    """The masks for one size of input.

    Args:
        size: (h, w) of the input.
        grid_size: nodes along its shorter side.

    Attributes:
        grid: rows and columns of nodes.
    """

    def __init__(self, size: Size, grid_size: int = 32):
        side = min(size)
        self.size, self.grid = size, tuple(round(length * grid_size / side) for length in size)
        wanted = -(-side // grid_size)
        self.pixels = min(PIXELS, wanted + (wanted + 1) % 2)  # odd, so that nodes lie on pixels
        self._weights = _weights(self.pixels)
        frame = [nodes * self.pixels for nodes in self.grid]
        self._resizing = [resizing_matrix(*lengths).toarray() for lengths in zip(size, frame, strict=True)]
        self._resized = frame != list(size)
        margin = MARGIN * self.pixels - self.pixels // 2
        self._frame = (slice(None), *(slice(margin, margin + length) for length in frame))

    def draw(self, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the masks (n, H, W) of nodes (n, rows, columns), with the margin, and Σ e^(20 z) at each pixel."""
        rows, columns = (length + 2 * MARGIN for length in self.grid)
        around = np.pad(nodes, [(0, 0), (MARGIN + REACH,) * 2, (MARGIN + REACH,) * 2])
        above = sums = np.zeros([len(nodes), rows, columns, self.pixels**2], np.float32)
        for row in range(NEAREST):
            above, sums = fused(_add_row, around[:, row : row + rows], self._weights[row], above, sums)
        return _as_pixels(above / sums, self.pixels), _as_pixels(sums, self.pixels)

    def pull_back(self, nodes: np.ndarray, masks: np.ndarray, sums: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to the nodes, from that with respect to the masks that `draw` made of them.

        ∂/∂m_i = Σ_u gradient(u) k e^(20 z_i) (1 + 20 (z_i − mask(u))) / Σ e^(20 z), over the pixels u around node i.
        """
        few = REACH - MARGIN  # so that every node has 9 × 9 around it
        wider = [(0, 0), (few, few), (few, few), (0, 0)]
        slopes, values = (np.pad(_at_nodes(a, self.pixels), wider) for a in (gradient / sums, masks))
        total = np.zeros([*nodes.shape, self.pixels**2], np.float32)
        for row in range(NEAREST):
            rows = slice(NEAREST - 1 - row, NEAREST - 1 - row + self.grid[0])
            (total,) = fused(_add_slopes, nodes, self._weights[row], slopes[:, rows], values[:, rows], total)
        return total.sum(axis=-1)

    def in_frame(self, masks: np.ndarray) -> np.ndarray:
        """Return what is seen of masks (n, H, W) on the input, (n, h, w)."""
        inside = masks[self._frame]
        if not self._resized:
            return inside
        rows, columns = self._resizing
        return rows @ inside @ columns.T

    def from_frame(self, gradient: np.ndarray, masks: np.ndarray) -> np.ndarray:
        """Return the gradient with respect to masks (n, H, W), from that with respect to what is seen, (n, h, w)."""
        whole = np.zeros_like(masks)
        rows, columns = self._resizing
        whole[self._frame] = rows.T @ gradient @ columns if self._resized else gradient
        return whole


def _weights(pixels):
    """The weights k of the 9 × 9 nodes around each of the pixels² places at a node: float32 (9, 9, pixels²)."""
    places = (np.arange(pixels) - pixels // 2) / pixels
    d = np.arange(-REACH, REACH + 1) - places[:, None]  # (places, 9)
    distance = np.hypot(d.T[:, None, :, None], d.T[None, :, None, :])  # rows, columns of nodes, then of places
    weights = np.exp(-2 * np.maximum(distance / SIGMA - 0.5, 0) ** 2)
    return weights.reshape(NEAREST, NEAREST, -1).astype(np.float32)


_FUNCTIONS: dict[Callable, Callable] = {}


def fused(function: Callable, *arrays) -> tuple[np.ndarray, ...]:
    """Return the arrays that `function`, made of TensorFlow operations, makes of arrays: in one loop, compiled by XLA.

    Where this TensorFlow has no XLA it runs operation by operation.
    """
    tensors = [tf.constant(array, tf.float32) for array in arrays]
    if function not in _FUNCTIONS:
        compiled = tf.function(function, jit_compile=True, autograph=False)
        try:
            compiled(*tensors)
        except tf.errors.OpError:
            compiled = tf.function(function, autograph=False)
        _FUNCTIONS[function] = compiled
    return tuple(output.numpy() for output in _FUNCTIONS[function](*tensors))


def _add_row(nodes, weights, above, below):
    """Σ z e^(20 z) and Σ e^(20 z) at each pixel (n, rows, columns, pixels²), with those of one row of nodes added.

    `nodes` (n, rows, columns + 8) are those in this row above or below each pixel, `weights` (9, pixels²) theirs.
    """
    columns = above.shape[2]
    for column in range(NEAREST):
        z = nodes[:, :, column : column + columns, None] * weights[column]
        e = tf.exp(SHARPNESS * z)
        above, below = above + z * e, below + e
    return above, below


def _add_slopes(nodes, weights, slopes, values, total):
    """The sum of `SmoothMasks.pull_back` for each place at a node (n, rows, columns, pixels²), with one row added."""
    columns = nodes.shape[2]
    for column in range(NEAREST):
        k, here = weights[column], slice(NEAREST - 1 - column, NEAREST - 1 - column + columns)
        z = nodes[..., None] * k
        total += slopes[:, :, here] * k * tf.exp(SHARPNESS * z) * (1 + SHARPNESS * (z - values[:, :, here]))
    return (total,)


def _as_pixels(values, pixels):
    """Images (n, H, W) of values (n, rows, columns, pixels²) at the places of each node, half a node cut off."""
    n, rows, columns, _ = values.shape
    tiles = values.reshape(n, rows, columns, pixels, pixels).swapaxes(2, 3)
    image = tiles.reshape(n, rows * pixels, columns * pixels)
    half = pixels // 2
    return image[:, half : rows * pixels - half, half : columns * pixels - half]


def _at_nodes(image, pixels):
    """The inverse of `_as_pixels`, zeros where it cut."""
    half = pixels // 2
    image = np.pad(image, [(0, 0), (half, half), (half, half)])
    n, height, width = image.shape
    tiles = image.reshape(n, height // pixels, pixels, width // pixels, pixels).swapaxes(2, 3)
    return tiles.reshape(n, height // pixels, width // pixels, pixels**2)

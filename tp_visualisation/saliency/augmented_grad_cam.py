"""Augmented Grad-CAM: many coarse maps of one image, each moved a little, hold one fine map.

Morbidelli et al., "Augmented Grad-CAM: heat-maps super resolution through augmentation", 2020.

A Grad-CAM map has few cells: 7 × 7 or 14 × 14. Turn and shift the image a little, and the cells fall elsewhere
on the object. So the maps g_l of moved images are samples of one fine map h, as the pictures of a shaking
camera are, and h is found by the means of super-resolution:

    min over h of  Σ_l ‖D T_l R_l h − g_l‖² + λ_tv Σ (|∂_x h| + |∂_y h|) + λ_e Σ h²

R_l turns, T_l shifts, D takes every s-th pixel, s pixels being the side of a cell; g_l is divided by its maximum. All
of D T_l R_l, with its linear interpolation, is one sparse matrix. Adam takes 200 steps from h = 0, which is far from
the minimum: the number of steps, as in the authors' program, is part of the method.

The paper compares with two simpler aggregates: each g_l stretched and moved back, then their mean or their maximum.
"""

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import WrongKind, check_choice, check_integer
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, Size, resize
from tp_visualisation.labels import Target
from tp_visualisation.later import keras
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.flat import not_flat
from tp_visualisation.saliency.grad_cam import grad_cam_grids

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LARGEST_ANGLE = 0.5  # radians
LARGEST_SHIFT = 30 / 224  # of the side of the image
TOTAL_VARIATION, ENERGY = 0.002, 0.0001  # λ_tv and λ_e for each augmentation
N_STEPS, STEP_SIZE = 200, 0.001  # of Adam

Transforms = tuple[np.ndarray, np.ndarray]  # angles (n,) in radians, anticlockwise; shifts (n, 2) in pixels: dx, dy


def augmented_grad_cam(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    layer: str | None = None,
    n_augmentations: int = 100,
    transforms: Transforms | None = None,
    aggregate: str = "super_resolution",
    batch_size: int | None = None,
    progress: bool = False,
    seed: int = 0,
) -> SaliencyMap:
    """Return the Augmented Grad-CAM map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        layer: name of the layer whose feature maps are summed; None for the last feature map, after
            its activation.
        n_augmentations: number of moved images; the first is the image itself. Angles are uniform in ±0.5 radians,
            shifts in ±30 pixels of 224, as in the authors' program; what comes in at the border is black.
        transforms: angles (n,), in radians, anticlockwise about the middle, and shifts (n, 2), right and down in pixels
            of the network's input, which follow the turn; used instead of the seed's, so that a run can be replayed.
            `n_augmentations` is then n.
        aggregate: "super_resolution", or the "mean" or "max" of the maps moved back.
        batch_size: images per pass; bounds the memory and does not change the map.
            None for 16, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.
        seed: integer; the same seed gives the same map.

    Returns:
        float32 array (H, W): the fine map, at the size of the network's input, stretched to the image. Not normalised;
        each coarse map is divided by its maximum, so that there is no unit. After 200 steps its largest value is
        about 0.2, and values a little below 0 are left. D reads a cell at its top left corner.

    Raises:
        ValueError: an argument is not as above.
    """
    check_choice(("super_resolution", "mean", "max"), aggregate=aggregate)
    check_integer("[1, inf)", n_augmentations=n_augmentations)
    batch_size = classifier.engine.batch_size(batch_size, 16)
    check_integer("[0, inf)", seed=seed)
    size = classifier.input_size
    angles, shifts = _drawn(n_augmentations, size, seed) if transforms is None else _given(transforms)
    classifier, image, target = classifier.check(image, target)

    resized, maps = resize(image, size), []
    with tqdm(total=len(angles), desc="Augmented Grad-CAM", unit=" images", delay=1, disable=not progress) as bar:
        for start in range(0, len(angles), batch_size):
            part = slice(start, start + batch_size)
            moved = _moved(np.broadcast_to(resized, (len(angles[part]), *resized.shape)), angles[part], shifts[part])
            grids, _ = grad_cam_grids(classifier, classifier.prepare(moved), target, layer)
            maps.append(grids)
            bar.update(len(moved))
    maps = np.concatenate(maps)
    largest = maps.max(axis=(1, 2), keepdims=True)
    maps = np.divide(maps, largest, out=np.zeros_like(maps), where=largest > 0)

    if aggregate == "super_resolution":
        fine = _super_resolution(sampling(angles, shifts, size, maps.shape[1:]), maps, size)
    else:
        stretched = np.stack([resize(coarse, size) for coarse in maps])[..., None]
        back = _moved(_moved(stretched, np.zeros_like(angles), -shifts), -angles, np.zeros_like(shifts))[..., 0]
        fine = back.mean(axis=0) if aggregate == "mean" else back.max(axis=0)
    return not_flat(resize(fine, image.shape[:2]), image, classifier, layer)


def sampling(angles: np.ndarray, shifts: np.ndarray, size: Size, grid: Size) -> "csr_array":
    """Return D T_l R_l for all l as one matrix: from a map of `size`, flat, to the cells of all the coarse maps.

    Args:
        angles, shifts: as `transforms` of `augmented_grad_cam`.
        size: (h, w) of the fine map.
        grid: (rows, columns) of a coarse map.

    Returns:
        float32 sparse array (n × rows × columns, h × w).
    """
    from scipy.sparse import csr_array

    n, cells = len(angles), np.indices(grid).reshape(2, -1).T  # (rows × columns, 2)
    rows = np.arange(n * len(cells))
    number = rows // len(cells)  # of the map
    places, weights = np.tile(cells * (np.array(size) / grid), (n, 1)), np.ones(len(rows))  # y, x
    rows, places, weights = _linear(rows, places, weights, size)
    rows, places, weights = _linear(rows, places - shifts[number[rows], ::-1], weights, size)
    cos, sin, (y, x) = np.cos(angles)[number[rows]], np.sin(angles)[number[rows]], (places - _middle(size)).T
    turned = np.stack([sin * x + cos * y, cos * x - sin * y], axis=1) + _middle(size)
    rows, places, weights = _linear(rows, turned, weights, size)
    columns = (places @ [size[1], 1]).astype(int)
    return csr_array((weights.astype(np.float32), (rows, columns)), (n * len(cells), size[0] * size[1]))


def _linear(rows, places, weights, size):
    """Readings at places (k, 2) by linear interpolation: those of the four pixels around; outside the map is 0."""
    before = np.floor(places)
    share = places - before
    parts = []
    for corner in product((0, 1), repeat=2):
        pixels = before + corner
        weight = weights * np.abs(1 - np.array(corner) - share).prod(axis=1)
        kept = (weight > 0) & ((pixels >= 0) & (pixels < size)).all(axis=1)
        parts.append((rows[kept], pixels[kept], weight[kept]))
    return tuple(np.concatenate(arrays) for arrays in zip(*parts, strict=True))


def _super_resolution(matrix, maps, size):
    """The fine map (h, w) after Adam's steps on the paper's objective, from coarse maps (n, rows, columns)."""
    n, g = len(maps), maps.ravel()
    transposed = matrix.T.tocsr()
    h, mean, square = (np.zeros(size, np.float32) for _ in range(3))
    for step in range(1, N_STEPS + 1):
        gradient = 2 * (transposed @ (matrix @ h.ravel() - g)).reshape(size)
        gradient += n * (TOTAL_VARIATION * _variation(h) + 2 * ENERGY * h)
        mean += 0.1 * (gradient - mean)
        square += 0.001 * (gradient**2 - square)
        h -= STEP_SIZE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return h


def _variation(h):
    """The subgradient of Σ (|∂_x h| + |∂_y h|), 0 where neighbours are equal."""
    total = np.zeros_like(h)
    for along, lines in ((h, total), (h.T, total.T)):
        signs = np.sign(np.diff(along, axis=0))
        lines[1:] += signs
        lines[:-1] -= signs
    return total


def _drawn(n, size, seed):
    """Angles (n,) and shifts (n, 2) at random, the first of them none."""
    rng = np.random.default_rng(seed)
    moves = rng.uniform(-1, 1, (n, 3)) * (LARGEST_ANGLE, LARGEST_SHIFT * size[1], LARGEST_SHIFT * size[0])
    moves[0] = 0
    return moves[:, 0], moves[:, 1:]


def _given(transforms):
    try:
        angles, shifts = (np.asarray(array, np.float64) for array in transforms)
    except (TypeError, ValueError):
        raise WrongKind(f"transforms must be angles (n,) and shifts (n, 2), got {transforms!r:.80}.") from None
    if angles.ndim != 1 or len(angles) == 0 or shifts.shape != (len(angles), 2):
        raise ValueError(f"transforms must be angles (n,) and shifts (n, 2), got {angles.shape} and {shifts.shape}.")
    if not (np.isfinite(angles).all() and np.isfinite(shifts).all()):
        raise ValueError("transforms hold NaN or infinite values.")
    return angles, shifts


def _moved(images, angles, shifts):
    """Images (n, h, w, C), each turned about its middle, then shifted; linear interpolation, 0 outside."""
    y, x = _middle(images.shape[1:3])
    cos, sin, no, one = np.cos(angles), np.sin(angles), np.zeros_like(angles), np.ones_like(angles)
    turn = np.stack([cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y, no, no], axis=1)
    shift = np.stack([one, no, -shifts[:, 0], no, one, -shifts[:, 1], no, no], axis=1)
    for transform in (turn, shift):  # from a pixel of the result to the place that it is read at
        images = keras.ops.image.affine_transform(
            np.asarray(images, np.float32), transform.astype(np.float32), data_format="channels_last"
        )
    return np.asarray(images)


def _middle(size):
    return (np.array(size) - 1) / 2

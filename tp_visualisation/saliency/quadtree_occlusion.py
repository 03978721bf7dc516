"""Quadtree occlusion: the occlusion map for a fraction of its forward passes, by looking closer where it matters.

Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014. https://arxiv.org/abs/1311.2901
Finkel and Bentley, "Quad trees: a data structure for retrieval on composite keys", 1974.

`occlusion` hides every patch b of a grid and notes the drop d_b = p_c(I) − p_c(I_b). Here that grid is the finest level
of a quadtree: a cell of level k stands for 2ᵏ × 2ᵏ patches, and is hidden by one square that begins where the first of
them does,

    side of the hidden square = max(patch size, 2ᵏ × stride)

so that a large cell hides all its patches at once, and a cell narrower than a patch hides one patch of the grid, which
its first quarter then need not hide again. All the cells of a coarse level are hidden first. Then, round after round,
the cells with the largest

    4ᵏ × largest |drop| of the cell and of the next ones to the right and below, between which its patches lie

are cut into four, until the budget of passes is spent: a large cell with a large effect has most to tell. Drops that
were not measured are interpolated from the coarser level, bilinearly; where the hidden square shrinks from that level
to this one, times the least-squares factor between what was interpolated and what was then measured. Where the tree
reaches single patches, the map is that of `occlusion`.

What to expect (benchmarks/quadtree.py, twenty photographs): where patches overlap as by default, a quarter of the
passes ranks the pixels as the full map does, with a median Spearman correlation of 0.95. So does hiding every second
patch of each row and column and interpolating (0.97 for 27 %): what saves passes is that the drops are smooth, and what
the quadtree adds is that its passes go where the effect is. With disjoint patches, stride = patch size, each small drop
stands nearly alone, even the best choice of a quarter of them says little of the others, and the correlation is 0.4.
"""

from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from tp_visualisation.images import resize
from tp_visualisation.quadtree import Leaf
from tp_visualisation.saliency.occlusion import check_patches, hidden_probabilities, mean_over_boxes, patches

N_ROUNDS = 8  # the budget is spent in about as many rounds, whatever the batch size


class Refinement(NamedTuple):
    """A quadtree occlusion map, and what it took.

    Attributes:
        saliency_map: float32 (H, W).
        n_passes: images that the network scored, the photograph itself included.
        n_passes_full: what hiding every patch takes.
        refined: bool (h, w), at the network's input size: the pixels all of whose patches were hidden,
            where the map before its resizing to (H, W) is that of `occlusion`.
        leaves: list of `Leaf` at the network's input size: the cells that were not cut. They tile it.
    """

    saliency_map: np.ndarray
    n_passes: int
    n_passes_full: int
    refined: np.ndarray
    leaves: list


def quadtree_occlusion(classifier, image, target=None, *, return_refinement=False, progress=False, patch_size=None,
                       stride=None, n_passes=None, min_effect=0.0, baseline=0.0, batch_size=32):  # fmt: skip
    """Return the quadtree occlusion map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        return_refinement: return a `Refinement`, the map with the passes and the quadtree, instead of
            the map.
        progress: show a progress bar on stderr when it takes longer than a second.
        patch_size: side of the smallest hidden square, in pixels of the network's input; None takes a
            seventh of its shorter side (32 for 224), as `occlusion`.
        stride: pixels between patches, at most `patch_size`: the side of the finest cells. None takes a
            quarter of a patch (8 for 224).
        n_passes: images that the network scores at most, the photograph included. None takes a quarter
            of what hiding every patch takes (156 of 626 for 224); with at least that, the map is that of
            `occlusion`.
        min_effect: cells whose effect, the largest |drop| above, is smaller are not cut, even when passes
            are left; in units of probability.
        baseline: number that hides, in the network's input space.
        batch_size: images per pass; bounds the memory and does not change the map.

    Returns:
        float32 array (H, W), in units of probability: by how much hiding the pixel's surroundings
        lowers the probability of the class; negative where it raises it. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    image, target = classifier.check(image, target)
    size = classifier.input_size
    patch_size, stride, grid, n_passes = _check(patch_size, stride, n_passes, min_effect, baseline, batch_size, size)

    x = classifier.prepare(image)
    with tqdm(total=n_passes, desc="Quadtree occlusion", unit=" passes", delay=1, disable=not progress) as bar:

        def probabilities(boxes):
            hidden = hidden_probabilities(classifier, x, target, boxes, batch_size, baseline)
            bar.update(len(boxes))
            return hidden.astype(np.float64)

        nothing = [[0, 0, 0, 0]]
        p = probabilities(nothing)[0]
        levels = _levels(size, patch_size, stride, n_passes - 1)
        n_hidden = _refine(levels, lambda boxes: p - probabilities(boxes), n_passes - 1, min_effect)

    saliency_map = resize(mean_over_boxes(_estimates(levels)[-1].ravel(), grid, size), image.shape[:2])
    if not return_refinement:
        return saliency_map
    refined = mean_over_boxes(levels[-1].measured.ravel(), grid, size) == 1
    return Refinement(saliency_map, 1 + n_hidden, 1 + len(grid), refined, _leaves(levels))


class _Level:
    """The cells of one level: the squares that hide them, what was found, and whether they were cut."""

    def __init__(self, k, size, patch_size, stride):
        spans, borders = zip(*(_spans(k, length, patch_size, stride) for length in size), strict=True)
        (top, bottom), (left, right) = spans
        self.k, self.side = k, max(patch_size, 2**k * stride)
        self.boxes = np.stack(np.broadcast_arrays(top[:, None], left, bottom[:, None], right), axis=-1)
        self.shape = self.boxes.shape[:2]
        self.centres = [span.mean(axis=0) for span in spans]
        self.borders = borders
        self.drops = np.zeros(self.shape)
        self.measured = np.zeros(self.shape, bool)
        self.cut = np.zeros(self.shape, bool)


def _spans(k, length, patch_size, stride):
    """Along one side of the image: where the hidden squares of level k begin and end, and where cells meet."""
    first = np.append(np.arange(0, length - patch_size, stride), length - patch_size)
    middles = first[1:] + (patch_size - stride) // 2  # of what two patches that follow each other share
    borders = np.concatenate([[0], middles])[:: 2**k]
    first = first[:: 2**k]
    last = np.maximum(first + patch_size, np.minimum(first + 2**k * stride, length))
    return np.stack([first, last]), np.append(borders, length)


def _levels(size, patch_size, stride, n_passes):
    """The levels, from the one to begin with, the finest that leaves a quarter of the passes, to single patches."""
    levels = [_Level(0, size, patch_size, stride)]
    while levels[-1].drops.size > (n_passes if len(levels) == 1 else max(1, 0.75 * n_passes)):
        levels.append(_Level(len(levels), size, patch_size, stride))
    return levels[::-1]


def _refine(levels, drops_of, n_passes, min_effect):
    """Hide all the cells of the first level, then cut and hide in rounds; return the number of squares hidden."""
    n_hidden, cells = 0, [(levels[0], cell) for cell in np.ndindex(levels[0].shape)]
    while cells is not None:
        if cells:
            for (level, cell), drop in zip(cells, drops_of([level.boxes[cell] for level, cell in cells]), strict=True):
                level.drops[cell], level.measured[cell] = drop, True
        n_hidden += len(cells)
        cells = _cut(levels, min(max(4, n_passes // N_ROUNDS), n_passes - n_hidden), min_effect)
    return n_hidden


def _cut(levels, limit, min_effect):
    """Cut the cells that promise most; return the quarters to hide, `limit` at most, or None if no cell was cut."""
    quarters_to_hide, n_cut = [], 0
    for coarse, fine, cell in _by_promise(levels, min_effect):
        row, column = cell
        quarters = [
            (i, j) for i in (2 * row, 2 * row + 1) for j in (2 * column, 2 * column + 1)
            if i < fine.shape[0] and j < fine.shape[1]
        ]  # fmt: skip
        known = [quarter for quarter in quarters if (fine.boxes[quarter] == coarse.boxes[cell]).all()]
        if len(quarters_to_hide) + len(quarters) - len(known) > limit:
            break
        for quarter in known:
            fine.drops[quarter], fine.measured[quarter] = coarse.drops[cell], True
        quarters_to_hide += [(fine, quarter) for quarter in quarters if quarter not in known]
        coarse.cut[cell] = True
        n_cut += 1
    return quarters_to_hide if n_cut else None


def _by_promise(levels, min_effect):
    """The cells that may be cut, as (level, next level, (row, column)): largest 4ᵏ × effect first."""
    candidates = []
    for coarse, fine, drops in zip(levels, levels[1:], _estimates(levels), strict=False):
        effects = np.abs(np.pad(drops, ((0, 1), (0, 1))))
        effects = np.max([effects[i : i + drops.shape[0], j : j + drops.shape[1]] for i, j in np.ndindex(2, 2)], axis=0)
        for cell in np.argwhere(coarse.measured & ~coarse.cut & (effects >= min_effect)):
            candidates.append((4**coarse.k * effects[tuple(cell)], coarse, fine, tuple(cell)))
    candidates.sort(key=lambda candidate: -candidate[0])
    return [candidate[1:] for candidate in candidates]


def _estimates(levels):
    """The drops of every cell of each level: measured, or interpolated from the coarser level."""
    estimates = [levels[0].drops]
    for coarse, fine in zip(levels, levels[1:], strict=False):
        rows, columns = (_interpolation(*centres) for centres in zip(coarse.centres, fine.centres, strict=True))
        interpolated = rows @ estimates[-1] @ columns.T
        x, y = interpolated[fine.measured], fine.drops[fine.measured]
        shrinks = fine.side < coarse.side
        factor = np.clip((x @ y) / (x @ x), 0, 1) if shrinks and (x**2).sum() > 0 else 1.0
        estimates.append(np.where(fine.measured, fine.drops, factor * interpolated))
    return estimates


def _interpolation(known, wanted):
    """The matrix of linear interpolation between points of a line, constant beyond the ends."""
    return np.stack([np.interp(wanted, known, unit) for unit in np.eye(len(known))], axis=1)


def _leaves(levels):
    leaves = []
    for level in levels:
        rows, columns = level.borders
        for i, j in np.argwhere(level.measured & ~level.cut):
            leaves.append(Leaf(*map(int, (rows[i], columns[j], rows[i + 1] - rows[i], columns[j + 1] - columns[j]))))
    return sorted(leaves)


def _check(patch_size, stride, n_passes, min_effect, baseline, batch_size, size):
    """Raise a ValueError for the first option that cannot be; return those that None leaves to us, and the patches."""
    patch_size, half = check_patches(patch_size, stride, baseline, batch_size, size)
    stride = max(1, patch_size // 4) if stride is None else half
    grid = patches(size, patch_size, stride)
    n_passes = max(2, (1 + len(grid)) // 4) if n_passes is None else n_passes
    if n_passes < 2:
        raise ValueError(f"n_passes must be at least 2, the image and one hidden square, got {n_passes}.")
    if not 0 <= min_effect <= 1:
        raise ValueError(f"min_effect is a drop of a probability and must lie in [0, 1], got {min_effect}.")
    return patch_size, stride, grid, n_passes

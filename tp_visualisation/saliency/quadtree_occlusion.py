"""Quadtree occlusion: the occlusion map for a fraction of its forward passes, by looking closer where it matters.

Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014. https://arxiv.org/abs/1311.2901
Finkel and Bentley, "Quad trees: a data structure for retrieval on composite keys", 1974.

`occlusion` hides every patch b of a grid and notes the drop d_b = p_c(I) − p_c(I_b). Neighbouring patches overlap, and
their drops are alike. So we hide large squares first, and patches only where it pays.

The finest cells are the patches. A cell of level k stands for 2ᵏ × 2ᵏ of them. It is hidden by one square, which begins
where its first patch begins and has the

    side = max(patch size, 2ᵏ × stride)

So one pass hides all the patches of a large cell at once. A cell that is narrower than a patch hides one patch of the
grid; its first quarter hides the same one, and needs no pass of its own.

1. Hide every cell of a coarse level.
2. Cut the cells that promise most into four and hide the quarters. What a cell promises is

       4ᵏ × the largest |drop| of the cell and of its neighbours to the right, below, and diagonally below

   since its patches lie between those: a large cell with a large effect has most to tell.
3. Repeat until the budget of passes is spent.

Drops that were not measured are interpolated from the coarser level, linearly in both directions. Where the hidden
square is smaller than on the coarser level, the interpolated drops are also multiplied by one factor: the one that fits
those that were measured best (least squares). Where the tree reaches single patches, the map is that of `occlusion`.

What to expect (benchmarks/quadtree.py, twenty photographs). Patches that overlap as by default: a quarter of the passes
ranks the pixels as the full map does, with a median Spearman correlation of 0.95. Most of that comes from smoothness:
to hide every second patch of each row and column and to interpolate gives 0.97 for 27 % of the passes. The quadtree
spends its passes where the effect is. Patches that do not overlap (stride = patch size): with a quarter of the passes
the tree hides hardly anything but larger squares, which say little about the patches, and the correlation is 0.4.
"""

from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.quadtree import Leaf
from tp_visualisation.resampling import interpolation_matrix
from tp_visualisation.saliency.occlusion import check_patches, hidden_probabilities, mean_over_boxes, patches

EQUAL = 1e-6  # probabilities as near as this are the same one, rounded in another way
N_ROUNDS = 8  # the budget is spent in about as many rounds, whatever the batch size


class Refinement(NamedTuple):
    """A quadtree occlusion map, and what it took.

    Attributes:
        saliency_map: float32 (H, W).
        n_passes: images shown to the network, the photograph itself included.
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


def quadtree_occlusion(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    return_refinement: bool = False,
    progress: bool = False,
    patch_size: int | None = None,
    stride: int | None = None,
    n_passes: int | None = None,
    min_effect: float = 0.0,
    baseline: float = 0.0,
    batch_size: int | None = None,
) -> SaliencyMap | Refinement:
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
        n_passes: images shown to the network at most, the photograph included. None takes a quarter
            of what hiding every patch takes (156 of 626 for 224); with at least that, the map is that of
            `occlusion`.
        min_effect: cells whose effect, the largest |drop| of step 2, is smaller are not cut, even when passes
            are left; in units of probability.
        baseline: number that hides, in the network's input space.
        batch_size: images per pass; bounds the memory and does not change the map.
            None for 32, or on a GPU for what its memory holds.

    Returns:
        float32 array (H, W), in units of probability: by how much hiding the pixel's surroundings
        lowers the probability of the class; negative where it raises it. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    size = classifier.input_size
    batch_size = classifier.engine.batch_size(batch_size, 32)
    patch_size, stride, grid, n_passes = _check(patch_size, stride, n_passes, min_effect, baseline, size)
    classifier, image, target = classifier.check(image, target)

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
            (i, j)
            for i in (2 * row, 2 * row + 1)
            for j in (2 * column, 2 * column + 1)
            if i < fine.shape[0] and j < fine.shape[1]
        ]
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
    order = _descending([candidate[0] for candidate in candidates], tied=EQUAL * 4 ** levels[0].k)
    return [candidates[number][1:] for number in order]


def _descending(values, tied):
    """The order of falling values; those nearer than `tied` to the next one are equal, and stay in their order.

    The last digits of a probability depend on how many images share the pass. Of cells with the same effect, such as
    those of a flat background, they must not decide which one is cut.
    """
    order = np.argsort(-np.asarray(values, np.float64), kind="stable")
    falls = -np.diff(np.asarray(values, np.float64)[order]) > tied
    group = np.append(0, np.cumsum(falls))[: len(order)]
    return order[np.lexsort((order, group))]


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
    places = np.interp(wanted, known, np.arange(len(known), dtype=float))
    return interpolation_matrix(places, 1, len(known)).toarray()


def _leaves(levels):
    leaves = []
    for level in levels:
        rows, columns = level.borders
        for i, j in np.argwhere(level.measured & ~level.cut):
            leaves.append(Leaf(*map(int, (rows[i], columns[j], rows[i + 1] - rows[i], columns[j + 1] - columns[j]))))
    return sorted(leaves)


def _check(patch_size, stride, n_passes, min_effect, baseline, size):
    """Raise a ValueError for the first option that cannot be; return those that None leaves to us, and the patches."""
    patch_size, half = check_patches(patch_size, stride, baseline, size)
    stride = max(1, patch_size // 4) if stride is None else half
    grid = patches(size, patch_size, stride)
    n_passes = max(2, (1 + len(grid)) // 4) if n_passes is None else n_passes
    check_integer("[2, inf)", "the image and one hidden square", n_passes=n_passes)
    check_number("[0, 1]", "a drop of a probability", min_effect=min_effect)
    return patch_size, stride, grid, n_passes

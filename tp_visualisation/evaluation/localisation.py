"""The pointing game: does the maximum of a map fall on the object?

Zhang et al., "Top-down neural attention by excitation backprop", 2018. https://arxiv.org/abs/1608.00507

For each image and each category in it, the map of that category points at its maximum. It is a hit when a box of the
category lies within 15 pixels of that point, and

    accuracy = mean over categories of (hits / (hits + misses))

so that a frequent category counts no more than a rare one. On the "difficult" part, boxes of the category cover less
than a quarter of the image and another category is there too: pointing at the middle, or at whatever is salient, no
longer wins. `read_voc` and `read_coco` read boxes from Pascal VOC and COCO.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tp_visualisation.checks import check_number
from tp_visualisation.maps import SaliencyMap, check_map


class Box(NamedTuple):
    """A rectangle in pixels from the top left corner of the image; `right` and `bottom` are just outside it."""

    left: float
    top: float
    right: float
    bottom: float


class PointingAccuracy(NamedTuple):
    """Mean of the accuracies per category, in [0, 1], and the accuracy of each: dict of category → accuracy."""

    mean: float
    by_category: dict[str, float]


def pointing_game(saliency_map: SaliencyMap, boxes: Sequence[Box], tolerance: float = 15) -> bool:
    """Return whether the maximum of a map falls on one of the boxes.

    Args:
        saliency_map: array (H, W); of several maxima the first in reading order counts.
        boxes: `Box`es or tuples (left, top, right, bottom) in pixels of the map, at least one.
        tolerance: distance in pixels of the map, from the maximum to the nearest pixel of a box, that still hits.

    Returns:
        bool.

    Raises:
        ValueError: no boxes, a box outside the map, a negative tolerance, or a map that is constant or not finite.
    """
    check_number("[0, inf)", tolerance=tolerance)
    saliency_map = check_map(saliency_map)
    boxes = _check_boxes(boxes, saliency_map.shape)
    row, column = np.unravel_index(saliency_map.argmax(), saliency_map.shape)
    left, top, right, bottom = _pixels_of(boxes).T
    dx = np.maximum(0, np.maximum(left - column, column - (right - 1)))
    dy = np.maximum(0, np.maximum(top - row, row - (bottom - 1)))
    return bool((np.hypot(dx, dy) <= tolerance).any())


def pointing_accuracy(hits: Iterable[bool], categories: Iterable[str]) -> PointingAccuracy:
    """Return the accuracy of the pointing game over many maps.

    Args:
        hits: booleans (n,), one for each pair of image and category.
        categories: the category of each (n,).

    Returns:
        `PointingAccuracy`, categories in alphabetical order.

    Raises:
        ValueError: nothing to average, or two lists of different lengths.
    """
    hits, categories = list(hits), list(categories)
    if len(hits) != len(categories) or not hits:
        raise ValueError(
            f"hits and categories must be as long as each other and not empty, got {len(hits)} and {len(categories)}."
        )
    hits_of: dict[str, list[bool]] = {}
    for hit, category in sorted(zip(hits, categories, strict=True), key=lambda pair: str(pair[1])):
        hits_of.setdefault(category, []).append(bool(hit))
    by_category = {category: float(np.mean(values)) for category, values in hits_of.items()}
    return PointingAccuracy(float(np.mean(list(by_category.values()))), by_category)


def is_difficult(boxes: Sequence[Box], size: tuple[int, int], other_categories: Collection[str]) -> bool:
    """Return whether boxes cover less than a quarter of the image while another category is there.

    Args:
        boxes: `Box`es of the category looked for, at least one; where they overlap they count once.
        size: (H, W) of the image.
        other_categories: the other categories in the image.

    Raises:
        ValueError: no boxes, or a box outside the image.
    """
    covered = np.zeros(size, bool)
    for left, top, right, bottom in _pixels_of(_check_boxes(boxes, size)):
        covered[top:bottom, left:right] = True
    return bool(covered.mean() < 0.25 and len(other_categories) > 0)


def _check_boxes(boxes, size):
    """Return `boxes` as a list of `Box`.

    Raises:
        ValueError: none, or one that is not (left, top, right, bottom) inside the image, (H, W) = `size`.
    """
    height, width = size
    boxes = [boxes] if isinstance(boxes, Box) else list(boxes)
    if not boxes:
        raise ValueError("boxes is empty: at least one (left, top, right, bottom) is needed.")
    for box in boxes:
        if np.shape(box) != (4,):
            raise ValueError(f"a box must be (left, top, right, bottom), got {box!r}.")
        left, top, right, bottom = box
        if not (0 <= left < right <= width and 0 <= top < bottom <= height):
            raise ValueError(
                f"a box must be (left, top, right, bottom) inside the image of {height} x {width} pixels, "
                f"got {tuple(map(float, box))}."
            )
    return [Box(*box) for box in boxes]


def _pixels_of(boxes):
    """The pixels that boxes touch, int (n, 4): first column, first row, last column + 1, last row + 1."""
    left, top, right, bottom = np.asarray(boxes, np.float64).T
    return np.stack([np.floor(left), np.floor(top), np.ceil(right), np.ceil(bottom)], axis=1).astype(int)

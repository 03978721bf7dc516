"""Does a map find the object? The pointing game, the box of a map, and the share of the map inside the object's box.

Pointing game: does the maximum fall on the object?

Zhang et al., "Top-down neural attention by excitation backprop", 2018. https://arxiv.org/abs/1608.00507

For each image and each category in it, the map of that category points at its maximum. It is a hit when a box of the
category lies within 15 pixels of that point, and

    accuracy = mean over categories of (hits / (hits + misses))

so that a frequent category counts no more than a rare one. On the "difficult" part, boxes of the category cover less
than a quarter of the image and another category is there too: pointing at the middle, or at whatever is salient, no
longer wins. `read_voc` and `read_coco` read boxes from Pascal VOC and COCO.

Localisation error, as ILSVRC counts it: the `bounding_box` of the map is wrong when it does not overlap any box of the
category enough,

    intersection over union = area(A ∩ B) / area(A ∪ B) < 0.5

Energy-based pointing game: which share of the map, what is above 0 of it, lies inside the boxes?

Russakovsky et al., "ImageNet large scale visual recognition challenge", 2015. https://arxiv.org/abs/1409.0575
Wang et al., "Score-CAM", 2020. https://arxiv.org/abs/1910.01279
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import numpy as np

from tp_visualisation.checks import check_number
from tp_visualisation.maps import Box, SaliencyMap, bounding_box, check_map


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
    return bool(_covered(boxes, size).mean() < 0.25 and len(other_categories) > 0)


def intersection_over_union(box: Box, other: Box) -> float:
    """Return the area that two boxes share over the area that they cover together, in [0, 1].

    Raises:
        ValueError: a box that is not (left, top, right, bottom) with left < right and top < bottom.
    """
    for one in (box, other):
        if np.shape(one) != (4,) or not (one[0] < one[2] and one[1] < one[3]):
            raise ValueError(f"a box must be (left, top, right, bottom), left < right and top < bottom, got {one!r}.")
    (left, top, right, bottom), (left_2, top_2, right_2, bottom_2) = box, other
    width, height = min(right, right_2) - max(left, left_2), min(bottom, bottom_2) - max(top, top_2)
    shared = max(width, 0) * max(height, 0)
    areas = (right - left) * (bottom - top) + (right_2 - left_2) * (bottom_2 - top_2)
    return float(shared / (areas - shared))


def box_overlap(saliency_map: SaliencyMap, boxes: Sequence[Box], *, share: float = 0.15, of: str = "maximum") -> float:
    """Return the largest intersection over union of the map's `bounding_box` with one of the boxes.

    Args:
        saliency_map: array (H, W).
        boxes: `Box`es or tuples (left, top, right, bottom) in pixels of the map, at least one.
        share, of: as for `bounding_box`.

    Raises:
        ValueError: no boxes, a box outside the map, an option that is not as for `bounding_box`, or a map that is
            constant or not finite.
    """
    found = bounding_box(saliency_map, share=share, of=of)
    return max(intersection_over_union(found, box) for box in _check_boxes(boxes, np.shape(saliency_map)))


def localisation_error(
    saliency_map: SaliencyMap,
    boxes: Sequence[Box],
    *,
    share: float = 0.15,
    of: str = "maximum",
    least_overlap: float = 0.5,
) -> bool:
    """Return whether the box of a map misses: its `box_overlap` is less than `least_overlap`.

    Args:
        saliency_map, boxes, share, of: as for `box_overlap`.
        least_overlap: intersection over union from which on a box counts as right.

    Returns:
        bool; the mean over many maps is the localisation error of ILSVRC.

    Raises:
        ValueError: as for `box_overlap`, or `least_overlap` outside (0, 1].
    """
    check_number("(0, 1]", least_overlap=least_overlap)
    return box_overlap(saliency_map, boxes, share=share, of=of) < least_overlap


def energy_in_box(saliency_map: SaliencyMap, boxes: Sequence[Box]) -> float:
    """Return the share of a map, of its values above 0, that lies inside the boxes.

    Args:
        saliency_map: array (H, W), raw values: what is below 0 speaks against the class and does not count.
        boxes: `Box`es or tuples (left, top, right, bottom) in pixels of the map, at least one; every pixel that a box
            touches is inside, and counts once.

    Returns:
        float in [0, 1]; noise has about the share of the image that the boxes cover. 0 where no value is above 0.

    Raises:
        ValueError: no boxes, a box outside the map, or a map that is constant or not finite.
    """
    positive = np.maximum(check_map(saliency_map).astype(np.float64), 0)
    total = positive.sum()
    return float(positive[_covered(boxes, positive.shape)].sum() / total) if total > 0 else 0.0


def _covered(boxes, size):
    """The pixels that boxes touch, booleans (H, W)."""
    covered = np.zeros(size, bool)
    for left, top, right, bottom in _pixels_of(_check_boxes(boxes, size)):
        covered[top:bottom, left:right] = True
    return covered


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

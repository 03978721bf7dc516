"""What "a saliency map" means here, an array (H, W) of finite numbers, one for each pixel; and what it is good for.

A map knows where an object is, though its network was only told what it is: a box, the object cut out, the photograph
cropped around it.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import NamedTuple

import cv2
import numpy as np

from tp_visualisation.checks import check_choice, check_number
from tp_visualisation.images import Image, check_image

SaliencyMap = np.ndarray  # (H, W), raw values: float32 as a method gives it


class Box(NamedTuple):
    """A rectangle in pixels from the top left corner of the image; `right` and `bottom` are just outside it."""

    left: float
    top: float
    right: float
    bottom: float


def check_map(
    saliency_map: SaliencyMap, size: tuple[int, int] | None = None, *, may_be_constant: bool = False
) -> SaliencyMap:
    """Return `saliency_map` as an array (H, W), or say why it cannot be judged, or drawn.

    Args:
        saliency_map: array (H, W), any finite values.
        size: (H, W) of the image it explains; None accepts any.
        may_be_constant: accept a map with one value everywhere, which can be drawn and not judged.

    Raises:
        ValueError: another rank or size, no numbers, NaN or infinite values, or a constant map.
    """
    array = np.asarray(saliency_map)
    if array.dtype.kind not in "buif":
        raise ValueError(f"saliency_map must hold numbers, got an array of {array.dtype}.")
    if array.ndim != 2 or 0 in array.shape:
        raise ValueError(f"saliency_map must have the shape (H, W), got {array.shape}.")
    if size is not None and array.shape != tuple(size):
        raise ValueError(
            f"saliency_map must have the size {tuple(size)} of its image, got {array.shape}: "
            "images.resize(saliency_map, image.shape[:2]) gives it that size."
        )
    if not np.isfinite(array).all():
        raise ValueError("saliency_map holds NaN or infinite values: check how it was computed.")
    if not may_be_constant and array.min() == array.max():
        raise ValueError(f"saliency_map is constant, {array.flat[0]:.4g} everywhere: it puts no pixel before another.")
    return array


def minmax(saliency_map: SaliencyMap) -> SaliencyMap:
    """Return (map − min)/(max − min), in [0, 1]; all zeros where the map is flat."""
    low, high = saliency_map.min(), saliency_map.max()
    return (saliency_map - low) / (high - low) if high > low else np.zeros_like(saliency_map)


# Uses of a map


def largest_of_channels(values: np.ndarray) -> np.ndarray:
    """Return max_c |values|, (..., h, w) of (..., h, w, C): in a tenth of the time that NumPy's own `max` takes."""
    return reduce(np.maximum, np.moveaxis(np.abs(values), -1, 0))


def bounding_box(saliency_map: SaliencyMap, *, share: float = 0.15, of: str = "maximum") -> Box:
    """Return the `Box` around the largest connected region of a map's brightest pixels.

    The map is brought to [0, 1] first (`minmax`), so that maps with a floor, as those of RISE, have boxes too.

    Args:
        saliency_map: array (H, W).
        share: of the maximum that a pixel must reach, 0.15 as in the papers of Grad-CAM and Augmented Grad-CAM; or of
            the mass that the brightest pixels together must hold.
        of: "maximum" or "mass", what `share` is a share of.

    Returns:
        `Box` of whole pixels. Pixels that touch at a corner are connected; of equal regions the first counts.

    Raises:
        ValueError: an argument is not as above, or a map that is constant or not finite.

    Examples:
        >>> saliency_map = np.zeros((10, 20))
        >>> saliency_map[2:5, 4:8] = 1
        >>> bounding_box(saliency_map)
        Box(left=4, top=2, right=8, bottom=5)
    """
    check_number("(0, 1]", share=share)
    check_choice(("maximum", "mass"), of=of)
    scaled = minmax(check_map(saliency_map).astype(np.float64))
    threshold = share
    if of == "mass":
        brightest = np.sort(scaled, axis=None)[::-1]
        mass = np.cumsum(brightest)
        threshold = brightest[min(np.searchsorted(mass, share * mass[-1]), mass.size - 1)]
    _, _, regions, _ = cv2.connectedComponentsWithStats((scaled >= threshold).astype(np.uint8), connectivity=8)
    largest = regions[1:][regions[1:, cv2.CC_STAT_AREA].argmax()]  # the first one is the rest
    left, top, width, height = (int(number) for number in largest[:4])
    return Box(left, top, left + width, top + height)


def cut_out(
    image: Image,
    saliency_map: SaliencyMap,
    *,
    foreground: float = 95,
    probable: float = 75,
    background: float = 30,
    blur: float = 0.025,
) -> np.ndarray:
    """Return where the object is, by GrabCut: a segmentation by colour that starts from the map.

    Simonyan et al., "Deep inside convolutional networks", 2014, cut objects out by GraphCut, its forerunner.

    Args:
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        saliency_map: array (H, W) of its object.
        foreground: percentile of the map; pixels above it are object.
        probable: percentile; of the pixels between the other two, those above it are taken for object at the start.
        background: percentile; pixels that are not above it are background.
        blur: the map is blurred before by a Gaussian of this share of the image's shorter side, for what is above a
            percentile should be an area rather than grains; 0 leaves it.

    Returns:
        booleans (H, W): `np.where(cut[..., None], image, 255)` shows the object on white.

    Raises:
        ValueError: an argument is not as above, a map of another size, constant or not finite, or percentiles that
            are not in order.
    """
    check_number("[0, 100]", foreground=foreground, probable=probable, background=background)
    check_number("[0, 1]", blur=blur)
    if not background <= probable <= foreground:
        raise ValueError(
            f"percentiles must be in order, background <= probable <= foreground, got {background}, {probable} and "
            f"{foreground}."
        )
    pixels = np.rint(check_image(image)).astype(np.uint8)
    m = check_map(saliency_map, pixels.shape[:2]).astype(np.float32)
    if blur:
        m = cv2.GaussianBlur(m, (0, 0), blur * min(m.shape))
    low, middle, high = np.percentile(m, (background, probable, foreground))
    labels = np.full(m.shape, cv2.GC_PR_BGD, np.uint8)
    labels[m > middle] = cv2.GC_PR_FGD
    labels[m <= low] = cv2.GC_BGD
    labels[(m > high) | (m == m.max())] = cv2.GC_FGD
    with ThreadPoolExecutor(1) as fresh:  # OpenCV has random numbers for each thread: the caller's are left alone
        labels = fresh.submit(_grab_cut, pixels, labels).result()
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))


def crop(
    image: Image, saliency_map: SaliencyMap, *, aspect: float | None = None, share: float = 0.15, of: str = "maximum"
) -> Image:
    """Return the part of an image that its map points at: its `bounding_box`, or more of the image around it.

    Args:
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        saliency_map: array (H, W) of its object.
        aspect: width / height of the crop, 1 for a square; None for that of the box. The box grows about its middle,
            inside the image; where the image is too small for that, the box is cut.
        share, of: as for `bounding_box`.

    Returns:
        new array (h, w, 3), in the type of `image`.

    Raises:
        ValueError: an argument is not as above, or a map of another size, constant or not finite.
    """
    height, width = check_image(image).shape[:2]
    if aspect is not None:
        check_number("(0, inf)", aspect=aspect)
    box = bounding_box(check_map(saliency_map, (height, width)), share=share, of=of)
    if aspect is not None:
        w, h = box.right - box.left, box.bottom - box.top
        h = min(max(h, w / aspect), height, width / aspect)
        sides = max(round(h * aspect), 1), max(round(h), 1)
        middle = (box.left + box.right) / 2, (box.top + box.bottom) / 2
        left, top = (
            int(np.clip(round(centre - side / 2), 0, whole - side))
            for centre, side, whole in zip(middle, sides, (width, height), strict=True)
        )
        box = Box(left, top, left + sides[0], top + sides[1])
    return np.asarray(image)[box.top : box.bottom, box.left : box.right].copy()


def _grab_cut(pixels, labels, n_steps=5):
    cv2.setRNGSeed(0)
    inside, outside = np.zeros((1, 65)), np.zeros((1, 65))  # where GrabCut keeps its models of colours
    return cv2.grabCut(pixels, labels, None, inside, outside, n_steps, cv2.GC_INIT_WITH_MASK)[0]

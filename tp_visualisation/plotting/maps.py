"""Saliency maps as colours: alone, laid on the photograph, side by side; windows and leaves, that maps are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle

from tp_visualisation.checks import check_number
from tp_visualisation.images import Image, check_image, resize
from tp_visualisation.maps import Box, SaliencyMap, check_map
from tp_visualisation.names import find_name
from tp_visualisation.plotting.figure import Figure, as_drawn, panels
from tp_visualisation.quadtree import Leaf, reconstruct

if TYPE_CHECKING:
    from tp_visualisation.saliency import Window

SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"  # readable by colour-blind people; "jet", as in older papers, on request
PIXELS_AT_ONCE = 2**20  # that are coloured in one go


def colour_limits(saliency_map: SaliencyMap, clip: float = 99.5) -> tuple[float, float]:
    """Return (lowest, highest) value of a map's colours: a few very bright pixels must not leave the rest dark.

    The highest is the `clip` percentile; of a map with negative values, that of |map|, and the
    limits lie around 0.
    """
    check_number("[0, 100]", clip=clip)
    if _is_signed(saliency_map):
        high = np.percentile(np.abs(saliency_map), clip) or np.abs(saliency_map).max()
        return -high, high
    low, high = saliency_map.min(), np.percentile(saliency_map, clip)
    return (low, high) if high > low else (low, saliency_map.max())


def colourise(saliency_map: SaliencyMap, cmap: str | None = None) -> Image:
    """Return the heatmap of a map (H, W): uint8 RGB (H, W, 3).

    A map with negative values gets a diverging colour map centred on 0, any other one a sequential
    one; `cmap` names another, "jet" for instance. Limits are those of `colour_limits`.
    """
    check_colour_map(cmap)
    return _colours(saliency_map, cmap)


def _colours(saliency_map, cmap, laid_on=None, alpha=1.0):
    """The heatmap of a map; laid on an image with the weight `alpha` where there is one. Some rows at a time."""
    low, high = colour_limits(saliency_map)
    colour_map = matplotlib.colormaps[cmap or _colour_map(saliency_map)]
    drawn = np.empty((*saliency_map.shape, 3), np.uint8)
    n_rows = max(1, PIXELS_AT_ONCE // saliency_map.shape[1])
    for rows in (slice(first, first + n_rows) for first in range(0, len(drawn), n_rows)):
        values = saliency_map[rows]
        values = np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros(values.shape)
        colours = np.rint(colour_map(values)[..., :3] * 255)
        if laid_on is not None:
            colours = np.rint((1 - alpha) * laid_on[rows].astype(np.float32) + alpha * colours)
        drawn[rows] = colours
    return drawn


def overlay(image: Image, saliency_map: SaliencyMap, *, alpha: float = 0.5, cmap: str | None = None) -> Image:
    """Return the photograph with the heatmap of `saliency_map` laid on it.

    Args:
        image: RGB array (H, W, 3), values in [0, 255].
        saliency_map: array (H, W), raw values.
        alpha: weight of the heatmap, in [0, 1].
        cmap: name of a matplotlib colour map; None as in `colourise`.

    Returns:
        uint8 RGB array (H, W, 3).

    Raises:
        ValueError: the map is not of the image's size, or not finite; `alpha` or `cmap` is not as above.
    """
    check_number("[0, 1]", alpha=alpha)
    check_colour_map(cmap)
    image = _checked(image)
    return _blend(image, check_map(saliency_map, image.shape[:2], may_be_constant=True), cmap, alpha)


def _blend(image, saliency_map, cmap, alpha=0.5):
    """The overlay of an image and a map that were checked before."""
    return _colours(saliency_map, cmap, image, alpha)


def _checked(image):
    """An image, as `check_image` gives it; a large one of bytes, which can hold nothing wrong, as it is: uncopied."""
    of_bytes = isinstance(image, np.ndarray) and image.dtype == np.uint8 and image.ndim == 3 and image.shape[-1] == 3
    return image if of_bytes and image.size > 3 * PIXELS_AT_ONCE else check_image(image)


def plot_explanation(
    image: Image,
    saliency_map: SaliencyMap,
    *,
    title: str | None = None,
    map_title: str = "saliency map",
    cmap: str | None = None,
    box: Box | None = None,
) -> Figure:
    """Return a Figure of three panels, as in the course: photograph, map with its scale, overlay.

    Args:
        image: RGB array (H, W, 3), values in [0, 255].
        saliency_map: array (H, W), raw values.
        title: line above the three panels.
        map_title: line above the map.
        cmap: name of a matplotlib colour map; None as in `colourise`.
        box: drawn on the photograph and the overlay, `maps.bounding_box(saliency_map)` for instance.

    Raises:
        ValueError: the map is not of the image's size, or not finite; there is no such colour map.
    """
    image = _checked(image)
    saliency_map = check_map(saliency_map, image.shape[:2], may_be_constant=True)
    check_colour_map(cmap)
    figure, axes = panels(3, 3, image, title)
    show_image(axes[0, 0], image, "photograph")
    drawn = show_map(axes[0, 1], saliency_map, map_title, cmap)
    figure.colorbar(drawn, ax=axes[0, 1], fraction=0.046)
    _show_overlay(axes[0, 2], image, saliency_map, "overlay", cmap)
    if box is not None:
        show_box(axes[0, 0], box)
        show_box(axes[0, 2], box)
    return figure


def plot_maps(
    image: Image,
    maps: dict[str, SaliencyMap],
    *,
    title: str | None = None,
    cmap: str | None = None,
    n_columns: int = 4,
    overlays: bool = False,
    boxes: dict[str, Box] | None = None,
) -> Figure:
    """Return a Figure with the photograph and one panel for each map, each on a scale of its own.

    Args:
        image: RGB array (H, W, 3), values in [0, 255].
        maps: dict of panel title → map (H, W), such as {"RISE": m}.
        title: line above the panels.
        cmap: name of a matplotlib colour map; None as in `colourise`.
        n_columns: panels in a row.
        overlays: True lays each heatmap on the photograph.
        boxes: dict of panel title → `Box` to draw there.

    Raises:
        ValueError: a map is not of the image's size, or not finite; `cmap` or `n_columns` is not as above.
    """
    image = _checked(image)
    check_colour_map(cmap)
    maps = {name: check_map(saliency_map, image.shape[:2], may_be_constant=True) for name, saliency_map in maps.items()}
    figure, axes = panels(1 + len(maps), n_columns, image, title)
    show_image(axes[0, 0], image, "photograph")
    for axis, (name, saliency_map) in zip(axes.flat[1:], maps.items(), strict=False):
        if overlays:
            _show_overlay(axis, image, saliency_map, name, cmap)
        else:
            show_map(axis, saliency_map, name, cmap)
        if boxes and name in boxes:
            show_box(axis, boxes[name])
    return figure


def plot_windows(
    image: Image, windows: Sequence[Window], *, title: str | None = None, cmap: str | None = None, n_columns: int = 4
) -> Figure:
    """Return a Figure of what `sess` saw, a panel for each scale: the windows apart, each with its map.

    In the corner of a window stands the probability of the class there: it shows at which sizes a network still
    recognises an object, and how the base method's map changes with them. Windows that pre-filtering dropped are dark.

    Args:
        image: RGB array (H, W, 3), values in [0, 255].
        windows: list of `Window` from `sess(..., return_windows=True)`.
        title: line above the panels.
        cmap: name of a matplotlib colour map; None as in `colourise`.
        n_columns: panels in a row.

    Raises:
        ValueError: no windows, an image that is not RGB in [0, 255], or an option that is not as above.
    """
    image = _checked(image)
    if not windows:
        raise ValueError("windows is empty: take the list that sess(..., return_windows=True) returns.")
    check_colour_map(cmap)
    scales = sorted({window.scale for window in windows})
    figure, axes = panels(len(scales), n_columns, image, title)
    for axis, scale in zip(axes.flat, scales, strict=False):
        _show_windows(axis, image, [window for window in windows if window.scale == scale], cmap)
    return figure


def plot_leaves(image: Image, leaves: Sequence[Leaf], *, title: str | None = None) -> Figure:
    """Return a Figure of a quadtree: the photograph, the borders of the leaves on it, and the means of the leaves.

    Args:
        image: RGB array (H, W, 3), values in [0, 255]. Resized to what the leaves tile.
        leaves: list of `Leaf`, from `quadtree.decompose` or `quadtree_occlusion(..., return_refinement=True)`.
        title: line above the panels.

    Raises:
        ValueError: no leaves, or an image that is not RGB in [0, 255].
    """
    if not len(leaves):
        raise ValueError("leaves is empty: take those that quadtree.decompose(image) returns.")
    top, left, height, width = np.asarray(leaves).T
    image = resize(check_image(image), (int(max(top + height)), int(max(left + width))))
    figure, axes = panels(3, 3, image, title)
    show_image(axes[0, 0], image, "photograph")
    show_image(axes[0, 1], image, f"{len(leaves):,} leaves for {image[..., 0].size:,} pixels")
    edges = [(x - 0.5, y - 0.5, w, h) for y, x, h, w in leaves]  # imshow draws pixel centres at whole numbers
    outlines = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)] for x, y, w, h in edges]
    axes[0, 1].add_collection(LineCollection(outlines, colors="yellow", linewidths=0.3))
    show_image(axes[0, 2], reconstruct(image, leaves), "mean of each leaf")
    return figure


def show_image(axis: Axes, image: Image, title: str | None = None) -> None:
    """Draw an RGB image, values in [0, 255], without axes."""
    _show(axis, np.clip(np.rint(as_drawn(image)), 0, 255).astype(np.uint8), image.shape[:2], title)


def show_map(axis: Axes, saliency_map: SaliencyMap, title: str | None = None, cmap: str | None = None) -> AxesImage:
    """Draw a map: sequential colours for a one-sided map, diverging ones centred on 0 for a signed map."""
    shown = as_drawn(saliency_map)
    low, high = colour_limits(shown)
    return _show(axis, shown, saliency_map.shape, title, cmap=cmap or _colour_map(shown), vmin=low, vmax=high)


def show_box(axis: Axes, box: Box) -> None:
    """Draw the outline of a `Box` on a panel that `show_image` or `show_map` has drawn."""
    left, top, right, bottom = np.array(box) - 0.5  # pixels are drawn around whole numbers
    axis.add_patch(Rectangle((left, top), right - left, bottom - top, fill=False, edgecolor="yellow", linewidth=2))


def _show_overlay(axis, image, saliency_map, title, cmap):
    """Draw the overlay of an image and a map that were checked before."""
    _show(axis, _blend(as_drawn(image), as_drawn(saliency_map), cmap), image.shape[:2], title)


def _show(axis, shown, size, title, **options):
    """Draw what a panel shows of a picture of the given size (H, W): places in it keep their coordinates."""
    height, width = size
    axis.set_axis_on()
    drawn = axis.imshow(shown, extent=(-0.5, width - 0.5, height - 0.5, -0.5), **options)
    axis.set_title(title or "", fontsize=10)
    axis.axis("off")
    return drawn


def check_colour_map(cmap: str | None) -> None:
    """Raise a ValueError with the nearest names if matplotlib has no colour map called `cmap`; None is allowed."""
    if cmap is not None:
        find_name(cmap, matplotlib.colormaps, "colour map")


def _show_windows(axis, image, windows, cmap):
    """Draw the windows of one scale in their rows and columns, with white between them."""
    scaled_size = windows[0].scaled_size
    scaled = np.rint(resize(image, scaled_size))
    top, left, bottom, right = windows[0].position
    cell = np.array([bottom - top, right - left])
    gap = 1 + cell // 20
    tops, lefts = (sorted({window.position[side] for window in windows}) for side in (0, 1))
    mosaic = np.full((*(cell + gap) * [len(tops), len(lefts)] - gap, 3), 255, np.uint8)
    for window in windows:
        top, left, bottom, right = window.position
        crop = scaled[top:bottom, left:right]
        y, x = (cell + gap) * [tops.index(top), lefts.index(left)]
        if window.saliency_map is None:
            drawn = crop // 4
        else:
            drawn = _blend(crop, check_map(window.saliency_map, crop.shape[:2], may_be_constant=True), cmap)
        mosaic[y : y + cell[0], x : x + cell[1]] = drawn
        box = {"boxstyle": "square,pad=0.15", "facecolor": "black", "edgecolor": "none", "alpha": 0.5}
        axis.text(x, y, f"{window.probability:.0%}", color="white", fontsize=6, ha="left", va="top", bbox=box)
    show_image(axis, mosaic, f"{scaled_size[0]} × {scaled_size[1]}")


def _colour_map(saliency_map):
    return DIVERGING if _is_signed(saliency_map) else SEQUENTIAL


def _is_signed(saliency_map):
    return bool(np.min(saliency_map) < 0)

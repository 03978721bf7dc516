"""A figure, its panels, and how pictures are written to files: whole or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import matplotlib.figure
import numpy as np
import PIL.Image

from tp_visualisation.checks import check_integer, check_number
from tp_visualisation.files import check_parent, replacing
from tp_visualisation.images import Image, check_image

if TYPE_CHECKING:
    from tp_visualisation.class_model import Snapshot

PANEL_WIDTH = 3.2  # inches
LONGEST_DRAWN = 1280  # pixels of a panel at 400 dots per inch: what is larger is shrunk before it is drawn


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook shows by itself, where nobody has imported pyplot.

    It is shown as a JPEG: photographs and maps take a third of a PNG's bytes, and a notebook keeps every picture.
    """

    def _repr_jpeg_(self):
        picture = io.BytesIO()
        self.savefig(picture, format="jpeg", dpi=self.dpi, pil_kwargs={"quality": 85})
        return picture.getvalue()


def panels(n_panels: int, n_columns: int, image: Image, title: str | None = None) -> tuple[Figure, np.ndarray]:
    """Return a Figure of its own (no global pyplot state) with panels for pictures like `image`, axes hidden.

    Args:
        n_panels: how many pictures there are.
        n_columns: panels in a row, at most.
        image: array (H, W, ...), whose proportions the panels have.
        title: line above the panels.

    Returns:
        the Figure, and its axes, an array (rows, columns).
    """
    check_integer("[1, inf)", n_columns=n_columns)
    n_columns = min(int(n_columns), n_panels)
    n_rows = -(-n_panels // n_columns)
    height = PANEL_WIDTH * proportions(image) * n_rows + 0.3 * n_rows + 0.4  # a line above each panel, and the title
    figure = Figure(figsize=(PANEL_WIDTH * n_columns, height), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    if title:
        figure.suptitle(title, fontsize=12)
    return figure, axes


def proportions(image: Image) -> float:
    """Return the height of a panel for `image` divided by its width: between 0.4 and 2.5, however long the image."""
    height, width = image.shape[:2]
    return min(max(height / width, 0.4), 2.5)


def as_drawn(picture: np.ndarray, longest: int | None = None) -> np.ndarray:
    """Return a picture or map shrunk by averaging to sides of `longest`, or of a panel; a smaller one itself."""
    height, width = picture.shape[:2]
    factor = max(height, width) / (longest or LONGEST_DRAWN)
    if factor <= 1:
        return picture
    number = picture if picture.dtype in (np.uint8, np.float32) else picture.astype(np.float32)
    size = max(1, round(width / factor)), max(1, round(height / factor))
    return cv2.resize(number, size, interpolation=cv2.INTER_AREA)


def save_figure(figure: matplotlib.figure.Figure | Image, path: str | os.PathLike, *, dpi: float = 100) -> None:
    """Write a Figure or an RGB array to a picture file, whole or not at all; the suffix chooses the format.

    Args:
        figure: Figure, or uint8 RGB array (H, W, 3).
        path: file to write.
        dpi: pixels per inch of a Figure.

    Raises:
        ValueError: the suffix is not a picture format.
        OSError: the folder does not exist or cannot be written.
    """
    check_figure_path(path)
    check_number("(0, inf)", dpi=dpi)
    with replacing(path) as temporary:
        if isinstance(figure, matplotlib.figure.Figure):
            figure.savefig(temporary, dpi=dpi)
        else:
            PIL.Image.fromarray(figure).save(temporary)


def save_gif(
    images: Iterable[Image] | Iterable[Snapshot], path: str | os.PathLike, *, seconds: float = 0.1, hold: float = 2.0
) -> None:
    """Write images as an animated GIF that repeats for ever, whole or not at all.

    Args:
        images: RGB arrays (H, W, 3) in [0, 255] of one size, or `class_model.Snapshot`s; any iterable.
        path: file to write, with the suffix .gif.
        seconds: time that each image is shown.
        hold: time that the last one is.

    Raises:
        ValueError: another suffix, no images, or images of several sizes.
        OSError: the folder does not exist or cannot be written.
    """
    if Path(path).suffix.lower() != ".gif":
        raise ValueError(f'cannot write "{path}": an animation needs the suffix .gif.')
    check_number("[0, 655]", "the longest that a GIF can say", seconds=seconds, hold=hold)
    pictures = (image.image if hasattr(image, "image") else image for image in images)
    arrays = [np.rint(check_image(picture)).astype(np.uint8) for picture in pictures]
    if not arrays or len({array.shape for array in arrays}) > 1:
        raise ValueError(f"images must be one or more of one size, got {sorted({array.shape for array in arrays})}.")
    first, *others = map(PIL.Image.fromarray, arrays)
    durations = [round(1000 * seconds)] * len(others) + [round(1000 * hold)]
    with replacing(path) as temporary:
        first.save(temporary, format="GIF", save_all=True, append_images=others, duration=durations, loop=0)


def check_figure_path(path: str | os.PathLike) -> None:
    """Raise what `save_figure` would raise for this path."""
    formats = Figure().canvas.get_supported_filetypes()
    if Path(path).suffix.lower().lstrip(".") not in formats:
        raise ValueError(f'cannot write "{path}": its suffix must be one of {", ".join(sorted(formats))}.')
    check_parent(path)

"""What "an image" means here: an RGB array (H, W, 3), values 0 to 255, read, checked and resized in one place."""

import operator
import os
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np

from tp_visualisation.photographs import MAX_PIXELS, read_pixels

Image = np.ndarray  # RGB (H, W, 3), values in [0, 255]: uint8 as read from a file, or any numbers in that range
Size = tuple[int, int]  # (H, W)

SUFFIXES = (  # of photographs in a folder; HEIC without pillow-heif is said, not passed over
    *(".jpg", ".jpeg", ".mpo", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".avif"),
    *(".heic", ".heif"),
)


def load_image(
    source: str | os.PathLike | bytes | BinaryIO, size: Size | int | None = None, *, max_pixels: int = MAX_PIXELS
) -> Image:
    """Read a photograph.

    Args:
        source: path ("-" is standard input), bytes, or binary file object holding JPEG, PNG, WebP,
            GIF, TIFF, BMP, PPM, MPO, AVIF, or HEIC where pillow-heif is installed; the first frame of
            several. Its EXIF orientation is applied, transparency is laid on white; greyscale, palette,
            16-bit and CMYK pictures become RGB. 8 to 14 bits in 16 are stretched, with a warning.
        size: (H, W) to resize to, or one integer for both; None keeps the photograph's own size.
        max_pixels: larger pictures are refused before they are decoded.

    Returns:
        uint8 array (H, W, 3), RGB.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a folder, an address, an empty file, not an image, damaged, or too large; the file is named.
    """
    size = None if size is None else check_size(size, "size")
    image = read_pixels(source, max_pixels)
    if size is None:
        return image
    return np.clip(np.rint(resize(image, size)), 0, 255).astype(np.uint8)


def check_image(image: Image, name: str = "image") -> Image:
    """Return `image` as a new float32 array (H, W, 3), or say what is wrong with it; `name` is what it is called.

    Raises:
        ValueError: another rank or number of channels, values outside [0, 255] or in [0, 1], NaN.
    """
    if isinstance(image, (str, bytes, Path)):
        raise ValueError(f"{name} must be an array (H, W, 3), got {image!r:.80}: read it with load_image.")
    array = np.asarray(image)
    if array.dtype.kind not in "uif":
        raise ValueError(f"{name} must hold numbers in [0, 255], got an array of {array.dtype}.")
    if array.ndim != 3 or array.shape[-1] != 3 or 0 in array.shape:
        raise ValueError(f"{name} must have the shape (H, W, 3), got {array.shape}{_shape_hint(array.shape)}.")

    if array.dtype == np.uint8:
        return array.astype(np.float32)
    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all():
        raise ValueError(f"{name} holds NaN or infinite values: check how it was computed.")
    tolerance = 1e-3 * (array.dtype.kind == "f")
    if low < -tolerance or high > 255 + tolerance:
        hint = ", which looks like a preprocessed image: give the RGB image itself" if low < 0 else ""
        raise ValueError(f"{name} values must lie in [0, 255], got [{low:.4g}, {high:.4g}]{hint}.")
    if array.dtype.kind == "f" and 0 < high <= 1:
        raise ValueError(
            f"{name} values must lie in [0, 255], got [{low:.4g}, {high:.4g}], which looks like a [0, 1] image: "
            "multiply it by 255."
        )
    checked = array.astype(np.float32)
    return np.clip(checked, 0, 255, out=checked)  # one copy of a large image


def _shape_hint(shape):
    if len(shape) == 2:
        return ", a greyscale image: np.stack([image] * 3, axis=-1) makes it RGB"
    if len(shape) == 4:
        return ", a batch of images where one is wanted: take image[0]"
    if len(shape) == 3 and shape[-1] == 4:
        return ", an image with transparency: image[..., :3] drops it"
    if len(shape) == 3 and shape[-1] == 1:
        return ", a greyscale image: np.repeat(image, 3, axis=-1) makes it RGB"
    if len(shape) == 3 and shape[0] == 3:
        return ", channels first: np.moveaxis(image, 0, -1) puts them last"
    return ""


def resize(array: np.ndarray, size: Size) -> np.ndarray:
    """Return `array`, (H, W) or (H, W, C), resized to `size` = (h, w): float32, bilinear, without antialiasing.

    It is what the EfficientNet-Lite networks saw in training, and what the papers' programs do to maps.
    """
    array = np.asarray(array, dtype=np.float32)
    if array.shape[:2] == tuple(size):
        return array.copy()
    channels = array.reshape(*array.shape[:2], -1)
    resized = [
        cv2.resize(channels[..., first : first + 4], (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
        for first in range(0, channels.shape[-1], 4)  # OpenCV takes no more than 128 at a time
    ]
    whole = resized[0] if len(resized) == 1 else np.dstack(resized)  # which copies
    return whole.reshape(*size, *array.shape[2:])


def resize_all(images: Any, size: Size) -> np.ndarray:
    """Return images, as `as_batch` takes them, each resized to `size`: a new float32 array (N, h, w, C)."""
    if isinstance(images, np.ndarray) and images.ndim == 4 and len(images) and images.shape[1:3] == tuple(size):
        return np.array(images, np.float32, order="C")  # in one go: many images come as such a batch
    return np.stack([resize(image, size) for image in as_batch(images)])


def as_batch(images: Any) -> list[Image]:
    """Return images as a list: one image, a batch (N, H, W, 3) or a list of them.

    Raises:
        ValueError: there is none.
    """
    if isinstance(images, (str, bytes, Path)):
        return [images]  # type: ignore[list-item]  # which check_image refuses
    images = [images] if getattr(images, "ndim", 4) < 4 else list(images)
    if not images:
        raise ValueError("images is empty: at least one image (H, W, 3) was expected.")
    return images


def image_files(folder: str | os.PathLike) -> list[Path]:
    """Return the photographs in a folder and in those inside it, by their suffixes, in order; hidden ones left out."""
    folder = Path(folder)
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in SUFFIXES and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def check_size(size: Size | int, name: str) -> Size:
    """Return `size`, (h, w) or one integer for both, as two integers.

    Raises:
        ValueError: it is something else, less than 1, or more than `MAX_PIXELS` in all; the message calls it `name`.
    """
    try:
        height, width = (operator.index(side) for side in (size if isinstance(size, (tuple, list)) else (size, size)))
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be (h, w) or one integer, got {size!r}.") from None
    if height < 1 or width < 1:
        raise ValueError(f"{name} must be at least 1 pixel each way, got {size!r}.")
    if height * width > MAX_PIXELS:
        raise ValueError(f"{name} must have no more than {MAX_PIXELS:,} pixels, got {size!r:.80}.")
    return height, width

"""What "an image" means here: an RGB array (H, W, 3), values 0 to 255, read, checked and resized in one place."""

import importlib.util
import io
import operator
import os
import re
import warnings
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
import PIL.ImageOps

from tp_visualisation.labels import imagenet_labels
from tp_visualisation.names import find_name

MAX_PIXELS = 100_000_000


def load_image(source, size=None, *, max_pixels=MAX_PIXELS):
    """Read a photograph.

    Args:
        source: path, bytes, or binary file object holding JPEG, PNG, WebP, GIF (first frame) or
            another format that Pillow reads. Its EXIF orientation is applied, transparency is laid on
            white; greyscale, palette, 16-bit and CMYK pictures become RGB.
        size: (H, W) to resize to, or one integer for both; None keeps the photograph's own size.
        max_pixels: larger pictures are refused before they are decoded.

    Returns:
        uint8 array (H, W, 3), RGB.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: a folder, an empty file, not an image, cut short, or too large.
    """
    size = None if size is None else check_size(size, "size")
    name, source = _open(source)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PIL.Image.DecompressionBombWarning)  # `max_pixels` is our limit
            picture = PIL.Image.open(source)
    except PIL.Image.DecompressionBombError as error:
        raise ValueError(f"{name} is too large: make it smaller first ({error})") from error
    except PermissionError:
        raise
    except (OSError, SyntaxError, ValueError) as error:
        raise ValueError(f"{name} is not an image that can be read (JPEG, PNG, WebP, GIF...).") from error

    with picture:
        if picture.width * picture.height > max_pixels:
            raise ValueError(
                f"{name} is too large: make it smaller first, or pass max_pixels ({picture.width} x {picture.height} = "
                f"{picture.width * picture.height:,} pixels exceeds {max_pixels:,})."
            )
        try:
            picture.load()
        except PIL.Image.DecompressionBombError as error:
            raise ValueError(f"{name} is too large: make it smaller first ({error})") from error
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            raise ValueError(f"{name} is damaged or cut short: {error}.") from error
        image = _to_rgb(PIL.ImageOps.exif_transpose(picture))

    if size is None:
        return image
    return np.clip(np.rint(resize(image, size)), 0, 255).astype(np.uint8)


def _open(source):
    """A name for messages, and what Pillow can open."""
    if isinstance(source, (bytes, bytearray, memoryview)):
        name, source = "the data given", io.BytesIO(source)
        empty = source.getbuffer().nbytes == 0
    elif hasattr(source, "read"):
        name = f'the file object "{getattr(source, "name", type(source).__name__)}"'
        if hasattr(source, "seekable") and source.seekable():
            source.seek(0)
        content = source.read()
        if not isinstance(content, bytes):
            raise ValueError(f'{name} is a text file: open it with mode "rb".')
        source, empty = io.BytesIO(content), not content
    elif not isinstance(source, (str, os.PathLike)):
        raise ValueError(f"a path, bytes or a file object was expected, got {type(source).__name__}.")
    else:
        source = Path(source).expanduser()
        name = f'"{source}"'
        if not source.exists():
            raise FileNotFoundError(f"there is no file {name}.")
        if source.is_dir():
            raise ValueError(f"{name} is a folder: give the path of an image.")
        empty = source.stat().st_size == 0
    if empty:
        raise ValueError(f"{name} is empty: an image was expected.")
    return name, source


def _to_rgb(picture):
    if picture.mode.startswith("I"):  # 16-bit grey: Pillow would clip at 255 instead of scaling
        grey = np.asarray(picture).astype(np.float64) / 257
        if grey.min() < 0 or grey.max() > 255:
            raise ValueError("this picture holds 32-bit integers, whose range nobody knows: save it with 8 bits.")
        return np.repeat(np.rint(grey).astype(np.uint8)[..., None], 3, axis=-1)
    if picture.mode == "F":
        raise ValueError("this picture holds floating-point numbers, whose range nobody knows: save it with 8 bits.")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = PIL.Image.new("RGBA", picture.size, "white")
        picture = PIL.Image.alpha_composite(white, picture)
    return np.array(picture.convert("RGB"))


def check_image(image):
    """Return `image` as a new float32 array (H, W, 3), or say what is wrong with it.

    Raises:
        ValueError: another rank or number of channels, values outside [0, 255] or in [0, 1], NaN.
    """
    if isinstance(image, (str, bytes, Path)):
        raise ValueError(f"image must be an array (H, W, 3), got {image!r:.80}: read it with load_image.")
    array = np.asarray(image)
    if array.dtype.kind not in "uif":
        raise ValueError(f"image must hold numbers in [0, 255], got an array of {array.dtype}.")
    if array.ndim != 3 or array.shape[-1] != 3 or 0 in array.shape:
        raise ValueError(f"image must have the shape (H, W, 3), got {array.shape}{_shape_hint(array.shape)}.")

    low, high = float(array.min()), float(array.max())
    if not np.isfinite([low, high]).all():
        raise ValueError("image holds NaN or infinite values: check how it was computed.")
    tolerance = 1e-3 * (array.dtype.kind == "f")
    if low < -tolerance or high > 255 + tolerance:
        hint = ", which looks like a preprocessed image: give the RGB image itself" if low < 0 else ""
        raise ValueError(f"image values must lie in [0, 255], got [{low:.4g}, {high:.4g}]{hint}.")
    if array.dtype.kind == "f" and 0 < high <= 1:
        raise ValueError(
            f"image values must lie in [0, 255], got [{low:.4g}, {high:.4g}], which looks like a [0, 1] image: "
            "multiply it by 255."
        )
    return np.clip(array.astype(np.float32), 0, 255)


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


def check_map(saliency_map, size=None, *, may_be_constant=False):
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


def resize(array, size):
    """Return `array`, (H, W) or (H, W, C), resized to `size` = (h, w): float32, bilinear, without antialiasing.

    It is what networks of the EfficientNet family saw in training, and what the papers' programs do to maps.
    """
    array = np.asarray(array, dtype=np.float32)
    if array.shape[:2] == tuple(size):
        return array.copy()
    channels = array.reshape(*array.shape[:2], -1)
    resized = [
        cv2.resize(channels[..., first : first + 4], (size[1], size[0]), interpolation=cv2.INTER_LINEAR)
        for first in range(0, channels.shape[-1], 4)  # OpenCV takes no more than 128 at a time
    ]
    return np.dstack(resized).reshape(*size, *array.shape[2:])


def check_size(size, name):
    """Return `size`, (h, w) or one integer for both, as two integers.

    Raises:
        ValueError: it is something else, or less than 1; `name` is what the message calls it.
    """
    try:
        height, width = (operator.index(side) for side in (size if isinstance(size, (tuple, list)) else (size, size)))
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be (h, w) or one integer, got {size!r}.") from None
    if height < 1 or width < 1:
        raise ValueError(f"{name} must be at least 1 pixel each way, got {size!r}.")
    return height, width


def minmax(saliency_map):
    """Return (map − min)/(max − min), in [0, 1]; all zeros where the map is flat."""
    low, high = saliency_map.min(), saliency_map.max()
    return (saliency_map - low) / (high - low) if high > low else np.zeros_like(saliency_map)


class Sample:
    """A real photograph: `name`, `label`, `class_index`, and its `image`, uint8 (H, W, 3), read when asked for."""

    def __init__(self, name, class_index, label, path):
        self.name, self.class_index, self.label, self.path = name, class_index, label, path

    @cached_property
    def image(self):
        return load_image(self.path)

    def __repr__(self):
        return f"Sample({self.name!r}, class_index={self.class_index}, label={self.label!r})"


class Samples(tuple):
    """The sample images, in order; `samples["dalmatian"]` finds one by name."""

    def __getitem__(self, key):
        if not isinstance(key, str):
            return super().__getitem__(key)
        by_name = {sample.name: sample for sample in self}
        return by_name[find_name(key, by_name, "sample")]


def sample_images():
    """Return twenty ImageNet photographs with their classes, offline: those that the package foolbox carries.

    Returns:
        tuple of `Sample`, in foolbox's order: `.name` (the label, numbered where a class comes
        twice), `.image`, `.class_index`, `.label`. `sample_images()["dalmatian"]` finds one by name.

    Raises:
        ValueError: foolbox is not installed.
    """
    spec = importlib.util.find_spec("foolbox")  # finds the folder without importing the package
    folder = spec and Path(spec.origin).parent / "data"
    paths = sorted(folder.glob("imagenet_*.jpg")) if folder else []
    if not paths:
        raise ValueError('the sample images come in the package "foolbox": pip install foolbox')
    labels, samples, seen = imagenet_labels(), [], {}
    for path in paths:
        class_index = int(re.fullmatch(r"imagenet_\d+_(\d+)", path.stem)[1])
        label = labels[class_index].label
        seen[label] = seen.get(label, 0) + 1
        name = label if seen[label] == 1 else f"{label}_{seen[label]}"
        samples.append(Sample(name, class_index, label, path))
    return Samples(samples)

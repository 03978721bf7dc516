"""What a saliency map must be to be judged, in one place."""

import numpy as np

from tp_visualisation.images import resize


def check_map(saliency_map, size=None):
    """Return `saliency_map` as an array (H, W), or say why it cannot be judged.

    Args:
        saliency_map: array (H, W), any finite values that are not all the same.
        size: (H, W) of the image it explains; None accepts any.

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
    if array.min() == array.max():
        raise ValueError(f"saliency_map is constant, {array.flat[0]:.4g} everywhere: it puts no pixel before another.")
    return array


def map_at_input(classifier, saliency_map):
    """Return a map at the network's input size (h, w), bilinear without antialiasing; see `images.resize`.

    Raises:
        ValueError: it is constant there, as the map of a single pixel may become when it is made smaller.
    """
    if saliency_map.shape == classifier.input_size:
        return saliency_map
    resized = resize(saliency_map, classifier.input_size)
    if resized.min() == resized.max():
        raise ValueError(f"saliency_map is constant at the network's input size {classifier.input_size}.")
    return resized


def check_positive(**counts):
    """Raise a ValueError that names the first of `counts` that is less than 1."""
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name} must be at least 1, got {count}.")

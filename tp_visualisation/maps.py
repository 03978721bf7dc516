"""What "a saliency map" means here: an array (H, W) of finite numbers, one for each pixel of its image."""

import numpy as np

SaliencyMap = np.ndarray  # (H, W), raw values: float32 as a method gives it


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

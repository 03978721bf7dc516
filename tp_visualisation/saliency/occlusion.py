"""Occlusion: slide a patch over the image, and see how far the probability of the class falls.

Zeiler and Fergus, "Visualizing and understanding convolutional networks", 2014. https://arxiv.org/abs/1311.2901

With I_b the image whose patch b is hidden, each patch has the drop d_b = p_c(I) − p_c(I_b). The paper draws p_c(I_b) at
the patches' places; we give each pixel the mean drop of the patches that hide it,

    M_ij = mean of d_b over the patches b that contain (i, j)

so that a large value means that the network needs the pixel, as in every other map here. Hiding acts on the network's
own input: by default a hidden pixel is that space's zero, the paper's grey for networks whose input is centred.
"""

import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import check_finite, check_integer
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap


def occlusion(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    patch_size: int | None = None,
    stride: int | None = None,
    baseline: float = 0.0,
    batch_size: int | None = None,
    progress: bool = False,
) -> SaliencyMap:
    """Return the occlusion map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        patch_size: side of the square patch, in pixels of the network's input; None takes a seventh
            of its shorter side (32 for 224).
        stride: pixels between patches, at most `patch_size`; None takes half a patch. The last row
            and column of patches are moved inside the border, so that every pixel is hidden at least once.
        baseline: number that hides, in the network's input space.
        batch_size: images per pass; bounds the memory and does not change the map.
            None for 32, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W), in units of probability: by how much hiding the pixel's surroundings
        lowers the probability of the class; negative where it raises it. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    size = classifier.input_size
    batch_size = classifier.engine.batch_size(batch_size, 32)
    patch_size, stride = check_patches(patch_size, stride, baseline, size)
    classifier, image, target = classifier.check(image, target)

    x = classifier.prepare(image)
    boxes = patches(size, patch_size, stride)
    nothing = np.zeros((1, 4), np.int32)
    everything = hidden_probabilities(
        classifier, x, target, np.concatenate([nothing, boxes]), batch_size, baseline, progress
    )
    drops = everything[0] - everything[1:].astype(np.float64)
    return resize(mean_over_boxes(drops, boxes, size), image.shape[:2])


def patches(size: tuple[int, int], patch_size: int, stride: int) -> np.ndarray:
    """Return the boxes of square patches that cover an image of `size` (h, w): int32 (n, 4), row by row."""
    check_integer("[1, inf)", patch_size=patch_size, stride=stride)
    tops, lefts = (np.append(np.arange(0, length - patch_size, stride), length - patch_size) for length in size)
    corners = np.stack(np.meshgrid(tops, lefts, indexing="ij"), axis=-1).reshape(-1, 2)
    return np.hstack([corners, corners + patch_size]).astype(np.int32)


def hidden_probabilities(
    classifier: Classifier,
    x: np.ndarray,
    target: int,
    boxes: np.ndarray,
    batch_size: int | None = None,
    baseline: float = 0.0,
    progress: bool = False,
) -> np.ndarray:
    """Return the probability of a class when each of some rectangles is hidden, one at a time.

    Args:
        classifier: `Classifier` under study.
        x: the network's own input (1, h, w, C), already prepared.
        target: class index.
        boxes: integers (n, 4): top, left, bottom, right; the last two excluded. An empty box hides nothing.
        batch_size: images per pass; bounds the memory.
            None for 32, or on a GPU for what its memory holds.
        baseline: number that hides, in the network's input space.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (n,).
    """
    batch_size = classifier.engine.batch_size(batch_size, 32)
    check_finite(baseline=baseline)
    boxes = np.asarray(boxes, np.int32).reshape(-1, 4)
    batches = (
        (x, target, boxes[start : start + batch_size], float(baseline)) for start in range(0, len(boxes), batch_size)
    )
    probabilities = [np.empty(0, np.float32)]
    with tqdm(total=len(boxes), desc="Occlusion", unit=" patches", delay=1, disable=not progress) as bar:
        for batch in classifier.run_each(_hidden_probabilities, batches):
            probabilities.append(batch)
            bar.update(len(batch))
    return np.concatenate(probabilities)


def _hidden_probabilities(network, x, target, boxes, baseline):
    rows, columns = tf.range(tf.shape(x)[1]), tf.range(tf.shape(x)[2])
    top, left, bottom, right = tf.split(boxes, 4, axis=1)  # (B, 1) each
    in_rows, in_columns = (rows >= top) & (rows < bottom), (columns >= left) & (columns < right)
    hidden = (in_rows[:, :, None] & in_columns[:, None, :])[..., None]  # (B, h, w, 1)
    return tf.gather(network.probabilities(tf.where(hidden, baseline, x)), target, axis=1)


def mean_over_boxes(values: np.ndarray, boxes: np.ndarray, size: tuple[int, int]) -> SaliencyMap:
    """Return the map (h, w) of the mean value of the boxes that contain each pixel; 0 where there are none."""
    total, count = np.zeros(size), np.zeros(size)
    for value, (top, left, bottom, right) in zip(values, boxes, strict=True):
        total[top:bottom, left:right] += value
        count[top:bottom, left:right] += 1
    return (total / np.maximum(count, 1)).astype(np.float32)


def check_patches(
    patch_size: int | None, stride: int | None, baseline: float, size: tuple[int, int]
) -> tuple[int, int]:
    """Raise a ValueError for the first option that cannot be; return the patch size and stride in pixels."""
    patch_size = max(1, min(size) // 7) if patch_size is None else patch_size
    check_integer(f"[1, {min(size)}]", "the network's input size", patch_size=patch_size)
    stride = max(1, patch_size // 2) if stride is None else stride
    check_integer(f"[1, {patch_size}]", "the patch size, so that no pixel is left out", stride=stride)
    check_finite(baseline=baseline)
    return patch_size, stride

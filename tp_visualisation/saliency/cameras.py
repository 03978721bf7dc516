"""CAMERAS: a class activation map made sharp by looking at the image in several sizes.

Jalwana, Akhtar, Bennamoun and Mian, "CAMERAS: enhanced resolution and sanity preserving class activation mapping for
image saliency", 2021. https://arxiv.org/abs/2106.10649

The last feature maps of a network are small: 7 x 7 for an image of 224 x 224. Enlarged to 924 x 924 the image gives
29 x 29 of them, and each size samples the image at other places. For sizes ζ_t, t = 1..T, the activations A_k(ζ_t) and
the gradients ∂S_c/∂A_k(ζ_t) are stretched to one size by ↑, averaged, and only then multiplied pixel by pixel:

    Ā_k = 1/T Σ_t ↑A_k(ζ_t)      Ḡ_k = 1/T Σ_t ↑∂S_c/∂A_k(ζ_t)      M = minmax(ReLU(Σ_k Ḡ_k ⊙ Ā_k))

Where no class is asked for, a size at which the network changes its mind about the class is left out.

Computed as written, Ā and Ḡ are arrays of 224 x 224 x 1280. ↑ is linear and acts on rows and columns separately,
↑A_k = Y_t A_k(ζ_t) X_tᵀ, which gives each row of the map from small matrices; see `_sum_of_products`.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from tqdm import tqdm

from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, Size, check_image, check_size, resize
from tp_visualisation.labels import Target
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap, minmax
from tp_visualisation.resampling import resizing_matrix
from tp_visualisation.saliency.flat import not_flat
from tp_visualisation.saliency.grad_cam import layer_and_gradients

N_SIZES, SIZE_STEP = 8, 100  # 224, 324, ..., 924 for a network of 224: the authors' program


def cameras(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    layer: str | None = None,
    sizes: Sequence[int | Size] | None = None,
    progress: bool = False,
) -> SaliencyMap:
    """Return the CAMERAS saliency map of one image.

    Args:
        classifier: `Classifier` under study. Its network must take inputs of several sizes: no
            flatten, no embedding of positions.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id. None for the predicted class at the
            first size; the sizes at which another class is predicted are then left out.
        layer: name of a feature layer; None for the last one.
        sizes: sizes that the network's input is resized to: each (h, w), or one integer for the
            shorter side, proportions kept. None for the network's input size and seven more, each
            100 pixels larger on the shorter side. The map is made at the first size.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W), values in [0, 1]; all zeros where nothing speaks for the class.

    Raises:
        ValueError: an argument is not as above, or the network takes no other size than its own.
    """
    given = target is not None
    if given:
        classifier, image, target = classifier.check(image, target)
    else:
        image = check_image(image)
        classifier.notice_new_weights()
    layer = classifier.feature_layer(layer)
    sizes = _check_sizes(sizes, classifier.input_size)

    x = classifier.prepare(image)[0]  # (h, w, C)
    if not given:
        target = int(_at_size(classifier, x, sizes[0], 0, layer)[2][0].argmax())
    activations, gradients = [], []
    for t, size in enumerate(tqdm(sizes, "CAMERAS", unit=" sizes", delay=1, disable=not progress)):
        a, g, scores = _at_size(classifier, x, size, target, layer)
        if given or t == 0 or scores[0].argmax() == target:
            activations.append(a[0])
            gradients.append(g[0])
    saliency_map = minmax(np.maximum(_sum_of_products(gradients, activations, sizes[0]), 0))
    return not_flat(resize(saliency_map, image.shape[:2]), image, classifier, layer)


def upsample_input(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the network's input (h, w, C) resized to `size`: cubic, a = −0.75 as the authors' program."""
    resized = cv2.resize(x, (size[1], size[0]), interpolation=cv2.INTER_CUBIC)
    return resized.reshape(*size, x.shape[-1])


def _at_size(classifier, x, size, target, layer):
    """A and ∂S_c/∂A, (1, rows, columns, K), and the scores (1, number of classes), of the input resized to `size`."""
    try:
        return layer_and_gradients(classifier, upsample_input(x, size)[None], target, layer)
    except (tf.errors.InvalidArgumentError, ValueError) as error:
        if size == x.shape[:2]:
            raise
        raise ValueError(
            f"CAMERAS shows the image to the network in several sizes, and this network takes {x.shape[0]} x "
            f"{x.shape[1]} inputs but not {size[0]} x {size[1]}: a network with global pooling before its dense "
            "layers is needed, instead of a flatten."
        ) from error


def _sum_of_products(gradients, activations, size):
    """Σ_k Ḡ_k ⊙ Ā_k, (h, w), from the small arrays (rows_t, columns_t, K) of each size.

    In one row of the map, Ḡ = X G and Ā = X A: X (w, Σ columns_t) has the X_t side by side, and G and A,
    (Σ columns_t, K), have the small arrays interpolated at that row one above the other. Pixel j then holds
    (X G Aᵀ Xᵀ)_jj, in which the sum over the channels comes first.
    """
    grids = [a.shape[:2] for a in activations]
    ys = [resizing_matrix(size[0], rows).toarray() / len(grids) for rows, _ in grids]
    x = np.hstack([resizing_matrix(size[1], columns).toarray() for _, columns in grids])
    total = np.empty(size, np.float32)
    for row in range(size[0]):
        g = np.concatenate([_interpolate(y[row], array) for y, array in zip(ys, gradients, strict=True)])
        a = np.concatenate([_interpolate(y[row], array) for y, array in zip(ys, activations, strict=True)])
        total[row] = ((x @ (g @ a.T)) * x).sum(axis=1)
    return total


def _interpolate(weights, array):
    """Σ_i weights_i array_i over the rows of `array`; at most two weights are not zero."""
    rows = np.flatnonzero(weights)
    return np.tensordot(weights[rows], array[rows], axes=1)


def _check_sizes(sizes, input_size):
    """Return the sizes as pairs (h, w)."""
    shorter = min(input_size)
    if sizes is None:
        sizes = [shorter + SIZE_STEP * t for t in range(N_SIZES)]
    if not isinstance(sizes, (list, tuple, np.ndarray)) or len(sizes) == 0:
        raise ValueError(f"sizes must hold integers or pairs (h, w), at least one of them, got {sizes!r:.80}.")
    pairs = []
    for size in sizes:
        height, width = check_size(tuple(size) if np.ndim(size) else size, "each of sizes")
        keeps = (round(height * side / shorter) for side in input_size)  # one integer: the shorter side
        pairs.append((height, width) if np.ndim(size) else tuple(keeps))
    return pairs

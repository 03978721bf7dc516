"""Score-CAM: weigh each feature map by the class probability of the image seen through it.

Wang et al., "Score-CAM: score-weighted visual explanations for convolutional neural networks", 2020.
https://arxiv.org/abs/1910.01279

Gradients are noisy and saturate; Score-CAM asks the network itself. Feature map A_k, stretched to the input and brought
to [0, 1], is a mask H_k; what it lets through is classified, and the probability of the class weighs the map:

    M = ReLU(Σ_k w_k A_k),    w_k = p_c(I ⊙ H_k),    H_k = minmax(upsample(A_k)).

⊙ acts on the network's own input, so a hidden pixel is that space's zero. A flat map masks nothing and is skipped.
"""

import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import check_choice
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target, class_indices
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.flat import not_flat
from tp_visualisation.saliency.registry import Batch, Sizes, of_sizes

WEIGHTINGS = ("probability", "increase")


def score_cam(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    layer: str | None = None,
    weighting: str = "probability",
    batch_size: int | None = None,
    progress: bool = False,
) -> SaliencyMap:
    """Return the Score-CAM map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        layer: name of the layer whose feature maps are summed; None for the last feature map, after
            its activation. One forward pass for each of its channels.
        weighting: "probability": w_k = p_c(I ⊙ H_k), as in the authors' program. "increase": the
            algorithm of the paper's second version, w = softmax over k of S_c(I ⊙ H_k) − S_c(baseline); the
            baseline, the same for every k, leaves the softmax. S_c is the score before the network's own
            softmax: probabilities differ by less than 1, and a softmax of them would give every map
            about the same weight.
        batch_size: masked images per pass; bounds the memory and does not change the map.
            None for 16, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W), values >= 0, in units of the activations. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    check_choice(WEIGHTINGS, weighting=weighting)
    batch_size = classifier.engine.batch_size(batch_size, 16)
    classifier, image, target = classifier.check(image, target)
    layer = classifier.feature_layer(layer)
    grid = _score_cam(classifier, classifier.prepare(image), target, layer, weighting, batch_size, progress)
    return not_flat(np.maximum(resize(grid, image.shape[:2]), 0), image, classifier, layer)


def score_cam_batch(
    classifier: Classifier,
    images: np.ndarray,
    target,
    *,
    layer: str | None = None,
    weighting: str = "probability",
    batch_size: int | None = None,
    sizes: Sizes = None,
) -> Batch:
    """Return the `score_cam` maps of images (N, h, w, 3) at the network's input size, one after the other."""
    check_choice(WEIGHTINGS, weighting=weighting)
    batch_size = classifier.engine.batch_size(batch_size, 16)
    layer = classifier.feature_layer(layer)
    subjects = zip(images, class_indices(target, len(images), classifier.output_shape, lowest=0), strict=True)
    grids = [
        _score_cam(classifier, classifier.prepare(image), c, layer, weighting, batch_size) for image, c in subjects
    ]
    maps = of_sizes(grids, sizes, classifier.input_size)
    return Batch(np.maximum(maps, 0) if sizes is None else [np.maximum(one, 0) for one in maps])


def _score_cam(classifier, x, target, layer, weighting, batch_size, progress=False):
    """Σ_k w_k A_k on the grid of the layer (rows, columns), from the network's input x (1, h, w, C)."""
    A = classifier.run(_activations, x, few=True, layer=layer)[0].transpose(2, 0, 1)  # (channels, rows, columns)
    A = A[np.ptp(A, axis=(1, 2)) > 0]
    softmax = weighting == "probability"
    batches = ((x, target, A[start : start + batch_size]) for start in range(0, len(A), batch_size))
    parts = [np.empty(0, np.float32)]  # probability, or score, of the class for each masked input
    with tqdm(desc="Score-CAM", total=len(A), unit=" maps", delay=1, disable=not progress) as bar:
        for part in classifier.run_each(_masked_outputs, batches, softmax=softmax):
            parts.append(part)
            bar.update(len(part))
    w = np.concatenate(parts)

    if weighting == "increase":
        exponentials = np.exp(w - w.max(initial=-np.inf))
        w = exponentials / exponentials.sum()
    return np.einsum("k,kij->ij", w, A)


def masks_from(maps, size):
    """Stretch maps (B, rows, columns) to `size` (h, w) and bring each to [0, 1], a flat one to 0: (B, h, w, 1)."""
    stretched = tf.image.resize(maps[..., None], size)
    low = tf.reduce_min(stretched, axis=[1, 2], keepdims=True)
    high = tf.reduce_max(stretched, axis=[1, 2], keepdims=True)
    return tf.math.divide_no_nan(stretched - low, high - low)


def _activations(network, x, layer):
    return tf.cast(network.lay_out(network.scores_and_activations(x, layer)[1], layer), tf.float32)


def _masked_outputs(network, x, target, maps, softmax):
    masked = x * masks_from(maps, tf.shape(x)[1:3])
    outputs = network.probabilities(masked) if softmax else network.scores(masked)
    return tf.gather(outputs, target, axis=1)

"""CAM: the feature maps of the last convolutional layer, weighted by the dense layer that reads their means.

Zhou et al., "Learning deep features for discriminative localization", 2016. https://arxiv.org/abs/1512.04150

A convolutional network keeps the places of what it sees: feature map A_k (rows × columns) of a layer is bright where
feature k is found. Many networks end in global average pooling and one dense layer, S_c = Σ_k w_kc mean(A_k) + b_c. The
mean can be taken last, so that the score is the mean of a map, plus the bias:

    M = Σ_k w_kc A_k,    S_c = mean(M) + b_c

M is stretched to the image. `grad_cam` carries the idea over to networks that end in another way.
"""

from typing import Any

import numpy as np

from tp_visualisation import steps
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import PREDICTED, Target, check_scores, class_indices
from tp_visualisation.later import engines, tf
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.registry import Batch, Sizes, of_sizes

BATCH_SIZE = 16
NEEDS = "cam needs a network that ends in global average pooling and one dense layer"
INSTEAD = "grad_cam takes any network with feature maps."


def cam(classifier: Classifier, image: Image, target: Target = None, *, layer: str | None = None) -> SaliencyMap:
    """Return the class activation map (CAM) of one image: a network with global average pooling and one dense layer.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        layer: name of the layer that is averaged, which is the only one that can be explained; None
            finds it.

    Returns:
        float32 array (H, W), signed: as in the paper there is no ReLU, and negative values speak
        against the class. In score units: before it is stretched to the image, the mean of the map
        plus the dense layer's bias is the class score.

    Raises:
        ValueError: `image` or `target` is not as above; `layer` does not exist or is not the one
            that is averaged; or the network ends in another way, and the message says which.
    """
    classifier, image, target = classifier.check(image, target)
    maps, _ = _cam(classifier, classifier.prepare(image), target, layer)
    return resize(maps[0], image.shape[:2])


def cam_batch(
    classifier: Classifier, images: np.ndarray, target=PREDICTED, *, layer: str | None = None, sizes: Sizes = None
) -> Batch:
    """Return the `cam` maps of images (N, h, w, 3) at the network's input size, of one class or one each."""
    return batch_of_grids(_cam, classifier, images, target, layer, sizes=sizes)


def batch_of_grids(
    method, classifier: Classifier, images: np.ndarray, target, *options: Any, sizes: Sizes = None
) -> Batch:
    """Return the `Batch` of a method that gives maps on the grid of a layer, a few images at a time.

    Args:
        method: function (classifier, x, targets, *options) → maps (n, rows, columns), scores (n, K).
        classifier: `Classifier` under study.
        images: RGB (N, h, w, 3), values in [0, 255], at the network's input size.
        target: class index, or one for each image.
        *options: what `method` takes besides.
        sizes: as for `of_sizes`.
    """
    targets = np.broadcast_to(target, len(images))
    parts = [slice(start, start + BATCH_SIZE) for start in range(0, len(images), BATCH_SIZE)]
    pairs = [method(classifier, classifier.prepare(images[part]), targets[part], *options) for part in parts]
    grids, scores = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    return Batch(of_sizes(grids, sizes, classifier.input_size), scores)


def _cam(classifier, x, target, layer):
    """Maps (N, rows, columns) on the grid of the layer, and scores, from the network's inputs x (N, h, w, C)."""
    layer = layer and classifier.feature_layer(layer)
    targets = class_indices(target, len(x), classifier.output_shape)
    maps, pooled, means, scores = classifier.run(_cam_step, x, targets, few=len(x) <= steps.FEW, layer=layer)
    check_scores(scores, classifier.name)
    if not np.allclose(pooled, means, rtol=1e-2, atol=1e-3 * np.abs(means).max()):
        raise ValueError(f"{NEEDS}, and this one's pooling does not average over the whole feature map. {INSTEAD}")
    return maps, scores


def _cam_step(network, x, targets, layer):
    scores, activations = (network.scores(x), None) if layer is None else network.scores_and_activations(x, layer)
    try:
        A, pooled, weights = engines.pooled_head(scores)
    except ValueError as error:
        raise ValueError(f"{NEEDS}; {error} {INSTEAD}") from error
    if layer is not None and not engines.is_copy_of(A, activations):
        raise ValueError(f'cam explains the layer that is averaged, not "{layer}": leave layer=None. {INSTEAD}')
    A, pooled, weights = (tf.cast(tensor, tf.float32) for tensor in (A, pooled, weights))
    w = tf.gather(weights, steps.classes(targets, scores), axis=1)  # (channels, N)
    maps = tf.einsum("kn,nijk->nij", w, A)
    return maps, tf.reshape(pooled, [-1, A.shape[-1]]), tf.reduce_mean(A, axis=[1, 2]), scores

"""Group-CAM: a few dozen masks, each from a group of feature maps, weighed by what they restore of a blurred image.

Zhang, Rao and Yang, "Group-CAM: group score-weighted visual explanations for deep convolutional networks", 2021.
https://arxiv.org/abs/2103.13859

Score-CAM needs a forward pass for each channel. Group-CAM first weighs the channels as Grad-CAM does, then adds them up
in groups of neighbours:

    M_g = ReLU(Σ_{k in g} w_k A_k),    w_k = mean_ij(∂S_c/∂A_k).

Stretched to the input and brought to [0, 1], M_g says which pixels of a blurred image become sharp again, and the
probability gained is the weight of the group:

    I_g = I ⊙ M_g + blur(I) ⊙ (1 − M_g),    map = minmax(ReLU(Σ_g ReLU(p_c(I_g) − p_c(blur(I))) M_g)),

where the last sum takes M_g before minmax. All of it happens in the network's own input. The paper also sets the lowest
values of each M_g to 0; that step is left out here.
"""

import numpy as np
import tensorflow as tf
from scipy.ndimage import gaussian_filter

from tp_visualisation.images import minmax, resize
from tp_visualisation.saliency.score_cam import masks_from

BLUR_RADIUS, BLUR_SIGMA = 25, 50  # of the 51 × 51 Gaussian kernel, in pixels of the input


def group_cam(classifier, image, target=None, *, layer=None, n_groups=32, batch_size=16):
    """Return the Group-CAM map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        layer: name of the layer whose feature maps are grouped; None for the last feature map, after
            its activation.
        n_groups: groups of contiguous channels, 32 in the paper; their sizes differ by one where the
            channels cannot be shared out evenly, and there are never more groups than channels.
        batch_size: blended images per pass, n_groups + 1 in all; bounds the memory and does not
            change the map.

    Returns:
        float32 array (H, W) in [0, 1], as the paper's definition ends in minmax; zeros where no
        group raises the probability.

    Raises:
        ValueError: an argument is not as above.
    """
    image, target = classifier.check(image, target)
    layer = classifier.feature_layer(layer)
    if n_groups < 1 or batch_size < 1:
        raise ValueError(f"n_groups and batch_size must be at least 1, got {n_groups} and {batch_size}.")

    return _group_cam(classifier, classifier.prepare(image), target, layer, n_groups, batch_size, image.shape[:2])


def group_cam_batch(classifier, images, target, *, layer=None, n_groups=32, batch_size=16):
    """Return the `group_cam` maps (N, h, w) of images (N, h, w, 3) at the network's input size, one after the other."""
    layer, size = classifier.feature_layer(layer), classifier.input_size
    maps = np.empty((len(images), *size), np.float32)
    for i, c in enumerate(np.broadcast_to(target, len(images))):
        maps[i] = _group_cam(classifier, classifier.prepare(images[i]), c, layer, n_groups, batch_size, size)
    return maps


def _group_cam(classifier, x, target, layer, n_groups, batch_size, size):
    """The map of `size` (H, W), from the network's input x (1, h, w, C)."""
    A, g, _ = classifier.activations_and_gradients(x, target, layer)
    weighted = g[0].mean(axis=(0, 1)) * A[0]  # (rows, columns, channels)
    groups = np.array_split(weighted, min(n_groups, A.shape[-1]), axis=-1)
    M = np.maximum([group.sum(axis=-1) for group in groups], 0)

    blurred = gaussian_filter(x, BLUR_SIGMA, radius=BLUR_RADIUS, mode="mirror", axes=(1, 2))
    maps = np.concatenate([np.zeros_like(M[:1]), M])  # the first lets nothing through: the blurred image itself
    p = np.concatenate([
        classifier.run(_blended_probabilities, x, blurred, np.int32([target]), maps[start : start + batch_size])
        for start in range(0, len(maps), batch_size)
    ])  # fmt: skip
    w = np.maximum(p[1:] - p[0], 0)

    return minmax(np.maximum(resize(np.einsum("g,gij->ij", w, M), size), 0))


def _blended_probabilities(network, x, blurred, target, maps):
    masks = masks_from(maps, tf.shape(x)[1:3])
    blended = x * masks + blurred * (1 - masks)
    return tf.gather(network.probabilities(blended), target[0], axis=1)


group_cam.batch = group_cam_batch

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
import scipy
from tqdm import tqdm

from tp_visualisation.checks import check_integer
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target, class_indices
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap, minmax
from tp_visualisation.saliency.flat import not_flat
from tp_visualisation.saliency.grad_cam import layer_and_gradients
from tp_visualisation.saliency.registry import Batch, Sizes
from tp_visualisation.saliency.score_cam import masks_from

BLUR_RADIUS, BLUR_SIGMA = 25, 50  # of the 51 × 51 Gaussian kernel, in pixels of the input


def group_cam(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    layer: str | None = None,
    n_groups: int = 32,
    batch_size: int | None = None,
    progress: bool = False,
) -> SaliencyMap:
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
            change the map. None for 16, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W) in [0, 1], as the paper's definition ends in minmax; zeros where no
        group raises the probability.

    Raises:
        ValueError: an argument is not as above.
    """
    check_integer("[1, inf)", n_groups=n_groups)
    batch_size = classifier.engine.batch_size(batch_size, 16)
    classifier, image, target = classifier.check(image, target)
    layer = classifier.feature_layer(layer)
    x, size = classifier.prepare(image), image.shape[:2]
    saliency_map, _ = _group_cam(classifier, x, target, layer, n_groups, batch_size, size, progress)
    return not_flat(saliency_map, image, classifier, layer)


def group_cam_batch(
    classifier: Classifier,
    images: np.ndarray,
    target,
    *,
    layer: str | None = None,
    n_groups: int = 32,
    batch_size: int | None = None,
    sizes: Sizes = None,
) -> Batch:
    """Return the `group_cam` maps of images (N, h, w, 3) at the network's input size, one after the other."""
    check_integer("[1, inf)", n_groups=n_groups)
    batch_size = classifier.engine.batch_size(batch_size, 16)
    layer = classifier.feature_layer(layer)
    targets = class_indices(target, len(images), classifier.output_shape, lowest=0)
    wanted = [classifier.input_size] * len(images) if sizes is None else sizes
    pairs = [
        _group_cam(classifier, classifier.prepare(image), class_index, layer, n_groups, batch_size, size)
        for image, class_index, size in zip(images, targets, wanted, strict=True)
    ]
    maps = [saliency_map for saliency_map, _ in pairs]
    return Batch(np.stack(maps) if sizes is None else maps, np.stack([scores for _, scores in pairs]))


def _group_cam(classifier, x, target, layer, n_groups, batch_size, size, progress=False):
    """The map of `size` (H, W) and the scores (K,), from the network's input x (1, h, w, C)."""
    A, g, scores = layer_and_gradients(classifier, x, target, layer)
    weighted = g[0].mean(axis=(0, 1)) * A[0]  # (rows, columns, channels)
    groups = np.array_split(weighted, min(n_groups, A.shape[-1]), axis=-1)
    M = np.maximum([group.sum(axis=-1) for group in groups], 0)

    blurred = scipy.ndimage.gaussian_filter(x, BLUR_SIGMA, radius=BLUR_RADIUS, mode="mirror", axes=(1, 2))
    maps = np.concatenate([np.zeros_like(M[:1]), M])  # the first lets nothing through: the blurred image itself
    batches = ((x, blurred, target, maps[start : start + batch_size]) for start in range(0, len(maps), batch_size))
    parts = []
    with tqdm(desc="Group-CAM", total=len(maps), unit=" groups", delay=1, disable=not progress) as bar:
        for part in classifier.run_each(_blended_probabilities, batches, few=True):
            parts.append(part)
            bar.update(len(part))
    p = np.concatenate(parts)
    w = np.maximum(p[1:] - p[0], 0)

    return minmax(np.maximum(resize(np.einsum("g,gij->ij", w, M), size), 0)), scores[0]


def _blended_probabilities(network, x, blurred, target, maps):
    masks = masks_from(maps, tf.shape(x)[1:3])
    blended = x * masks + blurred * (1 - masks)
    return tf.gather(network.probabilities(blended), target, axis=1)

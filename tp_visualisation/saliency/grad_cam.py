"""Grad-CAM and its descendants: feature maps weighted by how the class score depends on them.

CAM (see `cam`) reads its weights off the dense layer that follows global average pooling. These methods take them from
the gradient, so that any network with feature maps A_k (rows × columns) will do:

    M = ReLU(Σ_k w_k A_k),

stretched to the image. They differ in the weights alone. S_c is the class score before the softmax, g_k = ∂S_c/∂A_k its
gradient, an array like A_k.

- Grad-CAM. w_k = mean_ij(g_k). After global average pooling it is the positive part of CAM, divided by the number of
  positions.
  Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", 2017.
  https://arxiv.org/abs/1610.02391
- Grad-CAM++. w_k = Σ_ij α_k ReLU(g_k), where α_k weighs the positions so that a small object counts as much as a large
  one. For Y = exp(S_c) and piecewise linear networks the paper's derivatives are powers of the gradient, and exp(S_c)
  leaves the fraction: α_k = g_k² / (2 g_k² + (Σ_ab A_k) g_k³ + ε).
  Chattopadhay et al., "Grad-CAM++: improved visual explanations for deep convolutional networks", 2018.
  https://arxiv.org/abs/1710.11063
- Smooth Grad-CAM++. The same, g_k, g_k² and g_k³ being means over noisy copies of the image.
  Omeiza et al., "Smooth Grad-CAM++", 2019. https://arxiv.org/abs/1908.01224
"""

import numpy as np
from tqdm import tqdm

from tp_visualisation import steps
from tp_visualisation.checks import check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import PREDICTED, Target, class_indices
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.cam import batch_of_grids
from tp_visualisation.saliency.flat import not_flat
from tp_visualisation.saliency.noise import batches_of_normals, check_noise
from tp_visualisation.saliency.registry import Batch, Sizes


def grad_cam(classifier: Classifier, image: Image, target: Target = None, *, layer: str | None = None) -> SaliencyMap:
    """Return the Grad-CAM map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        layer: name of the layer whose feature maps are summed; None for the last feature map, after
            its activation.

    Returns:
        float32 array (H, W), values >= 0, in score units: activations times gradients. Not normalised.

    Raises:
        ValueError: `image` or `target` is not as above, or `layer` does not exist.
    """
    classifier, image, target = classifier.check(image, target)
    grids, _ = grad_cam_grids(classifier, classifier.prepare(image), target, layer)
    return not_flat(resize(grids[0], image.shape[:2]), image, classifier, layer)


def grad_cam_plus_plus(
    classifier: Classifier, image: Image, target: Target = None, *, layer: str | None = None, floor: float = 1e-7
) -> SaliencyMap:
    """Return the Grad-CAM++ map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        layer: name of the layer whose feature maps are summed; None for the last feature map, after
            its activation. On a layer without one (the end of a linear bottleneck) the denominator of α
            can vanish and the map means little.
        floor: ε, added to the denominator of α, in squared score units; the gradient reaches global average
            pooling divided by the number of positions, so that its square is not always large
            beside it. Programs in use take 1e-7 or 1e-6. α is 0 where the denominator is no further from 0.

    Returns:
        float32 array (H, W), values >= 0, in score units. Not normalised; the paper's factor
        exp(S_c), the same everywhere, is left out because it overflows.

    Raises:
        ValueError: `image` or `target` is not as above, `layer` does not exist, or `floor` <= 0.
    """
    check_number("(0, inf)", floor=floor)
    classifier, image, target = classifier.check(image, target)
    grids, _ = _grad_cam_plus_plus(classifier, classifier.prepare(image), target, layer, floor)
    return not_flat(resize(grids[0], image.shape[:2]), image, classifier, layer)


def smooth_grad_cam_plus_plus(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    layer: str | None = None,
    n_samples: int = 25,
    noise_level: float = 0.15,
    noise: np.ndarray | None = None,
    floor: float = 1e-7,
    batch_size: int | None = None,
    progress: bool = False,
    seed: int = 0,
) -> SaliencyMap:
    """Return the Smooth Grad-CAM++ map of one image.

    The feature maps A_k are those of the image itself; only the derivatives are averaged. Where these are the same for
    every image, as at the default layer of a network with global average pooling and one dense layer, noise changes
    nothing and the map is that of Grad-CAM++: name an earlier layer to see an effect.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        layer: name of the layer whose feature maps are summed; None for the last feature map, after
            its activation.
        n_samples: number of noisy copies.
        noise_level: standard deviation of the noise as a fraction of max - min of the image, as
            in `smoothgrad`. 0 gives the Grad-CAM++ map.
        noise: array (n, h, w, 3) of standard normal numbers at the network's input size, used
            instead of the seed's: a run can be replayed. `n_samples` is then n.
        floor: as in `grad_cam_plus_plus`.
        batch_size: noisy copies per pass; bounds the memory and does not change the map.
            None for 16, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.
        seed: integer; the same seed gives the same map.

    Returns:
        float32 array (H, W), values >= 0, in score units. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    check_number("(0, inf)", floor=floor)
    batch_size = classifier.engine.batch_size(batch_size, 16)
    size = classifier.input_size
    n_samples = check_noise(n_samples, noise_level, noise, size, seed)
    classifier, image, target = classifier.check(image, target)
    layer = classifier.feature_layer(layer)

    resized = resize(image, size)
    sigma = noise_level * (resized.max() - resized.min())
    d1, d2, d3 = (np.zeros((), np.float32) for _ in range(3))  # means of g, g², g³ over the noisy copies
    with tqdm(desc="Smooth Grad-CAM++", total=n_samples, unit=" copies", delay=1, disable=not progress) as bar:
        for normals in batches_of_normals(noise, n_samples, batch_size, size, seed):
            x = classifier.prepare(resized + sigma * normals)
            _, g, _ = layer_and_gradients(classifier, x, target, layer)
            d1, d2, d3 = (d + (g**power).sum(axis=0) / n_samples for d, power in ((d1, 1), (d2, 2), (d3, 3)))
            bar.update(len(normals))

    A, _, _ = layer_and_gradients(classifier, classifier.prepare(resized), target, layer)
    w = _weights_plus_plus(A, d1[None], d2[None], d3[None], floor)
    return not_flat(resize(_weighted_sum(w, A)[0], image.shape[:2]), image, classifier, layer)


# Many images in one go: RGB (N, h, w, 3) at the network's input size, of one class or one each


def grad_cam_batch(
    classifier: Classifier, images: np.ndarray, target=PREDICTED, *, layer: str | None = None, sizes: Sizes = None
) -> Batch:
    """Return the `grad_cam` maps of images (N, h, w, 3) at the network's input size."""
    return batch_of_grids(grad_cam_grids, classifier, images, target, layer, sizes=sizes)


def grad_cam_plus_plus_batch(
    classifier: Classifier,
    images: np.ndarray,
    target=PREDICTED,
    *,
    layer: str | None = None,
    floor: float = 1e-7,
    sizes: Sizes = None,
) -> Batch:
    """Return the `grad_cam_plus_plus` maps of images (N, h, w, 3) at the network's input size."""
    check_number("(0, inf)", floor=floor)
    return batch_of_grids(_grad_cam_plus_plus, classifier, images, target, layer, floor, sizes=sizes)


def layer_and_gradients(classifier, x, target, layer):
    """`Classifier.activations_and_gradients` for methods, whose `check` has looked at the weights already."""
    targets, layer = class_indices(target, len(x), classifier.output_shape), classifier.feature_layer(layer)
    return classifier.run_backward(steps.activations_and_gradients, x, targets, layer=layer)


# The methods on the network's inputs x (N, h, w, C): maps (N, rows, columns) on the layer's grid, and scores (N, K)


def grad_cam_grids(classifier, x, target, layer):
    """Grad-CAM's maps of inputs, as coarse as the layer."""
    A, g, scores = layer_and_gradients(classifier, x, target, layer)
    w = g.mean(axis=(1, 2))  # (N, channels)
    return _weighted_sum(w, A), scores


def _grad_cam_plus_plus(classifier, x, target, layer, floor):
    A, g, scores = layer_and_gradients(classifier, x, target, layer)
    return _weighted_sum(_weights_plus_plus(A, g, g**2, g**3, floor), A), scores


def _weights_plus_plus(A, d1, d2, d3, floor):
    """w_k = Σ_ij α ReLU(∂S), α = ∂²S / (2 ∂²S + (Σ_ab A) ∂³S + ε), from derivatives (N, rows, columns, channels)."""
    denominator = 2 * d2 + A.sum(axis=(1, 2), keepdims=True) * d3 + floor
    alpha = np.divide(d2, denominator, out=np.zeros_like(d2), where=np.abs(denominator) > floor)
    return (alpha * np.maximum(d1, 0)).sum(axis=(1, 2))


def _weighted_sum(w, A):
    return np.maximum(np.einsum("nk,nijk->nij", w, A), 0)

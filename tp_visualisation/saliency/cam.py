"""Class activation maps: a weighted sum of the feature maps of the last convolutional layer.

A convolutional network keeps the places of what it sees: feature map A_k (rows × columns) of a layer is bright where
feature k is found. Summed with one weight for each feature, the maps tell where the class is,

    M = Σ_k w_k A_k,

and are stretched to the image. The methods differ in the weights alone. S_c is the class score before the softmax,
g_k = ∂S_c/∂A_k its gradient, an array like A_k.

- CAM. The network ends in global average pooling and one dense layer: w_k is the dense layer's own weight.
  Zhou et al., "Learning deep features for discriminative localization", 2016. https://arxiv.org/abs/1512.04150
- Grad-CAM. w_k = mean_ij(g_k), for any network; then ReLU. After global average pooling it is CAM divided by the number
  of positions.
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
import tensorflow as tf

from tp_visualisation.images import resize
from tp_visualisation.tracing import PASSING_ON

BATCH_SIZE = 16


def cam(classifier, image, target=None, *, layer=None):
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
    image, target = classifier.check(image, target)
    return resize(_cam(classifier, classifier.prepare(image), target, layer)[0], image.shape[:2])


def grad_cam(classifier, image, target=None, *, layer=None):
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
    image, target = classifier.check(image, target)
    return resize(_grad_cam(classifier, classifier.prepare(image), target, layer)[0], image.shape[:2])


def grad_cam_plus_plus(classifier, image, target=None, *, layer=None, epsilon=1e-7):
    """Return the Grad-CAM++ map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        layer: name of the layer whose feature maps are summed; None for the last feature map, after
            its activation. On a layer without one (the end of a linear bottleneck) the denominator of α
            can vanish and the map means little.
        epsilon: added to the denominator of α, in squared score units; the gradient reaches global average
            pooling divided by the number of positions, so that its square is not always large
            beside it. Programs in use take 1e-7 or 1e-6. α is 0 where the denominator is no further from 0.

    Returns:
        float32 array (H, W), values >= 0, in score units. Not normalised; the paper's factor
        exp(S_c), the same everywhere, is left out because it overflows.

    Raises:
        ValueError: `image` or `target` is not as above, `layer` does not exist, or `epsilon` <= 0.
    """
    image, target = classifier.check(image, target)
    _check_epsilon(epsilon)
    grids = _grad_cam_plus_plus(classifier, classifier.prepare(image), target, layer, epsilon)
    return resize(grids[0], image.shape[:2])


def smooth_grad_cam_plus_plus(classifier, image, target=None, *, layer=None, n_samples=25, noise_level=0.15,
                              noise=None, epsilon=1e-7, batch_size=BATCH_SIZE, seed=0):  # fmt: skip
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
        noise: array (n, h, w, 3) of standard normals at the network's input size, used instead of a
            draw, to replay a run; `n_samples` and `seed` then have no effect.
        epsilon: as in `grad_cam_plus_plus`.
        batch_size: noisy copies per pass; bounds the memory and does not change the map.
        seed: integer; the same seed gives the same map.

    Returns:
        float32 array (H, W), values >= 0, in score units. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    image, target = classifier.check(image, target)
    layer = classifier.feature_layer(layer)
    _check_epsilon(epsilon)
    if n_samples < 1 or batch_size < 1:
        raise ValueError(f"n_samples and batch_size must be at least 1, got {n_samples} and {batch_size}.")
    if not noise_level >= 0:
        raise ValueError(f"noise_level must be at least 0, got {noise_level}.")
    size = classifier.input_size
    noise = None if noise is None else _check_noise(noise, size)

    resized = resize(image, size)
    sigma = noise_level * (resized.max() - resized.min())
    n_samples = n_samples if noise is None else len(noise)
    rng = np.random.default_rng(seed)
    d1, d2, d3 = 0.0, 0.0, 0.0  # means of g, g², g³ over the noisy copies
    for start in range(0, n_samples, batch_size):
        n = min(batch_size, n_samples - start)
        normals = rng.standard_normal((n, *size, 3), np.float32) if noise is None else noise[start : start + n]
        x = classifier.prepare(resized + sigma * normals)
        _, g, _ = classifier.activations_and_gradients(x, target, layer)
        d1, d2, d3 = (d + (g**power).sum(axis=0) / n_samples for d, power in ((d1, 1), (d2, 2), (d3, 3)))

    A, _, _ = classifier.activations_and_gradients(classifier.prepare(resized), target, layer)
    w = _weights_plus_plus(A, d1[None], d2[None], d3[None], epsilon)
    return resize(_weighted_sum(w, A)[0], image.shape[:2])


# Many images in one go, for `sess`: RGB float32 (N, h, w, 3) in [0, 255] at the network's input size → maps (N, h, w)


def cam_batch(classifier, images, target, *, layer=None):
    """Return the `cam` maps (N, h, w) of images (N, h, w, 3) at the network's input size, of one class or one each."""
    return _maps(_cam, classifier, images, target, layer)


def grad_cam_batch(classifier, images, target, *, layer=None):
    """Return the `grad_cam` maps (N, h, w) of images (N, h, w, 3) at the network's input size."""
    return _maps(_grad_cam, classifier, images, target, layer)


def grad_cam_plus_plus_batch(classifier, images, target, *, layer=None, epsilon=1e-7):
    """Return the `grad_cam_plus_plus` maps (N, h, w) of images (N, h, w, 3) at the network's input size."""
    _check_epsilon(epsilon)
    return _maps(_grad_cam_plus_plus, classifier, images, target, layer, epsilon)


def _maps(method, classifier, images, target, *options):
    targets = np.broadcast_to(target, len(images))
    maps = np.empty((len(images), *classifier.input_size), np.float32)
    for start in range(0, len(images), BATCH_SIZE):
        part = slice(start, start + BATCH_SIZE)
        grids = method(classifier, classifier.prepare(images[part]), targets[part], *options)
        maps[part] = [resize(grid, classifier.input_size) for grid in grids]
    return maps


# The methods on the network's inputs x (N, h, w, C): maps (N, rows, columns) on the grid of the layer


def _grad_cam(classifier, x, target, layer):
    A, g, _ = classifier.activations_and_gradients(x, target, layer)
    w = g.mean(axis=(1, 2))  # (N, channels)
    return _weighted_sum(w, A)


def _grad_cam_plus_plus(classifier, x, target, layer, epsilon):
    A, g, _ = classifier.activations_and_gradients(x, target, layer)
    return _weighted_sum(_weights_plus_plus(A, g, g**2, g**3, epsilon), A)


def _weights_plus_plus(A, d1, d2, d3, epsilon):
    """w_k = Σ_ij α ReLU(∂S), α = ∂²S / (2 ∂²S + (Σ_ab A) ∂³S + ε), from derivatives (N, rows, columns, channels)."""
    denominator = 2 * d2 + A.sum(axis=(1, 2), keepdims=True) * d3 + epsilon
    alpha = np.divide(d2, denominator, out=np.zeros_like(d2), where=np.abs(denominator) > epsilon)
    return (alpha * np.maximum(d1, 0)).sum(axis=(1, 2))


def _weighted_sum(w, A):
    return np.maximum(np.einsum("nk,nijk->nij", w, A), 0)


def _cam(classifier, x, target, layer):
    layer = layer and classifier.feature_layer(layer)
    targets = np.broadcast_to(np.asarray(target, np.int32), len(x))
    maps, pooled, means = classifier.run(_cam_step, x, targets, layer=layer)
    if not np.allclose(pooled, means, rtol=1e-2, atol=1e-3 * np.abs(means).max()):
        raise ValueError(f"{CAM_NEEDS}, and this one's pooling does not average over the whole feature map. {INSTEAD}")
    return maps


CAM_NEEDS = "cam needs a network that ends in global average pooling and one dense layer"
INSTEAD = "grad_cam takes any network."


def _cam_step(network, x, targets, layer):
    scores, activations = (network.scores(x), None) if layer is None else network.scores_and_activations(x, layer)
    A, pooled, weights = _pooling_and_dense(scores)
    if layer is not None and activations.name not in [tensor.name for tensor in _upstream(A)]:
        raise ValueError(f'cam explains the layer that is averaged, not "{layer}": leave layer=None. {INSTEAD}')
    A, pooled, weights = (tf.cast(tensor, tf.float32) for tensor in (A, pooled, weights))
    w = tf.gather(weights, targets, axis=1)  # (channels, N)
    maps = tf.einsum("kn,nijk->nij", w, A)
    return maps, tf.reshape(pooled, [-1, A.shape[-1]]), tf.reduce_mean(A, axis=[1, 2])


def _pooling_and_dense(scores):
    """Walk back from the scores: dense layer (or 1 × 1 convolution), dropout and the like, pooling.

    Returns:
        What is pooled (N, rows, columns, channels), the result, and the weights (channels, classes).
    """
    dense = _upstream(scores, "BiasAdd", "Add", "AddV2")[-1].op
    if dense.type not in ("MatMul", "Conv2D"):
        raise ValueError(f'{CAM_NEEDS}; this one ends in "{dense.name}" ({dense.type}). {INSTEAD}')
    pooled, weights = dense.inputs
    pooling = _upstream(pooled)[-1].op
    if pooling.type not in ("Mean", "AvgPool"):
        raise ValueError(
            f'{CAM_NEEDS}; in this one the dense layer follows "{pooling.name}" ({pooling.type}). {INSTEAD}'
        )
    A = pooling.inputs[0]
    channels, classes = A.shape[-1], weights.shape[-1]
    if A.shape.rank != 4 or weights.shape.num_elements() != channels * classes:
        raise ValueError(f"{CAM_NEEDS}; this one's dense layer reads more than one mean of each map. {INSTEAD}")
    return A, pooled, tf.reshape(weights, [channels, classes])


def _upstream(tensor, *types):
    """The tensors that `tensor` is a copy of, back through operations that change nothing and those of `types`."""
    tensors = [tensor]
    while tensors[-1].op.type in PASSING_ON | {"Reshape", *types}:
        tensors.append(tensors[-1].op.inputs[0])
    return tensors


def _check_epsilon(epsilon):
    if not epsilon > 0:
        raise ValueError(f"epsilon must be greater than 0, got {epsilon}.")


def _check_noise(noise, size):
    noise = np.asarray(noise, dtype=np.float32)
    if noise.ndim != 4 or noise.shape[1:] != (*size, 3) or len(noise) == 0:
        raise ValueError(f"noise must have the shape (n, {size[0]}, {size[1]}, 3), the input size, got {noise.shape}.")
    if not np.isfinite(noise).all():
        raise ValueError("noise holds NaN or infinite values: standard normals are expected.")
    return noise


cam.batch = cam_batch
grad_cam.batch = grad_cam_batch
grad_cam_plus_plus.batch = grad_cam_plus_plus_batch

"""SmoothGrad: average the gradients of noisy copies of an image.

Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017. https://arxiv.org/abs/1706.03825

The gradient of a deep network flickers from one image to the next; its local mean does not:

    ŵ = 1/n Σ_i ∂S_c/∂I (I + ε_i),   ε_i ~ N(0, σ²),   σ = noise_level · (max I − min I)

and the map is M = max over the channels of |ŵ|, as for the gradient. The mean is that of the signed gradients: where
they disagree they cancel. `squared=True` is the variant in which they do not, the mean of the squared gradients.
"""

import numpy as np
from tqdm import tqdm

from tp_visualisation import steps
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target, class_indices
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap, largest_of_channels
from tp_visualisation.saliency.noise import batches_of_normals, check_noise
from tp_visualisation.saliency.registry import Batch, Sizes, of_sizes


def smoothgrad(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    n_samples: int = 50,
    noise_level: float = 0.15,
    squared: bool = False,
    noise: np.ndarray | None = None,
    batch_size: int | None = None,
    progress: bool = False,
    seed: int = 0,
) -> SaliencyMap:
    """Return the SmoothGrad map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        n_samples: number of noisy copies; the paper finds little gain past 50.
        noise_level: standard deviation of the noise, as a fraction of max - min of the resized image.
        squared: average the squares of the gradients instead of the gradients.
        noise: array (n, h, w, 3) of standard normal numbers at the network's input size, used
            instead of the seed's: a run can be replayed. `n_samples` is then n.
        batch_size: noisy copies per pass; bounds the memory and does not change the map.
            None for 32, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.
        seed: integer; the same seed gives the same map.

    Returns:
        float32 array (H, W), values >= 0, in score units per grey level of the resized image, or
        their square. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    batch_size = classifier.engine.batch_size(batch_size, 32)
    check_noise(n_samples, noise_level, noise, classifier.input_size, seed)
    classifier, image, target = classifier.check(image, target)
    resized = resize(image, classifier.input_size)
    batch = smoothgrad_batch(
        classifier,
        resized[None],
        target,
        n_samples=n_samples,
        noise_level=noise_level,
        squared=squared,
        noise=noise,
        batch_size=batch_size,
        progress=progress,
        seed=seed,
        sizes=[image.shape[:2]],
    )
    return batch.saliency_maps[0]


def smoothgrad_batch(
    classifier: Classifier,
    images: np.ndarray,
    target,
    *,
    n_samples: int = 50,
    noise_level: float = 0.15,
    squared: bool = False,
    noise: np.ndarray | None = None,
    batch_size: int | None = None,
    progress: bool = False,
    seed: int = 0,
    sizes: Sizes = None,
) -> Batch:
    """Return the `smoothgrad` maps of images (N, h, w, 3) at the network's input size, all under one noise."""
    batch_size = classifier.engine.batch_size(batch_size, 32)
    size = images.shape[1:3]
    n_samples = check_noise(n_samples, noise_level, noise, size, seed)
    targets = class_indices(target, len(images), classifier.output_shape, lowest=0)
    sigmas = noise_level * (images.max(axis=(1, 2, 3)) - images.min(axis=(1, 2, 3)))
    totals = np.zeros(images.shape)

    def batches():
        for normals in batches_of_normals(noise, n_samples, batch_size, size, seed):
            for image, sigma, class_index in zip(images, sigmas, targets, strict=True):
                yield image[None], sigma, normals, int(class_index)

    added = classifier.run_each(_summed_gradients, batches(), backward=True, squared=squared)
    with tqdm(total=len(images) * n_samples, desc="SmoothGrad", unit=" copies", delay=1, disable=not progress) as bar:
        for start in range(0, n_samples, batch_size):
            for total in totals:
                total += next(added)
                bar.update(min(batch_size, n_samples - start))
    maps = largest_of_channels(totals / n_samples).astype(np.float32)
    return Batch(of_sizes(maps, sizes, size))


def _summed_gradients(network, image, sigma, normals, target, squared):
    """Σ ∂S_c/∂I, or of its square, over the noisy copies of an image (1, h, w, 3): float64 (h, w, 3)."""
    targets = tf.fill(tf.shape(normals)[:1], target)
    _, w = steps.image_gradient(network, image + sigma * normals, targets)
    return tf.reduce_sum(tf.cast(w**2 if squared else w, tf.float64), axis=0)

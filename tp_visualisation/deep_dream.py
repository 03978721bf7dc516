"""Deep dream: exaggerate what a layer sees in a photograph.

Mordvintsev, Olah and Tyka, "Inceptionism: going deeper into neural networks", Google research blog, 2015.

    I ← I + η g / mean|g|,   g = ∂/∂I of the mean square of the layer's activations

The photograph is climbed when small first, then larger and larger (octaves): what was drawn is enlarged and added to
the photograph of the next size, so that patterns of every size appear. Low layers give strokes, high ones parts of
animals and things. As in class visualisation, every step sees the image moved by a random jitter.
"""

import cv2
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tp_visualisation.images import resize
from tp_visualisation.tracing import preprocessed


def deep_dream(classifier, image, layer=None, *, octaves=4, octave_scale=1.4, n_iterations=10, learning_rate=2.0,
               jitter=16, seed=0, progress=False):  # fmt: skip
    """Exaggerate what a layer sees in a photograph.

    Args:
        classifier: `Classifier`, whose network takes images of any size up to `layer`.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged. Used at its own size: memory
            and time grow with its pixels.
        layer: name of a feature layer; None for the one two thirds of the way up.
        octaves: number of sizes, the last one being the image's.
        octave_scale: ratio of one size to the one before it.
        n_iterations: steps at each size.
        learning_rate: mean change of each step, in grey levels.
        jitter: each step sees the image rolled by up to this many pixels, either way in both directions.
        seed: integer; the same seed gives the same image.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W, 3), RGB in [0, 255].

    Raises:
        ValueError: an argument is not as above, the smallest size is under 8 pixels, the network
            cannot take these sizes, or the gradient is not finite.
    """
    image, _ = classifier.check(image, 0)
    names = classifier.feature_layers
    layer = classifier.feature_layer(names[2 * len(names) // 3] if layer is None and names else layer)
    if octaves < 1 or n_iterations < 1:
        raise ValueError(f"octaves and n_iterations must be at least 1, got {octaves} and {n_iterations}.")
    if not octave_scale > 1 or not 0 < learning_rate < np.inf or jitter < 0:
        raise ValueError(
            "octave_scale must be greater than 1, learning_rate greater than 0 and jitter at least 0, got "
            f"{octave_scale}, {learning_rate} and {jitter}."
        )
    sizes = [tuple(round(side / octave_scale**k) for side in image.shape[:2]) for k in range(octaves)][::-1]
    if min(sizes[0]) < 8:
        raise ValueError(f"the smallest octave would be {sizes[0]}, under 8 pixels: lower octaves or octave_scale.")

    rng = np.random.default_rng(seed)
    dreamed = detail = np.zeros((*sizes[0], 3), np.float32)
    with tqdm(desc=layer, total=octaves * n_iterations, unit=" steps", delay=1, disable=not progress) as bar:
        for size in sizes:
            photograph = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
            dreamed = np.clip(photograph + resize(detail, size), 0, 255)
            for _ in range(n_iterations):
                g = _gradient(classifier, dreamed[None], rng.integers(-jitter, jitter + 1, 2).astype(np.int32), layer)
                magnitude = np.abs(g).mean(dtype=np.float64)
                if not np.isfinite(magnitude):
                    raise ValueError(f'the gradient of "{layer}" is not finite: check the network and its preprocess.')
                if magnitude > 0:
                    dreamed = np.clip(dreamed + learning_rate * (g / magnitude), 0, 255).astype(np.float32)
                bar.update()
            detail = dreamed - photograph
    return dreamed


def _gradient(classifier, images, shift, layer):
    try:
        return classifier.run_backward(_layer_gradient, images, shift, layer=layer, preprocess=classifier.preprocess)[0]
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(
            f'"{layer}" cannot be reached with an image of {images.shape[1:3]}, since this network takes images of '
            f"{classifier.input_size} only: give one of that size, with octaves=1."
        ) from error


def _layer_gradient(network, images, shift, layer, preprocess):
    """∂/∂I of the mean square of a layer's activations, for the image rolled by `shift`."""
    x = preprocessed(tf.roll(images, shift, axis=(1, 2)), preprocess)
    _, activations = network.scores_and_activations(x, layer)
    return tf.gradients(tf.reduce_mean(activations**2), images)[0]

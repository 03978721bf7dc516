"""Deep dream: exaggerate what a layer sees in a photograph.

Mordvintsev, Olah and Tyka, "Inceptionism: going deeper into neural networks", Google research blog, 2015.

    I ← I + η g / mean|g|,   g = ∂/∂I of the mean square of the layer's activations

The photograph is first climbed at a small size, then at larger and larger ones (octaves). What was drawn at one size is
enlarged and added to the photograph of the next, so that patterns of every size appear. Low layers draw strokes, high
ones parts of animals and things. As in class visualisation, each step sees the image shifted at random.
"""

import cv2
import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, check_image, resize
from tp_visualisation.later import tf


def deep_dream(
    classifier: Classifier,
    image: Image,
    *,
    layer: str | None = None,
    n_octaves: int = 4,
    octave_scale: float = 1.4,
    n_steps: int = 10,
    step_size: float = 2.0,
    jitter: int = 16,
    seed: int = 0,
    progress: bool = False,
) -> Image:
    """Exaggerate what a layer sees in a photograph.

    Args:
        classifier: `Classifier`, whose network takes images of any size up to `layer`.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged. Used at its own size: memory
            and time grow with its pixels.
        layer: name of a feature layer; None for the one two thirds of the way up.
        n_octaves: number of sizes, the last one being the image's.
        octave_scale: ratio of one size to the one before it.
        n_steps: steps at each size.
        step_size: η, the mean change of each step, in grey levels.
        jitter: each step sees the image shifted at random by up to this many pixels, up or down and left
            or right; what leaves on one side comes back on the other.
        seed: integer; the same seed gives the same image.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W, 3), RGB in [0, 255].

    Raises:
        ValueError: an argument is not as above, the smallest size is under 8 pixels, the network
            cannot take these sizes, or the gradient is not finite.
    """
    image = check_image(image)
    check_integer("[1, inf)", n_octaves=n_octaves, n_steps=n_steps)
    check_integer("[0, inf)", jitter=jitter, seed=seed)
    check_number("(1, inf)", octave_scale=octave_scale)
    check_number("(0, inf)", step_size=step_size)
    names = classifier.feature_layers
    layer = classifier.feature_layer(names[2 * len(names) // 3] if layer is None and names else layer)
    sizes = [tuple(round(side / octave_scale**k) for side in image.shape[:2]) for k in range(n_octaves)][::-1]
    if min(sizes[0]) < 8:
        raise ValueError(f"the smallest octave would be {sizes[0]}, under 8 pixels: lower n_octaves or octave_scale.")

    classifier.notice_new_weights()
    rng = np.random.default_rng(seed)
    dreamed = detail = np.zeros((*sizes[0], 3), np.float32)
    with tqdm(desc=layer, total=n_octaves * n_steps, unit=" steps", delay=1, disable=not progress) as bar:
        for size in sizes:
            photograph = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
            dreamed = np.clip(photograph + resize(detail, size), 0, 255)
            for _ in range(n_steps):
                g = _gradient(
                    classifier, dreamed[None], rng.integers(-int(jitter), jitter + 1, 2).astype(np.int32), layer
                )
                magnitude = np.abs(g).mean(dtype=np.float64)
                if not np.isfinite(magnitude):
                    raise ValueError(f'the gradient of "{layer}" is not finite: check the network and its preprocess.')
                if magnitude > 0:
                    dreamed = np.clip(dreamed + step_size * (g / magnitude), 0, 255).astype(np.float32)
                bar.update()
            detail = dreamed - photograph
    return dreamed


def _gradient(classifier, images, shift, layer):
    try:
        return classifier.run_backward(_layer_gradient, images, shift, layer=layer)[0]
    except tf.errors.InvalidArgumentError as error:
        raise ValueError(
            f'"{layer}" cannot be reached with an image of {images.shape[1:3]}, since this network takes images of '
            f"{classifier.input_size} only: give one of that size, with n_octaves=1."
        ) from error


# The step that runs with the network inside: see `engines`


def _layer_gradient(network, images, shift, layer):
    """∂/∂I of the mean square of a layer's activations, for the image shifted by `shift`."""
    x = network.prepare(tf.roll(images, shift, axis=(1, 2)))
    _, activations = network.scores_and_activations(x, layer)
    return tf.gradients(tf.reduce_mean(activations**2), images)[0]

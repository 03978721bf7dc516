"""What the labs share: a classifier small enough to check an answer in a blink."""

import keras
import numpy as np

from tp_visualisation.checks import check_integer
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Size


def small_classifier(seed: int = 0, n_classes: int = 4, input_size: Size = (24, 32)) -> Classifier:
    """Return a convolutional classifier with fixed random weights, for trying out and for checking a method.

    Two convolutions, global average pooling and a softmax: everything from the gradient to CAMERAS runs on it, in
    milliseconds. It answers nothing sensible about photographs. The layers are named "first" (8 channels, at the size
    of the image), "pool", "last" (12 channels, at half that size), "average" and "classes".

    Args:
        seed: integer; the same seed gives the same weights.
        n_classes: number of classes.
        input_size: (H, W) of the images it wants; not square, so that a swapped axis shows.

    Returns:
        `Classifier`: its inputs are RGB / 127.5 - 1.
    """
    check_integer("[0, inf)", seed=seed)
    check_integer("[1, inf)", n_classes=n_classes)
    rng = np.random.default_rng(seed)
    model = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(8, 3, padding="same", activation="relu", name="first"),
            keras.layers.AveragePooling2D(2, name="pool"),
            keras.layers.Conv2D(12, 3, padding="same", activation="relu", name="last"),
            keras.layers.GlobalAveragePooling2D(name="average"),
            keras.layers.Dense(int(n_classes), activation="softmax", name="classes"),
        ]
    )
    model.set_weights([rng.normal(0, _spread(weight.shape), weight.shape) for weight in model.weights])
    classes = model.get_layer("classes")
    classes.set_weights([4 * weights for weights in classes.get_weights()])  # so that it is not undecided everywhere
    labels = [f"class {index}" for index in range(n_classes)]
    return Classifier(model, preprocess=lambda images: images / 127.5 - 1, labels=labels, input_size=input_size)


def _spread(shape):
    """He's standard deviation, sqrt(2 / inputs), for kernels; 0.1 for biases."""
    return 0.1 if len(shape) == 1 else np.sqrt(2 / np.prod(shape[:-1]))

"""Ways for a network to end: one class of two or four, several at once, yes or no, a number, one output of several.

And ways to come to the package: with a second input, as a function, as a SavedModel, as the pixels of a segmentation.
"""

import os
import tempfile

import keras
from convolutional import convolutional, features
from keras import layers, ops
from kinds import Kind, centred, head, image_input
from planted import SIZE

import tp_visualisation as tpv


def ending(end):
    """The network whose scores (N, 4) are given to `end`."""
    inputs = image_input()
    return keras.Model(inputs, end(head(features(inputs))))


def tempered():
    return ending(layers.Lambda(lambda scores: ops.softmax(scores / 0.5)))


def log_softmax():
    return ending(ops.log_softmax)


def one_of_a_dict():
    return ending(lambda scores: {"colour": scores})


def two_outputs():
    """Scores of classes, and the features that they are made of."""
    inputs = image_input()
    pooled = layers.GlobalAveragePooling2D(name="means")(features(inputs))
    return keras.Model(inputs, {"means": pooled, "colour": layers.Dense(4, name="colour")(pooled)})


def two_inputs():
    """The images, and two numbers that are added to the first scores."""
    images, numbers = layers.Input((SIZE, SIZE, 3), name="images"), layers.Input((2,), name="numbers")
    scores = head(features(images))
    return keras.Model({"images": images, "numbers": numbers}, scores + layers.Dense(4)(numbers))


def by_pixel():
    """Four scores at each place, of which the mean is trained."""
    inputs = image_input()
    pixels = layers.Conv2D(4, 1, name="pixels")(features(inputs))
    return keras.Model(inputs, layers.GlobalAveragePooling2D()(pixels))


def as_pixels(model):
    return tpv.Classifier(keras.Model(model.input, model.get_layer("pixels").output), centred)


def mean_over_pixels(number):
    """The target function for one class of a segmentation."""
    return lambda pixels: ops.mean(pixels[..., number], axis=(1, 2))


def as_function(model):
    return tpv.Classifier(function=lambda x: model(x).numpy(), preprocess=centred, input_size=SIZE)


def as_saved_model(model):
    with tempfile.TemporaryDirectory() as folder:
        model.export(folder, verbose=False)
        return tpv.load_classifier(folder + os.sep, preprocess=centred, trusted=True)


def with_softmax():
    return convolutional(activation="softmax")


ENDINGS = {
    "two classes": Kind(lambda: convolutional(2, "softmax"), "two classes", "softmax"),
    "several sigmoids": Kind(lambda: convolutional(activation="sigmoid"), "labels", "sigmoid"),
    "one sigmoid": Kind(lambda: convolutional(1, "sigmoid"), "red", "sigmoid"),
    "one logit": Kind(lambda: convolutional(1), "red"),
    "regression": Kind(lambda: convolutional(1), "how red"),
    "softmax with temperature": Kind(tempered, ends_in="softmax"),
    "log-softmax": Kind(log_softmax, ends_in="log-softmax"),
    "a dict of one output": Kind(one_of_a_dict, output="colour"),
    "one of two outputs": Kind(two_outputs, output="colour"),
    "one of two inputs": Kind(two_inputs, fixed={"numbers": [0.2, -0.1]}, epochs=8),
    "segmentation": Kind(by_pixel, shown=as_pixels, ask=mean_over_pixels),
    "black box": Kind(with_softmax, ends_in="softmax", shown=as_function),
    "SavedModel": Kind(with_softmax, ends_in="softmax", shown=as_saved_model),
}

"""Convolutional networks: normalisations, activations, precisions, blocks and poolings."""

import keras
from keras import layers
from kinds import Kind, head, image_input


def convolutional(n=4, activation=None, normalisation=layers.BatchNormalization, relu=layers.ReLU, policy=None):
    """Two convolutions with a normalisation each, global average pooling, one dense layer."""
    x = inputs = image_input()
    for filters in (12, 24):
        x = layers.Conv2D(filters, 3, padding="same", dtype=policy)(x)
        x = relu(dtype=policy)(normalisation(dtype=policy)(x))
        x = layers.MaxPooling2D(dtype=policy)(x)
    x = layers.GlobalAveragePooling2D(dtype=policy)(x)
    return keras.Model(inputs, layers.Dense(n, activation=activation, dtype=policy)(x))


def features(x):
    """Two convolutions with pooling: 12 x 12 places of 24 channels."""
    for filters in (12, 24):
        x = layers.MaxPooling2D()(layers.Conv2D(filters, 3, padding="same", activation="relu")(x))
    return x


def groups(**options):
    return layers.GroupNormalization(4, **options)


def prelu(**options):
    return layers.PReLU(shared_axes=[1, 2], **options)


def swish(**options):
    return layers.Activation("swish", **options)


def rescaling_inside():
    inputs = image_input()
    return keras.Model(inputs, head(features(layers.Rescaling(1 / 127.5, -1)(inputs))))


def augmentation_inside():
    x = inputs = image_input()
    for layer in (layers.RandomFlip(), layers.RandomTranslation(0.1, 0.1), layers.RandomContrast(0.1)):
        x = layer(x)
    return keras.Model(inputs, head(features(x)))


def separable():
    """Depthwise convolutions, each with a 1 x 1 convolution, and what they add to their input."""
    inputs = image_input()
    x = layers.Conv2D(16, 3, strides=2, padding="same", activation="relu")(inputs)
    for _ in range(2):
        y = layers.ReLU(6)(layers.BatchNormalization()(layers.DepthwiseConv2D(3, padding="same")(x)))
        x = layers.Add()([x, layers.BatchNormalization()(layers.Conv2D(16, 1)(y))])
    x = layers.MaxPooling2D()(layers.Conv2D(24, 1, activation="relu")(x))
    return keras.Model(inputs, head(x))


def squeeze_and_excite():
    """Channels weighed by what is seen in the whole image."""
    inputs = image_input()
    x = features(inputs)
    weights = layers.GlobalAveragePooling2D(keepdims=True)(x)
    weights = layers.Dense(24, activation="sigmoid")(layers.Dense(6, activation="relu")(weights))
    return keras.Model(inputs, head(layers.Multiply()([x, weights])))


def side_branch():
    """A branch that is called last, and is smaller than the main way."""
    inputs = image_input()
    x = features(inputs)
    main = layers.GlobalAveragePooling2D()(layers.Conv2D(24, 3, padding="same", activation="relu")(x))
    side = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu")(x)
    return keras.Model(inputs, layers.Dense(4)(layers.Concatenate()([main, layers.GlobalAveragePooling2D()(side)])))


def largest():
    """Global max pooling instead of the average."""
    inputs = image_input()
    return keras.Model(inputs, layers.Dense(4)(layers.GlobalMaxPooling2D()(features(inputs))))


def flattened():
    """A dense layer that reads every place for itself."""
    inputs = image_input()
    x = layers.Flatten()(layers.MaxPooling2D()(features(inputs)))
    return keras.Model(inputs, layers.Dense(4)(x))


def shared_convolution():
    """One convolution, called twice."""
    inputs = image_input()
    x = layers.Conv2D(16, 3, padding="same", activation="relu")(inputs)
    convolution = layers.Conv2D(16, 3, padding="same", activation="relu")
    x = layers.MaxPooling2D()(convolution(layers.MaxPooling2D()(x)))
    return keras.Model(inputs, head(convolution(x)))


CONVOLUTIONAL = {
    "convolutions": Kind(convolutional),
    "Rescaling inside": Kind(rescaling_inside, preprocess=None),
    "augmentation inside": Kind(augmentation_inside),
    "group normalisation": Kind(lambda: convolutional(normalisation=groups)),
    "layer normalisation": Kind(lambda: convolutional(normalisation=layers.LayerNormalization), epochs=12),
    "PReLU": Kind(lambda: convolutional(relu=prelu)),
    "leaky ReLU": Kind(lambda: convolutional(relu=layers.LeakyReLU)),
    "swish": Kind(lambda: convolutional(relu=swish)),
    "bfloat16": Kind(lambda: convolutional(policy="mixed_bfloat16")),
    "float16": Kind(lambda: convolutional(policy="mixed_float16")),
    "separable, residual": Kind(separable, epochs=12),
    "squeeze and excite": Kind(squeeze_and_excite),
    "side branch": Kind(side_branch),
    "shared convolution": Kind(shared_convolution),
    "global max pooling": Kind(largest),
    "Flatten, Dense": Kind(flattened),
}

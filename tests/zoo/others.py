"""Networks that mix places, by attention, recurrence or large kernels, and networks written in other ways."""

import keras
import tensorflow as tf
from keras import layers, ops
from kinds import Kind, head, image_input
from planted import SIZE


@keras.saving.register_keras_serializable("zoo")
class MoreTokens(layers.Layer):
    """One token or more, weights, before those of the patches."""

    def __init__(self, n=1, **options):
        super().__init__(**options)
        self.n = n

    def build(self, shape):
        self.tokens = self.add_weight(shape=(1, self.n, shape[-1]), initializer="normal", name="tokens")

    def call(self, x):
        return ops.concatenate([ops.repeat(self.tokens, ops.shape(x)[0], axis=0), x], axis=1)


@keras.saving.register_keras_serializable("zoo")
class Position(layers.Layer):
    """A weight for each place of a sequence, added to it."""

    def build(self, shape):
        self.position = self.add_weight(shape=(1, *shape[1:]), initializer="normal", name="position")

    def call(self, x):
        return x + self.position


def transformer(more_tokens=0):
    """A vision transformer of two blocks on patches of 6 x 6; without a token of its own it averages those it has."""
    inputs = image_input()
    x = layers.Reshape((64, 32))(layers.Conv2D(32, 6, 6)(inputs))
    x = Position()(MoreTokens(more_tokens)(x) if more_tokens else x)
    for _ in range(2):
        y = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(4, 8)(y, y)])
        y = layers.Dense(64, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dense(32)(y)])
    x = layers.LayerNormalization()(x)
    if more_tokens == 2:  # the class and the teacher of DeiT, whose answers are averaged
        return keras.Model(inputs, layers.Average()([layers.Dense(4)(x[:, 0]), layers.Dense(4)(x[:, 1])]))
    return keras.Model(inputs, layers.Dense(4)(x[:, 0] if more_tokens else layers.GlobalAveragePooling1D()(x)))


def mixer():
    """Dense layers over the places of each channel, then over the channels of each place."""
    inputs = image_input()
    x = layers.Reshape((64, 24))(layers.Conv2D(24, 6, 6)(inputs))
    for _ in range(2):
        y = layers.Permute((2, 1))(layers.LayerNormalization()(x))
        y = layers.Dense(64)(layers.Dense(32, activation="gelu")(y))
        x = layers.Add()([x, layers.Permute((2, 1))(y)])
        y = layers.Dense(48, activation="gelu")(layers.LayerNormalization()(x))
        x = layers.Add()([x, layers.Dense(24)(y)])
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization()(x))
    return keras.Model(inputs, layers.Dense(4)(x))


def convnext():
    """Depthwise convolutions, layer normalisation and dense layers at each place."""
    inputs = image_input()
    x = layers.LayerNormalization()(layers.Conv2D(24, 4, 4)(inputs))
    for _ in range(2):
        y = layers.LayerNormalization()(layers.DepthwiseConv2D(5, padding="same")(x))
        x = layers.Add()([x, layers.Dense(24)(layers.Dense(48, activation="gelu")(y))])
    x = layers.LayerNormalization()(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Dense(4)(x))


def attention_pooling():
    """A convolution whose places are weighed by attention instead of averaged."""
    inputs = image_input()
    x = layers.Conv2D(24, 3, activation="relu", padding="same")(inputs)
    places = layers.Reshape((144, 24))(layers.MaxPooling2D(4)(x))
    asked = layers.GlobalAveragePooling1D(keepdims=True)(places)
    x = layers.MultiHeadAttention(2, 12)(asked, places)
    return keras.Model(inputs, layers.Dense(4)(layers.Flatten()(x)))


def recurrent():
    """A convolution whose rows are read by an LSTM."""
    inputs = image_input()
    x = layers.Conv2D(16, 3, activation="relu", padding="same")(inputs)
    x = layers.LSTM(24)(layers.Reshape((12, 192))(layers.MaxPooling2D(4)(x)))
    return keras.Model(inputs, layers.Dense(4)(x))


def row_by_row():
    """One small network for each band of the image."""
    inputs = image_input()
    x = layers.Conv2D(16, 3, activation="relu", padding="same")(inputs)
    bands = layers.Reshape((4, 12, SIZE, 16))(x)
    band = keras.Sequential([layers.Conv2D(24, 3, activation="relu"), layers.GlobalAveragePooling2D()])
    x = layers.GlobalAveragePooling1D()(layers.TimeDistributed(band)(bands))
    return keras.Model(inputs, layers.Dense(4)(x))


def nested():
    """A model in a model in a model, softmax at the end."""
    first = layers.Conv2D(16, 3, activation="relu", padding="same")
    inner = keras.Sequential([first, layers.MaxPooling2D(), layers.Conv2D(24, 3, activation="relu", padding="same")])
    outer = keras.Sequential([inner, layers.MaxPooling2D()])
    inputs = image_input()
    return keras.Model(inputs, head(outer(inputs), activation="softmax"))


def sequential():
    """A Sequential that learns its input shape from the first images it sees."""
    convolutions = [layers.Conv2D(filters, 3, strides=2, activation="relu") for filters in (12, 24)]
    return keras.Sequential([*convolutions, layers.GlobalAveragePooling2D(), layers.Dense(4)])


class Subclassed(keras.Model):
    """A convolution, pooling and a dense layer, written as a class."""

    def __init__(self):
        super().__init__()
        self.parts = [layers.Conv2D(24, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(4)]

    def call(self, x, training=False):
        for part in self.parts:
            x = part(x)
        return x


class Compiled(Subclassed):
    """The same with its call compiled by TensorFlow."""

    @tf.function
    def call(self, x, training=False):
        return super().call(x, training)


def compiled():
    """Its variables are made before: in a compiled call that makes them, Keras would keep their first values."""
    model = Compiled()
    Subclassed.call(model, ops.zeros((1, SIZE, SIZE, 3)))
    return model


def keras_hub_transformer():
    """KerasHub's ViT, small, with weights of its own."""
    import keras_hub

    inputs = image_input()
    backbone = keras_hub.models.ViTBackbone(
        image_shape=(SIZE, SIZE, 3), patch_size=(6, 6), num_layers=2, num_heads=4, hidden_dim=32, mlp_dim=64
    )
    return keras.Model(inputs, layers.Dense(4)(backbone(inputs)[:, 0]))


def last_map(model):
    return [layer for layer in model.layers if isinstance(layer, layers.Conv2D)][-1]


def last_sum(model):
    return [layer for layer in model.layers if isinstance(layer, layers.Add)][-1]


def last_norm(model):
    return [layer for layer in model.layers if isinstance(layer, layers.LayerNormalization)][-1]


def norm_before_last_attention(model):
    """Behind the last attention only the tokens for the whole image are read."""
    return [layer for layer in model.layers if isinstance(layer, layers.LayerNormalization)][-3]


def norm_in_last_block(model):
    return next(layer for layer in model._flatten_layers() if str(layer.path).endswith("transformer_block_2/ln_1"))


OTHERS = {
    "nested three deep": Kind(nested, ends_in="softmax"),
    "Sequential without Input": Kind(sequential),
    "subclassed": Kind(Subclassed),
    "@tf.function call": Kind(compiled),
    "TimeDistributed": Kind(row_by_row),
    "ConvNeXt-like": Kind(convnext, features=last_sum),
    "attention pooling": Kind(attention_pooling, epochs=12, features=last_map),
    "CNN and LSTM": Kind(recurrent, epochs=12, features=last_map),
    "mixer": Kind(mixer, epochs=12, features=last_norm),
    "transformer, mean of tokens": Kind(transformer, epochs=12, features=last_norm),
    "transformer, class token": Kind(lambda: transformer(1), epochs=12, features=norm_before_last_attention),
    "transformer, two tokens": Kind(lambda: transformer(2), epochs=12, features=norm_before_last_attention),
    "KerasHub ViT": Kind(keras_hub_transformer, epochs=12, features=norm_in_last_block),
}

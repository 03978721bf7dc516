"""Looking inside models: the score before the softmax, layers by name, feature maps."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from tp_visualisation.engines import Network, find_layer, inspect_network, layers_by_name, recording

SIZE = (12, 20)
LAST = {"kernel_initializer": "glorot_normal", "bias_initializer": "normal"}


def features(inputs):
    return layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu", name="conv")(inputs))


def scores_and_outputs(model, n_channels=3):
    """The scores that are found in a traced model, and its own outputs."""
    x = np.random.default_rng(0).normal(size=(5, *SIZE, n_channels)).astype(np.float32)

    @tf.function(autograph=False)
    def traced(x):
        return Network(model).scores(x)

    return traced(tf.constant(x)).numpy(), np.asarray(model(x))


def softmax(scores):
    return np.asarray(keras.ops.softmax(scores))


ENDS = {
    "in the dense layer": lambda x: layers.Dense(3, activation="softmax", **LAST)(x),
    "as a function": lambda x: layers.Dense(3, activation=keras.ops.softmax, **LAST)(x),
    "as an activation layer": lambda x: layers.Activation("softmax")(layers.Dense(3, **LAST)(x)),
    "as a softmax layer": lambda x: layers.Softmax()(layers.Dense(3, **LAST)(x)),
    "as an operation": lambda x: keras.ops.softmax(layers.Dense(3, **LAST)(x)),
    "as TensorFlow's operation": lambda x: layers.Lambda(tf.nn.softmax)(layers.Dense(3, **LAST)(x)),
    "before an identity": lambda x: layers.Activation("linear")(layers.Dense(3, activation="softmax", **LAST)(x)),
    "before an identity layer": lambda x: layers.Identity()(layers.Dense(3, activation="softmax", **LAST)(x)),
    "before a dropout": lambda x: layers.Dropout(0.5)(layers.Dense(3, activation="softmax", **LAST)(x)),
    "in a nested model": lambda x: keras.Sequential([layers.Dense(3, **LAST), layers.Softmax()])(x),
}


@pytest.mark.parametrize("end", ENDS)
def test_softmax_is_found(end):
    inputs = keras.Input((*SIZE, 3))
    scores, outputs = scores_and_outputs(keras.Model(inputs, ENDS[end](features(inputs))))
    np.testing.assert_allclose(softmax(scores), outputs, atol=1e-6)
    assert not np.allclose(scores, outputs)
    assert np.abs(scores.sum(axis=1) - 1).max() > 0.01


def test_log_softmax_is_found():
    inputs = keras.Input((*SIZE, 3))
    scores, outputs = scores_and_outputs(
        keras.Model(inputs, layers.Dense(3, activation="log_softmax")(features(inputs)))
    )
    np.testing.assert_allclose(np.log(softmax(scores)), outputs, atol=1e-5)
    assert not np.allclose(scores, outputs)


def test_sigmoid_of_a_single_output_is_found():
    inputs = keras.Input((*SIZE, 3))
    scores, outputs = scores_and_outputs(keras.Model(inputs, layers.Dense(1, activation="sigmoid")(features(inputs))))
    np.testing.assert_allclose(1 / (1 + np.exp(-scores)), outputs, atol=1e-6)


def test_logits_stay_as_they_are():
    inputs = keras.Input((*SIZE, 3))
    scores, outputs = scores_and_outputs(keras.Model(inputs, layers.Dense(3)(features(inputs))))
    np.testing.assert_allclose(scores, outputs, atol=1e-6)


def test_softmax_in_the_middle_is_not_the_end():
    """Attention, for instance: the scores come after it."""
    inputs = keras.Input((*SIZE, 3))
    x = layers.Dense(4, activation="softmax")(features(inputs))
    scores, outputs = scores_and_outputs(keras.Model(inputs, layers.Dense(3)(x)))
    np.testing.assert_allclose(scores, outputs, atol=1e-6)


def nested_model():
    inner_inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(4, 3, name="conv")(inner_inputs)
    x = layers.BatchNormalization(name="bn")(x)
    backbone = keras.Model(inner_inputs, layers.ReLU(name="relu")(x), name="backbone")
    inputs = keras.Input((*SIZE, 3))
    x = backbone(layers.Rescaling(2.0)(inputs))
    x = layers.MaxPooling2D(name="maxpool")(x)
    x = layers.Conv2D(5, 1, name="last")(x)
    return keras.Model(inputs, layers.Dense(2, name="scores")(layers.Flatten()(x)))


def test_feature_layers_come_in_the_order_of_the_computation_those_of_nested_models_too():
    found = inspect_network(Network(nested_model()), np.ones((2, *SIZE, 3), np.float32), SIZE).features
    assert list(found) == ["conv", "bn", "relu", "last"]


def test_activations_of_a_nested_layer_are_those_of_the_pass():
    model = nested_model()
    x = np.random.default_rng(0).normal(size=(2, *SIZE, 3)).astype(np.float32)
    backbone = model.get_layer("backbone")
    with recording(model) as calls:
        model(x, training=False)
    np.testing.assert_allclose(dict(calls)["relu"], backbone(2 * x), atol=1e-5)
    assert [name for name, _ in calls][-1] == "scores"


@pytest.mark.parametrize("fails", [False, True])
def test_recording_leaves_nothing_behind(fails):
    model = nested_model()
    own = model.get_layer("last")
    own.call = own.call  # a user may have done so
    before = {layer.name: dict(vars(layer)) for layer in layers_by_name(model).values()}
    with pytest.raises(RuntimeError) if fails else recording(model), recording(model):
        model(np.zeros((1, *SIZE, 3), np.float32))
        if fails:
            raise RuntimeError
    for layer in layers_by_name(model).values():
        assert vars(layer).keys() == before[layer.name].keys()
    assert vars(own)["call"] == before["last"]["call"]


def test_layers_of_the_same_name_are_told_apart_by_their_path():
    def backbone(name):
        return keras.Sequential([keras.Input((*SIZE, 3)), layers.Conv2D(3, 1, name="conv")], name=name)

    inputs = keras.Input((*SIZE, 3))
    model = keras.Model(inputs, layers.GlobalAveragePooling2D(name="pool")(backbone("two")(backbone("one")(inputs))))
    names = list(layers_by_name(model))
    assert "conv" not in names
    assert sum(name.endswith("conv") for name in names) == 2
    assert "pool" in names


def test_layer_used_twice_gives_its_last_output():
    shared = layers.Conv2D(3, 1, name="shared")
    inputs = keras.Input((*SIZE, 3))
    model = keras.Model(inputs, layers.GlobalAveragePooling2D()(shared(shared(inputs))))
    x = np.random.default_rng(0).normal(size=(1, *SIZE, 3)).astype(np.float32)
    with recording(model) as calls:
        model(x)
    np.testing.assert_allclose(dict(calls)["shared"], shared(shared(x)), atol=1e-6)


def test_layer_is_found_or_the_nearest_are_named():
    names = ["conv1", "conv5_block3_add", "conv5_block3_out"]
    assert find_layer(None, names) == "conv5_block3_out"
    assert find_layer("conv1", names) == "conv1"
    with pytest.raises(ValueError, match='no layer "conv5_block3". Closest: "conv5_block3_'):
        find_layer("conv5_block3", names)
    with pytest.raises(ValueError, match="this model has no feature map"):
        find_layer(None, [])

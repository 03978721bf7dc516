"""A network is called by Keras once; steps get copies of that graph, which compute what the model computes."""

import copy
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.engines import Network, record, steps, tracing
from tp_visualisation.engines.record import Record

SIZE = (12, 20)


@pytest.fixture
def x():
    return np.random.default_rng(0).normal(size=(2, *SIZE, 3)).astype(np.float32)


def classifier(activation="relu", **options):
    inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(4, 3, use_bias=False, name="conv")(inputs)
    x = layers.BatchNormalization(moving_variance_initializer=keras.initializers.Constant(0.3), name="bn")(x)
    x = layers.Activation(activation, name="relu")(x)
    model = keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
    return tpv.Classifier(model, **options)


def calls_of(model, monkeypatch):
    """A list that grows by one when Keras calls the model."""
    calls, call = [], model.call
    monkeypatch.setattr(model, "call", lambda *args, **kwargs: calls.append(1) or call(*args, **kwargs))
    return calls


def test_keras_calls_the_model_once_and_never_for_a_step(x, monkeypatch):
    clf = classifier()
    calls = calls_of(clf.model, monkeypatch)
    scores = clf.input_scores(x)
    g = clf.input_gradient(x, 1)
    A, slopes, again = clf.activations_and_gradients(x, 1)
    more = clf.input_scores(np.concatenate([x] * 5))
    assert not calls
    np.testing.assert_allclose(scores, clf.model(x), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(again, scores, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(more, np.concatenate([scores] * 5), rtol=1e-6, atol=1e-6)

    with tf.GradientTape() as tape:
        tape.watch(tensor := tf.constant(x))
        score = tf.reduce_sum(clf.model(tensor)[:, 1])
    np.testing.assert_allclose(g, tape.gradient(score, tensor), rtol=1e-6, atol=1e-6)
    up_to = keras.Model(clf.model.inputs, clf.model.get_layer("relu").output)
    np.testing.assert_allclose(A, up_to(x), rtol=1e-6, atol=1e-6)
    w = clf.model.layers[-1].kernel.numpy()[:, 1]
    np.testing.assert_allclose(slopes, np.broadcast_to(w / (10 * 18), A.shape), rtol=1e-6, atol=1e-6)


def test_a_layer_that_was_folded_away_is_called_anew(x, monkeypatch):
    clf = classifier()
    clf.input_scores(x)
    calls = calls_of(clf.model, monkeypatch)
    A, slopes, _ = clf.activations_and_gradients(x, 1, "conv")
    assert len(calls) == 1
    np.testing.assert_allclose(A, clf.model.get_layer("conv")(x), rtol=1e-6, atol=1e-6)
    assert np.abs(slopes).max() > 0


def test_a_gradient_of_its_own_stays_with_its_graph(x, monkeypatch):
    """Of tf.nn.silu, for instance: a copy would look for tensors of the first graph."""
    clf = classifier("silu")
    calls = calls_of(clf.model, monkeypatch)
    clf.input_scores(x)
    g = clf.input_gradient(x, 1)
    assert len(calls) > 1
    with tf.GradientTape() as tape:
        tape.watch(tensor := tf.constant(x))
        score = tf.reduce_sum(clf.model(tensor)[:, 1])
    np.testing.assert_allclose(g, tape.gradient(score, tensor), rtol=1e-6, atol=1e-6)


def test_python_inside_a_network_stays_with_its_graph(x):
    spec = tf.TensorSpec((None, *SIZE, 3), tf.float32)
    calls_python = Record(lambda x: tf.ensure_shape(tf.numpy_function(np.sum, [x], tf.float32), ()), [], spec)
    assert not calls_python.can_be_copied()
    calls_function = Record(lambda x: tf.function(tf.reduce_sum)(x), [], spec)
    assert not calls_function.can_be_copied()
    assert Record(lambda x: tf.reduce_sum(x), [], spec).can_be_copied()


def test_what_is_watched_is_called_itself(x, monkeypatch):
    clf = classifier()
    clf.input_scores(x)
    calls = calls_of(clf.model, monkeypatch)
    tpv.saliency.guided_backprop(clf, np.zeros((*SIZE, 3)), 1)
    assert len(calls) == 1


def test_a_model_with_new_weights_is_called_anew(x):
    clf = classifier()
    clf.input_scores(x)
    clf.model.layers[-1].activation = lambda scores: 2 * scores
    clf.model.layers[-1].bias.assign([1.0, 2.0, 3.0])
    np.testing.assert_allclose(clf.input_gradient(x, 1), clf.input_gradient(x, 1))
    np.testing.assert_allclose(
        clf.input_scores(np.concatenate([x] * 5)), np.concatenate([clf.model(x)] * 5), rtol=1e-6, atol=1e-6
    )


def test_an_error_of_the_model_is_its_own():
    class Failing(layers.Layer):
        def call(self, x):
            if x.shape[1] is None:
                raise ZeroDivisionError("no size is known")
            return x

    inputs = keras.Input((*SIZE, 3))
    clf = tpv.Classifier(keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling2D()(Failing()(inputs)))))
    with pytest.raises(ZeroDivisionError, match="no size is known"):
        clf.top(np.zeros((*SIZE, 3)))


class SumPooling(layers.Layer):
    """The mean times the number of places, which is a number of the graph where the size is known."""

    def call(self, x):
        height, width = keras.ops.shape(x)[1:3]
        return keras.ops.mean(x, axis=(1, 2)) * keras.ops.cast(height * width, "float32")


@pytest.mark.parametrize(
    ("pooling", "n_calls"),
    [
        (layers.GlobalAveragePooling2D(), 0),
        (SumPooling(), 1),
        (layers.Lambda(SumPooling().call, output_shape=(4,)), 1),
        (layers.GlobalMaxPooling2D(), 0),
    ],
    ids=["mean", "layer of one's own", "lambda", "largest"],
)
def test_another_size_is_computed_as_the_model_does(pooling, n_calls, monkeypatch):
    inputs = keras.Input((None, None, 3))
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="conv")(inputs)
    clf = tpv.Classifier(keras.Model(inputs, layers.Dense(3)(pooling(x))), input_size=SIZE)
    larger = np.random.default_rng(1).normal(size=(2, 18, 30, 3)).astype(np.float32)
    expected = clf.model(larger)
    calls = calls_of(clf.model, monkeypatch)
    A, _, scores = clf.activations_and_gradients(larger, 1)
    assert len(calls) == n_calls
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(A, clf.model.get_layer("conv")(larger), rtol=1e-5, atol=1e-5)


def test_a_target_function_is_computed_of_the_copy(x):
    clf = classifier()
    scores = clf.input_scores(x)
    difference = clf.with_scalar(lambda scores: scores[:, 0] - scores[:, 2])
    np.testing.assert_allclose(difference.input_scores(x)[:, 0], scores[:, 0] - scores[:, 2], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("uses", [lambda clf, x: clf.gradient(x, 0), lambda clf, x: clf.input_scores(x)])
def test_a_function_of_the_scores_after_a_change_is_that_of_the_weights_of_now(uses, x):
    clf = classifier()
    clf.model.get_layer("bn").gamma.assign([1.0, 3.0, 1.0, 0.5])
    margin = clf.with_scalar(lambda scores: scores[:, 0] - scores[:, 1])
    expected = tpv.Classifier(clf.model).with_scalar(lambda scores: scores[:, 0] - scores[:, 1])
    np.testing.assert_allclose(uses(margin, x), uses(expected, x), rtol=1e-5, atol=1e-7)


def test_layers_are_those_on_the_way():
    clf = classifier()
    calls = []
    network = Network(clf.model)

    def scores(x):
        with tracing.recording(clf.model, calls):
            unused = clf.model.get_layer("conv")(x)
            assert unused is not None
            return network.outputs(x)

    of_both = Record(scores, calls, tf.TensorSpec((None, *SIZE, 3), tf.float32))
    assert list(of_both.layers) == ["conv", "bn", "relu", *(layer.name for layer in clf.model.layers[-2:])]


@pytest.mark.parametrize("n_calls", [0, 1, 2, 3, 4, 5, 20])
def test_new_weights_are_noticed_at_any_call(n_calls, x):
    clf = classifier()
    for _ in range(n_calls):
        clf.input_scores(x[:1])
    before = clf.run(steps.scores, np.concatenate([x] * 5))
    clf.model.layers[-1].bias.assign_add([1.0, 0.0, 0.0])
    clf.notice_new_weights()
    after = clf.run(steps.scores, np.concatenate([x] * 5))
    np.testing.assert_allclose(after - before, np.broadcast_to([1, 0, 0], after.shape), atol=1e-5)


def traced(engine):
    """The graph of the scores' step, and how many variables it reads."""
    function = engine._trace(steps.scores, (tf.TensorSpec((None, *SIZE, 3), tf.float32),), {})
    return function, len(function.graph.captures)


def test_weights_become_numbers_in_a_frozen_graph(x, monkeypatch):
    clf = classifier()
    frozen, n_read = traced(clf.engine)
    assert n_read == 0
    live, n_read = traced(clf.with_live_weights().engine)
    assert n_read == len(clf.model.weights)
    expected = np.asarray(clf.model(x))
    clf.model.layers[-1].bias.assign_add([1.0, 2.0, 3.0])
    np.testing.assert_allclose(frozen(tf.constant(x)), expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(live(tf.constant(x)), expected + [1, 2, 3], rtol=1e-6, atol=1e-6)

    n_weights = clf.model.layers[-1].count_params()  # the folded kernel has so few that it is a number anyway
    for largest, n_read in ((n_weights, 0), (n_weights - 1, 2)):
        monkeypatch.setattr(record, "LARGEST_FROZEN", largest)
        assert traced(clf.engine)[1] == n_read


def test_folded_weights_are_those_of_now(x):
    clf = classifier()
    before = clf.activations_and_gradients(x, 1, "relu"), clf.gradient(x, 1)
    clf.model.get_layer("conv").kernel.assign(2 * clf.model.get_layer("conv").kernel)
    clf.model.get_layer("bn").gamma.assign([1.0, 3.0, 1.0, 0.5])
    live = clf.with_live_weights()
    changed = clf.gradient(x, 1)
    clf.model.get_layer("bn").beta.assign([0.0, 0.0, 0.1, 0.0])
    A, g, scores = clf.activations_and_gradients(x, 1, "relu")
    for ours, theirs in zip((A, g, scores), live.activations_and_gradients(x, 1, "relu"), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(clf.gradient(x, 1), live.gradient(x, 1), rtol=1e-6, atol=1e-9)
    assert abs(A - before[0][0]).max() > 0.1
    assert abs(changed - before[1]).max() > 1e-3


def test_copies_and_pickles_of_a_network_have_no_graphs(x):
    clf = classifier()
    expected = clf.input_scores(x)
    for other in (copy.copy(clf), copy.deepcopy(clf), pickle.loads(pickle.dumps(clf))):
        np.testing.assert_allclose(other.input_scores(x), expected, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(other.input_scores(np.concatenate([x] * 5))[:2], expected, rtol=1e-6, atol=1e-6)


def test_a_function_of_the_scores_of_live_weights_is_that_of_the_weights_of_now(x):
    clf = classifier()
    live = clf.with_live_weights()
    margin = lambda scores: scores[:, 0] - scores[:, 1]  # noqa: E731
    before = live.with_scalar(margin).input_scores(np.concatenate([x] * 3))
    clf.model.layers[-1].bias.assign([1.0, 0.0, 0.0])
    np.testing.assert_allclose(
        live.with_scalar(margin).input_scores(np.concatenate([x] * 3)), before + 1, rtol=1e-5, atol=1e-6
    )

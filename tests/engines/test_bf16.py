"""TensorFlow in bf16: what it rounds, what it leaves alone, and when f32 runs instead."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.engines import BFloat16Engine, Network, TensorFlowEngine, choice, half, make_engine, steps
from tp_visualisation.engines import tensorflow as tensorflow_engine

needs_bf16 = pytest.mark.skipif(not half.tensorflow_has_bf16(), reason="this processor does not compute in bf16")
SIZE = (8, 8)


def network_of(kernel, ending=None):
    """Convolves with `kernel` (1, 1, in, out), and gives the mean over the image."""
    inputs = keras.Input((*SIZE, kernel.shape[2]))
    x = layers.Conv2D(kernel.shape[3], 1, use_bias=False, name="filter")(inputs)
    x = layers.GlobalAveragePooling2D()(x)
    model = keras.Model(inputs, ending(x) if ending else x)
    model.get_layer("filter").set_weights([kernel])
    return Network(model)


@pytest.fixture
def ones():
    return np.ones((4, *SIZE, 3), np.float32)


@needs_bf16
def test_a_number_keeps_eight_binary_digits(ones):
    fits, does_not = 1 + 2**-7, 1 + 2**-9  # bf16 has eight digits: the second becomes 1
    network = network_of(np.diag([fits, does_not, 2.0]).astype(np.float32)[None, None])
    np.testing.assert_array_equal(TensorFlowEngine(network).run(steps.scores, ones), [[fits, does_not, 2]] * 4)
    engine = BFloat16Engine(network)
    found = engine.run(steps.scores, ones)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[fits, 1, 2]] * 4)
    assert engine.failure is None


def with_a_number(network, x, factor):
    scores = network.scores(x)
    return scores * factor, tf.reduce_sum(scores)


@needs_bf16
def test_numbers_go_in_and_come_out(ones):
    engine = BFloat16Engine(network_of(np.eye(3, dtype=np.float32)[None, None]))
    for factor in (2.0, 3.0):
        scaled, total = engine.run(with_a_number, ones, factor)
        np.testing.assert_array_equal(scaled, np.full((4, 3), factor))
        assert total.shape == ()
        assert total == 12


@needs_bf16
@pytest.mark.parametrize("scale", [8, 0.0016])
def test_where_bf16_loses_what_counts_f32_runs_and_it_is_said_once(ones, scale):
    network = network_of(np.float32([[[[1000.5], [-1000.25], [0]]]]), layers.Rescaling(scale))  # 0.25: below its digits
    engine = BFloat16Engine(network)
    with pytest.warns(UserWarning, match=r"bf16 fails here \(in bf16 it does not compute .*\): TensorFlow computes in"):
        np.testing.assert_allclose(engine.run(steps.scores, ones), np.full((4, 1), scale / 4), rtol=1e-4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_allclose(engine.run(steps.scores, ones[:1]), [[scale / 4]], rtol=1e-4)
        engine.run(with_a_number, ones, 2.0)


@needs_bf16
def test_a_step_that_cannot_be_frozen_runs_in_f32(ones, monkeypatch):
    monkeypatch.setattr(half, "freeze", lambda function, largest: function)
    monkeypatch.setattr(tensorflow_engine, "freeze", lambda function: function)
    variable = tf.Variable(1.0)
    engine = BFloat16Engine(network_of(np.diag([1 + 2**-9, 1, 1]).astype(np.float32)[None, None]))
    with pytest.warns(UserWarning, match="its weights cannot be frozen"):
        found = engine.run(lambda network, x: network.scores(x) * variable, ones)
    np.testing.assert_array_equal(found, [[1 + 2**-9, 1, 1]] * 4)


@needs_bf16
def test_new_weights_are_noticed_and_the_graphs_of_others_stay_in_f32(ones):
    does_not_fit = np.diag([1 + 2**-9, 1, 1]).astype(np.float32)[None, None]
    network = network_of(does_not_fit)
    classifier = tpv.Classifier(network.model, engine="tensorflow-bf16", activation="softmax")
    x = np.float32(np.random.default_rng(0).uniform(size=(2, *SIZE, 3)))
    options = tf.config.optimizer.get_experimental_options()
    np.testing.assert_array_equal(classifier.run(steps.scores, ones)[0], [1, 1, 1])
    assert tf.config.optimizer.get_experimental_options() == options
    np.testing.assert_array_equal(tf.function(network.model)(ones)[0], [1 + 2**-9, 1, 1])
    np.testing.assert_allclose(classifier.input_scores(ones)[0], [1 + 2**-9, 1, 1], rtol=1e-7)  # metrics: f32
    np.testing.assert_allclose(classifier.input_gradient(x, 0)[..., 0], (1 + 2**-9) / 64, rtol=1e-6)
    network.model.get_layer("filter").set_weights([2 * does_not_fit])
    classifier.notice_new_weights()
    np.testing.assert_array_equal(classifier.run(steps.scores, ones)[0], [2, 2, 2])


@needs_bf16
def test_the_map_of_a_real_network_is_nearly_the_same(embedded, dalmatian):
    fast = tpv.load_classifier(engine="tensorflow-bf16")
    np.testing.assert_allclose(fast.scores(dalmatian), embedded.scores(dalmatian), atol=1e-4)
    for method, options in {"rise": {"n_masks": 256, "tolerance": 0}, "score_cam": {}, "occlusion": {}}.items():
        maps = [tpv.saliency.METHODS[method](each, dalmatian, 251, **options) for each in (fast, embedded)]
        assert np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1] > 0.99, method
        assert not np.array_equal(*maps)
    assert fast.engine.failure is None


def test_without_bf16_it_says_what_is_missing(monkeypatch):
    monkeypatch.setattr(half, "tensorflow_has_bf16", lambda: False)
    with pytest.raises(ValueError, match='a processor that computes in bf16, .* does not: leave engine="tensorflow"'):
        make_engine(network_of(np.eye(3, dtype=np.float32)[None, None]), "tensorflow-bf16")


@pytest.mark.parametrize(("with_onednn", "in_bf16"), [(True, True), (False, True), (True, False)])
def test_what_tensorflow_says_of_the_processor_decides(with_onednn, in_bf16, monkeypatch):
    from tensorflow.python.util import _pywrap_util_port, _pywrap_utils

    monkeypatch.setattr(_pywrap_util_port, "IsMklEnabled", lambda: with_onednn)
    monkeypatch.setattr(
        _pywrap_utils, "IsDataTypeSupportedByOneDNNOnThisCPU", lambda kind: kind == "bfloat16" and in_bf16
    )
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # no OpenVINO
    engine = make_engine(network_of(np.eye(3, dtype=np.float32)[None, None]), "fastest")
    assert half.tensorflow_has_bf16() == (with_onednn and in_bf16)
    assert engine.name == ("tensorflow-bf16" if with_onednn and in_bf16 else "tensorflow")
    assert engine.reason == choice.WHY[engine.name]


@pytest.mark.parametrize(
    ("precision", "ours", "same"),
    [
        ("f32", [1.0, 0.0009], True),
        ("f32", [1.0, 0.0011], False),
        ("bf16", [0.8, 0.2], True),  # a masked image at the border of two classes
        ("bf16", [0.4, 0.0], False),
        ("bf16", [-1.0, 0.0], False),
        ("bf16", [np.nan, 0.0], False),
        ("bf16", [1.0], False),
    ],
)
def test_what_counts_as_equal(precision, ours, same):
    outputs, expected = [np.float32(ours)], [np.float32([1.0, 0.0])]
    if same:
        tensorflow_engine.check_equal(outputs, expected, precision)
    else:
        with pytest.raises(ArithmeticError, match=f"in {precision} it does not compute what TensorFlow computes"):
            tensorflow_engine.check_equal(outputs, expected, precision)


def test_small_numbers_are_judged_like_large_ones():
    for scale in (1e-3, 1, 1e30):
        theirs = [np.float32([2, 2]) * np.float32(scale)]
        tensorflow_engine.check_equal([np.float32([3, 1.5]) * np.float32(scale)], theirs, "bf16")
        for wrong in ([0, 0], [2, 5], [-2, -2]):
            with pytest.raises(ArithmeticError):
                tensorflow_engine.check_equal([np.float32(wrong) * np.float32(scale)], theirs, "bf16")


def test_no_numbers_and_flags_can_be_equal_too():
    for precision in ("f32", "bf16"):
        tensorflow_engine.check_equal([np.zeros((0, 3))], [np.zeros((0, 3))], precision)
        tensorflow_engine.check_equal([np.array([True])], [np.array([True])], precision)

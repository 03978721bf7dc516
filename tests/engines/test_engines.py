"""The engines agree with Keras and with each other, and compile once."""

import functools
import gc
import importlib.util
import shutil
import warnings
import weakref
from collections import defaultdict
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.python.framework import convert_to_constants

import tp_visualisation as tpv
from tp_visualisation.engines import Network, OpenVINOEngine, TensorFlowEngine, choice, make_engine
from tp_visualisation.engines import openvino as openvino_engine
from tp_visualisation.engines.tensorflow import LARGEST_CACHE, freeze

SIZE = (12, 20)
needs_openvino = pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="OpenVINO is not installed")
ALL = [TensorFlowEngine, pytest.param(OpenVINOEngine, marks=needs_openvino)]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """What OpenVINO converts is kept in a folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def scores(network, inputs):
    return network.scores(inputs)


def scaled(network, inputs, factors, power):
    """A step with two arrays, an option and two results."""
    return network.scores(inputs) * factors[:, None] ** power, tf.reduce_sum(inputs, axis=[1, 2, 3])


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(inputs)
    x = layers.ReLU(6)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(5, activation="softmax")(layers.Dropout(0.5)(x)))


@pytest.fixture
def inputs():
    return np.random.default_rng(0).normal(0, 2, (7, *SIZE, 3)).astype(np.float32)


@pytest.mark.parametrize("engine", ALL)
def test_probabilities_are_those_of_keras(engine, model, inputs):
    ours = engine(Network(model)).run(scores, inputs)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(np.asarray(keras.ops.softmax(ours)), model(inputs, training=False), atol=1e-5)


@pytest.mark.parametrize("engine", ALL)
def test_several_arrays_and_results_keep_their_order(engine, model, inputs):
    factors = np.arange(7, dtype=np.float32)
    engine = engine(Network(model))
    plain = engine.run(scores, inputs)
    for power in (1, 2):
        first, second = engine.run(scaled, inputs, factors, power=power)
        np.testing.assert_allclose(first, plain * factors[:, None] ** power, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(second, inputs.sum(axis=(1, 2, 3)), rtol=1e-3, atol=1e-3)


@needs_openvino
def test_engines_agree_on_the_embedded_network(embedded, dalmatian):
    other = tpv.load_classifier(engine="openvino")
    assert other.engine.name == "openvino"
    images = [sample.image for sample in tpv.sample_images()[:3]] + [dalmatian]
    np.testing.assert_allclose(other.probabilities(images), embedded.probabilities(images), atol=1e-3)
    options = {"n_masks": 32, "design": "random", "seed": 1}
    ours, theirs = (tpv.saliency.rise(classifier, dalmatian, 251, **options) for classifier in (other, embedded))
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    np.testing.assert_array_equal(  # gradients are TensorFlow's whatever the engine
        tpv.saliency.gradient(other, dalmatian, 251), tpv.saliency.gradient(embedded, dalmatian, 251)
    )


@needs_openvino
def test_in_bf16_maps_are_nearly_the_same_and_scores_exactly(embedded, dalmatian):
    fast = tpv.load_classifier(engine="openvino-bf16")
    np.testing.assert_allclose(fast.scores(dalmatian), embedded.scores(dalmatian), atol=1e-4)
    options = {"n_masks": 256, "tolerance": 0}
    maps = [tpv.saliency.rise(classifier, dalmatian, 251, **options) for classifier in (fast, embedded)]
    assert np.corrcoef(maps[0].ravel(), maps[1].ravel())[0, 1] > 0.99


@pytest.mark.parametrize("wrong", [lambda y: y * 1.1, lambda y: y + np.nan, lambda y: y[:, ::-1], lambda y: y[:, :2]])
@needs_openvino
def test_a_wrong_conversion_is_noticed_and_tensorflow_runs_instead(wrong, model, inputs, monkeypatch):
    import openvino

    class Core(openvino.Core):
        def compile_model(self, *arguments):
            compiled = super().compile_model(*arguments)

            class Request:
                def infer(self, arrays):
                    (result,) = compiled(arrays).values()
                    return defaultdict(lambda: wrong(np.array(result)))

            return SimpleNamespace(create_infer_request=Request)

    monkeypatch.setattr(openvino, "Core", Core)
    engine = OpenVINOEngine(Network(model))
    expected = TensorFlowEngine(Network(model)).run(scores, inputs)
    with pytest.warns(UserWarning, match="OpenVINO fails here .*not compute what TensorFlow computes.*instead"):
        np.testing.assert_allclose(engine.run(scores, inputs), expected, rtol=1e-6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # said once
        np.testing.assert_allclose(engine.run(scores, inputs), expected, rtol=1e-6)


def flip_a_bit(path, place):
    content = bytearray(path.read_bytes())
    content[place] ^= 0x80  # the sign of a weight
    path.write_bytes(content)


SPOILT = {
    "nothing": lambda folder: None,
    "a weight": lambda folder: flip_a_bit(folder / "model.bin", 3),
    "the last weight": lambda folder: flip_a_bit(folder / "model.bin", -1),
    "the graph": lambda folder: flip_a_bit(folder / "model.xml", 100),
    "no weights": lambda folder: (folder / "model.bin").unlink(),
    "half of the weights": lambda folder: (folder / "model.bin").write_bytes((folder / "model.bin").read_bytes()[:99]),
    "no checksum": lambda folder: (folder / "sha256").unlink(),
    "another checksum": lambda folder: (folder / "sha256").write_bytes(b"\xff" * 64),
}


@pytest.mark.parametrize("spoilt", SPOILT)
@needs_openvino
def test_a_kept_conversion_is_compared_with_its_checksum(spoilt, model, inputs, tmp_path, monkeypatch):
    """What was changed, cut or half-written is converted again."""
    expected = OpenVINOEngine(Network(model)).run(scores, inputs)
    (folder,) = (tmp_path / "tp_visualisation" / "openvino").iterdir()
    SPOILT[spoilt](folder)
    converted = []
    convert = openvino_engine._converted
    monkeypatch.setattr(openvino_engine, "_converted", lambda graph: converted.append(1) or convert(graph))
    for _ in range(2):
        np.testing.assert_array_equal(OpenVINOEngine(Network(model)).run(scores, inputs), expected)
        assert len(converted) == (spoilt != "nothing")
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


@needs_openvino
def test_a_conversion_of_another_network_or_version_is_not_taken_for_this_one(model, inputs, tmp_path, monkeypatch):
    other = keras.Sequential([keras.Input((*SIZE, 3)), layers.Flatten(), layers.Dense(5)])
    expected = OpenVINOEngine(Network(model)).run(scores, inputs)
    (folder,) = (tmp_path / "tp_visualisation" / "openvino").iterdir()
    OpenVINOEngine(Network(other)).run(scores, inputs)
    (wrong,) = set(folder.parent.iterdir()) - {folder}
    shutil.rmtree(folder)
    shutil.copytree(wrong, folder)
    np.testing.assert_array_equal(OpenVINOEngine(Network(model)).run(scores, inputs), expected)

    import openvino

    monkeypatch.setattr(openvino, "__version__", "0")
    OpenVINOEngine(Network(model)).run(scores, inputs)
    assert len(list(folder.parent.iterdir())) == 3


@pytest.mark.parametrize("place", ["read_model", "compile_model"])
@needs_openvino
def test_whatever_openvino_stumbles_on_tensorflow_runs_instead(place, model, inputs, monkeypatch):
    import openvino

    def stumble(*arguments):
        raise NameError("name 'tensorflow' is not defined")

    monkeypatch.setattr(openvino.Core, place, stumble)
    engine = OpenVINOEngine(Network(model))
    with pytest.warns(UserWarning, match="OpenVINO fails here .NameError: name .tensorflow. is not defined"):
        results = engine.run(scores, inputs)
    np.testing.assert_allclose(results, TensorFlowEngine(Network(model)).run(scores, inputs), rtol=1e-6)


@needs_openvino
def test_what_tensorflow_cannot_do_either_is_no_failure_of_openvino(inputs):
    flat = keras.Sequential([keras.Input((*SIZE, 3)), layers.Flatten(), layers.Dense(2)])
    engine = OpenVINOEngine(Network(flat))
    assert engine.run(scores, inputs).shape == (len(inputs), 2)
    with pytest.raises(Exception, match="(?i)incompatible|invalid|size"):
        engine.run(scores, np.zeros((1, 99, 99, 3), np.float32))
    assert engine.failure is None


def test_engine_is_chosen_by_name(model):
    assert type(make_engine(Network(model))) is TensorFlowEngine
    assert type(make_engine(Network(model), engine="tensorflow")) is TensorFlowEngine
    wrong = "engine must be " + ", ".join(f'"{name}"' for name in choice.ENGINES[:-1]) + ' or "fastest", got '
    for name in ("onnx", "auto", None, "bf16"):
        with pytest.raises(ValueError, match=wrong):
            tpv.Classifier(model, engine=name)


@pytest.mark.parametrize(
    ("installed", "in_bf16", "largest", "name", "reason"),
    [
        (True, True, 10**7, "openvino-bf16", "OpenVINO is installed and this processor computes in bf16"),
        (False, False, 10**7, "tensorflow", choice.WHY["tensorflow"]),
        (True, False, 10**7, "tensorflow", choice.WHY["tensorflow"]),
        (True, True, 10**3, "tensorflow", "the network has more than 0 million weights"),  # freezing copies them
    ],
)
def test_fastest_says_what_it_chose_and_why(installed, in_bf16, largest, name, reason, monkeypatch):
    if installed:
        pytest.importorskip("openvino")
    else:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    model = keras.Sequential([keras.Input((*SIZE, 3)), layers.Flatten(), layers.Dense(2)])
    monkeypatch.setattr(choice, "computes_in_bf16", lambda: in_bf16)
    monkeypatch.setattr(choice, "tensorflow_has_bf16", lambda: False)
    monkeypatch.setattr(choice, "LARGEST_FROZEN", largest)
    classifier = tpv.Classifier(model, engine="fastest")
    assert (classifier.engine.name, classifier.engine.reason) == (name, reason)
    assert repr(classifier).endswith(f"input 12 x 20, {name}, the fastest here: {reason})")


@needs_openvino
@pytest.mark.parametrize(
    ("capabilities", "name"),
    [
        (["BF16", "FP16", "FP32", "INT8", "BIN", "EXPORT_IMPORT"], "openvino-bf16"),  # Intel with AMX
        (["BF16", "WINOGRAD", "FP32", "INT8", "BIN", "EXPORT_IMPORT"], "openvino-bf16"),  # AMD Zen 4
        (["WINOGRAD", "FP32", "INT8", "BIN", "EXPORT_IMPORT"], "tensorflow"),  # AVX2 and AVX-512 without bf16
        (["FP32", "FP16", "INT8", "BIN", "EXPORT_IMPORT"], "tensorflow"),  # Arm: OpenVINO would compute in f16
        (RuntimeError("no CPU plugin"), "tensorflow"),
    ],
)
def test_fastest_goes_by_what_openvino_says_of_the_processor(capabilities, name, model, monkeypatch):
    class Core:
        def get_property(self, device, prop):
            assert (device, prop) == ("CPU", "OPTIMIZATION_CAPABILITIES")
            if isinstance(capabilities, Exception):
                raise capabilities
            return capabilities

    monkeypatch.setattr("openvino.Core", Core)
    monkeypatch.setattr(choice, "tensorflow_has_bf16", lambda: False)
    engine = make_engine(Network(model), engine="fastest")
    assert engine.name == name
    assert engine.reason == choice.WHY[name]


def test_missing_openvino_says_what_to_install(model, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r'pip install "tp_visualisation\[openvino\]", or engine="tensorflow"'):
        make_engine(Network(model), engine="openvino")
    assert make_engine(Network(model), engine="fastest").name.startswith("tensorflow")


class Counted:
    """A step that counts how often it is traced."""

    def __init__(self, step):
        functools.update_wrapper(self, step)
        self.step, self.traces = step, 0

    def __call__(self, *arguments, **options):
        self.traces += 1
        return self.step(*arguments, **options)


@pytest.mark.parametrize("engine", ALL)
def test_step_is_traced_once_whatever_the_sizes(engine, model, inputs):
    step = Counted(scaled)
    engine = engine(Network(model))
    for n in (1, 2, 7, 3, 7, 1):
        engine.run(step, inputs[:n], np.ones(n, np.float32), power=1)
    engine.run(step, np.zeros((2, 30, 40, 3), np.float32), np.ones(2, np.float32), power=1)
    assert step.traces == 1
    engine.run(step, inputs, np.ones(7, np.float32), power=2)
    assert step.traces == 2
    engine.forget()
    engine.run(step, inputs, np.ones(7, np.float32), power=2)
    assert step.traces == 3


@pytest.mark.parametrize("engine", ALL)
def test_of_many_compiled_steps_those_asked_for_last_are_kept(engine, model, inputs):
    step = Counted(scaled)
    engine = engine(Network(model))

    def traces_of(power):
        before = step.traces
        engine.run(step, inputs, np.ones(7, np.float32), power=power)
        return step.traces - before

    assert [traces_of(power) for power in range(LARGEST_CACHE)] == [1] * LARGEST_CACHE
    first = weakref.ref(engine._compiled[next(iter(engine._compiled))])
    assert traces_of(1) == 0  # asked for again: now the first one is the oldest
    assert traces_of(LARGEST_CACHE) == 1
    assert len(engine._compiled) == LARGEST_CACHE
    gc.collect()
    assert first() is None
    assert [traces_of(power) for power in (1, 3, 0)] == [0, 0, 1]


def test_methods_do_not_trace_again(pooled, image, monkeypatch):
    traces = []
    trace = TensorFlowEngine._trace
    monkeypatch.setattr(TensorFlowEngine, "_trace", lambda *arguments: traces.append(1) or trace(*arguments))
    for _ in range(2):
        for n_masks in (16, 20, 128):
            tpv.saliency.rise(pooled, image, 1, n_masks=n_masks, design="random")
        tpv.saliency.gradient(pooled, image, 1)
        pooled.scores([image, image, image])
        pooled.scores(image)
        traces.append("end")
    assert 1 not in traces[traces.index("end") :]


def test_network_that_cannot_be_frozen_runs_as_it_was_traced(model, inputs, monkeypatch):
    def fail(function):
        raise NotImplementedError("lookup tables")

    expected = TensorFlowEngine(Network(model)).run(scores, inputs)
    monkeypatch.setattr(convert_to_constants, "convert_variables_to_constants_v2", fail)
    np.testing.assert_allclose(TensorFlowEngine(Network(model)).run(scores, inputs), expected, atol=1e-5)


def test_network_is_frozen_unless_it_is_large(model, inputs):
    traced = TensorFlowEngine(Network(model), frozen=False)._trace(scores, (tf.TensorSpec([None, *SIZE, 3]),), {})
    n_weights = model.count_params() - 4 * 8  # those of the batch normalisation are folded
    frozen, left = (freeze(traced, largest=largest) for largest in (n_weights, n_weights - 1))
    assert not frozen.graph.variables
    assert left is traced
    np.testing.assert_allclose(frozen(tf.constant(inputs))[0], left(tf.constant(inputs)), atol=1e-5)


def shifted(network, inputs, number, factor):
    return network.scores(inputs)[:, number] * factor


@pytest.mark.parametrize("engine", ALL)
def test_numbers_become_scalars_and_are_not_traced_again(engine, model, inputs):
    step, engine = Counted(shifted), engine(Network(model))
    plain = engine.run(scores, inputs)
    for number, factor in [(1, 2.0), (np.int64(3), np.float64(0.5)), (np.int32(0), 1.5)]:
        np.testing.assert_allclose(
            engine.run(step, inputs, number, factor), plain[:, number] * factor, rtol=1e-4, atol=1e-5
        )
    assert step.traces == 1


def test_arrays_given_are_left_alone(model, inputs):
    before = inputs.copy()
    TensorFlowEngine(Network(model)).run(scores, inputs)
    np.testing.assert_array_equal(inputs, before)

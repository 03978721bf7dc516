"""What changes where there is a GPU: one is pretended, and what runs is the CPU."""

import importlib.util

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.engines import Network, OpenVINOEngine, TensorFlowEngine, choice, gpu, half, make_engine, steps
from tp_visualisation.engines import tensorflow as tensorflow_engine

SIZE = (12, 20)


@pytest.fixture
def pretended(monkeypatch):
    """A GPU whose memory is set by calling this."""

    def of_bytes(memory):
        monkeypatch.setattr(gpu, "_memory", lambda: memory)

    for module in (tensorflow_engine, half, choice):
        monkeypatch.setattr(module, "gpus", lambda: ["GPU"])
    monkeypatch.setattr(tensorflow_engine, "_let_gpu_memory_grow", lambda: None)
    of_bytes(10**10)
    return of_bytes


@pytest.fixture
def classifier():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(inputs)
    x = layers.ReLU(6)(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    x = layers.ReLU(6, name="features")(layers.BatchNormalization()(x))
    model = keras.Model(inputs, layers.Dense(5)(layers.GlobalAveragePooling2D()(x)))
    rng = np.random.default_rng(0)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([rng.uniform(0.5, 1.5, weight.shape) for weight in layer.get_weights()])
    return tpv.Classifier(model, lambda images: images / 127.5 - 1)


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (*SIZE, 3)).astype(np.uint8)


def doubled(network, x, factor):
    return x * factor


def test_the_next_batches_are_under_way_before_one_is_read_and_results_keep_their_order(
    classifier, pretended, monkeypatch
):
    engine, happened = classifier.engine, []
    start, read = engine._start, engine._read
    monkeypatch.setattr(engine, "_start", lambda *arguments: happened.append("start") or start(*arguments))
    monkeypatch.setattr(engine, "_read", lambda *arguments: happened.append("read") or read(*arguments))
    batches = [(np.full((2, 1), number, np.float32), 2.0) for number in range(5)]
    results = list(engine.run_each(doubled, batches))
    assert [result[0, 0] for result in results] == [0, 2, 4, 6, 8]
    ahead = tensorflow_engine.AHEAD
    assert happened[: ahead + 1] == ["start"] * (ahead + 1)
    assert happened[ahead + 1 :] == ["read", "start"] * (4 - ahead) + ["read"] * (ahead + 1)


def test_what_is_the_same_array_as_before_is_sent_once(classifier, pretended, monkeypatch):
    sent, constant = [], tf.constant
    monkeypatch.setattr(tf, "constant", lambda value: sent.append(np.shape(value)) or constant(value))
    same = np.ones((3, 2), np.float32)
    list(classifier.run_each(doubled, ((same, np.full((3, 2), factor, np.float32)) for factor in range(4))))
    made_of_arrays = [shape for shape in sent if shape == (3, 2)]
    # Each call asks twice for a constant of what is a tensor already; then there are `same` and four factors.
    assert len(made_of_arrays) - 2 * 4 == 1 + 4


def test_without_a_gpu_each_batch_is_asked_for_when_its_turn_comes(classifier):
    taken = []

    def batches():
        for number in range(3):
            taken.append(number)
            yield np.full((1, 1), number, np.float32), 2.0

    results = classifier.run_each(doubled, batches())
    assert next(results) == 0
    assert taken == [0]


def test_the_bytes_of_an_image_are_those_of_every_layer():
    inputs = keras.Input((4, 4, 1))
    x = layers.Conv2D(2, 1, use_bias=False, activation="relu")(inputs)  # 32 numbers, and 32 after the activation
    model = keras.Model(inputs, layers.Dense(3, use_bias=False)(layers.GlobalAveragePooling2D()(x)))  # 2, then 3
    network = Network(model)
    network.input_shape = (4, 4, 1)
    assert 4 * (16 + 32 + 32 + 2 + 3) <= gpu._bytes_of_an_image(network) <= 4 * (2 * 16 + 32 + 32 + 2 * (2 + 3))


def test_none_takes_half_of_the_memory_and_never_more_than_what_a_gpu_gains_by(classifier, pretended):
    needed = gpu._bytes_of_an_image(classifier.engine.network)
    for memory, n_images in ((needed, 1), (6 * needed, 3), (7 * needed, 3), (10**12, gpu.LARGEST_BATCH)):
        pretended(memory)
        assert TensorFlowEngine(classifier.engine.network).batch_size(None, 16) == n_images


def test_a_given_size_stays_and_none_is_the_methods_own_where_nothing_is_known(classifier, pretended):
    assert classifier.engine.batch_size(5, 16) == 5
    pretended(0)  # as Apple's GPUs say
    assert classifier.engine.batch_size(None, 16) == 16
    black_box = tpv.Classifier(function=lambda x: np.full((len(x), 2), 0.5), input_size=SIZE)
    pretended(10**10)
    assert black_box.engine.batch_size(None, 16) == 16


def test_on_the_cpu_none_is_the_methods_own(classifier):
    assert classifier.engine.batch_size(None, 16) == 16


@pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="OpenVINO is not installed")
def test_openvino_does_not_ask_the_gpu(classifier, pretended):
    assert OpenVINOEngine(classifier.engine.network).batch_size(None, 16) == 16


@pytest.mark.parametrize("wanted", [0, -1, 2.5, "16"])
def test_a_size_that_cannot_be_is_refused(classifier, wanted):
    with pytest.raises(ValueError, match="batch_size must be"):
        classifier.engine.batch_size(wanted, 16)


METHODS = {
    "rise": {"n_masks": 40, "design": "random", "grid_size": 3},
    "rise, balanced": {"n_masks": 128, "tolerance": 0, "grid_size": 3},
    "occlusion": {},
    "quadtree_occlusion": {},
    "score_cam": {},
    "group_cam": {},
    "smoothgrad": {"n_samples": 7},
    "integrated_gradients": {"n_steps": 7},
    "xrai": {"n_steps": 4},
}


@pytest.mark.parametrize(("name", "options"), METHODS.items())
@pytest.mark.parametrize("n_images", [3, 256])
def test_maps_do_not_depend_on_what_the_gpu_holds(name, options, n_images, classifier, image, pretended, monkeypatch):
    method = tpv.saliency.METHODS[name.split(",")[0]]
    with monkeypatch.context() as without:
        without.setattr(tensorflow_engine, "gpus", lambda: [])
        expected = method(classifier, image, 1, **options)
    pretended(2 * n_images * gpu._bytes_of_an_image(classifier.engine.network))
    assert classifier.engine.batch_size(None, 16) == n_images
    np.testing.assert_allclose(method(classifier, image, 1, **options), expected, rtol=1e-4, atol=1e-6)


def multiplies_in_tf32(network, x):
    return tf.numpy_function(tf.config.experimental.tensor_float_32_execution_enabled, [], tf.bool)


def test_steps_multiply_in_float32_and_what_others_do_stays_as_it_was(classifier, pretended):
    enabled = tf.config.experimental.tensor_float_32_execution_enabled
    assert enabled()
    assert not classifier.engine.run(multiplies_in_tf32, np.ones(1, np.float32))
    assert enabled()
    with gpu.in_float32:  # of another thread, which is not done yet
        assert not classifier.engine.run(multiplies_in_tf32, np.ones(1, np.float32))
        assert not enabled()
    assert enabled()


def test_who_had_switched_tf32_off_has_it_off_afterwards(classifier, pretended):
    tf.config.experimental.enable_tensor_float_32_execution(False)
    try:
        classifier.engine.run(multiplies_in_tf32, np.ones(1, np.float32))
        assert not tf.config.experimental.tensor_float_32_execution_enabled()
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(True)


# Half precision


def test_half_precision_computes_the_scores_to_three_digits(classifier, image, pretended):
    x = classifier.prepare(image)
    engine = make_engine(classifier.engine.network, "tensorflow-f16")
    ours, expected = engine.run(steps.scores, x), classifier.input_scores(x)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, expected, atol=5e-3 * np.abs(expected).max())
    assert not np.array_equal(ours, expected)


def test_half_precision_folds_batch_normalisations_too(classifier, pretended):
    engine = make_engine(classifier.engine.network, "tensorflow-f16")
    graph = engine._trace(steps.scores, [tf.TensorSpec((None, None, None, 3))], {}).graph
    types = [(operation.type, operation.outputs[0].dtype) for operation in graph.get_operations() if operation.outputs]
    assert ("Conv2D", tf.float16) in types
    assert ("DepthwiseConv2dNative", tf.float16) in types
    assert not [name for name, _ in types if name in ("Rsqrt", "Mul", "FusedBatchNormV3")]


def test_half_precision_notices_new_weights_and_leaves_the_model_alone(classifier, image, pretended):
    half_classifier = tpv.Classifier(
        classifier.model, lambda images: images / 127.5 - 1, engine="tensorflow-f16", name="half"
    )
    before = tpv.saliency.occlusion(half_classifier, image, 1)
    classifier.model.set_weights([2 * weight for weight in classifier.model.get_weights()])
    after = tpv.saliency.occlusion(half_classifier, image, 1)
    expected = tpv.saliency.occlusion(classifier, image, 1)
    assert np.abs(after - before).max() > 10 * np.abs(after - expected).max()
    assert {layer.compute_dtype for layer in classifier.model.layers} == {"float32"}


def test_half_precision_wants_a_gpu(classifier):
    with pytest.raises(ValueError, match="needs a GPU, and TensorFlow sees none"):
        make_engine(classifier.engine.network, "tensorflow-f16")


def test_a_model_that_cannot_be_copied_is_refused(pretended):
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.pool, self.dense = layers.GlobalAveragePooling2D(), layers.Dense(3)

        def call(self, x):
            return self.dense(self.pool(x))

    own = Own()
    own.build((None, *SIZE, 3))
    with pytest.raises(ValueError, match="cannot be copied in half precision"):
        make_engine(Network(own), "tensorflow-f16")


def test_a_gpu_is_the_fastest(classifier, pretended):
    engine = make_engine(classifier.engine.network, "fastest")
    assert (engine.name, engine.reason) == ("tensorflow", "there is a GPU")


def test_every_image_goes_forward_there(classifier, pretended, monkeypatch):
    """To share a forward pass, which many classes of one image do on a CPU, takes longer on a GPU."""
    image = np.random.default_rng(0).uniform(0, 255, (1, *SIZE, 3)).astype(np.float32)
    monkeypatch.setattr(classifier._gradients, "_one_image", None)
    g = classifier.gradient(np.repeat(image, 3, axis=0), np.arange(3))
    np.testing.assert_allclose(g[2], classifier.gradient(image, 2)[0], rtol=1e-5, atol=1e-7)

"""A function in the place of a model: what only asks for probabilities explains it as it explains the model."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tp_visualisation as tpv

SIZE = (16, 20)
MASKING = {"rise": {"n_masks": 64}, "occlusion": {}, "quadtree_occlusion": {}}


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((*SIZE, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(6, 3, activation="relu")(inputs))
    return keras.Model(inputs, layers.Dense(4, activation="softmax", kernel_initializer="normal")(x))


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).integers(0, 256, (20, 26, 3), dtype=np.uint8)


def scaled(images):
    return images / 127.5 - 1


def test_a_function_is_explained_as_the_model_that_it_asks(model, image):
    seen = []

    def predict(inputs):
        seen.append((inputs.dtype, inputs.shape[1:]))
        return model(inputs).numpy().astype(np.float64)

    box = tpv.Classifier(function=predict, preprocess=scaled, input_size=SIZE, labels=list("abcd"))
    plain = tpv.Classifier(model, scaled, labels=list("abcd"))
    assert (box.name, box.activation, box.labels) == ("predict", "softmax", plain.labels)
    np.testing.assert_allclose(box.probabilities(image), plain.probabilities(image), rtol=1e-5)
    np.testing.assert_allclose(box.top(image)[0].probability, plain.top(image)[0].probability, rtol=1e-5)
    for name, options in MASKING.items():
        method = tpv.saliency.METHODS[name]
        np.testing.assert_allclose(method(box, image, "c", **options), method(plain, image, "c", **options), atol=1e-5)
    saliency_map = tpv.saliency.occlusion(plain, image, "c")
    curves = [tpv.evaluation.deletion(c, image, saliency_map, "c").auc for c in (box, plain)]
    assert curves[0] == pytest.approx(curves[1], abs=1e-5)
    assert set(seen) == {(np.dtype("float32"), (*SIZE, 3))}


def test_methods_that_look_inside_say_that_there_is_nothing_to_see(model, image):
    box = tpv.Classifier(function=lambda x: model(x).numpy(), input_size=SIZE)
    for name in ("gradient", "integrated_gradients", "guided_backprop", "xrai"):
        with pytest.raises(ValueError, match="gives probabilities and does not show the scores.*rise, occlusion"):
            tpv.saliency.METHODS[name](box, image, 1)
    for name in ("grad_cam", "score_cam", "cameras", "sess"):
        with pytest.raises(ValueError, match="has no feature map"):
            tpv.saliency.METHODS[name](box, image, 1)
    with pytest.raises(ValueError, match="cam needs a network that ends in"):
        tpv.saliency.cam(box, image, 1)
    for attack in ("fool", "fgsm", "pgd"):
        with pytest.raises(ValueError, match="does not show the scores"):
            tpv.adversarial.ATTACKS[attack](box, image, target=int(box.scores(image).argmin()))


def test_one_probability_is_that_of_yes_and_several_labels_are_to_be_said(image):
    def bright(x):
        return x.mean(axis=(1, 2, 3)) / 255

    box = tpv.Classifier(function=bright, input_size=SIZE, labels=["dark", "bright"])
    p = bright(box.prepare(image))[0]
    np.testing.assert_allclose(box.probabilities(image), [[1 - p, p]], rtol=1e-5)

    def labels(x):
        return np.stack([bright(x), bright(x) ** 2, np.ones(len(x))], axis=-1)

    with pytest.raises(ValueError, match=r"3 numbers in \[0, 1\] that add up to 1, got .*activation=.sigmoid"):
        tpv.Classifier(function=labels, input_size=SIZE)
    box = tpv.Classifier(function=labels, input_size=SIZE, activation="sigmoid")
    np.testing.assert_allclose(box.probabilities(image), [[p, p**2, 1]], rtol=1e-5)
    numbers = tpv.Classifier(function=lambda x: 300 * labels(x), input_size=SIZE, activation=None)
    np.testing.assert_allclose(numbers.scores(image), [[300 * p, 300 * p**2, 300]], rtol=1e-5)
    drop = tpv.saliency.occlusion(numbers, image, 0)
    assert drop.max() > 1


def test_what_goes_wrong_in_the_function_is_said_as_it_is(image):
    def moody(x):
        if len(x) > 2:
            raise RuntimeError("no more than two at a time")
        return np.full((len(x), 2), 0.5)

    box = tpv.Classifier(function=moody, input_size=SIZE)
    with pytest.raises(ValueError, match=r"function failed on inputs \(16, 16, 20, 3\): no more than two"):
        tpv.saliency.rise(box, image, 0)
    assert np.isfinite(tpv.saliency.rise(box, image, 0, batch_size=2, n_masks=64)).all()
    for wrong, message in {
        (lambda x: "cat"): "function failed.*could not convert",
        (lambda x: np.ones((1, 3)) / 3): r"must give 2 rows of K finite numbers .*got an array of shape \(1, 3\)",
        (lambda x: np.full((len(x), 3), np.nan)): "finite numbers",
    }.items():
        with pytest.raises(ValueError, match=message):
            tpv.Classifier(function=wrong, input_size=SIZE)
    with pytest.raises(ValueError, match=r"input_size=\(h, w\) is needed"):
        tpv.Classifier(function=moody)
    with pytest.raises(ValueError, match="a model is expected, or a function"):
        tpv.Classifier(keras.Sequential([layers.Flatten()]), function=moody)
    with pytest.raises(ValueError, match="a black box runs itself"):
        tpv.Classifier(function=moody, input_size=SIZE, engine="openvino")
    assert str(tpv.Classifier(function=moody, input_size=SIZE, engine="fastest").engine) == "tensorflow"


@pytest.mark.parametrize("end", ["softmax", "log_softmax", "sigmoid", "yes or no", "scores"])
def test_a_saved_model_shows_its_probabilities(end, image, tmp_path):
    """What is inside a SavedModel's functions is out of reach; which activation it ends in is read there."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((*SIZE, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(6, 3, activation="relu")(layers.Rescaling(1 / 255)(inputs)))
    activation = {"scores": None, "yes or no": "sigmoid"}.get(end, end)
    x = layers.Dense(1 if end == "yes or no" else 4, activation, kernel_initializer="glorot_uniform")(x)
    model = keras.Model(inputs, x)
    model.export(tmp_path / "saved", verbose=False)
    layer = layers.TFSMLayer(str(tmp_path / "saved"), call_endpoint="serve")
    again = keras.Input((*SIZE, 3))
    saved, plain = tpv.Classifier(keras.Model(again, layer(again))), tpv.Classifier(model)
    assert saved.activation == plain.activation == ("sigmoid" if activation == "sigmoid" else "softmax")
    np.testing.assert_allclose(saved.probabilities(image), plain.probabilities(image), rtol=1e-4)
    for name, options in MASKING.items():
        method = tpv.saliency.METHODS[name]
        np.testing.assert_allclose(method(saved, image, 1, **options), method(plain, image, 1, **options), atol=1e-5)
    if end == "scores":
        g = tpv.saliency.gradient(saved, image, 1)
        np.testing.assert_allclose(g, tpv.saliency.gradient(plain, image, 1), rtol=1e-3, atol=1e-9)
    else:
        with pytest.raises(ValueError, match="does not show the scores"):
            tpv.saliency.gradient(saved, image, 1)
    assert isinstance(saved.model.layers[-1], layers.TFSMLayer)
    assert tf.executing_eagerly()

"""What is explained can be chosen: a scalar of one's own, one of several inputs, the pixels of a segmentation."""

import copy
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import tp_visualisation as tpv

SIZE = (16, 20)
QUICK = {
    "rise": {"n_masks": 64},
    "smoothgrad": {"n_samples": 3},
    "smooth_grad_cam_plus_plus": {"n_samples": 2},
    "augmented_grad_cam": {"n_augmentations": 3},
    "extremal_perturbation": {"n_steps": 3, "grid_size": 8},
}
NEED_PROBABILITIES = ("sess", "meaningful_perturbation")
RAW = ("gradient", "gradient_times_input", "integrated_gradients", "cam", "rise", "occlusion", "quadtree_occlusion")


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(3)
    inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(6, 3, activation="relu")(layers.Rescaling(1 / 255)(inputs))
    x = layers.Dense(4, kernel_initializer="normal", bias_initializer="normal")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, layers.Softmax()(x))


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).integers(0, 256, (20, 26, 3), dtype=np.uint8)


def difference(scores):
    return scores[:, 3] - scores[:, 1]


def as_a_network(model, function):
    """The same network with that function of its scores as its only output, built by hand."""
    return keras.Model(model.input, layers.Lambda(lambda s: function(s)[:, None])(model.layers[-2].output))


@pytest.mark.parametrize("name", [name for name in tpv.saliency.METHODS if name not in NEED_PROBABILITIES])
def test_a_scalar_of_ones_own_is_explained_as_a_network_that_ends_in_it(name, model, image):
    classifier, by_hand = tpv.Classifier(model), tpv.Classifier(as_a_network(model, difference))
    method, options = tpv.saliency.METHODS[name], QUICK.get(name, {})
    if name in ("cam", "guided_backprop", "cameras"):
        options = {}
    if name == "cam":  # a difference is no dense layer
        with pytest.raises(ValueError, match="cam needs a network that ends in"):
            method(classifier, image, difference)
        return
    saliency_map = method(classifier, image, difference, **options)
    np.testing.assert_allclose(saliency_map, method(by_hand, image, 0, **options), rtol=1e-4, atol=1e-6)
    assert saliency_map.shape == image.shape[:2]


def test_the_difference_of_two_classes_is_the_difference_of_their_maps(model, image):
    classifier = tpv.Classifier(model)
    for name in ("gradient_times_input", "integrated_gradients"):
        method = tpv.saliency.METHODS[name]
        expected = method(classifier, image, 3) - method(classifier, image, 1)
        np.testing.assert_allclose(method(classifier, image, difference), expected, atol=1e-5)

    def probability(scores):
        return ops.softmax(scores)[:, 2]

    for name in ("rise", "occlusion", "quadtree_occlusion"):
        method = tpv.saliency.METHODS[name]
        options = QUICK.get(name, {})
        expected = method(classifier, image, 2, **options)
        np.testing.assert_allclose(method(classifier, image, probability, **options), expected, rtol=1e-4, atol=1e-6)


def test_a_target_function_is_compiled_once_and_follows_the_weights(model, image):
    classifier = tpv.Classifier(keras.models.clone_model(model))
    calls = []

    def counted(scores):
        calls.append(1)
        return scores[:, 0] * 2

    first = tpv.saliency.grad_cam(classifier, image, counted)
    n_calls = len(calls)
    np.testing.assert_array_equal(tpv.saliency.grad_cam(classifier, image, counted), first)
    assert len(calls) == n_calls
    assert len(classifier.scores(image)[0]) == 4  # the classifier itself stays as it was
    classifier.model.set_weights([2 * weight for weight in classifier.model.get_weights()])
    assert np.abs(tpv.saliency.occlusion(classifier, image, counted)).max() > 0
    expected = tpv.saliency.occlusion(tpv.Classifier(classifier.model), image, counted)
    np.testing.assert_array_equal(tpv.saliency.occlusion(classifier, image, counted), expected)


def test_what_is_no_scalar_is_refused(model, image):
    classifier = tpv.Classifier(model)
    with pytest.raises(
        ValueError, match=r"one number for each image, \(N,\), of the scores \(N, 4\); it gave \(N, 4\)"
    ):
        tpv.saliency.grad_cam(classifier, image, lambda scores: scores)
    with pytest.raises(ValueError, match=r"it gave \(\)"):
        tpv.saliency.rise(classifier, image, lambda scores: tf.reduce_sum(scores))
    with pytest.raises(ValueError, match="no gradient here"):
        tpv.saliency.gradient(
            classifier, image, lambda scores: tf.round(scores[:, 0]) * 0 + tf.cast(scores[:, 0] > 0, "float32")
        )
    with pytest.raises(ValueError, match="gives no probabilities"):
        tpv.saliency.sess(classifier, image, difference)
    with pytest.raises(ValueError, match="target must be a class index, a label or a WordNet id, got <function"):
        tpv.adversarial.fool(classifier, image, difference)
    with pytest.raises(ValueError, match="target must be a class index, a label or a WordNet id, got <function"):
        tpv.evaluation.deletion(classifier, image, np.eye(20, 26), difference)


def test_the_pixels_of_a_segmentation_are_explained_by_a_function_of_them(image):
    inputs = keras.Input((*SIZE, 3))
    x = layers.Conv2D(3, 1, activation="softmax", name="pixels")(layers.Rescaling(1 / 255)(inputs))
    classifier = tpv.Classifier(keras.Model(inputs, x), labels=["sky", "sea", "sand"])
    assert classifier.scores(image).shape == (1, *SIZE, 3)
    assert classifier.output_shape == (None, *SIZE, 3)
    resized = tpv.images.resize(image, SIZE)

    def corner(outputs):
        return outputs[:, 2, 5, 1]

    saliency_map = tpv.saliency.gradient(classifier, resized, corner)
    assert (np.argwhere(saliency_map) == [[2, 5]]).all()  # a 1 × 1 convolution sees its own pixel
    row, column = np.unravel_index(np.abs(tpv.saliency.occlusion(classifier, resized, corner)).argmax(), SIZE)
    assert abs(row - 2) <= 2
    assert abs(column - 5) <= 2
    for target in (None, 1, "sea"):
        with pytest.raises(ValueError, match=r"gives outputs \(None, 16, 20, 3\), not one score a class.*function"):
            tpv.saliency.rise(classifier, image, target)
    with pytest.raises(ValueError, match="gives no probabilities"):
        classifier.top(image)
    with pytest.raises(ValueError, match=r"activation is for outputs \(N, K\)"):
        tpv.Classifier(keras.Model(inputs, x), activation="softmax")


@pytest.mark.parametrize("as_dict", [False, True])
def test_the_other_inputs_are_fixed(as_dict, image):
    """Of two inputs the one that takes the images is explained, with the other held."""
    keras.utils.set_random_seed(1)
    age, photograph = keras.Input((2,), name="age"), keras.Input((*SIZE, 3), name="photograph")
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(photograph))
    x = layers.Dense(3, kernel_initializer="normal")(layers.Concatenate()([x, age]))
    inputs = {"photograph": photograph, "age": age} if as_dict else [age, photograph]
    model = keras.Model(inputs, x)
    classifier = tpv.Classifier(model, fixed_inputs={"age": [30, 2.5]})
    assert classifier.input_size == SIZE
    prepared = classifier.prepare([image, image[::-1]])
    ages = np.repeat([[30, 2.5]], 2, axis=0)
    expected = model({"photograph": prepared, "age": ages} if as_dict else [ages, prepared])
    np.testing.assert_allclose(classifier.scores([image, image[::-1]]), expected, rtol=1e-5)
    for name, method in tpv.saliency.METHODS.items():
        if name != "cam":
            assert np.isfinite(method(classifier, image, 1, **QUICK.get(name, {}))).all()
    steps = tpv.evaluation.cascading_randomization(classifier, image, 1, method="grad_cam", layers=1)
    assert np.isfinite(steps[0].spearman).all()

    with pytest.raises(ValueError, match="this model has 2, (photograph, age|age, photograph).*Fix the others"):
        tpv.Classifier(model)
    with pytest.raises(ValueError, match="the model has no input 'sex': its inputs are"):
        tpv.Classifier(model, fixed_inputs={"sex": 1})
    with pytest.raises(ValueError, match=r"age must have the shape \(2,\), got \(3,\)"):
        tpv.Classifier(model, fixed_inputs={"age": [1, 2, 3]})


def test_a_used_classifier_can_be_copied_and_pickled(model, image):
    classifier = tpv.Classifier(model, labels=list("abcd"))
    expected = tpv.saliency.grad_cam(classifier, image, "b")
    tpv.saliency.grad_cam(classifier, image, lambda scores: scores[:, 0])
    for twin in (copy.copy(classifier), copy.deepcopy(classifier), pickle.loads(pickle.dumps(classifier))):
        np.testing.assert_allclose(tpv.saliency.grad_cam(twin, image, "b"), expected, rtol=1e-5, atol=1e-7)
        assert twin.engine.network.model is twin.model
    assert copy.deepcopy(classifier).model is not classifier.model

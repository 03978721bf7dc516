"""Score-CAM against a loop over the channels done by hand."""

import keras
import numpy as np
import pytest
from keras import layers

import tp_visualisation as tpv
from tp_visualisation.images import resize
from tp_visualisation.saliency.score_cam import score_cam

N_CHANNELS = 7


@pytest.fixture(scope="module")
def strided():
    """Seven feature maps of 4 x 5 from an input of 12 x 20 centred on 0; channel 2 is dead, channel 4 is constant."""
    keras.utils.set_random_seed(3)
    inputs = keras.Input((12, 20, 3))
    x = layers.Conv2D(N_CHANNELS, (3, 4), strides=(3, 4), name="conv")(inputs)
    x = layers.GlobalAveragePooling2D()(layers.ReLU(name="features")(x))
    model = keras.Model(inputs, layers.Dense(3, activation="softmax", name="scores")(x))
    kernel, bias = model.get_layer("conv").get_weights()
    kernel[..., [2, 4]], bias[4] = 0, 1
    model.get_layer("conv").set_weights([kernel, bias])
    head, _ = model.get_layer("scores").get_weights()
    model.get_layer("scores").set_weights([5 * head, np.float32([0.1, 0.2, 0.3])])
    return tpv.Classifier(model, preprocess=lambda images: images / 127.5 - 1)


def score_cam_by_hand(classifier, image, target, weights_of_scores, layer=None):
    """Return Σ w A, before it is stretched and cut at 0; `weights_of_scores` turns logits (n, K) into weights (n,)."""
    x = classifier.prepare(image)
    A = classifier.activations_and_gradients(x, target, layer)[0][0]
    kept = [k for k in range(A.shape[-1]) if A[..., k].max() > A[..., k].min()]
    logits = []
    for k in kept:
        mask = resize(A[..., k], x.shape[1:3])
        mask = (mask - mask.min()) / (mask.max() - mask.min())
        logits.append(classifier.input_scores(x * mask[..., None])[0])
    return A[..., kept] @ weights_of_scores(np.array(logits, np.float64))


def softmax(values, axis=-1):
    return np.exp(values) / np.exp(values).sum(axis=axis, keepdims=True)


@pytest.mark.parametrize("target", [0, 1])
def test_weights_are_the_probabilities_of_the_masked_inputs(strided, image, target):
    expected = score_cam_by_hand(strided, image, target, lambda logits: softmax(logits)[:, target])
    np.testing.assert_allclose(score_cam(strided, image, target), resize(expected, (12, 20)), rtol=1e-4)


def test_masks_of_the_size_of_the_input_are_used_as_they_are(pooled, image):
    expected = score_cam_by_hand(pooled, image, 1, lambda logits: softmax(logits)[:, 1])
    np.testing.assert_allclose(score_cam(pooled, image, 1), expected, rtol=1e-4, atol=1e-6)


def test_increase_weighs_by_a_softmax_of_the_scores_over_the_channels(strided, image):
    expected = score_cam_by_hand(strided, image, 1, lambda logits: softmax(logits[:, 1]))
    saliency_map = score_cam(strided, image, 1, weighting="increase")
    np.testing.assert_allclose(saliency_map, resize(expected, (12, 20)), rtol=1e-4)


def test_a_layer_of_both_signs_is_stretched_first_and_cut_at_zero_last(strided, image):
    total = score_cam_by_hand(strided, image, 0, lambda logits: softmax(logits)[:, 0], layer="conv")
    assert total.min() < 0 < total.max()
    np.testing.assert_allclose(
        score_cam(strided, image, 0, layer="conv"), np.maximum(resize(total, (12, 20)), 0), rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("weighting", ["probability", "increase"])
def test_flat_feature_maps_alone_give_a_map_of_zeros(strided, weighting):
    constant = np.full((12, 20, 3), 90, np.uint8)
    np.testing.assert_array_equal(score_cam(strided, constant, 0, weighting=weighting), 0)


def test_batch_size_does_not_change_the_map(strided, image):
    whole = score_cam(strided, image, 0)
    for batch_size in (1, 4):
        np.testing.assert_allclose(score_cam(strided, image, 0, batch_size=batch_size), whole, rtol=1e-5)


def test_batch_form_gives_the_map_of_each_image(strided):
    images = np.random.default_rng(0).uniform(0, 255, (3, 12, 20, 3)).astype(np.float32)
    images[1] /= 300  # a dark window, which a check of whole images would refuse
    maps, _ = tpv.saliency.BATCHED["score_cam"](strided, images, 1)
    np.testing.assert_allclose(maps[2], score_cam(strided, images[2], 1), rtol=1e-5)
    assert np.isfinite(maps).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"weighting": "softmax"}, 'weighting must be "probability" or "increase", got \'softmax\''),
        ({"batch_size": 0}, "batch_size"),
        ({"layer": "featurs"}, 'Closest: "features"'),
    ],
)
def test_bad_option_is_refused(options, message, strided, image):
    with pytest.raises(ValueError, match=message):
        score_cam(strided, image, 0, **options)

import cv2
import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.class_model import deep_dream

SIZE = (12, 20)


def test_a_dream_climbs_the_mean_square_of_the_layer(pooled, image):
    """A = ReLU(I K) at each pixel: the gradient of its mean square is ∝ A Kᵀ; a step changes 2 levels on average."""
    kernel = pooled.model.get_layer("conv").get_weights()[0][0, 0]
    middle = 80 + image / 4  # away from black and white
    result = deep_dream(pooled, middle, layer="features", n_octaves=1, n_steps=1, step_size=2, jitter=0)
    g = np.maximum(middle @ kernel, 0) @ kernel.T
    np.testing.assert_allclose(result, middle + 2 * g / np.abs(g).mean(), rtol=1e-4)


def test_a_dream_of_several_octaves_raises_the_activations(pooled, image):
    def activation(image):
        a = pooled.activations_and_gradients(image[None].astype(np.float32), 0, "features")[0]
        return (a**2).mean()

    copy = image.copy()
    dreams = [deep_dream(pooled, image, layer="features", n_octaves=2, octave_scale=1.3, n_steps=3) for _ in range(2)]
    assert activation(dreams[0]) > 1.05 * activation(image)
    np.testing.assert_array_equal(dreams[0], dreams[1])
    np.testing.assert_array_equal(image, copy)
    assert dreams[0].min() >= 0
    assert dreams[0].max() <= 255


def test_an_octave_begins_with_what_the_smaller_one_drew(pooled, image):
    photograph = 80 + image / 4
    small = cv2.resize(photograph, (13, 8), interpolation=cv2.INTER_AREA)
    options = {"n_steps": 2, "step_size": 3, "jitter": 0}
    drawn = deep_dream(pooled, small, layer="features", n_octaves=1, **options) - small
    enlarged = photograph + tpv.images.resize(drawn, SIZE)
    expected = deep_dream(pooled, enlarged, layer="features", n_octaves=1, **options)
    result = deep_dream(pooled, photograph, layer="features", n_octaves=2, octave_scale=1.5, **options)
    np.testing.assert_allclose(result, expected, atol=1e-3)


def test_a_real_dream_takes_photographs_of_other_sizes(embedded, dalmatian):
    photograph = tpv.images.resize(dalmatian, (100, 140))
    result = deep_dream(embedded, photograph, n_octaves=2, n_steps=2)
    assert result.shape == (100, 140, 3)
    assert 1 < np.abs(result - photograph).mean() < 20


@pytest.mark.parametrize("progress", [False, True])
def test_progress_is_a_bar_over_all_octaves_on_stderr(pooled, image, bars_at_once, capsys, progress):
    deep_dream(pooled, image, layer="features", n_octaves=2, octave_scale=1.3, n_steps=3, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("features" in err and "6/6" in err) if progress else err == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_octaves": 0}, "n_octaves must be at least 1"),
        ({"n_octaves": 9}, "under 8 pixels"),
        ({"octave_scale": 1}, "octave_scale must be greater than 1"),
        ({"n_steps": 0}, "n_steps must be at least 1"),
        ({"step_size": -1}, "step_size must be greater than 0"),
        ({"jitter": -1}, "jitter must be at least 0"),
        ({"layer": "head"}, "no layer"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": 0.5}, "seed must be a whole number"),
    ],
)
def test_impossible_dreams_are_refused(pooled, image, options, message):
    with pytest.raises(ValueError, match=message):
        deep_dream(pooled, image, **options)


def test_a_bad_photograph_is_refused(pooled, image):
    with pytest.raises(ValueError, match="multiply it by 255"):
        deep_dream(pooled, image / 255, layer="features")


def test_a_dream_in_a_network_of_one_size_is_refused(classifier):
    with pytest.raises(ValueError, match="no feature map"):
        deep_dream(classifier, np.zeros((12, 20, 3), np.uint8), n_octaves=1)


def test_it_dreams_with_the_weights_of_now():
    inputs = keras.Input((24, 24, 3))
    x = keras.layers.Conv2D(64, 3, use_bias=False, name="conv")(inputs)
    x = keras.layers.BatchNormalization(name="bn")(x)
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(x)))
    image = np.random.default_rng(0).uniform(0, 255, (24, 24, 3)).astype(np.float32)
    options = {"layer": "bn", "n_octaves": 1, "n_steps": 2, "jitter": 0}
    classifier = tpv.Classifier(model)
    before = deep_dream(classifier, image, **options)
    kernel = model.get_layer("conv").kernel
    kernel.assign(np.random.default_rng(1).normal(size=kernel.shape))
    after = deep_dream(classifier, image, **options)
    np.testing.assert_allclose(after, deep_dream(tpv.Classifier(model), image, **options), atol=1e-2)
    assert abs(after - before).max() > 1

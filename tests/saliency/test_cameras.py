import cv2
import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.saliency.cameras import cameras, upsample_input


def minmax(array):
    return (array - array.min()) / (array.max() - array.min())


def as_written(classifier, image, target, sizes):
    """The definition, with the large arrays: upsample, average, multiply."""
    x = classifier.prepare(image)[0]
    mean_a = mean_g = 0
    for size in sizes:
        larger = cv2.resize(x, size[::-1], interpolation=cv2.INTER_CUBIC)[None]
        a, g, _ = classifier.activations_and_gradients(larger, target)
        a, g = (
            np.stack([cv2.resize(channel, sizes[0][::-1]) for channel in np.moveaxis(array[0], -1, 0)])
            for array in (a, g)
        )
        mean_a, mean_g = mean_a + a / len(sizes), mean_g + g / len(sizes)
    return minmax(np.maximum((mean_g * mean_a).sum(axis=0), 0))


def test_one_size_is_the_product_of_gradients_and_activations_pixel_by_pixel(pooled, image):
    a, g, _ = pooled.activations_and_gradients(image[None], 1)
    saliency_map = cameras(pooled, image, 1, sizes=[(12, 20)])
    np.testing.assert_allclose(saliency_map, minmax(np.maximum((g * a).sum(axis=-1)[0], 0)), atol=1e-6)


def test_several_sizes_are_averaged_before_they_are_multiplied(nested):
    image = np.random.default_rng(3).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    sizes = [(96, 96), (160, 128), (64, 200)]
    saliency_map = cameras(nested, image, 1, sizes=sizes)
    np.testing.assert_allclose(saliency_map, as_written(nested, image, 1, sizes), atol=1e-4)


def test_default_sizes_are_those_of_the_authors_program(monkeypatch):
    inputs = keras.Input((224, 224, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(2, 8, strides=32)(inputs))
    classifier = tpv.Classifier(keras.Model(inputs, keras.layers.Dense(2)(x)))
    seen = []
    whole = classifier.run_backward

    def watched(step, x, targets, **options):
        seen.append(x.shape[1:3])
        return whole(step, x, targets, **options)

    monkeypatch.setattr(classifier, "run_backward", watched)
    cameras(classifier, np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8), 1)
    assert seen == [(side, side) for side in (224, 324, 424, 524, 624, 724, 824, 924)]


def test_an_integer_is_the_shorter_side_of_an_input_that_is_not_square(pooled, image):
    by_side = cameras(pooled, image, 1, sizes=[12, 30])
    np.testing.assert_array_equal(by_side, cameras(pooled, image, 1, sizes=[(12, 20), (30, 50)]))


def test_input_is_enlarged_by_cubic_convolution_with_a_of_minus_three_quarters():
    step = np.repeat(np.float32([[0, 0, 0, 1, 1, 1]]), 6, axis=0)[..., None]
    # The pixels of twice the size lie 1/4 and 3/4 between two others: at 1/4 before the step the weights of its
    # four neighbours, W(5/4), W(1/4), W(3/4), W(7/4), are below, with W(d) = a d³ - 5a d² + 8a d - 4a where d > 1.
    a = -0.75
    far = a * 1.75**3 - 5 * a * 1.75**2 + 8 * a * 1.75 - 4 * a
    near = (a + 2) * 0.75**3 - (a + 3) * 0.75**2 + 1
    larger = upsample_input(step, (12, 12))
    assert larger.shape == (12, 12, 1)
    np.testing.assert_allclose(larger[6, 5, 0], near + far, atol=1e-6)
    np.testing.assert_allclose(larger[6, 4, 0], a * 1.25**3 - 5 * a * 1.25**2 + 8 * a * 1.25 - 4 * a, atol=1e-6)


@pytest.fixture(scope="module")
def fickle():
    """Two scores of A = relu(grey): mean(A), and Σ A² / 40 000, larger from 400 pixels on where A is near 100."""
    inputs = keras.Input((12, 12, 3))
    features = keras.layers.ReLU(name="features")(keras.layers.Conv2D(1, 1, use_bias=False, name="grey")(inputs))
    mean = keras.layers.Lambda(lambda a: keras.ops.mean(a, axis=(1, 2)))(features)
    total = keras.layers.Lambda(lambda a: keras.ops.sum(a * a, axis=(1, 2)) / 40_000)(features)
    model = keras.Model(inputs, keras.layers.Concatenate()([mean, total]))
    model.get_layer("grey").set_weights([np.full((1, 1, 3, 1), 1 / 3, np.float32)])
    return tpv.Classifier(model)


@pytest.fixture
def photograph():
    return np.random.default_rng(5).uniform(90, 110, (12, 12, 3)).astype(np.float32)


def test_size_that_changes_the_prediction_is_left_out_when_no_class_is_asked_for(fickle, photograph):
    sizes = [(12, 12), (16, 16), (30, 30)]
    gated = cameras(fickle, photograph, sizes=sizes)
    np.testing.assert_array_equal(gated, cameras(fickle, photograph, 0, sizes=sizes[:2]))
    every = cameras(fickle, photograph, 0, sizes=sizes)
    np.testing.assert_allclose(every, as_written(fickle, photograph, 0, sizes), atol=1e-4)
    assert np.abs(every - gated).max() > 0.01


def test_predicted_class_is_that_of_the_first_size(fickle, photograph):
    first_is_large = cameras(fickle, photograph, sizes=[(30, 30), (12, 12)])
    np.testing.assert_array_equal(first_is_large, cameras(fickle, photograph, 1, sizes=[(30, 30)]))


def test_network_with_a_flatten_is_refused_for_other_sizes_and_works_in_its_own():
    inputs = keras.Input((12, 12, 3))
    x = keras.layers.Conv2D(2, 3, padding="same")(inputs)
    classifier = tpv.Classifier(keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(x))))
    image = np.random.default_rng(0).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    with pytest.raises(ValueError, match="12 x 12 inputs but not 112 x 112.*instead of a flatten"):
        cameras(classifier, image, 1)
    assert np.isfinite(cameras(classifier, image, 1, sizes=[12])).all()


@pytest.mark.parametrize("sizes", [[], 224, "12", [0], [(12, 0)], [(12, 20, 3)], ["a"], [(12.5, 20)]])
def test_impossible_sizes_are_refused(sizes, pooled, image):
    with pytest.raises(ValueError, match="sizes must (hold|be)"):
        cameras(pooled, image, 1, sizes=sizes)


def test_unknown_layer_gets_the_nearest_names(pooled, image):
    with pytest.raises(ValueError, match='no layer "feature". Closest: "features"'):
        cameras(pooled, image, 1, layer="feature")


def test_class_for_which_nothing_speaks_gives_zeros(pooled):
    blue = np.zeros((12, 20, 3), np.uint8)
    blue[..., 2] = 200
    blue[3, 4] = (200, 0, 0)
    assert cameras(pooled, blue, 0, sizes=[12]).max() == 1
    pure_blue = np.zeros((12, 20, 3), np.uint8)
    np.testing.assert_array_equal(cameras(pooled, pure_blue, 0, sizes=[12, 24]), 0)


def test_map_takes_the_size_of_the_image_and_stays_in_0_to_1(pooled):
    image = np.random.default_rng(2).integers(0, 256, (31, 47, 3), dtype=np.uint8)
    saliency_map = cameras(pooled, image, 1, sizes=[12, 20])
    assert saliency_map.shape == (31, 47)
    assert saliency_map.dtype == np.float32
    assert saliency_map.min() >= 0
    assert 0.5 < saliency_map.max() <= 1


def test_map_depends_on_the_class(embedded, dalmatian):
    dog, cat = (cameras(embedded, dalmatian, target, sizes=[224, 324]) for target in (251, 281))
    assert np.corrcoef(dog.ravel(), cat.ravel())[0, 1] < 0.9

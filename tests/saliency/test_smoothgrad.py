"""SmoothGrad: what noise leaves of a gradient that is known."""

import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.saliency.gradients import gradient
from tp_visualisation.saliency.noise import batches_of_normals
from tp_visualisation.saliency.smoothgrad import smoothgrad


@pytest.fixture
def noise():
    return np.random.default_rng(3).standard_normal((5, 12, 20, 3))


def test_without_noise_is_the_gradient(classifier, image):
    saliency_map = smoothgrad(classifier, image, 1, noise_level=0, n_samples=3)
    np.testing.assert_allclose(saliency_map, gradient(classifier, image, 1), rtol=1e-5)


def test_given_noise_is_scaled_added_and_its_gradients_averaged_with_their_signs(classifier, image, weights, noise):
    sigma = 0.2 * (image.max() - image.min())
    expected = np.abs(2 * weights * (image + sigma * noise.mean(axis=0))).max(axis=-1)
    saliency_map = smoothgrad(classifier, image, 1, noise_level=0.2, noise=noise, batch_size=2)
    np.testing.assert_allclose(saliency_map, expected, rtol=1e-4)


def test_squared_averages_the_squares(classifier, image, weights, noise):
    sigma = 0.15 * (image.max() - image.min())
    expected = ((2 * weights * (image + sigma * noise)) ** 2).mean(axis=0).max(axis=-1)
    saliency_map = smoothgrad(classifier, image, 1, squared=True, noise=noise, batch_size=2)
    np.testing.assert_allclose(saliency_map, expected, rtol=1e-4)


def test_default_is_fifty_copies_with_noise_of_fifteen_percent(classifier, image):
    normals = np.random.default_rng(0).standard_normal((50, 12, 20, 3), dtype=np.float32)
    expected = smoothgrad(classifier, image, 1, noise=normals, noise_level=0.15)
    np.testing.assert_allclose(smoothgrad(classifier, image, 1), expected, rtol=1e-5)


def test_seed_fixes_the_noise_whatever_the_batch_size(classifier, image):
    first, again, other = (smoothgrad(classifier, image, 1, seed=seed, n_samples=9) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)
    cut = smoothgrad(classifier, image, 1, n_samples=9, batch_size=4)
    np.testing.assert_allclose(cut, first, rtol=1e-5)


def test_batch_is_each_image_by_itself(pooled, image):
    images = np.stack([image, image[::-1]])
    expected = [smoothgrad(pooled, one, 1) for one in images]
    np.testing.assert_allclose(tpv.saliency.BATCHED["smoothgrad"](pooled, images, 1).saliency_maps, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_samples": 0}, "n_samples"),
        ({"batch_size": 0}, "batch_size"),
        ({"noise_level": -0.1}, "noise_level"),
        ({"noise_level": np.nan}, "noise_level"),
        ({"noise": np.zeros((5, 20, 12, 3))}, r"shape \(n, 12, 20, 3\)"),
        ({"noise": np.zeros((0, 12, 20, 3))}, r"shape \(n, 12, 20, 3\)"),
    ],
)
def test_impossible_options_are_refused(options, message, classifier, image):
    with pytest.raises(ValueError, match=message):
        smoothgrad(classifier, image, 1, **options)


@pytest.mark.parametrize("n_samples", [7, 50, 101, 120])
def test_noise_is_the_same_however_it_is_cut(n_samples):
    (whole,) = batches_of_normals(None, n_samples, n_samples, (4, 3), 5)
    for batch_size in (1, 32, 50, 77):
        parts = list(batches_of_normals(None, n_samples, batch_size, (4, 3), 5))
        assert {len(part) for part in parts[:-1]} <= {batch_size}
        np.testing.assert_array_equal(np.concatenate(parts), whole)
    of_the_seed = np.random.default_rng(5).standard_normal((min(n_samples, 50), 4, 3, 3), np.float32)
    np.testing.assert_array_equal(whole[:50], of_the_seed)
    assert len(np.unique(whole)) > 0.99 * whole.size  # no generator repeats another's numbers

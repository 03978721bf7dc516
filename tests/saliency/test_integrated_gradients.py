"""Integrated gradients: completeness, exact integrals, and the three rules."""

import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.saliency.integrated_gradients import integrated_gradients, nodes

RULES = ["gauss_legendre", "midpoint", "trapezoid"]


@pytest.fixture(scope="module")
def smooth():
    """A small network without corners: two convolutions, tanh and softplus."""
    keras.utils.set_random_seed(0)
    inputs = keras.Input((12, 20, 3))
    x = keras.layers.Conv2D(4, 3, activation="tanh")(inputs)
    x = keras.layers.Conv2D(4, 3, activation="softplus")(x)
    outputs = keras.layers.Dense(3)(keras.layers.Flatten()(x))
    return tpv.Classifier(keras.Model(inputs, outputs), preprocess=lambda images: (images - 127) / 64)


@pytest.mark.parametrize("rule", RULES)
def test_integral_of_a_quadratic_score_is_exact(rule, classifier, image, weights):
    saliency_map = integrated_gradients(classifier, image, 1, rule=rule, n_steps=2)
    np.testing.assert_allclose(saliency_map, (weights * image**2).sum(axis=-1), rtol=1e-3, atol=1e-4)


def test_baseline_is_an_image(classifier, image, weights):
    baseline = np.full_like(image, 90)
    saliency_map = integrated_gradients(classifier, image, 1, baseline=baseline, n_steps=3)
    expected = (weights * (image**2 - baseline**2)).sum(axis=-1)
    np.testing.assert_allclose(saliency_map, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("rule", "error"), [("gauss_legendre", 1e-4), ("midpoint", 1e-3), ("trapezoid", 1e-3)])
def test_sum_is_the_difference_of_scores_on_a_smooth_network(rule, error, smooth, image):
    attribution = integrated_gradients(smooth, image, 1, rule=rule, n_steps=200, return_attribution=True)
    x = smooth.prepare(image)
    difference = np.diff(smooth.input_scores(np.concatenate([np.zeros_like(x), x]))[:, 1])[0]
    assert abs(difference) > 0.1
    assert attribution.score_difference == pytest.approx(difference, rel=1e-5)
    assert attribution.completeness_error < error * abs(difference)
    assert attribution.saliency_map.sum() == pytest.approx(difference, rel=2 * error)


def test_completeness_error_is_what_the_sum_misses_and_falls_with_the_steps(smooth, image):
    attributions = [
        integrated_gradients(smooth, image, 1, rule="midpoint", n_steps=steps, return_attribution=True)
        for steps in (2, 8, 32)
    ]
    for attribution in attributions:
        missed = attribution.saliency_map.sum(dtype=float) - attribution.score_difference
        assert attribution.completeness_error == pytest.approx(abs(missed), abs=1e-4)
    errors = [attribution.completeness_error for attribution in attributions]
    assert errors[0] > 4 * errors[1] > 16 * errors[2]


def test_completeness_error_on_an_image_of_another_size_is_that_before_resizing(smooth, image):
    large = tpv.images.resize(image, (24, 40))
    small = tpv.images.resize(large, (12, 20))
    attributions = [integrated_gradients(smooth, one, 1, return_attribution=True) for one in (large, small)]
    assert attributions[0].saliency_map.shape == (24, 40)
    assert attributions[0][1:] == pytest.approx(attributions[1][1:])


@pytest.mark.parametrize("rule", RULES)
def test_rule_integrates_a_straight_line(rule):
    alpha, v = nodes(7, rule)
    assert v.sum() == pytest.approx(1)
    assert (v * alpha).sum() == pytest.approx(1 / 2)


def test_gauss_legendre_integrates_polynomials_of_twice_its_degree():
    alpha, v = nodes(4, "gauss_legendre")
    for degree in range(8):
        assert (v * alpha**degree).sum() == pytest.approx(1 / (degree + 1))


def test_trapezoid_takes_both_ends_by_half_and_midpoint_neither():
    np.testing.assert_allclose(nodes(3, "trapezoid"), [[0, 0.5, 1], [0.25, 0.5, 0.25]])
    np.testing.assert_allclose(nodes(2, "midpoint"), [[0.25, 0.75], [0.5, 0.5]])


def test_baseline_equal_to_the_image_gives_zero(pooled, image):
    assert not integrated_gradients(pooled, image, 1, baseline=image).any()


def test_batch_size_does_not_change_the_map(smooth, image):
    maps = [integrated_gradients(smooth, image, 1, batch_size=batch_size) for batch_size in (1, 7, 50)]
    np.testing.assert_allclose(maps[1], maps[0], atol=1e-5)
    np.testing.assert_allclose(maps[2], maps[0], atol=1e-5)


def test_batch_is_each_image_by_itself(smooth, image):
    images = np.stack([image, image[::-1]])
    expected = [integrated_gradients(smooth, one, target) for one, target in zip(images, [1, 2], strict=True)]
    np.testing.assert_allclose(
        tpv.saliency.BATCHED["integrated_gradients"](smooth, images, [1, 2]).saliency_maps, expected, atol=1e-6
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_steps": 0}, "steps"),
        ({"n_steps": 1, "rule": "trapezoid"}, "trapezoid"),
        ({"rule": "simpson"}, "gauss_legendre"),
        ({"batch_size": 0}, "batch_size"),
        ({"baseline": np.zeros((20, 12, 3))}, "shape of the image"),
        ({"baseline": -np.ones((12, 20, 3))}, r"\[0, 255\]"),
    ],
)
def test_impossible_options_are_refused(options, message, classifier, image):
    with pytest.raises(ValueError, match=message):
        integrated_gradients(classifier, image, 1, **options)

"""Gradient and gradient × input of classifiers solved on paper."""

import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.saliency.gradients import gradient, gradient_times_input


def test_gradient_of_weighted_squares_is_twice_weights_times_image(classifier, image, weights):
    expected = np.abs(2 * weights * image).max(axis=-1)
    np.testing.assert_allclose(gradient(classifier, image, 1), expected, rtol=1e-5)


def test_score_of_weighted_squares_is_half_of_gradient_times_input(classifier, image, weights):
    saliency_map = gradient_times_input(classifier, image, 1)
    np.testing.assert_allclose(saliency_map, 2 * (weights * image**2).sum(axis=-1), rtol=1e-4, atol=1e-4)


def test_gradient_is_per_grey_level_and_input_is_that_of_the_network(classifier, image, weights):
    scaled = tpv.Classifier(classifier.model, preprocess=lambda images: (images - 100) / 4)
    x = (image - 100) / 4
    np.testing.assert_allclose(gradient(scaled, image, 1), np.abs(2 * weights * x / 4).max(axis=-1), rtol=1e-4)
    expected = 2 * (weights * x**2).sum(axis=-1)
    np.testing.assert_allclose(gradient_times_input(scaled, image, 1), expected, rtol=1e-4, atol=1e-5)


def test_gradient_times_input_of_a_network_without_biases_adds_up_to_the_score(pooled, image):
    score = pooled.scores(image)[0, 1]  # homogeneous: S(a x) = a S(x), hence Σ x ∂S/∂x = S
    np.testing.assert_allclose(gradient_times_input(pooled, image, 1).sum(), score, rtol=1e-5)


@pytest.mark.parametrize("method", [gradient, gradient_times_input])
def test_batch_is_each_image_by_itself_with_its_own_target(method, pooled, image):
    images, targets = np.stack([image, image[::-1], 255 - image]), [1, 0, 1]
    expected = [method(pooled, one, target) for one, target in zip(images, targets, strict=True)]
    maps, scores = tpv.saliency.BATCHED[method.__name__](pooled, images, targets)
    np.testing.assert_allclose(maps, expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(scores, pooled.scores(images), rtol=1e-5)


@pytest.mark.parametrize("method", [gradient, gradient_times_input])
def test_map_of_another_size_is_that_of_the_resized_image_resized_back(method, classifier, image):
    large = tpv.images.resize(image, (31, 47))
    small = tpv.images.resize(large, (12, 20))
    expected = tpv.images.resize(method(classifier, small, 1), (31, 47))
    np.testing.assert_allclose(method(classifier, large, 1), expected, rtol=1e-5)

"""Occlusion on networks where what a hidden patch costs is known."""

import numpy as np
import pytest

from tp_visualisation.saliency.occlusion import hidden_probabilities, mean_over_boxes, occlusion, patches


def sigmoid(score):
    return 1 / (1 + np.exp(-score))


@pytest.fixture
def image():
    """Dark enough for probabilities that are neither 0 nor 1."""
    return np.random.default_rng(0).uniform(0, 60, (12, 20, 3)).astype(np.float32)


def test_drop_is_what_the_hidden_patch_contributes(classifier, image, weights):
    contributions = (weights.astype(np.float64) * image**2).sum(axis=-1)
    score = contributions.sum()

    saliency_map = occlusion(classifier, image, 1, patch_size=4, stride=4)

    for top in range(0, 12, 4):
        for left in range(0, 20, 4):
            cell = np.s_[top : top + 4, left : left + 4]
            drop = sigmoid(score) - sigmoid(score - contributions[cell].sum())
            np.testing.assert_allclose(saliency_map[cell], drop, rtol=1e-3, atol=1e-6)


def test_baseline_is_the_value_of_hidden_pixels(classifier, image, weights):
    hidden = image.astype(np.float64)
    hidden[2:7, 3:11] = 40
    expected = sigmoid((weights * hidden**2).sum())
    probability = hidden_probabilities(classifier, image[None], 1, [[2, 3, 7, 11]], baseline=40)
    np.testing.assert_allclose(probability, [expected], rtol=1e-4)


def test_empty_box_hides_nothing(classifier, image):
    probability = hidden_probabilities(classifier, image[None], 1, [[0, 0, 0, 0]])
    np.testing.assert_allclose(probability, classifier.probabilities(image)[:, 1], rtol=1e-6)


@pytest.mark.parametrize(("patch_size", "stride"), [(5, 3), (5, 5), (12, 7), (1, 1), (7, 2)])
def test_patches_cover_every_pixel_and_stay_inside(patch_size, stride):
    boxes = patches((12, 20), patch_size, stride)
    covered = np.zeros((12, 20), int)
    for top, left, bottom, right in boxes:
        assert (bottom - top, right - left) == (patch_size, patch_size)
        assert min(top, left) >= 0
        covered[top:bottom, left:right] += 1
    assert boxes.max(axis=0).tolist()[2:] == [12, 20]
    assert covered.min() >= 1
    assert len(np.unique(boxes, axis=0)) == len(boxes)


def test_pixel_has_the_mean_drop_of_the_patches_that_hide_it():
    boxes = np.array([[0, 0, 2, 2], [1, 1, 3, 3]])
    expected = [[1, 1, 0, 0], [1, 3, 5, 0], [0, 5, 5, 0]]
    np.testing.assert_allclose(mean_over_boxes([1.0, 5.0], boxes, (3, 4)), expected)


def test_batch_size_does_not_change_the_map(pooled, image):
    maps = [occlusion(pooled, image, 1, batch_size=batch_size) for batch_size in (1, 7, 1000)]
    np.testing.assert_allclose(maps[1], maps[0], atol=1e-6)
    np.testing.assert_allclose(maps[2], maps[0], atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patch_size": 13}, r"patch_size must lie in \[1, 12\]"),
        ({"patch_size": 0}, "patch_size"),
        ({"patch_size": 4, "stride": 5}, "no pixel is left out"),
        ({"stride": 0}, "stride"),
        ({"baseline": np.nan}, "finite"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_impossible_options_are_refused(options, message, classifier, image):
    with pytest.raises(ValueError, match=message):
        occlusion(classifier, image, 1, **options)

"""XRAI: the greedy gathering against its definition, the regions of pictures that are easy to cut."""

import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.saliency.xrai import find_regions, gather, xrai


def test_densest_region_comes_first_and_others_count_their_new_pixels_only():
    attributions = np.array([[8.0, 8, 2, 0], [1, 1, 1, 5]])
    regions = [np.array([0, 1, 2]), np.array([2, 3, 7]), np.array([4, 5, 6, 7])]
    # gains: 6, 7/3, 2; then the second region adds 3 and 7 (mean 5/2), the third 4, 5, 6 and 7 (mean 2);
    # then 4, 5 and 6 are left to the third (mean 1)
    expected = [[6, 6, 6, 2.5], [1, 1, 1, 2.5]]
    np.testing.assert_allclose(gather(attributions, regions, few_pixels=1), expected)


def test_region_that_adds_few_pixels_is_dropped_and_what_is_left_shares_its_mean():
    attributions = np.array([[8.0, 8, 2, 0], [1, 1, 1, 5]])
    regions = [np.array([0, 1, 2]), np.array([2, 3, 7]), np.array([4, 5])]
    np.testing.assert_allclose(gather(attributions, regions, few_pixels=3), [[6, 6, 6, 1.6], [1.6, 1.6, 1.6, 1.6]])


def slow_gather(attributions, masks, few_pixels):
    """The definition, with the mask of every region looked at in every round."""
    chosen, values = np.zeros(attributions.shape, bool), np.zeros(attributions.shape)
    while True:
        new = [mask & ~chosen for mask in masks]
        gains = [attributions[mask].mean() if mask.sum() >= few_pixels else -np.inf for mask in new]
        if max(gains) == -np.inf:
            break
        best = int(np.argmax(gains))
        values[new[best]] = gains[best]
        chosen |= new[best]
    if not chosen.all():
        values[~chosen] = attributions[~chosen].mean()
    return values


def test_fast_gathering_is_the_slow_one():
    rng = np.random.default_rng(0)
    attributions = rng.normal(size=(15, 20))
    masks = [rng.random((15, 20)) < rng.uniform(0.02, 0.4) for _ in range(40)]
    saliency_map = gather(attributions, [np.flatnonzero(mask) for mask in masks], few_pixels=5)
    np.testing.assert_allclose(saliency_map, slow_gather(attributions, masks, 5), rtol=1e-6, atol=1e-7)


def test_gathering_keeps_the_sum():
    attributions = np.random.default_rng(0).normal(size=(60, 80))
    regions = find_regions(np.random.default_rng(1).uniform(0, 255, (60, 80, 3)))
    assert gather(attributions, regions).sum(dtype=float) == pytest.approx(attributions.sum(), abs=1e-3)


def test_regions_of_a_picture_of_two_halves_reach_five_pixels_over_their_edges():
    picture = np.zeros((224, 224, 3), np.float32)
    picture[:, 100:] = 255
    regions = find_regions(picture)
    strips = [np.unique(region % 224) for region in regions]
    assert [224 * len(strip) for strip in strips] == [len(region) for region in regions]  # from top to bottom
    for scale in np.split(np.array([(strip[0], strip[-1]) for strip in strips]), 6):
        n_edges = len(scale) - 1
        assert n_edges >= 1
        assert np.sum(scale[:, 1] - scale[:, 0] + 1) == 224 + 2 * 5 * n_edges
        assert scale[0, 0] == 0
        assert 95 < scale[0, 1] < 105


@pytest.mark.parametrize("size", [(224, 224), (96, 96), (30, 50), (300, 299)])
def test_regions_cover_an_image_of_any_size_at_every_scale(size):
    image = tpv.images.resize(np.random.default_rng(0).uniform(0, 255, (6, 6, 3)), size)
    regions = find_regions(image)
    covered = np.bincount(np.concatenate(regions), minlength=size[0] * size[1])
    assert covered.min() >= 6
    assert len(covered) == size[0] * size[1]


def test_constant_image_is_one_region():
    assert [len(region) for region in find_regions(np.full((12, 20, 3), 7.0))] == [240] * 6


def test_attributions_are_the_largest_channel_of_the_mean_from_black_and_white(classifier, image, weights):
    attributions = (weights * (image**2 - 255**2 / 2)).max(axis=-1)
    saliency_map = xrai(classifier, image, 1, n_steps=3)
    np.testing.assert_allclose(saliency_map, gather(attributions, find_regions(image)), rtol=1e-3)
    assert len(np.unique(saliency_map)) > 1


def test_batch_size_does_not_change_the_map(pooled, image):
    maps = [xrai(pooled, image, 1, n_steps=10, batch_size=batch_size) for batch_size in (3, 10)]
    np.testing.assert_allclose(maps[0], maps[1], rtol=1e-4)


@pytest.mark.parametrize(("options", "message"), [({"n_steps": 1}, "steps"), ({"batch_size": 0}, "batch_size")])
def test_impossible_options_are_refused(options, message, classifier, image):
    with pytest.raises(ValueError, match=message):
        xrai(classifier, image, 1, **options)

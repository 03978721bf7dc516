import numpy as np
import pytest

from tp_visualisation.evaluation import map_density


def sigmoid(score):
    return 1 / (1 + np.exp(-np.float64(score)))


@pytest.fixture
def weights():
    return np.random.default_rng(0).normal(0, 0.4, (4, 5, 3)).astype(np.float32)


def test_density_is_the_probability_of_what_the_map_keeps_over_its_mean(logistic, weights):
    image = np.random.default_rng(1).uniform(0, 255, (4, 5, 3)).astype(np.float32)
    saliency_map = np.random.default_rng(2).normal(size=(4, 5))
    psi = (saliency_map - saliency_map.min()) / np.ptp(saliency_map)
    contributions = ((image / 127.5 - 1) * weights).sum(axis=-1)

    density = map_density(logistic(weights), image, saliency_map, 1)

    assert density.positive == pytest.approx(sigmoid((contributions * psi).sum()) / psi.mean(), rel=1e-5)
    assert density.negative == pytest.approx(sigmoid((contributions * (1 - psi)).sum()) / (1 - psi).mean(), rel=1e-5)


def test_a_map_in_0_1_is_taken_as_it_is_and_one_of_one_pixel_is_dense(logistic):
    weights = np.zeros((4, 5, 3), np.float32)
    weights[1, 2] = 20
    saliency_map = np.zeros((4, 5))
    saliency_map[1, 2] = 1
    density = map_density(logistic(weights), np.full((4, 5, 3), 255, np.uint8), saliency_map, 1)
    assert density.positive == pytest.approx(1 / (1 / 20))
    assert density.negative == pytest.approx(0.5 / (19 / 20))


@pytest.mark.parametrize(("saliency_map", "message"), [(np.ones((4, 5)), "constant"), (np.eye(3), "size")])
def test_bad_maps_are_refused(saliency_map, message, logistic, weights):
    with pytest.raises(ValueError, match=message):
        map_density(logistic(weights), np.full((4, 5, 3), 255, np.uint8), saliency_map, 1)

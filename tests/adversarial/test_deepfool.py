import numpy as np
import pytest

from tp_visualisation.adversarial import Search, deepfool
from tp_visualisation.adversarial.deepfool import _nearest_border


def crossing(classifier, image, target=None, **options):
    search = Search(classifier, np.float32(image)[None], classifier.probabilities(image), target)
    return _nearest_border(search, 0, **options)


def test_distance_to_a_hyperplane_is_exact(linear, w, grey):
    distances = np.array([40, 90]) / np.linalg.norm(w[:, 1:], axis=0)  # |f_k|/‖w_k‖
    found = crossing(linear, grey, overshoot=0)
    assert found.n_steps == 1
    assert np.linalg.norm(found.perturbation) == pytest.approx(distances.min(), rel=1e-3)
    towards = w[:, 1] / np.linalg.norm(w[:, 1])
    np.testing.assert_allclose(found.perturbation.ravel(), distances.min() * towards, atol=1e-3)


def test_a_target_is_reached_though_another_border_is_nearer(linear, w, grey):
    found = crossing(linear, grey, 2, overshoot=0)
    least = max(90 / np.linalg.norm(w[:, 2]), 50 / np.linalg.norm(w[:, 2] - w[:, 1]))
    assert found.reason == ""
    assert least - 1e-3 <= np.linalg.norm(found.perturbation) < 1.5 * least


def test_overshoot_lengthens_the_step(linear, grey):
    lengths = [np.linalg.norm(crossing(linear, grey, overshoot=o).perturbation) for o in (0, 0.5)]
    assert lengths[1] == pytest.approx(1.5 * lengths[0], rel=1e-3)


def test_rounded_image_fools_and_stays_near_the_border(linear, w, grey):
    example = deepfool(linear, grey)
    assert example.success
    assert example.adversarial.label == "dog"
    distance = 40 / np.linalg.norm(w[:, 1])
    assert example.l2 < 1.25 * distance


def test_fewer_steps_than_needed_end_without_success(embedded, dalmatian):
    example = deepfool(embedded, dalmatian, "stingray", n_steps=1)
    assert not example.success
    assert example.reason == "no border reached in 1 step"


def test_photograph_is_closer_to_a_border_than_one_grey_level_per_value(embedded, dalmatian):
    example = deepfool(embedded, dalmatian, n_candidates=4)
    assert example.success
    assert example.l2 < 0.2 * np.sqrt(dalmatian.size)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_candidates": 1}, "n_candidates must be at least 2"),
        ({"overshoot": -1}, "overshoot must be at least 0"),
        ({"n_steps": 0}, "n_steps must be at least 1"),
    ],
)
def test_bad_option_is_refused(options, message, linear, grey):
    with pytest.raises(ValueError, match=message):
        deepfool(linear, grey, **options)

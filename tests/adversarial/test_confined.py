from functools import partial

import numpy as np
import pytest

from tp_visualisation.adversarial import confined_attack
from tp_visualisation.adversarial.confined import _Weight
from tp_visualisation.saliency import grad_cam


@pytest.fixture
def left():
    """A map that shows the left half of the grey image, (4, 6)."""
    saliency_map = np.zeros((4, 6), np.float32)
    saliency_map[:, :3] = 1
    return saliency_map


def test_without_penalty_the_steps_are_signs_towards_the_least_likely_class(linear, w, grey):
    example = confined_attack(linear, grey, beta=0)
    assert example.success
    assert example.target.label == "fox"  # score -90
    assert example.target.probability >= 0.9999
    assert linear.top(example.image)[0].label == "fox"
    signs = example.perturbation.ravel()[np.abs(w[:, 2]) > np.abs(w[:, 1])]
    np.testing.assert_array_equal(np.sign(signs), np.sign(w[np.abs(w[:, 2]) > np.abs(w[:, 1]), 2]))


def test_heavy_penalty_sends_pixels_outside_the_map_back_at_every_second_step(linear, w, grey, left):
    # p = 0 has no penalty, so all pixels move at steps 1 and 3; at step 2 those outside go back
    example = confined_attack(linear, grey, "fox", saliency_map=left, beta=1e9, n_steps=3)
    signs = np.sign(w[:, 2]).reshape(4, 6, 3)
    np.testing.assert_array_equal(example.perturbation[:, :3], 3 * signs[:, :3])
    np.testing.assert_array_equal(example.perturbation[:, 3:], signs[:, 3:])


def test_penalty_weighs_in_root_mean_square_of_units_of_255(linear, w, grey):
    # without a map, after one step p = ±1/255 everywhere, rms 1/255, so the penalty's gradient is β/(255 n) in grey
    # levels, n = 72: the pixels of a smaller |w| go back, the others go on
    beta = 255 * 72 * 0.7
    flat = np.zeros((4, 6))
    example = confined_attack(linear, grey, "fox", saliency_map=flat, beta=beta, n_steps=2)
    strong = np.abs(w[:, 2]) > 0.7
    np.testing.assert_array_equal(example.perturbation.ravel(), np.where(strong, 2 * np.sign(w[:, 2]), 0))


def test_map_counts_only_up_to_scale_and_shift(linear, grey, left):
    first, other = (confined_attack(linear, grey, "dog", saliency_map=m).image for m in (left, 7 * left - 3))
    np.testing.assert_array_equal(first, other)


def test_weight_is_halved_when_nothing_improves():
    weight = _Weight(8, patience=2)
    margins = [-np.inf, -5, -5, -5, -4, -4, -4]
    assert [weight.after(margin) for margin in margins] == [8, 8, 8, 4, 4, 4, 2]


def test_method_is_a_name_or_a_function_and_its_map_is_that_of_the_predicted_class(embedded, dalmatian):
    image = dalmatian[150:350, 150:350]
    options = {"n_steps": 4, "min_probability": 0.5}
    given = confined_attack(embedded, image, "tiger_cat", saliency_map=grad_cam(embedded, image), **options)
    assert given.linf > 0
    for method in ("Grad CAM", grad_cam, lambda *subjects: 3 * grad_cam(*subjects)):
        found = confined_attack(embedded, image, "tiger_cat", method=method, **options)
        np.testing.assert_array_equal(found.image, given.image)


def test_map_of_ones_own_method_is_checked(linear, grey):
    with pytest.raises(ValueError, match="NaN"):
        confined_attack(linear, grey, "dog", method=lambda *subjects: np.full((4, 6), np.nan))


def test_what_is_no_method_is_refused_with_a_sentence(linear, grey):
    with pytest.raises((TypeError, ValueError), match="method"):
        confined_attack(linear, grey, "dog", method=3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "grad_kam"}, 'Closest: "grad_cam"'),
        ({"saliency_map": np.ones((6, 4))}, r"size \(4, 6\) of its image"),
        ({"saliency_map": np.full((4, 6), np.nan)}, "NaN"),
        ({"beta": -1}, "beta must be at least 0"),
        ({"step_size": 0}, "step_size must be greater than 0"),
        ({"n_steps": 0}, "n_steps must be at least 1"),
        ({"min_probability": 1.5}, "min_probability"),
    ],
)
def test_bad_option_is_refused(options, message, linear, grey):
    with pytest.raises(ValueError, match=message):
        confined_attack(linear, grey, "dog", **options)


def test_progress_goes_to_a_method_that_takes_it(linear, grey, left):
    seen = []

    def slow(classifier, image, target, *, progress=False):
        seen.append(progress)
        return left

    def quick(classifier, image, target):
        seen.append("quick")
        return left

    for method in (slow, partial(slow), quick):
        for progress in (False, True):
            confined_attack(linear, grey, "dog", method=method, n_steps=1, progress=progress)
    assert seen == [False, True, False, True, "quick", "quick"]


def test_a_slow_map_shows_its_own_bar(embedded, dalmatian, bars_at_once, capsys):
    confined_attack(embedded, dalmatian[:64, :64], method="cameras", n_steps=1, progress=True)
    out, err = capsys.readouterr()
    assert out == ""
    assert "CAMERAS" in err
    assert "confined attack" in err


def test_one_map_for_several_images_is_refused(linear, grey, left):
    with pytest.raises(ValueError, match="one image"):
        confined_attack(linear, [grey, grey], "dog", saliency_map=left)

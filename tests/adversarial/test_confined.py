import numpy as np
import pytest

from tp_visualisation.adversarial import confined_attack
from tp_visualisation.adversarial.confined import Weight


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
    weight = Weight(8, patience=2)
    margins = [-np.inf, -5, -5, -5, -4, -4, -4]
    assert [weight.after(margin) for margin in margins] == [8, 8, 8, 4, 4, 4, 2]


def test_method_is_found_by_name_and_its_map_is_that_of_the_predicted_class(embedded, dalmatian):
    image = dalmatian[150:350, 150:350]
    from tp_visualisation.saliency import grad_cam

    options = {"n_steps": 4, "confidence": 0.5}
    named = confined_attack(embedded, image, "tiger_cat", method="Grad CAM", **options)
    given = confined_attack(embedded, image, "tiger_cat", saliency_map=grad_cam(embedded, image), **options)
    np.testing.assert_array_equal(named.image, given.image)
    assert named.linf > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "grad_kam"}, 'Closest: "grad_cam"'),
        ({"saliency_map": np.ones((6, 4))}, "image's size"),
        ({"saliency_map": np.full((4, 6), np.nan)}, "NaN"),
        ({"beta": -1}, "beta"),
        ({"step_size": 0}, "step_size"),
        ({"n_steps": 0}, "n_steps"),
        ({"confidence": 1.5}, "confidence"),
    ],
)
def test_bad_option_is_refused(options, message, linear, grey):
    with pytest.raises(ValueError, match=message):
        confined_attack(linear, grey, "dog", **options)


def test_one_map_for_several_images_is_refused(linear, grey, left):
    with pytest.raises(ValueError, match="one image"):
        confined_attack(linear, [grey, grey], "dog", saliency_map=left)

import numpy as np
import pytest

from tp_visualisation.adversarial import fgsm


def test_untargeted_step_is_the_sign_of_the_gradient_of_the_loss(w, grey, linear_classifier):
    # two classes: ∂J/∂x = p_1 (w_1 - w_0), so the step is ε sign(w_1 - w_0)
    two = linear_classifier(w[:, :2], np.array([0, -40]) - 128 * w[:, :2].sum(axis=0))
    example = fgsm(two, grey, epsilon=3)
    np.testing.assert_array_equal(example.perturbation.ravel(), 3 * np.sign(w[:, 1]))
    assert example.success
    assert example.target is None
    assert example.n_steps == 1


def test_targeted_step_climbs_the_log_probability_of_the_target(linear, w, grey):
    # ∂ log p_t/∂x = w_t - Σ p_k w_k, and p is nearly (1, 0, 0) with w_0 = 0
    example = fgsm(linear, grey, "fox", epsilon=2)
    np.testing.assert_array_equal(example.perturbation.ravel(), 2 * np.sign(w[:, 2]))


def test_step_that_is_too_small_fails_and_keeps_the_try(linear, w, grey):
    # |Σ w_1| grey levels are what ε = 1 gains: below 90, the score that the fox lacks
    assert np.abs(w[:, 2]).sum() < 90
    example = fgsm(linear, grey, "fox", epsilon=1)
    assert not example.success
    assert example.linf == 1


def test_saturated_network_is_told_from_a_robust_one(w, grey, linear_classifier):
    example = fgsm(linear_classifier(w, [1e6, 0, 0]), grey)
    assert not example.success
    assert "saturated" in example.reason


def test_real_photograph_is_no_longer_recognised(embedded, dalmatian):
    example = fgsm(embedded, dalmatian, epsilon=4)
    assert example.success
    assert example.original.label == "dalmatian" != example.adversarial.label
    assert example.linf == 4


@pytest.mark.parametrize("epsilon", [0, -1, 0.5, 256, np.nan, np.inf])
def test_epsilon_below_a_grey_level_or_without_end_is_refused(epsilon, linear, grey):
    with pytest.raises(ValueError, match=r"epsilon must lie in \[1, 255\], grey levels of an image of 8 bits"):
        fgsm(linear, grey, epsilon=epsilon)

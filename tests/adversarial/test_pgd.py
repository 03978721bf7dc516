import numpy as np
import pytest

from tp_visualisation.adversarial import fgsm, pgd
from tp_visualisation.adversarial.pgd import _L2Ball, _LinfBall


def test_one_full_step_without_random_start_is_fgsm(linear, grey):
    first = pgd(linear, grey, epsilon=3, n_steps=1, step_size=3, random_start=False)
    np.testing.assert_array_equal(first.image, fgsm(linear, grey, epsilon=3).image)


def test_steps_end_in_the_corner_of_the_ball_for_a_linear_network(w, grey, linear_classifier):
    two = linear_classifier(w[:, :2], np.array([0, -1e3]) - 128 * w[:, :2].sum(axis=0))  # never reached
    example = pgd(two, grey, 1, epsilon=3, n_steps=30)
    assert not example.success
    np.testing.assert_array_equal(example.perturbation.ravel(), 3 * np.sign(w[:, 1]))


def test_l2_steps_end_on_the_normal_at_the_surface_of_the_ball(w, grey, linear_classifier):
    two = linear_classifier(w[:, :2], np.array([0, -1e3]) - 128 * w[:, :2].sum(axis=0))
    example = pgd(two, grey, 1, norm="l2", epsilon=50, n_steps=30, random_start=False)
    direction = w[:, 1] / np.linalg.norm(w[:, 1])
    np.testing.assert_allclose(example.perturbation.ravel(), 50 * direction, atol=0.8)
    assert 45 < example.l2 <= 50


@pytest.mark.parametrize(("norm", "epsilon"), [("linf", 1.5), ("linf", 2), ("l2", 20), ("l2", 7.3)])
def test_result_lies_in_the_ball_after_rounding(norm, epsilon, linear, grey):
    example = pgd(linear, grey, "fox", norm=norm, epsilon=epsilon, n_steps=5)
    assert getattr(example, norm) <= epsilon
    assert example.linf > 0


def test_l2_perturbation_below_half_a_grey_level_everywhere_does_not_round_to_nothing():
    p = np.random.default_rng(0).normal(0, 0.1, (1, 40, 40, 3))
    rounded = _L2Ball(100).round(p)
    norm = np.linalg.norm(p)
    assert 0.9 * norm < np.linalg.norm(rounded) <= norm
    assert (rounded * p >= 0).all()
    np.testing.assert_array_equal(_L2Ball(100).round(0 * p), 0 * p)


def test_random_points_fill_the_balls():
    rng = np.random.default_rng(0)
    points = np.stack([_L2Ball(2).sample((1, 1, 2), rng) for _ in range(4000)]).reshape(-1, 2)
    radii = np.linalg.norm(points, axis=1)
    assert radii.max() <= 2
    assert (radii**2).mean() == pytest.approx(2, rel=0.05)  # uniform in a disc of radius R: R²/2
    points = _LinfBall(2).sample((100, 100, 3), rng)
    assert np.abs(points).max() <= 2
    assert (points**2).mean() == pytest.approx(4 / 3, rel=0.05)


def test_seed_moves_the_start(embedded, dalmatian):
    images = [pgd(embedded, dalmatian[:64, :64], epsilon=2, n_steps=2, seed=seed).image for seed in (0, 0, 1)]
    np.testing.assert_array_equal(images[0], images[1])
    assert (images[0] != images[2]).any()


def test_real_photograph_becomes_a_stingray_within_two_grey_levels(embedded, dalmatian):
    example = pgd(embedded, dalmatian, "stingray", epsilon=2)
    assert example.success
    assert example.linf <= 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"norm": "l1"}, "norm must be"),
        ({"epsilon": 0}, "epsilon"),
        ({"n_steps": 0}, "n_steps"),
        ({"step_size": -1}, "step_size"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": None}, "seed must be a whole number"),
    ],
)
def test_bad_option_is_refused(options, message, linear, grey):
    with pytest.raises(ValueError, match=message):
        pgd(linear, grey, **options)

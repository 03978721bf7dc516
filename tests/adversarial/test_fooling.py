import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.adversarial import fool


def test_steps_on_a_linear_network_follow_the_normal_until_the_border(linear, w, grey):
    # S_1 - S_0 = -40 + ‖w_1‖ t after a path of length t, so the border lies at t = 40/‖w_1‖
    length = np.linalg.norm(w[:, 1])
    example = fool(linear, grey, "dog", step_size=1)
    assert example.success
    assert example.n_steps == pytest.approx(40 / length, abs=2)
    direction = w[:, 1].reshape(4, 6, 3) / length
    np.testing.assert_allclose(example.perturbation, example.n_steps * direction, atol=0.51)


def test_gives_up_with_the_best_try(linear, grey):
    few, more = (fool(linear, grey, "fox", step_size=1, n_steps=n) for n in (2, 4))
    assert not few.success
    assert few.reason == "not reached in 2 steps"
    assert few.n_steps == 2
    assert few.original.label == few.adversarial.label == "cat"
    assert linear.scores(few.image)[0, 2] < linear.scores(more.image)[0, 2]


def test_class_that_cannot_be_reached_ends_without_success(w, grey, linear_classifier):
    example = fool(linear_classifier(w, [1e7, 0, 0]), grey, 1, n_steps=5)
    assert not example.success


def test_real_photographs_become_stingrays_that_nobody_sees(embedded):
    images = [sample.image for sample in tpv.sample_images()[:4]]
    examples = fool(embedded, images, "stingray")
    assert all(example.success for example in examples)
    assert np.median([example.linf for example in examples]) <= 16
    assert [embedded.top(example.image)[0].label for example in examples] == ["stingray"] * 4


@pytest.mark.parametrize(
    ("options", "message"), [({"step_size": 0}, "step_size"), ({"n_steps": 0}, "n_steps"), ({"target": None}, "target")]
)
def test_bad_option_is_refused(options, message, linear, grey):
    with pytest.raises(ValueError, match=message):
        fool(linear, grey, **{"target": 1, **options})

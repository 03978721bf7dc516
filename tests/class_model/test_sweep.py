import numpy as np
import pytest

from tp_visualisation.class_model import sweep, visualise_class


def test_a_sweep_gives_what_each_run_gives(linear):
    results = sweep(linear, 1, n_steps=(2, 5), step_size=(10, 40), l2=(0, 0.1), seed=4)
    assert [result[:3] for result in results] == [(n, size, l2) for l2 in (0, 0.1) for size in (10, 40) for n in (2, 5)]
    n, size, l2, image, score, probability = results[-2]
    alone = visualise_class(linear, 1, n_steps=n, step_size=size, l2=l2, seed=4, parameterisation="pixels")
    np.testing.assert_array_equal(image, alone)
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(-score)), rtol=1e-5)


@pytest.mark.parametrize("progress", [False, True])
def test_progress_is_a_bar_on_stderr_for_each_climb(linear, bars_at_once, capsys, progress):
    sweep(linear, 1, n_steps=(1, 3), step_size=(1, 20), l2=0, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ["3/3" in bar for bar in err.split("\n")[:-1]] == [True, True] if progress else err == ""


@pytest.mark.parametrize(("n_steps", "l2"), [((), 0), ((0, 5), 0), ((1,), (0, -1))])
def test_impossible_sweeps_are_refused(linear, n_steps, l2):
    with pytest.raises(ValueError, match="at least"):
        sweep(linear, 1, n_steps=n_steps, l2=l2)


def test_a_seed_that_is_none_is_refused_before_the_first_climb(linear):
    with pytest.raises(ValueError, match="seed must be at least 0, got -1"):
        sweep(linear, 1, n_steps=1, step_size=1.0, seed=-1)


def test_half_a_step_is_refused(linear):
    with pytest.raises(ValueError, match="n_steps must be a whole number"):
        sweep(linear, 1, n_steps=(2, 2.5))

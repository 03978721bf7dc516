import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.adversarial import fgsm, fool
from tp_visualisation.class_model import sweep, visualise_class
from tp_visualisation.plotting import plot_adversarial, plot_progress, plot_sweep

SIZE = (4, 6)


@pytest.fixture(scope="module")
def linear():
    """A classifier with linear scores: on the grey image they are 0, -40 and -90."""
    w = np.random.default_rng(3).normal(0, 1, (72, 3))
    w[:, 0] = 0
    inputs = keras.Input((*SIZE, 3))
    model = keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(inputs)))
    model.layers[-1].set_weights([np.float32(w), np.float32([0, -40, -90] - 128 * w.sum(axis=0))])
    return tpv.Classifier(model, labels=["cat", "dog", "fox"])


@pytest.fixture
def grey():
    return np.full((*SIZE, 3), 128, np.uint8)


# Adversarial examples


def test_panels_show_original_result_and_difference_times_ten_around_grey(linear, grey):
    example = fool(linear, grey, "dog", step_size=8)
    axes = plot_adversarial(example).get_axes()
    drawn = [axis.images[0].get_array() for axis in axes[:4]]
    expected = [grey, example.image, 128 + example.perturbation, np.clip(128 + 10 * example.perturbation, 0, 255)]
    for panel, array in zip(drawn, expected, strict=True):
        np.testing.assert_array_equal(panel, array)


def test_bars_are_the_probabilities_before_and_after_in_the_colours_of_their_classes(linear, grey):
    example = fool(linear, grey, "dog", step_size=8)
    before, after = plot_adversarial(example).get_axes()[4:]
    for axis, top in ((before, example.original_top), (after, example.adversarial_top)):
        np.testing.assert_allclose([bar.get_width() for bar in axis.patches], [one.probability for one in top])
        assert [label.get_text() for label in axis.get_yticklabels()] == [one.label for one in top]
    assert before.patches[0].get_facecolor() != after.patches[0].get_facecolor()
    names = [one.label for one in example.adversarial_top]
    assert after.patches[names.index("cat")].get_facecolor() == before.patches[0].get_facecolor()


def test_title_says_when_it_failed(linear, grey):
    figure = plot_adversarial(fgsm(linear, grey, "fox", epsilon=1))
    assert "without success: not reached in 1 step, changes" in figure.get_suptitle()


def test_a_difference_is_magnified_by_something(linear, grey):
    with pytest.raises(ValueError, match="magnification must be greater than 0"):
        plot_adversarial(fgsm(linear, grey, "fox", epsilon=1), magnification=0)


# Classes


def test_progress_is_drawn_with_its_steps(linear):
    snapshots = visualise_class(linear, 1, n_steps=3, every=1)
    titles = [axis.get_title() for axis in plot_progress(snapshots).axes]
    assert titles == [
        f"{words}: {snapshot.probability:.1%}"
        for words, snapshot in zip(["1 step", "2 steps", "3 steps"], snapshots, strict=True)
    ]
    with pytest.raises(ValueError, match="snapshots is empty"):
        plot_progress([])


@pytest.mark.parametrize("n_panels", [1, 3, 7])
def test_below_the_progress_the_probability_is_drawn_as_a_curve(linear, n_panels):
    snapshots = visualise_class(linear, 1, n_steps=14, every=1)
    *panels, below = plot_progress(snapshots[:n_panels], curve=snapshots).axes
    line, dots = below.lines
    np.testing.assert_array_equal(line.get_xdata(), range(1, 15))
    np.testing.assert_allclose(line.get_ydata(), [snapshot.probability for snapshot in snapshots])
    np.testing.assert_array_equal(dots.get_xdata(), range(1, n_panels + 1))
    below.figure.canvas.draw()
    assert len([axis for axis in panels if axis.images]) == n_panels
    assert all(axis.get_position().y0 > below.get_position().y1 for axis in panels)
    scores = [snapshot._replace(probability=float("nan")) for snapshot in snapshots]
    line = plot_progress(scores[:1], curve=scores).axes[-1].lines[0]
    np.testing.assert_allclose(line.get_ydata(), [snapshot.score for snapshot in snapshots])


def test_a_sweep_is_drawn_with_a_probability_under_each_picture(linear):
    results = sweep(linear, 1, n_steps=(1, 2), step_size=(1, 20), l2=0)
    axes = plot_sweep(results).axes
    texts = [text.get_text() for axis in axes for text in axis.texts]
    assert all(f"{result.probability:.1%}" in texts for result in results)
    assert "η = 20, λ = 0" in texts
    assert [axis.get_title() for axis in axes] == ["1 step", "2 steps", "", ""]
    with pytest.raises(ValueError, match="results is empty"):
        plot_sweep([])

import numpy as np
import pytest

from tp_visualisation.evaluation import Curve, RandomizedLayer, Summary
from tp_visualisation.plotting import plot_benchmark, plot_curves, plot_passes, plot_randomization

# Curves

CURVES = {
    "deletion": Curve(np.array([0, 0.5, 1]), np.array([0.8, 0.2, 0]), 0.3),
    "insertion": Curve(np.array([0, 0.5, 1]), np.array([0, 0.6, 0.8]), 0.5),
}


def test_curves_are_drawn_with_their_areas():
    (axis,) = plot_curves(CURVES).axes
    assert [text.get_text() for text in axis.get_legend().get_texts()] == [
        "deletion: area 0.300",
        "insertion: area 0.500",
    ]
    for line, curve in zip(axis.lines, CURVES.values(), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), np.stack([curve.fractions, curve.probabilities], axis=1))


def test_frames_are_drawn_below_with_dots_on_their_curve():
    pictures = np.stack([np.full((4, 5, 3), grey, np.uint8) for grey in (10, 20)])
    axis, *strip = plot_curves(CURVES, frames={"insertion": ([0.25, 1], pictures)}).axes
    assert [panel.get_title() for panel in strip] == ["insertion, 25%", "100%"]
    assert [panel.images[0].get_array().max() for panel in strip] == [10, 20]
    dots = next(line for line in axis.lines if line.get_marker() == "o")
    np.testing.assert_allclose(dots.get_xydata(), [[0.25, 0.3], [1, 0.8]])


def test_no_curves_are_refused():
    with pytest.raises(ValueError, match="curves is empty"):
        plot_curves({})
    with pytest.raises(ValueError, match='no curve "deletoin". Closest: "deletion"'):
        plot_curves(CURVES, frames={"deletoin": ([0], np.zeros((1, 4, 5, 3)))})


def test_passes_are_drawn_as_the_median_of_the_images():
    correlations = np.array([[0.1, 0.6], [0.3, 0.8], [0.9, 0.9]])
    axis = plot_passes({"quadtree": ([0.1, 0.3], correlations)}, aim=(0.25, 0.8)).axes[0]
    np.testing.assert_allclose(axis.lines[0].get_xydata(), [[0.1, 0.3], [0.3, 0.8]])


# Randomised layers


def step(layer, spearman, ssim):
    return RandomizedLayer(layer, np.array(spearman), np.array(ssim), None)


STEPS = [step("top", [0.4, 0.6], [0.3, 0.5]), step("low", [-0.2, 0.0], [0.1, 0.1])]
FLAT = [step("top", [1.0, 1.0], [0.9, 0.9]), step("low", [0.9, 0.9], [0.8, 0.8])]


def test_means_over_the_images_are_drawn_from_1_with_their_spread():
    spearman, ssim = plot_randomization({"Grad-CAM": STEPS, "guided": FLAT}).axes
    assert [text.get_text() for text in spearman.get_legend().get_texts()] == ["Grad-CAM", "guided"]
    np.testing.assert_allclose(spearman.lines[0].get_ydata(), [1, 0.5, -0.1])
    np.testing.assert_allclose(spearman.lines[1].get_ydata(), [1, 1, 0.9])
    np.testing.assert_allclose(ssim.lines[0].get_ydata(), [1, 0.4, 0.1])
    assert [label.get_text() for label in spearman.get_xticklabels()] == ["none", "top", "low"]
    heights = spearman.collections[0].get_paths()[0].vertices[:, 1]
    assert {0.4, 0.6} <= set(np.round(heights, 6))


def test_of_many_layers_some_are_named():
    steps = [step(f"layer {number}", [0], [0]) for number in range(1, 100)]
    spearman, _ = plot_randomization({"Grad-CAM": steps}, n_names=10).axes
    names = [label.get_text() for label in spearman.get_xticklabels()]
    assert names == ["none", *(f"layer {number}" for number in range(10, 100, 10))]


def test_no_layers_or_other_ones_are_refused():
    with pytest.raises(ValueError, match="results is empty"):
        plot_randomization({})
    with pytest.raises(ValueError, match="same layers"):
        plot_randomization({"Grad-CAM": STEPS, "guided": FLAT[:1]})
    with pytest.raises(ValueError, match="n_names must be at least 1"):
        plot_randomization({"Grad-CAM": STEPS}, n_names=0)


# Benchmarks

SUMMARIES = [
    Summary("grad_cam", "insertion", 0.6, 0.5, 0.8, 20, 0, "↑"),
    Summary("grad_cam", "time", 0.04, 0.03, 0.05, 20, 0, "↓", "s"),
    Summary("rise", "insertion", 0.03, 0.02, 0.75, 20, 0, "↑"),
    Summary("rise", "time", 5.0, 4.0, 6.0, 20, 0, "↓", "s"),
    Summary("cam", "insertion", None, None, None, 0, 20, "↑"),
]


def test_each_metric_has_a_panel_with_a_point_and_its_interval_for_each_method():
    insertion, time = plot_benchmark(SUMMARIES, title="samples").axes
    assert [insertion.get_title(), time.get_title()] == ["insertion ↑", "time (s) ↓"]
    assert [label.get_text() for label in insertion.get_yticklabels()] == ["grad_cam", "rise"]
    interval, point, *_ = insertion.lines
    np.testing.assert_array_equal(interval.get_xydata(), [[0.5, 0], [0.8, 0]])
    np.testing.assert_array_equal(point.get_xydata(), [[0.6, 0]])
    assert insertion.get_ylim()[0] > insertion.get_ylim()[1]


def test_what_has_a_unit_and_differs_by_more_than_ten_times_is_drawn_on_a_log_axis():
    insertion, time = plot_benchmark(SUMMARIES).axes
    assert (insertion.get_xscale(), time.get_xscale()) == ("linear", "log")
    slower = [summary._replace(metric="passes", unit="passes", value=1000.0) for summary in SUMMARIES[1::2]]
    slower[0] = slower[0]._replace(value=10.0)
    assert plot_benchmark(slower).axes[0].get_xscale() == "log"
    alike = [SUMMARIES[1], SUMMARIES[3]._replace(value=0.3)]
    assert plot_benchmark(alike).axes[0].get_xscale() == "linear"


def test_without_any_value_there_is_nothing_to_draw():
    with pytest.raises(ValueError, match="nothing to draw"):
        plot_benchmark(SUMMARIES[-1:])

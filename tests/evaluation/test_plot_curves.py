import numpy as np
import pytest

from tp_visualisation.evaluation import Curve
from tp_visualisation.plotting import plot_curves

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


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="curves is empty"):
        plot_curves({})
    with pytest.raises(ValueError, match='no curve "deletoin". Closest: "deletion"'):
        plot_curves(CURVES, frames={"deletoin": ([0], np.zeros((1, 4, 5, 3)))})

import numpy as np
import pytest

from tp_visualisation.evaluation import Score
from tp_visualisation.plotting import plot_benchmark

SCORES = [
    Score("grad_cam", "insertion", 0.6, 0.5, 0.8, 20, 0),
    Score("grad_cam", "time", 0.04, 0.03, 0.05, 20, 0),
    Score("rise", "insertion", 0.7, 0.6, 0.75, 20, 0),
    Score("rise", "time", 5.0, 4.0, 6.0, 20, 0),
    Score("cam", "insertion", None, None, None, 0, 20),
]


def test_each_metric_has_a_panel_with_a_point_and_its_interval_for_each_method():
    insertion, time = plot_benchmark(SCORES, title="samples").axes
    assert insertion.get_title() == "insertion ↑"
    assert [label.get_text() for label in insertion.get_yticklabels()] == ["grad_cam", "rise"]
    interval, point, *_ = insertion.lines
    np.testing.assert_array_equal(interval.get_xydata(), [[0.5, 0], [0.8, 0]])
    np.testing.assert_array_equal(point.get_xydata(), [[0.6, 0]])
    assert (insertion.get_xscale(), time.get_xscale()) == ("linear", "log")
    assert insertion.get_ylim()[0] > insertion.get_ylim()[1]


def test_without_any_value_there_is_nothing_to_draw():
    with pytest.raises(ValueError, match="nothing to draw"):
        plot_benchmark(SCORES[-1:])

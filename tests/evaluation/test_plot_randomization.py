import numpy as np
import pytest

from tp_visualisation.evaluation import RandomizedLayer
from tp_visualisation.plotting import plot_randomization


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


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="results is empty"):
        plot_randomization({})
    with pytest.raises(ValueError, match="same layers"):
        plot_randomization({"Grad-CAM": STEPS, "guided": FLAT[:1]})

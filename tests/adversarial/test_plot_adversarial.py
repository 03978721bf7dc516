import numpy as np

from tp_visualisation.adversarial import fgsm, fool
from tp_visualisation.plotting import plot_adversarial


def test_panels_show_original_result_and_difference_times_ten_around_grey(linear, grey):
    example = fool(linear, grey, "dog", learning_rate=8)
    axes = plot_adversarial(example).get_axes()
    drawn = [axis.images[0].get_array() for axis in axes[:4]]
    expected = [grey, example.image, 128 + example.perturbation, np.clip(128 + 10 * example.perturbation, 0, 255)]
    for panel, array in zip(drawn, expected, strict=True):
        np.testing.assert_array_equal(panel, array)


def test_bars_are_the_probabilities_before_and_after_in_the_colours_of_their_classes(linear, grey):
    example = fool(linear, grey, "dog", learning_rate=8)
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

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.signal import convolve2d

import tp_visualisation as tpv
from tp_visualisation.evaluation import (
    Curve,
    blurred_input,
    deletion,
    frames,
    insertion,
    map_density,
    overall,
    pixel_ranks,
    rank_corruption,
)

SIZE = (4, 5)


def sigmoid(scores):
    return 1 / (1 + np.exp(-np.asarray(scores, np.float64)))


@pytest.fixture
def weights():
    return np.random.default_rng(0).normal(0, 0.4, (*SIZE, 3)).astype(np.float32)


@pytest.fixture
def photograph():
    return np.random.default_rng(1).uniform(0, 255, (*SIZE, 3)).astype(np.float32)


@pytest.fixture
def one_pixel(logistic):
    """The probability of class 1 is sigmoid(40) ≈ 1 where pixel (1, 2) is white, and ½ where it is zero."""
    weights = np.zeros((*SIZE, 3), np.float32)
    weights[1, 2, 0] = 40
    return logistic(weights)


WHITE = np.full((*SIZE, 3), 255, np.uint8)


def ramp_with(value):
    """A map without ties whose pixel (1, 2) has a given value among -20..-1."""
    saliency_map = -1.0 - np.arange(20.0).reshape(SIZE)
    saliency_map[1, 2] = value
    return saliency_map


def test_deletion_of_the_one_pixel_that_counts_first_falls_at_once(one_pixel):
    curve = deletion(one_pixel, WHITE, ramp_with(1), 1, step_size=1)
    np.testing.assert_allclose(curve.probabilities, [1, *[0.5] * 20], atol=1e-6)
    np.testing.assert_allclose(curve.fractions, np.arange(21) / 20)
    assert curve.auc == pytest.approx((0.5 + 19 * 0.5 + 0.25) / 20)


def test_deletion_of_the_one_pixel_that_counts_last_falls_at_the_end(one_pixel):
    curve = deletion(one_pixel, WHITE, ramp_with(-100), 1, step_size=1)
    np.testing.assert_allclose(curve.probabilities, [*[1] * 20, 0.5], atol=1e-6)
    assert curve.auc == pytest.approx((0.5 + 19 + 0.25) / 20)


def test_deletion_puts_zeros_of_the_input_space_in_the_order_of_the_map(logistic, weights, photograph):
    saliency_map = np.random.default_rng(2).permutation(20).reshape(SIZE)
    contributions = ((photograph / 127.5 - 1) * weights).sum(axis=-1).ravel()
    order = np.argsort(-saliency_map.ravel())
    left = [contributions[order[k:]].sum() for k in (0, 3, 6, 9, 12, 15, 18, 20)]

    curve = deletion(logistic(weights), photograph, saliency_map, 1, step_size=3)

    assert isinstance(curve, Curve)
    np.testing.assert_allclose(curve.probabilities, sigmoid(left), rtol=1e-5)
    np.testing.assert_allclose(curve.fractions, np.array([0, 3, 6, 9, 12, 15, 18, 20]) / 20)
    assert curve.auc == pytest.approx((sigmoid(left).sum() - sigmoid(left[0]) / 2 - 0.25) / 7, abs=1e-6)


def test_insertion_goes_from_the_blurred_input_to_the_input(logistic, weights, photograph):
    x = photograph / 127.5 - 1
    one = np.zeros((11, 11))
    one[5, 5] = 1
    blurred = np.stack([convolve2d(x[..., c], gaussian_filter(one, 5), mode="same") for c in range(3)], axis=-1)
    saliency_map = np.random.default_rng(2).permutation(20).reshape(SIZE)
    order = np.argsort(-saliency_map.ravel())
    before, after = ((array * weights).sum(axis=-1).ravel() for array in (blurred, x))
    scores = [after[order[:k]].sum() + before[order[k:]].sum() for k in (0, 8, 16, 20)]

    curve = insertion(logistic(weights), photograph, saliency_map, 1, step_size=8)

    np.testing.assert_allclose(curve.probabilities, sigmoid(scores), rtol=1e-5)


def test_the_blur_is_nearly_a_box_of_11_pixels():
    x = np.zeros((1, 31, 31, 1), np.float32)
    x[0, 15, 15] = 1
    kernel = blurred_input(x)[0, ..., 0]
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(np.argwhere(kernel).min(axis=0), [10, 10])
    np.testing.assert_array_equal(np.argwhere(kernel).max(axis=0), [20, 20])
    assert (round(float(kernel[kernel > 0].min()), 4), round(float(kernel.max()), 4)) == (0.0077, 0.0088)


def test_of_equal_pixels_the_first_in_reading_order_goes_first():
    np.testing.assert_array_equal(pixel_ranks(np.array([[0, 7, 0], [7, 9, 7]])), [[4, 1, 5], [2, 0, 3]])
    np.testing.assert_array_equal(pixel_ranks(np.array([[False, True], [True, False]])), [[2, 0], [1, 3]])
    np.testing.assert_array_equal(pixel_ranks(np.array([[3, 0, 200]], np.uint8)), [[1, 2, 0]])


def test_overall_is_insertion_minus_deletion(logistic, weights, photograph):
    args = logistic(weights), photograph, ramp_with(3), 1
    expected = insertion(*args, step_size=2).auc - deletion(*args, step_size=2).auc
    assert overall(*args, step_size=2) == pytest.approx(expected)
    assert abs(expected) > 1e-3


def test_the_area_does_not_depend_on_the_batch_size(logistic, weights, photograph):
    args = logistic(weights), photograph, ramp_with(3), 1
    for metric in (deletion, insertion):
        curves = [metric(*args, step_size=1, batch_size=batch_size).probabilities for batch_size in (1, 4, 64)]
        np.testing.assert_allclose(curves[0], curves[1], rtol=1e-6)
        np.testing.assert_allclose(curves[0], curves[2], rtol=1e-6)


@pytest.mark.parametrize("progress", [False, True])
@pytest.mark.parametrize(
    ("measure", "bars"),
    [(deletion, ["21/21"]), (insertion, ["21/21"]), (overall, ["21/21"] * 2), (rank_corruption, ["11/11"])],
)
def test_progress_is_a_bar_of_inputs_on_stderr(one_pixel, bars_at_once, capsys, measure, bars, progress):
    options = {} if measure is rank_corruption else {"step_size": 1}
    measure(one_pixel, WHITE, ramp_with(1), 1, batch_size=4, progress=progress, **options)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count(bars[0]) == len(bars) if progress else err == ""
    names = {overall: ["insertion", "deletion"], rank_corruption: ["rank corruption"]}.get(measure, [measure.__name__])
    assert all(f"{name}: " in err for name in names) if progress else err == ""


def test_a_step_of_more_pixels_than_there_are_changes_all_at_once(one_pixel):
    curve = deletion(one_pixel, WHITE, ramp_with(1), 1, step_size=224)
    np.testing.assert_allclose(curve.probabilities, [1, 0.5], atol=1e-6)
    assert curve.auc == pytest.approx(0.75)


def test_without_a_target_the_predicted_class_is_followed(one_pixel):
    black = np.zeros((*SIZE, 3), np.uint8)  # x = -1: class 0 wins
    assert deletion(one_pixel, black, ramp_with(1), step_size=1).probabilities[0] == pytest.approx(1)


def test_the_map_of_a_larger_image_is_resized_to_the_input(one_pixel):
    large = np.full((8, 10, 3), 255, np.uint8)
    saliency_map = np.kron(ramp_with(1), np.ones((2, 2)))
    curve = deletion(one_pixel, large, saliency_map, 1, step_size=1)
    np.testing.assert_allclose(curve.probabilities, [1, *[0.5] * 20], atol=1e-6)


@pytest.mark.parametrize("metric", [deletion, insertion])
def test_image_and_map_are_left_alone(metric, logistic, weights, photograph):
    saliency_map = ramp_with(3)
    before = photograph.copy(), saliency_map.copy()
    metric(logistic(weights), photograph, saliency_map, 1)
    np.testing.assert_array_equal(photograph, before[0])
    np.testing.assert_array_equal(saliency_map, before[1])


@pytest.mark.parametrize("metric", [deletion, insertion, overall])
@pytest.mark.parametrize(
    ("saliency_map", "options", "message"),
    [
        (np.eye(5), {}, r"size \(4, 5\) of its image, got \(5, 5\)"),
        (np.ones(SIZE), {}, "constant, 1 everywhere"),
        (np.where(np.eye(4, 5), np.nan, 1), {}, "NaN"),
        (np.eye(4, 5)[None], {}, r"shape \(H, W\)"),
        (np.eye(4, 5).astype(str), {}, "must hold numbers"),
        (np.eye(4, 5), {"step_size": 0}, "step_size must be at least 1"),
        (np.eye(4, 5), {"batch_size": 0}, "batch_size must be at least 1"),
    ],
)
def test_what_cannot_be_judged_is_refused(metric, saliency_map, options, message, one_pixel):
    with pytest.raises(ValueError, match=message):
        metric(one_pixel, WHITE, saliency_map, 1, **options)


@pytest.mark.parametrize("measure", [deletion, insertion, overall, map_density, rank_corruption])
@pytest.mark.parametrize(
    ("image", "message"),
    [
        ("photograph.jpg", "read it with load_image"),
        (WHITE[..., 0], r"image must have the shape \(H, W, 3\)"),
        (WHITE / np.float32(255), r"looks like a \[0, 1\] image"),
    ],
)
def test_an_image_that_is_none_is_named_before_its_map(measure, image, message, one_pixel):
    with pytest.raises(ValueError, match=message):
        measure(one_pixel, image, np.eye(7), 1)


@pytest.mark.parametrize("measure", [map_density, rank_corruption])
def test_other_measures_refuse_the_same_maps(measure, one_pixel):
    for saliency_map, message in ((np.eye(5), "size .* of its image"), (np.ones(SIZE), "constant")):
        with pytest.raises(ValueError, match=message):
            measure(one_pixel, WHITE, saliency_map, 1)


def test_a_map_that_loses_its_only_pixel_at_the_input_size_is_refused(one_pixel):
    saliency_map = np.zeros((40, 50))
    saliency_map[0, 0] = 1
    with pytest.raises(ValueError, match="constant at the network's input size"):
        deletion(one_pixel, np.full((40, 50, 3), 255, np.uint8), saliency_map, 1)


def test_frames_show_the_photograph_with_its_most_salient_pixels_changed(one_pixel, photograph):
    pictures = frames(one_pixel, photograph, ramp_with(1), [0, 0.05, 1])
    np.testing.assert_allclose(pictures[0], photograph, atol=0.5)
    assert np.argwhere((pictures[1] != pictures[0]).any(axis=-1)).tolist() == [[1, 2]]
    assert set(pictures[2].ravel()) == {128}

    pictures = frames(one_pixel, photograph, ramp_with(1), [0, 0.05, 1], metric="insertion")
    assert pictures[0].std() < photograph.std() / 3
    np.testing.assert_allclose(pictures[1][1, 2], photograph[1, 2], atol=0.5)
    np.testing.assert_allclose(pictures[2], photograph, atol=0.5)


def test_frames_of_another_metric_or_beyond_the_end_are_refused(one_pixel):
    with pytest.raises(ValueError, match="metric must be"):
        frames(one_pixel, WHITE, ramp_with(1), [0], metric="pointing")
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        frames(one_pixel, WHITE, ramp_with(1), [0, 20])


def test_openvino_gives_the_same_curve(one_pixel):
    other = tpv.Classifier(one_pixel.model, preprocess=one_pixel.preprocess, engine="openvino")
    curves = [insertion(clf, WHITE, ramp_with(1), 1, step_size=1).probabilities for clf in (one_pixel, other)]
    np.testing.assert_allclose(*curves, atol=1e-5)

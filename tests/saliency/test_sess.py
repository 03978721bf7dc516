import inspect
from functools import partial

import cv2
import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation import plotting
from tp_visualisation.course import small_classifier
from tp_visualisation.resampling import resizing_matrix
from tp_visualisation.saliency import (
    Batch,
    Window,
    extraction,
    fusion,
    grad_cam,
    multi_scaling,
    pre_filtering,
    sess,
    sliding_window,
    smoothing,
)

INPUT = (224, 224)


def minmax(array):
    return (array - array.min()) / (array.max() - array.min())


def grey(classifier, image, target):
    """A base method with an answer on paper: the mean of the channels."""
    return np.asarray(image, np.float32).mean(axis=-1)


def many_grey(classifier, crops, target):
    return Batch([grey(classifier, crop, target) for crop in crops])


def photograph(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def windows_of(size, n_scales=12, input_size=INPUT, stride=None):
    return sliding_window(multi_scaling(size, input_size, n_scales), size, input_size, stride)


def likely(values):
    return [Window(0, (1, 1), (0, 0, 1, 1), (0, 0, 1, 1), probability) for probability in values]


# Multi-scaling


def test_shorter_sides_are_224_288_up_to_928_and_proportions_are_kept():
    assert multi_scaling((300, 300), INPUT, 12) == [(224 + 64 * i, 224 + 64 * i) for i in range(12)]
    assert multi_scaling((400, 600), INPUT, 3) == [(224, 336), (288, 432), (352, 528)]
    assert multi_scaling((600, 400), INPUT, 2) == [(336, 224), (432, 288)]
    assert multi_scaling((50, 75), INPUT, 1) == [(224, 336)], "a small image is enlarged"


def test_smallest_scale_just_covers_an_input_that_is_not_square():
    assert multi_scaling((12, 20), (12, 20), 2) == [(12, 20), (76, 126)]
    assert multi_scaling((100, 100), (12, 20), 1) == [(20, 20)]
    assert multi_scaling((10, 100), (12, 20), 1) == [(12, 120)]


# Sliding window


def test_windows_lie_side_by_side_and_the_last_ones_move_back_inside():
    positions = [window.position for window in sliding_window([(288, 500)], (288, 500), INPUT)]
    assert positions == [
        (0, 0, 224, 224),
        (0, 224, 224, 448),
        (0, 276, 224, 500),
        (64, 0, 288, 224),
        (64, 224, 288, 448),
        (64, 276, 288, 500),
    ]


def test_size_that_the_window_divides_has_no_window_twice():
    assert [window.position[:2] for window in sliding_window([(448, 224)], (448, 224), INPUT)] == [(0, 0), (224, 0)]


def test_number_of_windows_is_the_one_counted_by_hand():
    # ⌈s / 224⌉ along a side: 1, 2 2 2, 3 3 3, 4 4 4 4, 5 (224; 288..416; 480..608... 672 = 3 x 224; 736..864; 928)
    assert len(windows_of((224, 224))) == 1 + 3 * 4 + 4 * 9 + 3 * 16 + 25 == 122
    assert len(windows_of((224, 224), n_scales=1)) == 1
    assert len(windows_of((200, 540))) == 303, "the number in the paper's example: an image 2.7 times as wide as high"


@pytest.mark.parametrize("size", [(224, 224), (216, 380), (500, 375), (30, 20)])
@pytest.mark.parametrize("step", [None, 100])
def test_every_pixel_of_every_scale_is_seen(size, step):
    for scaled_size in multi_scaling(size, INPUT, 4):
        seen = np.zeros(scaled_size, int)
        for window in sliding_window([scaled_size], size, INPUT, step):
            top, left, bottom, right = window.position
            assert (bottom - top, right - left) == INPUT
            assert top >= 0 <= left
            assert bottom <= scaled_size[0]
            assert right <= scaled_size[1]
            seen[top:bottom, left:right] += 1
        assert seen.min() >= 1


def test_box_is_the_window_in_the_pixels_of_the_image():
    window = windows_of((448, 448), n_scales=2)[-1]
    assert window.position == (64, 64, 288, 288)
    np.testing.assert_allclose(window.box, np.array([64, 64, 288, 288]) * 448 / 288)


# Pre-filtering


def test_best_windows_are_kept_in_their_order():
    assert pre_filtering(likely([0.1, 0.9, 0.5, 0.7]), 0.5) == [1, 3]
    assert pre_filtering(likely([0.1, 0.9, 0.5, 0.7]), 0.0) == [0, 1, 2, 3]
    assert pre_filtering(likely([0.2, 0.2, 0.2]), 0.5) == [0, 1], "ties in their order, the number rounded up"


@pytest.mark.parametrize(("n", "ratio", "kept"), [(303, 0.99, 4), (10, 0.9, 1), (10, 0.7, 3), (1, 0.99, 1)])
def test_number_kept_is_that_of_the_paper(n, ratio, kept):
    assert len(pre_filtering(likely(np.linspace(0, 1, n)), ratio)) == kept


def test_windows_have_the_probability_of_the_class(pooled):
    image = photograph(24, 60).astype(np.float32)
    windows = sliding_window([(24, 60)], (24, 60), (12, 20))
    assert len(windows) == 6
    expected = [pooled.probabilities(image[y : y + 12, x : x + 20])[0, 1] for y in (0, 12) for x in (0, 20, 40)]
    for explain in (many_grey, tpv.saliency.BATCHED["grad_cam"]):  # which gives no scores with the maps, which does
        extracted = extraction(pooled, image, windows, 1, explain, batch_size=4)
        np.testing.assert_allclose([window.probability for window in extracted], expected, rtol=1e-5)


# Extraction


def test_each_map_is_the_minmax_of_the_base_on_that_part_of_the_scaled_image(pooled):
    image = photograph(24, 40).astype(np.float32)
    windows = sliding_window([(36, 60)], (24, 40), (12, 20))
    maps = [window.saliency_map for window in extraction(pooled, image, windows, 1, many_grey)]
    scaled = cv2.resize(image, (60, 36), interpolation=cv2.INTER_LINEAR)
    assert len(maps) == 9
    np.testing.assert_allclose(maps[5], minmax(scaled[12:24, 40:60].mean(axis=-1)), atol=1e-5)


def test_windows_are_extracted_in_batches(pooled, monkeypatch):
    calls = []

    def base(classifier, image, target):
        raise AssertionError("the batch form is there to be used")

    def batch(classifier, images, target):
        calls.append((images.shape, images.dtype, target))
        return Batch(images.mean(axis=-1))

    monkeypatch.setitem(tpv.saliency.METHODS, "toy", base)
    monkeypatch.setitem(tpv.saliency.BATCHED, "toy", batch)
    image = photograph(24, 40)
    assert len(windows_of((24, 40), 2, (12, 20))) == 1 + 49
    batched = sess(pooled, image, 1, base=base, n_scales=2, batch_size=32)
    assert calls == [((32, 12, 20, 3), np.float32, 1), ((18, 12, 20, 3), np.float32, 1)]
    np.testing.assert_allclose(batched, sess(pooled, image, 1, base=grey, n_scales=2), atol=1e-5)


def test_batch_size_does_not_change_the_map(nested):
    image = photograph(96, 130)
    first, again, other = (sess(nested, image, 1, n_scales=3, batch_size=b) for b in (32, 32, 5))
    np.testing.assert_array_equal(first, again)
    np.testing.assert_allclose(first, other, atol=1e-4)


def test_flat_window_is_zero_and_a_black_one_is_not_refused(pooled):
    image = photograph(24, 40)
    image[:, :20] = 0
    image[0, 0] = 1
    gradient = tpv.saliency.gradient
    saliency_map, windows = sess(
        pooled, image, 1, base=lambda *subject: gradient(*subject), n_scales=2, return_windows=True
    )
    assert np.isfinite(saliency_map).all()
    flat = sess(pooled, image, 1, base=lambda c, i, t: np.full((12, 20), 3.0), n_scales=2)
    np.testing.assert_array_equal(flat, 0)


@pytest.mark.parametrize(
    "answer", [np.zeros((5, 5)), np.full((12, 20), np.nan), np.zeros((12, 20, 3))], ids=["size", "NaN", "rank"]
)
def test_base_that_gives_something_else_than_a_finite_map_is_refused(answer, pooled):
    with pytest.raises(ValueError, match="base must give finite maps"):
        sess(pooled, photograph(12, 20), 1, base=lambda *_: answer, n_scales=1)


# Fusion


def with_maps(windows, maps):
    return [window._replace(saliency_map=saliency_map) for window, saliency_map in zip(windows, maps, strict=True)]


def pasted_and_resized(maps, windows, image_size):
    """The definition: each map on a canvas of its own, resized as a whole; the stack of all of them."""
    largest = max(window.probability for window in windows)
    stack = []
    for saliency_map, window in zip(maps, windows, strict=True):
        canvas = np.zeros(window.scaled_size, np.float32)
        top, left, bottom, right = window.position
        canvas[top:bottom, left:right] = saliency_map * (window.probability / largest)
        stack.append(cv2.resize(canvas, image_size[::-1], interpolation=cv2.INTER_LINEAR))
    stack = np.stack(stack)
    return minmax(stack.sum(axis=0) / np.maximum((stack > 0).sum(axis=0), 1))


@pytest.mark.parametrize("size", [(224, 224), (100, 310), (500, 375)])
def test_fusion_is_what_whole_canvases_give(size):
    rng = np.random.default_rng(1)
    windows = [window._replace(probability=rng.uniform(0.01, 1)) for window in windows_of(size, n_scales=4)]
    maps = [minmax(cv2.resize(rng.random((7, 7), np.float32), INPUT)) for _ in windows]
    difference = np.abs(fusion(with_maps(windows, maps), size) - pasted_and_resized(maps, windows, size))
    assert np.quantile(difference, 0.99) < 1e-4  # at a border, a value > 0 may be 0 but for rounding
    assert difference.mean() < 1e-3


def test_mean_is_over_the_values_greater_than_zero():
    windows = [Window(0, (1, 4), (0, left, 1, left + 3), (), score) for left, score in ((0, 0.8), (1, 0.4))]
    maps = np.float32([[[0.5, 0, 1]], [[0, 1, 0.5]]])
    # L: (.5, 0, 1, 0) and half of (0, 0, 1, .5). Means over what is > 0: .5, none, (1 + .5) / 2, .25
    np.testing.assert_allclose(
        fusion(with_maps(windows, maps), (1, 4)), np.array([[0.5, 0, 0.75, 0.25]]) / 0.75, rtol=1e-6
    )


def test_order_of_the_probabilities_does_not_change_the_fusion():
    rng = np.random.default_rng(1)
    windows = [Window(0, (4, 9), (0, left, 4, left + 5), ()) for left in (0, 1, 2, 3, 4)]
    windows = with_maps(windows, rng.random((5, 4, 5), np.float32))
    rising = np.array([0.0, 0.0, 1e-6, 0.2, 0.9])  # nothing is known of the largest when the first ones come
    for order in (range(5), range(4, -1, -1), rng.permutation(5)):
        some = [window._replace(probability=rising[place]) for place, window in enumerate(windows)]
        expected = pasted_and_resized([window.saliency_map for window in some], some, (4, 9))
        np.testing.assert_allclose(fusion([some[place] for place in order], (4, 9)), expected, atol=1e-6)


def test_class_without_any_probability_weighs_all_windows_alike():
    windows = [Window(0, (1, 4), (0, 2 * i, 1, 2 * i + 2), (), 0.0) for i in (0, 1)]
    np.testing.assert_array_equal(
        fusion(with_maps(windows, np.float32([[[0, 1]], [[1, 0.5]]])), (1, 4)), [[0, 1, 1, 0.5]]
    )


@pytest.mark.parametrize(("n", "length"), [(7, 7), (7, 21), (21, 7), (224, 300), (928, 224), (1, 5), (5, 1)])
def test_resizing_matrix_is_the_resizing_of_images(n, length):
    column = np.random.default_rng(2).random((n, 1), dtype=np.float32)
    np.testing.assert_allclose(resizing_matrix(length, n) @ column, tpv.images.resize(column, (length, 1)), atol=1e-4)


# Smoothing


def test_smoothing_spreads_a_point_over_11_pixels_as_a_gaussian_of_sigma_5():
    point = np.zeros((31, 31), np.float32)
    point[15, 15] = 1
    blurred = smoothing(point)
    assert (blurred[15] > 0).sum() == 11
    np.testing.assert_allclose(blurred[15, 10:21], np.exp(-(np.arange(-5, 6) ** 2) / 50), atol=1e-5)


# The whole


@pytest.mark.parametrize("base", [grad_cam, grey])
def test_one_scale_on_an_image_of_the_input_size_is_the_base_method(base, pooled, image):
    np.testing.assert_array_equal(
        sess(pooled, image, 1, base=base, n_scales=1, smooth=False), minmax(base(pooled, image, 1))
    )


def test_small_object_is_found_by_the_larger_scales():
    # One feature, the mean of red over 12 x 12 pixels, seen by global pooling: the whole image says little of a dot.
    inputs = keras.Input((12, 12, 3))
    a = keras.layers.ReLU(name="features")(keras.layers.Conv2D(1, 1, use_bias=False, name="red")(inputs))
    model = keras.Model(inputs, keras.layers.Dense(2, name="scores")(keras.layers.GlobalAveragePooling2D()(a)))
    model.get_layer("red").set_weights([np.float32([1, 0, 0]).reshape(1, 1, 3, 1)])
    model.get_layer("scores").set_weights([np.float32([[0, 1]]), np.float32([4, 0])])
    classifier = tpv.Classifier(model)
    image = np.zeros((48, 48, 3), np.uint8)
    image[36:42, 6:12, 0] = 200

    saliency_map, windows = sess(classifier, image, 1, n_scales=3, scale_step=12, smooth=False, return_windows=True)

    assert len(windows) == 1 + 4 + 9
    best = max(windows, key=lambda window: window.probability)
    assert best.scale > 0
    top, left, bottom, right = best.box
    assert top <= 36 < 42 <= bottom
    assert left <= 6 < 12 <= right
    inside = saliency_map[36:42, 6:12]
    assert inside.mean() > 0.8
    assert saliency_map[:20, 24:].max() == 0


def test_windows_come_back_with_position_probability_and_map(pooled):
    image = photograph(24, 40)
    saliency_map, windows = sess(pooled, image, 1, n_scales=2, pre_filter=0.9, return_windows=True)
    np.testing.assert_array_equal(saliency_map, sess(pooled, image, 1, n_scales=2, pre_filter=0.9))
    assert [window.scale for window in windows] == [0] + [1] * 49
    kept = [window for window in windows if window.saliency_map is not None]
    assert len(kept) == 5
    assert min(window.probability for window in kept) >= sorted(window.probability for window in windows)[-5]
    for window in kept:
        assert window.saliency_map.shape == (12, 20)
    np.testing.assert_array_equal(
        fusion(kept, (24, 40)), sess(pooled, image, 1, n_scales=2, pre_filter=0.9, smooth=False)
    )


@pytest.mark.parametrize("size", [(5, 7), (12, 20), (200, 31), (1, 1)])
def test_image_of_any_size_gives_a_map_of_its_size_in_0_to_1(size, pooled):
    saliency_map = sess(pooled, photograph(*size), 1, n_scales=2, scale_step=10)
    assert saliency_map.shape == size
    assert saliency_map.dtype == np.float32
    assert saliency_map.min() >= 0
    assert saliency_map.max() in (0, 1)


def test_base_may_be_a_name(pooled, image):
    by_name = sess(pooled, image, 1, base="gradient", n_scales=1)
    np.testing.assert_array_equal(by_name, sess(pooled, image, 1, base=tpv.saliency.gradient, n_scales=1))
    with pytest.raises(ValueError, match='no method "gradients". Closest: "gradient"'):
        sess(pooled, image, 1, base="gradients")


@pytest.mark.parametrize(
    "options",
    [{"n_scales": 0}, {"pre_filter": 1}, {"pre_filter": -0.1}, {"batch_size": 0}, {"scale_step": 0}, {"stride": 13}],
)
def test_impossible_option_is_refused(options, pooled, image):
    with pytest.raises(ValueError, match=next(iter(options))):
        sess(pooled, image, 1, **options)


@pytest.mark.parametrize("batch_size", [3, 32])
def test_options_of_the_base_keep_many_windows_at_once(batch_size, monkeypatch):
    """A layer given by base_options, by functools.partial or by a function of one's own: the same map."""
    strided, image, name = small_classifier(), photograph(24, 40), "first"
    own = sess(strided, image, 1, base=lambda c, i, t: grad_cam(c, i, t, layer=name), n_scales=2)
    monkeypatch.setattr(inspect.getmodule(sess), "_not_too_dark", None)  # what one window at a time would call
    by_options = sess(strided, image, 1, base_options={"layer": name}, n_scales=2, batch_size=batch_size)
    by_partial = sess(strided, image, 1, base=partial(grad_cam, layer=name), n_scales=2, batch_size=batch_size)
    np.testing.assert_array_equal(by_options, by_partial)
    np.testing.assert_allclose(by_options, own, atol=1e-4)
    assert not np.allclose(by_options, sess(strided, image, 1, n_scales=2), atol=1e-2)


def test_option_that_the_base_does_not_take_is_named(pooled, image):
    with pytest.raises(ValueError, match='gradient takes no option "layer"'):
        sess(pooled, image, 1, base="gradient", base_options={"layer": "conv"})


@pytest.mark.parametrize("options", ["layer", ["layer"], {"target": 1}, {"image": 2}, {"nonsense": 3}])
def test_impossible_options_of_the_base_are_refused(options, pooled, image):
    with pytest.raises(ValueError, match="base_options"):
        sess(pooled, image, 1, base_options=options)


def test_base_that_gives_more_than_a_map_is_refused(pooled, image):
    with pytest.raises(ValueError, match="base must give finite maps of the size of a window, .* got Estimate"):
        sess(pooled, image, 1, base="rise", base_options={"return_estimate": True, "n_masks": 128}, n_scales=1)


def test_base_that_cannot_be_called_is_refused(pooled, image):
    with pytest.raises(TypeError, match="a saliency method is given by its name, or as a function.*got 3"):
        sess(pooled, image, 1, base=3)


def test_figure_of_the_windows_has_a_panel_a_scale_and_the_score_of_each_window(pooled):
    image = photograph(24, 40)
    _, windows = sess(pooled, image, 1, n_scales=2, scale_step=10, pre_filter=0.8, return_windows=True)
    figure = plotting.plot_windows(image, windows)
    panels = [axis for axis in figure.axes if axis.images]
    assert [axis.get_title() for axis in panels] == ["12 × 20", "22 × 36"]
    shown = [text.get_text() for axis in panels for text in axis.texts]
    assert shown == [f"{window.probability:.0%}" for window in windows]

    mosaic = np.asarray(panels[1].images[0].get_array())
    assert mosaic.shape == (2 * 12 + 1, 2 * 20 + 2, 3)
    np.testing.assert_array_equal(mosaic[:, 20:22], 255)
    dropped = [window.saliency_map is None for window in windows[1:]]
    corners = [mosaic[y : y + 12, x : x + 20] for y in (0, 13) for x in (0, 22)]
    assert [corner.max() < 64 for corner in corners] == dropped
    assert sum(dropped) in (3, 4), "one of the five windows is kept"

    with pytest.raises(ValueError, match="windows is empty"):
        plotting.plot_windows(image, [])

"""Uses of a map: boxes, cut-outs and crops whose right answer is known."""

import cv2
import numpy as np
import pytest

from tp_visualisation.maps import Box, bounding_box, crop, cut_out, largest_of_channels


@pytest.fixture
def spots():
    """A large spot of 1 and 0.5, a small one of 2, on a floor of 0.1."""
    spots = np.full((20, 30), 0.1, np.float32)
    spots[4:10, 5:15] = 0.5
    spots[6:8, 8:12] = 1
    spots[15:17, 20:22] = 2
    return spots


def test_the_box_is_around_the_largest_region_above_a_share_of_the_maximum(spots):
    assert bounding_box(spots) == Box(5, 4, 15, 10)
    assert bounding_box(spots, share=0.4) == Box(8, 6, 12, 8)
    assert bounding_box(spots, share=1) == Box(20, 15, 22, 17)
    assert bounding_box(100 * spots - 7) == Box(5, 4, 15, 10)  # its floor and scale do not count
    assert all(isinstance(side, int) for side in bounding_box(spots))


def test_of_the_mass_the_brightest_pixels_must_hold_a_share(spots):
    """Above the floor there are 4 of 1.9, 8 of 0.9 and 52 of 0.4: 7.6, 7.2 and 20.8 of 35.6."""
    assert bounding_box(spots, share=0.21, of="mass") == Box(20, 15, 22, 17)
    assert bounding_box(spots, share=0.22, of="mass") == Box(8, 6, 12, 8)
    assert bounding_box(spots, share=0.41, of="mass") == Box(8, 6, 12, 8)
    assert bounding_box(spots, share=0.42, of="mass") == Box(5, 4, 15, 10)
    tiny = np.float32([[0, 1e-30], [0, 3e-30]])
    assert bounding_box(tiny, share=0.7, of="mass") == Box(1, 1, 2, 2)


def test_pixels_that_touch_at_a_corner_are_one_region_and_of_equals_the_first_counts():
    diagonal = np.eye(6)
    diagonal[5, 0] = 1
    assert bounding_box(diagonal) == Box(0, 0, 6, 6)
    assert bounding_box(np.eye(5)[:, [0, 4]]) == Box(0, 0, 1, 1)
    assert bounding_box(np.array([[0, 1.0]])) == Box(1, 0, 2, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": 0}, r"share must lie in \(0, 1\]"),
        ({"share": "half"}, "share must be a number"),
        ({"of": "area"}, 'of must be "maximum" or "mass"'),
    ],
)
def test_a_box_with_a_bad_option_is_refused(options, message, spots):
    with pytest.raises(ValueError, match=message):
        bounding_box(spots, **options)


def test_what_is_no_map_has_no_box():
    for wrong, message in ((np.ones((3, 3)), "constant"), (np.full((3, 3), np.nan), "NaN"), (np.ones(3), "shape")):
        with pytest.raises(ValueError, match=message):
            bounding_box(wrong)


@pytest.mark.parametrize("n_channels", [1, 3])
def test_the_largest_of_the_channels_is_that_of_numpy(n_channels):
    values = np.random.default_rng(0).normal(size=(2, 5, 7, n_channels))
    values[0, 0, 0, 0] = np.nan
    np.testing.assert_array_equal(largest_of_channels(values), np.abs(values).max(axis=-1))


@pytest.fixture
def disc():
    """A red disc on green, with grain, and where it is; and a map that is bright in the middle of it."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:80, :100]
    inside = np.hypot(y - 35, x - 60) < 20
    image = np.where(inside[..., None], (200, 40, 30), (40, 150, 60)) + rng.normal(0, 8, (80, 100, 3))
    return image.clip(0, 255).astype(np.uint8), inside, np.exp(-(np.hypot(y - 35, x - 60) ** 2) / 300)


def test_the_object_is_cut_out_to_its_edge_from_a_map_that_only_points_at_it(disc):
    image, inside, saliency_map = disc
    before = image.copy(), saliency_map.copy()
    cut = cut_out(image, saliency_map)
    assert cut.shape == (80, 100)
    assert cut.dtype == bool
    assert (cut & inside).sum() / (cut | inside).sum() > 0.97
    np.testing.assert_array_equal(cut, cut_out(image.astype(np.float32), saliency_map))
    np.testing.assert_array_equal(image, before[0])
    np.testing.assert_array_equal(saliency_map, before[1])


def test_cutting_out_is_repeatable_and_leaves_the_callers_random_numbers_alone(disc):
    image, _, saliency_map = disc
    drawn = []
    for cutting in (False, True, True):
        cv2.setRNGSeed(11)
        if cutting:
            cut = cut_out(image, saliency_map)
            drawn.append(cut)
        drawn.append(cv2.randu(np.zeros((3, 3), np.uint8), 0, 255).copy())
    np.testing.assert_array_equal(drawn[0], drawn[2])
    np.testing.assert_array_equal(drawn[0], drawn[4])
    np.testing.assert_array_equal(drawn[1], drawn[3])


def test_sparse_and_flat_topped_maps_and_tiny_images_are_cut_too(disc):
    image, _, _ = disc
    sparse = np.zeros((80, 100))
    sparse[33:38, 58:63] = 1  # fewer pixels than five in a hundred
    np.testing.assert_array_equal(cut_out(image, sparse, blur=0), sparse == 1)  # all the rest has the lowest value
    mostly = np.ones((80, 100))
    mostly[:3] = 0
    for blur in (0, 0.025):
        assert cut_out(image, mostly, blur=blur).any()
    for size in ((1, 2), (2, 2), (3, 1)):
        one = np.zeros(size)
        one.flat[-1] = 1
        assert cut_out(np.full((*size, 3), 9, np.uint8), one, blur=1).shape == size


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"foreground": 101}, r"foreground must lie in \[0, 100\]"),
        ({"background": 80}, "in order, background <= probable <= foreground, got 80, 75 and 95"),
        ({"blur": -1}, r"blur must lie in \[0, 1\]"),
    ],
)
def test_a_cut_out_with_a_bad_option_is_refused(options, message, disc):
    with pytest.raises(ValueError, match=message):
        cut_out(disc[0], disc[2], **options)


def test_image_and_map_must_fit(disc):
    image, _, saliency_map = disc
    for use in (cut_out, crop):
        with pytest.raises(ValueError, match="the size"):
            use(image, saliency_map[:40])
        with pytest.raises(ValueError, match="multiply it by 255"):
            use(image / 255, saliency_map)


def numbered(height, width):
    """An image whose red and green say row and column."""
    rows, columns = np.indices((height, width))
    return np.stack([rows, columns, 0 * rows], axis=-1).astype(np.uint8)


def place(part):
    """Left, top, right, bottom of a crop of `numbered`."""
    top, left, _ = part[0, 0]
    bottom, right, _ = part[-1, -1]
    return int(left), int(top), int(right) + 1, int(bottom) + 1


def test_a_crop_is_the_box_or_grows_about_its_middle_to_the_aspect(spots):
    image = numbered(20, 30)
    assert place(crop(image, spots)) == (5, 4, 15, 10)
    assert place(crop(image, spots, share=0.4)) == (8, 6, 12, 8)
    assert place(crop(image, spots, aspect=1)) == (5, 2, 15, 12)
    assert place(crop(image, spots, aspect=2.5)) == (2, 4, 17, 10)
    assert place(crop(image, spots, aspect=0.5)) == (5, 0, 15, 20)  # moved inside: its middle would need 3 rows more
    assert place(crop(image, spots, aspect=3)) == (1, 4, 19, 10)
    part = crop(image, spots)
    assert part.dtype == np.uint8
    part[:] = 0
    assert image.any()


def test_where_the_image_is_too_small_the_box_is_cut():
    wide = np.zeros((20, 30))
    wide[8:12, 1:29] = 1
    assert place(crop(numbered(20, 30), wide, aspect=1)) == (5, 0, 25, 20)
    assert place(crop(numbered(20, 30), wide, aspect=0.1)) == (14, 0, 16, 20)
    assert place(crop(numbered(20, 30), wide, aspect=100)) == (0, 10, 30, 11)
    with pytest.raises(ValueError, match="aspect must be greater than 0"):
        crop(numbered(20, 30), wide, aspect=0)

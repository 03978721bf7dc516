import numpy as np
import pytest

from tp_visualisation.evaluation import (
    Box,
    box_overlap,
    energy_in_box,
    intersection_over_union,
    is_difficult,
    localisation_error,
    pointing_accuracy,
    pointing_game,
)


def peak_at(row, column, size=(60, 80)):
    saliency_map = np.zeros(size)
    saliency_map[row, column] = 1
    return saliency_map


BOX = Box(left=30, top=20, right=40, bottom=26)  # columns 30..39, rows 20..25


@pytest.mark.parametrize(
    ("row", "column", "hit"),
    [
        (20, 30, True),
        (25, 39, True),
        (22, 15, True),  # 15 pixels to the left
        (22, 14, False),
        (22, 54, True),  # 15 to the right
        (22, 55, False),
        (5, 35, True),  # 15 above
        (4, 35, False),
        (40, 35, True),  # 15 below
        (41, 35, False),
        (11, 18, True),  # 9 above and 12 to the left: 15
        (10, 18, False),
    ],
)
def test_a_maximum_within_15_pixels_of_a_box_is_a_hit(row, column, hit):
    assert pointing_game(peak_at(row, column), [BOX]) is hit


def test_without_tolerance_the_maximum_must_be_in_the_box():
    assert pointing_game(peak_at(20, 39), [BOX], tolerance=0)
    assert not pointing_game(peak_at(20, 40), [BOX], tolerance=0)
    assert not pointing_game(peak_at(26, 39), [BOX], tolerance=0)


def test_any_of_the_boxes_will_do_and_the_first_of_equal_maxima_points():
    two = peak_at(50, 70) + peak_at(2, 3)
    assert pointing_game(two, [BOX, (0, 0, 10, 10)])
    assert not pointing_game(two, [(60, 45, 80, 60)])


def test_a_pixel_that_a_box_covers_in_part_is_in_it():
    assert pointing_game(peak_at(5, 7), [(7.9, 5.9, 9, 9)], tolerance=0)
    assert not pointing_game(peak_at(5, 7), [(8, 5.9, 9, 9)], tolerance=0)


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([], "boxes is empty"),
        ([(30, 20, 90, 26)], "inside the image of 60 x 80 pixels"),
        ([(-1, 20, 40, 26)], "inside the image"),
        ([(30, 20, 30, 26)], "inside the image"),
        ([(30, 20, 40, np.nan)], "inside the image"),
        ([(30, 20, 40)], "must be \\(left, top, right, bottom\\)"),
    ],
)
def test_bad_boxes_are_refused(boxes, message):
    with pytest.raises(ValueError, match=message):
        pointing_game(peak_at(0, 0), boxes)
    with pytest.raises(ValueError, match=message):
        is_difficult(boxes, (60, 80), ["dog"])


@pytest.mark.parametrize(
    ("saliency_map", "tolerance", "message"),
    [(np.zeros((60, 80)), 15, "constant"), (np.full((60, 80), np.nan), 15, "NaN"), (peak_at(0, 0), -1, "tolerance")],
)
def test_bad_maps_and_tolerances_are_refused(saliency_map, tolerance, message):
    with pytest.raises(ValueError, match=message):
        pointing_game(saliency_map, [BOX], tolerance)


def test_accuracy_is_the_mean_over_categories_not_over_images():
    accuracy = pointing_accuracy([True, True, True, False, False], ["dog", "dog", "dog", "dog", "cat"])
    assert accuracy.by_category == {"cat": 0.0, "dog": 0.75}
    assert accuracy.mean == 0.375


def test_accuracy_of_nothing_is_refused():
    with pytest.raises(ValueError, match="not empty"):
        pointing_accuracy([], [])
    with pytest.raises(ValueError, match="as long as each other"):
        pointing_accuracy([True], [])


def test_difficult_means_under_a_quarter_covered_and_another_category():
    size = (10, 20)
    assert is_difficult([(0, 0, 10, 4)], size, ["dog"])
    assert not is_difficult([(0, 0, 10, 4)], size, [])
    assert not is_difficult([(0, 0, 10, 5)], size, ["dog"])  # 50 of 200 pixels
    assert is_difficult([(0, 0, 10, 4), (0, 0, 10, 4)], size, ["dog"])  # the same pixels twice
    assert not is_difficult([(0, 0, 10, 4), (10, 0, 15, 2)], size, ["dog"])


# The box of a map, and what of the map lies in boxes


def test_intersection_over_union_on_paper():
    assert intersection_over_union((0, 0, 4, 4), Box(0, 0, 4, 4)) == 1
    assert intersection_over_union((0, 0, 4, 4), (2, 1, 6, 5)) == 6 / 26
    assert intersection_over_union((2, 1, 6, 5), (0, 0, 4, 4)) == 6 / 26
    assert intersection_over_union((0, 0, 4, 4), (1, 1, 3, 3)) == 4 / 16
    assert intersection_over_union((0, 0, 4, 4), (4, 0, 8, 4)) == 0  # they touch
    assert intersection_over_union((0, 0, 4, 4), (7, 7, 8, 8)) == 0  # apart both ways
    for wrong in ((0, 0, 0, 4), (0, 4, 4, 0), (0, 0, 4), (0, 0, np.nan, 4)):
        with pytest.raises(ValueError, match=r"left < right and top < bottom"):
            intersection_over_union((0, 0, 4, 4), wrong)


def block(left, top, right, bottom, size=(60, 80)):
    saliency_map = np.zeros(size)
    saliency_map[top:bottom, left:right] = 1
    return saliency_map


def test_the_box_of_the_map_counts_as_right_from_an_overlap_of_one_half_on():
    half = block(30, 20, 35, 26)  # the left half of the box
    assert box_overlap(half, [BOX]) == 0.5
    assert localisation_error(half, [BOX]) is False
    assert localisation_error(half, [BOX], least_overlap=0.51) is True
    less = block(30, 20, 34, 26)
    assert box_overlap(less, [BOX]) == 0.4
    assert localisation_error(less, [BOX]) is True
    assert box_overlap(less, [BOX, (29, 20, 35, 26)]) == pytest.approx(24 / 36)  # the best of the boxes
    assert not localisation_error(less, [BOX, (29, 20, 35, 26)])


def test_the_share_chooses_the_box_of_the_map():
    saliency_map = block(30, 20, 40, 26) + block(20, 10, 60, 50) / 4
    assert localisation_error(saliency_map, [BOX])
    assert not localisation_error(saliency_map, [BOX], share=0.3)
    assert localisation_error(saliency_map, [BOX], share=0.9, of="mass")
    with pytest.raises(ValueError, match=r"least_overlap must lie in \(0, 1\]"):
        localisation_error(saliency_map, [BOX], least_overlap=0)
    with pytest.raises(ValueError, match="boxes is empty"):
        localisation_error(saliency_map, [])
    with pytest.raises(ValueError, match="constant"):
        box_overlap(np.zeros((60, 80)), [BOX])


def test_energy_is_the_share_of_the_positive_part_inside_the_boxes():
    saliency_map = 3 * block(30, 20, 40, 26) + block(0, 0, 10, 10) - block(50, 40, 60, 50)
    assert energy_in_box(saliency_map, [BOX]) == pytest.approx(180 / 280)
    assert energy_in_box(saliency_map, [BOX, BOX, (30, 20, 35, 26)]) == pytest.approx(180 / 280)  # each pixel once
    assert energy_in_box(saliency_map, [(9.5, 9.5, 12, 12)]) == pytest.approx(1 / 280)  # a pixel covered in part
    assert energy_in_box(-block(0, 0, 10, 10), [BOX]) == 0
    ramp = 1 + np.arange(4800).reshape(60, 80) * 1e-6
    assert energy_in_box(ramp, [(0, 0, 40, 60)]) == pytest.approx(0.5, abs=1e-3)
    with pytest.raises(ValueError, match="inside the image"):
        energy_in_box(ramp, [(0, 0, 90, 60)])

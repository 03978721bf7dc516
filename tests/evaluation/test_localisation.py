import numpy as np
import pytest

from tp_visualisation.evaluation import Box, is_difficult, pointing_accuracy, pointing_game


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

"""Every option is checked in one way: the message names it, what was expected and what came."""

import numpy as np
import pytest

from tp_visualisation.checks import check_choice, check_finite, check_integer, check_number


@pytest.mark.parametrize(
    ("interval", "inside", "outside", "message"),
    [
        ("[0, 1)", (0, 0.5, np.float32(0.99)), (-1e-9, 1, 2), r"share must lie in \[0, 1\), got"),
        ("(0, 1]", (1e-9, 1), (0, 1.5), r"share must lie in \(0, 1\], got"),
        ("[0, inf)", (0, 1e9), (-1, np.inf), "share must be at least 0, got"),
        ("(0, inf)", (1e-9, np.int64(3)), (0, np.inf), "share must be greater than 0, got"),
        ("[1, inf]", (1, np.inf), (0.5,), "share must be at least 1, got"),
    ],
)
def test_number_lies_in_the_interval(interval, inside, outside, message):
    for value in inside:
        check_number(interval, share=value)
    for value in (*outside, np.nan):
        with pytest.raises(ValueError, match=message):
            check_number(interval, share=value)


@pytest.mark.parametrize("value", ["1", None, True, [1], 1j, np.zeros(2)])
def test_what_is_no_number_is_a_type_error(value):
    for check in (check_number, check_integer):
        with pytest.raises(TypeError, match="n_steps must be a (whole )?number, got"):
            check("[1, inf)", n_steps=value)
    with pytest.raises(TypeError, match="baseline must be a finite number, got"):
        check_finite(baseline=value)


def test_whole_number_is_no_fraction():
    for value in (1, np.int8(7), np.uint64(3)):
        check_integer("[1, 7]", n_steps=value)
    for value in (2.5, 2.0, np.float32(2)):
        with pytest.raises(ValueError, match="n_steps must be a whole number, got"):
            check_integer("[1, 7]", n_steps=value)
    for value in (0, 8):
        with pytest.raises(ValueError, match=rf"n_steps must lie in \[1, 7\], the days, got {value}\."):
            check_integer("[1, 7]", "the days", n_steps=value)


def test_the_option_that_is_wrong_is_named_among_several():
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        check_integer("[1, inf)", n_steps=3, batch_size=0)


def test_finite_and_choice():
    check_finite(baseline=-3.5)
    for value in (np.nan, np.inf):
        with pytest.raises(ValueError, match="baseline must be a finite number, got"):
            check_finite(baseline=value)
    check_choice(("linf", "l2"), norm="l2")
    for value in ("l1", 2, None, ["l2"]):
        with pytest.raises(ValueError, match='norm must be "linf" or "l2", got'):
            check_choice(("linf", "l2"), norm=value)

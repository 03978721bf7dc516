"""What is said of one metric's numbers over many maps: the statistics that a `Metric` may name.

    mean                    every map counts the same
    mean over categories    the mean of each category first, then the mean of these: a category with many maps
                            counts no more than one with few
    median                  a few extreme maps count no more than others: a slow call says nothing about the rest

Each is given the rows of a benchmark once, and returns a function that is called for every draw of the bootstrap: from
`times`, (n,), how many times each image has been drawn, to the statistic of the maps of these images. Where `times` is
1 for each image it is the statistic of the rows themselves.
"""

from collections.abc import Callable

import numpy as np


def _mean(rows):
    sums, counts = _sums(rows, [0] * len(rows))
    return lambda times: float(times @ sums[:, 0] / (times @ counts[:, 0]))


def _mean_over_categories(rows):
    _, category = np.unique([row.category for row in rows], return_inverse=True)
    sums, counts = _sums(rows, category)

    def mean(times):
        there = times @ counts > 0  # a draw may have no image of a category
        return float(((times @ sums)[there] / (times @ counts)[there]).mean())

    return mean


def _median(rows):
    image, values = _image_numbers(rows), np.array([row.value for row in rows])
    return lambda times: float(np.median(np.repeat(values, times[image])))


def _sums(rows, group):
    """The sum of the values and their number, for each image (rows of the result) and group (columns).

    `group` gives the number of each row's group.
    """
    image = _image_numbers(rows)
    sums, counts = np.zeros((2, max(image) + 1, max(group) + 1))
    np.add.at(sums, (image, group), [row.value for row in rows])
    np.add.at(counts, (image, group), 1)
    return sums, counts


def _image_numbers(rows):
    """The number of each row's image; images are numbered in the order in which they first come."""
    numbers = {}
    return np.array([numbers.setdefault(row.image, len(numbers)) for row in rows])


STATISTICS: dict[str, Callable] = {"mean": _mean, "mean over categories": _mean_over_categories, "median": _median}

import numpy as np
import pytest
from scipy.stats import bootstrap

from tp_visualisation.evaluation import Metric
from tp_visualisation.evaluation.study.rows import Row
from tp_visualisation.evaluation.study.summary import latex_table, markdown_table, summarise


def rows_of(values, metric="deletion", method="m", categories=None, images=None):
    categories, images = categories or [""] * len(values), images or range(len(values))
    return [
        Row(str(image), category, 0, None, method, metric, value)
        for value, category, image in zip(values, categories, images, strict=True)
    ]


def test_the_interval_of_a_mean_is_that_of_scipys_percentile_bootstrap():
    values = list(np.random.default_rng(1).exponential(1, 40))
    (summary,) = summarise(rows_of(values), n_draws=20_000)
    draws = {"n_resamples": 20_000, "method": "percentile", "random_state": 2}  # `rng` only since SciPy 1.15
    expected = bootstrap((values,), np.mean, **draws).confidence_interval
    assert summary.value == pytest.approx(np.mean(values))
    assert (summary.low, summary.high) == pytest.approx((expected.low, expected.high), rel=0.01)


def test_of_time_the_median_counts():
    (summary,) = summarise(rows_of([1.0, 2.0, 90.0], "time"))
    assert summary.value == 2
    assert (summary.low, summary.high) == (1, 90)


def test_pointing_is_the_mean_over_categories():
    (summary, difficult) = summarise(rows_of([1.0, 1.0, 1.0, 0.0], "pointing", categories=["dog", "dog", "dog", "cat"]))
    assert summary.value == 0.5
    assert difficult.value is None


def test_the_statistic_and_the_heading_are_those_of_the_metric():
    metric = Metric("size", ("wide", "high"), "↓↑", "%", "median", len)
    rows = rows_of([1.0, 2.0, 90.0], "wide") + rows_of([1.0, 2.0, 1234.5], "high") + rows_of([0.0], "high", "other")
    summaries = summarise(rows, [metric])
    assert [(summary.column, summary.value) for summary in summaries] == [
        ("wide (%) ↓", 2),
        ("high (%) ↑", 2),
        ("high (%) ↑", 0),
    ]
    with_mean = summarise(rows, [metric._replace(statistic="mean")])[1]
    assert with_mean.value == pytest.approx(412.5)
    latex = latex_table([with_mean])
    assert r"high (\%) $\uparrow$" in latex
    assert r"m & 412 [1, 1.23e+03]" in latex  # a number with a unit has three digits


def test_images_are_drawn_whole():
    """Two images, each with equal values in its three categories: a draw gives 0, ½ or 1, and both ends are common."""
    values, images = [0.0] * 3 + [1.0] * 3, [0, 0, 0, 1, 1, 1]
    (summary,) = summarise(rows_of(values, categories=list("abc") * 2, images=images))
    assert (summary.value, summary.low, summary.high) == (0.5, 0, 1)


def test_one_image_has_an_interval_of_its_value_and_the_seed_fixes_the_draws():
    assert summarise(rows_of([0.25]))[0][2:5] == (0.25, 0.25, 0.25)
    rows = rows_of(list(np.arange(10.0)))
    assert summarise(rows) == summarise(rows) != summarise(rows, seed=1)


def test_tables_mark_the_best_of_each_column():
    rows = [
        row
        for metric, values in {"deletion": (0.2, 0.1), "insertion": (0.7, 0.6), "density_positive": (1.0, 2.0)}.items()
        for method, value in zip(("grad_cam", "rise"), values, strict=True)
        for row in rows_of([value], metric, method)
    ]
    assert markdown_table(summarise(rows)) == (
        "| method | deletion ↓ | insertion ↑ | density positive ↑ |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| grad_cam | 0.200 [0.200, 0.200] | **0.700** [0.700, 0.700] | 1.000 [1.000, 1.000] |\n"
        "| rise | **0.100** [0.100, 0.100] | 0.600 [0.600, 0.600] | **2.000** [2.000, 2.000] |\n"
    )
    latex = latex_table(summarise(rows))
    assert r"grad\_cam & 0.200 [0.200, 0.200] & \textbf{0.700} [0.700, 0.700]" in latex
    assert r"deletion $\downarrow$ & insertion $\uparrow$" in latex

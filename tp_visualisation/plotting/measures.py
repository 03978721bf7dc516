"""Measures of saliency maps: curves, correlations, and the panels of a benchmark."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from tp_visualisation.checks import check_integer
from tp_visualisation.images import Image
from tp_visualisation.names import find_name
from tp_visualisation.plotting.figure import Figure
from tp_visualisation.plotting.maps import show_image

if TYPE_CHECKING:
    from tp_visualisation.evaluation import Curve, RandomizedLayer, Summary


def plot_passes(
    curves: dict[str, tuple[np.ndarray, np.ndarray]],
    *,
    aim: tuple[float, float] | None = None,
    title: str | None = None,
) -> Figure:
    """Return a Figure of how well a map follows the full one, against the share of forward passes that it took.

    Args:
        curves: dict of name → (shares (B,), correlations (n, B)) over n images: drawn as their median, with
            a band from the first to the third quartile.
        aim: (share, correlation), drawn as a corner of dashed lines; None draws none.
        title: line above the axes.
    """
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axis = figure.subplots()
    for name, (shares, correlations) in curves.items():
        low, median, high = np.percentile(correlations, [25, 50, 75], axis=0)
        (line,) = axis.plot(shares, median, marker="o", markersize=4, label=name)
        axis.fill_between(shares, low, high, color=line.get_color(), alpha=0.15, linewidth=0)
    if aim:
        axis.plot([aim[0], aim[0], 0], [1, aim[1], aim[1]], color="black", linestyle="--", linewidth=1, label="aim")
    axis.set_xlabel("forward passes, share of the full map's")
    axis.set_ylabel("Spearman correlation with the full map")
    axis.set_xlim(left=0)
    axis.set_ylim(top=1)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=9, loc="lower right")
    axis.set_title(title or "", fontsize=12)
    return figure


def plot_curves(
    curves: dict[str, Curve], *, frames: dict[str, tuple[np.ndarray, Image]] | None = None, title: str | None = None
) -> Figure:
    """Return a Figure of deletion and insertion curves, with their areas, over strips of what the network saw.

    Args:
        curves: dict of name → `evaluation.Curve`, such as {"deletion": curve, "insertion": other}.
        frames: dict of name → (fractions, pictures (n, h, w, 3)) from `evaluation.frames`; a strip for each,
            with a dot on the curve of that name for each picture. None draws no strips.
        title: line above.

    Raises:
        ValueError: no curves, or frames of a curve that is not there.
    """
    frames = frames or {}
    if not curves:
        raise ValueError("curves is empty: give {name: curve}, with curves of evaluation.deletion or insertion.")
    for name in frames:
        find_name(name, curves, "curve")
    n_columns = max((len(pictures) for _, pictures in frames.values()), default=1)
    heights = [3.2] + [1.3] * len(frames)
    figure = Figure(figsize=(7.2, 0.6 + sum(heights)), layout="constrained")
    grid = figure.add_gridspec(len(heights), n_columns, height_ratios=heights)
    axis = figure.add_subplot(grid[0, :])
    for name, curve in curves.items():
        (line,) = axis.plot(curve.fractions, curve.probabilities, label=f"{name}: area {curve.auc:.3f}")
        colour = line.get_color()
        axis.fill_between(curve.fractions, curve.probabilities, color=colour, alpha=0.15, linewidth=0)
        if name in frames:
            dots = frames[name][0]
            heights_of_dots = np.interp(dots, curve.fractions, curve.probabilities)
            axis.plot(dots, heights_of_dots, "o", color=colour, clip_on=False)
    axis.set(xlim=(0, 1), ylim=(0, 1.02), xlabel="pixels changed, the most salient first", ylabel="class probability")
    axis.xaxis.set_major_formatter("{x:.0%}")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=9)
    for row, (name, (fractions, pictures)) in enumerate(frames.items(), start=1):
        for column, (fraction, picture) in enumerate(zip(fractions, pictures, strict=True)):
            prefix = f"{name}, " if column == 0 else ""
            show_image(figure.add_subplot(grid[row, column]), picture, f"{prefix}{fraction:.0%}")
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def plot_randomization(
    results: dict[str, list[RandomizedLayer]], *, title: str | None = None, n_names: int = 24
) -> Figure:
    """Return a Figure of `evaluation.cascading_randomization`: how much maps stay the same as layers are randomised.

    Spearman's r_s and SSIM with the original map, 1 before anything is randomised, against the layer randomised last:
    the mean over the images, with a band of one standard deviation on each side.

    Args:
        results: dict of method name → list of `RandomizedLayer`, the same layers for each.
        title: line above.
        n_names: layers that are named, at most, below the axes; from the top, evenly.

    Raises:
        ValueError: no results, lists of other layers, or `n_names` < 1.
    """
    check_integer("[1, inf)", n_names=n_names)
    if not results or not all(results.values()):
        raise ValueError("results is empty: give {name: steps}, with steps of evaluation.cascading_randomization.")
    layers = {tuple(step.layer for step in steps) for steps in results.values()}
    if len(layers) > 1:
        raise ValueError(f"results must be of the same layers, got lists of {sorted(map(len, layers))} layers.")
    names = ["none", *layers.pop()]
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    measures = {"spearman": "Spearman's $r_s$ with the original map", "ssim": "SSIM with the original map"}
    for axis, (measure, label) in zip(figure.subplots(1, 2), measures.items(), strict=True):
        for name, steps in results.items():
            values = np.array([getattr(step, measure) for step in steps])  # (layers, images)
            mean, spread = np.append(1, values.mean(axis=1)), np.append(0, values.std(axis=1))
            (line,) = axis.plot(mean, marker="o", markersize=3, label=name)
            axis.fill_between(range(len(names)), mean - spread, mean + spread, color=line.get_color(), alpha=0.15, lw=0)
        shown = range(0, len(names), -(-len(names) // n_names))
        axis.set_xticks(shown, [names[number] for number in shown], rotation=90, fontsize=7)
        axis.set_xlabel("randomised from the top down to")
        axis.set_title(label, fontsize=10)
        axis.axhline(0, color="black", linewidth=0.8)
        axis.set_ylim(top=1.05)
        axis.grid(alpha=0.3)
        axis.legend(fontsize=9)
    figure.suptitle(title or "", fontsize=12)
    return figure


def plot_benchmark(summaries: Iterable[Summary], *, title: str | None = None) -> Figure:
    """Return a Figure of a benchmark: a panel for each metric, with a point and its interval for each method.

    Args:
        summaries: `evaluation.Summary`s: the `summaries` of the `BenchmarkResult` that `evaluation.benchmark` returns.
        title: line above the panels.

    Raises:
        ValueError: no summary has a value.
    """
    summaries = [summary for summary in summaries if summary.value is not None]
    if not summaries:
        raise ValueError("no summary has a value: there is nothing to draw.")
    methods = list(dict.fromkeys(summary.method for summary in summaries))
    metrics = list(dict.fromkeys(summary.metric for summary in summaries))
    n_columns = min(4, len(metrics))
    n_rows = -(-len(metrics) // n_columns)
    height = 0.9 + 0.28 * len(methods)
    figure = Figure(figsize=(1.4 + 2.6 * n_columns, height * n_rows + 0.4), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False, sharey=True)
    for axis in axes.flat[len(metrics) :]:
        axis.axis("off")
    for axis, metric in zip(axes.flat, metrics, strict=False):
        _show_metric(axis, [summary for summary in summaries if summary.metric == metric], methods)
    axes[0, 0].set_ylim(len(methods) - 0.5, -0.5)  # the first method on top; the panels share their axis
    figure.suptitle(title or "", fontsize=12)
    return figure


def _show_metric(axis, summaries, methods):
    """Draw the summaries of one metric, each at the height of its method."""
    for summary in summaries:
        place = methods.index(summary.method)
        colour = f"C{place % 10}"
        axis.plot([summary.low, summary.high], [place, place], color=colour, linewidth=2)
        axis.plot(summary.value, place, "o", color=colour, markersize=5)
    axis.set_title(summaries[0].column, fontsize=10)
    values = [summary.value for summary in summaries]
    if summaries[0].unit and 0 < 10 * min(values) < max(values):  # seconds, say; what has no unit is a share
        axis.set_xscale("log")
        axis.xaxis.set_major_formatter("{x:g}")
    axis.grid(axis="x", alpha=0.3)
    axis.set_yticks(range(len(methods)), methods, fontsize=9)

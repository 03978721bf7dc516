"""Images that methods made: adversarial ones, and classes as a network sees them."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from tp_visualisation.checks import check_number
from tp_visualisation.names import counted
from tp_visualisation.plotting.figure import PANEL_WIDTH, Figure, panels, proportions
from tp_visualisation.plotting.maps import show_image

if TYPE_CHECKING:
    from tp_visualisation.adversarial import AdversarialExample
    from tp_visualisation.class_model import Snapshot, SweepResult

CURVE_HEIGHT = 2.2  # inches, below the panels


def plot_adversarial(example: AdversarialExample, *, title: str | None = None, magnification: float = 10) -> Figure:
    """Return a Figure of an `AdversarialExample`: what was changed, and what the network sees before and after.

    Above: the original, the adversarial image, their difference, and the difference times
    `magnification`, both laid on mid-grey. Below: the five most probable classes of either image;
    the class that was seen first is blue and the one that it became is orange in both.

    Args:
        example: `AdversarialExample` of any attack.
        title: line above; None says what the image became, and by how much it was changed.
        magnification: factor of the last panel.

    Raises:
        ValueError: `magnification` is not greater than 0.
    """
    check_number("(0, inf)", magnification=magnification)
    perturbation = np.asarray(example.perturbation, np.float32)
    images = {
        "original": example.original_image,
        "adversarial image": example.image,
        "difference": 128 + perturbation,
        f"difference × {magnification:g}": 128 + magnification * perturbation,
    }
    height = PANEL_WIDTH * proportions(perturbation)
    figure = Figure(figsize=(len(images) * PANEL_WIDTH, height + 2.7), layout="constrained")
    above, below = figure.subfigures(2, 1, squeeze=False, height_ratios=[height, 2]).flat
    for axis, (name, image) in zip(above.subplots(1, len(images)), images.items(), strict=True):
        show_image(axis, image, name)

    colours = {example.original.index: "tab:blue"}
    wanted = example.target or example.adversarial
    colours.setdefault(wanted.index, "tab:orange")
    before, after = below.subplots(1, 2)
    _show_top(before, example.original_top, "what the network sees in the original", colours)
    _show_top(after, example.adversarial_top, "what the network sees in the adversarial image", colours)
    outcome = f"in {counted(example.n_steps, 'step')}" if example.success else f"without success: {example.reason}"
    figure.suptitle(
        title
        or f"{example.original.label} to {wanted.label} {outcome}, changes of at most {example.linf:.0f} grey levels",
        fontsize=12,
    )
    return figure


def plot_progress(
    snapshots: Iterable[Snapshot],
    *,
    curve: Iterable[Snapshot] | None = None,
    title: str | None = None,
    n_columns: int = 5,
) -> Figure:
    """Return a Figure of a class emerging: one panel for each `class_model.Snapshot`, with the class probability.

    Args:
        snapshots: `Snapshot`s, in the order of the panels.
        curve: `Snapshot`s, of all steps for instance, whose class probability (the score, where there is none) is
            drawn below against the step, with a dot for each panel; None draws no curve.
        title: line above the panels.
        n_columns: panels in a row.

    Raises:
        ValueError: no snapshots, or `n_columns` < 1.
    """
    snapshots = list(snapshots)
    if not snapshots:
        raise ValueError("snapshots is empty: class_model.visualise_class(..., every=20) gives some.")
    figure, axes = panels(len(snapshots), n_columns, snapshots[0].image, title)
    for axis, snapshot in zip(axes.flat, snapshots, strict=False):
        has_none = isnan(snapshot.probability)
        result = f"score {snapshot.score:.3g}" if has_none else f"{snapshot.probability:.1%}"
        show_image(axis, snapshot.image, f"{counted(snapshot.step, 'step')}: {result}")
    if curve is not None:
        _add_curve(figure, axes, list(curve), snapshots)
    return figure


def _add_curve(figure, axes, curve, dots):
    """Draw the answers of snapshots against their step, in a row of its own below the panels."""
    width, height = figure.get_size_inches()
    figure.set_size_inches(max(width, 2 * PANEL_WIDTH), height + CURVE_HEIGHT)
    grid = figure.add_gridspec(2, 1, height_ratios=[height, CURVE_HEIGHT])
    above = grid[0].subgridspec(*axes.shape)
    for place, axis in enumerate(axes.flat):
        axis.set_subplotspec(above[divmod(place, axes.shape[1])])
    axis = figure.add_subplot(grid[1])
    kind = "score" if isnan(dots[0].probability) else "probability"
    axis.plot([shot.step for shot in curve], [getattr(shot, kind) for shot in curve], linewidth=2)
    axis.plot([shot.step for shot in dots], [getattr(shot, kind) for shot in dots], "o", color="C0", clip_on=False)
    axis.set(xlim=(0, None), xlabel="steps", ylabel=f"class {kind}")
    if kind == "probability":
        axis.set_ylim(0, 1.02)
        axis.yaxis.set_major_formatter("{x:.0%}")
    axis.grid(alpha=0.3)


def plot_sweep(results: Iterable[SweepResult], *, title: str | None = None) -> Figure:
    """Return a Figure of the results of `class_model.sweep`, with the class probability under each picture.

    From left to right more steps; a row for each size of a step η and weight λ of the penalty.

    Args:
        results: `SweepResult`s of all combinations.
        title: line above the panels.

    Raises:
        ValueError: no results.
    """
    results = list(results)
    if not results:
        raise ValueError("results is empty: class_model.sweep gives some.")
    columns = sorted({result.n_steps for result in results})
    rows = sorted({(result.l2, result.step_size) for result in results})
    figure, axes = panels(len(rows) * len(columns), len(columns), results[0].image, title)
    for result in results:
        row, column = rows.index((result.l2, result.step_size)), columns.index(result.n_steps)
        axis = axes[row, column]
        show_image(axis, result.image, counted(result.n_steps, "step") if row == 0 else None)
        label = {"transform": axis.transAxes, "fontsize": 10}
        axis.text(0.5, -0.02, f"{result.probability:.1%}", ha="center", va="top", **label)
        if column == 0:
            settings = f"η = {result.step_size:g}, λ = {result.l2:g}"
            axis.text(-0.03, 0.5, settings, ha="right", va="center", rotation=90, **label)
    return figure


def _show_top(axis, predictions, title, colours):
    """Draw predictions as horizontal bars, the most probable on top; `colours` by class index, grey for the others."""
    places = np.arange(len(predictions))[::-1]
    probabilities = [prediction.probability for prediction in predictions]
    axis.barh(places, probabilities, color=[colours.get(prediction.index, "silver") for prediction in predictions])
    axis.set_yticks(places, [prediction.label for prediction in predictions], fontsize=9)
    for place, probability in zip(places, probabilities, strict=True):
        axis.text(probability + 0.01, place, f"{probability:.1%}", va="center", fontsize=8)
    axis.set_xlim(0, 1.12)
    axis.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"], fontsize=8)
    axis.set_title(title, fontsize=10)
    axis.spines[["top", "right"]].set_visible(False)

"""Figures. The only file that imports matplotlib: methods return raw numbers, and everything visual happens here."""

import io
from pathlib import Path

import matplotlib
import matplotlib.figure
import numpy as np
import PIL.Image
from matplotlib.collections import LineCollection

from tp_visualisation.files import replacing
from tp_visualisation.images import check_image, check_map, resize
from tp_visualisation.names import counted, find_name
from tp_visualisation.quadtree import reconstruct

SEQUENTIAL, DIVERGING = "viridis", "RdBu_r"  # readable by colour-blind people; "jet", as in older papers, on request


class Figure(matplotlib.figure.Figure):
    """A matplotlib figure that a notebook shows by itself, where nobody has imported pyplot."""

    def _repr_png_(self):
        picture = io.BytesIO()
        self.savefig(picture, format="png", dpi=self.dpi)
        return picture.getvalue()


def colour_limits(saliency_map, clip=99.5):
    """Return (lowest, highest) value of a map's colours: a few very bright pixels must not leave the rest dark.

    The highest is the `clip` percentile; of a map with negative values, that of |map|, and the
    limits lie around 0.
    """
    if _is_signed(saliency_map):
        high = np.percentile(np.abs(saliency_map), clip) or np.abs(saliency_map).max()
        return -high, high
    low, high = saliency_map.min(), np.percentile(saliency_map, clip)
    return (low, high) if high > low else (low, saliency_map.max())


def colourise(saliency_map, cmap=None):
    """Return the heatmap of a map (H, W): uint8 RGB (H, W, 3).

    A map with negative values gets a diverging colour map centred on 0, any other one a sequential
    one; `cmap` names another, "jet" for instance. Limits are those of `colour_limits`.
    """
    check_colour_map(cmap)
    low, high = colour_limits(saliency_map)
    values = np.clip((saliency_map - low) / (high - low), 0, 1) if high > low else np.zeros(saliency_map.shape)
    colours = matplotlib.colormaps[cmap or (DIVERGING if _is_signed(saliency_map) else SEQUENTIAL)](values)
    return np.rint(colours[..., :3] * 255).astype(np.uint8)


def overlay(image, saliency_map, *, alpha=0.5, cmap=None):
    """Return the photograph with the heatmap of `saliency_map` laid on it.

    Args:
        image: RGB array (H, W, 3), values in [0, 255].
        saliency_map: array (H, W), raw values.
        alpha: weight of the heatmap, in [0, 1].
        cmap: name of a matplotlib colour map; None as in `colourise`.

    Returns:
        uint8 RGB array (H, W, 3).

    Raises:
        ValueError: the map is not of the image's size, or not finite.
    """
    image = check_image(image)
    saliency_map = check_map(saliency_map, image.shape[:2], may_be_constant=True)
    blend = (1 - alpha) * image + alpha * colourise(saliency_map, cmap)
    return np.rint(blend).astype(np.uint8)


def plot_explanation(image, saliency_map, *, title=None, map_title="saliency map", cmap=None):
    """Return a Figure of three panels, as in the course: photograph, map with its scale, overlay.

    Args:
        image: RGB array (H, W, 3), values in [0, 255].
        saliency_map: array (H, W), raw values.
        title: line above the three panels.
        map_title: line above the map.
        cmap: name of a matplotlib colour map; None as in `colourise`.
    """
    image = check_image(image)
    figure, axes = _panels(1, 3, image, title)
    show_image(axes[0, 0], image, "photograph")
    drawn = show_map(axes[0, 1], check_map(saliency_map, image.shape[:2], may_be_constant=True), map_title, cmap)
    figure.colorbar(drawn, ax=axes[0, 1], fraction=0.046)
    show_image(axes[0, 2], overlay(image, saliency_map, cmap=cmap), "overlay")
    return figure


def plot_maps(image, maps, *, title=None, cmap=None, n_columns=4, overlays=False):
    """Return a Figure with the photograph and one panel for each map, each on a scale of its own.

    Args:
        image: RGB array (H, W, 3), values in [0, 255].
        maps: dict of panel title → map (H, W), such as {"RISE": m}.
        title: line above the panels.
        cmap: name of a matplotlib colour map; None as in `colourise`.
        n_columns: panels in a row.
        overlays: True lays each heatmap on the photograph.
    """
    image = check_image(image)
    n_columns = min(n_columns, 1 + len(maps))
    figure, axes = _panels(-(-(1 + len(maps)) // n_columns), n_columns, image, title)
    show_image(axes[0, 0], image, "photograph")
    for axis, (name, saliency_map) in zip(axes.flat[1:], maps.items(), strict=False):
        saliency_map = check_map(saliency_map, image.shape[:2], may_be_constant=True)
        if overlays:
            show_image(axis, overlay(image, saliency_map, cmap=cmap), name)
        else:
            show_map(axis, saliency_map, name, cmap)
    return figure


def plot_windows(image, windows, *, title=None, cmap=None, n_columns=4):
    """Return a Figure of what `sess` saw, a panel for each scale: the windows apart, each with its map and its score.

    It shows at which sizes a network still recognises an object, and how the base method's map changes with them.
    Windows that pre-filtering dropped are dark.

    Args:
        image: RGB array (H, W, 3), values in [0, 255].
        windows: list of `Window` from `sess(..., return_windows=True)`.
        title: line above the panels.
        cmap: name of a matplotlib colour map; None as in `colourise`.
        n_columns: panels in a row.

    Raises:
        ValueError: no windows, or an image that is not RGB in [0, 255].
    """
    image = check_image(image)
    if not windows:
        raise ValueError("windows is empty: take the list that sess(..., return_windows=True) returns.")
    scales = sorted({window.scale for window in windows})
    n_columns = min(n_columns, len(scales))
    figure, axes = _panels(-(-len(scales) // n_columns), n_columns, image, title)
    for axis, scale in zip(axes.flat, scales, strict=False):
        _show_windows(axis, image, [window for window in windows if window.scale == scale], cmap)
    return figure


def plot_leaves(image, leaves, *, title=None):
    """Return a Figure of a quadtree: the photograph, the borders of the leaves on it, and the means of the leaves.

    Args:
        image: RGB array (H, W, 3), values in [0, 255]. Resized to what the leaves tile.
        leaves: list of `Leaf`, from `quadtree.decompose` or `quadtree_occlusion(..., return_refinement=True)`.
        title: line above the panels.
    """
    top, left, height, width = np.asarray(leaves).T
    image = resize(check_image(image), (int(max(top + height)), int(max(left + width))))
    figure, axes = _panels(1, 3, image, title)
    show_image(axes[0, 0], image, "photograph")
    show_image(axes[0, 1], image, f"{len(leaves):,} leaves for {image[..., 0].size:,} pixels")
    edges = [(x - 0.5, y - 0.5, w, h) for y, x, h, w in leaves]  # imshow draws pixel centres at whole numbers
    outlines = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)] for x, y, w, h in edges]
    axes[0, 1].add_collection(LineCollection(outlines, colors="yellow", linewidths=0.3))
    show_image(axes[0, 2], reconstruct(image, leaves), "mean of each leaf")
    return figure


def plot_passes(curves, *, aim=None, title=None):
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
    axis.set_title(title, fontsize=12)
    return figure


def plot_curves(curves, *, frames=None, title=None):
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
        axis.fill_between(curve.fractions, curve.probabilities, color=line.get_color(), alpha=0.15, linewidth=0)
        if name in frames:
            dots = frames[name][0]
            axis.plot(
                dots, np.interp(dots, curve.fractions, curve.probabilities), "o", color=line.get_color(), clip_on=False
            )
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


def plot_randomization(results, *, title=None, n_names=24):
    """Return a Figure of `evaluation.cascading_randomization`: how much maps stay the same as layers are randomised.

    Spearman's ρ and SSIM with the original map, 1 before anything is randomised, against the layer randomised last:
    the mean over the images, with a band of one standard deviation on each side.

    Args:
        results: dict of method name → list of `RandomizedLayer`, the same layers for each.
        title: line above.
        n_names: layers that are named, at most, below the axes; from the top, evenly.

    Raises:
        ValueError: no results, or lists of other layers.
    """
    if not results or not all(results.values()):
        raise ValueError("results is empty: give {name: steps}, with steps of evaluation.cascading_randomization.")
    layers = {tuple(step.layer for step in steps) for steps in results.values()}
    if len(layers) > 1:
        raise ValueError(f"results must be of the same layers, got lists of {sorted(map(len, layers))} layers.")
    names = ["none", *layers.pop()]
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    measures = {"spearman": "Spearman's ρ with the original map", "ssim": "SSIM with the original map"}
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
    figure.suptitle(title, fontsize=12)
    return figure


def plot_benchmark(scores, *, title=None):
    """Return a Figure of the scores of `evaluation.benchmark`: a panel for each metric, with points and intervals.

    Args:
        scores: list of `evaluation.Score`.
        title: line above the panels.

    Raises:
        ValueError: no score has a value.
    """
    scores = [score for score in scores if score.value is not None]
    if not scores:
        raise ValueError("no score has a value: there is nothing to draw.")
    methods, metrics = (list(dict.fromkeys(score[field] for score in scores)) for field in (0, 1))
    n_columns = min(4, len(metrics))
    n_rows = -(-len(metrics) // n_columns)
    height = 0.9 + 0.28 * len(methods)
    figure = Figure(figsize=(1.4 + 2.6 * n_columns, height * n_rows + 0.4), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False, sharey=True)
    for axis in axes.flat[len(metrics) :]:
        axis.axis("off")
    for axis, metric in zip(axes.flat, metrics, strict=False):
        for score in scores:
            if score.metric == metric:
                place = methods.index(score.method)
                axis.plot([score.low, score.high], [place, place], color=f"C{place % 10}", linewidth=2)
                axis.plot(score.value, place, "o", color=f"C{place % 10}", markersize=5)
        axis.set_title(next(score.column for score in scores if score.metric == metric), fontsize=10)
        values = [score.value for score in scores if score.metric == metric]
        if metric == "time" and max(values) > 10 * min(values):
            axis.set_xscale("log")
            axis.xaxis.set_major_formatter("{x:g}")
        axis.grid(axis="x", alpha=0.3)
        axis.set_yticks(range(len(methods)), methods, fontsize=9)
    axes[0, 0].set_ylim(len(methods) - 0.5, -0.5)  # the first method on top; the panels share their axis
    figure.suptitle(title, fontsize=12)
    return figure


def plot_adversarial(example, *, title=None, magnification=10):
    """Return a Figure of an `AdversarialExample`: what was changed, and what the network sees before and after.

    Above: the original, the adversarial image, their difference, and the difference times
    `magnification`, both laid on mid-grey. Below: the five most probable classes of either image;
    the class that was seen first is blue and the one that it became is orange in both.
    """
    perturbation = np.asarray(example.perturbation, np.float32)
    images = {
        "original": example.original_image,
        "adversarial image": example.image,
        "difference": 128 + perturbation,
        f"difference × {magnification:g}": 128 + magnification * perturbation,
    }
    height, width = perturbation.shape[:2]
    ratio = min(max(height / width, 0.4), 2.5)
    figure = Figure(figsize=(12.8, 3.2 * ratio + 2.7), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=[3.2 * ratio, 2])
    for axis, (name, image) in zip(above.subplots(1, 4), images.items(), strict=True):
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


def plot_progress(snapshots, *, title=None, n_columns=5):
    """Return a Figure of a class emerging: one panel for each `class_model.Snapshot`, with the class probability.

    Raises:
        ValueError: no snapshots.
    """
    snapshots = list(snapshots)
    if not snapshots:
        raise ValueError("snapshots is empty: class_model.visualise_class(..., every=20) gives some.")
    n_columns = min(n_columns, len(snapshots))
    figure, axes = _panels(-(-len(snapshots) // n_columns), n_columns, snapshots[0].image, title)
    for axis, (iteration, image, _, probability) in zip(axes.flat, snapshots, strict=False):
        show_image(axis, image, f"{iteration} iterations: {probability:.1%}")
    return figure


def plot_sweep(results, *, title=None):
    """Return a Figure of the results of `class_model.sweep`, with the class probability under each picture.

    From left to right more iterations; a row for each learning rate η and weight λ of the penalty.

    Raises:
        ValueError: no results.
    """
    results = list(results)
    if not results:
        raise ValueError("results is empty: class_model.sweep gives some.")
    columns = sorted({result.n_iterations for result in results})
    rows = sorted({(result.l2, result.learning_rate) for result in results})
    figure, axes = _panels(len(rows), len(columns), results[0].image, title)
    for result in results:
        row, column = rows.index((result.l2, result.learning_rate)), columns.index(result.n_iterations)
        axis = axes[row, column]
        show_image(axis, result.image, f"{result.n_iterations} iterations" if row == 0 else None)
        label = {"transform": axis.transAxes, "fontsize": 10}
        axis.text(0.5, -0.02, f"{result.probability:.1%}", ha="center", va="top", **label)
        if column == 0:
            settings = f"η = {result.learning_rate:g}, λ = {result.l2:g}"
            axis.text(-0.03, 0.5, settings, ha="right", va="center", rotation=90, **label)
    return figure


def save_gif(images, path, *, seconds=0.1, hold=2.0):
    """Write images as an animated GIF that repeats for ever, whole or not at all.

    Args:
        images: RGB arrays (H, W, 3) in [0, 255] of one size, or `class_model.Snapshot`s; any iterable.
        path: file to write, with the suffix .gif.
        seconds: time that each image is shown.
        hold: time that the last one is.

    Raises:
        ValueError: another suffix, no images, or images of several sizes.
        OSError: the folder does not exist or cannot be written.
    """
    if Path(path).suffix.lower() != ".gif":
        raise ValueError(f'cannot write "{path}": an animation needs the suffix .gif.')
    arrays = [np.rint(check_image(getattr(image, "image", image))).astype(np.uint8) for image in images]
    if not arrays or len({array.shape for array in arrays}) > 1:
        raise ValueError(f"images must be one or more of one size, got {sorted({array.shape for array in arrays})}.")
    first, *others = map(PIL.Image.fromarray, arrays)
    durations = [round(1000 * seconds)] * len(others) + [round(1000 * hold)]
    with replacing(path) as temporary:
        first.save(temporary, format="GIF", save_all=True, append_images=others, duration=durations, loop=0)


def save_figure(figure, path, *, dpi=100):
    """Write a Figure or an RGB array to a picture file, whole or not at all; the suffix chooses the format.

    Raises:
        ValueError: the suffix is not a picture format.
        OSError: the folder does not exist or cannot be written.
    """
    check_figure_path(path)
    with replacing(path) as temporary:
        if isinstance(figure, matplotlib.figure.Figure):
            figure.savefig(temporary, dpi=dpi)
        else:
            PIL.Image.fromarray(figure).save(temporary)


def check_figure_path(path):
    """Raise what `save_figure` would raise for this path."""
    formats = Figure().canvas.get_supported_filetypes()
    if Path(path).suffix.lower().lstrip(".") not in formats:
        raise ValueError(f'cannot write "{path}": its suffix must be one of {", ".join(sorted(formats))}.')
    if not Path(path).parent.is_dir():
        raise FileNotFoundError(f'the folder "{Path(path).parent}" does not exist: create it first.')


def check_colour_map(cmap):
    """Raise a ValueError with the nearest names if matplotlib has no colour map called `cmap`; None is allowed."""
    if cmap is not None:
        find_name(cmap, matplotlib.colormaps, "colour map")


def show_image(axis, image, title=None):
    """Draw an RGB image, values in [0, 255], without axes."""
    axis.set_axis_on()
    axis.imshow(np.clip(np.rint(image), 0, 255).astype(np.uint8))
    axis.set_title(title, fontsize=10)
    axis.axis("off")


def show_map(axis, saliency_map, title=None, cmap=None):
    """Draw a map: sequential colours for a one-sided map, diverging ones centred on 0 for a signed map."""
    low, high = colour_limits(saliency_map)
    cmap = cmap or (DIVERGING if _is_signed(saliency_map) else SEQUENTIAL)
    drawn = axis.imshow(saliency_map, cmap=cmap, vmin=low, vmax=high)
    axis.set_title(title, fontsize=10)
    axis.axis("off")
    return drawn


def _show_windows(axis, image, windows, cmap):
    """Draw the windows of one scale in their rows and columns, with white between them."""
    scaled_size = windows[0].scaled_size
    scaled = np.rint(resize(image, scaled_size)).astype(np.uint8)
    top, left, bottom, right = windows[0].position
    cell = np.array([bottom - top, right - left])
    gap = 1 + cell // 20
    tops, lefts = (sorted({window.position[side] for window in windows}) for side in (0, 1))
    mosaic = np.full((*(cell + gap) * [len(tops), len(lefts)] - gap, 3), 255, np.uint8)
    for window in windows:
        top, left, bottom, right = window.position
        crop = scaled[top:bottom, left:right]
        y, x = (cell + gap) * [tops.index(top), lefts.index(left)]
        drawn = crop // 4 if window.saliency_map is None else overlay(crop, window.saliency_map, cmap=cmap)
        mosaic[y : y + cell[0], x : x + cell[1]] = drawn
        label = {"boxstyle": "square,pad=0.15", "facecolor": "black", "edgecolor": "none", "alpha": 0.5}
        axis.text(x, y, f"{window.score:.0%}", color="white", fontsize=6, ha="left", va="top", bbox=label)
    show_image(axis, mosaic, f"{scaled_size[0]} × {scaled_size[1]}")


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


def _is_signed(saliency_map):
    return bool(np.min(saliency_map) < 0)


def _panels(n_rows, n_columns, image, title):
    """A Figure of its own (no global pyplot state) with panels of the image's proportions, axes hidden."""
    height, width = image.shape[:2]
    side = 3.2
    ratio = min(max(height / width, 0.4), 2.5)
    figure = Figure(figsize=(side * n_columns, side * ratio * n_rows + 0.3 * n_rows + 0.4), layout="constrained")
    axes = figure.subplots(n_rows, n_columns, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    if title:
        figure.suptitle(title, fontsize=12)
    return figure, axes

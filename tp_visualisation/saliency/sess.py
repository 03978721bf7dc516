"""SESS: any saliency method made finer by looking at every part of the image, enlarged, and putting the maps together.

Tursun, Denman, Sridharan and Fookes, "SESS: saliency enhancing with scaling and sliding", 2022.
https://arxiv.org/abs/2207.01769

A network sees small objects better enlarged, and several objects better one at a time. Six steps, a function each:

1. multi-scaling: the image in n sizes, its shorter side 224 + 64 i pixels, i = 0..n-1;
2. sliding window: each size cut into windows of the network's input, side by side, the last ones moved back inside;
3. pre-filtering: of the windows, the share 1 − r with the largest probability p_c of the class;
4. extraction: the map of each window by the base method, minmax;
5. fusion: each map times its weight p_c / max p_c, laid on zeros of the size of its scaled image, all of it resized to
   the image: L_1, L_2, ...; then at each pixel the mean over the windows that have something to say there,

       M(x) = Σ_i L_i(x) / Σ_i [L_i(x) > 0],    and minmax;

6. smoothing: a Gaussian blur, 11 x 11 and σ = 5, over the seams between windows.

One scale on an image of the network's input size is the base method itself.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from inspect import signature
from typing import Any, NamedTuple

import cv2
import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, Size, resize
from tp_visualisation.labels import Target
from tp_visualisation.maps import SaliencyMap, minmax
from tp_visualisation.resampling import resizing_matrix
from tp_visualisation.saliency.registry import Batch, check_options, find_batched, find_method


class Window(NamedTuple):
    """A part of one of the scaled images.

    `scale` counts from 0, the smallest; `scaled_size` is (h, w) of that scaled image; `position` is
    (top, left, bottom, right) in its pixels, and `box` the same in pixels of the image given. `probability`
    is that of the class, NaN as long as it is unknown. `saliency_map`, (h, w) in [0, 1], is None where pre-filtering
    dropped the window.
    """

    scale: int
    scaled_size: tuple
    position: tuple
    box: tuple
    probability: float = float("nan")
    saliency_map: np.ndarray | None = None


def sess(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    base: str | Callable = "grad_cam",
    base_options: dict[str, Any] | None = None,
    n_scales: int = 12,
    pre_filter: float = 0.0,
    smooth: bool = True,
    return_windows: bool = False,
    scale_step: int = 64,
    stride: int | None = None,
    batch_size: int | None = None,
    progress: bool = False,
) -> SaliencyMap | tuple[SaliencyMap, list[Window]]:
    """Return the map of a base method, enhanced by scaling and sliding.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        base: a name of `METHODS`, or a function (classifier, image, target) that gives the map (h, w) of an
            image of the network's input size. Methods of `BATCHED` do many windows at once.
        base_options: options of the base method, such as {"layer": "block10_add"}; None for its defaults.
        n_scales: number of sizes; the paper takes 12 for pictures, 10 for insertion and deletion.
        pre_filter: share r of the windows left out, in [0, 1), those where the class is least probable;
            0.9 in the paper's insertion and deletion. It saves time where a map costs much more than a forward pass.
        smooth: blur the seams between windows; the paper's tables do without.
        return_windows: return (map, list of `Window`), windows from the smallest scale to the
            largest, top to bottom and left to right.
        scale_step: pixels from one size to the next, along the shorter side.
        stride: pixels from one window to the next; None for a window's width and height, without
            overlap. Smaller is finer, and slower.
        batch_size: windows per pass; bounds the memory.
            None for 32, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W), values in [0, 1]; all zeros where no window says anything.

    Raises:
        ValueError: an argument is not as above, or `base` gives something else than finite maps.
    """
    check_integer("[1, inf)", n_scales=n_scales, scale_step=scale_step)
    batch_size = classifier.engine.batch_size(batch_size, 32)
    check_number("[0, 1)", "the share of windows left out", pre_filter=pre_filter)
    if stride is not None:
        check_integer(f"[1, {min(classifier.input_size)}]", "the side of a window", stride=stride)
    classifier, image, target = classifier.check(image, target)
    classifier.check_probabilities()  # which weigh the windows
    explain = _many_at_once(base, base_options)
    bar: dict[str, Any] = {"unit": " windows", "delay": 1, "disable": not progress}

    sizes = multi_scaling(image.shape[:2], classifier.input_size, n_scales, scale_step)
    windows = sliding_window(sizes, image.shape[:2], classifier.input_size, stride)
    if pre_filter:
        probable = _with_probabilities(classifier, image, windows, target, batch_size)
        windows = list(tqdm(probable, "SESS, probabilities", len(windows), **bar))
    kept = pre_filtering(windows, pre_filter)
    explained = extraction(classifier, image, [windows[index] for index in kept], target, explain, batch_size)
    watched = tqdm(explained, "SESS", len(kept), **bar)
    if return_windows:
        for index, window in zip(kept, watched, strict=True):
            windows[index] = window
    saliency_map = fusion([windows[index] for index in kept] if return_windows else watched, image.shape[:2])
    if smooth:
        saliency_map = smoothing(saliency_map)
    return (saliency_map, windows) if return_windows else saliency_map


# The six steps


def multi_scaling(size: Size, input_size: Size, n_scales: int, scale_step: int = 64) -> list[Size]:
    """Return the sizes (h, w) that an image of `size` is resized to, its proportions kept.

    The first one is the smallest that covers the network's input; then the shorter side grows by
    `scale_step` (where input and image are square; for another input, in its proportions).
    """
    check_integer("[1, inf)", n_scales=n_scales, scale_step=scale_step)
    (height, width), (h, w) = size, input_size
    sizes = []
    for grown in range(0, scale_step * n_scales, scale_step):
        least_h, least_w = h + grown * h // min(h, w), w + grown * w // min(h, w)
        if height * least_w <= width * least_h:  # the height decides
            sizes.append((least_h, least_h * width // height))
        else:
            sizes.append((least_w * height // width, least_w))
    return sizes


def sliding_window(sizes: list[Size], image_size: Size, input_size: Size, stride: int | None = None) -> list[Window]:
    """Return the `Window`s that cover each scaled image; the last row and column are moved back inside."""
    if stride is not None:
        check_integer("[1, inf)", stride=stride)
    h, w = input_size
    stride_h, stride_w = (h, w) if stride is None else (stride, stride)
    windows = []
    for scale, (height, width) in enumerate(sizes):
        y, x = image_size[0] / height, image_size[1] / width
        for top in [*range(0, height - h, stride_h), height - h]:
            for left in [*range(0, width - w, stride_w), width - w]:
                position = (top, left, top + h, left + w)
                box = (top * y, left * x, (top + h) * y, (left + w) * x)
                windows.append(Window(scale, (height, width), position, box))
    return windows


def pre_filtering(windows: list[Window], pre_filter: float) -> list[int]:
    """Return the indices, in order, of the share 1 − `pre_filter` of the windows with the highest probabilities."""
    check_number("[0, 1)", "the share of windows left out", pre_filter=pre_filter)
    n_kept = int(np.ceil(round((1 - pre_filter) * len(windows), 6)))
    best = np.argsort([-window.probability for window in windows], kind="stable")[:n_kept]
    return sorted(best.tolist())


def extraction(
    classifier: Classifier,
    image: Image,
    windows: list[Window],
    target: int,
    explain: Callable,
    batch_size: int | None = None,
) -> Iterator[Window]:
    """Yield each window with its minmax map (h, w) and, where it has none yet, its probability.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255].
        windows: list of `Window`.
        target: class index.
        explain: function (classifier, crops (n, h, w, 3), target) → `Batch`, such as an entry of `BATCHED`.
        batch_size: windows per pass; bounds the memory.
            None for 32, or on a GPU for what its memory holds.
    """
    batch_size = classifier.engine.batch_size(batch_size, 32)
    for batch, crops in _batches(image, windows, batch_size):
        maps, scores = explain(classifier, crops, target)
        if np.shape(maps) != (len(crops), *classifier.input_size) or not np.isfinite(maps).all():
            raise ValueError(
                f"base must give finite maps of the size of a window, {classifier.input_size}, and gave {len(maps)} of "
                f"shape {np.shape(maps)[1:]} for {len(crops)} windows."
            )
        if np.isnan(batch[0].probability):
            scores = classifier.input_scores(classifier.prepare(crops)) if scores is None else scores
            batch = [
                w._replace(probability=float(p))
                for w, p in zip(batch, _of_class(classifier, scores, target), strict=True)
            ]
        for window, saliency_map in zip(batch, np.asarray(maps, dtype=np.float32), strict=True):
            yield window._replace(saliency_map=minmax(saliency_map))


def fusion(windows: Iterable[Window], image_size: Size) -> SaliencyMap:
    """Return M(x) = Σ_i L_i(x) / Σ_i [L_i(x) > 0], minmax, from windows with their maps (h, w) and probabilities.

    L_i is zero but for a rectangle: bilinear resizing of a scaled image is a matrix on each side,
    L = R_y P R_xᵀ, and of P, zero outside the window, only the window's rows and columns count.
    """
    largest, scaled_size = 0.0, None  # the largest probability up to here; where all are 0, all weigh 1
    total, count = np.zeros(image_size, np.float32), np.zeros(image_size, np.float32)
    for window in windows:
        if window.probability > largest:
            total *= np.float32(largest / window.probability)  # what came before weighs less
            count *= largest > 0
            largest = window.probability
        if window.scaled_size != scaled_size:
            scaled_size = window.scaled_size
            sides = zip(image_size, scaled_size, strict=True)
            of_rows, of_columns = (cache(partial(_touched, resizing_matrix(*lengths))) for lengths in sides)
        weight = np.float32(window.probability / largest if largest > 0 else 1)
        top, left, bottom, right = window.position
        (rows, y), (columns, x) = of_rows(top, bottom), of_columns(left, right)
        pasted = y @ (weight * np.asarray(window.saliency_map)) @ x.T
        total[rows, columns] += pasted
        count[rows, columns] += pasted > 0
    return minmax(total / np.maximum(count, 1))


def smoothing(saliency_map: SaliencyMap) -> SaliencyMap:
    """Return the map after a Gaussian blur, 11 x 11 and σ = 5, minmax."""
    return minmax(cv2.GaussianBlur(saliency_map, (11, 11), 5))


# What the steps are made of


def _with_probabilities(classifier, image, windows, target, batch_size):
    """Yield each window with the probability of the class."""
    for batch, crops in _batches(image, windows, batch_size):
        p_c = _of_class(classifier, classifier.input_scores(classifier.prepare(crops)), target)
        yield from (window._replace(probability=float(p)) for window, p in zip(batch, p_c, strict=True))


def _of_class(classifier, scores, target):
    """Probabilities (N,) of a class, from scores (N, K)."""
    return classifier.probabilities_of(scores)[:, target]


def _batches(image, windows, batch_size):
    """Yield windows and the parts (n, h, w, 3) of the scaled image in them; one scaled image at a time is in memory."""
    scaled_size = None
    for start in range(0, len(windows), batch_size):
        batch, crops = windows[start : start + batch_size], []
        for window in batch:
            if window.scaled_size != scaled_size:
                scaled_size = window.scaled_size
                scaled = resize(image, scaled_size)
            top, left, bottom, right = window.position
            crops.append(scaled[top:bottom, left:right])
        yield batch, np.stack(crops)


def _touched(matrix, start, stop):
    """The rows that read columns start..stop, as a slice, and that block of the matrix."""
    block = matrix[:, start:stop]
    rows = np.flatnonzero(block.sum(axis=1))
    if len(rows) == 0:
        return slice(0, 0), block[:0]
    return slice(rows[0], rows[-1] + 1), block[rows[0] : rows[-1] + 1]


def _many_at_once(base, options):
    """The base method with its options as a function (classifier, crops, target) → `Batch`."""
    base, options = find_method(base), {} if options is None else options
    if not isinstance(options, dict):
        raise ValueError(f'base_options must be a dict such as {{"layer": "conv5"}}, got {options!r:.80}.')
    if isinstance(base, partial) and not base.args:
        base, options = base.func, {**base.keywords, **options}
    check_options(base, options, "base_options")
    batched = find_batched(base)
    if batched is not None and options.keys() <= signature(batched).parameters.keys():
        return partial(batched, **options)

    def one_at_a_time(classifier, crops, target):
        maps = []
        for crop in crops:
            maps.append(base(classifier, _not_too_dark(crop), target, **options))
            if getattr(maps[-1], "shape", None) != crop.shape[:2]:
                got = getattr(maps[-1], "shape", type(maps[-1]).__name__)
                raise ValueError(f"base must give finite maps of the size of a window, {crop.shape[:2]}, got {got}.")
        return Batch(np.stack(maps))

    return one_at_a_time


def _not_too_dark(crop):
    """A float image within [0, 1] is refused as one not multiplied by 255: a black corner goes in whole grey levels."""
    return crop if crop.max() > 1 else np.rint(crop).astype(np.uint8)

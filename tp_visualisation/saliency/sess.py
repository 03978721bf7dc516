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

from itertools import groupby, islice
from typing import NamedTuple

import cv2
import numpy as np
from scipy.sparse import csr_array
from tqdm import tqdm

from tp_visualisation.classifier import probabilities_of
from tp_visualisation.images import minmax, resize
from tp_visualisation.names import find_name
from tp_visualisation.saliency.cam import grad_cam


class Window(NamedTuple):
    """A part of one of the scaled images.

    `scale` counts from 0, the smallest; `scaled_size` is (h, w) of that scaled image; `position` is
    (top, left, bottom, right) in its pixels, and `box` the same in pixels of the image given. `score` is the
    probability of the class. `saliency_map`, (h, w) in [0, 1], is None where pre-filtering dropped the window.
    """

    scale: int
    scaled_size: tuple
    position: tuple
    box: tuple
    score: float = float("nan")
    saliency_map: np.ndarray | None = None


def sess(classifier, image, target=None, *, base=grad_cam, n_scales=12, pre_filter=0.0, smooth=True,
         return_windows=False, scale_step=64, step=None, batch_size=32, progress=False):  # fmt: skip
    """Return the map of a base method, enhanced by scaling and sliding.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        base: method of `METHODS` or its name, or a function `base(classifier, image, target)` that
            gives the map (h, w) of an image of the network's input size. If it has an attribute
            `batch`, then `base.batch(classifier, images, target)` gives the maps (n, h, w) of images
            (n, h, w, 3), and many windows are done at once.
        n_scales: number of sizes; the paper takes 12 for pictures and 10 for its tables.
        pre_filter: share r of the windows left out, in [0, 1), those where the class scores least;
            0.9 in the paper's tables, twice as fast and more.
        smooth: blur the seams between windows; the paper's tables do without.
        return_windows: return (map, list of `Window`), windows from the smallest scale to the
            largest, top to bottom and left to right.
        scale_step: pixels from one size to the next, along the shorter side.
        step: pixels from one window to the next; None for a window's width and height, without
            overlap. Smaller is finer, and slower.
        batch_size: windows per pass; bounds the memory.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W), values in [0, 1]; all zeros where no window says anything.

    Raises:
        ValueError: an argument is not as above, or `base` gives something else than finite maps.
    """
    image, target = classifier.check(image, target)
    base = _check(base, n_scales, pre_filter, scale_step, step, batch_size, classifier.input_size)

    sizes = multi_scaling(image.shape[:2], classifier.input_size, n_scales, scale_step)
    windows = sliding_window(sizes, image.shape[:2], classifier.input_size, step)
    probabilities = scores(classifier, image, windows, target, batch_size)
    windows = [window._replace(score=p_c) for window, p_c in zip(windows, probabilities, strict=True)]
    kept = pre_filtering(windows, pre_filter)
    windows_kept = [windows[index] for index in kept]
    maps = extraction(classifier, image, windows_kept, target, base, batch_size)
    maps = tqdm(maps, "SESS", len(kept), unit=" windows", delay=1, disable=not progress)
    if return_windows:
        maps = list(maps)
        for index, saliency_map in zip(kept, maps, strict=True):
            windows[index] = windows[index]._replace(saliency_map=saliency_map)
    saliency_map = fusion(maps, windows_kept, image.shape[:2])
    if smooth:
        saliency_map = smoothing(saliency_map)
    return (saliency_map, windows) if return_windows else saliency_map


# The six steps


def multi_scaling(size, input_size, n_scales, scale_step=64):
    """Return the sizes (h, w) that an image of `size` is resized to, its proportions kept.

    The first one is the smallest that covers the network's input; then the shorter side grows by
    `scale_step` (where input and image are square; for another input, in its proportions).
    """
    (height, width), (h, w) = size, input_size
    sizes = []
    for grown in range(0, scale_step * n_scales, scale_step):
        least_h, least_w = h + grown * h // min(h, w), w + grown * w // min(h, w)
        if height * least_w <= width * least_h:  # the height decides
            sizes.append((least_h, least_h * width // height))
        else:
            sizes.append((least_w * height // width, least_w))
    return sizes


def sliding_window(sizes, image_size, input_size, step=None):
    """Return the `Window`s that cover each scaled image; the last row and column are moved back inside."""
    h, w = input_size
    step_h, step_w = (h, w) if step is None else (step, step)
    windows = []
    for scale, (height, width) in enumerate(sizes):
        y, x = image_size[0] / height, image_size[1] / width
        for top in [*range(0, height - h, step_h), height - h]:
            for left in [*range(0, width - w, step_w), width - w]:
                position = (top, left, top + h, left + w)
                box = (top * y, left * x, (top + h) * y, (left + w) * x)
                windows.append(Window(scale, (height, width), position, box))
    return windows


def pre_filtering(windows, ratio):
    """Return the indices, in order, of the 1 − `ratio` of the windows with the highest scores, rounded up."""
    n_kept = int(np.ceil(round((1 - ratio) * len(windows), 6)))
    best = np.argsort([-window.score for window in windows], kind="stable")[:n_kept]
    return sorted(best.tolist())


def extraction(classifier, image, windows, target, base, batch_size=32):
    """Yield the minmax map (h, w) of each window by the method `base`."""
    for crops in _batches(_crops(image, windows), batch_size):
        if hasattr(base, "batch"):
            maps = base.batch(classifier, np.stack(crops), target)
        else:
            maps = [base(classifier, _not_too_dark(crop), target) for crop in crops]
        if np.shape(maps) != (len(crops), *classifier.input_size) or not np.isfinite(maps).all():
            raise ValueError(
                f"base must give finite maps of the size of a window, {classifier.input_size}, and gave "
                f"{len(maps)} of shape {np.shape(maps)[1:]} for {len(crops)} windows."
            )
        for saliency_map in np.asarray(maps, dtype=np.float32):
            yield minmax(saliency_map)


def fusion(maps, windows, image_size):
    """Return M(x) = Σ_i L_i(x) / Σ_i [L_i(x) > 0], minmax, from the maps of the windows (h, w) and their scores.

    L_i is zero but for a rectangle: bilinear resizing of a scaled image is a matrix on each side,
    L = R_y P R_xᵀ, and of P, zero outside the window, only the window's rows and columns count.
    """
    largest = max(window.score for window in windows)
    total, count = np.zeros(image_size, np.float32), np.zeros(image_size, np.float32)
    matrices = {
        window.scaled_size: [bilinear(*lengths) for lengths in zip(image_size, window.scaled_size, strict=True)]
        for window in windows
    }
    for saliency_map, window in zip(maps, windows, strict=True):
        weight = np.float32(window.score / largest if largest > 0 else 1)
        top, left, bottom, right = window.position
        r_y, r_x = matrices[window.scaled_size]
        rows, r_y = _touched(r_y, top, bottom)
        columns, r_x = _touched(r_x, left, right)
        pasted = r_y @ (weight * saliency_map) @ r_x.T
        total[rows, columns] += pasted
        count[rows, columns] += pasted > 0
    return minmax(total / np.maximum(count, 1))


def smoothing(saliency_map):
    """Return the map after a Gaussian blur, 11 x 11 and σ = 5, minmax."""
    return minmax(cv2.GaussianBlur(saliency_map, (11, 11), 5))


# What the steps are made of


def scores(classifier, image, windows, target, batch_size=32):
    """Return the probability of the class in each window."""
    return [
        float(probability)
        for crops in _batches(_crops(image, windows), batch_size)
        for probability in probabilities_of(classifier.scores(classifier.prepare(crops)))[:, target]
    ]


def bilinear(length, n):
    """Return the sparse matrix (length, n) that resizes n pixels to `length`, as `images.resize`: no antialiasing.

    Pixel i takes its value at (i + ½) n / length − ½, in whole numbers so that a weight that is 0 is exactly 0.
    """
    places = np.clip((2 * np.arange(length) + 1) * n - length, 0, 2 * length * (n - 1))  # in 1 / (2 length) of a pixel
    before, share = places // (2 * length), places % (2 * length) / (2 * length)
    rows = np.arange(length)
    entries = np.concatenate([1 - share, share]).astype(np.float32)
    columns = np.concatenate([before, np.minimum(before + 1, n - 1)])
    return csr_array((entries, (np.concatenate([rows, rows]), columns)), shape=(length, n))


def _touched(matrix, start, stop):
    """The rows that read columns start..stop, as a slice, and that block of the matrix."""
    block = matrix[:, start:stop]
    rows = np.flatnonzero(block.sum(axis=1))
    if len(rows) == 0:
        return slice(0, 0), block[:0]
    return slice(rows[0], rows[-1] + 1), block[rows[0] : rows[-1] + 1]


def _crops(image, windows):
    """Yield the part (h, w, 3) of the scaled image in each window; one scaled image at a time is in memory."""
    for scaled_size, group in groupby(windows, lambda window: window.scaled_size):
        scaled = resize(image, scaled_size)
        for window in group:
            top, left, bottom, right = window.position
            yield scaled[top:bottom, left:right].copy()


def _batches(items, batch_size):
    items = iter(items)
    while batch := list(islice(items, batch_size)):
        yield batch


def _not_too_dark(crop):
    """A float image within [0, 1] is refused as one not multiplied by 255: a black corner goes in whole grey levels."""
    return crop if crop.max() > 1 else np.rint(crop).astype(np.uint8)


def _check(base, n_scales, pre_filter, scale_step, step, batch_size, input_size):
    """Raise a ValueError for the first option that cannot be; return the base method."""
    if isinstance(base, str):
        from tp_visualisation.saliency import METHODS  # here, as that file imports this one

        base = METHODS[find_name(base, METHODS, "method")]
    if not callable(base):
        raise ValueError(f"base must be a method of METHODS or a function (classifier, image, target), got {base!r}.")
    for name, value in {"n_scales": n_scales, "scale_step": scale_step, "batch_size": batch_size}.items():
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}.")
    if step is not None and not 1 <= step <= min(input_size):
        raise ValueError(f"step must lie in [1, {min(input_size)}], the side of a window, or be None, got {step}.")
    if not 0 <= pre_filter < 1:
        raise ValueError(f"pre_filter, the share of windows left out, must lie in [0, 1), got {pre_filter}.")
    return base

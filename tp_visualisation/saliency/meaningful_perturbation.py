"""Meaningful perturbation: learn the smallest region whose blurring takes the class away.

Fong and Vedaldi, "Interpretable explanations of black boxes by meaningful perturbation", 2017.
https://arxiv.org/abs/1704.03296

A mask m in [0, 1] says how much of each pixel is kept, the rest being that of the blurred image. Adam looks for

    min over m of  p_c(x ⊙ m + blur(x) ⊙ (1 − m)) + λ₁ Σ |1 − m| + λ₂ Σ |∇m|^β,     map = 1 − m.

The second term keeps the region small and the third smooth. The mask has 28 × 28 cells, stretched to the image and
blurred, and each step sees the image moved by up to three pixels: without that, a mask is found that fools the network
like an adversarial example. λ₁ and λ₂ are weights against a probability, which falls from 1 to 0; a network without
probabilities has no such scale.

The problem can have many solutions, and where the search starts decides which one is found. `start="disc"` is the
paper's: the smallest disc at the centre whose blurring already takes the class away. It favours what is at the centre.
From random numbers each seed may find another map.

Lengths are for an input of 224 pixels; for another they are those of its shorter side.
"""

from functools import partial

import numpy as np
import scipy
from tqdm import tqdm

from tp_visualisation.checks import check_choice, check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.resampling import resizing_matrix
from tp_visualisation.steps import gradient_of_class

STARTS = ("disc", "random", "ones")
SIDE = 224  # pixels of the shorter side of the input that the lengths here are for
CELL, CELL_BLUR = 8, 5  # pixels of a cell of the mask, and of the blur that smooths the cells
JITTER = 3  # pixels
RADII = range(0, 171, 5)  # of the discs, in pixels
AT_ONCE = 8  # of them per pass
ENOUGH = 0.01  # the disc is large enough when this share of what the largest takes away is left


def meaningful_perturbation(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    start: str = "disc",
    n_steps: int = 300,
    step_size: float = 0.1,
    l1: float = 1e-4,
    tv: float = 1e-2,
    beta: float = 3,
    blur_sigma: float = 10,
    grid_size: int = 28,
    progress: bool = False,
    seed: int = 0,
) -> SaliencyMap:
    """Return the map of what a learnt mask takes away.

    Args:
        classifier: `Classifier` under study, with probabilities.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        start: the mask to start from: "disc", the smallest one at the centre that takes the class away;
            "random", uniform random numbers; "ones", the whole image kept.
        n_steps: steps of the search.
        step_size: Adam's step.
        l1: λ₁, weight of what is taken away, a sum over the cells.
        tv: λ₂, weight of the differences between neighbouring cells, a sum too.
        beta: their power, at least 1.
        blur_sigma: standard deviation of the Gaussian blur that takes a pixel away, in pixels of an input of 224 and in
            proportion for another. Colours of large areas outlive a small one.
        grid_size: cells of the mask along the shorter side of the input.
        progress: show a progress bar on stderr when it takes longer than a second.
        seed: integer; the same seed gives the same map, but for rounding: TensorFlow's threads do not always add up in
            one order, and the search makes more of it. It decides how each step moves the image, and the random start.

    Returns:
        float32 array (H, W) in [0, 1]: 1 where the image is blurred, 0 where it is kept.

    Raises:
        ValueError: an argument is not as above, or the network gives no probabilities.
    """
    check_choice(STARTS, start=start)
    check_integer("[1, inf)", n_steps=n_steps, grid_size=grid_size)
    check_number("(0, inf)", step_size=step_size, blur_sigma=blur_sigma)
    check_number("[0, inf)", l1=l1, tv=tv)
    check_number("[1, inf)", "the power of the differences", beta=beta)
    check_integer("[0, inf)", seed=seed)
    classifier, image, target = classifier.check(image, target)
    classifier.check_probabilities()
    step_size, l1, tv, beta = map(float, (step_size, l1, tv, beta))  # NumPy's would make float64 of the mask

    size, rng = classifier.input_size, np.random.default_rng(seed)
    grid = tuple(round(length * grid_size / min(size)) for length in size)
    rows, columns = (_stretching(*lengths) for lengths in zip(size, grid, strict=True))
    views = _views(classifier, image, blur_sigma)

    def probabilities(masks):
        batches = np.split(masks, range(AT_ONCE, len(masks), AT_ONCE))
        step = partial(classifier.run, _probabilities, *views[0][0], few=True)
        return np.concatenate([step(batch, rows, columns, target) for batch in batches])

    m = _start(start, grid, rng, probabilities)
    shifts = rng.integers(len(views), size=(n_steps, 2))
    mean, square = np.zeros_like(m), np.zeros_like(m)  # Adam's, of the gradient and of its square
    for step in tqdm(range(n_steps), "Meaningful perturbation", unit=" steps", delay=1, disable=not progress):
        top, left = shifts[step]
        (g,) = classifier.run_backward(_probability_gradient, *views[top][left], m[None], rows, columns, target)
        g = g - l1 + tv * _variation_gradient(m, beta)
        mean, square = 0.9 * mean + 0.1 * g, 0.999 * square + 0.001 * g**2
        unbiased_mean, unbiased_square = mean / (1 - 0.9 ** (step + 1)), square / (1 - 0.999 ** (step + 1))
        m = np.clip(m - step_size * unbiased_mean / (np.sqrt(unbiased_square) + 1e-8), 0, 1)
    return resize(rows @ (1 - m) @ columns.T, image.shape[:2])


def _stretching(length, cells):
    """The matrix (length, cells) that makes pixels of cells: each of 8 pixels, blurred, resized to the input."""
    nearest = np.repeat(np.eye(cells), CELL, axis=0)
    blurred = scipy.ndimage.gaussian_filter1d(nearest, CELL_BLUR, axis=0, mode="reflect")
    return (resizing_matrix(length, len(nearest)) @ blurred).astype(np.float32)


def _views(classifier, image, blur_sigma):
    """The input (1, h, w, C), and the blurred one, of the image moved up and left by 0, 1, ... pixels each."""
    height, width = classifier.input_size
    scale = min(height, width) / SIDE
    n = 1 + min(JITTER, round(JITTER * scale))  # places each way; a small input is not moved
    room = n if n > 1 else 0
    larger = resize(image, (height + room, width + room))
    both = larger, scipy.ndimage.gaussian_filter(larger, (blur_sigma * scale, blur_sigma * scale, 0))

    def view(top, left):
        return [classifier.prepare(picture[top : top + height, left : left + width]) for picture in both]

    return [[view(top, left) for left in range(n)] for top in range(n)]


def _start(start, grid, rng, probabilities):
    """The mask (rows, columns) to start from; `probabilities` gives those of the class for masks (n, rows, columns)."""
    if start == "ones":
        return np.ones(grid, np.float32)
    if start == "random":
        return rng.random(grid, np.float32)
    y, x = (CELL * (np.arange(cells) - (cells - 1) / 2) for cells in grid)  # from the centre
    discs = (np.hypot(y[:, None], x) >= np.array(RADII)[:, None, None]).astype(np.float32)
    p = probabilities(discs)
    taken = p - p[-1] <= ENOUGH * (p[0] - p[-1])
    return discs[taken.argmax()]  # the first


# The steps that run with the network inside: see `engines`


def _probabilities(network, x, blurred, masks, rows, columns, target):
    return tf.gather(network.probabilities(_seen(x, blurred, masks, rows, columns)), target, axis=1)


def _probability_gradient(network, x, blurred, masks, rows, columns, target):
    p = _probabilities(network, x, blurred, masks, rows, columns, target)
    return gradient_of_class(p[:, None], tf.zeros_like(p, tf.int32), masks)


def _seen(x, blurred, masks, rows, columns):
    """What is seen of an input through masks (n, rows, columns): (n, h, w, C)."""
    kept = (rows @ masks @ tf.transpose(columns))[..., None]
    return blurred + kept * (x - blurred)


def _variation_gradient(m, beta):
    """∂/∂m Σ |∇m|^β, of differences to the next row and column; none beyond the last ones."""
    down, right = np.diff(m, axis=0, append=m[-1:]), np.diff(m, axis=1, append=m[:, -1:])
    length = np.hypot(down, right)
    slope = beta * np.power(length, beta - 2, out=np.zeros_like(length), where=length > 0)
    down, right = np.pad(slope * down, [(1, 0), (0, 0)]), np.pad(slope * right, [(0, 0), (1, 0)])
    return -np.diff(down, axis=0) - np.diff(right, axis=1)

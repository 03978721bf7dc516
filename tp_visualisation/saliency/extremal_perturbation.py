"""Extremal perturbations: of all smooth masks that keep a given area of the image, the one that the class likes best.

Fong, Patrick and Vedaldi, "Understanding deep networks via extremal perturbations and smooth masks", 2019.
https://arxiv.org/abs/1910.08485

A mask m in [0, 1] says how much of the image is seen: 1 leaves a pixel as it is, 0 blurs it with σ = 20 pixels of 224.
Among the masks of area a the extremal one is

    m_a = arg max over m of  S_c(I seen through m),     map = Σ_a m_a.

"Of area a" is a penalty: the pixels of the mask, sorted, should be zeros, and ones for the share a of them. What is
climbed is the reward

    S_c − λ mean((sort(m) − r_a)²),     r_a = (0, ..., 0, 1, ..., 1),

with λ = 300 and 0.35 % more at each step. To pull the sorted pixels to r_a is to pull the largest ones to 1 and the
others to 0, for which nothing need be sorted. `smooth_masks` says which masks are smooth. All of it happens in the
network's own input; the areas share their passes through it, and every other step sees the image mirrored.
λ weighs scores of ten or so, as ImageNet's networks give; where scores are far smaller, the area alone decides.

The climb is deterministic and chaotic: a grey level of noise leads to other masks, which the class likes as well. What
several areas agree on is steadier, and that is why their sum is the map.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import scipy
from tqdm import tqdm

from tp_visualisation.checks import check_choice, check_integer, check_number
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target
from tp_visualisation.later import tf
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.smooth_masks import SmoothMasks, fused
from tp_visualisation.steps import gradient_of_class

VARIANTS = ("preserve", "delete")
SIDE = 224  # pixels of the shorter side of the input that `blur_sigma` is for
COPIES = 8  # of the image, from the most blurred one to the image itself
AREA_WEIGHT, GROWTH = 300, 1.0035  # λ, and its factor from one step to the next
STEP_SIZE, MOMENTUM = 0.01, 0.9
WINDOW, HURRY = 20, 10  # steps over which the reward is looked at; λ's growth once it has settled, in powers of GROWTH


class ExtremalMasks(NamedTuple):
    """The masks that the map is the sum of, one for each area.

    Attributes:
        masks: float32 (n, H, W) in [0, 1], the size of the image: 1 where it is seen, or, with "delete", blurred.
        areas: mean of each mask on the image (n,).
        areas_with_margin: the same with the margin around the image, to which the areas asked for refer (n,).
        scores: score of the class for the image behind each mask (n,).
        n_steps: steps taken.
    """

    masks: np.ndarray
    areas: np.ndarray
    areas_with_margin: np.ndarray
    scores: np.ndarray
    n_steps: int


def extremal_perturbation(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    areas: float | Iterable[float] = (0.05, 0.1, 0.2),
    n_steps: int = 800,
    variant: str = "preserve",
    contrastive: bool = False,
    tolerance: float = 0.0,
    smooth: float = 0.0,
    blur_sigma: float = 20,
    grid_size: int = 32,
    return_masks: bool = False,
    progress: bool = False,
) -> SaliencyMap | ExtremalMasks:
    """Return the sum of the extremal masks of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        areas: shares of the mask that are to be 1, each in (0, 1); one, or several for a mask each.
        n_steps: steps of the climb.
        variant: "preserve" looks for what, seen alone, gives the class the largest score; "delete" for what has
            to be blurred to give it the smallest.
        contrastive: climb the difference of the score and that of the best other class: what tells the two apart.
        tolerance: once the reward has risen in 20 steps by less than this share of all it rose, λ grows ten times
            as fast, so that a tenth of the steps that were left does; 0 takes all of them. With 0.01 about
            340 steps are taken instead of 800, with 0.03 about 290.
        smooth: standard deviation of a Gaussian blur of the map, as a share of the image's shorter side; 0.09 in
            the paper's pointing game, with areas 0.025, 0.05, 0.1 and 0.2.
        blur_sigma: standard deviation of the Gaussian blur where the mask is 0, in pixels of an input of 224 and in
            proportion for another. Colours of large areas outlive a small one.
        grid_size: nodes of the mask along the shorter side of the input.
        return_masks: return an `ExtremalMasks`, the masks and what is known of them, instead of the map.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W), values from 0 to the number of areas: how many masks keep, or delete, the pixel.

    Raises:
        ValueError: an argument is not as above, or `contrastive` and there is no other class.
    """
    areas = list(areas) if isinstance(areas, Iterable) else [areas]
    if not areas:
        raise ValueError("areas is empty: one share of the mask, or several, were expected, such as (0.05, 0.1, 0.2).")
    for area in areas:
        check_number("(0, 1)", "a share of the mask", areas=area)
    check_integer("[1, inf)", n_steps=n_steps, grid_size=grid_size)
    check_choice(VARIANTS, variant=variant)
    check_number("(0, inf)", blur_sigma=blur_sigma)
    check_number("[0, 1)", tolerance=tolerance, smooth=smooth)
    classifier, image, target = classifier.check(image, target)
    if contrastive and classifier.output_shape[-1] == 1 and len(classifier.labels) == 1:
        raise ValueError("contrastive compares the class with the best other one, and there is no other one here.")

    copies = _blurred_copies(classifier.prepare(image), blur_sigma)
    smooth_masks = SmoothMasks(classifier.input_size, grid_size)

    def uphill(seen, mirrored):
        """The score to climb (n,), and its gradient with respect to the masks on the image (n, h, w)."""
        inputs, slopes = fused(_see, seen if variant == "preserve" else 1 - seen, copies)
        inputs = inputs[:, :, ::-1] if mirrored else inputs
        scores, g = classifier.run_backward(_score_gradient, inputs, target, contrastive=bool(contrastive))
        g = g[:, :, ::-1] if mirrored else g
        return scores if variant == "preserve" else -scores, (g * slopes).sum(axis=-1)

    with tqdm(desc="Extremal perturbation", total=n_steps, unit=" steps", delay=1, disable=not progress) as bar:
        nodes, steps_taken = _climb(smooth_masks, uphill, np.array(areas), n_steps, tolerance, bar)

    masks, _ = smooth_masks.draw(nodes)
    seen = smooth_masks.in_frame(masks)
    large = np.stack([resize(mask, image.shape[:2]) for mask in seen])
    if return_masks:
        inputs, _ = fused(_see, seen if variant == "preserve" else 1 - seen, copies)
        scores = classifier.input_scores(inputs)[:, target]
        return ExtremalMasks(large, seen.mean(axis=(1, 2)), masks.mean(axis=(1, 2)), scores, steps_taken)
    total = large.sum(axis=0)
    return scipy.ndimage.gaussian_filter(total, smooth * min(total.shape)) if smooth else total


def _climb(smooth_masks, uphill, areas, n_steps, tolerance, bar):
    """The nodes (n, rows, columns) at the end of the climb, and the steps that it took."""
    nodes, velocity = np.ones((len(areas), *smooth_masks.grid), np.float32), None
    rewards: list[float] = []
    age, pace = 0, 1  # λ = 300 · 1.0035^age
    while age < n_steps:
        weight = AREA_WEIGHT * GROWTH**age
        masks, sums = smooth_masks.draw(nodes)
        scores, slopes = uphill(smooth_masks.in_frame(masks), mirrored=len(rewards) % 2 == 0)
        excess = masks - _largest(masks, areas)
        rewards.append(float((scores - weight * (excess**2).mean(axis=(1, 2))).mean()))
        slopes = smooth_masks.from_frame(slopes, masks) - 2 * weight / excess[0].size * excess
        g = smooth_masks.pull_back(nodes, masks, sums, slopes)
        velocity = g if velocity is None else MOMENTUM * velocity + (1 - MOMENTUM) * g
        nodes = np.clip(nodes + STEP_SIZE * velocity, 0, 1)
        if _has_settled(rewards, tolerance):
            pace = HURRY
        age += pace
        bar.update()
    bar.total = len(rewards)
    return nodes, len(rewards)


def _has_settled(rewards, tolerance):
    """Whether the reward rose by less than a share of all its rise from one window of steps to the next."""
    if tolerance == 0 or len(rewards) < 2 * WINDOW:
        return False
    before, now = np.mean(rewards[-2 * WINDOW : -WINDOW]), np.mean(rewards[-WINDOW:])
    return now - before < tolerance * (now - rewards[0])


def _largest(masks, areas):
    """Ones at the largest pixels of each mask, for its share of them, zeros elsewhere; equal ones share what is left.

    In the first mask most pixels are equal, and to take the first or last of them would favour an end of the image.
    """
    ones = np.zeros_like(masks)
    for mask, one, area in zip(masks, ones, areas, strict=True):
        n = max(1, round(area * mask.size))
        least = np.partition(mask, mask.size - n, axis=None)[mask.size - n]
        larger, equal = mask > least, mask == least
        one[larger] = 1
        one[equal] = (n - np.count_nonzero(larger)) / np.count_nonzero(equal)
    return ones


def _blurred_copies(x, blur_sigma):
    """The input (1, h, w, C) more and more sharp, (COPIES, h, w, C): the last one is the input itself."""
    widest = blur_sigma * min(x.shape[1:3]) / SIDE
    sigmas = widest * (1 - np.arange(COPIES - 1) / (COPIES - 1))
    blurred = [scipy.ndimage.gaussian_filter(x[0], (sigma, sigma, 0), mode="constant") for sigma in sigmas]
    return np.stack([*blurred, x[0]])


def _see(masks, copies):
    """The input behind each mask (n, h, w, C), in between two of the copies, and its derivative by the mask."""
    place = (COPIES - 1) * masks[..., None]
    before = tf.clip_by_value(tf.floor(place), 0.0, COPIES - 2.0)
    seen, slopes = copies[0], 0.0
    for number in range(COPIES - 1):
        step = copies[number + 1] - copies[number]
        seen += tf.clip_by_value(place - number, 0.0, 1.0) * step
        slopes += tf.where(before == number, (COPIES - 1) * step, 0.0)
    return seen, slopes


# The step that runs with the network inside: see `engines`


def _score_gradient(network, inputs, target, contrastive):
    scores = network.scores(inputs)
    climbed = tf.gather(scores, target, axis=1)
    if contrastive:
        others = tf.where(tf.range(tf.shape(scores)[1]) == target, scores.dtype.min, scores)
        climbed -= tf.reduce_max(others, axis=1)
    return climbed, gradient_of_class(climbed[:, None], tf.zeros_like(climbed, tf.int32), inputs)

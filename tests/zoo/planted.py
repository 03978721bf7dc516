"""Images whose class is decided by a planted cue, so that it is known where every right map has its peak.

An image of 48 x 48 is a grey background with faint noise and one coloured square of 12 x 12 in one of four places; the
colour is the class. Networks learn from such images under all kinds of light, with grey rectangles laid on the
background, with pale squares, and with none at all, where nothing can be said. So they know what methods show them,
hidden parts, masks and blank images, and depend on the square alone.
"""

import cv2
import numpy as np

SIZE, CUE = 48, 12
PLACES = [(6, 6), (6, 30), (30, 6), (30, 30)]  # top, left
COLOURS = np.array([[230, 30, 30], [30, 230, 30], [30, 30, 230], [220, 220, 30]])
GREY, NOISE = 127.5, 12
MARGIN = 4  # pixels by which a peak may miss the cue: a feature map is no finer


def planted(n, seed):
    """Return images float32 (n, 48, 48, 3), their classes (n,) and the places of their cues (n,)."""
    rng = np.random.default_rng(seed)
    images = GREY + rng.uniform(-NOISE, NOISE, (n, SIZE, SIZE, 3))
    classes, places = rng.integers(0, len(COLOURS), n), rng.integers(0, len(PLACES), n)
    for image, number, place in zip(images, classes, places, strict=True):
        image[_square(place)] = COLOURS[number] + rng.normal(0, 10, (CUE, CUE, 3))
    return images.clip(0, 255).astype(np.float32), classes, places


def lessons(n, seed):
    """Return images to learn from, float32 (n, 48, 48, 3), and the share of each class in each, (n, 4)."""
    rng = np.random.default_rng(seed)
    images = rng.uniform(0, 255, (n, 1, 1, 1)) + rng.uniform(-NOISE, NOISE, (n, SIZE, SIZE, 3))
    shares = np.zeros((n, len(COLOURS)), np.float32)
    for image, share in zip(images, shares, strict=True):
        for _ in range(rng.integers(0, 5)):
            top, left = rng.integers(-6, SIZE, 2)
            height, width = rng.integers(6, 30, 2)
            image[max(top, 0) : top + height, max(left, 0) : left + width] = rng.choice([0, GREY, rng.uniform(0, 255)])
        if rng.random() < 0.2:
            continue
        number, place, strength = rng.integers(len(COLOURS)), rng.integers(len(PLACES)), rng.uniform(0.4, 1)
        colour = strength * COLOURS[number] + (1 - strength) * GREY
        image[_square(place)] = colour + rng.normal(0, 10, (CUE, CUE, 3))
        share[number] = 1
    return images.clip(0, 255).astype(np.float32), shares


def without_cue(images, places):
    """Return the images with background where their cues were."""
    images = images.copy()
    for image, place in zip(images, places, strict=True):
        image[_square(place)] = GREY + np.random.default_rng(0).uniform(-NOISE, NOISE, (CUE, CUE, 3))
    return images


def cue_alone(images, places):
    """Return the images with even grey for a background."""
    alone = np.full_like(images, GREY)
    for image, only, place in zip(images, alone, places, strict=True):
        only[_square(place)] = image[_square(place)]
    return alone


def is_on_cue(saliency_map, place):
    """Return whether the peak of a map (48, 48), taken over an area rather than a pixel, lies on the cue."""
    smooth = cv2.GaussianBlur(saliency_map, (0, 0), 2)
    row, column = np.unravel_index(smooth.argmax(), smooth.shape)
    top, left = PLACES[place]
    return -MARGIN <= row - top < CUE + MARGIN and -MARGIN <= column - left < CUE + MARGIN


def _square(place):
    top, left = PLACES[place]
    return slice(top, top + CUE), slice(left, left + CUE)

"""XRAI: integrated gradients gathered into regions of the image, the densest regions first.

Kapishnikov, Bolukbasi, Viégas and Terry, "XRAI: better attributions through regions", 2019.
https://arxiv.org/abs/1906.02825

1. Attributions: integrated gradients from a black and from a white baseline, their mean, so that dark and light pixels
   count alike; then the maximum over the channels, as in the authors' program.
2. Regions: Felzenszwalb's segmentation at six scales, each segment dilated by 5 pixels so that it holds its own edges.
   The regions overlap, from small to large.
3. Starting from the empty set, add the region whose new pixels have the largest mean attribution,

       gain(r) = Σ_{i ∈ new(r)} a_i / |new(r)|,   new(r) = the pixels of r that are not chosen yet,

   again and again; its new pixels take the gain as their value. A region with few pixels left to add is dropped, and
   pixels that no region adds share their own mean.

It works at the network's input size.
"""

import cv2
import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import check_integer
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, resize
from tp_visualisation.labels import Target
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.integrated_gradients import integrate, nodes

SCALES = 50, 100, 150, 250, 500, 1200
SEGMENTATION_SIZE = 224, 224  # the scales and the smallest segment make sense at this size
SMALLEST_SEGMENT = 150
DILATION = 5
FEW_PIXELS = 50


def xrai(
    classifier: Classifier,
    image: Image,
    target: Target = None,
    *,
    n_steps: int = 100,
    batch_size: int | None = None,
    progress: bool = False,
) -> SaliencyMap:
    """Return the XRAI map of one image.

    Args:
        classifier: `Classifier` under study.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        n_steps: gradients taken from each of the two baselines to the image, at least 2.
        batch_size: gradients per pass; bounds the memory and does not change the map.
            None for 32, or on a GPU for what its memory holds.
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (H, W), signed, in score units: the mean attribution of the new pixels of the
        region that added each pixel. Not normalised.

    Raises:
        ValueError: an argument is not as above.
    """
    path = nodes(n_steps, "trapezoid")
    batch_size = classifier.engine.batch_size(batch_size, 32)
    classifier, image, target = classifier.check(image, target)

    resized = resize(image, classifier.input_size)
    x, black, white = (classifier.prepare(rgb) for rgb in (resized, np.zeros_like(resized), np.full_like(resized, 255)))
    with tqdm(desc="XRAI", total=2 * n_steps, unit=" gradients", delay=1, disable=not progress) as bar:
        ig = [integrate(classifier, x, x0, target, path, batch_size, bar) for x0 in (black, white)]
    attributions = np.mean(ig, axis=0).max(axis=-1)
    return resize(gather(attributions, find_regions(resized)), image.shape[:2])


def find_regions(image: Image) -> list[np.ndarray]:
    """Return the overlapping regions of an RGB image (h, w, 3): a list of arrays of pixel numbers, row by row."""
    from skimage.morphology import disk
    from skimage.segmentation import felzenszwalb
    from skimage.transform import resize as resize_smoothly

    size = image.shape[:2]
    low, high = image.min(), image.max()
    image = 2 * (image.astype(float) - low) / max(high - low, 1e-12) - 1  # in [-1, 1]
    image = resize_smoothly(image, SEGMENTATION_SIZE, order=3, mode="constant", anti_aliasing=True)
    around = disk(DILATION)
    regions = []
    for scale in SCALES:
        segments = felzenszwalb(image, scale=scale, sigma=0.8, min_size=SMALLEST_SEGMENT)
        segments = resize_smoothly(segments, size, order=0, mode="constant", preserve_range=True, anti_aliasing=False)
        for number in np.unique(segments):
            region = cv2.dilate((segments == number).astype(np.uint8), around)
            regions.append(np.flatnonzero(region))
    return regions


def gather(attributions: np.ndarray, regions: list[np.ndarray], few_pixels: int = FEW_PIXELS) -> SaliencyMap:
    """Return the map (h, w) in which each pixel has the gain of the region that added it.

    Args:
        attributions: array (h, w).
        regions: list of arrays of pixel numbers; they may overlap and leave pixels out.
        few_pixels: a region that would add fewer pixels is dropped.
    """
    check_integer("[1, inf)", few_pixels=few_pixels)
    a = np.asarray(attributions, dtype=float).ravel()
    holds = _which_regions_hold(regions, len(a))  # (pixels, regions)
    n_new, sum_new = holds.sum(axis=0), a @ holds  # of each region, over the pixels not chosen yet
    chosen = np.zeros(len(a), dtype=bool)
    values = np.zeros(len(a))
    while (n_new >= few_pixels).any():
        gain = np.where(n_new >= few_pixels, sum_new / np.maximum(n_new, 1), -np.inf)
        best = regions[gain.argmax()]
        new = best[~chosen[best]]
        values[new] = a[new].mean()
        chosen[new] = True
        n_new, sum_new = n_new - holds[new].sum(axis=0), sum_new - a[new] @ holds[new]
    if not chosen.all():
        values[~chosen] = a[~chosen].mean()
    return values.reshape(attributions.shape).astype(np.float32)


def _which_regions_hold(regions, n_pixels):
    """A sparse matrix (n_pixels, regions) of ones, fast to read by pixel."""
    from scipy.sparse import csc_array

    starts = np.cumsum([0, *map(len, regions)])
    return csc_array((np.ones(starts[-1]), np.concatenate(regions), starts), (n_pixels, len(regions))).tocsr()

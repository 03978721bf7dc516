"""What works with what: every network of the zoo, every method, and how often the map has its peak on the planted cue.

    python tests/zoo/table.py [NETWORK ...]        a few minutes; prints a table in Markdown

"6" means that the peak lay on the cue in all six images; "flat" that a map was the same everywhere; "refused" that the
method said in one sentence why it cannot; "crash" is a fault.
"""

import sys

import cv2
import numpy as np
from networks import CUE, PLACES, SIZE, ZOO, planted, trained

import tp_visualisation as tpv

OPTIONS = {
    "smoothgrad": {"n_samples": 10},
    "integrated_gradients": {"n_steps": 20},
    "smooth_grad_cam_plus_plus": {"n_samples": 4},
    "rise": {"n_masks": 1024},
    "xrai": {"n_steps": 20},
    "cameras": {"sizes": [48, 72, 96]},
    "sess": {"n_scales": 2},
}
GRAINY = {"gradient", "gradient_times_input", "smoothgrad", "integrated_gradients", "guided_backprop"}
MARGIN = 4  # pixels by which a peak may miss the cue: a feature map is no finer


def cell(classifier, name, images, targets, places):
    """Return what the table says of a method: in how many images the peak of its map lies on the cue."""
    hits = 0
    for image, target, place in zip(images, targets, places, strict=True):
        try:
            saliency_map = tpv.saliency.METHODS[name](classifier, image, int(target), **OPTIONS.get(name, {}))
        except ValueError:
            return "refused"
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
            return "crash"
        if not np.isfinite(saliency_map).all() or saliency_map.std() == 0:
            return "flat"
        values = np.abs(saliency_map) if name in GRAINY else saliency_map
        smooth = cv2.GaussianBlur(values, (0, 0), 2)  # the peak of an area, not of a pixel
        row, column = np.unravel_index(smooth.argmax(), smooth.shape)
        top, left = PLACES[place]
        hits += -MARGIN <= row - top < CUE + MARGIN and -MARGIN <= column - left < CUE + MARGIN
    return str(hits)


def main(names):
    methods = list(tpv.saliency.METHODS)
    print(f"| network | {' | '.join(methods)} |")
    print(f"| --- |{' --- |' * len(methods)}", flush=True)
    for name in names or ZOO:
        classifier = tpv.Classifier(trained(name), input_size=(SIZE, SIZE), name=name)
        images, classes, places = planted(60, seed=2)
        if ZOO[name].goal == "red":  # explained where there is red to see
            images, places = images[classes == 0], places[classes == 0]
            classes = np.ones(len(images), int)
        subjects = images[:6], classes[:6], places[:6]
        print(f"| {name} | {' | '.join(cell(classifier, method, *subjects) for method in methods)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

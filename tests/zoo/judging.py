"""Whether a method is right about a network: the cells of the table, which the tests read too.

6          in six images the peak of the map lies on the cue: in all, or in all but one
exact, 2   in only two it does, but every map is the one computed by hand: the network looks elsewhere
stuck, 1   in only one, and the climb for a mask ended too low in an image at least: see STUCK
–          refused, in the sentence that was expected
wrong ...  none of these: a fault
crash ...  another error than a ValueError: a fault
"""

import functools
import re

import by_hand
import numpy as np
from convolutional import CONVOLUTIONAL
from endings import ENDINGS
from kinds import train
from others import OTHERS
from planted import SIZE, is_on_cue, planted
from scipy.ndimage import gaussian_filter

import tp_visualisation as tpv

ZOO = CONVOLUTIONAL | ENDINGS | OTHERS
METHODS = tpv.saliency.METHODS
NOISE = np.random.default_rng(3).standard_normal((6, SIZE, SIZE, 3)).astype(np.float32)
ANGLES, SHIFTS = (
    np.array([0, 0.3, -0.4, 0.1, -0.2, 0.5]),
    np.array([[0, 0], [2, 5], [-4, 1], [6, -3], [3, 3], [-1, -6]]),
)
OPTIONS = {
    "smoothgrad": {"noise": NOISE},
    "integrated_gradients": {"n_steps": 16},
    "smooth_grad_cam_plus_plus": {"noise": NOISE},
    "augmented_grad_cam": {"transforms": (ANGLES, SHIFTS), "aggregate": "mean"},  # super-resolution is no closed form
    "rise": {"n_masks": 512},
    "occlusion": {"patch_size": 12},  # of the size of what is to be hidden
    # A blur that leaves nothing of the cue's colour
    "meaningful_perturbation": {"n_steps": 100, "grid_size": 12, "blur_sigma": 80, "l1": 1e-5, "tv": 1e-3},
    "extremal_perturbation": {"areas": (0.06,), "n_steps": 150, "grid_size": 16, "blur_sigma": 80},
    "xrai": {"n_steps": 8},
    "cameras": {"sizes": [48, 72, 96]},
    "sess": {"n_scales": 2},
    "quadtree_occlusion": {"patch_size": 12},
}
SIGNED_BY_PIXEL = {"gradient_times_input", "integrated_gradients"}  # large either way: look at the absolute value

# Methods that follow the gradient through the network, whose truth is the gradient itself
GRADIENTS = {"gradient", "gradient_times_input", "smoothgrad", "guided_backprop"}
# Methods that read feature maps: where a network mixes places, a place of the map is not one of the image
FEATURES = {
    *("excitation_backprop", "grad_cam", "grad_cam_plus_plus", "smooth_grad_cam_plus_plus", "augmented_grad_cam"),
    *("score_cam", "group_cam", "sess"),
}
# Methods that learn a mask, whose truth is what the mask does
LEARNT = {"meaningful_perturbation", "extremal_perturbation"}
# Where a climb from the whole image ends on a lower hill: behind its mask the class scores less than on the cue alone
STUCK = {
    ("extremal_perturbation", name)
    for name in (
        *("group normalisation", "CNN and LSTM", "KerasHub ViT"),
        *("transformer, class token", "transformer, two tokens"),
    )
}

SENTENCES = {
    "cam": "cam needs a network that ends in global average pooling and one dense layer",
    "guided_backprop": "guided backpropagation needs a network with ReLU activations",
    "cameras": r"CAMERAS shows the image to the network in several sizes, and this network takes 48 x 48 inputs",
    "sess": "gives no probabilities: what is explained are numbers, no scores of classes",
    "meaningful_perturbation": "gives no probabilities: what is explained are numbers, no scores of classes",
}
BY_GRADIENT = ["gradient", "gradient_times_input", "smoothgrad", "integrated_gradients", "guided_backprop", "xrai"]
BY_GRADIENT += ["meaningful_perturbation", "extremal_perturbation"]
BY_LAYER = [*sorted(FEATURES), "cameras"]
OPAQUE = {  # only probabilities are known
    **dict.fromkeys(BY_GRADIENT, "does not show the scores"),
    **dict.fromkeys(BY_LAYER, "has no feature map"),
    "cam": SENTENCES["cam"],
}
REFUSED = {  # kind -> methods, or method -> sentence
    "black box": OPAQUE,
    "SavedModel": OPAQUE,
    "segmentation": {"cam", "sess", "meaningful_perturbation"},
    "swish": {"guided_backprop"},
    "side branch": {"cam"},
    "global max pooling": {"cam"},
    "Flatten, Dense": {"cam", "cameras"},
    "softmax with temperature": {"cam"},
    "regression": {"sess", "meaningful_perturbation"},
    "TimeDistributed": {"cam", "cameras"},
    "ConvNeXt-like": {"cam", "guided_backprop"},
    "attention pooling": {"cam", "cameras"},
    "CNN and LSTM": {"cam", "cameras"},
    "mixer": {"cam", "cameras", "guided_backprop"},
    "transformer, mean of tokens": {"cam", "cameras", "guided_backprop"},
    "transformer, class token": {"cam", "cameras", "guided_backprop"},
    "transformer, two tokens": {"cam", "cameras", "guided_backprop"},
    "KerasHub ViT": {"cam", "cameras", "guided_backprop"},
}


@functools.lru_cache(maxsize=2)
def trained(name):
    """Return the model of the network called `name` of `ZOO`, trained, and its `Classifier`."""
    kind = ZOO[name]
    model = train(kind)
    if kind.shown:
        return model, kind.shown(model)
    options = {"output": kind.output, "fixed_inputs": kind.fixed}
    return model, tpv.Classifier(model, kind.preprocess, input_size=SIZE, name=name, **options)


def subjects(name, n):
    """Return n images (n, 48, 48, 3), the classes to explain and the places of their cues."""
    images, classes, places = planted(60, seed=2)
    goal = ZOO[name].goal
    if goal in ("two classes", "red", "how red"):  # explained where there is red to see
        images, places = images[classes == 0], places[classes == 0]
        classes = np.full(len(images), 0 if goal == "how red" else 1)
    return images[:n], classes[:n], places[:n]


def cell(name, method, n):
    """Return what the table says of a method on a network, from n images."""
    (_, classifier), (images, classes, places) = trained(name), subjects(name, n)
    options, targets = OPTIONS.get(method, {}), map(ZOO[name].ask, classes)
    try:
        maps = [METHODS[method](classifier, *pair, **options) for pair in zip(images, targets, strict=True)]
    except ValueError as error:
        refused = REFUSED.get(name, {})
        sentences = refused if isinstance(refused, dict) else SENTENCES
        expected = method in refused and re.search(sentences[method], str(error))
        return "–" if expected else f"wrong: refused, {error}"
    except Exception as error:
        return f"crash: {type(error).__name__}, {error}"
    if method in REFUSED.get(name, ()):
        return "wrong: not refused"
    if not np.isfinite(maps).all():
        return "wrong: not finite"
    peaks = np.abs(maps) if method in SIGNED_BY_PIXEL else maps
    hits = sum(is_on_cue(peak, place) for peak, place in zip(peaks, places, strict=True))
    if hits >= n - 1:
        return str(hits)
    if not _may_look_elsewhere(name, method):
        return f"wrong: {hits} of {n} on the cue"
    for saliency_map, image, target in zip(maps, images, classes, strict=True):
        if not is_exact(name, method, saliency_map, image, target):
            if (method, name) in STUCK:
                return f"stuck, {hits}"
            return f"wrong: {hits} of {n} on the cue, and not the map computed by hand"
    return f"exact, {hits}"


def _may_look_elsewhere(name, method):
    return method in GRADIENTS | LEARNT or (method in FEATURES and ZOO[name].features is not None)


def is_exact(name, method, saliency_map, image, target):
    """Return whether a map is the one computed by hand."""
    model, classifier = trained(name)
    if method in LEARNT:
        return _does_its_task(name, method, classifier, saliency_map, image, target)
    subject = by_hand.Subject(ZOO[name], model, image, int(target))
    if method == "sess":  # put together from Grad-CAM maps computed by hand

        def base(_, crop, target):
            return by_hand.grad_cam(by_hand.Subject(ZOO[name], model, crop, target))

        expected = METHODS["sess"](classifier, image, int(target), base=base, **OPTIONS["sess"])
    else:
        drawn = [value for option, value in OPTIONS.get(method, {}).items() if option in ("noise", "transforms")]
        expected = getattr(by_hand, method)(subject, *drawn)
    close = 0.1 if name == "bfloat16" else 2e-3  # which has two digits, and each order of operations its own last one
    # In one pixel of a hundred, a ReLU whose input is almost 0 may fall either way.
    return np.quantile(np.abs(saliency_map - expected), 0.99) <= close * np.abs(expected).max()


def _does_its_task(name, method, classifier, saliency_map, image, target):
    """Whether a learnt mask that is not on the cue is right all the same.

    The class scores no less behind an extremal mask than on the whole image. It is gone behind the other one, or there
    is nothing to find, as it stays when all of the image is blurred (group normalisation).
    """
    options, asked = OPTIONS[method], ZOO[name].ask(target)
    if method == "extremal_perturbation":
        found = METHODS[method](classifier, image, asked, return_masks=True, **options)
        explained, image, index = classifier.check(image, asked)
        return found.scores[0] >= explained.scores(image)[0, index]
    sigma = options["blur_sigma"] * SIZE / 224
    blurred = gaussian_filter(image, (sigma, sigma, 0))
    behind = image + saliency_map[..., None] * (blurred - image)
    whole, left, least = classifier.probabilities([image, behind, blurred])[:, target]
    return left < whole / 2 or least > whole / 2

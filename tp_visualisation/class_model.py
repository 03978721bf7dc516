"""What a class looks like to a network: climb its score from noise.

Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising image classification models and
saliency maps", 2014. https://arxiv.org/abs/1312.6034

    I* = arg max over I of  S_c(I) − λ ‖x(I)‖₂²

S_c is the score before the softmax: the probability could also rise by lowering the other classes. I is an RGB image
in [0, 255], kept in that range, and x(I) = preprocess(I) is what the network is given: its zero, a grey in most
networks, is the image that the penalty prefers. Two more things keep the image smooth without being in the equation
(Yosinski et al. 2015, https://arxiv.org/abs/1506.06579): every step sees the image moved by a random jitter, so that
nothing can depend on exact pixels, and every few steps the image is blurred.

`parameterisation="pixels"` is that climb as it was published: I ← I + η g/‖g‖₂, g = ∂/∂I. On networks later than VGG16
it mostly gives textures that only the network understands. `parameterisation="fourier"`, the default, climbs the waves
of the image instead (see `fourier`), seen at random angles and sizes. Of ten classes drawn so with EfficientNet-Lite0
(tarantula, dalmatian, bald eagle, strawberry, goldfish, monarch, ladybug, jeep, goose, African elephant; seed 0) all
have a probability above 0.999 there, and all are also what EfficientNet-Lite2 sees first.
"""

from itertools import product
from typing import NamedTuple

import cv2
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from tp_visualisation.classifier import probabilities_of
from tp_visualisation.deep_dream import deep_dream
from tp_visualisation.fourier import Fourier
from tp_visualisation.images import check_image
from tp_visualisation.tracing import preprocessed

__all__ = ["Snapshot", "SweepResult", "deep_dream", "sweep", "visualise_class", "visualise_class_steps"]


class Snapshot(NamedTuple):
    """The image after some iterations, float32 (h, w, 3) in [0, 255], with the score and probability of the class."""

    iteration: int
    image: np.ndarray
    score: float
    probability: float


class SweepResult(NamedTuple):
    """The image that these settings give, with the score and probability of the class."""

    n_iterations: int
    learning_rate: float
    l2: float
    image: np.ndarray
    score: float
    probability: float


class Pixels:
    """An image as its grey levels, climbed with steps of norm η; the other parameterisation is `fourier.Fourier`."""

    learning_rate = 1500.0
    constants = ()

    def __init__(self, image, learning_rate):
        self.variable, self.learning_rate = image[None].astype(np.float32), learning_rate

    @classmethod
    def noise(cls, size, rng, learning_rate):
        """Begin at mid-grey with Gaussian noise of 10 grey levels."""
        return cls(np.clip(rng.normal(127.5, 10, (*size, 3)), 0, 255), learning_rate)

    @property
    def image(self):
        return self.variable[0].copy()

    @staticmethod
    def decode(images):
        return images

    def move(self, g):
        """I ← I + η g/‖g‖₂, kept in [0, 255]."""
        norm = np.linalg.norm(g.astype(np.float64))
        if norm > 0:
            self.variable = np.clip(self.variable + self.learning_rate * (g / norm), 0, 255).astype(np.float32)

    def blur(self, sigma):
        self.variable = cv2.GaussianBlur(self.image, (0, 0), sigma)[None]


PARAMETERISATIONS = {"fourier": Fourier, "pixels": Pixels}


def visualise_class(classifier, target, *, n_iterations=200, learning_rate=None, l2=1e-4, jitter=16, blur_every=4,
                    blur_sigma=0.7, rotation=None, zoom=None, init_image=None, seed=0, every=None,
                    parameterisation="fourier", progress=False):  # fmt: skip
    """Return an image that a classifier takes for a perfect example of a class.

    Args:
        classifier: `Classifier` under study.
        target: class to draw: index, label or WordNet id.
        n_iterations: steps of the climb.
        learning_rate: "pixels": norm of each step over all pixels and channels, in grey levels, 1500
            by default, that is 4 in root mean square on 224 x 224. "fourier": Adam's step, 0.05.
        l2: λ, weight of the squared norm of the network's input.
        jitter: each step sees the image rolled by up to this many pixels, either way in both directions.
        blur_every: steps from one blur to the next; 0 for none. The last thing is always a step.
        blur_sigma: standard deviation of the Gaussian blur, in pixels.
        rotation: each step sees the image turned by up to this many degrees; None: 0 or, "fourier", 10.
        zoom: and made larger or smaller by up to this fraction, in [0, 1); None: 0 or, "fourier", 0.15.
        init_image: RGB array of the network's input size, in [0, 255], to start from; None for noise.
        seed: integer; the same seed gives the same image.
        every: a number returns the list of `Snapshot` after every so many iterations, the last one
            included, instead of the image.
        parameterisation: "fourier" or "pixels".
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (h, w, 3), RGB in [0, 255], at the network's input size.

    Raises:
        ValueError: an argument is not as above, or the gradient is not finite.
    """
    snapshots = visualise_class_steps(
        classifier, target, n_iterations=n_iterations, learning_rate=learning_rate, l2=l2, jitter=jitter,
        blur_every=blur_every, blur_sigma=blur_sigma, rotation=rotation, zoom=zoom, init_image=init_image, seed=seed,
        every=n_iterations if every is None else every, parameterisation=parameterisation, progress=progress,
    )  # fmt: skip
    snapshots = list(snapshots)
    return snapshots[-1].image if every is None else snapshots


def visualise_class_steps(classifier, target, *, n_iterations=200, learning_rate=None, l2=1e-4, jitter=16,
                          blur_every=4, blur_sigma=0.7, rotation=None, zoom=None, init_image=None, seed=0, every=1,
                          parameterisation="fourier", progress=False):  # fmt: skip
    """Yield a `Snapshot` every so many iterations and after the last one: for live plots and animations.

    Arguments and errors are those of `visualise_class`. The image after n iterations does not
    depend on how many are still to come.
    """
    if parameterisation not in PARAMETERISATIONS:
        raise ValueError(f'parameterisation must be "fourier" or "pixels", got {parameterisation!r}.')
    kind = PARAMETERISATIONS[parameterisation]
    waves = kind is Fourier
    learning_rate = kind.learning_rate if learning_rate is None else learning_rate
    rotation = (10 if waves else 0) if rotation is None else rotation
    zoom = (0.15 if waves else 0) if zoom is None else zoom
    at_least = [("n_iterations", n_iterations, 1), ("every", every, 1), ("l2", l2, 0), ("jitter", jitter, 0)]
    for name, value, minimum in [*at_least, ("blur_every", blur_every, 0), ("rotation", rotation, 0)]:
        if not minimum <= value < np.inf:
            raise ValueError(f"{name} must be at least {minimum}, got {value}.")
    for name, value in [("learning_rate", learning_rate), ("blur_sigma", blur_sigma)]:
        if not 0 < value < np.inf:
            raise ValueError(f"{name} must be greater than 0, got {value}.")
    if not 0 <= zoom < 1:
        raise ValueError(f"zoom must lie in [0, 1), got {zoom}.")
    target = _check_target(classifier, target)
    rng = np.random.default_rng(seed)
    if init_image is None:
        start = kind.noise(classifier.input_size, rng, learning_rate)
    else:
        start = kind(_check_size(classifier, init_image), learning_rate)
    views = _views(rng, classifier.input_size, jitter, rotation, zoom)
    return _climb(classifier, target, start, views, n_iterations, l2, blur_every, blur_sigma, every, progress)


def _climb(classifier, target, drawing, views, n_iterations, l2, blur_every, blur_sigma, every, progress):
    label = classifier.labels[target].label
    for iteration in tqdm(range(1, n_iterations + 1), desc=label, unit=" steps", delay=1, disable=not progress):
        if blur_every and iteration > 1 and (iteration - 1) % blur_every == 0:
            drawing.blur(blur_sigma)
        g = classifier.run_backward(
            _objective_gradient, drawing.variable, *next(views), np.int32([target]), np.float32(l2),
            *drawing.constants, decode=drawing.decode, preprocess=classifier.preprocess,
        )  # fmt: skip
        if not np.isfinite(g).all():
            raise ValueError(
                f'the gradient of "{label}" is not finite at step {iteration}: check the network\'s weights and its '
                "preprocess, or lower learning_rate."
            )
        drawing.move(g)
        if iteration % every == 0 or iteration == n_iterations:
            image = drawing.image
            scores = classifier.scores(classifier.prepare(image))
            probability = probabilities_of(scores)[0, target]
            yield Snapshot(iteration, image, float(scores[0, target]), float(probability))


def sweep(classifier, target, *, n_iterations=(50, 100, 200), learning_rate=(500.0, 1500.0, 4500.0), l2=(0.0, 1e-2),
          seed=0, parameterisation="pixels", progress=False):  # fmt: skip
    """Draw a class with every combination of settings: the three that the lab varies.

    Args:
        classifier: `Classifier` under study.
        target: class to draw: index, label or WordNet id.
        n_iterations: numbers of iterations; the longest run shows the shorter ones on its way.
        learning_rate: learning rates, in the unit of the parameterisation.
        l2: weights λ of the penalty.
        seed: integer, the same for all.
        parameterisation: "pixels", the lab's, or "fourier".
        progress: show a progress bar on stderr for each run that takes longer than a second.

    Returns:
        list of `SweepResult`, by λ, then learning rate, then iterations; `plotting.plot_sweep` draws it.

    Raises:
        ValueError: as for `visualise_class`, or an empty list.
    """
    iterations, rates, weights = (np.atleast_1d(values).tolist() for values in (n_iterations, learning_rate, l2))
    if not (iterations and rates and weights):
        raise ValueError("n_iterations, learning_rate and l2 must each hold at least one value.")
    if min(iterations) < 1:
        raise ValueError(f"n_iterations must be at least 1, got {min(iterations)}.")
    settings = list(product(weights, rates))
    runs = [  # what is wrong with any of them is said before the first begins
        visualise_class_steps(
            classifier, target, n_iterations=max(iterations), learning_rate=rate, l2=weight, seed=seed,
            every=np.gcd.reduce(iterations), parameterisation=parameterisation, progress=progress,
        )
        for weight, rate in settings
    ]  # fmt: skip
    results = []
    for (weight, rate), run in zip(settings, runs, strict=True):
        snapshots = {snapshot.iteration: snapshot for snapshot in run if snapshot.iteration in iterations}
        results += [SweepResult(n, rate, weight, *snapshots[n][1:]) for n in iterations]
    return results


def _check_target(classifier, target):
    """Return the class index; a `check` makes the classifier notice that its weights have changed."""
    if target is None:
        raise ValueError('target is needed, the class to draw, such as "tarantula".')
    return classifier.check(np.full((*classifier.input_size, 3), 127, np.uint8), target)[1]


def _check_size(classifier, image):
    image = check_image(image)
    if image.shape[:2] != classifier.input_size:
        raise ValueError(
            f"init_image must have the network's input size {classifier.input_size}, got {image.shape[:2]}: "
            f"load_image(path, size={classifier.input_size}) resizes it."
        )
    return image


def _views(rng, size, jitter, rotation=0.0, zoom=0.0):
    """Yield, for ever, how the next step sees the image: a shift (2,) in pixels, and a turn about the centre.

    The turn, rotation and zoom, is (1, 8): from places (x, y) of the view to those of the image, in the convention of
    ImageProjectiveTransformV3.
    """
    y, x = (np.array(size) - 1) / 2
    while True:
        shift = rng.integers(-jitter, jitter + 1, 2)
        angle = np.deg2rad(rng.uniform(-rotation, rotation))
        factor = 1 / (1 + rng.uniform(-zoom, zoom))
        cos, sin = factor * np.cos(angle), factor * np.sin(angle)
        turn = [cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y, 0, 0]
        yield shift.astype(np.int32), np.float32([turn])


# The steps that run with the network inside: see `engines`


def _objective_gradient(network, z, shift, turn, target, l2, *constants, decode, preprocess):
    """∂/∂z of S_c − λ‖x‖₂², for the image decode(z) as a view shows it."""
    image = tf.roll(decode(z, *constants), shift, axis=(1, 2))
    view = tf.raw_ops.ImageProjectiveTransformV3(
        images=image, transforms=turn, output_shape=tf.shape(image)[1:3], fill_value=0.0,
        interpolation="BILINEAR", fill_mode="REFLECT",
    )  # fmt: skip
    x = preprocessed(view, preprocess)
    objective = network.target_scores(x, target) - l2 * tf.reduce_sum(x**2)
    return tf.gradients(objective, z)[0]

"""What a class looks like to a network: climb its score from noise.

Simonyan, Vedaldi and Zisserman, "Deep inside convolutional networks: visualising image classification models and
saliency maps", 2014. https://arxiv.org/abs/1312.6034

    I* = arg max over I of  S_c(I) − λ ‖x(I)‖₂²

S_c is the score before the softmax: the probability could also rise because the other scores fall. I is an RGB image,
kept in [0, 255], and x(I) = preprocess(I) is what the network is given. The penalty draws x towards 0, which is a grey
image for most networks. Two things that are not in the equation keep the image smooth. Each step sees the image shifted
by a few pixels, at random, so that no pattern can depend on exact positions (Mordvintsev et al., "Inceptionism", 2015);
and every few steps the image is blurred (Yosinski et al. 2015, https://arxiv.org/abs/1506.06579).

`parameterisation="pixels"` climbs the paper's objective, by steps of a fixed length: I ← I + η g/‖g‖₂, g = ∂/∂I. On
networks later than VGG16 it mostly draws textures that mean something to the network and nothing to us.
`parameterisation="fourier"`, the default, writes the image as a sum of waves and climbs their amplitudes (see
`fourier`); each step also turns the image and changes its size a little, at random. Ten classes were drawn so with
EfficientNet-Lite0 (tarantula, dalmatian, bald eagle, strawberry, goldfish, monarch, ladybug, jeep, goose, African
elephant; seed 0): it gives each of the ten images a probability above 0.999, and EfficientNet-Lite2, which had no part
in the drawing, finds the same class most probable.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from tqdm import tqdm

from tp_visualisation.checks import check_choice, check_integer, check_number
from tp_visualisation.class_model.parameterisations import PARAMETERISATIONS
from tp_visualisation.classifier import Classifier
from tp_visualisation.images import Image, check_image
from tp_visualisation.later import tf


class Snapshot(NamedTuple):
    """The image after some steps, float32 (h, w, 3) in [0, 255], with the score and probability of the class.

    The probability is NaN where the network gives none.
    """

    step: int
    image: Image
    score: float
    probability: float


def visualise_class(
    classifier: Classifier,
    target: int | str,
    *,
    n_steps: int = 200,
    step_size: float | None = None,
    l2: float = 1e-4,
    jitter: int = 16,
    blur_every: int = 4,
    blur_sigma: float = 0.7,
    rotation: float | None = None,
    zoom: float | None = None,
    init_image: Image | None = None,
    seed: int = 0,
    every: int | None = None,
    parameterisation: str = "fourier",
    progress: bool = False,
) -> Image | list[Snapshot]:
    """Return an image that a classifier takes for a perfect example of a class.

    Args:
        classifier: `Classifier` under study.
        target: class to draw: index, label or WordNet id.
        n_steps: number of steps.
        step_size: η. "pixels": norm of each step over all pixels and channels, in grey levels; None for
            1500, which is 4 in root mean square on 224 x 224. "fourier": Adam's step; None for 0.05.
        l2: λ, weight of the squared norm of the network's input.
        jitter: each step sees the image shifted at random by up to this many pixels, up or down and left
            or right; what leaves on one side comes back on the other.
        blur_every: steps from one blur to the next; 0 for none. There is no blur after the last step.
        blur_sigma: standard deviation of the Gaussian blur, in pixels.
        rotation: each step sees the image turned at random by up to this many degrees, either way; None
            for 10 with "fourier" and 0 with "pixels".
        zoom: each step sees the image made larger or smaller at random by up to this fraction, in [0, 1);
            None for 0.15 with "fourier" and 0 with "pixels".
        init_image: RGB array (h, w, 3) of the network's input size, values in [0, 255], to start from;
            None for noise. Left unchanged.
        seed: integer; the same seed gives the same image, but for rounding, which a long climb makes more of.
        every: None returns the image. A number returns a list instead, of a `Snapshot` after every so
            many steps and after the last one.
        parameterisation: how the image is written, "fourier" or "pixels".
        progress: show a progress bar on stderr when it takes longer than a second.

    Returns:
        float32 array (h, w, 3), RGB in [0, 255], at the network's input size.

    Raises:
        ValueError: an argument is not as above, or the gradient is not finite.
    """
    snapshots = list(
        visualise_class_steps(
            classifier,
            target,
            n_steps=n_steps,
            step_size=step_size,
            l2=l2,
            jitter=jitter,
            blur_every=blur_every,
            blur_sigma=blur_sigma,
            rotation=rotation,
            zoom=zoom,
            init_image=init_image,
            seed=seed,
            every=n_steps if every is None else every,
            parameterisation=parameterisation,
            progress=progress,
        )
    )
    return snapshots[-1].image if every is None else snapshots


def visualise_class_steps(
    classifier: Classifier,
    target: int | str,
    *,
    n_steps: int = 200,
    step_size: float | None = None,
    l2: float = 1e-4,
    jitter: int = 16,
    blur_every: int = 4,
    blur_sigma: float = 0.7,
    rotation: float | None = None,
    zoom: float | None = None,
    init_image: Image | None = None,
    seed: int = 0,
    every: int = 1,
    parameterisation: str = "fourier",
    progress: bool = False,
) -> Iterator[Snapshot]:
    """Yield a `Snapshot` after every so many steps and after the last one: for live plots and animations.

    Arguments and errors are those of `visualise_class`; what is wrong is said at the call, before the first step. A
    longer climb begins with the same images as a shorter one.
    """
    check_choice(PARAMETERISATIONS, parameterisation=parameterisation)
    kind = PARAMETERISATIONS[parameterisation]
    step_size = kind.step_size if step_size is None else step_size
    rotation = kind.rotation if rotation is None else rotation
    zoom = kind.zoom if zoom is None else zoom
    check_integer("[1, inf)", n_steps=n_steps, every=every)
    check_integer("[0, inf)", jitter=jitter, blur_every=blur_every, seed=seed)
    check_number("(0, inf)", step_size=step_size, blur_sigma=blur_sigma)
    check_number("[0, inf)", l2=l2, rotation=rotation)
    check_number("[0, 1)", zoom=zoom)
    if target is None:
        raise ValueError('target is needed, the class to draw, such as "tarantula".')
    class_index = classifier.class_index(target)
    classifier.notice_new_weights()

    rng = np.random.default_rng(seed)
    if init_image is None:
        drawing = kind.noise(classifier.input_size, rng, step_size)
    else:
        drawing = kind(_check_size(classifier, init_image), step_size)
    views = _views(rng, classifier.input_size, jitter, rotation, zoom)
    return _climb(classifier, class_index, drawing, views, n_steps, l2, blur_every, blur_sigma, every, progress)


def _climb(classifier, target, drawing, views, n_steps, l2, blur_every, blur_sigma, every, progress):
    label = classifier.labels[target].label
    for step in tqdm(range(1, n_steps + 1), desc=label, unit=" steps", delay=1, disable=not progress):
        if blur_every and step > 1 and (step - 1) % blur_every == 0:
            drawing.blur(blur_sigma)
        g = classifier.run_backward(
            _objective_gradient,
            drawing.variable,
            *next(views),
            target,
            float(l2),
            *drawing.constants,
            decode=drawing.decode,
        )
        if not np.isfinite(g).all():
            raise ValueError(
                f'the gradient of "{label}" is not finite at step {step}: check the network\'s weights and its '
                "preprocess, or lower step_size."
            )
        drawing.move(g)
        if step % every == 0 or step == n_steps:
            image = drawing.image
            scores = classifier.input_scores(classifier.prepare(image))
            p = np.full_like(scores, np.nan) if classifier.activation is None else classifier.probabilities_of(scores)
            yield Snapshot(step, image, float(scores[0, target]), float(p[0, target]))


def _check_size(classifier, image):
    image = check_image(image, "init_image")
    if image.shape[:2] != classifier.input_size:
        raise ValueError(
            f"init_image must have the network's input size {classifier.input_size}, got {image.shape[:2]}: "
            f"load_image(path, size={classifier.input_size}) resizes it."
        )
    return image


def _views(rng, size, jitter, rotation, zoom):
    """Yield a random view of the image for each step, without end: how it is shifted, then turned and scaled.

    The shift, int32 (2,), counts pixels down and to the right. Turning and scaling about the centre are one affine map,
    float32 (1, 8): it says from which place (x, y) of the image each place of the view is taken, written as
    ImageProjectiveTransformV3 wants it.
    """
    y, x = (np.array(size) - 1) / 2
    while True:
        shift = rng.integers(-int(jitter), jitter + 1, 2)
        angle = np.deg2rad(rng.uniform(-rotation, rotation))
        factor = 1 / (1 + rng.uniform(-zoom, zoom))
        cos, sin = factor * np.cos(angle), factor * np.sin(angle)
        turn = [cos, -sin, x - cos * x + sin * y, sin, cos, y - sin * x - cos * y, 0, 0]
        yield shift.astype(np.int32), np.float32([turn])


# The step that runs with the network inside: see `engines`


def _objective_gradient(network, variable, shift, turn, target, l2, *constants, decode):
    """The gradient of S_c − λ‖x‖₂² with respect to `variable`, for its image as a view shows it."""
    image = tf.roll(decode(variable, constants), shift, axis=(1, 2))
    view = tf.raw_ops.ImageProjectiveTransformV3(
        images=image,
        transforms=turn,
        output_shape=tf.shape(image)[1:3],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="REFLECT",
    )
    x = network.prepare(view)
    objective = tf.gather(network.scores(x), target, axis=1) - l2 * tf.reduce_sum(x**2)
    return tf.gradients(objective, variable)[0]

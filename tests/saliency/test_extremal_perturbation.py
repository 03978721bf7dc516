"""Extremal perturbations: the climb replayed with TensorFlow's tape and a sort, and masks that must end on a cue."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import gaussian_filter
from test_smooth_masks import by_the_equation

import tp_visualisation as tpv
from tp_visualisation.saliency import extremal_perturbation
from tp_visualisation.saliency.smooth_masks import SmoothMasks

SIDE = 24
SQUARES = {"own": (2, 2), "other": (5, 16), "shared": (16, 9)}  # top, left of 6 x 6 pixels, red, green and blue


def behind(masks, x, blur_sigma):
    """The input (1, h, w, C) behind masks (n, h, w): a weighted sum of its eight blurred copies."""
    sigmas = blur_sigma * min(x.shape[1:3]) / 224 * (1 - np.arange(8) / 7)
    copies = [gaussian_filter(x[0], (sigma, sigma, 0), mode="constant") if sigma else x[0] for sigma in sigmas]
    return sum(tf.nn.relu(1 - tf.abs(7 * masks[..., None] - number)) * copies[number] for number in range(8))


def by_hand(model, image, target, areas, n_steps, blur_sigma):
    """The masks (n, 12, 20) of an image of this size after some steps, on 6 x 10 nodes, three pixels each."""
    nodes, velocity = np.ones((len(areas), 6, 10), np.float32), None
    for step in range(n_steps + 1):
        with tf.GradientTape() as tape:
            variable = tf.Variable(nodes)
            masks = by_the_equation(variable, 3)
            seen = tf.image.resize(masks[:, 8:-8, 8:-8, None], image.shape[:2])[..., 0]
            inputs = behind(seen, image[None], blur_sigma)
            score = model(inputs[:, :, ::-1] if step % 2 == 0 else inputs)[:, target]
            ordered = tf.sort(tf.reshape(masks, [len(areas), -1]))
            places = np.arange(ordered.shape[1])
            ones = np.float32([places >= len(places) - round(area * len(places)) for area in areas])
            reward = score - 300 * 1.0035**step * tf.reduce_mean((ordered - ones) ** 2, axis=1)
        if step == n_steps:
            return seen.numpy(), masks.numpy(), model(inputs).numpy()[:, target]
        g = tape.gradient(reward, variable).numpy()
        velocity = g if velocity is None else 0.9 * velocity + 0.1 * g
        nodes = np.clip(nodes + 0.01 * velocity, 0, 1)
    return None


def areas_between_pixels(n):
    """Areas that cut the first mask where its sorted pixels differ most, so that rounding cannot change their order."""
    first, _ = SmoothMasks((12, 20), 6).draw(np.ones((1, 6, 10), np.float32))
    ordered = np.sort(first.ravel())
    gaps = np.diff(ordered)
    gaps[: len(gaps) // 2] = 0
    return sorted((len(ordered) - 1 - np.argsort(-gaps)[:n]) / len(ordered))


def test_climb_is_the_one_by_hand(classifier, image):
    """On a network that is not the same when it is mirrored, with a blur that is felt in the first steps already."""
    areas = areas_between_pixels(2)
    options = {"areas": areas, "n_steps": 5, "grid_size": 6, "blur_sigma": 100}
    found = extremal_perturbation(classifier, image, 1, return_masks=True, **options)
    seen, masks, scores = by_hand(classifier.model, image, 1, areas, 5, 100)
    np.testing.assert_allclose(found.masks, seen, rtol=1e-4)
    np.testing.assert_allclose(found.areas, seen.mean(axis=(1, 2)), rtol=1e-4)
    np.testing.assert_allclose(found.areas_with_margin, masks.mean(axis=(1, 2)), rtol=1e-4)
    np.testing.assert_allclose(found.scores, scores, rtol=1e-3)
    assert found.n_steps == 5
    saliency_map = extremal_perturbation(classifier, image, 1, **options)
    np.testing.assert_allclose(saliency_map, seen.sum(axis=0), rtol=1e-4)


@pytest.fixture(scope="module")
def planted():
    """Black with a red, a green and a blue square: class 0 is red and blue, class 1 green and blue, class 2 nothing.

    A feature is how much a colour is above 180 grey levels, where blurred squares are not: 30 for each sharp square.
    """
    image = np.zeros((SIDE, SIDE, 3), np.uint8)
    for colour, (top, left) in enumerate(SQUARES.values()):
        image[top : top + 6, left : left + 6, colour] = 255
    bright = keras.layers.Conv2D(3, 1, activation="relu")
    dense = keras.layers.Dense(3, use_bias=False)
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), bright, keras.layers.GlobalAveragePooling2D(), dense])
    bright.set_weights([np.eye(3)[None, None] / 75, np.full(3, -180 / 75)])
    dense.set_weights([30 * SIDE**2 / 36 * np.float32([[1, 0, 0], [0, 1, 0], [1, 1, 0]])])
    return tpv.Classifier(model), image


def means(saliency_map):
    """The mean of a map on each of the squares."""
    return {name: saliency_map[top : top + 6, left : left + 6].mean() for name, (top, left) in SQUARES.items()}


def explained(planted, **options):
    classifier, image = planted
    return extremal_perturbation(
        classifier, image, 0, grid_size=24, n_steps=300, areas=0.1, return_masks=True, **options
    )


def test_mask_ends_on_what_the_class_is_made_of(planted):
    found = explained(planted)
    on = means(found.masks[0])
    assert min(on["own"], on["shared"]) > 0.8
    assert on["other"] < 0.2
    assert found.areas[0] < 0.3
    assert found.scores[0] > 0.85 * planted[0].scores(planted[1])[0, 0]


def test_to_delete_is_to_find_the_same_squares(planted):
    found = explained(planted, variant="delete")
    on = means(found.masks[0])
    assert min(on["own"], on["shared"]) > 0.8
    assert on["other"] < 0.2
    assert found.scores[0] < 0.6 * planted[0].scores(planted[1])[0, 0]


def test_contrastive_leaves_out_what_both_classes_share(planted):
    on = means(explained(planted, contrastive=True).masks[0])
    assert on["own"] > 0.8
    assert max(on["shared"], on["other"]) < 0.3


def test_settled_climb_hurries_and_finds_the_same(planted):
    whole, short = (explained(planted, tolerance=tolerance) for tolerance in (0, 0.02))
    assert whole.n_steps == 300
    assert short.n_steps < 250
    assert np.corrcoef(whole.masks.ravel(), short.masks.ravel())[0, 1] > 0.95


def test_smooth_blurs_the_map(pooled, image):
    options = {"areas": (0.1, 0.3), "n_steps": 4, "grid_size": 6}
    plain, smooth = (extremal_perturbation(pooled, image, 1, smooth=share, **options) for share in (0, 0.25))
    np.testing.assert_allclose(smooth, gaussian_filter(plain, 3), rtol=1e-5)


def test_image_of_another_size_gets_masks_of_its_size(pooled):
    image = np.random.default_rng(0).integers(0, 256, (30, 44, 3), dtype=np.uint8)
    found = extremal_perturbation(pooled, image, 1, areas=[0.1, 0.2, 0.4], n_steps=2, return_masks=True)
    assert found.masks.shape == (3, 30, 44)
    assert found.masks.dtype == np.float32


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"areas": ()}, "areas is empty"),
        ({"areas": (0.1, 1)}, r"areas must lie in \(0, 1\), a share of the mask, got 1"),
        ({"areas": "0.1"}, "areas must be a number"),
        ({"n_steps": 0}, "n_steps must be at least 1"),
        ({"variant": "dual"}, 'variant must be "preserve" or "delete"'),
        ({"tolerance": 1}, r"tolerance must lie in \[0, 1\)"),
        ({"smooth": -0.1}, r"smooth must lie in \[0, 1\)"),
        ({"blur_sigma": 0}, "blur_sigma must be greater than 0"),
        ({"grid_size": 0}, "grid_size must be at least 1"),
    ],
)
def test_impossible_option_is_refused(options, message, pooled, image):
    with pytest.raises(ValueError, match=message):
        extremal_perturbation(pooled, image, 1, **options)


def test_contrastive_needs_another_class(pooled, image):
    with pytest.raises(ValueError, match="there is no other one here"):
        extremal_perturbation(pooled, image, lambda scores: scores[:, 1] - scores[:, 0], contrastive=True)

"""The masks of extremal perturbations: the equation pixel by pixel, and gradients that TensorFlow's tape finds too."""

import numpy as np
import pytest
import tensorflow as tf

from tp_visualisation.saliency import smooth_masks
from tp_visualisation.saliency.smooth_masks import SmoothMasks


def by_the_equation(nodes, pixels, sigma=3, reach=4, margin=3):
    """The masks of nodes (n, rows, columns) as a tensor, from a table of all pixels and nodes; lengths in nodes."""
    n, rows, columns = nodes.shape
    wide = margin + reach
    zeros_around = tf.pad(nodes, [[0, 0], [wide, wide], [wide, wide]])
    lengths = np.array([rows, columns])
    numbers = [np.arange(-wide, length + wide) for length in lengths]
    # Of the pixels, half a node's are missing at both ends of the margin.
    places = [np.arange(-margin * pixels, (length + margin - 1) * pixels + 1) for length in lengths]
    d = [place[:, None] / pixels - number for place, number in zip(places, numbers, strict=True)]
    near = [
        np.abs(number - np.rint(place / pixels)[:, None]) <= reach
        for place, number in zip(places, numbers, strict=True)
    ]
    k = np.exp(-2 * np.maximum(np.hypot(d[0][:, None, :, None], d[1][None, :, None, :]) / sigma - 0.5, 0) ** 2)
    z = np.float32(k) * zeros_around[:, None, None]  # (n, H, W, rows, columns)
    e = tf.where(near[0][:, None, :, None] & near[1][None, :, None, :], tf.exp(20 * z), 0)
    return tf.reduce_sum(z * e, axis=[-2, -1]) / tf.reduce_sum(e, axis=[-2, -1])


@pytest.fixture
def nodes():
    return np.random.default_rng(0).uniform(0, 1, (2, 3, 4)).astype(np.float32)


@pytest.mark.parametrize("pixels", [1, 3])
def test_masks_and_their_gradient_are_those_of_the_equation(pixels, nodes):
    masks_of = SmoothMasks((3 * pixels, 4 * pixels), grid_size=3)
    assert masks_of.grid == (3, 4)
    masks, sums = masks_of.draw(nodes)
    weights = np.random.default_rng(1).normal(size=masks.shape).astype(np.float32)
    with tf.GradientTape() as tape:
        variable = tf.Variable(nodes)
        expected = by_the_equation(variable, pixels)
        total = tf.reduce_sum(weights * expected)
    np.testing.assert_allclose(masks, expected, atol=1e-5)
    g = masks_of.pull_back(nodes, masks, sums, weights)
    np.testing.assert_allclose(g, tape.gradient(total, variable), rtol=1e-4, atol=1e-5)


def test_geometry_is_that_of_the_paper():
    """224 pixels: 32 x 32 nodes 7 pixels apart, σ = 21 pixels, a mask of 260 x 260 with the image in the middle."""
    masks_of = SmoothMasks((224, 224))
    nodes = np.zeros((1, 32, 32), np.float32)
    nodes[0, 10, 20] = 1
    masks, _ = masks_of.draw(nodes)
    seen = masks_of.in_frame(masks)[0]
    assert masks.shape == (1, 260, 260)
    assert seen.shape == (224, 224)
    np.testing.assert_array_equal(seen, masks[0, 18:-18, 18:-18])
    largest = np.argwhere(seen > seen.max() - 1e-6)  # all that is half of σ away
    np.testing.assert_allclose(largest.mean(axis=0), (73, 143))  # 7 · 10 + 3, 7 · 20 + 3
    assert np.ptp(largest, axis=0).tolist() == [20, 20]
    z = np.zeros(81)
    z[0] = np.exp(-2 * (21 / 21 - 0.5) ** 2)  # σ away from the only node that is not 0
    assert seen[73, 143 + 21] == pytest.approx((z * np.exp(20 * z)).sum() / np.exp(20 * z).sum(), rel=1e-5)
    np.testing.assert_allclose(seen[73 - 40 : 74 + 40], seen[73 - 40 : 74 + 40][::-1], rtol=1e-5)


@pytest.mark.parametrize("size", [(48, 48), (12, 20), (300, 224)])
def test_what_is_seen_has_the_size_of_the_input_and_its_gradient_comes_back(size):
    masks_of = SmoothMasks(size)
    masks, _ = masks_of.draw(np.random.default_rng(0).uniform(0, 1, (2, *masks_of.grid)).astype(np.float32))
    seen = masks_of.in_frame(masks)
    assert seen.shape == (2, *size)
    assert min(masks_of.grid) == 32
    assert 0 <= seen.min() <= seen.max() <= 1
    g = np.random.default_rng(1).normal(size=seen.shape).astype(np.float32)
    back = masks_of.from_frame(g, masks)
    assert (back * masks).sum() == pytest.approx((g * seen).sum(), rel=1e-3)  # the transposed map
    whole, _ = masks_of.draw(np.ones((1, *masks_of.grid), np.float32))
    assert masks_of.in_frame(whole).min() > 0.9


def test_without_xla_the_masks_are_the_same(nodes, monkeypatch):
    masks_of = SmoothMasks((9, 12), grid_size=3)
    masks, sums = masks_of.draw(nodes)
    g = masks_of.pull_back(nodes, masks, sums, masks)
    traced = tf.function

    def without_xla(function, jit_compile=False, **options):
        if not jit_compile:
            return traced(function, **options)

        def refuse(*tensors):
            raise tf.errors.UnimplementedError(None, None, "no XLA here")

        return refuse

    monkeypatch.setattr(tf, "function", without_xla)
    monkeypatch.setattr(smooth_masks, "_FUNCTIONS", {})
    plain, plain_sums = masks_of.draw(nodes)
    np.testing.assert_allclose(plain, masks, rtol=1e-5)
    np.testing.assert_allclose(masks_of.pull_back(nodes, plain, plain_sums, plain), g, rtol=1e-4, atol=1e-5)

import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.class_model.fourier import _COLOURS, Fourier


@pytest.mark.parametrize("size", [(12, 20), (13, 9)])
def test_waves_give_the_image_back(size):
    image = np.random.default_rng(0).uniform(5, 250, (*size, 3)).astype(np.float32)
    np.testing.assert_allclose(Fourier(image, 0.05).image, image, atol=0.01)


def test_waves_decode_to_the_equation():
    """255 sigmoid(C irfft2(z / f)), here for one wave of brightness."""
    drawing = Fourier(np.full((8, 8, 3), 127.5), 0.05)
    drawing.variable[:] = 0
    drawing.variable[0, 0, 2, 0] = 1.0  # two periods over the width
    amplitude = 0.25 * 8 / (2 / 8)
    wave = amplitude * 2 / 64 * np.cos(2 * np.pi * 2 * np.arange(8) / 8)  # irfft2 counts the wave and its mirror
    expected = 255 / (1 + np.exp(-wave[None, :, None] * _COLOURS[:, 0]))
    np.testing.assert_allclose(drawing.image, np.broadcast_to(expected, (8, 8, 3)), rtol=1e-4)


def test_adams_first_step_has_the_size_of_the_step_size():
    drawing = Fourier(np.full((8, 8, 3), 127.5), 0.05)
    before, g = drawing.variable.copy(), np.random.default_rng(0).normal(size=drawing.variable.shape)
    drawing.move(g)
    np.testing.assert_allclose(drawing.variable - before, 0.05 * np.sign(g), rtol=1e-3, atol=1e-6)


def test_blurring_waves_is_a_gaussian_filter():
    from scipy.ndimage import gaussian_filter

    image = np.random.default_rng(0).uniform(60, 190, (32, 48, 3)).astype(np.float32)
    drawing = Fourier(image, 0.05)
    drawing.blur(1.5)
    logits = np.log(image / 255 / (1 - image / 255))
    blurred = gaussian_filter(logits, (1.5, 1.5, 0), mode="wrap")
    np.testing.assert_allclose(drawing.image, 255 / (1 + np.exp(-blurred)), atol=0.1)


def test_the_colour_axes_are_those_of_the_samples():
    pixels = np.concatenate([tpv.load_image(sample.path, 64).reshape(-1, 3) / 255 for sample in tpv.sample_images()])
    covariance = np.cov(pixels.T)
    ours = _COLOURS @ _COLOURS.T
    np.testing.assert_allclose(ours / np.trace(ours), covariance / np.trace(covariance), atol=0.02)

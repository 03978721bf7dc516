"""One contract, for every method of `METHODS`."""

import numpy as np
import pytest

import tp_visualisation as tpv

METHODS = tpv.saliency.METHODS
FAST = {  # options that make a slow method quick enough for a test of its contract
    "smoothgrad": {"n_samples": 4},
    "integrated_gradients": {"steps": 4},
    "smooth_grad_cam_plus_plus": {"n_samples": 4},
    "rise": {"n_masks": 128},
    "xrai": {"steps": 4},
    "cameras": {"sizes": [96, 160]},
    "sess": {"n_scales": 2},
}


@pytest.fixture(params=["pooled", "nested", "embedded"])
def any_classifier(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("name", METHODS)
def test_map_is_finite_float32_of_the_size_of_the_image_and_the_image_is_left_alone(name, any_classifier):
    image = np.random.default_rng(0).uniform(0, 255, (30, 50, 3)).astype(np.float32)
    before = image.copy()
    state = np.random.get_state()[1].copy()  # noqa: NPY002 the global state is what is watched

    saliency_map = METHODS[name](any_classifier, image, 1, **FAST.get(name, {}))

    assert saliency_map.shape == (30, 50)
    assert saliency_map.dtype == np.float32
    assert np.isfinite(saliency_map).all()
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize("name", METHODS)
def test_map_depends_on_the_image(name, pooled, image):
    options = FAST.get(name, {})
    first, other = (METHODS[name](pooled, array, 1, **options) for array in (image, image[::-1]))
    assert not np.allclose(first, other)


@pytest.mark.parametrize("name", METHODS)
def test_constant_image_gives_a_finite_map(name, pooled):
    assert np.isfinite(METHODS[name](pooled, np.full((12, 20, 3), 128, np.uint8), 1, **FAST.get(name, {}))).all()


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (lambda image: image / 255, "multiply it by 255"),
        (lambda image: image[None], "batch"),
        (lambda image: image * np.nan, "NaN"),
    ],
)
def test_bad_image_is_refused(name, bad, message, pooled, image):
    with pytest.raises(ValueError, match=message):
        METHODS[name](pooled, bad(image), 1)


@pytest.mark.parametrize("name", METHODS)
def test_unknown_class_is_refused(name, pooled, image):
    with pytest.raises(ValueError, match="class index in"):
        METHODS[name](pooled, image, 2)

"""One contract, for every method of `METHODS`."""

import inspect
import warnings

import keras
import numpy as np
import pytest
import tqdm

import tp_visualisation as tpv

METHODS, BATCHED = tpv.saliency.METHODS, tpv.saliency.BATCHED
PARAMETERS = {name: inspect.signature(method).parameters for name, method in METHODS.items()}
IN_BATCHES = [name for name, parameters in PARAMETERS.items() if "batch_size" in parameters]
FAST = {  # options that make a slow method quick enough for a test of its contract
    "smoothgrad": {"n_samples": 4},
    "integrated_gradients": {"n_steps": 4},
    "smooth_grad_cam_plus_plus": {"n_samples": 4},
    "augmented_grad_cam": {"n_augmentations": 4},
    "rise": {"n_masks": 128},
    "meaningful_perturbation": {"n_steps": 4, "start": "random"},
    "extremal_perturbation": {"n_steps": 12, "areas": (0.1,), "grid_size": 8},
    "xrai": {"n_steps": 4},
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


@pytest.mark.parametrize("name", METHODS)
def test_a_class_may_be_given_by_its_label(name, nested):
    image = np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)
    by_index, by_label = (METHODS[name](nested, image, target, **FAST.get(name, {})) for target in (1, "dog"))
    np.testing.assert_array_equal(by_label, by_index)


@pytest.mark.parametrize("name", METHODS)
def test_subjects_come_first_and_options_by_name_only(name):
    (*subjects,) = list(PARAMETERS[name])[:3]
    assert subjects == ["classifier", "image", "target"]
    options = list(PARAMETERS[name].values())[3:]
    assert all(option.kind is option.KEYWORD_ONLY and option.default is not option.empty for option in options)


@pytest.mark.parametrize("name", IN_BATCHES)
@pytest.mark.parametrize("network", ["pooled", "nested"])
def test_same_map_at_any_batch_size(name, network, request):
    classifier = request.getfixturevalue(network)
    image = np.full((40, 60, 3), 90, np.uint8)  # mostly flat: many parts of it have the same effect
    image[5:20, 10:30] = np.random.default_rng(0).integers(0, 256, (15, 20, 3), dtype=np.uint8)
    options = {**FAST.get(name, {}), **({"seed": 3} if "seed" in PARAMETERS[name] else {})}
    maps = [METHODS[name](classifier, image, 1, batch_size=batch_size, **options) for batch_size in (32, 5, 1)]
    for saliency_map in maps[1:]:
        np.testing.assert_allclose(saliency_map, maps[0], rtol=1e-3, atol=1e-5 * np.abs(maps[0]).max() + 1e-9)


@pytest.mark.parametrize("name", [name for name in METHODS if "seed" in PARAMETERS[name]])
def test_same_seed_gives_the_same_map_and_another_seed_another(name):
    small = tpv.course.small_classifier()
    image = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    options = {**FAST.get(name, {}), **({"layer": "first"} if name == "smooth_grad_cam_plus_plus" else {})}
    first, again, other = (METHODS[name](small, image, 1, seed=seed, **options) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other, rtol=1e-4, atol=0)


@pytest.mark.parametrize("name", [name for name in METHODS if "seed" in PARAMETERS[name]])
@pytest.mark.parametrize("seed", [-1, 1.5, None, "0"])
def test_impossible_seed_is_refused(name, seed, pooled, image):
    with pytest.raises(ValueError, match="seed must be"):
        METHODS[name](pooled, image, 1, seed=seed)


@pytest.mark.parametrize("name", [*IN_BATCHES, "cameras", "meaningful_perturbation", "extremal_perturbation"])
def test_long_work_shows_a_bar_when_asked(name, pooled, image, monkeypatch):
    bars = []

    class Watched(tqdm.tqdm):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            bars.append((self, options))

        def close(self):
            self.seen = self.n
            super().close()

    for method in (METHODS[name], tpv.saliency.integrated_gradients):  # whose bars are those of xrai too
        monkeypatch.setattr(inspect.getmodule(method), "tqdm", Watched, raising=False)
    METHODS[name](pooled, image, 1, **FAST.get(name, {}))
    assert bars
    assert all(options["disable"] for _, options in bars)
    bars.clear()
    METHODS[name](pooled, image, 1, progress=True, **FAST.get(name, {}))
    for bar, options in bars:
        assert not options["disable"]
        assert options["delay"] == 1
        assert bar.seen > 0
        assert bar.total in (None, bar.seen) or name == "quadtree_occlusion"  # which may need fewer passes


@pytest.mark.parametrize("name", BATCHED)
def test_many_at_once_give_the_map_of_each(name, nested):
    images = np.random.default_rng(0).uniform(0, 255, (3, 96, 96, 3)).astype(np.float32)
    options, targets = FAST.get(name, {}), [0, 2, 1]
    maps, scores = BATCHED[name](nested, images, targets, **options)
    expected = [METHODS[name](nested, image, target, **options) for image, target in zip(images, targets, strict=True)]
    np.testing.assert_allclose(maps, expected, rtol=1e-3, atol=1e-5 * np.abs(expected).max())
    assert maps.dtype == np.float32
    if scores is not None:
        np.testing.assert_allclose(scores, nested.scores(images), rtol=1e-4, atol=1e-5)


def test_a_method_is_found_by_name_or_is_a_function():
    find_method = tpv.saliency.find_method
    assert (
        tpv.saliency.find_batched("grad_cam") is tpv.saliency.find_batched(tpv.saliency.grad_cam) is BATCHED["grad_cam"]
    )
    assert tpv.saliency.find_batched(lambda *subject: subject) is None
    assert find_method("Grad CAM") is find_method(tpv.saliency.grad_cam) is tpv.saliency.grad_cam
    with pytest.raises(ValueError, match='no method "gradcam". Closest: "grad_cam"'):
        find_method("gradcam")
    for wrong in (3, None, ["gradient"]):
        with pytest.raises(TypeError, match="given by its name, or as a function"):
            find_method(wrong)


BY_LAYER = [
    *("excitation_backprop", "grad_cam", "grad_cam_plus_plus", "smooth_grad_cam_plus_plus", "augmented_grad_cam"),
    *("score_cam", "group_cam", "cameras"),
]


@pytest.mark.parametrize("name", BY_LAYER)
def test_a_flat_map_is_said_to_be_flat_with_another_layer_to_name(name, image):
    """The last layer of this network gives zeros, whatever it sees."""
    layers = keras.layers
    inputs = keras.Input((24, 24, 3))
    x = layers.Conv2D(3, 3, activation="relu", name="alive", kernel_initializer="ones")(inputs)
    dead = layers.Conv2D(3, 1, activation="relu", name="dead", bias_initializer=keras.initializers.Constant(-1e9))
    pool = layers.GlobalAveragePooling2D()
    outputs = layers.Dense(2)(layers.Concatenate()([pool(x), pool(dead(x))]))
    classifier = tpv.Classifier(keras.Model(inputs, outputs))
    options = {"sizes": [24]} if name == "cameras" else FAST.get(name, {})
    with pytest.warns(UserWarning, match='same everywhere: nothing that the layer "dead" gives.*layer="alive"'):
        METHODS[name](classifier, image, 1, **options)
    with pytest.warns(UserWarning, match='layer "dead" gives.*layer="alive"'):
        list(tpv.explain_many(classifier, [image], name, 1, **options))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        METHODS[name](classifier, np.full((9, 9, 3), 100.0), 1, **options)  # of an image that is flat itself, no wonder

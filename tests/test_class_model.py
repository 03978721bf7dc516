import cv2
import keras
import numpy as np
import PIL.Image
import pytest
import tensorflow as tf

import tp_visualisation as tpv
from tp_visualisation.class_model import Snapshot, deep_dream, sweep, visualise_class, visualise_class_steps
from tp_visualisation.fourier import COLOURS, Fourier

SIZE = (12, 20)
STILL = {"jitter": 0, "blur_every": 0, "parameterisation": "pixels"}  # nothing but the equation


@keras.saving.register_keras_serializable("tests")
class Linear(keras.layers.Layer):
    """Two scores: 0 and sum(weights * input)."""

    def __init__(self, weights, **kwargs):
        super().__init__(**kwargs)
        self.w = self.add_weight(shape=weights.shape, initializer=lambda shape, dtype: weights, name="w")

    def call(self, x):
        score = keras.ops.sum(self.w * x, axis=(1, 2, 3))
        return keras.ops.stack([keras.ops.zeros_like(score), score], axis=-1)


def linear_classifier(weights, preprocess=None):
    inputs = keras.Input((*SIZE, 3))
    return tpv.Classifier(keras.Model(inputs, Linear(weights.astype(np.float32))(inputs)), preprocess=preprocess)


def centred(images):
    return (images - 127) / 128


@pytest.fixture(scope="module")
def w():
    return np.random.default_rng(2).normal(0, 1, (*SIZE, 3))


@pytest.fixture(scope="module")
def linear(w):
    return linear_classifier(w, centred)


@pytest.fixture(scope="module")
def grey():
    return np.full((*SIZE, 3), 127, np.uint8)


def test_a_step_has_the_norm_of_the_learning_rate_and_the_direction_of_the_weights(linear, grey, w):
    image = visualise_class(linear, 1, n_iterations=3, learning_rate=10, l2=0, init_image=grey, **STILL)
    np.testing.assert_allclose(image, 127 + 3 * 10 * w / np.linalg.norm(w), rtol=1e-5)


def test_a_step_follows_the_score_minus_the_squared_norm_in_the_networks_space(linear, image, w):
    l2 = 0.3
    g = w - 2 * l2 * centred(image)  # the factor 1/128 of the preprocessing goes with the norm
    expected = np.clip(image + 20 * g / np.linalg.norm(g), 0, 255)
    result = visualise_class(linear, 1, n_iterations=1, learning_rate=20, l2=l2, init_image=image, **STILL)
    np.testing.assert_allclose(result, expected, atol=1e-3)


def test_the_climb_ends_within_a_step_of_the_maximum_known_on_paper(linear, w):
    l2 = 4.0  # arg max of w·x − λ‖x‖² is w/(2λ)
    result = visualise_class(linear, 1, n_iterations=400, learning_rate=2, l2=l2, **STILL)
    assert np.linalg.norm(result - (127 + 128 * w / (2 * l2))) <= 2.0


def test_the_image_stays_in_the_range_of_grey_levels(linear, w):
    result = visualise_class(linear, 1, n_iterations=3, learning_rate=1e8, l2=0, **STILL)
    np.testing.assert_array_equal(result, np.where(w > 0, 255, 0))


def test_jitter_shows_the_image_rolled_and_takes_the_step_in_place(linear, grey, w):
    result = visualise_class(
        linear, 1, n_iterations=1, learning_rate=10, l2=0, jitter=3, seed=0, init_image=grey, blur_every=0,
        parameterisation="pixels",
    )  # fmt: skip
    shift = np.random.default_rng(0).integers(-3, 4, 2)
    assert shift.any()
    expected = 127 + 10 * np.roll(w, -shift, axis=(0, 1)) / np.linalg.norm(w)
    np.testing.assert_allclose(result, expected, rtol=1e-5)


def test_a_blur_comes_before_every_second_step_and_never_last(classifier, image):
    options = {"n_iterations": 3, "learning_rate": 1e-4, "l2": 0, "jitter": 0, "blur_sigma": 2, "every": 1}
    steps = visualise_class(classifier, 1, init_image=image, blur_every=2, parameterisation="pixels", **options)
    roughness = [np.abs(np.diff(step.image, axis=1)).mean() for step in steps]
    np.testing.assert_allclose(roughness[:2], np.abs(np.diff(image, axis=1)).mean(), rtol=1e-4)
    assert roughness[2] < 0.3 * roughness[1]


def test_a_turned_view_puts_the_step_where_the_network_looked():
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    bump = np.exp(-((y - 4) ** 2 + (x - 13) ** 2) / 4)[..., None].repeat(3, axis=-1)
    result = visualise_class(
        linear_classifier(bump), 1, n_iterations=1, learning_rate=100, l2=0, jitter=0, rotation=40, seed=2,
        init_image=np.full((*SIZE, 3), 100, np.uint8), blur_every=0, parameterisation="pixels",
    )  # fmt: skip
    rng = np.random.default_rng(2)
    rng.integers(0, 1, 2)
    angle = np.deg2rad(rng.uniform(-40, 40))
    assert abs(angle) > 0.1
    dy, dx = 4 - 5.5, 13 - 9.5  # from the centre
    expected = [5.5 + np.sin(angle) * dx + np.cos(angle) * dy, 9.5 + np.cos(angle) * dx - np.sin(angle) * dy]
    step = result[..., 0] - 100
    np.testing.assert_allclose([(step * y).sum() / step.sum(), (step * x).sum() / step.sum()], expected, atol=0.1)


@pytest.mark.parametrize("parameterisation", ["pixels", "fourier"])
def test_the_seed_fixes_the_image_and_the_callers_generators_stay(linear, parameterisation):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    first, again, other = (
        visualise_class(linear, 1, n_iterations=3, seed=seed, parameterisation=parameterisation) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("parameterisation", ["pixels", "fourier"])
def test_snapshots_are_the_images_of_shorter_runs(linear, parameterisation):
    options = {"parameterisation": parameterisation, "seed": 5}
    snapshots = visualise_class(linear, 1, n_iterations=7, every=3, **options)
    assert [snapshot.iteration for snapshot in snapshots] == [3, 6, 7]
    for snapshot in snapshots:
        image = visualise_class(linear, 1, n_iterations=snapshot.iteration, **options)
        np.testing.assert_array_equal(snapshot.image, image)
        np.testing.assert_allclose(snapshot.score, linear.logits(image)[0, 1], rtol=1e-5)
        np.testing.assert_allclose(snapshot.probability, linear.probabilities(image)[0, 1], rtol=1e-5)


def test_the_given_image_is_left_unchanged(linear, image):
    copy = image.copy()
    for parameterisation in ("pixels", "fourier"):
        visualise_class(linear, 1, n_iterations=2, init_image=image, parameterisation=parameterisation)
    np.testing.assert_array_equal(image, copy)


def test_without_gradient_the_image_stays(grey):
    blind = linear_classifier(np.zeros((*SIZE, 3)))
    result = visualise_class(blind, 1, n_iterations=2, l2=0, init_image=grey, **STILL)
    np.testing.assert_array_equal(result, grey)
    waves = visualise_class(blind, 1, n_iterations=2, l2=0, init_image=grey)
    np.testing.assert_allclose(waves, grey, atol=0.1)


# Waves


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
    expected = 255 / (1 + np.exp(-wave[None, :, None] * COLOURS[:, 0]))
    np.testing.assert_allclose(drawing.image, np.broadcast_to(expected, (8, 8, 3)), rtol=1e-4)


def test_adams_first_step_has_the_size_of_the_learning_rate():
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
    ours = COLOURS @ COLOURS.T
    np.testing.assert_allclose(ours / np.trace(ours), covariance / np.trace(covariance), atol=0.02)


# The real network


@pytest.mark.parametrize("parameterisation", ["pixels", "fourier"])
def test_the_probability_of_a_real_class_rises(embedded, parameterisation):
    first, *_, last = visualise_class(
        embedded, "tarantula", n_iterations=20, every=1, parameterisation=parameterisation
    )
    assert first.image.shape == (224, 224, 3)
    assert first.probability < 0.05
    assert last.score > first.score + 5
    assert last.probability > 0.2


def test_an_image_of_another_class_is_climbed_faster_than_noise_is_forgotten(embedded):
    strawberry = tpv.load_image(tpv.sample_images()["strawberry"].path, 224)
    image = visualise_class(embedded, "tarantula", n_iterations=12, init_image=strawberry, parameterisation="pixels")
    assert embedded.top(image)[0].label == "tarantula"
    assert np.corrcoef(image.ravel(), strawberry.ravel())[0, 1] > 0.8


# Sweeps


def test_a_sweep_gives_what_each_run_gives(linear):
    results = sweep(linear, 1, n_iterations=(2, 5), learning_rate=(10, 40), l2=(0, 0.1), seed=4)
    assert [result[:3] for result in results] == [
        (n, rate, l2) for l2 in (0, 0.1) for rate in (10, 40) for n in (2, 5)
    ]  # fmt: skip
    n, rate, l2, image, score, probability = results[-2]
    alone = visualise_class(linear, 1, n_iterations=n, learning_rate=rate, l2=l2, seed=4, parameterisation="pixels")
    np.testing.assert_array_equal(image, alone)
    np.testing.assert_allclose(probability, 1 / (1 + np.exp(-score)), rtol=1e-5)


def test_a_sweep_is_drawn_with_a_probability_under_each_picture(linear):
    results = sweep(linear, 1, n_iterations=(1, 2), learning_rate=(1, 20), l2=0)
    figure = tpv.plotting.plot_sweep(results)
    texts = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert all(f"{result.probability:.1%}" in texts for result in results)
    assert "η = 20, λ = 0" in texts


def test_progress_is_drawn_with_iterations(linear):
    snapshots = visualise_class(linear, 1, n_iterations=4, every=2)
    titles = [axis.get_title() for axis in tpv.plotting.plot_progress(snapshots).axes]
    assert [title.split(":")[0] for title in titles] == ["2 iterations", "4 iterations"]


# Animations


def test_an_animation_holds_every_image_and_its_last_one_longest(tmp_path):
    images = [np.full((8, 10, 3), level, np.uint8) for level in (0, 100, 200)]
    path = tmp_path / "grey.gif"
    tpv.plotting.save_gif([Snapshot(1, image, 0.0, 0.0) for image in images], path, seconds=0.05, hold=1)
    with PIL.Image.open(path) as gif:
        shown = []
        for frame in range(gif.n_frames):
            gif.seek(frame)
            shown.append((np.array(gif.convert("RGB"))[0, 0, 0], gif.info["duration"]))
        assert gif.info["loop"] == 0
    assert shown == [(0, 50), (100, 50), (200, 1000)]


def test_an_animation_that_cannot_be_written_leaves_nothing(tmp_path):
    def images():
        yield np.zeros((4, 4, 3), np.uint8)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tpv.plotting.save_gif(images(), tmp_path / "a.gif")
    for wrong, path in [([], "a.gif"), ([np.zeros((4, 4, 3))], "a.png"), (np.zeros((2, 4, 4, 3)), "no/a.gif")]:
        with pytest.raises((ValueError, OSError)):
            tpv.plotting.save_gif(wrong, tmp_path / path)
    assert list(tmp_path.iterdir()) == []


# Deep dream


def test_a_dream_climbs_the_mean_square_of_the_layer(pooled, image):
    """A = ReLU(I K) at each pixel: the gradient of its mean square is ∝ A Kᵀ; a step changes 2 levels on average."""
    kernel = pooled.model.get_layer("conv").get_weights()[0][0, 0]
    middle = 80 + image / 4  # away from black and white
    result = deep_dream(pooled, middle, "features", octaves=1, n_iterations=1, learning_rate=2, jitter=0)
    g = np.maximum(middle @ kernel, 0) @ kernel.T
    np.testing.assert_allclose(result, middle + 2 * g / np.abs(g).mean(), rtol=1e-4)


def test_a_dream_of_several_octaves_raises_the_activations(pooled, image):
    def activation(image):
        a = pooled.activations_and_gradients(image[None].astype(np.float32), 0, "features")[0]
        return (a**2).mean()

    copy = image.copy()
    dreams = [deep_dream(pooled, image, "features", octaves=2, octave_scale=1.3, n_iterations=3) for _ in range(2)]
    assert activation(dreams[0]) > 1.05 * activation(image)
    np.testing.assert_array_equal(dreams[0], dreams[1])
    np.testing.assert_array_equal(image, copy)
    assert dreams[0].min() >= 0
    assert dreams[0].max() <= 255


def test_an_octave_begins_with_what_the_smaller_one_drew(pooled, image):
    photograph = 80 + image / 4
    small = cv2.resize(photograph, (13, 8), interpolation=cv2.INTER_AREA)
    options = {"n_iterations": 2, "learning_rate": 3, "jitter": 0}
    drawn = deep_dream(pooled, small, "features", octaves=1, **options) - small
    enlarged = photograph + tpv.images.resize(drawn, SIZE)
    expected = deep_dream(pooled, enlarged, "features", octaves=1, **options)
    result = deep_dream(pooled, photograph, "features", octaves=2, octave_scale=1.5, **options)
    np.testing.assert_allclose(result, expected, atol=1e-3)


def test_a_real_dream_takes_photographs_of_other_sizes(embedded, dalmatian):
    photograph = tpv.images.resize(dalmatian, (100, 140))
    result = deep_dream(embedded, photograph, octaves=2, n_iterations=2)
    assert result.shape == (100, 140, 3)
    assert 1 < np.abs(result - photograph).mean() < 20


# What cannot be


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_iterations": 0}, "n_iterations must be at least 1"),
        ({"learning_rate": 0}, "learning_rate must be greater than 0"),
        ({"learning_rate": np.nan}, "learning_rate must be greater than 0"),
        ({"l2": -1}, "l2 must be at least 0"),
        ({"jitter": -1}, "jitter must be at least 0"),
        ({"every": 0}, "every must be at least 1"),
        ({"blur_every": -1}, "blur_every must be at least 0"),
        ({"blur_sigma": 0}, "blur_sigma must be greater than 0"),
        ({"zoom": 1}, "zoom must lie in"),
        ({"parameterisation": "wavelets"}, "parameterisation must be"),
        ({"init_image": np.zeros((5, 5, 3), np.uint8)}, "input size"),
    ],
)
def test_impossible_options_are_refused(linear, options, message):
    with pytest.raises(ValueError, match=message):
        visualise_class_steps(linear, 1, **options)


def test_unknown_and_missing_classes_are_refused(embedded):
    with pytest.raises(ValueError, match="tarantula"):
        visualise_class(embedded, "tarantulla")
    with pytest.raises(ValueError, match="target is needed"):
        visualise_class(embedded, None)


def test_gradients_that_are_not_finite_stop_the_climb(grey):
    broken = linear_classifier(
        np.ones((*SIZE, 3)), lambda images: tf.sqrt(images - 127) if tf.is_tensor(images) else images
    )
    with pytest.raises(ValueError, match="not finite at step 1"):
        visualise_class(broken, 1, init_image=grey, **STILL)


def test_a_preprocess_of_numpy_functions_is_refused_with_the_reason():
    opaque = linear_classifier(np.ones((*SIZE, 3)), lambda images: np.sqrt(images))
    with pytest.raises(ValueError, match="gradients must pass through preprocess"):
        visualise_class(opaque, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"octaves": 0}, "octaves"),
        ({"octaves": 9}, "under 8 pixels"),
        ({"octave_scale": 1}, "octave_scale"),
        ({"learning_rate": -1}, "learning_rate"),
        ({"layer": "head"}, "no layer"),
    ],
)
def test_impossible_dreams_are_refused(pooled, image, options, message):
    with pytest.raises(ValueError, match=message):
        deep_dream(pooled, image, **options)


def test_a_dream_in_a_network_of_one_size_is_refused(classifier):
    with pytest.raises(ValueError, match="no feature map"):
        deep_dream(classifier, np.zeros((12, 20, 3), np.uint8), octaves=1)


@pytest.mark.parametrize(("n_iterations", "l2"), [((), 0), ((0, 5), 0), ((1,), (0, -1))])
def test_impossible_sweeps_are_refused(linear, n_iterations, l2):
    with pytest.raises(ValueError, match="at least"):
        sweep(linear, 1, n_iterations=n_iterations, l2=l2)

import numpy as np
import pytest
import tensorflow as tf

import tp_visualisation as tpv
from tp_visualisation.class_model import PARAMETERISATIONS, Pixels, visualise_class, visualise_class_steps

SIZE = (12, 20)
STILL = {"jitter": 0, "blur_every": 0, "parameterisation": "pixels"}  # nothing but the equation


def test_a_step_has_the_norm_of_the_step_size_and_the_direction_of_the_weights(linear, grey, w):
    image = visualise_class(linear, 1, n_steps=3, step_size=10, l2=0, init_image=grey, **STILL)
    np.testing.assert_allclose(image, 127 + 3 * 10 * w / np.linalg.norm(w), rtol=1e-5)


def test_a_step_follows_the_score_minus_the_squared_norm_in_the_networks_space(linear, image, w, centred):
    l2 = 0.3
    g = w - 2 * l2 * centred(image)  # the factor 1/128 of the preprocessing goes with the norm
    expected = np.clip(image + 20 * g / np.linalg.norm(g), 0, 255)
    result = visualise_class(linear, 1, n_steps=1, step_size=20, l2=l2, init_image=image, **STILL)
    np.testing.assert_allclose(result, expected, atol=1e-3)


def test_the_climb_ends_within_a_step_of_the_maximum_known_on_paper(linear, w):
    l2 = 4.0  # arg max of w·x − λ‖x‖² is w/(2λ)
    result = visualise_class(linear, 1, n_steps=400, step_size=2, l2=l2, **STILL)
    assert np.linalg.norm(result - (127 + 128 * w / (2 * l2))) <= 2.0


def test_the_image_stays_in_the_range_of_grey_levels(linear, w):
    result = visualise_class(linear, 1, n_steps=3, step_size=1e8, l2=0, **STILL)
    np.testing.assert_array_equal(result, np.where(w > 0, 255, 0))


def test_jitter_shows_the_image_rolled_and_takes_the_step_in_place(linear, grey, w):
    result = visualise_class(
        linear,
        1,
        n_steps=1,
        step_size=10,
        l2=0,
        jitter=3,
        seed=0,
        init_image=grey,
        blur_every=0,
        parameterisation="pixels",
    )
    shift = np.random.default_rng(0).integers(-3, 4, 2)
    assert shift.any()
    expected = 127 + 10 * np.roll(w, -shift, axis=(0, 1)) / np.linalg.norm(w)
    np.testing.assert_allclose(result, expected, rtol=1e-5)


def test_a_blur_comes_before_every_second_step_and_never_last(classifier, image):
    options = {"n_steps": 3, "step_size": 1e-4, "l2": 0, "jitter": 0, "blur_sigma": 2, "every": 1}
    steps = visualise_class(classifier, 1, init_image=image, blur_every=2, parameterisation="pixels", **options)
    roughness = [np.abs(np.diff(step.image, axis=1)).mean() for step in steps]
    np.testing.assert_allclose(roughness[:2], np.abs(np.diff(image, axis=1)).mean(), rtol=1e-4)
    assert roughness[2] < 0.3 * roughness[1]


def test_a_turned_view_puts_the_step_where_the_network_looked(linear_classifier):
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    bump = np.exp(-((y - 4) ** 2 + (x - 13) ** 2) / 4)[..., None].repeat(3, axis=-1)
    result = visualise_class(
        linear_classifier(bump),
        1,
        n_steps=1,
        step_size=100,
        l2=0,
        jitter=0,
        rotation=40,
        seed=2,
        init_image=np.full((*SIZE, 3), 100, np.uint8),
        blur_every=0,
        parameterisation="pixels",
    )
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
        visualise_class(linear, 1, n_steps=3, seed=seed, parameterisation=parameterisation) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("parameterisation", ["pixels", "fourier"])
def test_snapshots_are_the_images_of_shorter_runs(linear, parameterisation):
    options = {"parameterisation": parameterisation, "seed": 5}
    snapshots = visualise_class(linear, 1, n_steps=7, every=3, **options)
    assert [snapshot.step for snapshot in snapshots] == [3, 6, 7]
    for snapshot in snapshots:
        image = visualise_class(linear, 1, n_steps=snapshot.step, **options)
        np.testing.assert_array_equal(snapshot.image, image)
        np.testing.assert_allclose(snapshot.score, linear.scores(image)[0, 1], rtol=1e-5)
        np.testing.assert_allclose(snapshot.probability, linear.probabilities(image)[0, 1], rtol=1e-5)


@pytest.mark.parametrize(("parameterisation", "rotation", "zoom"), [("pixels", 0, 0), ("fourier", 10, 0.15)])
def test_each_parameterisation_turns_and_zooms_by_its_own_default(linear, parameterisation, rotation, zoom):
    options = {"n_steps": 3, "parameterisation": parameterisation}
    by_default = visualise_class(linear, 1, **options)
    named = visualise_class(linear, 1, rotation=rotation, zoom=zoom, **options)
    other = visualise_class(linear, 1, rotation=rotation + 5, zoom=zoom, **options)
    np.testing.assert_array_equal(by_default, named)
    assert (by_default != other).any()


def test_a_parameterisation_of_ones_own_is_an_entry_of_the_table(linear, grey, monkeypatch):
    class Red(Pixels):
        """Moves the red channel only."""

        step_size = 5.0

        def move(self, g):
            super().move(g * np.array([1, 0, 0], np.float32))

    monkeypatch.setitem(PARAMETERISATIONS, "red", Red)
    change = visualise_class(linear, 1, n_steps=1, init_image=grey, **{**STILL, "parameterisation": "red"}) - 127
    np.testing.assert_array_equal(change[..., 1:], 0)
    assert np.linalg.norm(change) == pytest.approx(5, rel=1e-3)


def test_weights_that_have_changed_are_noticed(linear_classifier, grey, w):
    classifier = linear_classifier(w)
    options = {"n_steps": 1, "step_size": 10, "l2": 0, "init_image": grey, "every": 1, **STILL}
    (before,) = visualise_class(classifier, 1, **options)
    classifier.model.layers[-1].set_weights([2 * w])
    (after,) = visualise_class(classifier, 1, **options)
    assert after.score == pytest.approx(2 * before.score, rel=1e-5)


def test_a_number_that_is_no_class_can_be_climbed(linear, centred, grey):
    """A regression: the score rises, and there is no probability to tell."""
    regression = tpv.Classifier(linear.model, centred, activation=None)
    options = {"n_steps": 3, "every": 1, "init_image": grey, **STILL}
    ours, theirs = (list(visualise_class_steps(classifier, 1, **options)) for classifier in (regression, linear))
    assert np.isnan([snapshot.probability for snapshot in ours]).all()
    np.testing.assert_allclose([one.score for one in ours], [one.score for one in theirs], rtol=1e-5)
    figure = tpv.plotting.plot_progress(ours)
    assert figure.axes[0].get_title() == f"1 step: score {ours[0].score:.3g}"


def test_the_given_image_is_left_unchanged(linear, image):
    copy = image.copy()
    for parameterisation in ("pixels", "fourier"):
        visualise_class(linear, 1, n_steps=2, init_image=image, parameterisation=parameterisation)
    np.testing.assert_array_equal(image, copy)


def test_without_gradient_the_image_stays(grey, linear_classifier):
    blind = linear_classifier(np.zeros((*SIZE, 3)))
    result = visualise_class(blind, 1, n_steps=2, l2=0, init_image=grey, **STILL)
    np.testing.assert_array_equal(result, grey)
    waves = visualise_class(blind, 1, n_steps=2, l2=0, init_image=grey)
    np.testing.assert_allclose(waves, grey, atol=0.1)


@pytest.mark.parametrize("parameterisation", ["pixels", "fourier"])
def test_the_probability_of_a_real_class_rises(embedded, parameterisation):
    first, *_, last = visualise_class(embedded, "tarantula", n_steps=20, every=1, parameterisation=parameterisation)
    assert first.image.shape == (224, 224, 3)
    assert first.probability < 0.05
    assert last.score > first.score + 5
    assert last.probability > 0.2


def test_an_image_of_another_class_is_climbed_faster_than_noise_is_forgotten(embedded):
    strawberry = tpv.load_image(tpv.sample_images()["strawberry"].path, 224)
    image = visualise_class(embedded, "tarantula", n_steps=12, init_image=strawberry, parameterisation="pixels")
    assert embedded.top(image)[0].label == "tarantula"
    assert np.corrcoef(image.ravel(), strawberry.ravel())[0, 1] > 0.8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_steps": 0}, "n_steps must be at least 1"),
        ({"n_steps": 2.5}, "n_steps must be a whole number"),
        ({"step_size": 0}, "step_size must be greater than 0"),
        ({"step_size": np.nan}, "step_size must be greater than 0"),
        ({"l2": -1}, "l2 must be at least 0"),
        ({"jitter": -1}, "jitter must be at least 0"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": 1.5}, "seed must be a whole number"),
        ({"rotation": -1}, "rotation must be at least 0"),
        ({"every": 0}, "every must be at least 1"),
        ({"blur_every": -1}, "blur_every must be at least 0"),
        ({"blur_sigma": 0}, "blur_sigma must be greater than 0"),
        ({"zoom": 1}, "zoom must lie in"),
        ({"parameterisation": "wavelets"}, 'parameterisation must be "fourier" or "pixels"'),
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


def test_gradients_that_are_not_finite_stop_the_climb(grey, linear_classifier):
    broken = linear_classifier(
        np.ones((*SIZE, 3)), lambda images: tf.sqrt(images - 127) if tf.is_tensor(images) else images
    )
    with pytest.raises(ValueError, match="not finite at step 1"):
        visualise_class(broken, 1, init_image=grey, **STILL)


def test_a_preprocess_of_numpy_functions_is_refused_with_the_reason(linear_classifier):
    opaque = linear_classifier(np.ones((*SIZE, 3)), lambda images: np.sqrt(images))
    with pytest.raises(ValueError, match="gradients must pass through preprocess"):
        visualise_class(opaque, 1)


@pytest.mark.parametrize("progress", [False, True])
def test_progress_is_a_bar_of_steps_on_stderr(linear, bars_at_once, capsys, progress):
    visualise_class(linear, 1, n_steps=4, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("4/4" in err and " steps" in err) if progress else err == ""

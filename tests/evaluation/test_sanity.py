import keras
import numpy as np
import pytest

import tp_visualisation as tpv
from tp_visualisation.engines import TensorFlowEngine
from tp_visualisation.evaluation import cascading_randomization, rank_corruption
from tp_visualisation.evaluation.sanity import _rank_correlation, _similarity


@pytest.fixture(scope="module")
def dense():
    """Two dense layers on an image of 6 x 7 pixels, with different weights everywhere."""
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Flatten(), keras.layers.Dense(5, "tanh", name="low"), keras.layers.Dense(3, name="top")]
    return tpv.Classifier(keras.Sequential([keras.Input((6, 7, 3)), keras.layers.Rescaling(1 / 255), *layers]))


@pytest.fixture
def photograph():
    return np.random.default_rng(0).uniform(0, 255, (6, 7, 3)).astype(np.float32)


def weights_as_map(classifier, image, target):
    """Needs no forward pass: 42 weights of the lower layer."""
    return classifier.model.get_weights()[0][:42, 0].reshape(6, 7)


def test_rank_correlation_sees_order_only():
    values = np.random.default_rng(0).normal(size=(6, 7))
    assert _rank_correlation(values, np.exp(values)) == pytest.approx(1)
    assert _rank_correlation(values, -values) == pytest.approx(-1)
    assert _rank_correlation([1, 2, 3, 4], [2, 1, 4, 3]) == pytest.approx(1 - 6 * 4 / (4 * 15))
    assert _rank_correlation(values, np.zeros_like(values)) == 0


def test_similarity_is_1_for_the_same_map_up_to_scale_and_less_for_its_reverse():
    values = np.random.default_rng(0).normal(size=(12, 20))
    assert _similarity(values, 3 * values + 5) == pytest.approx(1)
    assert _similarity(values, -values) < 0
    assert np.isfinite(_similarity(values, np.zeros_like(values)))
    assert _similarity(values[:1, :2], values[:1, :2]) == pytest.approx(1)


def test_similarity_of_two_points_is_ssim_on_paper():
    """Windows of 7 x 7 on a map of 7 x 7: one value, from means 1/49, variances 1/49 - 1/49², covariance -1/49²."""
    first, other = np.zeros((7, 7)), np.zeros((7, 7))
    first[2, 2] = other[4, 4] = 1
    mean, variance, covariance, c1, c2 = 1 / 49, 1 / 49 - 1 / 49**2, -1 / 49**2, 0.01**2, 0.03**2
    expected = (2 * mean**2 + c1) * (2 * covariance + c2) / ((2 * mean**2 + c1) * (2 * variance + c2))
    from skimage.metrics import structural_similarity

    full = structural_similarity(first, other, data_range=1, use_sample_covariance=False, full=True)[1]
    assert full[3, 3] == pytest.approx(expected)
    assert _similarity(first, other) == pytest.approx(expected)


def test_layers_are_shuffled_from_the_top_each_on_top_of_the_last(dense, photograph):
    before = {weight.path: weight.numpy() for weight in dense.model.weights}
    seen = []

    def method(classifier, image, target):
        seen.append({weight.path: weight.numpy() for weight in classifier.model.weights})
        return weights_as_map(classifier, image, target)

    steps = cascading_randomization(dense, photograph, 1, method=method)

    assert [step.layer for step in steps] == ["top", "low"]
    changed = [{path.split("/")[-2] for path in now if (now[path] != before[path]).any()} for now in seen]
    assert changed == [set(), {"top"}, {"top", "low"}]
    for now in seen:
        for path, values in now.items():
            np.testing.assert_array_equal(np.sort(values, axis=None), np.sort(before[path], axis=None))


def test_the_maps_are_those_of_the_network_with_its_new_weights(dense, photograph):
    """∂S_c/∂I = Σ_j top_jc (1 - h_j²) low_j / 255."""
    weights = []

    def method(classifier, image, target):
        weights.append(classifier.model.get_weights())
        return tpv.saliency.gradient(classifier, image, target)

    first, second = cascading_randomization(dense, [photograph], 1, method=method, return_maps=True)
    for step, (low, bias, top, _) in zip((first, second), weights[1:], strict=True):
        h = np.tanh(photograph.ravel() / 255 @ low + bias)
        expected = np.abs(low @ (top[:, 1] * (1 - h**2)) / 255).reshape(6, 7, 3).max(axis=-1)
        np.testing.assert_allclose(step.saliency_maps[0], expected, rtol=1e-3, atol=1e-7)
        original = tpv.saliency.gradient(dense, photograph, 1)
        assert step.spearman[0] == pytest.approx(_rank_correlation(original, expected), abs=0.01)
        assert step.ssim[0] == pytest.approx(_similarity(original, expected), abs=0.01)


def test_nothing_is_compiled_again_at_each_layer(dense, photograph, monkeypatch):
    compiled, compile_step = [], TensorFlowEngine._compile
    monkeypatch.setattr(TensorFlowEngine, "_compile", lambda *args: compiled.append(1) or compile_step(*args))
    cascading_randomization(dense, photograph, 1, method=tpv.saliency.gradient)
    assert len(compiled) == 1


def test_a_method_that_ignores_the_network_stays_at_1_and_one_of_the_weights_does_not(dense, photograph):
    images = [photograph, photograph[::-1]]
    for step in cascading_randomization(dense, images, method=lambda classifier, image, target: image[..., 0]):
        np.testing.assert_allclose(step.spearman, [1, 1])
        np.testing.assert_allclose(step.ssim, [1, 1])
        assert step.saliency_maps is None
    top, low = cascading_randomization(dense, images, method=weights_as_map)
    np.testing.assert_allclose(top.spearman, [1, 1])
    assert (np.abs(low.spearman) < 0.6).all()


def test_without_the_class_scores_grad_cam_changes_and_guided_backpropagation_does_not(embedded):
    photographs = [sample.image for sample in tpv.sample_images()[:3]]
    (grad_cam,), (guided,) = (
        cascading_randomization(embedded, photographs, layers=1, method=tpv.saliency.METHODS[name])
        for name in ("grad_cam", "guided_backprop")
    )
    assert grad_cam.layer == guided.layer == "scores"
    assert grad_cam.spearman.mean() < 0.5
    assert (guided.spearman > 0.95).all()


def test_the_class_stays_the_one_predicted_at_first(dense, photograph):
    targets = []
    predicted = dense.top(photograph, 1)[0].index
    cascading_randomization(
        dense, photograph, method=lambda clf, image, target: targets.append(target) or image[..., 0]
    )
    assert targets == [predicted] * 3


def test_one_target_for_each_image(dense, photograph):
    targets = []
    cascading_randomization(
        dense,
        [photograph, photograph],
        [2, 0],
        layers=1,
        method=lambda clf, image, target: targets.append(target) or image[..., 0],
    )
    assert targets == [2, 0, 2, 0]


def test_a_method_is_given_by_its_name_or_as_a_function(dense, photograph):
    by_name, by_function = (
        cascading_randomization(dense, photograph, 1, method=method) for method in ("Gradient", tpv.saliency.gradient)
    )
    assert [step.spearman for step in by_name] == [step.spearman for step in by_function]
    with pytest.raises(ValueError, match='no method "gradent". Closest: "gradient"'):
        cascading_randomization(dense, photograph, 1, method="gradent")
    with pytest.raises(ValueError, match="by its name, or as a function"):
        cascading_randomization(dense, photograph, 1, method=None)


@pytest.mark.parametrize("progress", [False, True])
def test_progress_is_a_bar_of_layers_on_stderr(dense, photograph, bars_at_once, capsys, progress):
    cascading_randomization(dense, photograph, 1, method=weights_as_map, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("randomisation" in err and "2/2" in err) if progress else err == ""


@pytest.mark.parametrize("fails", [False, True])
def test_the_model_is_as_it_was_even_after_an_error(dense, photograph, fails):
    weights, scores = dense.model.get_weights(), dense.scores(photograph)
    x = dense.prepare(photograph)
    calls = []

    def method(clf, image, target):
        calls.append(target)
        if fails and len(calls) == 3:
            raise KeyboardInterrupt
        clf.scores(image), dense.scores(image)  # compiled with the shuffled weights
        return weights_as_map(clf, image, target)

    try:
        cascading_randomization(dense, photograph, method=method)
        assert not fails
    except KeyboardInterrupt:
        assert fails
    for now, before in zip(dense.model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(now, before)
    np.testing.assert_array_equal(dense.input_scores(x), scores)  # nor does a compiled function keep other weights


def test_the_seed_fixes_the_shuffle(dense, photograph):
    first, again, other = (
        cascading_randomization(dense, photograph, 1, method=weights_as_map, seed=seed)[-1].spearman
        for seed in (0, 0, 1)
    )
    assert first == again != other


def test_layers_can_be_counted_or_named_and_nested_models_are_entered(nested):
    image = np.random.default_rng(0).uniform(0, 255, (96, 96, 3)).astype(np.float32)

    def method(classifier, image, target):
        return image[..., 0]

    three = cascading_randomization(nested, image, 1, method=method, layers=3)
    assert [step.layer for step in three][1:] == ["Conv_1_bn", "Conv_1"]
    for layers in (["Conv_1"], ("Conv_1",), "Conv_1", "conv 1"):
        named = cascading_randomization(nested, image, 1, method=method, layers=layers)
        assert [step.layer for step in named] == ["Conv_1"]
    every = cascading_randomization(nested, image, 1, method=method)
    assert every[-1].layer == "Conv1"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": ["tip"]}, 'no layer with weights "tip". Closest: "top"'),
        ({"layers": "tip"}, 'no layer with weights "tip". Closest: "top"'),
        ({"layers": [2]}, "the name of a layer with weights is a text, got 2"),
        ({"layers": []}, "layers is empty"),
        ({"layers": 2.5}, "layers must be names of layers, a number of them, or None for every one, got 2.5"),
        ({"layers": True}, "layers must be a whole number"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": "one"}, "seed must be a whole number"),
        ({"layers": 0}, "layers must be at least 1"),
        ({"layers": np.int64(0)}, "layers must be at least 1"),
        ({"target": [1, 2]}, "one for each of the 1 images, got 2"),
        ({"target": 3}, "class index in"),
        ({"images": []}, "images is empty"),
        ({"method": lambda clf, image, target: np.zeros((6, 7))}, "constant"),
    ],
)
def test_bad_arguments_are_refused(dense, photograph, options, message):
    arguments = {"images": photograph, "method": tpv.saliency.gradient} | options
    with pytest.raises(ValueError, match=message):
        cascading_randomization(dense, **arguments)


@pytest.fixture
def contributions():
    return np.random.default_rng(0).permutation(np.linspace(0.1, 0.4, 20)).reshape(4, 5).astype(np.float32)


WHITE = np.full((4, 5, 3), 255, np.uint8)


def test_bands_that_hurt_in_the_order_of_the_map_give_1(logistic, contributions):
    classifier = logistic(np.repeat(contributions[..., None] / 3, 3, axis=-1))
    result = rank_corruption(classifier, WHITE, contributions, 1, n_bands=20)
    score = contributions.sum(dtype=np.float64)
    left = score - np.sort(contributions, axis=None)[::-1]
    np.testing.assert_allclose(result.drops, 1 / (1 + np.exp(-score)) - 1 / (1 + np.exp(-left)), atol=1e-6)
    assert result.spearman == pytest.approx(1)
    assert rank_corruption(classifier, WHITE, -contributions, 1, n_bands=20).spearman == pytest.approx(-1)


def test_bands_share_the_pixels_and_their_order_gives_rho(logistic):
    weights = np.zeros((4, 5, 3), np.float32)
    weights.reshape(20, 3)[:, 0] = np.repeat([0.2, 0.1, 0.4, 0.3], 5)
    saliency_map = -np.arange(20.0).reshape(4, 5)
    result = rank_corruption(logistic(weights), WHITE, saliency_map, 1, n_bands=4)
    np.testing.assert_allclose(
        result.drops, 1 / (1 + np.exp(-5)) - 1 / (1 + np.exp(-(5 - np.array([1, 0.5, 2, 1.5])))), atol=1e-6
    )
    assert result.spearman == pytest.approx(-0.6)


def test_where_nothing_hurts_rho_is_0(logistic, contributions):
    classifier = logistic(np.zeros((4, 5, 3), np.float32))
    assert rank_corruption(classifier, WHITE, contributions, 1).spearman == 0


def test_bad_arguments_of_rank_corruption_are_refused(logistic, contributions):
    classifier = logistic(np.ones((4, 5, 3), np.float32))
    for options, message in (({"n_bands": 1}, "n_bands"), ({"n_bands": 21}, "n_bands"), ({"batch_size": 0}, "batch")):
        with pytest.raises(ValueError, match=message):
            rank_corruption(classifier, WHITE, contributions, 1, **options)
    with pytest.raises(ValueError, match="constant"):
        rank_corruption(classifier, WHITE, np.ones((4, 5)), 1)

"""RISE against its formulas, its expectation, and a direct transcription of the course's own program."""

import itertools

import cv2
import keras
import numpy as np
import pytest
import skimage.transform

import tp_visualisation as tpv
from tp_visualisation.saliency import rise, rise_estimates
from tp_visualisation.saliency.masks import BalancedBlocks, random_grids
from tp_visualisation.saliency.rise import correlation_with_limit

SIZE = (12, 20)


def small_network(n_classes=6, size=SIZE, seed=0):
    """A convolutional network with probabilities that are neither 0 nor 1."""
    rng = np.random.default_rng(seed)
    inputs = keras.Input((*size, 3))
    x = keras.layers.Conv2D(4, 3, strides=2, activation="relu")(inputs)
    outputs = keras.layers.Dense(n_classes)(keras.layers.Flatten()(x))
    model = keras.Model(inputs, outputs)
    scales = [0.3, 0.1, 0.15, 0.1]
    model.set_weights([rng.normal(0, s, w.shape) for s, w in zip(scales, model.get_weights(), strict=True)])
    return tpv.Classifier(model, preprocess=lambda images: images / 127.5 - 1)


@pytest.fixture(scope="module")
def network():
    return small_network()


@pytest.fixture
def masks():
    return np.random.default_rng(5).uniform(0, 1, (37, *SIZE)).astype(np.float32)


def scores_by_hand(network, image, masks, target, top_k=None):
    """The probability of the target for each masked image, through Keras, one by one."""
    x = network.prepare(image)
    probabilities = keras.ops.softmax(np.concatenate([network.model(x * mask[..., None]) for mask in masks]))
    probabilities = np.asarray(probabilities)
    scores = probabilities[:, target].copy()
    if top_k is not None:
        top = np.argsort(-probabilities, axis=1)[:, :top_k]
        scores[~(top == target).any(axis=1)] = 0
    return scores


# Formulas


def test_given_masks_give_the_formula_of_the_paper(network, image, masks):
    scores = scores_by_hand(network, image, masks, 2)
    for p in (0.5, 0.3):
        expected = np.einsum("n,nhw->hw", scores, masks) / (len(masks) * p)
        np.testing.assert_allclose(rise(network, image, 2, masks=masks, p=p), expected, atol=1e-6)


def test_random_design_is_the_program_of_the_paper(network, image):
    """Bernoulli grids, upsampled by scikit-image to (s + 1) ⌈H/s⌉, cropped at a random shift, averaged over N p."""
    n, s, p = 60, 3, 0.4
    ((cells, shifts),) = random_grids(n, s, p, n, seed=7)
    cell = np.ceil(np.array(SIZE) / s).astype(int)
    masks = []
    for grid, (down, along) in zip(cells, np.floor(shifts * cell).astype(int), strict=True):
        mask = skimage.transform.resize(grid, (s + 1) * cell, order=1, mode="reflect", anti_aliasing=False)
        masks.append(mask[down : down + SIZE[0], along : along + SIZE[1]])
    scores = scores_by_hand(network, image, np.array(masks), 1)
    expected = np.einsum("n,nhw->hw", scores, masks) / (n * p)

    ours = rise(network, image, 1, design="random", n_masks=n, grid_size=s, p=p, seed=7)
    np.testing.assert_allclose(ours, expected, atol=1e-6)
    np.testing.assert_allclose(rise(network, image, 1, masks=np.array(masks), p=p), expected, atol=1e-6)


def course_program(predict, image, target, masks):
    """The program of the course, its model and its labels replaced by `predict`: masks (N, H, W)."""
    masks = masks[..., np.newaxis]
    masked_images = masks * np.repeat(image[np.newaxis, ...], masks.shape[0], axis=0)
    predictions = predict(masked_images)
    top = [np.argsort(prediction)[::-1][:3] for prediction in predictions]
    scores = np.array([predictions[i][target] if target in top[i] else 0 for i in range(len(masks))])
    saliency_map = np.sum(masks * scores[:, np.newaxis, np.newaxis, np.newaxis], axis=0)
    return saliency_map[..., 0] / len(masks)


def test_same_masks_give_the_map_of_the_course_program(embedded, dalmatian):
    cells = np.random.default_rng(0).binomial(1, 0.5, size=(12, 224 // 8, 224 // 8)).astype(np.float32)
    masks = np.array([cv2.resize(mask, (224, 224), interpolation=cv2.INTER_LINEAR) for mask in cells])

    def predict(inputs):
        return np.asarray(keras.ops.softmax(embedded.model(inputs)))

    ranks = set()
    for target in (251, 246, 164):  # dalmatian, and classes that come in some of the top threes
        expected = course_program(predict, embedded.prepare(dalmatian)[0], target, masks)
        ranks.add(bool(expected.any()))
        ours = rise(embedded, dalmatian, target, masks=masks, grid_size=28, shift=False, top_k=3)
        expected = cv2.resize(expected.astype(np.float32), dalmatian.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        np.testing.assert_allclose(ours, expected, atol=1e-5)
    assert True in ranks


def test_options_give_the_map_of_the_course_program_with_masks_of_their_own():
    network = small_network(size=(24, 24))
    image = np.random.default_rng(0).uniform(0, 255, (24, 24, 3)).astype(np.float32)
    ((cells, _),) = random_grids(50, 3, 0.5, 50, seed=4)
    masks = np.array([cv2.resize(grid, (24, 24), interpolation=cv2.INTER_LINEAR) for grid in cells])

    def predict(inputs):
        return np.asarray(keras.ops.softmax(network.model(inputs)))

    options = {"grid_size": 24 // 8, "shift": False, "top_k": 3}
    gated = []
    for target in range(6):
        expected = course_program(predict, network.prepare(image)[0], target, masks)
        gated.append(np.count_nonzero(scores_by_hand(network, image, masks, target, top_k=3)))
        ours = rise(network, image, target, design="random", n_masks=50, seed=4, **options)
        np.testing.assert_allclose(ours, expected, atol=1e-6)
        np.testing.assert_allclose(rise(network, image, target, masks=masks, **options), expected, atol=1e-6)
    assert any(0 < count < 50 for count in gated)  # the gate is open for some masks and shut for others


def test_class_outside_the_top_3_gets_a_map_unless_it_is_gated(network, image):
    last = int(network.scores(image)[0].argmin())
    full = np.ones((1, *SIZE), np.float32)
    probability = network.probabilities(image)[0, last]
    np.testing.assert_allclose(rise(network, image, last, masks=full, p=1), probability, rtol=1e-5)
    assert not rise(network, image, last, masks=full, p=1, top_k=3).any()
    np.testing.assert_allclose(rise(network, image, last, masks=full, p=1, top_k=6), probability, rtol=1e-5)


def test_masks_that_hide_nothing_give_the_probability_everywhere(network, image):
    probability = network.probabilities(image)[0, 3]
    for options in ({"p": 1.0}, {"p": 1.0, "design": "random"}, {"p": 1.0, "shift": False}):
        estimate = rise(network, image, 3, n_masks=20, return_estimate=True, **options)
        np.testing.assert_allclose(estimate.saliency_map, probability, rtol=1e-5)
        np.testing.assert_allclose(estimate.standard_error, 0, atol=1e-4 * probability)


def test_map_is_resized_to_the_image(network, image):
    large = cv2.resize(image, (50, 30))
    at_input_size = rise(network, cv2.resize(large, SIZE[::-1]), 1, n_masks=64)
    np.testing.assert_allclose(rise(network, large, 1, n_masks=64), cv2.resize(at_input_size, (50, 30)), atol=1e-5)


# The expectation


def all_masks(size, s, shift):
    """Every mask of an s x s grid, with every shift."""
    cells = np.array(list(itertools.product([0, 1], repeat=s * s)), np.float32).reshape(-1, s, s)
    if not shift:
        return np.array([cv2.resize(grid, size[::-1], interpolation=cv2.INTER_LINEAR) for grid in cells])
    cell = [-(-length // s) for length in size]
    large = [
        skimage.transform.resize(grid, ((s + 1) * cell[0], (s + 1) * cell[1]), order=1, mode="reflect")
        for grid in cells
    ]
    shifts = itertools.product(range(cell[0]), range(cell[1]))
    return np.array([mask[y : y + size[0], x : x + size[1]] for y, x in shifts for mask in large], np.float32)


@pytest.fixture(scope="module")
def expectation(network):
    """What RISE with 2 x 2 cells tends to, from all its masks: the paper's map, for class 2."""
    image = np.random.default_rng(0).uniform(0, 255, (*SIZE, 3)).astype(np.float32)
    return rise(network, image, 2, masks=all_masks(SIZE, 2, shift=True), batch_size=960)


ESTIMATORS = {
    "random": {"design": "random", "n_masks": 480},
    "balanced": {"n_masks": 480, "tolerance": 0},
    "centred": {"n_masks": 480, "p": 0.5, "shift": False},
}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_estimates_fall_about_their_expectation_as_far_as_their_standard_error_says(name, network, image, expectation):
    shift = ESTIMATORS[name].get("shift", True)
    if not shift:
        expectation = rise(network, image, 2, masks=all_masks(SIZE, 2, shift=False), shift=False)
    runs = [
        rise(network, image, 2, grid_size=2, batch_size=480, seed=seed, return_estimate=True, **ESTIMATORS[name])
        for seed in range(30)
    ]
    maps = np.array([run.saliency_map for run in runs])
    errors = np.array([run.standard_error for run in runs])
    assert (errors > 0).all()

    of_the_mean = maps.std(axis=0, ddof=1) / np.sqrt(len(runs))
    assert np.abs((maps.mean(axis=0) - expectation) / of_the_mean).max() < 4.5  # no bias
    z = (maps - expectation) / errors
    largest = 1.3 if name != "balanced" else 1.6  # its errors come from 30 blocks, whose shifts are not independent
    assert 0.2 < np.sqrt((z**2).mean()) < largest


def test_standard_error_shrinks_as_the_root_of_the_number_of_masks(network, image):
    few, many = (
        rise(network, image, 2, design="random", n_masks=n, batch_size=500, return_estimate=True).standard_error.mean()
        for n in (500, 8000)
    )
    assert 3.6 < few / many < 4.4


def test_standard_error_of_given_masks_is_that_of_their_mean(network, image, masks):
    terms = scores_by_hand(network, image, masks, 2)[:, None, None] * masks / 0.5
    estimate = rise(network, image, 2, masks=masks, return_estimate=True)
    assert estimate.n_masks == len(masks)
    np.testing.assert_allclose(estimate.standard_error, terms.std(axis=0, ddof=1) / np.sqrt(len(masks)), rtol=1e-4)


def test_standard_error_of_blocks_is_that_of_their_mean(network, image):
    """Each block gives a map of its own: the estimate is their mean, its error their spread."""
    maps = []
    for (cells, shift), _ in zip(BalancedBlocks(3, seed=0), range(6), strict=False):
        y, x = np.floor(shift * (4, 7)).astype(int)
        large = [skimage.transform.resize(grid, (16, 28), order=1, mode="reflect") for grid in cells]
        masks = np.array(large)[:, y : y + 12, x : x + 20]
        scores = scores_by_hand(network, image, masks, 2).astype(np.float64)
        maps.append(2 * np.einsum("n,nhw->hw", scores, masks - 0.5) / len(masks) + scores.mean())
    estimate = rise(network, image, 2, grid_size=3, n_masks=6 * 32, tolerance=0, return_estimate=True)
    assert estimate.n_masks == 6 * 32
    np.testing.assert_allclose(estimate.saliency_map, np.mean(maps, axis=0), rtol=1e-4)
    np.testing.assert_allclose(estimate.standard_error, np.std(maps, axis=0, ddof=1) / np.sqrt(6), rtol=1e-2)


def test_balanced_design_is_closer_to_the_truth_than_chance_with_as_many_masks(network, image, expectation):
    def error(options):
        runs = [rise(network, image, 2, grid_size=2, seed=seed, batch_size=240, **options) for seed in range(10)]
        return np.mean([(run - expectation) ** 2 for run in runs])

    balanced = error({"n_masks": 240, "tolerance": 0})
    assert balanced < error({"n_masks": 240, "design": "random"}) / 3


# Batches, seeds, stopping, generator


@pytest.mark.parametrize("options", [{"design": "random"}, {}, {"p": 0.3}, {"shift": False}])
def test_batch_size_does_not_change_the_map(options, network, image):
    reference = rise(network, image, 1, n_masks=100, batch_size=100, return_estimate=True, **options)
    for batch_size in (1, 7, 32, 1000):
        estimate = rise(network, image, 1, n_masks=100, batch_size=batch_size, return_estimate=True, **options)
        np.testing.assert_allclose(estimate.saliency_map, reference.saliency_map, atol=1e-6)
        np.testing.assert_allclose(estimate.standard_error, reference.standard_error, atol=1e-6)
        assert estimate.n_masks == reference.n_masks


def test_batch_size_does_not_change_the_map_of_given_masks(network, image, masks):
    first, other = (rise(network, image, 1, masks=masks, batch_size=size) for size in (37, 5))
    np.testing.assert_allclose(first, other, atol=1e-6)


@pytest.mark.parametrize("design", ["random", "balanced"])
def test_same_seed_same_map_other_seed_other_map(design, network, image):
    first, again, other = (rise(network, image, 1, design=design, n_masks=128, seed=seed) for seed in (3, 3, 4))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


@pytest.mark.parametrize("design", ["random", "balanced"])
def test_generator_gives_the_running_map_and_ends_where_rise_ends(design, network, image):
    estimates = list(rise_estimates(network, image, 1, design=design, n_masks=384, tolerance=0, batch_size=32))
    counts = [estimate.n_masks for estimate in estimates]
    assert counts == list(range(128, 385, 128) if design == "balanced" else range(32, 385, 32))
    for n_masks in (128, 256, 384):
        alone = rise(network, image, 1, design=design, n_masks=n_masks, tolerance=0, return_estimate=True)
        running = estimates[counts.index(n_masks)]
        np.testing.assert_allclose(running.saliency_map, alone.saliency_map, atol=1e-6)
        np.testing.assert_allclose(running.standard_error, alone.standard_error, atol=1e-6)
    for estimate in estimates:
        assert estimate.saliency_map.dtype == estimate.standard_error.dtype == np.float32
        assert estimate.saliency_map.shape == estimate.standard_error.shape == SIZE


def test_error_of_the_first_block_is_unknown_not_nan(network, image):
    large = cv2.resize(image, (33, 31))
    for options in ({}, {"design": "random", "batch_size": 1}):
        first = next(rise_estimates(network, large, 1, **options))
        assert np.isposinf(first.standard_error).all()
        assert np.isfinite(first.saliency_map).all()


def test_masks_are_drawn_batch_by_batch(network, image):
    """A trillion masks announced, a few used."""
    for design in ("random", "balanced"):
        estimates = rise_estimates(network, image, 1, design=design, n_masks=10**12, tolerance=0)
        assert [estimate.n_masks for estimate in itertools.islice(estimates, 3)][-1] < 1000


def test_balanced_design_stops_when_the_correlation_with_its_limit_is_high_enough(network, image):
    estimates = list(rise_estimates(network, image, 2, tolerance=0, n_masks=4096, batch_size=128))
    limit = estimates[-1].saliency_map
    for tolerance in (0.5, 0.1, 0.03):
        stopped = rise(network, image, 2, tolerance=tolerance, batch_size=128, return_estimate=True)
        index = stopped.n_masks // 128 - 1
        np.testing.assert_array_equal(stopped.saliency_map, estimates[index].saliency_map)
        assert np.corrcoef(stopped.saliency_map.ravel(), limit.ravel())[0, 1] > 1 - 2 * tolerance
        assert stopped.n_masks >= 4 * 128
    options = {"batch_size": 128, "return_estimate": True}
    counts = [rise(network, image, 2, tolerance=t, **options).n_masks for t in (0.5, 0.01, 0.001)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_number_of_masks_is_rounded_up_to_whole_blocks(network, image):
    assert rise(network, image, 2, n_masks=1, return_estimate=True).n_masks == 128
    assert rise(network, image, 2, n_masks=129, tolerance=0, return_estimate=True).n_masks == 256
    assert rise(network, image, 2, n_masks=1, design="random", return_estimate=True).n_masks == 1


def test_defaults_are_those_of_the_paper(network, image):
    options = {"batch_size": 500, "return_estimate": True}
    assert rise(network, image, 2, tolerance=0, **options).n_masks == 4096
    assert rise(network, image, 2, design="random", **options).n_masks == 4000


def test_correlation_with_the_limit_is_what_noise_leaves_of_it():
    mean = np.array([[0.0, 4.0], [4.0, 0.0]])  # variance 4
    assert correlation_with_limit(mean, np.zeros((2, 2))) == 1
    assert correlation_with_limit(mean, np.full((2, 2), np.sqrt(3))) == pytest.approx(0.5)
    assert correlation_with_limit(mean, np.full((2, 2), 9.0)) == 0
    assert correlation_with_limit(np.ones((2, 2)), np.ones((2, 2))) == 1


def test_estimated_correlation_is_about_the_true_one():
    rng = np.random.default_rng(0)
    signal = rng.normal(0, 1, (300, 300))
    for noise in (0.3, 1.0, 2.0):
        noisy = signal + rng.normal(0, noise, signal.shape)
        true = np.corrcoef(noisy.ravel(), signal.ravel())[0, 1]
        assert correlation_with_limit(noisy, np.full(signal.shape, noise)) == pytest.approx(true, abs=0.02)


# Edges


def test_one_output_is_a_sigmoid_of_the_second_class(image):
    inputs = keras.Input((*SIZE, 3))
    x = keras.layers.GlobalAveragePooling2D()(inputs)
    model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(x))
    model.set_weights([np.float32([[0.01], [-0.02], [0.015]]), np.float32([0.3])])
    network = tpv.Classifier(model)
    masks = np.random.default_rng(0).uniform(0, 1, (9, *SIZE)).astype(np.float32)
    scores = np.array([model(image[None] * mask[..., None])[0, 0] for mask in masks])
    expected = np.einsum("n,nhw->hw", scores, masks) / (9 * 0.5)
    np.testing.assert_allclose(rise(network, image, 1, masks=masks), expected, rtol=1e-4)
    for design in ("random", "balanced"):
        assert np.isfinite(rise(network, image, design=design, n_masks=128)).all()


def test_constant_network_gives_a_flat_finite_map(image):
    inputs = keras.Input((*SIZE, 3))
    x = keras.layers.GlobalAveragePooling2D()(inputs)
    network = tpv.Classifier(keras.Model(inputs, keras.layers.Dense(4, kernel_initializer="zeros")(x)))
    np.testing.assert_allclose(rise(network, image, 1), 0.25, rtol=1e-5)
    assert rise(network, image, 1, return_estimate=True).n_masks == 4 * 128


def test_given_masks_are_left_alone_and_of_any_real_type(network, image):
    masks = np.random.default_rng(0).integers(0, 2, (5, *SIZE))
    before = masks.copy()
    maps = [rise(network, image, 1, masks=masks.astype(dtype)) for dtype in (np.int64, bool, np.float64)]
    np.testing.assert_array_equal(maps[0], maps[1])
    np.testing.assert_array_equal(maps[0], maps[2])
    np.testing.assert_array_equal(masks, before)


def test_nothing_is_printed_unless_asked(network, image, capfd):
    rise(network, image, 1, n_masks=128)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"design": "sobol"}, 'design must be "balanced" or "random"'),
        ({"n_masks": 0}, "n_masks must be at least 1, got 0"),
        ({"n_masks": -5}, "n_masks must be at least 1, got -5"),
        ({"n_masks": 1e3}, "n_masks must be a whole number, got 1000.0"),
        ({"batch_size": 0}, "batch_size must be at least 1, got 0"),
        ({"batch_size": 2.5}, "batch_size must be a whole number"),
        ({"tolerance": -0.1}, "tolerance must lie in"),
        ({"tolerance": 1}, "tolerance must lie in"),
        ({"tolerance": np.nan}, "tolerance must lie in"),
        ({"grid_size": 0}, r"grid_size must lie in \[1, 12\]"),
        ({"grid_size": 13}, r"grid_size must lie in \[1, 12\]"),
        ({"grid_size": 3.5}, "grid_size must be a whole number"),
        ({"p": 0}, r"p must lie in \(0, 1\], the probability that a cell is kept"),
        ({"p": 1.5}, r"p must lie in \(0, 1\], the probability that a cell is kept"),
        ({"p": np.nan}, r"p must lie in \(0, 1\], the probability that a cell is kept"),
        ({"top_k": 0}, r"top_k must lie in \[1, 6\]"),
        ({"top_k": 7}, r"top_k must lie in \[1, 6\]"),
        ({"top_k": 1.5}, "top_k must be a whole number"),
        ({"masks": np.zeros((5, 20, 12))}, r"masks must have the shape \(N, 12, 20\)"),
        ({"masks": np.zeros(SIZE)}, r"masks must have the shape \(N, 12, 20\)"),
        ({"masks": np.zeros((0, *SIZE))}, r"masks must have the shape \(N, 12, 20\)"),
        ({"masks": np.full((2, *SIZE), 2.0)}, r"masks must lie in \[0, 1\]"),
        ({"masks": np.full((2, *SIZE), -0.5)}, r"masks must lie in \[0, 1\]"),
        ({"masks": np.full((2, *SIZE), np.nan)}, r"masks must lie in \[0, 1\]"),
    ],
)
def test_impossible_options_are_refused_before_any_mask(options, message, network, image):
    with pytest.raises(ValueError, match=message):
        rise(network, image, 1, **options)
    with pytest.raises(ValueError, match=message):
        rise_estimates(network, image, 1, **options)  # at the call, not at the first step

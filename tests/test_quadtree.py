import keras
import numpy as np
import pytest

from tp_visualisation import quadtree
from tp_visualisation.quadtree import Leaf, convolve, decompose, leaf_means, leaf_numbers, reconstruct, relative_rmse


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def checkerboard(size, side):
    rows, columns = np.indices((size, size)) // side
    return 255.0 * ((rows + columns) % 2)


@pytest.mark.parametrize("criterion", quadtree.CRITERIA)
@pytest.mark.parametrize("value", [0, 255, 0.1, 1e6 + 0.1])
def test_constant_image_is_one_leaf(criterion, value):
    assert decompose(np.full((37, 50, 3), value), criterion=criterion, threshold=0) == [Leaf(0, 0, 37, 50)]


@pytest.mark.parametrize("criterion", quadtree.CRITERIA)
@pytest.mark.parametrize("side", [1, 2, 4, 8])
def test_checkerboard_has_a_leaf_for_each_square(criterion, side):
    leaves = decompose(checkerboard(16, side), criterion=criterion)
    squares = [Leaf(i, j, side, side) for i in range(0, 16, side) for j in range(0, 16, side)]
    assert leaves == squares


def test_rounding_does_not_cut_constant_squares(rng):
    image = np.kron(rng.uniform(0, 255, (8, 8, 3)), np.ones((8, 8, 1)))
    assert len(decompose(image, threshold=0)) == 64


@pytest.mark.parametrize("criterion", quadtree.CRITERIA)
def test_one_bright_pixel_costs_three_leaves_a_level(criterion):
    image = np.zeros((64, 64))
    image[13, 40] = 255
    assert len(decompose(image, criterion=criterion, threshold=0)) == 3 * 6 + 1


def test_cells_at_the_threshold_are_not_cut():
    image = np.zeros((8, 8, 3))
    image[:, 4:] = 100  # variance 2500, largest difference 100
    assert len(decompose(image, criterion="variance", threshold=2500)) == 1
    assert len(decompose(image, criterion="variance", threshold=2499)) == 4
    assert len(decompose(image, criterion="gradient", threshold=100)) == 1
    assert len(decompose(image, criterion="gradient", threshold=99)) == 4


def test_variance_is_the_mean_over_the_channels_and_gradient_the_largest_of_them():
    image = np.zeros((8, 8, 3))
    image[:, 4:, 1] = 90  # variances 0, 2025, 0
    assert len(decompose(image, criterion="variance", threshold=675)) == 1
    assert len(decompose(image, criterion="variance", threshold=674)) == 4
    assert len(decompose(image, criterion="gradient", threshold=89)) == 4


def test_smooth_ramp_is_flat_for_the_gradient_and_not_for_the_variance():
    ramp = np.tile(np.arange(64.0), (64, 1))
    assert len(decompose(ramp, criterion="gradient", threshold=1)) == 1
    assert len(decompose(ramp, criterion="variance", threshold=100)) == 4  # (64² − 1)/12 = 341, (32² − 1)/12 = 85


def test_min_size_and_max_depth_stop_the_cutting(rng):
    noise = rng.uniform(0, 255, (32, 32))
    for min_size, n in ((1, 1024), (2, 256), (3, 64), (4, 64), (16, 4), (17, 1)):
        assert len(decompose(noise, threshold=0, min_size=min_size)) == n
    for depth in range(6):
        assert len(decompose(noise, threshold=0, max_depth=depth)) == 4**depth


def test_odd_sides_are_cut_with_the_longer_half_first_and_short_sides_are_left(rng):
    assert decompose(rng.uniform(0, 255, (3, 5)), threshold=0, max_depth=1) == [
        Leaf(0, 0, 2, 3),
        Leaf(0, 3, 2, 2),
        Leaf(2, 0, 1, 3),
        Leaf(2, 3, 1, 2),
    ]
    assert decompose(rng.uniform(0, 255, (1, 4)), threshold=0) == [Leaf(0, j, 1, 1) for j in range(4)]


@pytest.mark.parametrize("criterion", quadtree.CRITERIA)
def test_leaves_tile_an_image_of_any_size(criterion, rng):
    for _ in range(40):
        height, width, min_size = rng.integers(1, 70, 2).tolist() + [int(rng.integers(1, 6))]
        image = np.kron(rng.uniform(0, 255, (height // 9 + 1, width // 9 + 1)), np.ones((9, 9)))[:height, :width]
        leaves = decompose(image + rng.uniform(0, 30, image.shape), criterion=criterion, min_size=min_size)
        covered = np.zeros((height, width), int)
        for leaf in leaves:
            covered[leaf.top : leaf.top + leaf.height, leaf.left : leaf.left + leaf.width] += 1
            assert leaf.height >= min(min_size, height)
            assert leaf.width >= min(min_size, width)
        assert (covered == 1).all()
        assert leaves == sorted(leaves)


def test_leaves_are_uniform_and_their_parents_were_not(dalmatian):
    image = dalmatian[:100, :75].astype(float)
    leaves = decompose(image, threshold=400)
    variances = [image[t : t + h, left : left + w].var(axis=(0, 1)).mean() for t, left, h, w in leaves]
    assert max(variances) <= 400 + 1e-6
    assert ((reconstruct(image, leaves) - image) ** 2).mean() <= 400
    assert 100 < len(leaves) < image[..., 0].size / 2


def test_threshold_zero_reconstructs_the_image(dalmatian):
    image = dalmatian[:61, :83]
    for criterion in quadtree.CRITERIA:
        np.testing.assert_array_equal(reconstruct(image, decompose(image, criterion=criterion, threshold=0)), image)


def test_small_values_beside_large_ones_are_not_lost_in_the_sums(rng):
    image = np.zeros((256, 256))
    image[128:] = rng.uniform(0, 1e3, (128, 256))
    image[0, 0] = 0.1
    assert Leaf(0, 0, 1, 1) in decompose(image, threshold=0)


def test_means_are_those_of_the_leaves():
    image = np.arange(16.0).reshape(4, 4)
    leaves = [Leaf(0, 0, 2, 4), Leaf(2, 0, 2, 1), Leaf(2, 1, 2, 3)]
    np.testing.assert_array_equal(leaf_numbers(leaves, (4, 4)), [[0] * 4, [0] * 4, [1, 2, 2, 2], [1, 2, 2, 2]])
    np.testing.assert_allclose(leaf_means(image, leaves), [3.5, 10, 12])
    np.testing.assert_allclose(leaf_means(image[..., None] * [1, -2], leaves)[:, 1], [-7, -20, -24])


@pytest.mark.parametrize(
    "leaves",
    [
        [Leaf(0, 0, 2, 2)],
        [Leaf(0, 0, 4, 4), Leaf(0, 0, 1, 1)],
        [Leaf(0, 0, 4, 5)],
        [Leaf(-1, 0, 5, 4)],
        [Leaf(0, 0, 4, 4), Leaf(1, 1, 0, 0)],
        [],
    ],
)
def test_leaves_that_do_not_tile_are_refused(leaves):
    with pytest.raises(ValueError, match="do not tile an image of size"):
        leaf_numbers(leaves, (4, 4))


@pytest.mark.parametrize("m", [1, 2, 3, 5])
def test_full_convolution_is_that_of_networks(m, rng):
    image, kernel = rng.normal(size=(9, 13, 3)), rng.normal(size=(m, m, 3, 4))
    expected = keras.ops.conv(image[None].astype("float32"), kernel.astype("float32"), padding="same")[0]
    full = convolve(image, kernel)
    np.testing.assert_allclose(full.output, expected, atol=1e-4)
    assert full.multiply_adds == m**2 * 9 * 13 * 3 * 4


def test_on_leaves_of_one_pixel_the_convolution_is_the_full_one(rng):
    image, kernel = rng.normal(size=(9, 13, 3)), rng.normal(size=(3, 3, 3, 4))
    full, on_leaves = convolve(image, kernel), convolve(image, kernel, decompose(image, threshold=0))
    np.testing.assert_allclose(on_leaves.output, full.output, rtol=1e-6)
    assert on_leaves.multiply_adds == full.multiply_adds


def test_multiply_adds_on_leaves_are_m_squared_times_leaves_times_channels(rng):
    image = np.kron(rng.integers(0, 255, (4, 4, 2)), np.ones((8, 8, 1)))
    leaves = decompose(image, threshold=0)
    result = convolve(image, rng.normal(size=(3, 3, 2, 5)), leaves)
    assert len(leaves) == 16
    assert result.multiply_adds == 3**2 * 16 * 2 * 5
    assert result.output.shape == (32, 32, 5)


def test_inside_flat_squares_the_convolution_on_leaves_is_exact_and_constant(rng):
    image = np.kron(rng.integers(0, 255, (4, 4)), np.ones((8, 8)))
    kernel = rng.normal(size=(3, 3, 1, 1))
    difference = convolve(image, kernel).output - convolve(image, kernel, decompose(image, threshold=0)).output
    inside = np.kron(np.ones((4, 4)), np.pad(np.ones((6, 6)), 1)) == 1
    np.testing.assert_allclose(difference[inside, 0], 0, atol=1e-3)
    assert np.abs(difference).max() > 1


def test_finer_leaves_cost_more_and_err_less(dalmatian, rng):
    image, kernel = dalmatian[100:228, 100:228] / 255, rng.normal(size=(3, 3, 3, 2))
    full = convolve(image, kernel)
    results = [convolve(image, kernel, decompose(image, threshold=t / 255**2)) for t in (2000, 500, 100)]
    errors = [relative_rmse(result.output, full.output) for result in results]
    assert errors == sorted(errors, reverse=True)
    assert [r.multiply_adds for r in results] == sorted(r.multiply_adds for r in results)
    assert results[-1].multiply_adds < full.multiply_adds


def test_relative_rmse_on_paper():
    assert relative_rmse(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0
    assert relative_rmse(np.array([3.0, 0.0]), np.array([3.0, 4.0])) == pytest.approx(0.8)
    assert relative_rmse(np.zeros(2), np.zeros(2)) == 0
    assert relative_rmse(np.ones(2), np.zeros(2)) == np.inf


def test_what_is_wrong_is_said(rng):
    image = rng.uniform(0, 255, (8, 8, 3))
    for options, message in (
        ({"criterion": "entropy"}, '"variance" or "gradient"'),
        ({"threshold": -1}, "threshold must be at least 0"),
        ({"threshold": np.nan}, "threshold must be at least 0"),
        ({"min_size": 0}, "min_size must be at least 1"),
        ({"max_depth": -1}, "max_depth must be at least 0"),
    ):
        with pytest.raises(ValueError, match=message):
            decompose(image, **options)
    with pytest.raises(ValueError, match=r"array \(H, W\)"):
        decompose(image[None])
    with pytest.raises(ValueError, match="NaN"):
        decompose(image * np.nan)
    for kernel in (np.ones((3, 3, 1, 1)), np.ones((3, 2, 3, 1)), np.ones((3, 3))):
        with pytest.raises(ValueError, match=r"kernel must have the shape \(M, M, 3, F\)"):
            convolve(image, kernel)


def test_image_is_left_alone(rng):
    image = rng.uniform(0, 255, (8, 8, 3))
    before = image.copy()
    convolve(image, np.ones((3, 3, 3, 1)), decompose(image))
    np.testing.assert_array_equal(image, before)

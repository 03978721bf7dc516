"""The masks of RISE: how a grid becomes a mask, random grids, balanced blocks."""

import itertools

import cv2
import numpy as np
import pytest
import skimage.transform

from tp_visualisation.saliency.masks import BalancedBlocks, cut, random_grids, upsampling


@pytest.mark.parametrize("size", [(224, 224), (12, 20), (50, 33), (7, 9), (8, 8)])
@pytest.mark.parametrize("n_cells", [1, 2, 3, 7])
def test_shifted_masks_are_upsampled_as_in_the_paper(size, n_cells):
    """(s + 1) ⌈H / s⌉ rows by scikit-image's resize, with its mirrored border."""
    grid = np.random.default_rng(0).random((n_cells, n_cells)).astype(np.float32)
    rows, columns = (upsampling(length, n_cells) for length in size)
    shape = tuple((n_cells + 1) * int(np.ceil(length / n_cells)) for length in size)
    expected = skimage.transform.resize(grid, shape, order=1, mode="reflect", anti_aliasing=False)
    np.testing.assert_allclose(rows @ grid @ columns.T, expected, atol=1e-5)


@pytest.mark.parametrize(
    ("size", "n_cells"), [((224, 224), 28), ((12, 20), 3), ((12, 20), 1), ((9, 9), 9), ((5, 7), 4)]
)
def test_masks_without_shift_are_upsampled_as_opencv_does(size, n_cells):
    grid = np.random.default_rng(0).random((n_cells, n_cells)).astype(np.float32)
    rows, columns = (upsampling(length, n_cells, shift=False) for length in size)
    expected = cv2.resize(grid, size[::-1], interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(rows @ grid @ columns.T, expected, atol=1e-5)


@pytest.mark.parametrize("shift", [True, False])
def test_a_pixel_is_a_mean_of_cells(shift):
    for length, n_cells in itertools.product((1, 5, 12, 224), (1, 2, 5)):
        matrix = upsampling(length, n_cells, shift)
        assert matrix.dtype == np.float32
        assert matrix.min() >= 0
        np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-6)


def test_window_fits_wherever_a_mask_is_shifted():
    for length, n_cells in itertools.product(range(1, 40), range(1, 8)):
        cell = -(-length // n_cells)
        assert len(upsampling(length, n_cells)) >= (cell - 1) + length


def test_random_grids_do_not_depend_on_the_batches():
    def whole(batch_size):
        batches = list(random_grids(50, 5, 0.3, batch_size, seed=1))
        assert max(len(cells) for cells, _ in batches) <= batch_size
        return [np.concatenate(arrays) for arrays in zip(*batches, strict=True)]

    cells, shifts = whole(50)
    assert cells.shape == (50, 5, 5)
    assert shifts.shape == (50, 2)
    for batch_size in (1, 7, 64):
        for ours, expected in zip(whole(batch_size), (cells, shifts), strict=True):
            np.testing.assert_array_equal(ours, expected)


def test_random_grids_keep_cells_with_probability_p_and_shift_anywhere_in_a_cell():
    ((cells, shifts),) = random_grids(4000, 7, 0.3, 4000, seed=0)
    assert set(np.unique(cells)) == {0, 1}
    assert abs(cells.mean() - 0.3) < 4 * np.sqrt(0.3 * 0.7 / cells.size)
    flat = cells.reshape(4000, -1)
    correlations = np.corrcoef(flat.T)[np.triu_indices(49, 1)]
    assert np.abs(correlations).max() < 5 / np.sqrt(4000)
    assert 0 <= shifts.min() <= shifts.max() < 1
    np.testing.assert_allclose(np.histogram(shifts, 10, (0, 1))[0], 800, atol=150)


def test_the_number_of_masks_of_random_grids_is_not_held_in_memory():
    cells, _ = next(iter(random_grids(10**12, 7, 0.5, 16, seed=0)))
    assert len(cells) == 16


@pytest.mark.parametrize("grid_size", [1, 2, 3, 7, 8, 15])
def test_in_each_block_cells_are_kept_by_half_of_the_masks_and_pairs_by_a_quarter(grid_size):
    blocks = iter(BalancedBlocks(grid_size, seed=3))
    for _ in range(2):
        cells, shift = next(blocks)
        n = len(cells)
        kept = cells.reshape(n, -1).astype(int)
        assert set(np.unique(kept)) == {0, 1}
        together = kept.T @ kept
        n_cells = grid_size**2
        np.testing.assert_array_equal(together, np.where(np.eye(n_cells), n // 2, n // 4))
        assert shift.shape == (2,)
        assert 0 <= shift.min() <= shift.max() < 1


def test_each_mask_of_a_block_comes_with_its_complement():
    cells, _ = next(iter(BalancedBlocks(7, seed=0)))
    assert len(cells) == 128
    np.testing.assert_array_equal(cells[:64] + cells[64:], np.ones((64, 7, 7)))
    np.testing.assert_array_equal(cells[:64].sum(axis=0), np.full((7, 7), 32))  # no cell is constant in a half


def test_blocks_differ_from_each_other_and_with_the_seed_only():
    def first(seed, n=3):
        return [(cells.copy(), shift) for cells, shift in itertools.islice(BalancedBlocks(7, seed), n)]

    for ours, again in zip(first(0), first(0), strict=True):
        np.testing.assert_array_equal(ours[0], again[0])
        np.testing.assert_array_equal(ours[1], again[1])
    assert not np.array_equal(first(0)[0][0], first(1)[0][0])
    assert not np.array_equal(first(0)[0][0], first(0)[1][0])
    assert not np.array_equal(first(0)[0][1], first(0)[1][1])


def test_shifts_of_the_blocks_fill_the_cell_evenly():
    shifts = np.array([shift for _, shift in itertools.islice(BalancedBlocks(2, seed=0), 400)])
    counts = np.histogram2d(*shifts.T, bins=5, range=[[0, 1], [0, 1]])[0]
    np.testing.assert_allclose(counts, 16, atol=3)  # chance alone would give 16 ± 4


def test_single_masks_of_balanced_blocks_are_fair_coins():
    """Whatever its row, a grid is as likely as any other: the estimator has no bias."""
    cells = np.concatenate([cells for cells, _ in itertools.islice(BalancedBlocks(2, seed=0), 1000)])
    patterns = cells.reshape(len(cells), -1) @ [1, 2, 4, 8]
    counts = np.bincount(patterns.astype(int), minlength=16) / len(cells)
    np.testing.assert_allclose(counts, 1 / 16, atol=0.006)


def test_blocks_exist_up_to_15_by_15_cells():
    assert BalancedBlocks.exists(15)
    assert not BalancedBlocks.exists(16)


@pytest.mark.parametrize(("batch_size", "lengths"), [(6, [6, 6, 4] * 4), (16, [16] * 4), (40, [32, 32]), (64, [64])])
def test_batches_are_parts_of_blocks_or_whole_ones(batch_size, lengths):
    blocks = BalancedBlocks(2, seed=0)
    grids, shifts = zip(*itertools.islice(blocks, 4), strict=True)
    batches = list(itertools.islice(blocks.batches(batch_size), len(lengths)))
    assert [len(part) for part, _ in batches] == lengths
    np.testing.assert_array_equal(np.concatenate([part for part, _ in batches]), np.concatenate(grids))
    np.testing.assert_array_equal(np.concatenate([part for _, part in batches]), np.repeat(shifts, 16, axis=0))


@pytest.mark.parametrize("lengths", [[3, 3, 2, 8], [16], [1] * 16, [5, 11]])
def test_parts_are_joined_and_cut_to_one_length(lengths):
    numbers = np.arange(16)
    parts = np.split(numbers, np.cumsum(lengths)[:-1])
    np.testing.assert_array_equal(list(cut(iter(parts), 8)), [numbers[:8], numbers[8:]])

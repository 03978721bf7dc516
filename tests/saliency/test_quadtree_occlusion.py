import keras
import numpy as np
import pytest
from scipy.stats import spearmanr

import tp_visualisation as tpv
from tp_visualisation.quadtree import leaf_numbers
from tp_visualisation.saliency.occlusion import occlusion
from tp_visualisation.saliency.quadtree_occlusion import quadtree_occlusion

GRIDS = [(4, 4), (4, 2), (4, 1), (5, 3), (3, 2), (1, 1)]  # patch size, stride; on 12 x 20, some divide and some do not


class Counting:
    """A classifier that counts the images it is given to score."""

    def __init__(self, classifier):
        self.classifier, self.count = classifier, 0

    def __getattr__(self, name):
        return getattr(self.classifier, name)

    def check(self, image, target):
        return self, *self.classifier.check(image, target)[1:]

    def run_each(self, step, batches):
        def counted():
            for x, target, boxes, baseline in batches:
                self.count += len(boxes)
                yield x, target, boxes, baseline

        return self.classifier.run_each(step, counted())


@pytest.fixture(scope="module")
def top_left():
    """Two scores: 0 and the mean of a 4 x 4 square, rows 2 to 5 and columns 3 to 6, of a 32 x 32 image."""
    weights = np.zeros((32, 32, 1), np.float32)
    weights[2:6, 3:7] = 1 / 16
    inputs = keras.Input((32, 32, 3))
    grey = keras.layers.Flatten()(inputs[..., :1])
    model = keras.Model(inputs, keras.layers.Dense(2, use_bias=False, name="scores")(grey))
    model.get_layer("scores").set_weights([np.stack([np.zeros(1024), weights.ravel()], axis=1)])
    return tpv.Classifier(model)


@pytest.mark.parametrize(("patch_size", "stride"), GRIDS)
def test_with_every_pass_it_is_occlusion(patch_size, stride, classifier, image):
    result = quadtree_occlusion(
        classifier, image, 1, patch_size=patch_size, stride=stride, n_passes=10_000, return_refinement=True
    )
    full = occlusion(classifier, image, 1, patch_size=patch_size, stride=stride)
    np.testing.assert_allclose(result.saliency_map, full, atol=1e-6)
    assert result.refined.all()
    assert result.n_passes == result.n_passes_full == len(result.leaves) + 1


@pytest.mark.parametrize(("patch_size", "stride"), GRIDS)
@pytest.mark.parametrize("share", [0.4, 0.9])
def test_where_it_refined_it_is_occlusion(patch_size, stride, share, classifier, image):
    full = occlusion(classifier, image, 1, patch_size=patch_size, stride=stride)
    n_full = quadtree_occlusion(
        classifier, image, 1, patch_size=patch_size, stride=stride, return_refinement=True
    ).n_passes_full
    result = quadtree_occlusion(
        classifier, image, 1, patch_size=patch_size, stride=stride, n_passes=int(share * n_full), return_refinement=True
    )
    assert not result.refined.all()
    assert result.refined.any() or share == 0.4
    np.testing.assert_allclose(result.saliency_map[result.refined], full[result.refined], atol=1e-6)


@pytest.mark.parametrize(("patch_size", "stride"), GRIDS)
@pytest.mark.parametrize("n_passes", [2, 3, 7, 20, 61, 100])
def test_passes_are_counted_and_kept_to_and_the_leaves_tile_the_input(patch_size, stride, n_passes, classifier, image):
    counting = Counting(classifier)
    result = quadtree_occlusion(
        counting, image, 1, patch_size=patch_size, stride=stride, n_passes=n_passes, return_refinement=True
    )
    assert result.n_passes == counting.count <= n_passes
    assert result.n_passes >= min(n_passes, result.n_passes_full) - 4  # a cut takes 4 passes at most
    leaf_numbers(result.leaves, (12, 20))


def test_finest_leaves_of_disjoint_patches_are_the_patches(classifier, image):
    result = quadtree_occlusion(classifier, image, 1, patch_size=4, stride=4, n_passes=100, return_refinement=True)
    assert result.leaves == [(i, j, 4, 4) for i in range(0, 12, 4) for j in range(0, 20, 4)]


def test_it_looks_closer_where_hiding_changes_the_probability(top_left):
    image = np.zeros((32, 32, 3), np.uint8)
    image[2:6, 3:7] = 2
    result = quadtree_occlusion(top_left, image, 1, patch_size=2, stride=2, n_passes=48, return_refinement=True)

    def p(share):  # of the square that is left
        return 1 / (1 + np.exp(-2 * share))

    expected = np.zeros((32, 32))
    for i in (2, 4):
        for j, n in ((2, 2), (4, 4), (6, 2)):  # pixels of the square in the 2 x 2 patch at (i, j)
            expected[i : i + 2, j : j + 2] = p(1) - p(1 - n / 16)
    np.testing.assert_allclose(result.saliency_map[result.refined], expected[result.refined], atol=1e-6)
    assert result.refined[:8, :8].all()
    assert not result.refined[16:, 16:].any()
    assert result.n_passes < result.n_passes_full / 5


def test_cells_below_the_smallest_effect_are_not_cut(top_left):
    image = np.zeros((32, 32, 3), np.uint8)
    image[2:6, 3:7] = 2
    options = {"patch_size": 2, "stride": 2, "n_passes": 200, "return_refinement": True}
    effect = 1 / (1 + np.exp(-2)) - 0.5  # of hiding the whole square
    none = quadtree_occlusion(top_left, image, 1, min_effect=effect + 1e-3, **options)
    some = quadtree_occlusion(top_left, image, 1, min_effect=1e-4, **options)
    everything = quadtree_occlusion(top_left, image, 1, **options)
    assert none.n_passes == 1 + 64
    assert none.n_passes < some.n_passes < everything.n_passes
    assert some.refined[2:6, 3:7].all()


def test_without_effect_the_map_is_zero(top_left):
    black = np.zeros((32, 32, 3), np.uint8)
    assert not quadtree_occlusion(top_left, black, 1).any()


def test_batch_size_and_repetition_do_not_change_the_map(classifier, image):
    maps = [quadtree_occlusion(classifier, image, 1, batch_size=b) for b in (1, 7, 32, 32)]
    for other in maps[1:]:
        np.testing.assert_allclose(other, maps[0], atol=1e-6)


def test_baseline_hides_instead_of_zero(classifier, image):
    options = {"patch_size": 3, "stride": 2, "n_passes": 10_000, "baseline": 50.0}
    expected = occlusion(classifier, image, 1, patch_size=3, stride=2, baseline=50.0)
    np.testing.assert_allclose(quadtree_occlusion(classifier, image, 1, **options), expected, atol=1e-6)


def test_a_quarter_of_the_passes_ranks_the_pixels_as_the_full_map():
    """On a smooth network, where interpolation is right; benchmarks/quadtree.py measures it on the embedded one."""
    rows, columns = np.indices((48, 48))
    weights = np.sin(rows / 8) * np.cos(columns / 11 + rows / 20) / 500
    inputs = keras.Input((48, 48, 3))
    model = keras.Model(inputs, keras.layers.Dense(2, use_bias=False)(keras.layers.Flatten()(inputs[..., :1])))
    model.layers[-1].set_weights([np.stack([np.zeros(48**2), weights.ravel()], axis=1)])
    classifier, image = tpv.Classifier(model), np.full((48, 48, 3), 50, np.uint8)

    result = quadtree_occlusion(classifier, image, 1, patch_size=8, stride=2, return_refinement=True)
    full = occlusion(classifier, image, 1, patch_size=8, stride=2)
    assert result.n_passes <= result.n_passes_full / 4
    assert spearmanr(result.saliency_map.ravel(), full.ravel()).statistic > 0.99


def test_what_is_wrong_is_said(classifier, image):
    for options, message in (
        ({"patch_size": 13}, "patch_size must lie in"),
        ({"patch_size": 4, "stride": 5}, "stride must lie in"),
        ({"n_passes": 1}, "n_passes must be at least 2"),
        ({"min_effect": -0.1}, "min_effect"),
        ({"min_effect": np.nan}, "min_effect"),
        ({"baseline": np.inf}, "baseline"),
        ({"batch_size": 0}, "batch_size"),
    ):
        with pytest.raises(ValueError, match=message):
            quadtree_occlusion(classifier, image, 1, **options)

"""The labs' small classifier: the same for everybody, and telling right from wrong."""

import numpy as np

from tp_visualisation.course import small_classifier


def test_the_seed_fixes_the_weights():
    image = np.random.default_rng(0).uniform(0, 255, (24, 32, 3)).astype(np.float32)
    first, again, other = (small_classifier(seed).scores(image) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


def test_its_score_tells_the_channels_apart():
    image = np.random.default_rng(0).uniform(0, 255, (24, 32, 3)).astype(np.float32)
    clf = small_classifier()
    assert np.abs(clf.scores(image) - clf.scores(image[..., ::-1])).max() > 0.1


def test_classes_and_size_are_those_asked_for():
    clf = small_classifier(n_classes=7, input_size=(8, 12))
    assert clf.scores(np.zeros((8, 12, 3), np.uint8)).shape == (1, 7)

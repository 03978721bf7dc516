from collections import Counter

import numpy as np
import pytest

from tp_visualisation import classifier as classifier_module
from tp_visualisation.evaluation import (
    METRICS,
    Box,
    Subject,
    deletion,
    frames,
    insertion,
    judged,
    map_density,
    overall,
    rank_corruption,
)
from tp_visualisation.evaluation.judged import Judged

MEASURES = [deletion, insertion, map_density, rank_corruption]
WHITE = np.full((4, 5, 3), 255, np.uint8)


@pytest.fixture
def clf(logistic):
    return logistic(np.random.default_rng(0).normal(0, 0.4, (4, 5, 3)).astype(np.float32))


@pytest.fixture
def counts(clf, monkeypatch):
    """How often images and maps are checked and ranked, and images prepared."""
    counts = Counter()

    def count(place, name):
        function = getattr(place, name)
        monkeypatch.setattr(place, name, lambda *args, **options: counts.update([name]) or function(*args, **options))

    count(classifier_module, "check_image")
    for name in ("check_image", "check_map", "resize", "pixel_ranks"):
        count(judged, name)
    count(clf, "prepare")
    return counts


@pytest.mark.parametrize("measure", [*MEASURES, overall])
def test_an_image_and_its_map_are_checked_ranked_and_prepared_once_on_their_road(clf, counts, measure):
    measure(clf, WHITE, np.eye(4, 5), 1)
    ranked = {} if measure is map_density else {"pixel_ranks": 1}
    assert counts == {"check_image": 1, "check_map": 1, "prepare": 1, **ranked}


def test_all_metrics_of_a_subject_share_what_was_judged(clf, counts):
    image = np.random.default_rng(0).integers(0, 256, (8, 10, 3), dtype=np.uint8)
    subject = Subject(clf, image, np.outer(np.arange(8), np.arange(10)), 1, [Box(0, 0, 1, 1)], 0.5, step_size=3)
    for name in ("deletion", "insertion", "overall", "density"):
        METRICS[name].measure(subject)
    # the map is brought to the input's size as it is, for its ranks, and once scaled, for the density
    assert counts == {"check_image": 1, "check_map": 1, "pixel_ranks": 1, "prepare": 1, "resize": 2}


def test_overall_judges_once_and_gives_the_same_number(clf):
    subject = clf, WHITE, np.outer(np.arange(4), [3, 1, 0, -1, 2])
    assert overall(*subject, step_size=3) == insertion(*subject, step_size=3).auc - deletion(*subject, step_size=3).auc


@pytest.mark.parametrize("measure", [*MEASURES, overall])
@pytest.mark.parametrize(
    ("image", "saliency_map", "target", "message"),
    [
        (WHITE / np.float32(255), np.eye(4, 5), None, "looks like"),
        (WHITE, np.eye(5), None, "size"),
        (WHITE, np.ones((4, 5)), None, "constant"),
        (np.full((40, 50, 3), 255, np.uint8), np.eye(1, 2000).reshape(40, 50), None, "constant at the network's input"),
        (WHITE, np.eye(4, 5), 7, "class index in"),
    ],
)
def test_what_cannot_be_judged_is_said_before_any_pass(clf, monkeypatch, measure, image, saliency_map, target, message):
    def never(*args, **options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(clf, "run_exact", never)
    with pytest.raises(ValueError, match=message):
        measure(clf, image, saliency_map, target)


@pytest.mark.parametrize("measure", MEASURES)
def test_new_weights_are_noticed_with_a_target_too(clf, measure):
    def numbers():
        return np.concatenate([np.ravel(number) for number in measure(clf, WHITE, np.eye(4, 5), 1)])

    before = numbers()
    clf.model.set_weights([-weight for weight in clf.model.get_weights()])
    assert not np.allclose(numbers(), before)


def test_the_map_is_scaled_before_it_is_resized(clf):
    saliency_map = np.zeros((8, 10))
    saliency_map[2, 3] = 8
    image = np.full((8, 10, 3), 255, np.uint8)
    subject = Judged(clf, image, saliency_map)
    raw, scaled = subject.saliency_map, subject.scaled_map
    assert raw.shape == scaled.shape == (4, 5)
    np.testing.assert_allclose(raw, 8 * scaled)
    assert scaled.max() == 0.25  # a pixel of four


def test_frames_check_the_same(clf):
    with pytest.raises(ValueError, match="constant"):
        frames(clf, WHITE, np.ones((4, 5)), [0])

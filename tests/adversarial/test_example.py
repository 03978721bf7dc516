import numpy as np
import pytest

from tp_visualisation.adversarial import deepfool, fgsm, fool, survives_jpeg, transfer


@pytest.fixture(scope="module")
def example(linear, grey):
    return fool(linear, grey, "dog", step_size=1)


def test_other_classifier_of_the_same_scores_is_fooled_too(example, linear):
    verdict = transfer(example, linear)
    assert verdict.fooled
    assert verdict.original == example.original
    assert verdict.adversarial == example.adversarial


def test_target_is_found_by_its_name_in_another_order_of_classes(example, linear_classifier, w, grey):
    order = [2, 0, 1]
    b = np.array([0, -40, -90]) - 128 * w.sum(axis=0)
    other = linear_classifier(w[:, order], b[order], ["fox", "cat", "dog"])
    verdict = transfer(example, other)
    assert verdict.fooled
    assert (verdict.original.label, verdict.adversarial.label) == ("cat", "dog")


def test_classifier_that_does_not_move_is_not_fooled(example, linear_classifier, w):
    stubborn, always = (linear_classifier(0 * w, b, ["cat", "dog", "fox"]) for b in ([1, 0, 0], [0, 1, 0]))
    assert not transfer(example, stubborn).fooled
    assert not transfer(example, always).fooled  # it sees a dog in the original already


def test_without_target_any_change_counts_and_with_one_only_the_target(linear, linear_classifier, grey, w):
    b = np.array([0, -200, -10]) - 128 * w.sum(axis=0)
    other = linear_classifier(w[:, [0, 2, 1]], b[[0, 2, 1]], ["cat", "dog", "fox"])  # the dog's normal leads to the fox
    free, aimed = deepfool(linear, grey), deepfool(linear, grey, "dog")
    seen = transfer(free, other)
    assert seen.fooled == (seen.adversarial.label != "cat")
    assert not transfer(aimed, other).fooled


def test_unknown_target_is_refused(example, linear_classifier, w):
    with pytest.raises(ValueError, match='no class "dog"'):
        transfer(example, linear_classifier(w, [0, 0, 0], ["oak", "elm", "ash"]))


def test_jpeg_of_high_quality_keeps_the_trick_and_of_low_quality_undoes_it(embedded, dalmatian):
    example = fgsm(embedded, dalmatian, epsilon=4)
    assert survives_jpeg(example, embedded, quality=98).fooled
    example = deepfool(embedded, dalmatian, n_candidates=3)  # only just over the border
    verdict = survives_jpeg(example, embedded, quality=50)
    assert not verdict.fooled
    assert verdict.adversarial.label == verdict.original.label == "dalmatian"


@pytest.mark.parametrize("quality", [0, 101, 50.0])
def test_quality_outside_1_to_100_is_refused(quality, example, linear):
    with pytest.raises(ValueError, match="quality"):
        survives_jpeg(example, linear, quality)


def test_only_png_is_written(example, tmp_path):
    with pytest.raises(ValueError, match="saved as .png"):
        example.save(tmp_path / "fooled.jpg")
    assert list(tmp_path.iterdir()) == []


def test_repr_tells_the_story(example):
    assert "cat 1.00 -> dog" in repr(example)
    assert len(repr(example)) < 150

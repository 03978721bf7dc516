import PIL.Image
import pytest

from tp_visualisation import load_classifier, load_image


def test_attack_fools_and_its_png_still_does(tpvis):
    code, out, _ = tpvis("attack", "dalmatian", "--to", "stingray", "-o", "a.png", "--save-image", "fooled.png")
    assert code == 0
    assert "the network is fooled" in out
    assert PIL.Image.open("a.png").width > 600
    assert load_classifier().top(load_image("fooled.png"), 1)[0].label == "stingray"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--to"),
        (["--to", "dalmatian"], "already predicted"),
        (["--to", "stingrey"], '"stingray"'),
        (["-m", "fooll", "--to", "stingray"], '"fool"'),
        (["-m", "deepfool", "--epsilon", "2"], "deepfool takes no --epsilon"),
        (["-m", "confined_attack", "--epsilon", "2"], "confined_attack takes no --epsilon"),
        (["-m", "fgsm", "--epsilon", "-1"], "epsilon"),
        (["--to", "stingray", "--save-image", "fooled.jpg"], ".png"),
        (["--to", "stingray", "--save-image", "nowhere/fooled.png"], "does not exist"),
        (["-m", "pgd", "--seed", "-1", "--network", "not looked for"], "seed must be at least 0, got -1."),
    ],
)
def test_attack_refuses_bad_input_in_one_line(refused, tmp_path, arguments, message):
    assert message in refused("attack", "dalmatian", *arguments)
    assert list(tmp_path.iterdir()) == []


def test_an_attack_that_needs_a_target_is_known_by_its_signature(refused, tpvis, monkeypatch):
    from tp_visualisation.adversarial import ATTACKS, fgsm, fool

    def needs_one(classifier, image, target, *, progress=False):
        return fool(classifier, image, target)

    def needs_none(classifier, image, target=None):
        return fgsm(classifier, image, target)

    monkeypatch.setitem(ATTACKS, "mine", needs_one)
    assert "mine goes to one class: name it with --to" in refused("attack", "dalmatian", "-m", "mine")
    monkeypatch.setitem(ATTACKS, "fool", needs_none)
    assert tpvis("attack", "dalmatian", "-m", "fool")[0] == 0

import numpy as np
import PIL.Image
import pytest

from tp_visualisation import load_classifier, networks, saliency, sample_images


def test_explain_writes_the_figure_and_the_raw_map_and_prints_the_top_five(tpvis, tmp_path):
    code, out, _ = tpvis("explain", "dalmatian", "-m", "gradient", "-o", "f.png", "--save-map", "m.npy")
    assert code == 0
    assert [line.split()[-1] for line in out.splitlines()[:5]][0] == "dalmatian"
    assert str(tmp_path / "f.png") in out
    assert PIL.Image.open("f.png").width > 600
    expected = saliency.gradient(load_classifier(), sample_images()["dalmatian"].image, 251)
    np.testing.assert_allclose(np.load("m.npy"), expected, rtol=1e-4, atol=1e-9)


def test_explain_draws_several_methods_in_one_figure_and_saves_their_maps_by_name(tpvis):
    code, _, _ = tpvis(
        "explain", "dalmatian", "-m", "gradient,rise", "--n-masks", 128, "--target", "goose", "--save-map", "m.npz"
    )
    assert code == 0
    assert PIL.Image.open("dalmatian_gradient_rise.png").width > 600
    assert sorted(np.load("m.npz")) == ["gradient", "rise"]


def test_a_method_and_a_network_added_at_run_time_are_taken_by_name(tpvis, monkeypatch):
    def red(classifier, image, target=None):
        return np.asarray(image, np.float32)[..., 0]

    def build(name, weights):
        known = load_classifier(weights=weights)
        return networks.BuiltNetwork(known.model, known.preprocess, [f"thing {number}" for number in range(1000)])

    family = networks.Family(("my_network",), build, lambda name: None, "comes from this test")
    monkeypatch.setitem(saliency.METHODS, "my_method", red)
    monkeypatch.setattr(networks, "FAMILIES", [*networks.FAMILIES, family])
    code, out, _ = tpvis(
        "explain", "dalmatian", "--method", "My method", "--network", "my network", "--save-map", "m.npy"
    )
    assert code == 0
    assert out.splitlines()[0].endswith("thing 251")
    np.testing.assert_array_equal(np.load("m.npy"), sample_images()["dalmatian"].image[..., 0])
    assert PIL.Image.open("dalmatian_my_method.png").width > 600


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jpg"], 'no file "missing.jpg"'),
        (["dalmatien"], '"dalmatian"'),
        (["dalmatian", "--target", "tarantulla", "-m", "gradient"], '"tarantula"'),
        (["dalmatian", "--target", "crane", "-m", "gradient"], "n03126707"),
        (["dalmatian", "-m", "grad_can"], "Closest"),
        (["dalmatian", "-m", ","], "no method given"),
        (["dalmatian", "--network", "resnet51"], '"resnet50"'),
        (["dalmatian", "-o", "figure.foo"], "suffix"),
        (["dalmatian", "-o", "nowhere/figure.png"], "does not exist"),
        (["dalmatian", "--save-map", "m.png"], ".npy"),
        (["dalmatian", "-m", "gradient,rise", "--save-map", "m.npy"], ".npz"),
        (["dalmatian", "--save-map", "nowhere/m.npy"], "does not exist"),
        (["dalmatian", "--cmap", "jett"], '"jet"'),
        (["dalmatian", "--engine", "cuda"], 'engine must be "tensorflow", "openvino", "openvino-bf16" or "fastest"'),
        (["dalmatian", "--weights", "w.weights.h5"], "no weights file"),
        (["dalmatian", "--n-masks", "0"], "at least 1"),
        (["dalmatian", "--seed", "-1", "--network", "not looked for"], "seed must be at least 0, got -1."),
        (["text.png"], "not an image"),
        (["."], "is a folder"),
    ],
)
def test_bad_input_gives_one_line_and_exit_code_2_and_writes_nothing(refused, tmp_path, arguments, message):
    (tmp_path / "text.png").write_text("not a picture")
    assert message in refused("explain", *arguments)
    assert [path.name for path in tmp_path.iterdir()] == ["text.png"]


def test_interrupted_writing_leaves_the_old_figure_whole(tpvis, monkeypatch, tmp_path):
    from matplotlib.figure import Figure

    (tmp_path / "f.png").write_bytes(b"the old figure")

    def interrupted(self, path, **options):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", interrupted)
    code, _, _ = tpvis("explain", "dalmatian", "-m", "gradient", "-o", "f.png")
    assert code == 130
    assert (tmp_path / "f.png").read_bytes() == b"the old figure"
    assert [path.name for path in tmp_path.iterdir()] == ["f.png"]

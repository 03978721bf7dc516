import os
import threading
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from tp_visualisation import load_classifier, maps, networks, saliency, sample_images


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


def test_a_mask_is_learnt_in_as_many_steps_as_asked_for(tpvis):
    code, _, err = tpvis("explain", "dalmatian", "-m", "extremal_perturbation", "--n-steps", 3, "--save-map", "m.npy")
    assert code == 0
    assert err == "" or "3/3" in err  # the bar is shown after one second
    expected = saliency.extremal_perturbation(load_classifier(), sample_images()["dalmatian"].image, 251, n_steps=3)
    np.testing.assert_allclose(np.load("m.npy"), expected, rtol=1e-3)


def test_steps_and_tolerance_reach_the_methods_that_take_them(tpvis, monkeypatch):
    def search(classifier, image, target=None, *, n_steps=800, tolerance=0.02):
        return np.pad(np.float32([n_steps, tolerance])[None], ((0, image.shape[0] - 1), (0, image.shape[1] - 2)))

    monkeypatch.setitem(saliency.METHODS, "search", search)
    options = ["--n-steps", 7, "--tolerance", 0, "--save-map", "m.npz"]
    assert tpvis("explain", "dalmatian", "-m", "gradient,search", *options)[0] == 0
    np.testing.assert_array_equal(np.load("m.npz")["search"][0, :2], [7, 0])


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
        (["dalmatian", "--engine", "cuda"], 'engine must be "tensorflow", "tensorflow-f16", "tensorflow-bf16"'),
        (["dalmatian", "--weights", "w.weights.h5"], "no weights file"),
        (["dalmatian", "--n-masks", "0"], "at least 1"),
        (["dalmatian", "--seed", "-1", "--network", "not looked for"], "seed must be at least 0, got -1."),
        (["text.png"], "not an image"),
        (["dalmatian", "-m", "gradient", "--n-masks", "8"], "gradient takes no --n-masks"),
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


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    (folder / "more").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name in ("b.png", "a.jpg", "more/a.png"):
        PIL.Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)).save(folder / name)
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_several_photographs_and_folders_get_a_figure_each(tpvis, tmp_path, pictures):
    code, out, err = tpvis("explain", "dalmatian", "pictures", "-m", "gradient", "--save-map", "maps")
    assert code == 0
    assert err == "pictures: 1 other files are passed over\n"
    assert [line for line in out.splitlines() if " of 4: " in line] == [
        *("1 of 4: dalmatian", "2 of 4: pictures/a.jpg", "3 of 4: pictures/b.png", "4 of 4: pictures/more/a.png")
    ]
    names = ["a", "a_2", "b", "dalmatian"]
    assert {path.name for path in (tmp_path / "explained").iterdir()} == {f"{name}_gradient.png" for name in names}
    assert {path.name for path in (tmp_path / "maps").iterdir()} == {f"{name}.npy" for name in names}
    image = np.asarray(PIL.Image.open(pictures / "more/a.png"))
    np.testing.assert_allclose(
        np.load("maps/a_2.npy"), saliency.gradient(load_classifier(), image), rtol=1e-4, atol=1e-9
    )


def test_figures_made_before_are_not_explained_in_their_turn(tpvis, pictures, tmp_path):
    for _ in range(2):
        code, out, _ = tpvis("explain", ".", "-m", "gradient")
        assert code == 0
        assert "3 of 3: pictures/more/a.png" in out
    assert len(list((tmp_path / "explained").iterdir())) == 3


def test_a_photograph_that_cannot_be_read_is_skipped_and_told_at_the_end(tpvis, pictures, tmp_path):
    (pictures / "b.png").write_bytes(b"no picture")
    code, out, err = tpvis("explain", "pictures", "none.jpg", "-m", "gradient", "-o", "figures")
    assert code == 2
    lines = err.splitlines()
    assert lines[1].startswith('tpvis: skipped: "pictures/b.png" is not an image that can be read: JPEG, PNG, WebP')
    assert lines[2] == 'tpvis: skipped: there is no file "none.jpg".'
    assert lines[3:] == ["tpvis: 2 of 4 photographs were skipped, the others are done."]
    assert len(list((tmp_path / "figures").iterdir())) == 2


def test_of_several_photographs_outputs_are_folders(refused, pictures, tmp_path):
    assert "--output must be a folder" in refused("explain", "dalmatian", "pictures", "-o", "one.png")
    assert "--save-map must be a folder" in refused("explain", "pictures", "--save-map", "one.npy")
    (tmp_path / "empty").mkdir()
    assert 'no photograph in the folder "empty"' in refused("explain", "empty")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "pictures"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_photograph_may_come_through_a_pipe(tpvis, pictures, tmp_path):
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes((pictures / "b.png").read_bytes()))
    writer.start()
    code, _, err = tpvis("explain", "pipe", "-m", "gradient", "-o", "figure.png")
    writer.join()
    assert (code, err) == (0, "")
    assert PIL.Image.open("figure.png").width > 600


def test_the_crop_the_cut_out_and_the_box_are_those_of_the_map(tpvis, tmp_path):
    files = ["--save-map", "m.npy", "--save-crop", "crop.jpg", "--save-cutout", "cut.png"]
    code, out, err = tpvis("explain", "dalmatian", "-m", "grad_cam", "--box", *files)
    assert (code, err) == (0, "")
    image, saliency_map = sample_images()["dalmatian"].image, np.load("m.npy")
    box = maps.bounding_box(saliency_map)
    assert f"box of grad_cam: left {box.left}, top {box.top}, right {box.right}, bottom {box.bottom}" in out
    assert PIL.Image.open("crop.jpg").size == (box.right - box.left, box.bottom - box.top)
    cut = np.asarray(PIL.Image.open("cut.png"))
    np.testing.assert_array_equal(cut[..., :3], image)
    np.testing.assert_array_equal(cut[..., 3], 255 * maps.cut_out(image, saliency_map))
    for name, file in (("map", "m.npy"), ("crop", "crop.jpg"), ("cutout", "cut.png")):
        assert f"{name}: {tmp_path / file}" in out


def test_boxes_of_several_methods_and_crops_of_several_photographs(tpvis, tmp_path, pictures):
    code, out, _ = tpvis("explain", "dalmatian", "-m", "gradient,grad_cam", "--box")
    assert code == 0
    assert [line.split(":")[0] for line in out.splitlines() if line.startswith("box")] == [
        *("box of gradient", "box of grad_cam")
    ]
    code, _, _ = tpvis("explain", "pictures", "-m", "grad_cam", "--save-crop", "crops", "--save-cutout", "cut")
    assert code == 0
    for folder in ("crops", "cut"):
        assert sorted(path.name for path in (tmp_path / folder).iterdir()) == ["a.png", "a_2.png", "b.png"]

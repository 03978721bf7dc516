import subprocess
import sys

import numpy as np
import PIL.Image
import pytest

from tp_visualisation import cli, load_classifier, load_image, saliency, sample_images


@pytest.fixture
def tpvis(monkeypatch, capsys, tmp_path):
    """Run a command line in an empty folder; return its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tpvis", *map(str, arguments)])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        captured = capsys.readouterr()
        return exit_info.value.code or 0, captured.out, captured.err

    return run


def test_help_answers_without_tensorflow():
    code = "import sys, tp_visualisation.cli; print('tensorflow' in sys.modules, 'keras' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["False", "False"]


def test_help_shows_a_command_to_try(tpvis):
    code, out, _ = tpvis("--help")
    assert code == 0
    assert "tpvis explain dalmatian" in out


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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.jpg"], 'no file "missing.jpg"'),
        (["dalmatien"], '"dalmatian"'),
        (["dalmatian", "--target", "tarantulla", "-m", "gradient"], '"tarantula"'),
        (["dalmatian", "--target", "crane", "-m", "gradient"], "n03126707"),
        (["dalmatian", "-m", "grad_can"], "Closest"),
        (["dalmatian", "--network", "resnet51"], '"resnet50"'),
        (["dalmatian", "-o", "figure.foo"], "suffix"),
        (["dalmatian", "-o", "nowhere/figure.png"], "does not exist"),
        (["dalmatian", "--save-map", "m.png"], ".npy"),
        (["dalmatian", "--cmap", "jett"], '"jet"'),
        (["dalmatian", "--engine", "cuda"], "engine must be one of"),
        (["dalmatian", "--weights", "w.weights.h5"], "no weights file"),
        (["dalmatian", "--n-masks", "0"], "at least 1"),
        (["text.png"], "not an image"),
        (["."], "is a folder"),
    ],
)
def test_bad_input_gives_one_line_and_exit_code_2_and_writes_nothing(tpvis, tmp_path, arguments, message):
    (tmp_path / "text.png").write_text("not a picture")
    code, _, err = tpvis("explain", *arguments)
    assert code == 2
    assert err.startswith("tpvis: ")
    assert len(err.strip().splitlines()) == 1
    assert message in err
    assert [path.name for path in tmp_path.iterdir()] == ["text.png"]


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
        (["-m", "deepfool", "--epsilon", "2"], "takes no --epsilon"),
        (["-m", "fgsm", "--epsilon", "-1"], "epsilon"),
        (["--to", "stingray", "--save-image", "fooled.jpg"], ".png"),
    ],
)
def test_attack_refuses_bad_input_in_one_line(tpvis, tmp_path, arguments, message):
    code, _, err = tpvis("attack", "dalmatian", *arguments)
    assert code == 2
    assert len(err.strip().splitlines()) == 1
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_class_is_drawn_as_a_row_of_pictures_or_an_animation(tpvis):
    code, out, _ = tpvis("visualise-class", "tarantula", "--iterations", 4, "-o", "spider.gif")
    assert code == 0
    assert out.startswith("tarantula: score")
    assert PIL.Image.open("spider.gif").n_frames == 4
    assert tpvis("visualise-class", "bald eagle", "--iterations", 2, "--init-image", "dalmatian")[0] == 0
    assert PIL.Image.open("bald_eagle.png").width > 300


def test_unknown_class_is_not_drawn(tpvis, tmp_path):
    code, _, err = tpvis("visualise-class", "tarantulla")
    assert code == 2
    assert '"tarantula"' in err
    assert list(tmp_path.iterdir()) == []


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


def test_samples_networks_and_doctor_say_what_is_here(tpvis):
    _, out, _ = tpvis("samples")
    assert len(out.splitlines()) == 20
    _, out, _ = tpvis("networks")
    assert "efficientnet_lite0   here" in out
    assert "resnet50v2" in out
    code, out, _ = tpvis("doctor")
    assert code == 0
    assert "seen as dalmatian" in out
    assert "\nfor explain      openvino in bf16\n" in out or "\nfor explain      the same" in out


def test_evaluate_prints_the_table_and_writes_rows_tables_and_figure_and_goes_on_where_it_was(tpvis, tmp_path):
    command = [
        "evaluate", "samples", "--methods", "gradient,grad_cam", "--metrics", "density,time", "--limit", 2,
        "-o", "r.csv", "--figure", "f.png", "--markdown", "t.md", "--latex", "t.tex",
    ]  # fmt: skip
    code, out, _ = tpvis(*command)
    assert code == 0
    assert "density positive ↑" in out
    assert "samples, 2 images" in out
    rows = (tmp_path / "r.csv").read_text()
    assert len(rows.splitlines()) == 1 + 2 * 2 * 3
    assert (tmp_path / "t.md").read_text().startswith("| method | density positive ↑")
    assert r"\toprule" in (tmp_path / "t.tex").read_text()
    assert PIL.Image.open("f.png").width > 300
    assert tpvis(*command)[1] == out
    assert (tmp_path / "r.csv").read_text() == rows

    code, _, err = tpvis(*command, "--seed", 1)
    assert code == 2
    assert "rows of another run" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], 'no data set "nowhere"'),
        (["."], "is empty"),
        (["samples", "-m", "grad_can"], '"grad_cam"'),
        (["samples", "-m", ","], "no method given"),
        (["samples", "--metrics", "deleton"], '"deletion"'),
        (["samples", "--metrics", "pointing"], "needs boxes"),
        (["samples", "--network", "resnet51"], '"resnet50"'),
        (["samples", "-o", "results"], ".csv or .parquet"),
        (["samples", "-o", "nowhere/r.csv"], "does not exist"),
        (["samples", "--figure", "f.foo"], "suffix"),
        (["samples", "--latex", "nowhere/t.tex"], "does not exist"),
        (["samples", "--limit", "0"], "limit"),
        (["samples", "--target", "first"], "predicted"),
        (["samples", "--workers", "0"], "workers"),
        (["samples", "--split", "val"], "Pascal VOC"),
    ],
)
def test_evaluate_refuses_bad_input_in_one_line_and_writes_nothing(tpvis, tmp_path, arguments, message):
    code, _, err = tpvis("evaluate", *arguments)
    assert code == 2
    assert err.startswith("tpvis: ")
    assert len(err.strip().splitlines()) == 1
    assert message in err
    assert list(tmp_path.iterdir()) == []

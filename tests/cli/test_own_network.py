"""The options that say which network, which four commands share: a network of one's own, its function, its output."""

import inspect
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import PIL.Image
import pytest
from keras import layers

from tp_visualisation import load_image
from tp_visualisation.cli.app import attack, evaluate, explain, visualise_class
from tp_visualisation.cli.evaluate import _make_classifier
from tp_visualisation.cli.options import DEFAULTS, NetworkOptions
from tp_visualisation.cli.running import load, with_whole_paths

SIZE = (24, 32)
COLOURS = {"sea": (30, 30, 220), "sun": (220, 200, 30), "rose": (220, 30, 60)}


def colour_network(activation=None, **options):
    """Scores that add up to 1 in no image: how near the mean colour is to that of the sea, the sun and a rose."""
    inputs = keras.Input((*SIZE, 3), **options)
    scores = layers.Dense(3, name="colours")
    x = scores(layers.GlobalAveragePooling2D()(inputs))
    scores.set_weights([np.array(list(COLOURS.values())).T / 255, -np.array([0.4, 0.7, 0.4])])
    return inputs, (layers.Activation(activation)(x) if activation else x)


@pytest.fixture
def folder(tpvis, tmp_path):
    """The current folder: a photograph for each class, the network in three shapes, names, a function."""
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (tmp_path / "data" / name).mkdir(parents=True)
        for number in range(2):
            image = (np.array(colour) + rng.integers(-20, 20, (*SIZE, 3))).clip(0, 255).astype(np.uint8)
            PIL.Image.fromarray(image).save(tmp_path / "data" / name / f"{number}.png")
    inputs, outputs = colour_network()
    keras.Model(inputs, outputs).save("mine.keras")
    keras.Model(inputs, outputs).export("graph", verbose=False)
    keras.Model(inputs, {"mean": layers.GlobalAveragePooling2D()(inputs), "colours": outputs}).save("two.keras")
    (tmp_path / "names.txt").write_text("\n".join(COLOURS))
    (tmp_path / "scaling.py").write_text("def scale(images):\n    return images / 255 * 3\n")
    yield tmp_path
    sys.modules.pop("scaling", None)


OWN = ["--labels", "names.txt", "--preprocess", "scaling:scale"]


def first(out):
    """The class printed first."""
    return out.splitlines()[0].split()[-1]


@pytest.mark.parametrize("network", [["mine.keras"], ["graph", "--trust"], ["two.keras", "--model-output", "colours"]])
@pytest.mark.parametrize("name", COLOURS)
def test_explain_sees_the_colour_through_any_shape_of_the_network(name, network, folder, tpvis):
    command = ["explain", f"data/{name}/1.png", "-m", "gradient", *OWN, "--network"]
    code, out, err = tpvis(*command, *network)
    assert code == 0, err
    assert first(out) == name
    assert (folder / "1_gradient.png").is_file()


def test_the_other_commands_take_the_same_network(folder, tpvis):
    own = ["--network", "graph", "--trust", *OWN]
    code, out, err = tpvis("attack", "data/sea/0.png", "--method", "fgsm", "--epsilon", "250", "--to", "rose", *own)
    assert code == 0, err
    assert "sea" in out
    code, out, err = tpvis("visualise-class", "sun", "--n-steps", 2, *own)
    assert code == 0, err
    assert out.startswith("sun: score")


def test_activation_says_what_the_outputs_are(folder, tpvis):
    command = ["explain", "data/sun/0.png", "-m", "gradient", "--network", "mine.keras", *OWN]
    shares = {}
    for activation in ("softmax", "Sigmoid"):
        code, out, err = tpvis(*command, "--activation", activation)
        assert code == 0, err
        shares[activation] = sum(float(line.split("%")[0]) for line in out.splitlines()[:3])
    assert shares["softmax"] == pytest.approx(100, abs=0.02)
    assert shares["Sigmoid"] > 110
    outputs = load(NetworkOptions("mine.keras", preprocess="scaling:scale")).scores(load_image("data/sun/0.png"))[0]
    code, out, err = tpvis(*command, "--activation", "none")
    assert code == 0, err
    told = {line.split()[-1]: float(line.split()[0]) for line in out.splitlines()[:3]}
    assert list(told) == [list(COLOURS)[index] for index in np.argsort(-outputs)]
    np.testing.assert_allclose([told[name] for name in COLOURS], outputs, rtol=1e-3)


def test_evaluate_judges_a_network_of_ones_own_on_pictures_with_its_own_classes(folder, tpvis):
    command = ["evaluate", "data", "-m", "gradient", "--metrics", "density", *OWN, "--network"]
    for network in (["mine.keras"], ["graph", "--trust"]):
        rows = folder / f"{network[0]}.csv"
        code, out, err = tpvis(*command, *network, "-o", rows)
        assert code == 0, err
        assert f"data, 6 images, {network[0]}" in out
        lines = [line.split(",") for line in rows.read_text(encoding="utf-8").splitlines() if ",gradient," in line]
        assert len({line[0] for line in lines}) == 6
    code, _, err = tpvis(*command, "mine.keras", "--preprocess", "[0,1]", "-o", folder / "mine.keras.csv")
    assert code == 2
    assert "rows of another run" in err


def test_workers_make_the_same_network(folder, tpvis):
    pytest.importorskip("distributed")
    command = ["evaluate", "data", "-m", "gradient", "--metrics", "density", *OWN, "--network", "graph", "--trust"]
    code, _, err = tpvis(*command, "-o", "alone.csv")
    assert code == 0, err
    code, _, err = tpvis(*command, "--workers", 1, "-o", "shared.csv")
    assert code == 0, err
    assert sorted((folder / "shared.csv").read_text(encoding="utf-8").splitlines()[1:]) == sorted(
        (folder / "alone.csv").read_text(encoding="utf-8").splitlines()[1:]
    )


def test_a_worker_in_another_folder_finds_everything(folder, monkeypatch, tmp_path_factory):
    given = NetworkOptions("graph", labels=Path("names.txt"), preprocess="scaling:scale", trust=True)
    there = with_whole_paths(given)
    assert there.name == str(folder / "graph")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    classifier = _make_classifier(there, "tensorflow", 0, folder)
    assert [entry.label for entry in classifier.labels] == list(COLOURS)
    assert classifier.preprocess(255) == 3
    sys.modules.pop("scaling")
    with pytest.raises(ValueError, match='no module "scaling", neither in .*elsewhere'):
        _make_classifier(there, "tensorflow", 0, Path.cwd())


def test_names_stay_names_where_folders_are_called_so(folder, monkeypatch):
    for name in ("imagenet", "none", "vgg16"):
        (folder / name).mkdir()
    for name in ("imagenet", "None"):
        assert with_whole_paths(NetworkOptions("vgg16", name))[:2] == ("vgg16", name)
    assert with_whole_paths(NetworkOptions("./vgg16")).name == str(folder / "vgg16")
    assert with_whole_paths(NetworkOptions("vgg16", "w.h5")).weights == str(folder / "w.h5")
    assert load(DEFAULTS._replace(weights="ImageNet")).name == "efficientnet_lite0"
    assert load(DEFAULTS._replace(weights="none")).name == "efficientnet_lite0"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--weights", "data"], 'data" are a folder: the path of a file'),
        (["--weights", "gone.h5"], 'gone.h5".'),
        (["--network", "data"], 'data" is a folder without saved_model.pb'),
        (["--network", "graph"], "if you trust whoever made it, say so (trusted=True; --trust"),
        (["--network", "graph", "--trust", "--weights", "none"], "leave weights out"),
        (["--network", "two.keras"], "choose one of them, output='mean'"),
        (["--network", "two.keras", "--model-output", "colour"], "no output 'colour'"),
        (["--network", "mine.keras", "--preprocess", "scaling:scala"], 'has no function "scala"'),
        (["--network", "mine.keras", "--preprocess", "names:scale"], 'no module "names"'),
        (["--network", "mine.keras", "--activation", "relu"], 'activation must be "auto", "softmax", "sigmoid" or'),
        (["--preprocess", "scaling:scale"], "preprocess is for a network of your own"),
    ],
)
def test_mistakes_are_said_by_every_command_before_anything_is_written(options, message, folder, refused):
    before = sorted(folder.rglob("*.*"))
    for command in (["explain", "data/sun/0.png"], ["attack", "data/sun/0.png", "-m", "pgd"], ["evaluate", "data"]):
        assert message in refused(*command, *options)
    assert message in refused("visualise-class", "1", *options)
    assert [path for path in sorted(folder.rglob("*.*")) if "__pycache__" not in str(path)] == before


def test_four_commands_have_the_options_and_the_same_ones():
    expected = {name: NetworkOptions._field_defaults[name] for name in NetworkOptions._fields}
    for command in (attack, evaluate, explain, visualise_class):
        parameters = inspect.signature(command).parameters
        assert {name: parameters[name].default for name in expected} == expected
        assert inspect.getdoc(command)
        assert "network" not in parameters


@pytest.mark.parametrize("backend", ["torch", "jax", "no_such_thing"])
def test_another_backend_of_keras_is_one_sentence_whether_it_is_installed_or_not(backend, tmp_path):
    sentence = (
        f'Keras is told to run on "{backend}" (KERAS_BACKEND), and gradients are taken with TensorFlow: set the '
        'environment variable KERAS_BACKEND to "tensorflow", or unset it, before Python starts.'
    )
    environment = {**os.environ, "KERAS_BACKEND": backend}

    def run(*arguments):
        command = [sys.executable, *arguments]
        return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)

    result = run("-m", "tp_visualisation.cli", "explain", "dalmatian")
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1] == f"tpvis: {sentence}"
    assert "Traceback" not in result.stderr
    code = "import tp_visualisation as tpv; tpv.load_image; tpv.load_classifier()"
    assert run("-c", code).stderr.splitlines()[-1] == f"ValueError: {sentence}"
    assert run("-m", "tp_visualisation.cli", "samples").returncode == 0


def test_a_backend_in_the_file_of_keras_is_one_sentence_too(tmp_path, monkeypatch):
    from tp_visualisation.checks import check_backend

    monkeypatch.setattr(sys, "modules", {name: module for name, module in sys.modules.items() if name != "keras"})
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    check_backend()
    for text in ("{", "[]", '{"backend": "tensorflow"}', "{}"):
        (tmp_path / "keras.json").write_text(text)
        check_backend()
    (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    with pytest.raises(
        ValueError, match=r'"jax" \(.*keras.json\).* KERAS_BACKEND to "tensorflow" before Python starts'
    ):
        check_backend()
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    check_backend()

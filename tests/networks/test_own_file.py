"""A network of one's own, from the file that Keras saved it in: in Python and at the shell."""

import sys

import keras
import numpy as np
import PIL.Image
import pytest
from keras import layers

import tp_visualisation as tpv
from tp_visualisation import cli

SIZE = (24, 32)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((*SIZE, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(6, 3, activation="relu")(inputs))
    return keras.Model(inputs, layers.Dense(3, activation="softmax", kernel_initializer="normal")(x))


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (*SIZE, 3), dtype=np.uint8)


INPUTS = {
    "none": lambda x: x,
    "[0,1]": lambda x: x / 255,
    "[-1, 1]": lambda x: x / 127.5 - 1,
    "imagenet": lambda x: (x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225],
}


@pytest.mark.parametrize("preprocess", INPUTS)
@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_saved_model_answers_as_the_model_does(suffix, preprocess, model, image, tmp_path):
    path = tmp_path / f"mine{suffix}"
    model.save(path)
    classifier = tpv.load_classifier(path, labels=["sea", "sun", "sand"], preprocess=preprocess)
    expected = model(INPUTS[preprocess](image[None].astype(np.float64)).astype(np.float32))
    np.testing.assert_allclose(classifier.probabilities(image), expected, rtol=1e-4)
    assert (classifier.name, classifier.labels[1].label) == ("mine", "sun")
    assert np.isfinite(tpv.saliency.grad_cam(classifier, image, "sand")).all()
    assert np.isfinite(tpv.saliency.gradient(tpv.load_classifier(str(path), preprocess=lambda x: x / 9), image)).all()


def test_what_cannot_be_read_is_refused_in_one_sentence(model, tmp_path):
    with pytest.raises(FileNotFoundError, match=r'network file ".*none.keras" does not exist'):
        tpv.load_classifier(tmp_path / "none.keras")
    (tmp_path / "folder.keras").mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        tpv.load_classifier(tmp_path / "folder.keras")
    for content in (b"", b"no model", b"PK\x03\x04 cut short"):
        (tmp_path / "damaged.keras").write_bytes(content)
        with pytest.raises(ValueError, match="is not a model that Keras can read"):
            tpv.load_classifier(tmp_path / "damaged.keras")
    model.save(tmp_path / "mine.keras")
    with pytest.raises(ValueError, match='preprocess must be "none", .* or "imagenet", got'):
        tpv.load_classifier(tmp_path / "mine.keras", preprocess="[0,2]")
    with pytest.raises(ValueError, match='labels is for a network of your own, given as a file; "vgg16"'):
        tpv.load_classifier("vgg16", None, labels=["cat"])


def test_code_in_a_file_runs_only_where_it_is_trusted(image, tmp_path):
    inputs = keras.Input((*SIZE, 3))
    x = layers.Lambda(lambda x: x / 255, output_shape=(*SIZE, 3))(inputs)
    keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x))).save(tmp_path / "code.keras")
    with pytest.raises(ValueError, match="holds Python code .a Lambda layer.*trusted=True"):
        tpv.load_classifier(tmp_path / "code.keras")
    assert tpv.load_classifier(tmp_path / "code.keras", trusted=True).scores(image).shape == (1, 2)


@pytest.fixture
def tpvis(monkeypatch, capsys, tmp_path, model, image):
    monkeypatch.chdir(tmp_path)
    model.save("mine.keras")
    PIL.Image.fromarray(image).save("photo.png")
    (tmp_path / "names.txt").write_text("\ufeffsea\n\nsun\nsand\n", encoding="utf-8")

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["tpvis", *arguments])
        with pytest.raises(SystemExit) as exit_info:
            cli.main()
        captured = capsys.readouterr()
        return exit_info.value.code or 0, captured.out, captured.err

    return run


def test_at_the_shell(tpvis, tmp_path):
    own = ["--network", "mine.keras", "--labels", "names.txt", "--preprocess", "[0,1]"]
    code, out, err = tpvis("explain", "photo.png", "-m", "grad_cam", "--target", "sand", *own)
    assert code == 0, err
    assert {line.split()[-1] for line in out.splitlines()[:3]} == {"sea", "sun", "sand"}
    assert (tmp_path / "photo_grad_cam.png").is_file()
    code, out, err = tpvis("attack", "photo.png", "--method", "pgd", *own)
    assert code == 0, err
    assert "largest change" in out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--network", "gone.keras"], "does not exist"),
        (["--network", "mine.keras", "--labels", "gone.txt"], "there is no file"),
        (["--network", "mine.keras", "--labels", "photo.png"], "is not a text file in UTF-8"),
        (["--network", "mine.keras", "--preprocess", "caffe"], "preprocess must be"),
        (["--network", "photo.png"], 'no network "photo.png"'),
        (["--labels", "names.txt"], "labels is for a network of your own"),
    ],
)
def test_mistakes_at_the_shell_are_one_line(options, sentence, tpvis):
    code, _, err = tpvis("explain", "photo.png", "-m", "gradient", *options)
    assert code == 2
    assert sentence in err
    assert len(err.strip().splitlines()) == 1

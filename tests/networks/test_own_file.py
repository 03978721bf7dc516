"""A network of one's own, from the file that Keras saved it in: in Python and at the shell."""

import sys

import keras
import numpy as np
import PIL.Image
import pytest
from keras import layers

import tp_visualisation as tpv
from tp_visualisation import cli
from tp_visualisation.networks import own_file

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
    with pytest.raises(
        ValueError, match="is a folder without saved_model.pb: give a .keras or .h5 file, or the folder"
    ):
        tpv.load_classifier(tmp_path / "folder.keras")
    for content in (b"", b"no model", b"PK\x03\x04 cut short"):
        (tmp_path / "damaged.keras").write_bytes(content)
        with pytest.raises(ValueError, match="is not a model that Keras can read"):
            tpv.load_classifier(tmp_path / "damaged.keras")
    model.save(tmp_path / "mine.keras")
    with pytest.raises(ValueError, match='preprocess must be "none", .*, "imagenet" or "module:function", got .*0,2'):
        tpv.load_classifier(tmp_path / "mine.keras", preprocess="[0,2]")
    for option, value in {"labels": ["cat"], "activation": None, "output": 0, "preprocess": "none"}.items():
        with pytest.raises(ValueError, match=f'{option} is for a network of your own, given as a file; "vgg16"'):
            tpv.load_classifier("vgg16", None, **{option: value})


def test_a_file_brings_its_own_weights(model, tmp_path, monkeypatch):
    model.save(tmp_path / "mine.keras")
    for weights in (None, "mine.weights.h5", tmp_path / "imagenet"):
        with pytest.raises(
            ValueError, match=r'weights are for .* by its name, and ".*mine.keras" .* leave weights out'
        ):
            tpv.load_classifier(tmp_path / "mine.keras", weights)
    assert tpv.load_classifier(tmp_path / "mine.keras", "imagenet").name == "mine"


def test_what_is_called_like_a_network_is_the_network(model, tmp_path, monkeypatch):
    from tp_visualisation.networks import is_own_network

    monkeypatch.chdir(tmp_path)
    for folder in ("vgg16", "VGG 16", "mine", "mine.v2"):
        (tmp_path / folder).mkdir()
    (tmp_path / "file").touch()
    own = ["./vgg16", "mine", "mine.v2", "mine/", ".", "x.keras", "X.H5", "a/b", tmp_path / "vgg16"]
    assert [is_own_network(name) for name in own] == [True] * len(own)
    named = ["vgg16", "VGG16", "Efficientnet lite0", "resnet5O", "file", "", 5, None]
    assert [is_own_network(name) for name in named] == [False] * len(named)
    with pytest.raises(ValueError, match="is a folder without saved_model.pb"):
        tpv.load_classifier("mine", trusted=True)


def test_each_preprocess_has_a_name_of_its_own():
    """By which a benchmark knows whether the rows that it finds are of the same network."""
    functions = [function for function in own_file.PREPROCESS.values() if function]
    assert len({function.__qualname__ for function in functions}) == len(functions) == 3


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """A folder with modules to take functions from, which is the current one; they are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    texts = {
        "halved": "from beside import TWO\n\ndef halve(images):\n    return images / TWO\n\nNUMBER = 5\n",
        "beside": "TWO = 2\n\nclass Three:\n    @staticmethod\n    def third(images):\n        return images / 3\n",
        "broken": "1 / 0\n",
        "leaving": "raise SystemExit('bye')\n",
        "needing": "import not_there_at_all\n",
        "written_badly": "def f(:\n",
        "silent": "raise RuntimeError\n",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text)
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield tmp_path
    for name in texts:
        sys.modules.pop(name, None)


def test_a_function_is_found_by_module_and_name(modules, model, image):
    before = list(sys.path)
    model.save("mine.keras")
    classifier = tpv.load_classifier("mine.keras", preprocess="halved:halve")
    np.testing.assert_allclose(classifier.prepare(image)[0], image / 2)
    assert own_file.find_preprocess("beside : Three.third")(6) == 2
    assert own_file.find_preprocess("keras.applications.vgg16:preprocess_input").__name__ == "preprocess_input"
    assert own_file.find_preprocess("None") is own_file.find_preprocess(None) is None
    assert sys.path == before


def test_the_folder_of_a_module_may_be_given(modules, monkeypatch):
    monkeypatch.chdir("/")
    with pytest.raises(ValueError, match='no module "halved", neither in / nor'):
        own_file.find_preprocess("halved:halve")
    assert own_file.find_preprocess("halved:halve", modules)(6) == 3


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("nowhere:scale", 'there is no module "nowhere", neither in .* nor among those installed'),
        ("halved.deeper:scale", '"halved" fails|no module "halved.deeper"'),
        ("halved:scale", 'the module "halved" .*halved.py. has no function "scale"'),
        ("halved:NUMBER", '"halved:NUMBER" must be a function, got int 5'),
        ("broken:scale", 'the module "broken" fails when it is imported: ZeroDivisionError: division by zero'),
        ("leaving:scale", 'the module "leaving" fails when it is imported: SystemExit: bye'),
        ("needing:scale", 'the module "needing" fails when it is imported: ModuleNotFoundError: .*not_there_at_all'),
        ("written_badly:scale", 'the module "written_badly" fails when it is imported: SyntaxError'),
        ("silent:scale", 'the module "silent" fails when it is imported: RuntimeError'),
        ("halved:", '"module:function", as in "my_module:my_function", got "halved:"'),
        (":halve", '"module:function"'),
        ("halved.py:halve", 'no module "halved.py"'),
        ("./halved:halve", '"module:function"'),
    ],
)
def test_a_function_that_is_not_found_is_one_sentence(text, sentence, modules):
    before = list(sys.path)
    with pytest.raises(ValueError, match=sentence) as caught:
        own_file.find_preprocess(text)
    assert len(str(caught.value).splitlines()) == 1
    assert sys.path == before


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize("nested", [False, True])
def test_code_in_a_file_runs_only_where_it_is_trusted(suffix, nested, image, tmp_path, monkeypatch):
    inputs = keras.Input((*SIZE, 3))
    scaled = layers.Lambda(lambda x: x / 255, output_shape=(*SIZE, 3))
    x = keras.Sequential([inputs, scaled])(inputs) if nested else scaled(inputs)
    path = tmp_path / f"code{suffix}"
    keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling2D()(x))).save(path)
    assert tpv.load_classifier(path, trusted=True).scores(image).shape == (1, 2)
    with pytest.raises(ValueError, match="holds Python code .a Lambda layer.*trusted=True"):
        tpv.load_classifier(path)
    if suffix == ".h5":  # that Keras refuses it too is new in 3.11.3
        monkeypatch.setattr(keras.saving, "load_model", lambda *args, **options: pytest.fail("it was loaded"))
        with pytest.raises(ValueError, match="holds Python code .a Lambda layer.*trusted=True"):
            tpv.load_classifier(path)


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
        (["--network", "mine.keras", "--weights", "none"], "leave weights out"),
        (["--network", "mine.keras", "--weights", "w.h5"], 'leave weights out, got "w.h5"'),
        (["--network", "mine.keras", "--activation", "relu"], 'activation must be "auto"'),
        (["--network", "mine.keras", "--model-output", "3"], "no output 3"),
        (["--network", "mine.keras", "--preprocess", "nowhere:scale"], 'there is no module "nowhere"'),
        (["--activation", "none"], "activation is for a network of your own"),
        (["--model-output", "0"], "output is for a network of your own"),
        (["--network", "gone.keras"], "does not exist"),
        (["--network", "mine.keras", "--labels", "gone.txt"], "there is no file"),
        (["--network", "mine.keras", "--labels", "photo.png"], "is not a text file in UTF-8"),
        (["--network", "mine.keras", "--preprocess", "caffe"], "preprocess must be"),
        (["--network", "photo.png"], '"photo.png" must end in .keras or .h5'),
        (["--labels", "names.txt"], "labels is for a network of your own"),
    ],
)
def test_mistakes_at_the_shell_are_one_line(options, sentence, tpvis):
    code, _, err = tpvis("explain", "photo.png", "-m", "gradient", *options)
    assert code == 2
    assert sentence in err
    assert len(err.strip().splitlines()) == 1

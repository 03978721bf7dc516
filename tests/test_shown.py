"""What is shown to a reader works: examples in docstrings, Python and command lines in README and docs."""

import doctest
import importlib
import inspect
import re
import shlex
from pathlib import Path

import keras
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
import pytest
import typer

import tp_visualisation as tpv
from tp_visualisation.cli.app import app
from tp_visualisation.labels import imagenet_labels

ROOT = Path(__file__).parent.parent
PAGES = ["README.md", *(f"docs/{name}.md" for name in ("index", "photograph", "own_network", "explorer"))]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in ROOT.glob("tp_visualisation/**/*.py")
    if ">>>" in path.read_text(encoding="utf-8")
)
SHELL = re.compile(r"^```\n(.*?)^```", re.DOTALL | re.MULTILINE)
LOAD = tpv.load_classifier
SIGNATURES = {"load_classifier": inspect.signature(LOAD), "explore": inspect.signature(tpv.explore)}


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name):
    run = doctest.testmod(importlib.import_module(name))
    assert run.attempted
    assert not run.failed


def test_there_are_examples_in_docstrings():
    assert {"tp_visualisation.loading", "tp_visualisation.maps", "tp_visualisation.quadtree"} <= set(MODULES)


def network(n_classes, activation="softmax"):
    """A network that is as quick as can be, with layers enough to shuffle."""
    inputs = x = keras.Input((32, 32, 3))
    for _ in range(4):
        x = keras.layers.Conv2D(4, 3, strides=2, padding="same", activation="softplus")(x)
    x = keras.layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, keras.layers.Dense(n_classes, activation=activation)(x))


@pytest.fixture
def place(tmp_path, monkeypatch, dalmatian):
    """A folder with the files that the pages speak of; the names that they do not make. The network is a small one."""
    keras.utils.set_random_seed(0)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "holiday").mkdir()
    for path in ("photo.jpg", "elephant.jpg", "holiday/one.jpg"):
        PIL.Image.fromarray(dalmatian).resize((64, 48)).save(path)
    (tmp_path / "my_module.py").write_text("def scale(images):\n    return images / 255\n", encoding="utf-8")
    network(2).save("my.keras")
    network(2).export("exported", verbose=False)
    small = tpv.Classifier(network(1000), lambda images: images / 255, imagenet_labels())

    def load_classifier(*args, **options):
        asked = SIGNATURES["load_classifier"].bind(*args, **options).arguments
        return LOAD(*args, **options) if Path(asked.get("name", "")).suffix or "trusted" in asked else small

    monkeypatch.setattr(tpv, "load_classifier", load_classifier)
    monkeypatch.setattr(tpv, "explore", lambda *args, **options: SIGNATURES["explore"].bind(*args, **options))
    inputs = keras.Input((32, 32, 3))
    segmenter = tpv.Classifier(keras.Model(inputs, keras.layers.Conv2D(3, 1)(inputs)))
    yield {
        "clf": small,
        "image": tpv.load_image("photo.jpg"),
        "my_model": network(2),
        "segmenter": segmenter,
        "ask_my_service": lambda images: np.full((len(images), 2), 0.5, np.float32),
        "names": ["cat", "dog"],
        "boxes": [(2, 2, 20, 20)],
        "m": np.random.default_rng(0).random((48, 64)).astype(np.float32),
    }
    plt.close("all")


@pytest.mark.parametrize("page", PAGES)
def test_python_on_a_page_runs(place, page):
    shown = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    names = {}
    for block in shown:  # each begins with the ImageNet network, and has the imports of those before
        names |= place
        exec(compile(block, page, "exec"), names)


@pytest.mark.parametrize("page", [*PAGES, "docs/cluster.md", "LISEZMOI.md", "docs/index.fr.md"])
def test_command_lines_on_a_page_can_be_read(page):
    blocks = "\n".join(SHELL.findall((ROOT / page).read_text(encoding="utf-8"))).replace("\\\n", " ")
    shown = [shlex.split(line, comments=True) for line in blocks.splitlines() if line.startswith("tpvis ")]
    assert shown or page == "LISEZMOI.md"
    for _, *words in shown:
        _read(words)


@pytest.mark.skipif(not (ROOT / "Makefile").is_file(), reason="an sdist has neither Makefile nor tools")
def test_commands_of_the_repository_exist():
    """What is told to be run, or is run by CI: targets of make, programs with their options, extras of pip."""
    paths = [ROOT / ".ci" / "run", *ROOT.glob(".github/**/*.*"), *ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    for path in paths:
        if path.is_file() and path.name != "CHANGELOG.md":
            assert not _gone(path.read_text(encoding="utf-8")), path


@pytest.mark.skipif(not (ROOT / "Makefile").is_file(), reason="an sdist has neither Makefile nor tools")
def test_a_command_of_the_repository_that_does_not_exist_is_seen():
    bad = "`make no LAB=x`\n  - run: make none\n```\nmake nothing # it\n```\n`python tools/no.py`,\n"
    bad += '`python tools/course.py grade --no`, `pip install ".[lab,nought]"`'
    assert _gone(bad) == {"no", "none", "nothing", "tools/no.py", "--no", "nought"}
    assert not _gone("`make test`, to make it, `python tools/course.py grade --again`, `python -m pytest`")


def _gone(said):
    """The names in commands that nothing here has."""
    makefile, pyproject = ((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", "pyproject.toml"))
    targets = set(re.findall(r"(?:`|^|run: )make ([a-z][\w-]*)", said, re.MULTILINE))
    programs = re.findall(r"\bpython3? ((?:tools|docs|tests|benchmarks)/[\w/]+\.py)([^`\n#]*)", said)
    texts = {path: (ROOT / path).read_text(encoding="utf-8") for path, _ in programs if (ROOT / path).is_file()}
    options = [(path, word) for path, rest in programs for word in re.findall(r"--[a-z-]+", rest)]
    extras = {name for names in re.findall(r"\[([a-z]+(?:,[a-z]+)*)\]\"", said) for name in names.split(",")}
    return {
        *(target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)),
        *({path for path, _ in programs} - set(texts)),
        *(word for path, word in options if path in texts and f'"{word}"' not in texts[path]),
        *(extra for extra in extras if not re.search(rf"^{extra} = \[", pyproject, re.MULTILINE)),
    }


def test_a_command_line_that_cannot_be_read_is_seen():
    with pytest.raises(Exception, match="--no-such"):
        _read(["explain", "dalmatian", "--no-such"])


def _read(words):
    """Let the command take its arguments and options, and do nothing with them."""
    command, (name, *rest) = typer.main.get_command(app), words
    command.commands[name].make_context(name, rest)

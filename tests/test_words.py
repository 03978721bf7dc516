"""One word for one notion in every public signature, and one description for one option: CONTRIBUTING.md's table."""

import ast
import inspect
import re
from pathlib import Path

import pytest

import tp_visualisation as tpv

ROOT = Path(__file__).parent.parent
ROOMS = ["saliency", "adversarial", "class_model", "evaluation", "plotting", "quadtree", "course"]
FILES = sorted((ROOT / "tp_visualisation").rglob("*.py"))

OTHER_WORDS = {  # what is not said → what is said instead
    **dict.fromkeys(["steps", "iterations", "max_iterations", "n_iterations", "iteration", "max_steps"], "n_steps"),
    **dict.fromkeys(["step", "learning_rate", "lr", "alpha", "eta"], "step_size, or stride of a window"),
    **dict.fromkeys(["eps", "radius", "strength"], "epsilon for the radius of an attack, floor for a small number"),
    **dict.fromkeys(["logits", "output_scores", "preds", "score"], "scores or probabilities"),
    **dict.fromkeys(["verbose", "show_progress"], "progress"),
    **dict.fromkeys(["precision", "backend"], "engine"),
    **dict.fromkeys(["batch", "chunk", "chunk_size"], "batch_size"),
    **dict.fromkeys(["num_samples", "n_sample", "samples"], "n_samples"),
    **dict.fromkeys(["octaves", "workers", "n_cells"], "n_octaves, n_workers, grid_size"),
    **dict.fromkeys(["confidence", "ratio"], "min_probability, pre_filter"),
}
ALLOWED = {  # where a word means another thing
    **dict.fromkeys(
        [(f"Classifier.{run}", "step") for run in ("run", "run_each", "run_exact", "run_backward")], "a step function"
    ),
    ("overlay", "alpha"): "the weight of the heatmap, matplotlib's word",
    ("Snapshot", "step"): "which step it is",
    ("Snapshot", "score"): "a score, before the softmax",
    ("SweepResult", "score"): "a score, before the softmax",
}
EPSILON = {"fgsm", "pgd"}  # the attacks with a radius: nothing else is called so

WORDING = {  # option → how its description begins, wherever it is described
    "classifier": ["`Classifier`", "the other `Classifier`"],
    "seed": ["integer; the same seed ", "integer, "],
    "progress": ["show a progress bar on stderr "],
    "title": ["line above"],
    "cmap": ["name of a matplotlib colour map; None as in `colourise`."],
    "noise": [
        "array (n, h, w, 3) of standard normal numbers at the network's input size, used instead of the seed's: "
    ],
    "batch_size": [
        f"{things} "
        for things in ("images", "inputs", "windows", "gradients", "noisy copies", "masked images", "blended images")
    ],
}
RUNS = {
    "Classifier.run",
    "Classifier.run_each",
    "Classifier.run_exact",
    "Classifier.run_backward",
}  # which take any arrays and options
IMAGE = "RGB array (H, W, 3), values in [0, 255]."
TARGET = re.compile(r"class to \w+: index, label or WordNet id\b")


def _public():
    """Every public function and every named tuple, with its name."""
    for room in [tpv, *(getattr(tpv, name) for name in ROOMS)]:
        for name in getattr(room, "__all__", None) or [name for name in vars(room) if not name.startswith("_")]:
            thing = getattr(room, name)
            if callable(thing) and getattr(thing, "__module__", "").startswith("tp_visualisation"):
                yield name, thing
    for name, method in inspect.getmembers(tpv.Classifier, inspect.isfunction):
        if not name.startswith("_"):
            yield f"Classifier.{name}", method


PUBLIC = dict(_public())


@pytest.mark.parametrize("name", PUBLIC)
def test_one_word_for_one_notion(name):
    thing = PUBLIC[name]
    words = getattr(thing, "_fields", None) or inspect.signature(thing).parameters
    for word in words:
        assert word not in OTHER_WORDS or (name, word) in ALLOWED, f"{name}({word}): {OTHER_WORDS[word]}"
        assert word != "epsilon" or name in EPSILON, name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_one_option_is_described_in_one_way(path):
    for function, option, text in _described_options(path):
        beginnings = (*WORDING.get(option, [""]), "as for `", "as in `")
        assert text.startswith(beginnings), f"{function}: {option}: {text}"
        if option == "image" and text.startswith("RGB array"):
            assert text.startswith(IMAGE), f"{function}: {text}"
        if option == "target" and text.startswith("class to"):
            assert TARGET.match(text), f"{function}: {text}"


@pytest.mark.parametrize("name", [name for name in PUBLIC if inspect.isfunction(PUBLIC[name])])
def test_every_option_is_described_and_annotated(name):
    function = PUBLIC[name]
    documentation = inspect.getdoc(function) or ""
    signature = inspect.signature(function)
    parameters = [p for p in signature.parameters.values() if p.name != "self"]
    if "Args:" in documentation:
        described = {option for _, option, _ in _options_in(name, documentation)}
        assert {p.name for p in parameters} <= described, f"{name}: {sorted({p.name for p in parameters} - described)}"
    else:
        assert documentation
    if name not in RUNS:
        assert signature.return_annotation is not inspect.Signature.empty, name
        assert all(p.annotation is not p.empty for p in parameters), name


def test_every_name_without_underscore_is_in_the_design():
    """Functions and classes; constants in capitals are numbers and tables of their file."""
    known = set(re.findall(r"`([A-Za-z_0-9]+)`", (ROOT / "docs" / "design.md").read_text(encoding="utf-8")))
    unknown = {}
    for path in FILES:
        if path.parent.name == "cli":  # commands are named by `tpvis --help`
            continue
        definitions = [
            n for n in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(n, ast.FunctionDef | ast.ClassDef)
        ]
        methods = [m for n in definitions if n.name == "Classifier" for m in n.body if isinstance(m, ast.FunctionDef)]
        if names := [n.name for n in definitions + methods if not n.name.startswith("_") and n.name not in known]:
            unknown[str(path.relative_to(ROOT))] = names
    assert not unknown


def _described_options(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield from _options_in(node.name, ast.get_docstring(node) or "")


def _options_in(function, documentation):
    """(function, option, description) of each entry under "Args:"; "a, b: ..." describes both."""
    section = re.search(r"Args:\n(.*?)(\n\n|\Z)", documentation, re.DOTALL)
    for entry in re.split(r"\n(?=    \S)", section[1]) if section else []:
        names, _, text = entry.strip().partition(":")
        for option in names.split(","):
            yield function, option.strip().lstrip("*"), " ".join(text.split())

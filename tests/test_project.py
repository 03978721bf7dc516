"""What holds the project together: one list of dependencies, floors that import downwards only."""

import ast
import re
from pathlib import Path

import pytest
import yaml

import tp_visualisation as tpv

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    tomllib = pytest.importorskip("tomli")

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "tp_visualisation"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

FLOORS = [
    {"names", "labels", "files", "images", "networks"},
    {"folding", "tracing", "engines", "classifier"},
    {"quadtree", "saliency", "adversarial", "class_model", "deep_dream", "fourier"},
    {"evaluation", "course"},
    {"plotting"},
    {"cli"},
]


def test_conda_environment_installs_the_project_and_lists_no_dependency_of_its_own():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert [re.split("[=<>]", entry)[0] for entry in conda] == ["python", "pip"]
    (installed,) = pip
    extras = re.fullmatch(r"--editable \.\[(.*)\]", installed)[1].split(",")
    assert set(extras) <= set(PYPROJECT["optional-dependencies"])

    minor = int(re.fullmatch(r"python=3\.(\d+)", conda[0])[1])
    assert minor >= int(re.fullmatch(r">=3\.(\d+)", PYPROJECT["requires-python"])[1])


def test_every_dependency_has_a_lower_and_an_upper_bound():
    extras = [entry for extra in PYPROJECT["optional-dependencies"].values() for entry in extra]
    for entry in PYPROJECT["dependencies"] + extras:
        if not entry.startswith("tp_visualisation["):
            assert re.search(r">=[\d.]+,<[\d.]+$", entry), entry


def test_version_is_written_once():
    assert "version" in PYPROJECT["dynamic"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", tpv.__version__)


def test_only_plotting_imports_matplotlib():
    importers = [path.name for path in PACKAGE.rglob("*.py") if "matplotlib" in _imported(path)]
    assert importers == ["plotting.py"]


def test_a_floor_imports_only_floors_below_it():
    floor_of = {name: number for number, names in enumerate(FLOORS) for name in names}
    for path in PACKAGE.rglob("*.py"):
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if own == "__init__":
            continue
        for name in _imported(path):
            parts = name.split(".")
            if parts[0] == "tp_visualisation" and len(parts) > 1 and parts[1] in floor_of:
                assert floor_of[parts[1]] <= floor_of[own], f"{path.name} imports {name}"


def _imported(path):
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names

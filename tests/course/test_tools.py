"""Programs that import each other's functions never do so in a circle."""

import ast
from graphlib import TopologicalSorter

import pytest

from .labs import ROOT


@pytest.mark.parametrize("folder", ["tools", "benchmarks"])
def test_no_program_imports_itself_over_others(folder):
    paths = {path.stem: path for path in (ROOT / folder).glob("*.py")}
    imports = {name: _imported(path) & set(paths) for name, path in paths.items()}
    assert any(imports.values())
    TopologicalSorter(imports).prepare()  # a CycleError names the circle


def _imported(path):
    """Return the modules that a file imports, inside functions too."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in nodes if isinstance(node, ast.ImportFrom)}

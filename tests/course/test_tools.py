"""Programs that import each other's functions never do so in a circle; several threads read Python."""

import ast
import gc
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from graphlib import TopologicalSorter

import pytest

from .labs import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from parsing import parse


@pytest.mark.parametrize("folder", ["tools", "benchmarks"])
def test_no_program_imports_itself_over_others(folder):
    paths = {path.stem: path for path in (ROOT / folder).glob("*.py")}
    imports = {name: _imported(path) & set(paths) for name, path in paths.items()}
    assert any(imports.values())
    TopologicalSorter(imports).prepare()  # a CycleError names the circle


def _imported(path):
    """Return the modules that a file imports, inside functions too."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module for node in nodes if isinstance(node, ast.ImportFrom)}


def test_two_threads_parse_at_a_time():
    # Python 3.11 mistakes the depth of one tree for that of another when a thread has to wait in the middle of it
    source = "\n".join(f"[({'(' * 20}a{')' * 20} + b) * {i} for x in range(10) if x > {i}]" for i in range(120))
    threshold, waits = gc.get_threshold(), lambda *_: time.sleep(0.0005)
    gc.callbacks.append(waits)
    gc.set_threshold(50)
    try:
        with ThreadPoolExecutor(6) as pool:
            trees = list(pool.map(parse, [source] * 30))
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(waits)
    assert all(len(tree.body) == 120 for tree in trees)

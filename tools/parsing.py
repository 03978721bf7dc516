"""Python's source as a tree, in whatever thread."""

import ast
import threading

_ONE = threading.Lock()  # CPython 3.11 counts how deep a tree is for all threads at once, and raises SystemError


def parse(source: str) -> ast.Module:
    """Return the tree of a source. What `ast.parse` raises is raised."""
    with _ONE:
        return ast.parse(source)

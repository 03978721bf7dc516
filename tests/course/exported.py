"""Exports of learning platforms, made up."""

import io
import json
import sys
import time
import zipfile

from .labs import ROOT

sys.path.insert(0, str(ROOT / "tools"))
from collecting import collect

CELLS = {"tiny": ["double", "shared", "test_double"], "large": ["area", "shared", "test_area"]}
DAY = 86_400
MONDAY = time.mktime((2026, 3, 2, 12, 0, 0, 0, 0, -1))


def notebook(lab, text=""):
    """A notebook as bytes: cells that nbgrader knows, and a text that tells one from another."""
    cells = [{"metadata": {"nbgrader": {"grade_id": name}}} for name in CELLS[lab]]
    return json.dumps({"cells": [*cells, {"metadata": {}, "source": text}]}).encode()


def write_course(root):
    """Write the labs "tiny" and "large"; return the folder."""
    for lab in CELLS:
        folder = root / "solutions" / lab
        folder.mkdir(parents=True)
        (folder / f"{lab}.ipynb").write_bytes(notebook(lab))
    (root / "grading").mkdir()
    return root


def pack(path, files, at=MONDAY):
    """Write a zip of name → bytes, or → (bytes, seconds since 1970)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            content, changed = content if isinstance(content, tuple) else (content, at)
            archive.writestr(zipfile.ZipInfo(name, time.localtime(changed)[:6]), content, zipfile.ZIP_DEFLATED)
    return path


def packed(files):
    """A zip as bytes."""
    buffer = io.BytesIO()
    pack(buffer, files)
    return buffer.getvalue()


def bring(course, files, lab=None, name="export.zip"):
    """Collect a zip of these files."""
    collect(course, pack(course / name, files), lab)


def submitted(course):
    """student/lab → the text of the notebook; nothing else may lie there."""
    folder = course / "grading" / "submitted"
    found = [path for path in folder.rglob("*") if path.is_file()]
    assert all(path.relative_to(folder).parts[1:] == (path.parent.name, f"{path.parent.name}.ipynb") for path in found)
    return {f"{path.parent.parent.name}/{path.parent.name}": path.read_bytes() for path in found}


def moodle(name, number=1, file="t.ipynb"):
    """The path of a file in an export of Moodle."""
    return f"{name}_{number}_assignsubmission_file/{file}"

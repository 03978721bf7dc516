"""A class of ten, from the platform's export to the table that goes back: what a teacher does, on a real lab."""

import csv
import subprocess
import sys
import zipfile

import nbformat
import pytest

from . import payloads
from .exported import pack, packed
from .labs import ROOT, Lab
from .test_grading import grade, new_course
from .test_tricks import way

NAME = "tp8_quadtree"
LAB = Lab(NAME)
TEXTS = [name for name in LAB.points if name not in LAB.tests]
ALL = {**LAB.answers, **dict.fromkeys(TEXTS, "My own words.")}
HALF = {name: ALL[name] for name in [*list(LAB.answers)[::2], *TEXTS[::2]]}
FIRST = next(iter(LAB.answers))
SILENCE = "get_ipython().showtraceback = lambda *a, **k: None"


def trick(line):
    """An answer that is not written, and a line that is to earn its points all the same."""
    return {FIRST: f"{LAB.stub(FIRST)}\n{line}"}


def in_another_cell(notebook):
    """The same in a cell of one's own, which is not run: where all cells were, unwritten answers got their points."""
    notebook.cells.insert(0, nbformat.v4.new_code_cell(SILENCE))


CLASS = {  # name → answers, what else is changed, the answers that get their points, what the remark says
    "Ada Right": (ALL, None, list(LAB.answers), ""),
    "Ben Half": (HALF, None, list(LAB.answers)[::2], ""),
    "Cal Empty": ({}, None, [], ""),
    "Dan Shell": (trick(SILENCE), None, [], f"look at {FIRST}"),
    "Eve Library": (trick("import numpy as np\nnp.allclose = lambda *a, **k: True"), None, [], f"look at {FIRST}"),
    "Fay Process": (trick("open('/proc/self/fd/1', 'w').write('{}')"), None, [], f"look at {FIRST}"),
    "Gus Elsewhere": ({}, in_another_cell, [], ""),
    "Hal Stubborn": (trick("import os\nos._exit(0)"), None, [], f"{FIRST}: Python itself stopped"),
    "Ivy Hostile": (ALL, payloads.attack, list(LAB.answers), ""),
    "Joe Zipped": (ALL, None, list(LAB.answers), ""),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The course after `make collect`, `make grade-isolated` and `make feedback`: its folder, rows and lines."""
    root = new_course(tmp_path_factory.mktemp("course"), NAME)
    exercise = (root / "exercises" / NAME / f"{NAME}.ipynb").read_text(encoding="utf-8")
    files = {}
    for number, (student, (answers, change, _, _)) in enumerate(CLASS.items()):
        notebook = nbformat.reads(exercise, 4)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            cell.source = answers.get(name, cell.source)
        if change:
            change(notebook)
        name, content = "my lab.ipynb", nbformat.writes(notebook).encode()
        if student == "Joe Zipped":
            name, content = "mine.zip", packed({f"work/{name}": content})
        files[f"{student}_{4000 + number}_assignsubmission_file/{name}"] = content
    (root / "grading").mkdir(exist_ok=True)
    rows = [f"{student},id{number},{number}@uni.edu" for number, student in enumerate(CLASS)]
    (root / "grading" / "roster.csv").write_text("\n".join(["name,id,email", *rows]))
    export = pack(root / "export.zip", files)
    command(root, "collect", export)
    run = grade(root, "--isolate", way(), "--jobs", "2")
    command(root, "feedback", "--lab", NAME)
    run.root = root
    return run


def command(root, *words):
    subprocess.run([sys.executable, ROOT / "tools" / "course.py", *words, "--root", root], check=True)


def row_of(course, student):
    return course.rows[f"id{list(CLASS).index(student)}", NAME]


@pytest.mark.parametrize("student", CLASS)
def test_everyone_gets_the_marks_and_the_remark_that_must_be(course, student):
    _, _, right, remark = CLASS[student]
    row = row_of(course, student)
    points = sum(LAB.points[tests] for answer in right for tests in LAB.tests_of(answer))
    assert float(row["automatic"]) == points
    assert remark in row["remark"]
    assert bool(row["remark"]) == bool(remark)


def test_written_answers_wait_for_the_teacher(course):
    assert row_of(course, "Ada Right")["to_mark"].split() == sorted(TEXTS)
    assert row_of(course, "Cal Empty")["to_mark"] == ""


def test_the_table_for_the_platform_has_a_line_for_each_student(course):
    with (course.root / "grading" / "gradebook.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["ID number"] for line in lines] == [f"id{number}" for number in range(len(CLASS))]
    total = sum(LAB.points[tests] for tests in LAB.tests)
    assert float(lines[0][NAME]) == total


def test_pages_go_back_under_the_platforms_names_and_hold_no_script(course):
    with zipfile.ZipFile(course.root / "grading" / f"feedback_{NAME}.zip") as pages:
        folders = {name.partition("/")[0] for name in pages.namelist()}
        assert folders == {f"{student}_{4000 + number}_assignsubmission_file" for number, student in enumerate(CLASS)}
        for name in pages.namelist():
            assert b"<script" not in pages.read(name).lower()

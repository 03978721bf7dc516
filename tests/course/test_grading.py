"""The grading run from end to end: the marks that submissions must get, and what must not stop it."""

import copy
import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from tp_visualisation.files import open_alone

from .labs import NAMES, ROOT, Lab

sys.path.insert(0, str(ROOT / "tools"))
import grading
import running


def grade(root, *options):
    """Run `make grade` in the course of the folder `root`: the lines that it says, and the rows of grades.csv."""
    command = [sys.executable, ROOT / "tools" / "course.py", "grade", "--root", root, *options]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    with (root / "grading" / "grades.csv").open() as file:
        rows = {(row["student"], row["lab"]): row for row in csv.DictReader(file)}
    return SimpleNamespace(lines=run.stdout.splitlines(), rows=rows)


def submit(root, student, lab, answers=(), change=None, name=None, language=""):
    """Hand in the exercise of a lab with some of its cells written, as a student would."""
    notebook = nbformat.read(root / "exercises" / language / lab / f"{lab}.ipynb", 4)
    cells = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if "nbgrader" in cell.metadata}
    for grade_id, source in dict(answers).items():
        cells[grade_id].source = source
    if change:
        change(notebook, cells)
    folder = root / "grading" / "submitted" / student / lab
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / (name or f"{lab}.ipynb"))
    return folder


def new_course(root, *labs):
    """Write a course with the made-up lab "tiny" and some real ones."""
    write_tiny_lab(root / "solutions" / "tiny")
    for lab in labs:
        shutil.copytree(ROOT / "solutions" / lab, root / "solutions" / lab)
    subprocess.run([sys.executable, ROOT / "tools" / "course.py", "exercises", "--root", root], check=True)
    return root


def write_tiny_lab(folder):
    def code(source, grade_id, **metadata):
        return nbformat.v4.new_code_cell(source, id=grade_id.replace("_", "-"), metadata=meta(grade_id, **metadata))

    def meta(grade_id, **metadata):
        kinds = {"grade": False, "solution": False, "task": False, "locked": False}
        return {"nbgrader": {**kinds, "grade_id": grade_id, "schema_version": 3, **metadata}}

    answer = "def {0}(x):\n    ### BEGIN SOLUTION\n    return {1} * x\n    ### END SOLUTION"
    test = "assert {0}(1) == {1}\n### BEGIN HIDDEN TESTS\nassert {0}(3) == 3 * {1}\n### END HIDDEN TESTS"
    cells = [nbformat.v4.new_code_cell("import numpy as np", id="setup", metadata={"tags": ["setup"]})]
    for name, factor, points in (("double", 2, 3), ("triple", 3, 2)):
        cells.append(code(answer.format(name, factor), name, solution=True))
        cells.append(code(test.format(name, factor), f"test_{name}", grade=True, locked=True, points=points))
    why = nbformat.v4.new_markdown_cell("**Model answer.** So.", id="why")
    why.metadata = meta("why", grade=True, solution=True, points=1)
    notebook = nbformat.v4.new_notebook(cells=[*cells, why])
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / "tiny.ipynb")


DOUBLE = "def double(x):\n    return x + x"
TRIPLE = "def triple(x):\n    return x + x + x"
RIGHT = {"double": DOUBLE, "triple": TRIPLE, "why": "Because."}


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """One grading run over every kind of trouble."""
    root = new_course(tmp_path_factory.mktemp("course"))

    def submit_tiny(student, change=None, name=None, **answers):
        return submit(root, student, "tiny", {**RIGHT, **answers}, change, name)

    def delete(*names):
        return lambda notebook, cells: [notebook.cells.remove(cells[name]) for name in names]

    def edit(notebook, cells):
        cells["test_double"].source = "pass"
        cells["test_double"].metadata.nbgrader["points"] = 100

    def repeat(notebook, cells):
        notebook.cells.insert(1, copy.deepcopy(cells["double"]))
        notebook.cells[1].source = "a first try"

    def strip(notebook, cells):
        for cell in notebook.cells:
            cell.metadata.pop("nbgrader", None)

    def delete_setup(notebook, cells):
        del notebook.cells[0]

    def write_in_new_cells(notebook, cells):
        cells["double"].source = stubs["double"]
        cells["why"].source = stubs["why"]
        notebook.cells.append(nbformat.v4.new_markdown_cell("Because I say so."))
        notebook.cells.append(nbformat.v4.new_code_cell("import math\n\ndef double(x):\n    return math.prod([2, x])"))

    def write_helpers(notebook, cells):
        helpers = "from math import prod as product\n\ndef times(*factors):\n    return product(factors)\n\n1 / 0"
        notebook.cells.insert(1, nbformat.v4.new_code_cell(helpers))

    def move(notebook, cells):
        notebook.cells.append(notebook.cells.pop(notebook.cells.index(cells["double"])))

    def show(notebook, cells):
        output = nbformat.v4.new_output("stream", text="a picture")
        notebook.cells.append(nbformat.v4.new_code_cell("raise RuntimeError('not run')", outputs=[output]))

    exercise = nbformat.read(root / "exercises" / "tiny" / "tiny.ipynb", 4)
    stubs = {cell.metadata.nbgrader.grade_id: cell.source for cell in exercise.cells if "nbgrader" in cell.metadata}
    submit_tiny("deleted_setup", delete_setup, double="def double(x):\n    return np.add(x, x)")
    submit_tiny("new_cells", write_in_new_cells)
    submit_tiny("helpers", write_helpers, double="def double(x):\n    return times(2, x)")
    submit_tiny("no_helper", double="def double(x):\n    return times(2, x)")
    submit_tiny("moved", move)
    submit_tiny("shown", show)
    (submit_tiny("shadow") / "numpy.py").write_text("1 / 0")
    (submit_tiny("stamp_folder") / "timestamp.txt").mkdir()
    submit_tiny("cheat", double="get_ipython().showtraceback = print\ndef double(x):\n    return x")
    submit_tiny("right")
    submit_tiny("loop", double="def double(x):\n    while True:\n        pass")
    submit_tiny("prints_forever", triple="while True:\n    print('hello' * 100)")
    submit_tiny("prints_much", triple="print('hello' * 10**6)\n" + TRIPLE)
    submit_tiny("exits", triple="import os\nos._exit(0)")
    submit_tiny("warns", double="import warnings\ndef double(x):\n    warnings.warn('careful')\n    return 2 * x")
    submit_tiny("deleted_tests", delete("test_double"), double="def double(x):\n    return x")
    submit_tiny("deleted_answer", delete("double", "test_double"))
    submit_tiny("edited_tests", edit, double="def double(x):\n    return x")
    submit_tiny("twice", repeat)
    submit_tiny("renamed", name="my tiny (2).ipynb")
    submit_tiny("two_files", name="old.ipynb")
    submit_tiny("two_files", name="new.ipynb")
    submit_tiny("stripped", strip)
    (submit_tiny("broken") / "tiny.ipynb").write_text('{"cells": [')
    (submit_tiny("no_file") / "tiny.ipynb").unlink()
    (submit_tiny("pipe") / "tiny.ipynb").unlink()
    os.mkfifo(root / "grading" / "submitted" / "pipe" / "tiny" / "tiny.ipynb")
    (root / "grading" / "submitted" / "linked").symlink_to("right")
    (root / "grading" / "submitted" / "linked_lab").mkdir()
    (root / "grading" / "submitted" / "linked_lab" / "tiny").symlink_to("../right/tiny")
    submit_tiny("[abc]*")
    submit_tiny("wrong_folder").rename(root / "grading" / "submitted" / "wrong_folder" / "tinny")
    (root / "grading" / "submitted" / "stray.ipynb").write_text("{}")
    return SimpleNamespace(root=root, **vars(grade(root, "--cell-seconds", "4")))


@pytest.mark.parametrize(
    ("student", "points", "remark"),
    [
        ("right", 5, ""),
        ("loop", 2, "test_double: stopped after"),
        ("prints_forever", 3, "triple: stopped after"),
        ("prints_much", 5, "triple: wrote too much, the rest was dropped"),
        ("exits", 3, "triple: Python itself stopped"),
        ("warns", 5, ""),
        ("deleted_tests", 2, "tests cell test_double was deleted, put back"),
        ("deleted_answer", 2, "answer cell double was deleted, put back"),
        ("edited_tests", 2, "tests cell test_double was changed, put back"),
        ("twice", 5, "cell double is there twice, the last one counts"),
        ("renamed", 5, "the file was named my tiny (2).ipynb"),
        ("deleted_setup", 5, "a setup cell lacks `import numpy as np`, put back"),
        ("new_cells", 5, "answer double was written in code cell 6, taken from there"),
        ("new_cells", 5, "answer why was written in another cell, copied into its own"),
        ("helpers", 5, ""),
        ("no_helper", 2, "double uses times, which no setup or answer cell defines"),
        ("moved", 5, "cells moved: double (they are run in the lab's order)"),
        ("shown", 5, ""),
        ("shadow", 5, "numpy.py has the name of a library: not used"),
        ("stamp_folder", 5, "timestamp.txt is a link, a pipe or not what its name says: left out"),
        ("cheat", 2, "look at double: line 1"),
    ],
)
def test_a_troubled_submission_gets_its_points_and_a_line(session, student, points, remark):
    row = session.rows[student, "tiny"]
    assert (row["automatic"], row["automatic_max"], row["max"]) == (str(points), "5", "6")
    assert row["to_mark"] == "why"
    assert remark in row["remark"]
    said = [line for line in session.lines if line.startswith(f"{student}/tiny: ")]
    assert bool(said) == bool(remark)
    assert (session.root / "grading" / "feedback" / student / "tiny" / "tiny.html").is_file()


@pytest.mark.parametrize(
    ("student", "lab", "remark"),
    [
        ("broken", "tiny", "NOT GRADED: the file is broken, it is not a notebook"),
        ("two_files", "tiny", "NOT GRADED: no tiny.ipynb, and which of new.ipynb, old.ipynb is meant?"),
        ("no_file", "tiny", "NOT GRADED: no notebook in the folder"),
        ("pipe", "tiny", "NOT GRADED: no notebook in the folder"),
        ("linked", "tiny", "NOT GRADED: the folder linked is a link: put a copy of what it leads to in its place"),
        ("linked_lab", "tiny", "NOT GRADED: the folder tiny is a link: put a copy of what it leads to in its place"),
        ("[abc]*", "tiny", "NOT GRADED: the folder's name has * [ ]: rename it with letters and digits"),
        ("stripped", "tiny", "NOT GRADED: none of the lab's cells is in the notebook"),
        ("wrong_folder", "tinny", "NOT GRADED: no lab is called 'tinny'; the labs are tiny"),
    ],
)
def test_what_cannot_be_graded_is_said_in_one_line(session, student, lab, remark):
    row = session.rows[student, lab]
    assert row["total"] == ""
    assert row["to_mark"] == "everything"
    assert row["remark"].startswith(remark)
    (said,) = [line for line in session.lines if line.startswith(f"{student}/")]
    assert said.startswith(f"{student}/{lab}: {remark}")


def test_cells_without_marks_are_not_run_and_say_so(session):
    graded = nbformat.read(session.root / "grading/autograded/shown/tiny/tiny.ipynb", 4)
    assert [output.text for output in graded.cells[-1].outputs] == ["As handed in, not run again:\n", "a picture"]


def test_with_pictures_every_cell_is_run(tmp_path):
    root = new_course(tmp_path)

    def draw(notebook, cells):
        source = "import matplotlib.pyplot as plt\nplt.plot([double(1), 3])\nplt.show()\nprint('drawn')\ndouble(4)"
        notebook.cells.append(nbformat.v4.new_code_cell(source))

    submit(root, "ada", "tiny", RIGHT, draw)
    assert grade(root, "--pictures").rows["ada", "tiny"]["automatic"] == "5"
    cell = nbformat.read(root / "grading/autograded/ada/tiny/tiny.ipynb", 4).cells[-1]
    assert [output.output_type for output in cell.outputs] == ["display_data", "stream", "display_data"]  # cleaned
    assert cell.outputs[0].data["image/png"].startswith("iVBOR")
    assert cell.outputs[2].data["text/plain"] == "8"


def test_a_second_run_in_the_same_folder_is_refused(tmp_path):
    root = new_course(tmp_path)
    submit(root, "ada", "tiny", RIGHT)
    (root / "grading").mkdir(exist_ok=True)
    with open_alone(root / "grading" / "grading.log"):
        command = [sys.executable, ROOT / "tools" / "course.py", "grade", "--root", root]
        run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode != 0
    assert "Another grading run is at work" in run.stderr
    assert not (root / "grading" / "grades.csv").exists()


def test_the_table_grows_with_every_submission(tmp_path, monkeypatch):
    root = new_course(tmp_path)
    for student in ("ada", "ben"):
        submit(root, student, "tiny", RIGHT)
    written, write_feedback = [], grading.write_feedback

    def look(*arguments):
        written.append((root / "grading" / "grades.csv").read_text(encoding="utf-8").count("tiny"))
        return write_feedback(*arguments)

    monkeypatch.setattr(grading, "write_feedback", look)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    grading.grade(root, running.Limits(20, 60, 10_000, 12, 16, 16), "none", jobs=2)
    assert written == [0, 1]
    assert (root / "grading" / "grades.csv").read_text(encoding="utf-8").count("tiny") == 2


def test_every_submission_has_its_row(session):
    folders = {(path.parent.name, path.name) for path in session.root.glob("grading/submitted/*/*") if path.is_dir()}
    assert set(session.rows) == folders
    assert "stray.ipynb: not in a folder <student>/<lab>/, left out." in session.lines


def test_nothing_else_is_left_in_the_folder_nor_is_a_submission_altered(session):
    left = {path.name for path in (session.root / "grading").iterdir()}
    folders = {"submitted", "autograded", "feedback", "exercises"}
    assert left == folders | {"gradebook.db", "grades.csv", "gradebook.csv", "state.json", "grading.log"}
    kept = nbformat.read(session.root / "grading/submitted/edited_tests/tiny/tiny.ipynb", 4)
    assert "pass" in [cell.source for cell in kept.cells]


def test_a_reason_that_only_the_log_of_nbgrader_tells_is_said_in_one_line(tmp_path):
    root = new_course(tmp_path)
    submit(root, "ada", "tiny", RIGHT)
    notebook = nbformat.read(root / "solutions" / "tiny" / "tiny.ipynb", 4)
    notebook.cells[1].source = "def double(x):\n    ### BEGIN SOLUTION\n    return 2 * x"
    (root / "solutions" / "endless").mkdir()
    nbformat.write(notebook, root / "solutions" / "endless" / "endless.ipynb")
    how = "sh -c 'echo no such user >&2; exit 1' --"
    run = grade(root, "--isolate", how)
    assert run.lines[0].startswith("endless: cannot be graded. RuntimeError: no end solution statement found")
    reason = f"NOT GRADED: its cells could not be run (isolation: {how}): no such user"
    assert run.rows["ada", "tiny"]["remark"] == reason
    assert f"ada/tiny: {reason}" in run.lines


def test_only_what_is_new_is_graded_again_and_marks_by_hand_stay(tmp_path):
    from nbgrader.api import Gradebook

    root = new_course(tmp_path)
    for student in ("ada", "ben"):
        submit(root, student, "tiny", {**RIGHT, "double": "def double(x):\n    return x"})
    assert grade(root).rows["ada", "tiny"]["automatic"] == "2"
    with Gradebook(f"sqlite:///{root / 'grading' / 'gradebook.db'}") as gradebook:
        mark = gradebook.find_grade("why", "tiny", "tiny", "ben")
        mark.manual_score, mark.needs_manual_grade = 0.5, False
        gradebook.db.commit()
    page = root / "grading" / "feedback" / "ben" / "tiny" / "tiny.html"
    before = page.read_text(encoding="utf-8")

    submit(root, "ada", "tiny", RIGHT)
    untouched = root / "grading" / "autograded" / "ben" / "tiny" / "tiny.ipynb"
    time = untouched.stat().st_mtime_ns
    rows = grade(root).rows
    assert rows["ada", "tiny"]["automatic"] == "5"
    assert untouched.stat().st_mtime_ns == time
    ben = rows["ben", "tiny"]
    assert (ben["automatic"], ben["manual"], ben["total"], ben["to_mark"]) == ("2", "0.5", "2.5", "")
    assert page.read_text(encoding="utf-8") != before


OWN_TRUTH = {  # what the hidden test takes for the truth, changed by the student
    "tp1_gradient_saliency": {
        "gradient_map": "def gradient_map(gradient):\n    return np.abs(gradient).sum(axis=-1)\n\n"
        "tpv.saliency.gradient = lambda clf, image, target: gradient_map(clf.gradient(image[None], target)[0])"
    }
}


@pytest.mark.parametrize("lab", NAMES)
def test_three_invented_students_get_the_marks_that_they_must_get(lab, tmp_path):
    root = new_course(tmp_path, lab)
    solution = Lab(lab)
    texts = [name for name in solution.points if name not in solution.tests]
    every = {**solution.answers, **dict.fromkeys(texts, "My own words.")}
    half = {name: every[name] for name in [*list(solution.answers)[::2], *texts[::2]]}
    submit(root, "all_right", lab, every)
    submit(root, "half", lab, half)
    submit(root, "empty", lab)
    submit(root, "own_truth", lab, {**every, **OWN_TRUTH.get(lab, {})})
    run = grade(root)

    automatic = {"all_right": solution.answers, "half": list(solution.answers)[::2], "empty": []}
    for student, answers in automatic.items():
        row = run.rows[student, lab]
        points = sum(solution.points[tests] for answer in answers for tests in solution.tests_of(answer))
        assert row["automatic"] == row["total"] == f"{points:g}"
        assert row["max"] == "20"
        assert row["remark"] == ""
    assert run.rows["all_right", lab]["automatic"] == run.rows["all_right", lab]["automatic_max"]
    assert run.rows["all_right", lab]["to_mark"].split() == sorted(texts)
    assert run.rows["half", lab]["to_mark"].split() == sorted(texts[::2])
    assert run.rows["empty", lab]["to_mark"] == ""
    if lab in OWN_TRUTH:
        row = run.rows["own_truth", lab]
        assert float(row["automatic"]) < float(row["automatic_max"])
        assert "changes tp_visualisation.saliency.gradient, put back" in row["remark"]

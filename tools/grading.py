"""Grade grading/submitted/<student>/<lab>/<lab>.ipynb, one submission at a time: no submission can stop the others.

For each of them: mend what can be mended (a renamed file, tests cells deleted or changed), let nbgrader put the hidden
tests back, run the cells in a process of its own (`run_cells.py`) that is stopped when its time is over, let nbgrader
count the points, clean what a browser will show, and write the feedback. What the teacher should know is said in one
line for each problem, and in the last column of grading/grades.csv.
"""

import copy
import csv
import hashlib
import json
import logging
import re
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

import labs
import nbformat
from cleaning import clean_folder, plain, write_clean
from marks import COLUMNS, marks_of, write_feedback
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, LimitOutput, SaveAutoGrades
from reasons import LOG, Unusable, line, reasons_from_the_log
from running import run_apart
from submissions import find_notebook, mend, submissions, unwanted

VERSION = 2  # of what lies in grading/: since 2, notebooks and pages hold nothing that a browser could run
FORBIDDEN = re.compile(r"[<>&\"\\]")  # nbgrader writes the names of students' folders into pages as they are


class Graded(NamedTuple):
    """What grading/state.json keeps of a submission, to tell the next time what has changed."""

    digest: str  # of the student's files and of the lab
    remarks: list
    feedback: str = ""  # hash of the marks and comments on the page that the student gets


def grade(root, limits, isolation, again, hidden=True):
    """Grade every submission that is new or has changed (`again`: every one) and write grades.csv.

    Without `hidden`, the feedback says nothing of hidden tests.
    """
    folder = root / "grading"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    LOG.handlers = [logging.FileHandler(folder / "grading.log", mode="w", encoding="utf-8")]
    LOG.propagate = False
    warnings.filterwarnings("ignore", module="nbgrader")
    warnings.filterwarnings("ignore", module="nbformat")
    config = labs.settings(root)
    state = _remembered(folder)
    known, rows = _exercises(root, folder / "exercises"), []
    for path in submissions(folder / "submitted"):
        student, lab = path.parent.name, path.name
        key = f"{student}/{lab}"
        try:
            if FORBIDDEN.search(student) or plain(student) != student:
                raise Unusable("the folder's name holds < > & \" \\ or a control character: rename it")
            if lab not in known:
                raise Unusable(f"no lab is called {lab!r}; the labs are {', '.join(known)}")
            graded, digest = state.get(key), _digest(path) + _digest(root / "solutions" / lab)
            lost = not (folder / "autograded" / student / lab / f"{lab}.ipynb").exists()
            if again or lost or graded is None or graded.digest != digest:
                graded = Graded(digest, _autograde(config, path, known[lab], limits, isolation))
                for remark in graded.remarks:
                    print(f"{key}: {remark}", flush=True)
            marks = marks_of(config, student, lab, graded.remarks)
            state[key] = graded._replace(feedback=write_feedback(config, student, lab, marks, graded, hidden))
            rows.append(marks.row)
        except Exception as error:  # whatever happens to a submission, the next one is graded
            state.pop(key, None)
            problem = plain(line(error))
            print(f"{plain(key)}: NOT GRADED: {problem}", flush=True)
            rows.append({"student": student, "lab": lab, "to_mark": "everything", "remark": f"NOT GRADED: {problem}"})
        _remember(folder, state)
    with (folder / "grades.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    to_mark = sum(bool(row["to_mark"]) for row in rows)
    print(f"{len(rows)} submissions, {to_mark} with answers to mark by hand: grading/grades.csv, grading/feedback/.")


def _remembered(folder):
    """Return {key: Graded} from grading/state.json. What an earlier version left for a browser is cleaned first."""
    file = folder / "state.json"
    kept = json.loads(file.read_text()) if file.exists() else {}
    if kept.pop("version", 1) == VERSION:
        return {key: Graded(**entry) for key, entry in kept["submissions"].items()}
    clean_folder(folder / "autograded")
    shutil.rmtree(folder / "feedback", ignore_errors=True)
    state = {key: Graded(**entry)._replace(feedback="") for key, entry in kept.get("submissions", kept).items()}
    _remember(folder, state)
    return state


def _remember(folder, state):
    kept = {"version": VERSION, "submissions": {key: graded._asdict() for key, graded in state.items()}}
    (folder / "state.json").write_text(json.dumps(kept, indent=1))


def _exercises(root, folder):
    """Write the exercise of every lab into `folder`; return their notebooks by lab, and say which cannot be graded."""
    shutil.rmtree(folder, ignore_errors=True)
    exercises = {}
    for lab in labs.names(root):
        try:
            with reasons_from_the_log():
                labs.generate(root, lab, folder, record=True)
            exercises[lab] = nbformat.read(folder / lab / f"{lab}.ipynb", 4)
        except (Unusable, OSError) as error:
            print(
                f"{lab}: cannot be graded. {line(error)} If its cells have changed since the first submission was "
                "graded, put grading/gradebook.db aside and grade again."
            )
    return exercises


def _autograde(config, path, exercise, limits, isolation):
    """Grade one submission; return the remarks."""
    student, lab = path.parent.name, path.name
    root = Path(config.CourseDirectory.root)
    with tempfile.TemporaryDirectory(dir=root / "grading") as staging:
        files = Path(staging, "submitted", student, lab)
        shutil.copytree(path, files, ignore=unwanted)
        found = find_notebook(files, lab)
        mended = mend(found.notebook, exercise)
        nbformat.write(mended.notebook, files / f"{lab}.ipynb")
        while_running = []

        def run_cells(notebook, resources):
            while_running.extend(run_apart(notebook, files, limits, isolation))
            return notebook, resources

        mine = copy.deepcopy(config)
        mine.CourseDirectory.submitted_directory = str(Path(staging, "submitted").relative_to(root))
        mine.CourseDirectory.autograded_directory = str(Path(staging, "autograded").relative_to(root))
        mine.CourseDirectory.assignment_id = lab
        del mine.Autograde["sanitize_preprocessors"]  # nbgrader_config.py refuses to grade in any other way
        converter = Autograde(coursedir=CourseDirectory(config=mine), config=mine, force=True)
        converter.autograde_preprocessors = [
            run_cells,
            LimitOutput,
            SaveAutoGrades,
            AssignLatePenalties,
            CheckCellMetadata,
        ]
        with reasons_from_the_log():
            converter.start()
        graded = nbformat.read(Path(staging, "autograded", student, lab, f"{lab}.ipynb"), 4)
        write_clean(graded, root / "grading" / "autograded" / student / lab / f"{lab}.ipynb")
    return list(map(plain, [*found.remarks, *mended.remarks, *while_running]))


def _digest(folder):
    """Return a hash of every file of a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()

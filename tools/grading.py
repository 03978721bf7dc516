"""Grade grading/submitted/<student>/<lab>/<lab>.ipynb, one submission at a time: no submission can stop the others.

For each of them: mend what can be mended (a renamed file, tests cells deleted or changed), let nbgrader put the hidden
tests back, run the cells in a process of its own (`run_cells.py`) that is stopped when its time is over, let nbgrader
count the points and write the feedback. What the teacher should know is said in one line for each problem, and in
the last column of grading/grades.csv.
"""

import copy
import csv
import hashlib
import json
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import warnings
from pathlib import Path

import nbformat
from course import generate, labs
from isolation import command
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, LimitOutput, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution

COLUMNS = ["student", "lab", "automatic", "automatic_max", "manual", "manual_max", "total", "max", "to_mark", "remark"]


class Unusable(Exception):
    """A submission that cannot be graded, and why."""


def grade(root, config, isolation, again):
    """Grade every submission that is new or has changed (`again`: every one) and write grades.csv."""
    folder = root / "grading"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    log = logging.getLogger("traitlets")  # nbgrader's
    log.handlers = [logging.FileHandler(folder / "grading.log", mode="w", encoding="utf-8")]
    log.addFilter(_note_traceback)
    log.propagate = False
    warnings.filterwarnings("ignore", module="nbgrader")
    warnings.filterwarnings("ignore", module="nbformat")
    state_file = folder / "state.json"
    state = json.loads(state_file.read_text()) if state_file.exists() else {}
    exercises = folder / "exercises"
    shutil.rmtree(exercises, ignore_errors=True)
    known, rows = {}, []
    for lab in labs(root):
        try:
            generate(root, lab, exercises, record=True)
            known[lab] = nbformat.read(exercises / lab / f"{lab}.ipynb", 4)
        except (NbGraderException, OSError) as error:
            print(f"{lab}: cannot be graded. {_line(error)} If its cells have changed since the first submission was "
                  "graded, put grading/gradebook.db aside and grade again.")  # fmt: skip

    for path in _submissions(folder / "submitted"):
        student, lab = path.parent.name, path.name
        key = f"{student}/{lab}"
        digest = _digest(path) + _digest(root / "solutions" / lab) if lab in known else ""
        previous = state.get(key, {})
        try:
            if lab not in known:
                raise Unusable(f"no lab is called {lab!r}; the labs are {', '.join(known)}")
            if again or previous.get("digest") != digest:
                remarks = _autograde(config, path, known[lab], isolation)
                state[key] = {"digest": digest, "remarks": remarks}
                for remark in remarks:
                    print(f"{key}: {remark}", flush=True)
            rows.append(_row(config, student, lab, state[key]["remarks"]))
            _feedback(config, student, lab, rows[-1], state[key])
        except Exception as error:  # whatever happens to a submission, the next one is graded
            state.pop(key, None)
            problem = _line(error)
            print(f"{key}: NOT GRADED: {problem}", flush=True)
            rows.append({"student": student, "lab": lab, "to_mark": "everything", "remark": f"NOT GRADED: {problem}"})
        state_file.write_text(json.dumps(state, indent=1))
    with (folder / "grades.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    to_mark = sum(bool(row["to_mark"]) for row in rows)
    print(f"{len(rows)} submissions, {to_mark} with answers to mark by hand: grading/grades.csv, grading/feedback/.")


def _submissions(folder):
    """Yield the folders submitted/<student>/<lab>; say what lies elsewhere."""
    for student in sorted(path for path in folder.glob("*") if not path.name.startswith(".")):
        if student.is_file():
            print(f"{student.name}: not in a folder <student>/<lab>/, left out.")
            continue
        for path in sorted(path for path in student.glob("*") if not path.name.startswith(".")):
            if path.is_dir():
                yield path
            elif path.suffix == ".ipynb":
                print(f"{student.name}/{path.name}: not in a folder <student>/<lab>/, left out.")


def _unwanted(folder, names):
    """Return what is not copied from a submission: hidden files, caches, links (which may point at your files)."""
    return [name for name in names if name.startswith((".", "__")) or Path(folder, name).is_symlink()]


def _autograde(config, path, exercise, isolation):
    """Grade one submission; return the remarks."""
    student, lab = path.parent.name, path.name
    root = Path(config.CourseDirectory.root)
    remarks = []
    with tempfile.TemporaryDirectory(dir=root / "grading") as staging:
        files = Path(staging, student, lab)
        shutil.copytree(path, files, ignore=_unwanted)
        notebook = _find_notebook(files, lab, remarks)
        nbformat.write(mend(notebook, exercise, remarks), files / f"{lab}.ipynb")

        def run_apart(notebook, resources):
            _run_apart(notebook, files, config.Grading, isolation, remarks)
            return notebook, resources

        mine = copy.deepcopy(config)
        mine.CourseDirectory.submitted_directory = str(Path(staging).relative_to(root))
        mine.CourseDirectory.assignment_id = lab
        converter = Autograde(coursedir=CourseDirectory(config=mine), config=mine, force=True)
        converter.autograde_preprocessors = [
            run_apart,
            LimitOutput,
            SaveAutoGrades,
            AssignLatePenalties,
            CheckCellMetadata,
        ]
        converter.start()
    return remarks


def _find_notebook(folder, lab, remarks):
    """Return the notebook of a submission, whatever its file is called."""
    found = sorted(folder.glob("*.ipynb"))
    wanted = folder / f"{lab}.ipynb"
    if wanted not in found:
        if not found:
            raise Unusable("no notebook in the folder")
        if len(found) > 1:
            raise Unusable(f"no {lab}.ipynb, and which of {', '.join(path.name for path in found)} is meant?")
        remarks.append(f"the file was named {found[0].name}")
        found[0].rename(wanted)
    try:
        notebook = nbformat.read(wanted, 4)
        nbformat.validate(notebook)
    except Exception as error:
        raise Unusable(f"the file is broken, it is not a notebook: {_line(error)}") from None
    return notebook


def mend(notebook, exercise, remarks):
    """Put back the lab's cells that were deleted, and the tests cells that were changed; note it in `remarks`."""
    order = [cell for cell in exercise.cells if "nbgrader" in cell.metadata]
    ids = [cell.metadata.nbgrader.grade_id for cell in order]
    place = {}  # the last cell of each id counts, as for nbgrader
    for index, cell in enumerate(notebook.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in place:
            remarks.append(f"cell {name} is there twice, the last one counts")
            del notebook.cells[place[name]].metadata["nbgrader"]
        if name in ids:
            place[name] = index
        elif "nbgrader" in cell.metadata:
            del cell.metadata["nbgrader"]
    deleted = [name for name in ids if name not in place]
    if len(deleted) == len(ids):
        raise Unusable("none of the lab's cells is in the notebook")

    cells = {name: notebook.cells[index] for name, index in place.items()}
    previous = None
    for cell, name in zip(order, ids, strict=True):
        kind = "answer" if is_solution(cell) else "tests"
        if name in deleted:
            cells[name] = nbformat.from_dict(cell)
            where = 0 if previous is None else notebook.cells.index(previous) + 1
            notebook.cells.insert(where, cells[name])
            remarks.append(f"{kind} cell {name} was deleted, put back")
        elif kind == "tests" and cells[name].source.strip() != cell.source.strip():
            cells[name].source = cell.source
            remarks.append(f"tests cell {name} was changed, put back")
        if cells[name].cell_type != cell.cell_type:
            remarks.append(f"cell {name} had become {cells[name].cell_type}")
            changed = nbformat.from_dict(cell)
            changed.source = cells[name].source
            notebook.cells[notebook.cells.index(cells[name])] = cells[name] = changed
        cells[name].metadata.nbgrader = cell.metadata.nbgrader
        previous = cells[name]
    return notebook


def _run_apart(notebook, files, limits, isolation, remarks):
    """Run the cells of `notebook` with `run_cells.py` and fill in their outputs. Hidden tests stay out of any file."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    job = {"sources": [cell.source for cell in code], **limits}
    with tempfile.TemporaryDirectory(prefix="tp", dir="/tmp" if os.name == "posix" else None) as folder:
        folder = Path(folder).resolve()
        shutil.copytree(files, folder, dirs_exist_ok=True)
        process = subprocess.Popen(
            command(isolation, folder),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=_environment(folder),
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        try:
            answer, complaint = process.communicate(json.dumps(job), timeout=limits.notebook_seconds + 60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL) if os.name == "posix" else process.kill()
            answer, complaint = process.communicate()
    results = [json.loads(line) for line in answer.splitlines() if line.endswith("]")]
    if not results:
        raise Unusable(f"its cells could not be run (isolation: {isolation}): {_line(complaint)}")
    lost = [nbformat.v4.new_output("error", ename="NotRun", evalue="not run: the run was stopped.")]
    for number, cell in enumerate(code):
        outputs = nbformat.from_dict(results[number] if number < len(results) else lost)
        errors = [output for output in outputs if output.output_type == "error"]
        where = cell.metadata.get("nbgrader", {}).get("grade_id", f"code cell {number + 1}")
        for output in errors:
            if output.ename in ("TooLong", "KernelDied"):
                remarks.append(f"{where}: {output.evalue.rstrip('.')}")
        if any("was dropped ..." in output.get("text", "") for output in outputs):
            remarks.append(f"{where}: wrote too much, the rest was dropped")
        if is_grade(cell):  # nbgrader gives no point to a tests cell that warns on stderr or ends in a value: we do
            outputs = [output for output in outputs if output.output_type not in ("stream", "execute_result")]
        cell.outputs, cell.execution_count = outputs, number + 1
    skipped = sum(output.ename == "NotRun" for cell in code for output in cell.outputs if "ename" in output)
    if skipped:
        remarks.append(f"cells not run: {skipped}")


def _environment(folder):
    """Return the little of the teacher's environment that a student's notebook gets."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    own = {"HOME": str(folder), "JUPYTER_RUNTIME_DIR": str(folder / ".r"), "TMPDIR": str(folder)}
    quiet = {
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "PYTHONWARNINGS": "ignore",
        "PYTHONNOUSERSITE": "1",
    }
    return {**kept, **own, **quiet}


def _row(config, student, lab, remarks):
    """Return the marks of one submission, from the gradebook."""
    with Gradebook(config.CourseDirectory.db_url) as gradebook:
        try:
            submission = gradebook.find_submission_notebook(lab, lab, student)
        except MissingEntry:
            raise Unusable("the gradebook has lost it; grade again with AGAIN=1") from None
        written = {cell.name for cell in submission.notebook.solution_cells}
        automatic = [grade for grade in submission.grades if grade.name not in written]
        manual = [grade for grade in submission.grades if grade.name in written]
        row = {
            "student": student,
            "lab": lab,
            "automatic": _sum(grade.score + (grade.extra_credit or 0) for grade in automatic),
            "automatic_max": _sum(grade.max_score for grade in automatic),
            "manual": _sum(grade.score + (grade.extra_credit or 0) for grade in manual),
            "manual_max": _sum(grade.max_score for grade in manual),
            "total": _sum(grade.score + (grade.extra_credit or 0) for grade in submission.grades),
            "max": _sum(grade.max_score for grade in submission.grades),
            "to_mark": " ".join(sorted(grade.name for grade in submission.grades if grade.needs_manual_grade)),
            "remark": "; ".join(remarks),
        }
        comments = [(comment.name, comment.comment) for comment in submission.comments]
    row["_comments"] = sorted(comments, key=str)
    return row


def _feedback(config, student, lab, row, entry):
    """Write grading/feedback/<student>/<lab>/<lab>.html, unless neither marks nor comments have changed."""
    comments = row.pop("_comments")
    marks = hashlib.sha256(json.dumps([row, comments, entry["digest"]]).encode()).hexdigest()
    page = Path(config.CourseDirectory.root, "grading", "feedback", student, lab, f"{lab}.html")
    if entry.get("feedback") == marks and page.exists():
        return
    mine = copy.deepcopy(config)
    mine.CourseDirectory.assignment_id, mine.CourseDirectory.student_id = lab, student
    GenerateFeedback(coursedir=CourseDirectory(config=mine), config=mine, force=True).start()
    entry["feedback"] = marks


def _sum(points):
    return f"{sum(points):g}"


def _digest(folder):
    """Return a hash of every file of a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _line(error):
    """Return the first words of an error, on one line; nbgrader's errors only tell where to look."""
    text = _last_error if isinstance(error, NbGraderException) else str(error)
    return (" ".join(text.removeprefix("grading.Unusable: ").split()) or type(error).__name__)[:160]


_last_error = ""


def _note_traceback(record):
    """Remember the last line of a traceback that nbgrader logs."""
    global _last_error
    if "Traceback" in record.getMessage():
        _last_error = record.getMessage().strip().splitlines()[-1]
    return True

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
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import labs
import nbformat
from isolation import command
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, LimitOutput, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution

COLUMNS = ["student", "lab", "automatic", "automatic_max", "manual", "manual_max", "total", "max", "to_mark", "remark"]
LOG = logging.getLogger("traitlets")  # nbgrader's


class Unusable(Exception):
    """A submission that cannot be graded, and why."""


class Limits(NamedTuple):
    """What one submission may take while its cells run; nbgrader_config.py has the values and says what they mean."""

    cell_seconds: int
    notebook_seconds: int
    cell_characters: int
    memory_gigabytes: int


class Mended(NamedTuple):
    """A notebook that can be graded, and what was wrong with it."""

    notebook: nbformat.NotebookNode
    remarks: list


class Graded(NamedTuple):
    """What grading/state.json keeps of a submission, to tell the next time what has changed."""

    digest: str  # of the student's files and of the lab
    remarks: list
    feedback: str = ""  # hash of the marks and comments on the page that the student gets


class Marks(NamedTuple):
    """What the gradebook has of a submission."""

    row: dict  # of grades.csv
    comments: list  # (name, comment)


def grade(root, limits, isolation, again):
    """Grade every submission that is new or has changed (`again`: every one) and write grades.csv."""
    folder = root / "grading"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    LOG.handlers = [logging.FileHandler(folder / "grading.log", mode="w", encoding="utf-8")]
    LOG.propagate = False
    warnings.filterwarnings("ignore", module="nbgrader")
    warnings.filterwarnings("ignore", module="nbformat")
    config = labs.settings(root)
    state_file = folder / "state.json"
    state = json.loads(state_file.read_text()) if state_file.exists() else {}
    state = {key: Graded(**entry) for key, entry in state.items()}
    known, rows = _exercises(root, folder / "exercises"), []
    for path in _submissions(folder / "submitted"):
        student, lab = path.parent.name, path.name
        key = f"{student}/{lab}"
        try:
            if lab not in known:
                raise Unusable(f"no lab is called {lab!r}; the labs are {', '.join(known)}")
            graded, digest = state.get(key), _digest(path) + _digest(root / "solutions" / lab)
            if again or graded is None or graded.digest != digest:
                graded = Graded(digest, _autograde(config, path, known[lab], limits, isolation))
                for remark in graded.remarks:
                    print(f"{key}: {remark}", flush=True)
            marks = _marks(config, student, lab, graded.remarks)
            rows.append(marks.row)
            state[key] = graded._replace(feedback=_feedback(config, student, lab, marks, graded))
        except Exception as error:  # whatever happens to a submission, the next one is graded
            state.pop(key, None)
            problem = _line(error)
            print(f"{key}: NOT GRADED: {problem}", flush=True)
            rows.append({"student": student, "lab": lab, "to_mark": "everything", "remark": f"NOT GRADED: {problem}"})
        state_file.write_text(json.dumps({key: graded._asdict() for key, graded in state.items()}, indent=1))
    with (folder / "grades.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    to_mark = sum(bool(row["to_mark"]) for row in rows)
    print(f"{len(rows)} submissions, {to_mark} with answers to mark by hand: grading/grades.csv, grading/feedback/.")


def _exercises(root, folder):
    """Write the exercise of every lab into `folder`; return their notebooks by lab, and say which cannot be graded."""
    shutil.rmtree(folder, ignore_errors=True)
    exercises = {}
    for lab in labs.names(root):
        try:
            with _reasons_from_the_log():
                labs.generate(root, lab, folder, record=True)
            exercises[lab] = nbformat.read(folder / lab / f"{lab}.ipynb", 4)
        except (Unusable, OSError) as error:
            print(
                f"{lab}: cannot be graded. {_line(error)} If its cells have changed since the first submission was "
                "graded, put grading/gradebook.db aside and grade again."
            )
    return exercises


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


def _autograde(config, path, exercise, limits, isolation):
    """Grade one submission; return the remarks."""
    student, lab = path.parent.name, path.name
    root = Path(config.CourseDirectory.root)
    with tempfile.TemporaryDirectory(dir=root / "grading") as staging:
        files = Path(staging, student, lab)
        shutil.copytree(path, files, ignore=_unwanted)
        found = _find_notebook(files, lab)
        mended = mend(found.notebook, exercise)
        nbformat.write(mended.notebook, files / f"{lab}.ipynb")
        while_running = []

        def run_apart(notebook, resources):
            while_running.extend(_run_apart(notebook, files, limits, isolation))
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
        with _reasons_from_the_log():
            converter.start()
    return [*found.remarks, *mended.remarks, *while_running]


def _find_notebook(folder, lab):
    """Return the notebook of a submission, whatever its file is called: the file is renamed."""
    found = sorted(folder.glob("*.ipynb"))
    wanted, remarks = folder / f"{lab}.ipynb", []
    if wanted not in found:
        if not found:
            raise Unusable("no notebook in the folder")
        if len(found) > 1:
            raise Unusable(f"no {lab}.ipynb, and which of {', '.join(path.name for path in found)} is meant?")
        remarks = [f"the file was named {found[0].name}"]
        found[0].rename(wanted)
    try:
        notebook = nbformat.read(wanted, 4)
        nbformat.validate(notebook)
    except Exception as error:
        raise Unusable(f"the file is broken, it is not a notebook: {_line(error)}") from None
    return Mended(notebook, remarks)


def mend(notebook, exercise):
    """Put back, in `notebook` itself, the lab's cells that were deleted and the tests cells that were changed."""
    order = [cell for cell in exercise.cells if "nbgrader" in cell.metadata]
    ids = [cell.metadata.nbgrader.grade_id for cell in order]
    place, remarks = {}, []  # the last cell of each id counts, as for nbgrader
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
    return Mended(notebook, remarks)


def _run_apart(notebook, files, limits, isolation):
    """Run the cells of `notebook` with `run_cells.py` and fill in their outputs; return the remarks."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    results = _outputs([cell.source for cell in code], files, limits, isolation)
    remarks = []
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
    return remarks


def _outputs(sources, files, limits, isolation):
    """Return the outputs of each cell, as far as the run came. Hidden tests, among the `sources`, stay out of files."""
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
        job = json.dumps({"sources": sources, **limits._asdict()})
        try:
            answer, complaint = process.communicate(job, timeout=limits.notebook_seconds + 60)
        except subprocess.TimeoutExpired:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            answer, complaint = process.communicate()
    results = [json.loads(line) for line in answer.splitlines() if line.endswith("]")]
    if not results:
        raise Unusable(f"its cells could not be run (isolation: {isolation}): {_line(complaint)}")
    return results


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


def _marks(config, student, lab, remarks):
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
    return Marks(row, sorted(comments, key=str))


def _feedback(config, student, lab, marks, graded):
    """Write grading/feedback/<student>/<lab>/<lab>.html, unless it shows these marks already; return their hash."""
    digest = hashlib.sha256(json.dumps([*marks, graded.digest]).encode()).hexdigest()
    page = Path(config.CourseDirectory.root, "grading", "feedback", student, lab, f"{lab}.html")
    if graded.feedback != digest or not page.exists():
        mine = copy.deepcopy(config)
        mine.CourseDirectory.assignment_id, mine.CourseDirectory.student_id = lab, student
        with _reasons_from_the_log():
            GenerateFeedback(coursedir=CourseDirectory(config=mine), config=mine, force=True).start()
    return digest


def _sum(points):
    return f"{sum(points):g}"


def _digest(folder):
    """Return a hash of every file of a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and ".ipynb_checkpoints" not in path.parts):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _line(error):
    """Return the first words of an error, on one line."""
    return (" ".join(str(error).split()) or type(error).__name__)[:160]


@contextmanager
def _reasons_from_the_log():
    """Raise nbgrader's errors, which only tell where to look, as `Unusable` with the reason that its log has."""
    tracebacks = _Tracebacks()
    LOG.addHandler(tracebacks)
    try:
        yield
    except NbGraderException as error:
        reason = tracebacks.last_line.removeprefix(f"{Unusable.__module__}.{Unusable.__name__}: ")
        raise Unusable(reason or type(error).__name__) from error
    finally:
        LOG.removeHandler(tracebacks)


class _Tracebacks(logging.Handler):
    """Keeps the last line of the last traceback that is logged."""

    last_line = ""

    def emit(self, record):
        if "Traceback" in record.getMessage():
            self.last_line = record.getMessage().strip().splitlines()[-1]

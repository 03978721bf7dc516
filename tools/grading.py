"""Grade grading/submitted/<student>/<lab>/<lab>.ipynb: no submission can stop the others.

For each of them, several at a time: mend what can be mended (a renamed file, tests cells deleted or changed), run the
setup, answer and tests cells in a sandbox (`running.py`). Then, one at a time since the gradebook is a single file: let
nbgrader count the points, clean what a browser will show, and write the feedback. What the teacher should know is said
in one line for each problem, and in the last column of grading/grades.csv, which grows as the run goes on.
"""

import copy
import hashlib
import json
import logging
import shutil
import sys
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import labs
import nbformat
from cleaning import clean_folder, plain, write_clean
from isolation import choose
from languages import AS_HANDED_IN, ELSEWHERE, in_words, languages, words
from marks import COLUMNS, marks_of, write_feedback
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties, CheckCellMetadata, LimitOutput, SaveAutoGrades
from planning import plan
from reasons import LOG, Unusable, line, reasons_from_the_log
from running import RUNNING, run
from submissions import check, find_notebook, mend, odd_files, submissions, unwanted
from tables import write_table
from tqdm import tqdm

from tp_visualisation.files import open_alone, replacing

VERSION = 2  # of what lies in grading/: since 2, notebooks and pages hold nothing that a browser could run


class Lab(NamedTuple):
    """The notebooks of a lab in one language: what students get, and what they are graded with."""

    exercise: nbformat.NotebookNode
    solution: nbformat.NotebookNode
    language: str  # "" for English
    words: dict  # what the feedback says, in this language


class Ran(NamedTuple):
    """A submission whose cells have run: its notebook with their outputs, and the remarks."""

    notebook: nbformat.NotebookNode
    remarks: list


class Graded(NamedTuple):
    """What grading/state.json keeps of a submission, to tell the next time what has changed."""

    digest: str  # of the student's files and of the lab
    remarks: list
    feedback: str = ""  # hash of the marks and comments on the page that the student gets


def grade(root, limits, isolation, again=False, jobs=1, pictures=False, hidden=True):
    """Grade every submission that is new or has changed (`again`: every one) and write grades.csv.

    Args:
        root: folder of the course.
        limits: `Limits` of each submission.
        isolation: where the cells run, see isolation.py.
        again: grade also what has not changed.
        jobs: how many submissions run at a time.
        pictures: run also the cells on which no mark depends.
        hidden: say in the feedback what hidden tests found.
    """
    folder = root / "grading"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    try:
        alone = open_alone(folder / "grading.log")
    except BlockingIOError:
        raise SystemExit("Another grading run is at work in this folder: wait until it has ended.") from None
    with alone:
        LOG.handlers = [logging.FileHandler(folder / "grading.log", mode="w", encoding="utf-8")]
        LOG.propagate = False
        warnings.filterwarnings("ignore", module="nbgrader")
        warnings.filterwarnings("ignore", module="nbformat")
        isolation = choose() if isolation == "auto" else isolation
        _grade(root, folder, (limits, isolation, pictures), again, jobs, hidden)


def _grade(root, folder, how, again, jobs, hidden):
    config, known, rows, pending = labs.settings(root), _labs(root, folder / "exercises"), {}, {}
    state = _remembered(folder)

    def finish(path, digest=None, ran=None):
        """Count the points of one submission, where it has run anew, and write its row and its page."""
        student, lab = path.parent.name, path.name
        key = f"{student}/{lab}"
        try:
            if ran is not None:
                ran = ran()
                _autograde(config, path, ran.notebook)
                state[key] = Graded(digest, ran.remarks)
                for remark in ran.remarks:
                    tqdm.write(f"{key}: {remark}", file=sys.stdout)
            marks = marks_of(config, student, lab, state[key].remarks)
            rows[path] = marks.row
            state[key] = state[key]._replace(feedback=write_feedback(config, student, lab, marks, state[key], hidden))
        except Exception as error:  # whatever happens to a submission, the next one is graded
            state.pop(key, None)
            problem = plain(line(error))
            tqdm.write(f"{plain(key)}: NOT GRADED: {problem}", file=sys.stdout)
            row = {"student": student, "lab": lab, "to_mark": "everything", "remark": f"NOT GRADED: {problem}"}
            rows[path] = row
        sys.stdout.flush()

    def save():
        _remember(folder, state)
        write_table(folder / "grades.csv", COLUMNS, [rows[path] for path in sorted(rows)])

    pool = ThreadPoolExecutor(jobs)
    try:
        for path in submissions(folder / "submitted"):
            try:
                digest, graded = _digest(path, root), state.get(f"{path.parent.name}/{path.name}")
            except (Unusable, OSError) as error:
                finish(path, None, _raising(error))
                continue
            lost = not (folder / "autograded" / path.parent.name / path.name / f"{path.name}.ipynb").exists()
            if again or lost or graded is None or graded.digest != digest:
                pending[pool.submit(_run, path, known, *how)] = path, digest
            else:
                finish(path)
        save()
        for future in tqdm(as_completed(pending), total=len(pending), unit="submission", disable=not pending):
            finish(*pending[future], future.result)
            save()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for sandbox in list(RUNNING):  # only where the teacher has stopped the run
            sandbox.stop()
    to_mark = sum(bool(row["to_mark"]) for row in rows.values())
    print(f"{len(rows)} submissions, {to_mark} with answers to mark by hand: grading/grades.csv, grading/feedback/.")


def _raising(error):
    def ran():
        raise error

    return ran


def _remembered(folder):
    """Return {key: Graded} from grading/state.json.

    What an earlier version left for a browser is cleaned first, and all that it graded is graded anew.
    """
    file = folder / "state.json"
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    if kept.pop("version", 1) == VERSION:
        return {key: Graded(**entry) for key, entry in kept["submissions"].items()}
    clean_folder(folder / "autograded")
    shutil.rmtree(folder / "feedback", ignore_errors=True)
    state = {
        key: Graded(**entry)._replace(digest="", feedback="") for key, entry in kept.get("submissions", kept).items()
    }
    _remember(folder, state)
    return state


def _remember(folder, state):
    kept = {"version": VERSION, "submissions": {key: graded._asdict() for key, graded in state.items()}}
    with replacing(folder / "state.json") as new:
        new.write_text(json.dumps(kept, indent=1), encoding="utf-8")


def _labs(root, folder):
    """Write the exercise of every lab into `folder`; return {name: its languages}, and say which cannot be graded."""
    shutil.rmtree(folder, ignore_errors=True)
    found = {}
    for lab in labs.names(root):
        try:
            with reasons_from_the_log():
                labs.generate(root, lab, folder, record=True)
                spoken = [""] + [one for one in languages(root) if labs.path(root, lab, one).is_file()]
                for language in spoken[1:]:
                    labs.generate(root, lab, folder / language, language=language)
            found[lab] = [_lab(root, folder, lab, language) for language in spoken]
        except (Unusable, OSError) as error:
            print(
                f"{lab}: cannot be graded. {line(error)} If its cells have changed since the first submission was "
                "graded, put grading/gradebook.db aside and grade again."
            )
    return found


def _lab(root, folder, name, language):
    exercise = nbformat.read(folder / language / name / f"{name}.ipynb", 4)
    return Lab(exercise, nbformat.read(labs.path(root, name, language), 4), language, words(root, language))


def _in_its_language(spoken, notebook):
    """Return the lab in the language of a notebook that was handed in: the one that has most of its cells."""
    given = {cell.source.strip() for cell in notebook.cells}
    return max(spoken, key=lambda lab: sum(cell.source.strip() in given for cell in lab.exercise.cells))


def _run(path, known, limits, isolation, pictures):
    """Run what marks depend on in a submission; its other cells keep the outputs that they were handed in with."""
    check(path)
    if path.name not in known:
        raise Unusable(f"no lab is called {path.name!r}; the labs are {', '.join(known)}")
    with tempfile.TemporaryDirectory() as folder:
        files = Path(folder, "submission")
        shutil.copytree(path, files, ignore=unwanted)
        found = find_notebook(files, path.name)
        lab = _in_its_language(known[path.name], found.notebook)
        mended = mend(found.notebook, lab.exercise, lab.words[ELSEWHERE])
        mended.notebook.metadata["language"] = lab.language
        planned = plan(mended.notebook, lab.solution)
        outputs, while_running = run(planned.steps, files, limits, isolation)
        notebook, code = mended.notebook, [cell for cell in mended.notebook.cells if cell.cell_type == "code"]
        if pictures:
            steps = [("picture", str(number), cell.source) for number, cell in enumerate(code) if not _is_tests(cell)]
            shown, _ = run(steps, files, limits, isolation)
    tests = {cell.metadata.nbgrader.grade_id: cell.source for cell in lab.solution.cells if _is_tests(cell)}
    for number, cell in enumerate(code):
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = tests.get(name, cell.source)  # as they ran, hidden tests included
        if name in outputs:
            cell.outputs = [_in_words(output, lab.words) for output in outputs[name]]
        elif _is_tests(cell):
            raise Unusable(f"the solution has no tests cell {name}: run `make exercises`")
        elif pictures:
            cell.outputs = [_in_words(output, lab.words) for output in shown[str(number)]]
        elif cell.outputs:
            cell.outputs.insert(0, nbformat.v4.new_output("stream", name="stdout", text=f"{lab.words[AS_HANDED_IN]}\n"))
        cell.execution_count = number + 1
    remarks = [*odd_files(path), *found.remarks, *mended.remarks, *planned.remarks, *while_running]
    return Ran(notebook, list(map(plain, remarks)))


def _in_words(output, said):
    """Return an output; where it is a message of the sandbox, in the language of `said`."""
    if output.output_type == "stream":
        output.text = in_words("".join(output.text), said)
    if output.output_type == "error" and output.traceback == [f"{output.ename}: {output.evalue}"]:
        output.evalue = in_words(output.evalue, said)
        output.traceback = [f"{output.ename}: {output.evalue}"]
    return output


def _is_tests(cell):
    return cell.metadata.get("nbgrader", {}).get("grade", False)


def _autograde(config, path, notebook):
    """Let nbgrader count the points of a notebook that has run."""
    student, lab = path.parent.name, path.name
    root = Path(config.CourseDirectory.root)
    kept = copy.deepcopy(notebook.cells)
    with tempfile.TemporaryDirectory(dir=root / "grading") as staging:
        files = Path(staging, "submitted", student, lab)
        shutil.copytree(path, files, ignore=lambda *names: [*unwanted(*names), *_notebooks(*names)])
        nbformat.write(notebook, files / f"{lab}.ipynb")

        def put_back(notebook, resources):
            """nbgrader has dropped the outputs, and knows the tests cells and checksums of English only."""
            for cell, its in zip(notebook.cells, kept, strict=True):
                cell.update(its)
            return notebook, resources

        mine = copy.deepcopy(config)
        mine.CourseDirectory.submitted_directory = str(Path(staging, "submitted").relative_to(root))
        mine.CourseDirectory.autograded_directory = str(Path(staging, "autograded").relative_to(root))
        mine.CourseDirectory.assignment_id = lab
        del mine.Autograde["sanitize_preprocessors"]  # nbgrader_config.py refuses to grade in any other way
        converter = Autograde(coursedir=CourseDirectory(config=mine), config=mine, force=True)
        converter.autograde_preprocessors = [
            put_back,
            LimitOutput,
            SaveAutoGrades,
            AssignLatePenalties,
            CheckCellMetadata,
        ]
        with reasons_from_the_log():
            converter.start()
        graded = nbformat.read(Path(staging, "autograded", student, lab, f"{lab}.ipynb"), 4)
        write_clean(graded, root / "grading" / "autograded" / student / lab / f"{lab}.ipynb")


def _notebooks(folder, names):
    return [name for name in names if name.endswith(".ipynb")]


def _digest(path, root):
    """Return a hash of every file of a submission and of its lab, in each language."""
    check(path)
    digest = hashlib.sha256()
    solutions = [labs.path(root, path.name, language).parent for language in ["", *languages(root)]]
    for folder in (path, *solutions):
        for file in sorted(file for file in folder.rglob("*") if file.is_file() and not file.is_symlink()):
            if ".ipynb_checkpoints" not in file.parts:
                digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
    return digest.hexdigest()

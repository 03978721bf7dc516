"""Run the cells of a submission in a process of its own (`run_cells.py`), stopped when its time is over."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

import nbformat
from isolation import command
from nbgrader.utils import is_grade
from reasons import Unusable, line


class Limits(NamedTuple):
    """What one submission may take while its cells run; nbgrader_config.py has the values and says what they mean."""

    cell_seconds: int
    notebook_seconds: int
    cell_characters: int
    memory_gigabytes: int


def run_apart(notebook, files, limits, isolation):
    """Run the cells of `notebook` with `run_cells.py` and fill in their outputs; return the remarks."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    results = outputs_of([cell.source for cell in code], files, limits, isolation)
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


def outputs_of(sources, files, limits, isolation):
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
            env=environment(folder),
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
        raise Unusable(f"its cells could not be run (isolation: {isolation}): {line(complaint)}")
    return results


def environment(folder):
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

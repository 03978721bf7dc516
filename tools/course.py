"""The teacher's commands, behind `make exercises`, `make release` and `make grade`.

python tools/course.py exercises              solutions/ -> exercises/
python tools/course.py release                the same, and grading/release/<lab>.zip to hand out
python tools/course.py grade                  grading/submitted/<student>/<lab>/ -> marks, feedback, grades.csv
python tools/course.py grade --isolate auto   the same, the students' code without network and away from your files
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import labs
from grading import grade
from running import Limits


def exercises(root, destination):
    """Write the exercise of every lab into `destination`, which then holds nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        for lab in labs.names(root):
            labs.generate(root, lab, Path(folder))
        fresh = {path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file()}
        for path in [path for path in destination.rglob("*") if path.is_file()]:
            if path.relative_to(destination) not in fresh and ".ipynb_checkpoints" not in path.parts:
                path.unlink()
        shutil.copytree(folder, destination, dirs_exist_ok=True)


def release(root):
    """Pack each exercise into grading/release/<lab>.zip and note its cells in the gradebook."""
    destination = root / "grading" / "release"
    destination.mkdir(parents=True, exist_ok=True)
    for lab in labs.names(root):
        with tempfile.TemporaryDirectory() as folder:
            labs.generate(root, lab, Path(folder), record=True)
            archive = shutil.make_archive(destination / lab, "zip", folder, lab)
        print(Path(archive).relative_to(root))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["exercises", "release", "grade"])
    parser.add_argument("--root", type=Path, default=labs.ROOT, help="folder of the course (solutions/, grading/)")
    parser.add_argument("--to", type=Path, help="exercises: folder to write, exercises/ if not given")
    parser.add_argument("--isolate", default="none", metavar="HOW", help="grade: bwrap, unshare, docker, auto, none")
    parser.add_argument("--again", action="store_true", help="grade: also what has not changed since the last time")
    parser.add_argument(
        "--cell-seconds", type=int, help="grade: stop a cell after this, a notebook after five times this"
    )
    parser.add_argument("--hidden", choices=["yes", "no"], default="yes", help="grade: hidden tests in the feedback")
    options = parser.parse_args()
    root = options.root.resolve()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
    if options.command == "grade":
        limits = Limits(**labs.settings(root).Grading)
        if options.cell_seconds:
            limits = limits._replace(cell_seconds=options.cell_seconds, notebook_seconds=5 * options.cell_seconds)
        grade(root, limits, options.isolate, options.again, options.hidden == "yes")
        return
    exercises(root, options.to or root / "exercises")
    if options.command == "release":
        release(root)


if __name__ == "__main__":
    sys.exit(main())

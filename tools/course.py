"""The teacher's commands, behind `make exercises`, `make release`, `make collect` and `make grade`.

python tools/course.py exercises              solutions/ -> exercises/
python tools/course.py release                the same, and grading/release/ to hand out (--language fr: in French)
python tools/course.py collect export.zip     what a platform exports -> grading/submitted/<student>/<lab>/
python tools/course.py grade                  grading/submitted/<student>/<lab>/ -> marks, feedback, grades.csv
python tools/course.py grade --isolate auto   the same, the students' code without network and away from your files
python tools/course.py feedback --lab LAB     grading/feedback_LAB.zip, named as the platform wants it back
"""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

import labs
from collecting import collect, pack_feedback
from grading import grade
from languages import languages
from release import release
from running import Limits, default_jobs
from tables import write_gradebook


def exercises(root, destination):
    """Write the exercise of every lab, in each language, into `destination`, which then holds nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        for language in ["", *languages(root)]:
            for lab in labs.names(root):
                if labs.path(root, lab, language).is_file():
                    labs.generate(root, lab, Path(folder, language), language=language)
        fresh = {path.relative_to(folder) for path in Path(folder).rglob("*") if path.is_file()}
        for path in [path for path in destination.rglob("*") if path.is_file()]:
            if path.relative_to(destination) not in fresh and ".ipynb_checkpoints" not in path.parts:
                path.unlink()
        shutil.copytree(folder, destination, dirs_exist_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["exercises", "release", "collect", "grade", "feedback"])
    parser.add_argument("source", nargs="?", type=Path, help="collect: the zip or folder that the platform gave you")
    parser.add_argument("--lab", help="collect: the lab that was handed in, if its cells do not tell; feedback: which")
    parser.add_argument("--root", type=Path, default=labs.ROOT, help="folder of the course (solutions/, grading/)")
    parser.add_argument("--to", type=Path, help="exercises: folder to write, exercises/ if not given")
    parser.add_argument("--language", default="en", help="release: the language of what students get, en if not given")
    parser.add_argument("--isolate", default="none", metavar="HOW", help="grade: bwrap, unshare, docker, auto, none")
    parser.add_argument("--again", action="store_true", help="grade: also what has not changed since the last time")
    parser.add_argument(
        "--cell-seconds", type=int, help="grade: stop a cell after this, a notebook after five times this"
    )
    parser.add_argument("--jobs", type=int, default=default_jobs(), help="grade: how many submissions run at a time")
    parser.add_argument("--pictures", action="store_true", help="grade: run also cells on which no mark depends")
    parser.add_argument("--hidden", choices=["yes", "no"], default="yes", help="grade: hidden tests in the feedback")
    options = parser.parse_args()
    if options.command == "collect" and not options.source:
        parser.error("collect needs what the platform gave you: make collect FROM=export.zip")
    if options.command == "feedback" and not options.lab:
        parser.error("feedback needs a lab: make feedback LAB=tp1_gradient_saliency")
    root = options.root.resolve()
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # nbgrader calls alembic
    if options.command in ("exercises", "release"):
        exercises(root, options.to or root / "exercises")
    if options.command == "grade":
        limits = Limits(**labs.settings(root).Grading)
        if options.cell_seconds:
            limits = limits._replace(cell_seconds=options.cell_seconds, notebook_seconds=5 * options.cell_seconds)
        jobs, hidden = max(1, options.jobs), options.hidden == "yes"
        grade(root, limits, options.isolate, options.again, jobs, options.pictures, hidden)
    try:
        if options.command == "grade":
            write_gradebook(root / "grading")
        if options.command == "release":
            release(root, "" if options.language == "en" else options.language)
        if options.command == "collect":
            collect(root, options.source, options.lab)
        if options.command == "feedback":
            pack_feedback(root, options.lab)
    except (ValueError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    sys.exit(main())

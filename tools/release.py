"""What students get, whole: the package as a wheel, exercises, lessons; no solution, hidden test or model answer."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import labs
from languages import languages

PACKAGE = ["pyproject.toml", "README.md", "LICENSE", "NOTICE", "tp_visualisation"]  # what a wheel is built from
EXTRAS = "lab,networks,openvino"


def release(root):
    """Write grading/release/: the folder students/, the same as students.zip, and <lab>.zip for each lab.

    The cells of each exercise are noted in the gradebook. A .git in students/ is kept, so that it can be pushed anew.
    """
    destination = root / "grading" / "release"
    students = destination / "students"
    students.mkdir(parents=True, exist_ok=True)
    for path in students.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for lab in labs.names(root):
        labs.generate(root, lab, students / "exercises", record=True)
        shutil.make_archive(destination / lab, "zip", students / "exercises", lab)
    ignored = shutil.ignore_patterns(".ipynb_checkpoints", *languages(root))
    if (root / "notebooks").is_dir():
        shutil.copytree(root / "notebooks", students / "notebooks", ignore=ignored)
    wheel = build_wheel(students)
    (students / "requirements.txt").write_text(f"./{wheel}[{EXTRAS}]\n")
    shutil.copy(labs.ROOT / "tools" / "students" / "README.md", students)
    shutil.copy(labs.ROOT / "LICENSE", students)
    with tempfile.TemporaryDirectory() as folder:  # the zip holds one folder, and no .git
        whole = Path(folder, "tp_visualisation")
        shutil.copytree(students, whole, ignore=shutil.ignore_patterns(".git"))
        shutil.make_archive(destination / "students", "zip", folder, whole.name)
    for path in sorted(destination.glob("*.zip")):
        print(path.relative_to(root))


def build_wheel(folder):
    """Build the package's wheel into `folder` and return its name; offline, from a copy without earlier builds."""
    with tempfile.TemporaryDirectory() as copy:
        for name in PACKAGE:
            source = labs.ROOT / name
            if source.is_dir():
                shutil.copytree(source, Path(copy, name), ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy)
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, copy]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode:
            raise OSError(f"the wheel could not be built: {(run.stdout + run.stderr).strip().splitlines()[-1]}")
    (wheel,) = folder.glob("*.whl")
    return wheel.name

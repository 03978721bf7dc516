"""What students get, whole: the package as a wheel, exercises, lessons; no solution, hidden test or model answer."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import labs
from languages import languages
from translations import target

# what a wheel is built from
PACKAGE = ["pyproject.toml", "setup.py", "README.md", "LICENSE", "NOTICE", "tp_visualisation"]
EXTRAS = "lab,networks,openvino,explore"


def release(root, language=""):
    """Write grading/release/: the folder students/, the same as students.zip, and <lab>.zip for each lab.

    In another language, labs and lessons stand where they do in the course, in exercises/<language>/ and
    notebooks/<language>/. A .git in students/ is kept, so that it can be pushed anew.

    Raises:
        ValueError: the course is not in this language, or some of its labs are not.
    """
    check_language(root, language)
    destination = root / "grading" / "release"
    students = destination / "students"
    students.mkdir(parents=True, exist_ok=True)
    for path in students.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for lab in labs.names(root):
        labs.generate(root, lab, students / "exercises" / language, record=not language, language=language)
        shutil.make_archive(destination / lab, "zip", students / "exercises" / language, lab)
    lessons, ignored = Path("notebooks", language), shutil.ignore_patterns(".ipynb_checkpoints", *languages(root))
    if (root / lessons).is_dir():
        shutil.copytree(root / lessons, students / lessons, ignore=ignored)
    wheel = build_wheel(students)
    (students / "requirements.txt").write_text(f"./{wheel}[{EXTRAS}]\n", encoding="utf-8")
    page = Path("tools", "students.md")
    shutil.copy(labs.ROOT / (target(page, language) if language else page), students / "README.md")
    shutil.copy(labs.ROOT / "LICENSE", students)
    with tempfile.TemporaryDirectory() as folder:  # the zip holds one folder, and no .git
        whole = Path(folder, "tp_visualisation")
        shutil.copytree(students, whole, ignore=shutil.ignore_patterns(".git"))
        shutil.make_archive(destination / "students", "zip", folder, whole.name)
    for path in sorted(destination.glob("*.zip")):
        print(path.relative_to(root))


def check_language(root, language):
    """Raise ValueError unless every lab of the course is in `language`; "" is English."""
    if language and language not in languages(root):
        known = ", ".join(["en", *languages(root)])
        raise ValueError(f"LANGUAGE must be a language of the course, {known}, got {language!r}.")
    if missing := [lab for lab in labs.names(root) if not labs.path(root, lab, language).is_file()]:
        raise ValueError(f"these labs are not in {language!r} yet: {', '.join(missing)}. Run `make translations`.")


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

"""What students get: it works in a fresh environment, and it gives nothing away."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from .labs import NAMES, ROOT, Lab
from .test_exercises import _without_secrets

MARKERS = ["### BEGIN SOLUTION", "### END SOLUTION", "HIDDEN TESTS"]
WRITTEN = {"": ("**Model answer.**", "**Marking.**"), "fr": ("**Réponse modèle.**", "**Barème.**")}
LAB = NAMES[-1]  # the one that is run


english_only = pytest.mark.parametrize("released", [""], indirect=True)


@pytest.fixture(scope="module", params=["", "fr"])
def released(request, tmp_path_factory):
    """A release of this course in one language, and students.zip unpacked as a student would."""
    root = tmp_path_factory.mktemp("course")
    for name in ("solutions", "notebooks", "locale"):
        (root / name).symlink_to(ROOT / name)
    run = _release(root, *(["--language", request.param] if request.param else []))
    assert run.returncode == 0, run.stderr
    home = tmp_path_factory.mktemp("student")
    with zipfile.ZipFile(root / "grading" / "release" / "students.zip") as archive:
        archive.extractall(home)
    folder, unpacked = root / "grading" / "release", home / "tp_visualisation"
    return SimpleNamespace(root=root, folder=folder, unpacked=unpacked, language=request.param)


@pytest.fixture(scope="module")
def python(released, tmp_path_factory):
    """A new environment's Python, with the wheel in it.

    The libraries are this environment's, by a .pth file: nothing is downloaded. The package of this repository is not
    seen, since what installs it in place is a .pth file too, and those count in an environment's own folder only.
    """
    place = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    libraries = subprocess.run([python, "-c", where], capture_output=True, text=True, check=True).stdout.strip()
    Path(libraries, "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index"]
    pip += ["--disable-pip-version-check", "--no-warn-script-location"]
    wheel = next(released.unpacked.glob("*.whl"))
    subprocess.run([*pip, "--no-deps", "--ignore-installed", wheel], check=True, env=_clean())
    run = subprocess.run(
        [*pip, "--dry-run", "-r", "requirements.txt"],
        cwd=released.unpacked,
        env=_clean(),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr  # everything it wants is there
    assert "does not provide the extra" not in run.stderr
    return python


def test_a_student_gets_everything_and_nothing_else(released):
    files = {str(path.relative_to(released.unpacked)) for path in released.unpacked.rglob("*") if path.is_file()}
    (wheel,) = [name for name in files if name.endswith(".whl")]
    exercises, lessons = Path("exercises", released.language), Path("notebooks", released.language)
    (page,) = ROOT.glob(f"tools/students{released.language and '.'}{released.language}.md")
    assert (released.unpacked / "README.md").read_bytes() == page.read_bytes()
    lessons = {f"{lessons}/{path.name}" for path in (ROOT / lessons).glob("*") if path.suffix in (".ipynb", ".md")}
    exercises = {f"{exercises}/{name}/{name}.ipynb" for name in NAMES}
    assert files == lessons | exercises | {wheel, "README.md", "LICENSE", "requirements.txt"}
    for name in exercises | lessons:
        assert (released.unpacked / name).read_bytes() == (ROOT / name).read_bytes(), name
    assert {path.name for path in released.folder.iterdir()} == {
        *("students", "students.zip"),
        *(f"{name}.zip" for name in NAMES),
    }
    for name in NAMES:
        with zipfile.ZipFile(released.folder / f"{name}.zip") as archive:
            files = [entry for entry in archive.namelist() if not entry.endswith("/")]
            assert files == [f"{name}/{name}.ipynb"]
            own = ROOT / "exercises" / released.language / name / f"{name}.ipynb"
            assert archive.read(files[0]) == own.read_bytes()


def test_its_links_lead_to_what_is_in_it(released):
    for path in [*released.unpacked.rglob("*.ipynb"), *released.unpacked.rglob("*.md")]:
        cells = (
            nbformat.read(path, 4).cells if path.suffix == ".ipynb" else [{"source": path.read_text(encoding="utf-8")}]
        )
        text = "\n".join(cell["source"] for cell in cells if cell.get("cell_type") != "code")
        for link in re.findall(r"\]\(((?!https?:|#|attachment:)[^)#\s]+)", text):
            assert (path.parent / link).is_file(), (path.name, link)
        for link in re.findall(r"/students(?:/|\?labpath=)([^)\s]+\.ipynb)", text):
            assert (released.unpacked / link).is_file(), (path.name, link)


@english_only
def test_the_wheel_has_the_package_and_nothing_else(released):
    with zipfile.ZipFile(next(released.unpacked.glob("*.whl"))) as wheel:
        names = wheel.namelist()
    inside = {name for name in names if name.startswith("tp_visualisation/")}
    assert all(name.startswith("tp_visualisation-") and ".dist-info/" in name for name in set(names) - inside)
    kept = [
        path for path in (ROOT / "tp_visualisation").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    assert inside == {str(path.relative_to(ROOT)) for path in kept}


def test_nothing_is_given_away(released):
    texts = _texts(released.unpacked)
    assert len(texts) > 100
    secrets = {secret for name in NAMES for secret in _secrets(name, released.language)}
    assert len(secrets) > 200
    for place, text in texts.items():
        assert not [marker for marker in [*MARKERS, *WRITTEN[released.language]] if _flat(marker) in text], place
        assert not [secret for secret in secrets if secret in text], place


def test_secrets_are_seen(released):
    given_away = _flat((ROOT / "solutions" / released.language / LAB / f"{LAB}.ipynb").read_text(encoding="utf-8"))
    markers = map(_flat, [*MARKERS, *WRITTEN[released.language]])
    assert all(secret in given_away for secret in [*_secrets(LAB, released.language), *markers])


@english_only
def test_students_install_all_that_make_lab_does(released):
    lab = re.search(r"installed-lab:.*?'\.\[([\w,]+)\]'", (ROOT / "Makefile").read_text(encoding="utf-8"), re.DOTALL)
    extras = re.search(r"\[(.*)\]", (released.unpacked / "requirements.txt").read_text(encoding="utf-8"))
    assert set(lab[1].split(",")) <= set(extras[1].split(","))


@english_only
def test_a_lab_runs_in_a_fresh_environment(released, python):
    path = released.unpacked / "exercises" / LAB / f"{LAB}.ipynb"
    notebook, answers = nbformat.read(path, 4), Lab(LAB).answers
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade_id") in answers:
            cell.source = answers[cell.metadata.nbgrader.grade_id]
    where = "import tp_visualisation\n\nprint('package:', tp_visualisation.__file__)"
    notebook.cells.append(nbformat.v4.new_code_cell(where))
    nbformat.write(notebook, path)
    command = [python, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", path.name]
    run = subprocess.run(command, cwd=path.parent, env=_clean(), capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in cells)
    (said,) = [output.text for output in cells[-1].outputs]
    assert said.startswith(f"package: {python.parent.parent}")


@english_only
def test_a_language_that_is_not_there_is_refused(released):
    run = _release(released.root, "--language", "it")
    assert run.returncode == 1
    assert run.stderr.strip() == "LANGUAGE must be a language of the course, en, fr, got 'it'."


@english_only
def test_a_second_release_keeps_the_repository_and_drops_what_is_gone(released):
    students = released.folder / "students"
    before = {path.relative_to(students) for path in students.rglob("*")}
    (students / ".git").mkdir()
    (students / ".git" / "HEAD").write_text("ref: refs/heads/students")
    (students / "exercises" / "old").mkdir()
    (students / "exercises" / "old" / "old.ipynb").write_text("{}")
    for name in NAMES[1:]:  # two labs are enough
        shutil.rmtree(students / "exercises" / name)
    (released.root / "solutions").unlink()
    (released.root / "solutions").mkdir()
    shutil.copytree(ROOT / "solutions" / NAMES[0], released.root / "solutions" / NAMES[0])
    assert _release(released.root).returncode == 0
    after = {path.relative_to(students) for path in students.rglob("*") if ".git" not in path.parts}
    gone = {path for path in before if path.parts[0] == "exercises" and path.parts[1:2] not in [(), (NAMES[0],)]}
    assert after == before - gone
    assert (students / ".git" / "HEAD").read_text(encoding="utf-8") == "ref: refs/heads/students"
    with zipfile.ZipFile(released.folder / "students.zip") as archive:
        assert not [name for name in archive.namelist() if ".git" in name]


def _release(root, *options):
    command = [sys.executable, ROOT / "tools" / "course.py", "release", "--root", root, *options]
    return subprocess.run(command, capture_output=True, text=True)


def _clean():
    """This environment without what leads to this repository or to kernels elsewhere."""
    left = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER", "VIRTUAL"))}
    return {**left, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def _texts(folder):
    """Return place → text of every file, those in zips and wheels included, without breaks between lines."""
    texts = {}
    for path in folder.rglob("*"):
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as archive:
                texts |= {name: _flat(archive.read(name).decode("utf-8", "replace")) for name in archive.namelist()}
        elif path.is_file():
            texts[str(path.relative_to(folder))] = _flat(path.read_text(encoding="utf-8", errors="replace"))
    return texts


def _flat(text):
    """A text as it is compared: no spaces, quotes or backslashes, which JSON adds and breaks."""
    return re.sub(r'[\s"\\]', "", text)


def _secrets(name, language):
    """Return the hidden tests' own lines and the model answers' sentences, those long enough to mean something."""
    secrets = set()
    for cell in Lab(name, language).notebook.cells:
        for hidden in re.findall(r"### BEGIN HIDDEN TESTS(.*?)### END HIDDEN TESTS", cell.source, re.DOTALL):
            secrets |= {line.strip() for line in hidden.splitlines()}
        if WRITTEN[language][0] in cell.source:
            secrets |= set(re.split(r"(?<=[.:;])\s|\n", cell.source))
    shown = {_flat(line) for lab in NAMES for line in _without_secrets(lab, language)}
    package = (ROOT / "tp_visualisation").rglob("*.py")  # a line that it has by itself tells nothing
    shown |= {_flat(line) for path in package for line in path.read_text(encoding="utf-8").splitlines()}
    return {_flat(secret) for secret in secrets if len(secret.strip()) > 40} - shown

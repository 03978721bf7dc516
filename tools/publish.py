"""The package as it is published, behind `make dist`: built, checked, and tried where nothing else is.

python tools/publish.py                 dist/: the sdist, and the wheel made from it
python tools/publish.py --check-only    the same, not tried in an environment of its own, which downloads TensorFlow
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
TESTS = ["cli/test_course.py", "cli/test_samples.py", "saliency/test_gradients.py", "test_maps.py"]
COMMANDS = ["samples", "networks", "doctor", "course course --language fr", "explain dalmatian -m grad_cam -o map.png"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check-only", action="store_true")
    options = parser.parse_args()
    for folder in (DIST, ROOT / "build" / "lib"):
        shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "build", "--no-isolation", "--outdir", DIST, ROOT])
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    _run([sys.executable, "-m", "twine", "check", "--strict", wheel, sdist])
    with tempfile.TemporaryDirectory() as folder:
        try_sdist(sdist, Path(folder, "sdist"))
        if not options.check_only:
            try_wheel(wheel, Path(folder, "wheel"))
    print(wheel, sdist, sep="\n")


def try_sdist(sdist, folder):
    """Run some of the tests that are in the sdist, on the package that is in it."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (root,) = folder.iterdir()
    _run([sys.executable, "-m", "pytest", *(f"tests/{name}" for name in TESTS)], cwd=root)
    _run([sys.executable, "-m", "pytest", "--collect-only", "-qq"], cwd=root)


def try_wheel(wheel, folder):
    """Install the wheel into an environment that is empty, and give its command something to do."""
    _run([sys.executable, "-m", "venv", folder / "environment"])
    programs = folder / "environment" / ("Scripts" if os.name == "nt" else "bin")
    _run([programs / "python", "-m", "pip", "install", "--quiet", wheel])
    for command in COMMANDS:
        _run([programs / "tpvis", *command.split()], cwd=folder)
    assert (folder / "map.png").is_file()


def _run(command, **options):
    print("$", *command, flush=True)
    left = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    run = subprocess.run(command, env=left, **options)
    if run.returncode:
        sys.exit(run.returncode)


if __name__ == "__main__":
    main()

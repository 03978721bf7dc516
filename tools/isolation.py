"""Where a student's notebook runs: how `run_cells.py` is started without network, away from the teacher's files.

    bwrap     Linux, no rights needed (`apt install bubblewrap`): no network, the file system read-only; home folder,
              solutions and gradebook cannot be seen
    unshare   Linux, started as root: no network, user "nobody"
    docker    a container without network, from tools/Dockerfile (`make grading-image`)
    auto      the first of these that the machine has
    none      the student's code runs with your own rights

Anything else is taken for a command of your own to put in front, such as "sudo -u grader".
"""

import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGE = "tp_visualisation-grading"
RUN_CELLS = [sys.executable, "-s", str(ROOT / "tools" / "run_cells.py")]
NOBODY = 65534
START_A_KERNEL = "import nbclient, subprocess, sys; subprocess.run([sys.executable, '-c', ''], check=True)"


def command(name, folder):
    """Return the words of the command that runs `run_cells.py`; `folder` is the one that it may write in."""
    ways = {"bwrap": bwrap, "unshare": unshare, "docker": docker, "none": lambda folder: RUN_CELLS}
    name = choose() if name == "auto" else name
    if name not in ("bwrap", "none"):
        folder.chmod(0o777)  # another user works there
    return ways[name](folder) if name in ways else [*shlex.split(name), *RUN_CELLS]


def choose():
    """Return the first way that can start this Python here: user "nobody" cannot where it lies in a closed home."""
    with tempfile.TemporaryDirectory() as folder:
        for way in (bwrap, unshare):
            if _works([*way(Path(folder))[: -len(RUN_CELLS)], sys.executable, "-s", "-c", START_A_KERNEL]):
                return way.__name__
    if _works(["docker", "info"]):
        return "docker"
    raise SystemExit("To grade isolated, install bubblewrap (apt install bubblewrap) or Docker: see INSTRUCTORS.md.")


def _works(words):
    return shutil.which(words[0]) is not None and subprocess.run(words, capture_output=True).returncode == 0


def bwrap(folder):
    words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--ro-bind", "/", "/"]
    words += ["--dev", "/dev", "--proc", "/proc"]
    for hidden in ["/tmp", str(Path.home()), str(ROOT)]:
        words += ["--tmpfs", hidden]
    needed = {sys.base_prefix, sys.prefix, str(ROOT / "tp_visualisation"), str(ROOT / "tools")}
    for path in sorted(needed, key=len):
        words += ["--ro-bind", path, path]
    return [*words, "--bind", str(folder), str(folder), "--chdir", str(folder), *RUN_CELLS]


def unshare(folder):
    words = ["unshare", "--net", "--ipc", "--pid", "--fork", "--mount-proc", "--kill-child"]
    words += ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    return [*words, *RUN_CELLS]


def docker(folder):
    words = ["docker", "run", "--rm", "--interactive", "--network", "none", "--cap-drop", "ALL", "--pids-limit", "512"]
    words += ["--security-opt", "no-new-privileges", "--user", f"{NOBODY}:{NOBODY}", "--read-only", "--tmpfs", "/tmp"]
    return [*words, "--volume", f"{folder}:/submission:ro", "--workdir", "/submission", IMAGE]

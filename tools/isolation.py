"""Where a student's notebook runs: how `inside/kernel.py` is started without network, away from the teacher's files.

    bwrap     Linux, no rights needed (`apt install bubblewrap`, 0.7 or newer)
    unshare   Linux, started as root
    docker    a container, from tools/Dockerfile (`make grading-image`)
    auto      the first of these that the machine has
    none      the student's code runs with your own rights

In the first three there is no network, and of the file system only what Python needs: the system's libraries, Python's
and the virtual environment's folders, the package, the submission. Only a small folder in memory can be written.
Anything else is taken for a command of your own to put in front, such as "sudo -u grader".
"""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGE = "tp_visualisation-grading"
KERNEL = [sys.executable, "-s", str(ROOT / "tools" / "inside" / "kernel.py")]
NOBODY = 65534
DROP_RIGHTS = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
DROP_RIGHTS += ["--bounding-set=-all", "--inh-caps=-all"]
HOME, SUBMISSION = "/home/student", "/submission"
SYSTEM = ["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr", "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache"]
START = "import IPython, numpy, tp_visualisation"


def command(name, folder, container, disk_megabytes=256):
    """Return the words that start the kernel, with the submission's copy in `folder`, and its home there."""
    ways = {"bwrap": bwrap, "unshare": unshare}
    name = choose() if name == "auto" else name
    if name in ways:
        return [*ways[name](folder, disk_megabytes), *KERNEL, SUBMISSION], HOME
    if name == "docker":
        return [*docker(folder, disk_megabytes, container), SUBMISSION], HOME
    if name == "none":
        return KERNEL, folder
    folder.parent.chmod(0o755)  # another user works there
    folder.chmod(0o777)
    return [*shlex.split(name), *KERNEL], folder


def choose():
    """Return the first way that can start this Python here, with the package."""
    with tempfile.TemporaryDirectory() as folder:
        for way in (bwrap, unshare) if sys.platform == "linux" else ():
            if _works([*way(Path(folder), 16), sys.executable, "-s", "-c", START], environment("/tmp")):
                return way.__name__
    if _works(["docker", "info"]):
        return "docker"
    raise SystemExit("To grade isolated, install bubblewrap (apt install bubblewrap) or Docker: see INSTRUCTORS.md.")


def environment(home):
    """Return the environment of the kernel: nothing of the teacher's but the search path and the language."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    own = {
        "HOME": str(home),
        "USERPROFILE": str(home),  # the same on Windows
        "TMPDIR": str(home),
        "IPYTHONDIR": f"{home}/.ipython",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
    }
    quiet = {"CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore"}
    return {**kept, **own, **quiet, "USER": "student", "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"}


def needed():
    """Return the folders of Python, of its libraries and of the package."""
    places = [sys.base_prefix, sys.prefix, Path(sys.executable).resolve().parent.parent]
    places += [ROOT / "tp_visualisation", ROOT / "tools" / "inside"]
    found = {str(path) for place in places for path in (Path(place), Path(place).resolve())}
    return sorted((path for path in found if not path.startswith("/usr")), key=len)


def bwrap(folder, disk_megabytes):
    size = ["--size", str(disk_megabytes * 2**20), "--perms", "1777", "--tmpfs"]
    words = ["bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"]
    words += [
        "--die-with-parent",
        "--new-session",
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        *size,
        "/tmp",
        *size,
        "/dev/shm",
    ]
    shown = [(path, path) for path in [*SYSTEM, *needed()] if os.path.exists(path)] + [(str(folder), SUBMISSION)]
    parents = {str(parent) for _, there in [*shown, ("", HOME)] for parent in Path(there).parents} - {"/", "/tmp"}
    for parent in sorted(parents, key=len):  # made without being asked, they could not be entered
        words += ["--dir", parent]
    for path, there in shown:
        words += ["--symlink", os.readlink(path), there] if os.path.islink(path) else ["--ro-bind", path, there]
    words += [*size, HOME, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", HOME]
    root = os.geteuid() == 0  # root keeps its rights in bubblewrap, so it becomes nobody; others have none to lose
    return [*words, *DROP_RIGHTS] if root else [*words, "--unshare-user"]


def unshare(folder, disk_megabytes):
    """The same with `unshare`, which has no option for what can be seen: a shell mounts it."""
    root = f"{folder}.root"
    mount = [f"mount -t tmpfs -o size={disk_megabytes}m,mode=755 tmpfs {shlex.quote(root)}"]
    for path in [*SYSTEM, *needed(), "/dev/null", "/dev/zero", "/dev/urandom"]:
        mount += _bind(path, root + path) if os.path.exists(path) else []
    mount += _bind(str(folder), root + SUBMISSION)
    words = ["mkdir", "-p", root + "/proc", root + "/tmp", root + "/dev/shm", root + HOME]
    mount += [shlex.join(words), f"mount -t proc proc {shlex.quote(root + '/proc')}"]
    mount += [shlex.join(["chmod", "1777", root + "/tmp", root + "/dev/shm", root + HOME])]
    enter = f'cd {HOME} && exec {shlex.join(DROP_RIGHTS)} "$@"'
    mount += [shlex.join(["exec", "chroot", root, "/bin/sh", "-c", enter, "sh"]) + ' "$@"']
    spaces = ["unshare", "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child"]
    return [*spaces, "sh", "-c", f"mkdir -p {shlex.quote(root)} && " + " && ".join(mount), "sh"]


def _bind(path, there):
    """Return the shell's commands that show `path` read-only at `there`."""
    if os.path.islink(path):
        return [shlex.join(["mkdir", "-p", os.path.dirname(there)]), shlex.join(["ln", "-s", os.readlink(path), there])]
    make = ["mkdir", "-p", there] if os.path.isdir(path) else ["touch", there]
    parent = shlex.join(["mkdir", "-p", os.path.dirname(there)])
    remount = ["mount", "-o", "remount,bind,ro", there]
    return [parent, *map(shlex.join, (make, ["mount", "--bind", path, there], remount))]


def docker(folder, disk_megabytes, container):
    words = ["docker", "run", "--rm", "--interactive", "--name", container, "--network", "none", "--cap-drop", "ALL"]
    words += ["--security-opt", "no-new-privileges", "--user", f"{NOBODY}:{NOBODY}", "--pids-limit", "512"]
    words += ["--read-only", "--tmpfs", f"/tmp:size={disk_megabytes}m", "--shm-size", "64m"]
    words += ["--tmpfs", f"{HOME}:size={disk_megabytes}m,mode=1777", "--workdir", HOME]
    return [*words, "--volume", f"{folder}:{SUBMISSION}:ro", IMAGE]


def _works(words, env=None):
    return shutil.which(words[0]) is not None and subprocess.run(words, capture_output=True, env=env).returncode == 0

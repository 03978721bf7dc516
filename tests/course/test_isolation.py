"""The sandbox: what a student's code can see and do there, and what becomes of it when it takes too much."""

import json
import os
import socket
import sys

import pytest

from .labs import ROOT

sys.path.insert(0, str(ROOT / "tools"))
import isolation
import running

LIMITS = running.Limits(20, 60, 10_000, 12, 16, 16)
SPY = """
import json, os, socket
def works(action, *arguments):
    try:
        action(*arguments)
        return True
    except OSError:
        return False
def write(path):
    with open(path, "w") as file:
        file.write("x")
def fill():
    for number in range(40):
        with open(f"part{number}", "wb") as file:
            file.write(bytes(2**20))
print(json.dumps({
    "network": works(socket.create_connection, ("127.0.0.1", PORT), 3),
    "seen": [path for path in PATHS if os.path.exists(path)],
    "written": [path for path in WRITTEN if works(write, path)],
    "processes": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
    "rights": [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapEff", "CapBnd"))],
    "root": os.getuid() == 0,
    "files": [name for name in os.listdir(".") if name[0] != "."],
    "own": works(write, "own.txt"),
    "secrets": [name for name in os.environ if "SECRET" in name],
    "filled": works(fill),
}))
"""


@pytest.fixture(params=["bwrap", "unshare"])
def way(request, tmp_path):
    words = getattr(isolation, request.param)(tmp_path, 16)
    if not isolation._works([*words, sys.executable, "-s", "-c", isolation.START]):
        pytest.skip(f"{request.param} does not work here")
    return request.param


def run(folder, way, *sources, limits=LIMITS):
    steps = [("answer", f"cell {number}", source) for number, source in enumerate(sources)]
    outputs, remarks = running.run(steps, folder, limits, way)
    return [outputs[name] for _, name, _ in steps], remarks


def test_nothing_of_the_teacher_can_be_seen_or_changed(way, tmp_path, monkeypatch):
    monkeypatch.setenv("MY_SECRET", "42")
    submission = tmp_path / "submission"
    submission.mkdir()
    (submission / "data.txt").write_text("mine")
    (tmp_path / "other.txt").write_text("another student's")
    paths = ["/run", "/var", os.path.expanduser("~/.bashrc"), "/etc/passwd", "/proc/1/root/var", str(tmp_path)]
    paths += [os.path.expanduser("~/.cache")]
    paths += [str(ROOT / name) for name in ("solutions", "tests", ".git", "grading", "tools/grading.py")]
    written = ["/x", "/usr/x", "/submission/data.txt", str(ROOT / "tp_visualisation" / "x.py"), sys.prefix + "/x"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        spy = SPY.replace("PORT", str(server.getsockname()[1])).replace("PATHS", repr(paths))
        (outputs,), remarks = run(submission, way, spy.replace("WRITTEN", repr(written)))
    assert remarks == []
    found = json.loads(outputs[0].text)
    assert found.pop("processes")[-1] < 20  # of its own
    assert found == {
        "network": False,
        "seen": [],
        "written": [],
        "rights": ["0" * 16, "0" * 16] if os.geteuid() == 0 else found["rights"],
        "root": False if os.geteuid() == 0 else found["root"],
        "files": ["data.txt"],
        "own": True,
        "secrets": [],
        "filled": False,
    }
    assert (submission / "data.txt").read_text(encoding="utf-8") == "mine"


def test_waiting_is_not_counted_as_processor_time(way, tmp_path):
    limits = LIMITS._replace(cell_seconds=2, notebook_seconds=4)
    (first, second), remarks = run(
        tmp_path, way, "import time\ntime.sleep(4)\nprint('awake')", "print(1)", limits=limits
    )
    assert (first[0].text, second[0].text, remarks) == ("awake\n", "1\n", [])


TOO_MUCH = {
    "loop": ("while True:\n    pass", "cell 0: stopped after 2 s of processor time: a loop without end?"),
    "sleep": ("import time\ntime.sleep(1000)", "cell 0: stopped after 10 s: does it wait for something?"),
    "fork_bomb": ("import os\nwhile True:\n    os.fork()", "cell"),  # of several limits the one that it meets first
    "memory": (
        "import os\n_ = os.fork(), os.fork(), os.fork()\nheld = bytearray(2**28)\nwhile True:\n    pass",
        "cell 0: it took more than 1 GB of memory",
    ),
    "one_line": (
        "import os\nfor n in range(3, 9):\n  try:\n    os.write(n, b'x' * 10**7)\n  except OSError:\n    pass",
        "cell 0: it answered too much",
    ),
    "print": ("while True:\n    print('hello' * 100)", "cell 0: wrote too much, the rest was dropped"),
    "metadata": (
        "from IPython.display import display\ndisplay({'text/plain': '1'}, raw=True, metadata={'a': 'b' * 10**6})",
        "cell 0: wrote too much, the rest was dropped",
    ),
    "picture": (
        "from IPython.display import display\ndisplay({'image/png': 'A' * 10**7}, raw=True)",
        "cell 0: wrote too much, the rest was dropped",
    ),
    "error": ("raise RuntimeError('x' * 10**7)", None),
}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_what_takes_too_much_is_stopped_and_said(what, tmp_path):
    try:
        way = isolation.choose()
    except SystemExit as nothing:
        pytest.skip(str(nothing))
    source, remark = TOO_MUCH[what]
    limits = LIMITS._replace(cell_seconds=2, memory_gigabytes=1 if what == "memory" else 12)
    (outputs, _), remarks = run(tmp_path, way, source, "print(1)", limits=limits)
    assert any(said.startswith(remark) for said in remarks) if remark else remarks == []
    assert len(json.dumps(outputs)) < 50_000


def test_what_comes_back_that_is_no_output_becomes_an_error():
    reply = {"outputs": [{"output_type": "display_data", "data": {"text/html": 7}, "metadata": []}]}
    (output,) = running._outputs(reply)
    assert output.ename == "Unreadable"


def test_your_own_command_is_put_in_front(tmp_path):
    folder = tmp_path / "submission"
    folder.mkdir()
    assert isolation.command("sudo -u grader", folder, None)[0][:3] == ["sudo", "-u", "grader"]
    assert isolation.command("none", folder, None) == (isolation.KERNEL, folder)
    words, _ = isolation.command("docker", folder, "name")
    assert words[words.index("--network") + 1] == "none"
    assert f"{folder}:{isolation.SUBMISSION}:ro" in words


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell's program")
def test_dockers_client_runs_at_home(tmp_path, monkeypatch):
    """On macOS it finds its server by what lies in the teacher's home."""
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\n[ "$HOME" = {tmp_path} ]\n', encoding="utf-8")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "darwin")  # which has neither bubblewrap nor unshare
    assert isolation.choose() == "docker"
    docker.write_text(f'#!/bin/sh\necho "$HOME" >> {tmp_path}/home\n', encoding="utf-8")
    (tmp_path / "submission").mkdir()
    with pytest.raises(running.Unusable):
        running.Sandbox(tmp_path / "submission", LIMITS, "docker")
    assert set((tmp_path / "home").read_text(encoding="utf-8").split()) == {str(tmp_path)}  # started, and stopped

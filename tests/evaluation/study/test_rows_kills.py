"""A table whose writer is killed at any moment, and two writers at once: no row is lost, doubled or changed.

The writer is killed before each thing that it asks of the file system, in a process that is forked before it begins;
the next writer, which mends what it finds, is killed in the same way.
"""

import os
import signal
import subprocess
import sys
import time

import pytest

from tp_visualisation.evaluation.study import rows as rows_module
from tp_visualisation.evaluation.study.rows import Row, open_table

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills are those of Unix")

N_APPENDS = 8
WITHOUT_TENSORFLOW = """
import importlib.util, sys, types
room = sys.modules["tp_visualisation.evaluation"] = types.ModuleType("tp_visualisation.evaluation")
room.__path__ = [importlib.util.find_spec("tp_visualisation").submodule_search_locations[0] + "/evaluation"]
"""
SETTINGS = {"step_size": 224}
WRITER = (
    WITHOUT_TENSORFLOW
    + """
import os, signal, sys
from pathlib import Path
from tp_visualisation.evaluation.study import rows
from tp_visualisation.evaluation.study.rows import Row, open_table

n_appends, suffix, folder = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
rows._PARTS_IN_A_BLOCK = 3

def write(path, done):
    table = open_table(path, {"step_size": 224})
    known = {row.image for row in table.rows}
    for number in range(n_appends):
        if f"{number}\\n,.png" not in known:
            table.append([Row(f"{number}\\n,.png", "", 1, None, method, "deletion", number / 7) for method in "ab"])
            os.write(done, b"%d " % number)
    table.close()

def killed(path, fatal):
    pid = os.fork()
    if pid:
        return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    done = os.open(f"{path}.done", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    count = 0
    watched = {"open", "os.rename", "os.remove", "os.mkdir", "os.truncate", "os.chmod", "fcntl.flock", "fsync"}
    def hook(event, arguments):
        nonlocal count
        if event in watched and not str(arguments[:1]).endswith(".py"):
            count += 1
            if count == fatal:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(hook)
    os.fsync = lambda handle: sys.audit("fsync")  # what is written survives the process without it
    write(path, done)
    os._exit(0)

if suffix == ".parquet":
    import pyarrow.parquet
fatal, alive = 0, False
while not alive:
    fatal += 1
    path = folder / f"{fatal}{suffix}"
    alive = not killed(path, fatal)
    killed(path, fatal % 13 + 1)
print(fatal)
"""
)


@pytest.mark.parametrize(("suffix", "at_least"), [(".csv", 12), (".parquet", 60)])
def test_a_writer_killed_at_any_moment_and_then_the_next_loses_and_doubles_nothing(
    tmp_path, monkeypatch, suffix, at_least
):
    monkeypatch.setattr(rows_module, "_PARTS_IN_A_BLOCK", 3)
    command = [sys.executable, "-c", WRITER, str(N_APPENDS), suffix, tmp_path]
    n_kills = int(subprocess.run(command, check=True, capture_output=True, timeout=300).stdout)
    assert n_kills > at_least
    expected = [
        Row(f"{number}\n,.png", "", 1, None, method, "deletion", number / 7)
        for number in range(N_APPENDS)
        for method in "ab"
    ]
    for fatal in range(1, n_kills + 1):
        path = tmp_path / f"{fatal}{suffix}"
        done = (tmp_path / f"{fatal}{suffix}.done").read_text(encoding="utf-8").split()
        table = open_table(path, SETTINGS)
        assert table.rows == expected[: len(table.rows)]
        assert len(table.rows) >= 2 * len(set(done))
        table.append(expected[len(table.rows) :])
        table.close()
        table = open_table(path, SETTINGS)
        assert table.rows == expected
        table.close()


TWO_AT_ONCE = (
    WITHOUT_TENSORFLOW
    + """
import sys, time
from pathlib import Path
from tp_visualisation.evaluation.study.rows import Row, open_table

import pyarrow.parquet

print("ready", flush=True)
start = float(sys.stdin.readline())
for number in range(50):
    time.sleep(max(0, start + 0.06 * number - time.time()))
    try:
        table = open_table(Path(f"{number}{sys.argv[1]}"), {"step_size": 224})
    except BlockingIOError as error:
        print(error)
        continue
    known = {row.image for row in table.rows}
    for image in "abcdefgh":
        if image not in known:
            table.append([Row(image, "", 1, None, "gradient", "deletion", 0.5)])
    table.close()
    print("wrote")
"""
)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_of_two_processes_on_one_table_one_writes_and_the_other_is_told_or_comes_later(tmp_path, suffix):
    """Fifty tables, both processes at the same moment."""
    pytest.importorskip("pyarrow")
    command = [sys.executable, "-c", TWO_AT_ONCE, suffix]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, cwd=tmp_path, **pipes) for _ in range(2)]
    assert [process.stdout.readline() for process in processes] == ["ready\n"] * 2
    start = f"{time.time() + 0.1}\n"
    for process in processes:
        process.stdin.write(start)
        process.stdin.flush()
    answers = [process.communicate(timeout=120)[0].splitlines() for process in processes]
    assert len(answers[0]) == len(answers[1]) == 50
    for number, pair in enumerate(zip(*answers, strict=True)):
        assert "wrote" in pair
        assert all(answer == "wrote" or "is being written by another process" in answer for answer in pair)
        table = open_table(tmp_path / f"{number}{suffix}", SETTINGS)
        assert [row.image for row in table.rows] == list("abcdefgh")
        table.close()
    assert sum("being written" in answer for pair in answers for answer in pair) > 0


HOLDER = (
    WITHOUT_TENSORFLOW
    + """
import os, sys, time
from pathlib import Path
from tp_visualisation.evaluation.study.rows import open_table

table = open_table(Path("t.csv"), {"step_size": 224})
if os.fork() == 0:
    time.sleep(60)
print("open", flush=True)
time.sleep(60)
"""
)


def test_the_hold_on_a_table_dies_with_its_process_even_where_a_forked_one_lives_on(tmp_path):
    path = tmp_path / "t.csv"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=tmp_path, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(
            BlockingIOError, match='t.csv" is being written by another process: wait for its end, or give'
        ):
            open_table(path, SETTINGS)
        holder.kill()
        holder.wait()
        os.killpg(holder.pid, 0)  # its child is there
        for _ in range(100):  # it may have had no time yet to let go
            try:
                open_table(path, SETTINGS).close()
                break
            except BlockingIOError:
                time.sleep(0.1)
        else:
            pytest.fail("the forked process keeps the table")
    finally:
        os.killpg(holder.pid, signal.SIGKILL)
        holder.wait()
        holder.stdout.close()

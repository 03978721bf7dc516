"""Run the cells of a submission in a sandbox; this program stays outside, and believes only what it can check.

What comes out of the sandbox is a line of JSON for each cell, of bounded length, with the secret `token` that was sent
with the cell. A cell is sent when the one before it has answered, so that code cannot read tests that come later.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import nbformat
import psutil
from isolation import command, environment
from reasons import Unusable, line

PATIENCE = 5  # a cell may wait, by the clock, this many times its processor time
PICTURE = 50  # a picture counts for its size divided by this: as in inside/kernel.py
RUNNING = set()  # sandboxes


class Limits(NamedTuple):
    """What one submission may take while its cells run; nbgrader_config.py has the values and says what they mean."""

    cell_seconds: int
    notebook_seconds: int
    cell_characters: int
    memory_gigabytes: int
    disk_megabytes: int
    processes: int


class Sandbox:
    """A kernel where the student's code can do no harm, watched from outside.

    Attributes:
        stopped: why it was killed, "" while it was not.
    """

    def __init__(self, files, limits, isolation):
        self.limits, self.stopped, self.seconds = limits, "", 0.0
        self._end = time.monotonic() + PATIENCE * limits.notebook_seconds
        self._cell = 60, time.monotonic() + 300  # (processor seconds, clock) when it must be over; here, the start
        self._temporary = tempfile.TemporaryDirectory(prefix="tp", dir="/tmp" if os.name == "posix" else None)
        folder = Path(self._temporary.name).resolve() / "submission"
        shutil.copytree(files, folder)
        folder.chmod(0o755)  # its parent is closed
        self._container = f"tp-{secrets.token_hex(8)}" if isolation == "docker" else None
        words, home = command(isolation, folder, self._container, limits.disk_megabytes)
        self._process = subprocess.Popen(
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
            env=None if self._container else environment(home),  # docker's client finds its server from your home
            start_new_session=True,
        )
        RUNNING.add(self)
        bounds = {"cell_characters": limits.cell_characters, "memory_gigabytes": limits.memory_gigabytes}
        self._send({**bounds, "disk_megabytes": limits.disk_megabytes, "threads": _threads() + 512})
        threading.Thread(target=self._watch, daemon=True).start()
        if self._receive() != {"ready": True}:
            self.stop()
            complaint = self._process.stderr.read(5000).decode(errors="replace").strip().rpartition("\n")[2]
            raise Unusable(f"its cells could not be run (isolation: {isolation}): {line(complaint)}")

    def run(self, kind, name, source):
        """Run one cell; return its reply, None where there is none: Python has stopped, or was (`stopped`)."""
        seconds = max(1, min(self.limits.cell_seconds, int(self.left())))
        token = secrets.token_hex(16)
        self._cell = (self.seconds + 1.5 * seconds + 5, time.monotonic() + PATIENCE * seconds + 15)
        request = {"kind": kind, "name": name, "source": source, "token": token}
        self._send({**request, "seconds": seconds, "waiting": PATIENCE * seconds})
        reply = self._receive()
        self._cell = None
        if reply is None or reply.get("token") != token:
            self.stop("its answer was forged, or not one" if reply else "")
            return None
        return reply

    def left(self):
        """Return how many seconds of processor time the notebook has left."""
        return min(self.limits.notebook_seconds - self.seconds, (self._end - time.monotonic()) / PATIENCE)

    def stop(self, reason=""):
        """Kill everything in it."""
        self.stopped = self.stopped or reason
        if self._container:
            subprocess.run(["docker", "kill", self._container], capture_output=True)
        for process in [*_tree(self._process.pid), self._process]:
            with contextlib.suppress(psutil.Error, OSError):  # it has ended, or is another user's
                process.kill()
        if os.name == "posix" and self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        RUNNING.discard(self)
        self._temporary.cleanup()

    def _send(self, message):
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:  # it has ended: nothing will be received
            pass

    def _receive(self):
        room = 2 * PICTURE * self.limits.cell_characters
        answer = self._process.stdout.readline(room)
        if len(answer) >= room:
            self.stop("it answered too much")
        try:
            reply = json.loads(answer)
        except ValueError:
            return None
        return reply if isinstance(reply, dict) else None

    def _watch(self):
        """Kill the sandbox when a limit is passed that the kernel has not kept by itself."""
        while self._process.poll() is None:
            tree = _tree(self._process.pid)
            seconds, memory = 0.0, 0
            for process in tree:
                with contextlib.suppress(psutil.Error):
                    seconds += sum(process.cpu_times()[:4])
                    memory += process.memory_info().rss
            self.seconds = max(self.seconds, seconds)
            cell = self._cell
            if len(tree) > self.limits.processes:
                self.stop(f"it started more than {self.limits.processes} processes")
            elif memory > self.limits.memory_gigabytes * 2**30:
                self.stop(f"it took more than {self.limits.memory_gigabytes} GB of memory")
            elif cell and seconds > cell[0]:
                self.stop(f"stopped after {self.limits.cell_seconds} s of processor time: a loop without end?")
            elif cell and time.monotonic() > cell[1]:
                self.stop(f"stopped after {PATIENCE * self.limits.cell_seconds} s: does it wait for something?")
            time.sleep(0.25)


def _tree(pid):
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def _threads():
    """Return how many threads the user of the sandbox has already: the limit of the system counts them."""
    own = 65534 if os.name == "posix" and os.geteuid() == 0 else os.getuid() if os.name == "posix" else None
    total = 0
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            total += process.num_threads() if own is None or process.uids().real == own else 0
    return total


def default_jobs():
    """Return how many submissions can run at a time: one on each core, while there are 3 GB of memory for each."""
    return max(1, min(os.cpu_count() or 1, psutil.virtual_memory().total // (3 * 2**30)))


def run(steps, files, limits, isolation):
    """Run the cells `steps` (kind, name, source) in a fresh sandbox; return {name: outputs} and the remarks."""
    sandbox, results, remarks, skipped, alive = Sandbox(files, limits, isolation), {}, [], 0, True
    try:
        for kind, name, source in steps:
            if not alive or sandbox.left() < 1:
                results[name] = [_error("NotRun", "not run: the cells above had used the time, or stopped Python.")]
                skipped += 1
            elif reply := sandbox.run(kind, name, source):
                if kind == "setup" and reply.get("status") != "ok":
                    raise Unusable(f"{name} of the lab itself fails: {_last_words(reply)}")
                results[name] = _outputs(reply)
                remarks += _remarks(kind, name, reply, results[name])
            else:
                why = sandbox.stopped or "Python itself stopped (exit, crash or out of memory)"
                results[name], alive = [_error("KernelDied", why)], False
                remarks.append(f"{name}: {why}")
    finally:
        sandbox.stop()
    if skipped:
        remarks.append(f"cells not run: {skipped}")
    return results, remarks


def _last_words(reply):
    return "; ".join(f"{output.get('ename')}: {output.get('evalue')}" for output in _outputs(reply))


def _remarks(kind, name, reply, outputs):
    """Return what the teacher should know of one cell; an error in `outputs` where tests give no points for it."""
    remarks = [f"{name}: {output.evalue.rstrip('.')}" for output in outputs if output.get("ename") == "TooLong"]
    if any("was dropped ..." in output.get("text", "") for output in outputs):
        remarks.append(f"{name}: wrote too much, the rest was dropped")
    changed = ", ".join(map(str, reply.get("changed") or []))[:200]
    if lying := ", ".join(map(str, reply.get("lying") or []))[:200]:
        remarks.append(f"look at {name}: it makes {lying}: objects that answer for themselves")
    if kind == "tests":
        outputs[:] = [output for output in outputs if output.output_type == "error"]
        why = f"{changed} was changed while they ran" if changed else ""
        if reply.get("blunt"):
            why = f"`{reply['blunt'][0]}` did not fail behind them"
        if why:
            outputs.append(_error("NotTrusted", f"no points: these tests cannot be trusted, {why}."))
            remarks.append(f"{name}: no points, the tests cannot be trusted: {why}")
        elif reply.get("status") != "ok" and not outputs:
            outputs.append(_error("NotTrusted", "no points: the tests did not run to their end."))
    elif changed:
        remarks.append(f"{name}: changes {changed}, put back")
    return remarks


def _outputs(reply):
    """Return the outputs of a reply as a notebook has them; an error in the place of those that none may have."""
    cell = nbformat.v4.new_code_cell("")
    try:
        cell.outputs = [nbformat.from_dict(output) for output in reply["outputs"]]
        nbformat.validate(nbformat.v4.new_notebook(cells=[cell]), relax_add_props=False)
    except Exception as problem:
        return [_error("Unreadable", f"what the cell wrote is not an output: {line(problem)}")]
    return cell.outputs


def _error(name, message):
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])

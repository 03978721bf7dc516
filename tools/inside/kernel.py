"""Run the cells that it is sent, one by one: the only program that runs in the sandbox with the student's code.

One line of JSON comes in for the limits and then one for each cell: `kind`, `name`, `source`, `seconds`, `waiting`,
`token`. One goes out for each cell: `token` again, `outputs` as in a notebook, `status` ("ok" or "error"), `changed`
(what of the libraries the cell has changed; it is put back), `lying` (classes that it made, whose objects answer for
themselves) and `blunt` (tests that should have failed behind a tests cell and did not). Setup cells, answers and
pictures run in IPython; tests are plain Python, which it cannot soften.
"""

import base64
import io
import json
import linecache
import os
import shutil
import signal
import sys
import traceback

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from library import Library, blunt

DROPPED = "... the rest of what this cell wrote was dropped ...\n"
PICTURE = 50  # a picture counts for its size divided by this


class TooLong(BaseException):
    """The cell has used its time."""


class Record:
    """What one cell writes: notebook outputs, the first `room` characters of them."""

    outputs, room = [], 0

    def clear(self, room):
        self.outputs, self.room = [], room

    def write(self, name, text):
        text = str(text)[: max(self.room, 0) + 1]
        if self._takes(len(text)):
            if self.outputs and self.outputs[-1].get("name") == name:
                self.outputs[-1]["text"] += text
            else:
                self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def display(self, kind, data, metadata, **more):
        data = {mime: _text(value) for mime, value in data.items()}
        size = sum(len(value) // (PICTURE if mime.startswith("image/") else 1) for mime, value in data.items())
        if self._takes(size + len(json.dumps(metadata, default=str))):
            metadata = json.loads(json.dumps(metadata, default=str))
            self.outputs.append({"output_type": kind, "data": data, "metadata": metadata, **more})

    def error(self, name, message, lines):
        """An error costs points, so it is kept whatever came before, shortened."""
        if sum(output["output_type"] == "error" for output in self.outputs) >= 5:
            return
        lines = [str(line)[-2000:] for line in lines][-20:]
        self.outputs.append({"output_type": "error", "ename": name, "evalue": message[:500], "traceback": lines})

    def _takes(self, size):
        if self.room < 0:
            return False
        self.room -= size
        if self.room < 0:
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": DROPPED})
        return self.room >= 0


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr, written into the record."""

    encoding = "utf-8"

    def __init__(self, name):
        self.name = name

    def write(self, text):
        RECORD.write(self.name, text)
        return len(text)


class Published(DisplayPublisher):
    def publish(self, data, metadata=None, **_):
        RECORD.display("display_data", data, metadata or {})


class Shown(DisplayHook):
    """The value of the last line of a cell."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        RECORD.display("execute_result", format_dict, md_dict or {}, execution_count=self.prompt_count)

    def finish_displayhook(self):
        pass


class Shell(InteractiveShell):
    """IPython, with errors noted as a notebook has them."""

    def enable_gui(self, gui=None):
        """There is no window to open."""

    def _showtraceback(self, etype, evalue, stb):
        RECORD.error(etype.__name__, str(evalue), stb)


RECORD = Record()


def serve(requests, answer, limits):
    """Answer one request after the other."""
    shell = Shell.instance(display_pub_class=Published, displayhook_class=Shown, colors="NoColor")
    shell.automagic = False  # a line that is not Python is an error, not a magic
    shell.history_manager.enabled = False
    sys.stdout, sys.stderr = Stream("stdout"), Stream("stderr")
    library, pictures = None, False
    for line in requests:
        request = json.loads(line)
        kind = request["kind"]
        if kind != "setup" and library is None:
            library = Library(shell.user_ns)
        if kind == "picture" and not pictures:
            pictures = shell.enable_matplotlib("inline") is not None
        if kind == "tests":
            library.put_back()
        RECORD.clear(limits["cell_characters"])
        run = _run_tests if kind == "tests" else _run_cell
        status = _in_time(run, shell, request)
        changed = library.put_back() if library and kind != "picture" else []
        lying = library.lying() if library and kind != "picture" else []
        harmless = blunt(shell.user_ns) if kind == "tests" else []
        reply = {"token": request["token"], "outputs": RECORD.outputs, "status": status}
        answer({**reply, "changed": changed[:10], "blunt": harmless, "lying": lying[:10]})


def _in_time(run, shell, request):
    """Run one cell, stopped when its processor time or, for sleepers, its time by the clock is over."""

    def stop(number, frame):
        if number == signal.SIGPROF:
            raise TooLong(f"stopped after {request['seconds']} s of processor time: a loop without end?")
        raise TooLong(f"stopped after {request['waiting']} s: does it wait for something?")

    if not hasattr(signal, "setitimer"):  # Windows: the limits outside are the only ones
        return run(shell, request["name"], request["source"])
    clocks = [(signal.ITIMER_PROF, signal.SIGPROF, "seconds"), (signal.ITIMER_REAL, signal.SIGALRM, "waiting")]
    try:
        try:
            for clock, number, limit in clocks:
                signal.signal(number, stop)
                signal.setitimer(clock, request[limit])
            return run(shell, request["name"], request["source"])
        finally:
            for clock, _, _ in clocks:
                signal.setitimer(clock, 0)
    except TooLong as problem:
        RECORD.error("TooLong", str(problem), [f"TooLong: {problem}"])
        return "error"


def _run_cell(shell, name, source):
    result = shell.run_cell(source, store_history=True)
    problem = result.error_before_exec or result.error_in_exec
    if isinstance(problem, TooLong):
        RECORD.outputs = [output for output in RECORD.outputs if output.get("ename") != "TooLong"]
        raise problem
    if problem is None:
        return "ok"
    if not any(output["output_type"] == "error" for output in RECORD.outputs):
        RECORD.error(type(problem).__name__, str(problem), [])
    return "error"


def _run_tests(shell, name, source):
    file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    sys.settrace(None)
    sys.setprofile(None)
    try:
        exec(compile(source, file, "exec"), shell.user_ns)
    except TooLong:
        raise
    except BaseException as problem:
        lines = traceback.format_exception(type(problem), problem, problem.__traceback__.tb_next)
        RECORD.error(type(problem).__name__, _words(problem), lines)
        return "error"
    finally:
        linecache.cache.pop(file, None)
    return "ok"


def _words(problem):
    try:
        return str(problem)
    except Exception:
        return ""


def _text(value):
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value if isinstance(value, str) else json.dumps(value, default=str)


def limit(limits):
    """Bound the address space, the processes, and the size of files written."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limits["memory_gigabytes"] * 2**30,) * 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits["disk_megabytes"] * 2**20,) * 2)
        resource.setrlimit(resource.RLIMIT_NPROC, (limits["threads"],) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main():
    requests, answers = os.fdopen(os.dup(0), "r", encoding="utf-8"), os.fdopen(os.dup(1), "wb")
    limits = json.loads(requests.readline())
    limit(limits)
    if len(sys.argv) > 1:  # the submission, where it cannot be written: work on a copy
        for entry in os.scandir(sys.argv[1]):
            (shutil.copytree if entry.is_dir() else shutil.copy)(entry.path, entry.name)
    sys.path[0] = os.environ["PYTHONPATH"]  # not this folder
    sys.path.append(os.getcwd())  # last, so that no file next to the notebook takes a library's place

    def answer(reply):
        text = json.dumps(reply, ensure_ascii=False).encode(errors="replace")  # halves of characters become "?"
        answers.write(text + b"\n")
        answers.flush()

    answer({"ready": True})
    for stream in (0, 1, 2):  # what the student's code inherits leads nowhere
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    serve(requests, answer, limits)


if __name__ == "__main__":
    main()

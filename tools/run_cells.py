"""Run the cells of one notebook in a fresh kernel: the only place where a student's code runs.

A program of its own, so that it can be started where the student's code can do no harm (`isolation.py`) and be killed.
It reads a JSON object from stdin (`sources`, `cell_seconds`, `notebook_seconds`, `cell_characters`, `memory_gigabytes`)
and writes one line of JSON for each cell, its outputs, as soon as the cell has run: what ran before a disaster counts.
"""

import json
import os
import sys
import time

import nbformat
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError


class BoundedClient(NotebookClient):
    """A notebook client that keeps only the first `cell_characters` of what a cell writes."""

    cell_characters = 0
    written = 0

    def output(self, outs, msg, display_id, cell_index):
        content = msg["content"]
        pictures = sum(len(data) for kind, data in content.get("data", {}).items() if kind.startswith("image/"))
        self.written += len(json.dumps(content)) - pictures + pictures // 50
        if self.written <= self.cell_characters:
            return super().output(outs, msg, display_id, cell_index)
        if msg["msg_type"] == "error":  # an error costs points, so it is always kept
            content["traceback"], content["evalue"] = content["traceback"][-1:], content["evalue"][:500]
            content["traceback"] = [line[-500:] for line in content["traceback"]]
            return super().output(outs, msg, display_id, cell_index)
        note = "... the rest of what this cell wrote was dropped ...\n"
        if not any(note in output.get("text", "") for output in outs):
            outs.append(nbformat.v4.new_output("stream", name="stdout", text=note))
        return None


def error(name, message):
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[f"{name}: {message}"])


def run(job, report):
    """Run the cells one by one; call report(outputs) after each of them."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in job["sources"]])
    transport = "ipc" if sys.platform == "linux" else "tcp"  # sockets in the folder: they need no network
    manager = AsyncKernelManager(kernel_name="python3", transport=transport)
    client = BoundedClient(notebook, km=manager, allow_errors=True, interrupt_on_timeout=True)
    client.error_on_timeout = {"ename": "TimeoutError", "evalue": "", "traceback": []}
    client.cell_characters = job["cell_characters"]
    end = time.monotonic() + job["notebook_seconds"]
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            left = end - time.monotonic()
            if left < 1:
                report([error("NotRun", f"not run: the notebook had used its {job['notebook_seconds']} s.")])
                continue
            client.timeout, client.written = int(min(job["cell_seconds"], left)), 0
            start = time.monotonic()
            try:
                client.execute_cell(cell, index)
            except DeadKernelError:
                report([*cell.outputs, error("KernelDied", "Python itself stopped (exit, crash or out of memory).")])
                for _ in notebook.cells[index + 1 :]:
                    report([error("NotRun", "not run: Python itself had stopped in a cell above.")])
                return
            if time.monotonic() - start >= client.timeout:
                cell.outputs.append(error("TooLong", f"stopped after {client.timeout} s: a loop without end?"))
            report(cell.outputs)


def limit_memory(gigabytes):
    """Bound the address space and the size of files written, here and in the kernel."""
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (gigabytes * 2**30,) * 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**28, 2**28))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main():
    job = json.load(sys.stdin)
    limit_memory(job["memory_gigabytes"])
    answers, complaints = os.fdopen(os.dup(1), "w"), os.fdopen(os.dup(2), "w")
    for stream in (1, 2):  # what the student's code inherits leads nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)
    try:
        run(job, lambda outputs: print(json.dumps(outputs), file=answers, flush=True))
    except Exception as failure:
        print(f"{type(failure).__name__}: {failure}", file=complaints)
        sys.exit(1)


if __name__ == "__main__":
    main()

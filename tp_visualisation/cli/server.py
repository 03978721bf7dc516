"""The explorer in a browser tab of its own: a server on this computer alone, that Ctrl-C ends."""

import asyncio
import json
import logging
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Any

import nbformat
from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from tornado.ioloop import PeriodicCallback
from traitlets.config import Config
from voila.app import Voila

_SHARE = Path(__file__).parent / "share"
LARGEST_MESSAGE = 16 << 20  # bytes: a figure with its code; photographs come in pieces
TITLE = "tpvis explore"
START = 1  # seconds that a process takes to be started, at most
PATIENCE = 5  # seconds for what was cancelled
IDLE = 600  # seconds after which a page that was closed without a word is forgotten


def serve(cell: str, language: str, port: int, browser: bool) -> None:
    """Show what a cell of Python shows, in a page at 127.0.0.1, until Ctrl-C or a signal ends it.

    Args:
        cell: the Python that is run for each tab, in a process of its own.
        language: of the page: "en" or "fr".
        port: the first to try.
        browser: open a browser there.

    Raises:
        KeyboardInterrupt: how it ends.
    """
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(_SHARE), os.environ.get("JUPYTER_PATH")]))
    _on_signals(signal.default_int_handler)
    logging.getLogger("tornado").setLevel(logging.ERROR)  # no line for what a page asks of a process that is gone
    with tempfile.TemporaryDirectory(prefix="tpvis_explore_") as folder:
        path = Path(folder) / "explorer.ipynb"
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
        notebook.metadata.update(title=TITLE, kernelspec={"name": "python3", "language": "python", "display_name": ""})
        nbformat.write(notebook, path)
        server = _Server(config=_config(language), config_file_paths=[], port=port)
        server.opens = browser
        server.initialize([str(path)])
        server.start()
    raise KeyboardInterrupt


class PageProcess(ServerKernelManager):
    """The process of a page. It says in the page what it has to say; that it has died, the terminal says."""

    async def start_kernel(self, **options):
        return await super().start_kernel(stderr=subprocess.DEVNULL, **options)

    def start_restarter(self):
        super().start_restarter()
        self.add_restart_callback(self._say_that_it_died, "dead")

    def _say_that_it_died(self):
        print(death_of(self.provisioner.process.returncode), file=sys.stderr, flush=True)


def death_of(code: int) -> str:
    """Return the sentence for a process of a page that ended with this exit code, or by the signal -code."""
    names = {-number: number.name for number in signal.Signals}
    cause = names.get(code, f"exit code {code}")
    if cause == "SIGKILL":
        cause += ", as a system does that has no memory left"
    return f"The process of a page has died ({cause}): load that page again."


def _on_signals(handler):
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handler)


class _Server(Voila):
    """Voilà, which says its whole address, opens the browser there, and ends whatever it is doing."""

    opens = True

    def launch_browser(self):
        """Say the address. From here on a signal ends the loop: an exception may be raised where nobody hears it."""
        loop = asyncio.get_event_loop()
        _on_signals(lambda *_: loop.call_soon_threadsafe(loop.stop))
        if os.name == "nt":  # where a signal does not wake a loop that waits
            PeriodicCallback(lambda: None, 500).start()
        address = f"http://127.0.0.1:{self.port}/?token={self.token}"
        print(f"The explorer is at {address}\nCtrl-C ends it.", flush=True)
        if self.opens:
            webbrowser.open(address)

    def stop(self):
        """End the pages that are on their way before the processes that they wait for, without a word."""
        _on_signals(signal.default_int_handler)
        for name in ("tornado", "asyncio"):  # to which tornado 6.5, the last for Python 3.10, leaves it
            logging.getLogger(name).setLevel(logging.CRITICAL)
        loop = asyncio.get_event_loop()
        tasks = asyncio.all_tasks(loop)
        for patience in (START, PATIENCE):  # what is being started must be there before it can be ended
            if tasks:
                _, tasks = loop.run_until_complete(asyncio.wait(tasks, timeout=patience))
            for task in tasks:
                task.cancel()
        super().stop()


def _let_it_say_goodbye(handler, notebook, cwd):
    """Give a page the cookie without which the server would refuse to end its process when it is left."""
    _ = handler.xsrf_token  # tornado gives the cookie to those whose token is read


def _config(language):
    options = {
        "Voila": {
            "ip": "127.0.0.1",
            "token": secrets.token_urlsafe(24),
            "log_level": "CRITICAL",
            "tornado_settings": {
                "websocket_max_message_size": LARGEST_MESSAGE,
                "ws_ping_interval": 0,  # on one computer no connection dies unseen
            },
        },
        "VoilaConfiguration": {
            "template": "explorer",
            "allow_template_override": "NO",
            "allow_theme_override": "NO",
            "prelaunch_hook": _let_it_say_goodbye,
            "extension_denylist": ["@jupyter/nbgrader", "@jupyter-notebook/lab-extension"],  # which look for a notebook
        },
        "VoilaExporter": {"language_code": language},
        "KernelSpecManager": {"kernel_dirs": []},  # the Python that runs this, whatever others are registered
        "MappingKernelManager": {
            "kernel_manager_class": f"{__name__}.{PageProcess.__name__}",
            "cull_idle_timeout": IDLE,
            "cull_interval": 60,
        },
        "VoilaExecutor": {"cell_error_instruction": "The page's process may have died: load the page again."},
        "KernelRestarter": {"restart_limit": 0},  # a new process would know nothing of the page of the old one
    }
    if os.name == "posix":  # through files of this user's, not through ports
        options["KernelManager"] = {"transport": "ipc"}
    return Config(options)


def cell_of(module: str, **options: Any) -> str:
    """Return a cell of Python that calls `show(**options)` of a module."""
    return f"import json\nfrom {module} import show\nshow(**json.loads({json.dumps(options)!r}))"

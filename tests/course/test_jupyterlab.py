"""JupyterLab itself, in a headless browser, as a student opens it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from chromium import BROWSER, OPTIONS

from .labs import NAMES, ROOT
from .test_exercises import MESSAGE

playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here: pip install playwright")

LAB = NAMES[0] if NAMES else None
MINUTES = 5

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome here to look at JupyterLab with")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with the exercise and the solution, as `exercise.ipynb` and `solution.ipynb`, without outputs."""
    folder = tmp_path_factory.mktemp("jupyterlab")
    for kind in ("exercise", "solution"):
        notebook = nbformat.read(ROOT / f"{kind}s" / LAB / f"{LAB}.ipynb", 4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(notebook, folder / f"{kind}.ipynb")
    return folder


@pytest.fixture(scope="module")
def server(folder, tmp_path_factory):
    """The address of a JupyterLab that shows the folder; its kernels are this Python's."""
    home = tmp_path_factory.mktemp("home")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=secret", f"--ServerApp.root_dir={folder}"]
    command += ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    places = {"HOME": home, "JUPYTER_CONFIG_DIR": home, "JUPYTER_DATA_DIR": home, "JUPYTER_RUNTIME_DIR": home / "run"}
    places = {name: str(place) for name, place in places.items()}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **places})
        try:
            _wait(lambda: _answers(f"http://127.0.0.1:{port}/api/status?token=secret"), "the server to answer")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def page(tmp_path):
    """A page of a browser that has never been used before."""
    with playwright.sync_playwright() as driver:
        context = driver.chromium.launch_persistent_context(
            tmp_path / "profile",
            executable_path=BROWSER,
            headless=True,
            args=OPTIONS,
            viewport={"width": 1200, "height": 900},
        )
        yield context.new_page()
        context.close()


def test_the_exercise_stops_at_the_first_answer_to_write_and_says_so(server, folder, page):
    cells = _run_all(page, server, folder / "exercise.ipynb", until=lambda cells: any(_errors(cell) for cell in cells))
    (stopped,) = [index for index, cell in enumerate(cells) if _errors(cell)]
    (error,) = _errors(cells[stopped])
    assert (error.ename, error.evalue) == ("NotImplementedError", MESSAGE)
    tests = [index for index, cell in enumerate(cells) if cell.metadata.get("nbgrader", {}).get("grade")]
    assert stopped == min(index for index in tests if cells[index].cell_type == "code")
    assert all(cell.execution_count is None for cell in cells[stopped + 1 :] if cell.cell_type == "code")
    message = page.locator(".jp-OutputArea-output", has_text=f"NotImplementedError: {MESSAGE}").last
    for _ in range(2):  # cells on the way are drawn when they come into view, which moves the rest
        message.scroll_into_view_if_needed()
        page.wait_for_timeout(1000)
    assert message.is_visible()
    _picture(page, "exercise")


def test_the_solution_runs_to_the_end(server, folder, page):
    cells = _run_all(page, server, folder / "solution.ipynb", until=lambda cells: _code(cells)[-1].execution_count)
    assert [cell.execution_count for cell in _code(cells)] == list(range(1, len(_code(cells)) + 1))
    assert not any(_errors(cell) for cell in cells)
    _picture(page, "solution")


def _run_all(page, server, path, until):
    """Open a notebook, choose Run > Run All Cells, wait; return the cells of the file as saved."""
    page.goto(f"{server}/lab/tree/{path.name}?token=secret&reset")
    page.locator(".jp-Notebook").wait_for(timeout=60_000 * MINUTES)
    page.get_by_text("(ipykernel) | Idle").wait_for(timeout=60_000 * MINUTES)

    def saved():
        page.keyboard.press("Control+s")
        page.wait_for_timeout(1000)
        return nbformat.read(path, 4).cells

    def started():  # JupyterLab forgets what it is told while the kernel is still connecting, even when it says "Idle"
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        return any(_code(saved())[0].execution_count for _ in range(20))

    _wait(started, f"{path.name} to start")
    _wait(lambda: until(saved()), f"{path.name} to run")
    return nbformat.read(path, 4).cells


def _code(cells):
    return [cell for cell in cells if cell.cell_type == "code"]


def _errors(cell):
    return [output for output in cell.get("outputs", []) if output.output_type == "error"]


def _answers(address):
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
        return answer.status == 200
    return False


def _wait(condition, what):
    end = time.monotonic() + 60 * MINUTES
    while not condition():
        assert time.monotonic() < end, f"waited {MINUTES} minutes for {what}"
        time.sleep(0.5)


def _picture(page, name):
    """Keep a picture of the page where SCREENSHOTS says, to be looked at."""
    if "SCREENSHOTS" in os.environ:
        page.screenshot(path=os.path.join(os.environ["SCREENSHOTS"], f"{name}.png"))

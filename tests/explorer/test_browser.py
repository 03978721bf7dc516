"""`tpvis explore` in a headless browser, used as a person would: click, type, paint, upload, stop."""

import atexit
import contextlib
import http.client
import importlib.util
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
import numpy as np
import PIL.Image
import psutil
import pytest
from chromium import BROWSER, OPTIONS

import tp_visualisation as tpv

playwright = pytest.importorskip("playwright.sync_api", reason="no playwright here: pip install playwright")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome here to look at the explorer with")

SECONDS = 180  # what is waited for, at most
VIEWS = {"ask": "Ask", "hide": "Hide", "rise": "RISE, live", "fool": "Fool", "dream": "Dream"}


class Server:
    """`tpvis explore`, and the address that it says."""

    def __init__(self, *options):
        command = [sys.executable, "-m", "tp_visualisation.cli", "explore", *options, "--no-browser"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        atexit.register(self.process.kill)  # a test that fails does not end it
        self.address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", self.process.stdout.readline())[0]

    def end(self):
        """Press Ctrl-C; return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(SECONDS)


@pytest.fixture(scope="module")
def server():
    server = Server("dalmatian", "--engine", "tensorflow")
    yield server
    server.end()


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, headless=True, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tab(server, chromium):
    """The page of the explorer, 1024 x 768; `page.elsewhere` lists what it asked of other servers."""
    context = chromium.new_context(
        viewport={"width": 1024, "height": 768}, permissions=["clipboard-read", "clipboard-write"]
    )
    page = context.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.elsewhere, page.errors = [], []
    page.on("request", lambda request: page.elsewhere.append(request.url) if _is_elsewhere(request.url) else None)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.goto(server.address)
    page.locator(".tpv-bars").first.wait_for()
    yield page
    context.close()


@pytest.fixture
def page(tab):
    """The page, at the view Ask with the dalmatian, settled."""
    tab.get_by_label("Photograph", exact=True).select_option("dalmatian")
    tab.get_by_label("Class", exact=True).select_option("most probable")
    go_to(tab, "ask")
    settle(tab)
    return tab


def _is_elsewhere(url):
    return not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:"))


def go_to(page, view):
    page.get_by_role("button", name=VIEWS[view], exact=True).click()


def settle(page):
    """Wait until the page has been ready for a moment."""
    quiet = 0
    end = time.monotonic() + SECONDS
    while quiet < 3:
        assert time.monotonic() < end, page.locator(".tpv-status").inner_text()
        page.wait_for_timeout(150)
        quiet = quiet + 1 if page.locator(".tpv-status").inner_text() != "computing…" else 0


def until(page, condition):
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        page.wait_for_timeout(50)


def bars(page, number=0):
    """Class → probability in per cent, as the bars say."""
    rows = page.locator(".tpv-bars:visible").nth(number).locator("tr").all()
    cells = [(row.locator("th").inner_text(), row.locator(".tpv-number").inner_text()) for row in rows]
    return {name.replace("◀", "").strip(): float(value.rstrip("%")) for name, value in cells}


def as_bars(predictions):
    return {p.label.replace("_", " "): round(100 * p.probability, 1) for p in predictions}


def same_bars(shown, expected):
    return shown.keys() == expected.keys() and all(abs(shown[name] - expected[name]) < 0.11 for name in shown)


def result_of_code(page):
    """What the code of the page makes."""
    page.locator(".tpv-keep summary").click()
    code = page.locator(".tpv-keep pre").inner_text()
    page.locator(".tpv-keep summary").click()
    made: dict = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(code, made)
    return made


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty folder, in which the code of the page writes its figure."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def screenshot(page, name):
    """Keep a picture of the page where SCREENSHOTS says, to be looked at."""
    if "SCREENSHOTS" in os.environ:
        page.screenshot(path=os.path.join(os.environ["SCREENSHOTS"], f"{name}.png"))


def test_the_first_page_shows_what_the_library_says(page, embedded, dalmatian):
    assert same_bars(bars(page), as_bars(embedded.top(dalmatian)))
    assert page.get_by_role("img", name="grad_cam of dalmatian, on dalmatian").is_visible()
    screenshot(page, "ask")
    assert page.elsewhere == []
    assert page.errors == []


def test_another_method_another_photograph_and_a_class_by_name(page, embedded):
    page.get_by_label("Method", exact=True).select_option("gradient")
    page.get_by_role("img", name="gradient of dalmatian").wait_for()
    page.get_by_label("Photograph", exact=True).select_option("strawberry")
    page.get_by_role("img", name="gradient of strawberry, on strawberry").wait_for()
    assert same_bars(bars(page), as_bars(embedded.top(tpv.sample_images()["strawberry"].image)))
    page.get_by_label("Class", exact=True).select_option("this one:")
    name = page.get_by_placeholder("type a name, such as tarantula")
    name.fill("bee")
    name.press("Enter")
    page.get_by_role("img", name="gradient of bee, on strawberry").wait_for()
    name.fill("bea")
    name.press("Enter")
    problem = page.get_by_role("alert").filter(has_text='no class "bea". Closest:')
    problem.wait_for()
    name.fill("")
    name.press("Enter")
    problem.wait_for(state="hidden")
    page.get_by_label("Method", exact=True).select_option("grad_cam")
    settle(page)


def test_two_maps_side_by_side(page):
    page.get_by_label("Beside it", exact=True).select_option("another method")
    settle(page)
    until(page, lambda: page.locator(".tpv-picture:visible").count() == 2)
    first, second = (picture.bounding_box() for picture in page.locator(".tpv-picture:visible").all())
    assert abs(first["y"] - second["y"]) < 5
    screenshot(page, "side_by_side")
    page.get_by_label("Beside it", exact=True).select_option("nothing")
    settle(page)


def test_painting_with_the_pointer_hides_and_the_bars_follow(page, embedded, elsewhere):
    go_to(page, "hide")
    settle(page)
    before = bars(page)
    box = page.locator(".tpv-brush").bounding_box()
    page.mouse.move(box["x"] + 120, box["y"] + 120)
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + 120 + 6 * step, box["y"] + 120 + 6 * step)
    until(page, lambda: bars(page) != before)  # while the button is still down
    page.mouse.up()
    settle(page)
    made = result_of_code(page)
    assert same_bars(bars(page), as_bars(embedded.predictions(made["answers"])))
    assert "hiding this should cost" in page.locator(".tpv-note:visible").inner_text()
    assert 0.01 < made["hidden"].mean() < 0.2
    assert made["hidden"][int(156 / box["height"] * 512), int(156 / box["width"] * 512)]  # under the stroke
    screenshot(page, "hide")
    page.get_by_role("button", name="Clear").click()
    settle(page)
    assert bars(page) == before


def test_neither_another_button_nor_a_stroke_on_another_photograph_paints(page, elsewhere):
    go_to(page, "hide")
    settle(page)
    box = page.locator(".tpv-brush").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    page.mouse.down(button="right")
    page.mouse.move(box["x"] + 150, box["y"] + 150, steps=5)
    page.mouse.up(button="right")
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 150, steps=5)
    page.get_by_label("Photograph", exact=True).select_option("jeep")
    page.locator(".tpv-keep pre", has_text='["jeep"]').wait_for(state="attached")
    page.mouse.move(box["x"] + 100, box["y"] + 150, steps=5)
    page.mouse.up()
    settle(page)
    assert not result_of_code(page)["hidden"].any()
    assert "Nothing is hidden yet" in page.locator(".tpv-note:visible").inner_text()


def test_painting_with_the_keyboard(page, elsewhere):
    go_to(page, "hide")
    settle(page)
    before = bars(page)
    brush = page.get_by_role("application", name="The photograph to paint on.")
    brush.focus()
    for key in ("ArrowUp", "ArrowUp", " ", "ArrowLeft", " "):
        page.keyboard.press(key)
    until(page, lambda: bars(page) != before)
    settle(page)
    hidden = result_of_code(page)["hidden"]
    assert hidden[256 - 24, 256]
    assert hidden[256 - 24, 256 - 12 - 20]
    brush.focus()
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    until(page, lambda: bars(page) == before)


def test_rise_grows_and_stops(page):
    go_to(page, "rise")
    counts = lambda: [int(re.match(r"\d+", text)[0]) for text in page.locator(".tpv-note:visible").all_inner_texts()]  # noqa: E731
    until(page, lambda: len(counts()) == 2 and min(counts()) >= 128)
    page.get_by_role("button", name="Stop").locator("visible=true").click()
    page.locator(".tpv-status", has_text="stopped").wait_for()
    stopped = counts()
    page.wait_for_timeout(1000)
    assert counts() == stopped
    assert page.locator(".tpv-picture:visible").count() >= 4
    screenshot(page, "rise")


def test_a_network_is_fooled(page):
    go_to(page, "fool")
    page.get_by_text("Choose a class, then take a step.").wait_for()
    target = page.get_by_label("See it as")
    target.fill("tarantula")
    target.press("Enter")
    settle(page)
    page.get_by_role("button", name="One step more").click()
    page.get_by_text(re.compile("Not fooled after 1 step|fooled after 1 step")).wait_for()
    page.get_by_role("button", name="All the way").click()
    page.get_by_text(re.compile("The network is fooled after")).wait_for()
    after = bars(page, 1)
    assert max(after, key=after.get) == "tarantula"
    assert max(bars(page), key=bars(page).get) == "dalmatian"
    screenshot(page, "fool")


def test_a_dream_grows(page):
    go_to(page, "dream")
    page.get_by_text(re.compile(r"step (2|3|4)\d: dalmatian")).wait_for()
    until(page, lambda: len(page.locator(".tpv-curve polyline").get_attribute("points").split()) >= 4)
    screenshot(page, "dream")
    page.get_by_role("button", name="Stop").locator("visible=true").click()
    page.locator(".tpv-status", has_text="stopped").wait_for()


def test_the_figure_is_saved_and_the_code_is_copied(page, elsewhere):
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as PNG").click()
    assert download.value.suggested_filename == "dalmatian_ask.png"
    saved = np.asarray(PIL.Image.open(download.value.path()).convert("RGB"), np.float32)
    page.get_by_role("button", name="Copy as Python").click()
    page.locator(".tpv-status", has_text="copied").wait_for()
    code = page.evaluate("navigator.clipboard.readText()")
    subprocess.run([sys.executable, "-c", code], check=True, cwd=elsewhere, env=dict(os.environ))
    drawn = np.asarray(PIL.Image.open(elsewhere / "dalmatian_ask.png").convert("RGB"), np.float32)
    np.testing.assert_allclose(saved, drawn, atol=3)


def test_files_of_all_kinds(page, tmp_path, embedded):
    """A photograph of more than 10 MB, which is more than a message may have; a text; a file that is too large."""
    noise = np.random.default_rng(0).integers(0, 256, (2000, 2000, 3), dtype=np.uint8)
    large, text, huge = (tmp_path / name for name in ("large.png", "text.png", "huge.png"))
    PIL.Image.fromarray(noise).save(large)
    assert large.stat().st_size > 10 << 20
    text.write_text("no picture")
    with huge.open("wb") as file:
        file.truncate(101 << 20)
    upload = page.locator("input[type=file]")
    upload.set_input_files(text)
    page.get_by_role("alert").filter(has_text="text.png").wait_for()
    upload.set_input_files(huge)
    page.get_by_role("alert").filter(has_text="huge.png has 101 MB").wait_for()
    assert page.get_by_role("img", name="on dalmatian").is_visible()  # the photograph that is there stays
    upload.set_input_files(large)
    page.get_by_role("img", name="on large.png").wait_for()
    assert page.get_by_role("alert").is_hidden()
    small = tpv.images.resize(noise, (1024, 1024))
    assert same_bars(bars(page), as_bars(embedded.top(np.rint(small).astype(np.uint8))))


@pytest.mark.parametrize("view", VIEWS)
def test_everything_has_a_name_fits_and_can_be_read(page, view):
    go_to(page, view)
    if view in ("ask", "hide", "fool"):
        settle(page)
    lowest = page.wait_for_function(  # a view that opens may empty itself once
        """() => {
            const shown = [...document.querySelectorAll('.tpv-picture, .tpv-bars, .tpv-curve')]
                .filter((e) => e.offsetParent).map((e) => e.getBoundingClientRect().bottom);
            return shown.length > 1 && Math.max(...shown);
        }"""
    ).json_value()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert 0 < lowest <= page.viewport_size["height"]
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, select, input, canvas, img, [role=slider]')]
            .filter((e) => e.offsetParent && e.type !== 'file')
            .filter((e) => !(e.labels?.length || e.ariaLabel || e.alt || e.textContent.trim() || e.title
                || e.closest('[title]')?.title || e.placeholder))
            .map((e) => e.outerHTML)"""
    )
    assert nameless == []
    assert page.evaluate(CONTRAST) == []


def test_in_a_narrow_window_the_pictures_are_below_the_controls(page):
    page.set_viewport_size({"width": 390, "height": 700})
    controls_of = {"ask": "Method", "hide": "The brush", "rise": "Cells a side", "fool": "See it as", "dream": "Steps"}
    for view, control in controls_of.items():
        go_to(page, view)
        page.locator(".widget-label:visible", has_text=control).first.wait_for()
        shown = page.locator(".tpv-shown:visible")
        box, controls = shown.bounding_box(), page.locator(".tpv-controls:visible").bounding_box()
        assert box["y"] >= controls["y"] + controls["height"] - 1
        assert box["width"] >= 310
        assert box["x"] + box["width"] <= 390
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    screenshot(page, "narrow")
    page.set_viewport_size({"width": 1024, "height": 768})


CONTRAST = """() => {
  const channel = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('.tpv-explorer *')]
    .filter((e) => e.offsetParent && !e.disabled && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((e) => {
      const [low, high] = [luminance(rgb(getComputedStyle(e).color)), luminance(behind(e))].sort((a, b) => a - b);
      return (high + 0.05) / (low + 0.05) < 4.5 || parseFloat(getComputedStyle(e).fontSize) < 13.9;
    })
    .map((e) => e.outerHTML.slice(0, 200));
}"""


def test_the_page_can_be_used_from_the_keyboard_alone(page):
    page.get_by_label("Photograph", exact=True).focus()
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim() || document.activeElement.tagName"))
    for label in ("Open a file…", *VIEWS.values(), "Save as PNG", "Copy as Python"):
        assert label in reached
    page.get_by_role("button", name="Hide", exact=True).focus()
    page.keyboard.press("Enter")
    page.locator(".tpv-brush").wait_for()


def test_who_has_no_token_sees_nothing(server):
    address = server.address.partition("?")[0]
    with urllib.request.urlopen(address, timeout=SECONDS) as answer:
        assert "/login" in answer.url
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{address}api/kernels/00000000-0000-0000-0000-000000000000", timeout=SECONDS)


def test_ctrl_c_ends_everything(chromium, tmp_path):
    server = Server("bald_eagle", "--language", "fr", "--view", "fool", "--target", "bald eagle")
    page = chromium.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.goto(server.address)
    page.get_by_text("Choisissez une classe, puis faites un pas.").wait_for()
    assert page.evaluate("document.documentElement.lang") == "fr"
    screenshot(page, "french")
    processes = psutil.Process(server.process.pid).children(recursive=True)
    assert processes  # the page's own
    folders = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("tpvis_explore_*"))
    assert server.end() == 130
    _, alive = psutil.wait_procs(processes, timeout=SECONDS)
    assert not alive
    assert server.process.stderr.read() == ""
    assert folders - set(Path(os.environ.get("TMPDIR", "/tmp")).glob("tpvis_explore_*"))
    page.close()


def test_a_page_that_is_left_leaves_no_process_and_back_opens_it_anew(chromium):
    server = Server("dalmatian")
    page = chromium.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.goto(server.address)
    page.locator(".tpv-bars:visible").first.wait_for()
    (first,) = psutil.Process(server.process.pid).children()
    page.goto("about:blank")
    first.wait(SECONDS)
    page.go_back()
    page.locator(".tpv-bars:visible").first.wait_for()
    (second,) = psutil.Process(server.process.pid).children()
    page.reload()
    second.wait(SECONDS)
    assert server.end() == 130
    assert server.process.stderr.read() == ""
    page.close()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV"])
def test_the_page_and_the_terminal_say_that_the_process_of_a_page_has_died(name, chromium):
    server = Server("dalmatian")
    page = chromium.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.goto(server.address)
    page.locator(".tpv-bars:visible").first.wait_for()
    (process,) = psutil.Process(server.process.pid).children()
    process.send_signal(signal.Signals[name])
    page.get_by_role("alert").filter(has_text="The process of this page has ended").wait_for()
    assert psutil.Process(server.process.pid).children() == []  # and none that knows nothing of the page
    assert server.end() == 130
    said = server.process.stderr.read()
    assert re.fullmatch(rf"The process of a page has died \({name}.*\): load that page again\.\n", said)
    page.close()


def test_a_page_whose_process_dies_on_its_way_says_so(chromium):
    server = Server("dalmatian")
    page = chromium.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.goto(server.address, wait_until="commit")
    until(page, lambda: psutil.Process(server.process.pid).children())
    (process,) = psutil.Process(server.process.pid).children()
    until(page, lambda: process.memory_info().rss > 150 << 20)  # it reads TensorFlow
    process.kill()
    page.get_by_text("The page's process may have died: load the page again.").wait_for()
    assert server.end() == 130
    assert re.fullmatch(r"The process of a page has died \(SIGKILL.*\n", server.process.stderr.read())
    page.close()


def test_a_page_whose_server_was_ended_says_so(chromium):
    server = Server("dalmatian")
    page = chromium.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.goto(server.address)
    page.locator(".tpv-bars:visible").first.wait_for()
    assert server.end() == 130
    page.get_by_role("alert").filter(has_text="The process of this page has ended").wait_for()
    page.close()


@pytest.mark.parametrize("moment", [0, 0.01, 0.2, 1, 3])
def test_ctrl_c_while_a_page_is_on_its_way_ends_everything_without_a_word(moment):
    server = Server("dalmatian")
    asking = threading.Thread(target=_ask, args=(server.address,), daemon=True)
    asking.start()
    time.sleep(moment)
    assert server.end() == 130
    assert server.process.stderr.read() == ""  # the page's process, which has it too, is gone
    asking.join()


def _ask(address):
    with contextlib.suppress(OSError, http.client.HTTPException):  # the server may be gone before it answers
        urllib.request.urlopen(address, timeout=SECONDS).read()


@pytest.mark.skipif(importlib.util.find_spec("openvino") is None, reason="OpenVINO is not installed")
def test_openvino_gives_the_same_in_the_page(chromium, embedded, dalmatian):
    server = Server("dalmatian", "--engine", "openvino")
    page = chromium.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.goto(server.address)
    page.locator(".tpv-bars:visible").first.wait_for()
    settle(page)
    assert same_bars(bars(page), as_bars(embedded.top(dalmatian)))
    go_to(page, "rise")
    page.get_by_text(re.compile(r"\d{2,} masks, ")).first.wait_for()
    page.locator(".tpv-keep summary").click()
    page.locator(".tpv-keep pre", has_text="openvino").wait_for()
    assert page.get_by_role("alert").is_hidden()
    assert server.end() == 130
    page.close()


def test_what_is_wrong_with_a_network_is_a_sentence_in_the_page(chromium, tmp_path):
    (tmp_path / "my.keras").write_bytes(b"PK\x03\x04 and no network")
    server = Server("dalmatian", "--network", str(tmp_path / "my.keras"))
    page = chromium.new_page()
    page.set_default_timeout(1000 * SECONDS)
    page.goto(server.address)
    page.get_by_role("alert").filter(has_text="my.keras").wait_for()
    assert server.end() == 130
    page.close()


@pytest.mark.parametrize(("program", "place"), [("jupyterlab", "lab/tree"), ("notebook", "notebooks")])
def test_a_notebook_shows_the_same(program, place, chromium, tmp_path):
    pytest.importorskip(program, reason=f"{program} is not installed")
    cell = nbformat.v4.new_code_cell('import tp_visualisation as tpv\n\ntpv.explore(view="hide")')
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    (tmp_path / "course").mkdir()
    nbformat.write(notebook, tmp_path / "course" / "live.ipynb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", program, "--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=secret", "--LabApp.news_url=None"]
    command += [f"--ServerApp.root_dir={tmp_path / 'course'}"]
    places = dict.fromkeys(("HOME", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"), str(tmp_path))
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, **places})
        page = chromium.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(1000 * SECONDS)
        try:
            until(page, lambda: _answers(f"http://127.0.0.1:{port}/api/status?token=secret"))
            page.goto(f"http://127.0.0.1:{port}/{place}/live.ipynb?token=secret&reset")
            page.locator(".cm-content").first.wait_for()
            until(page, lambda: _idle(f"http://127.0.0.1:{port}/api/sessions?token=secret"))
            for _ in range(60):  # it forgets what it is told while the kernel is still connecting
                if page.locator(".jp-Dialog").count():  # "Select Kernel": it was told before it had one
                    page.locator(".jp-Dialog .jp-mod-accept").first.click()
                page.locator(".cm-content").first.click()
                page.keyboard.press("Control+Enter")
                page.wait_for_timeout(1000)
                if page.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]")).count():
                    break
            page.locator(".tpv-bars:visible").first.wait_for()
            settle(page)
            before = bars(page)
            box = page.locator(".tpv-brush").bounding_box()
            page.mouse.move(box["x"] + 120, box["y"] + 120)
            page.mouse.down()
            page.mouse.move(box["x"] + 180, box["y"] + 150, steps=5)
            page.mouse.up()
            until(page, lambda: bars(page) != before)
            screenshot(page, program)
        finally:
            page.close()
            process.terminate()
            process.wait(SECONDS)


def _answers(address):
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
        return answer.status == 200
    return False


def _idle(address):
    """Whether a notebook's kernel waits for work."""
    with urllib.request.urlopen(address, timeout=SECONDS) as answer:
        return any(session["kernel"]["execution_state"] == "idle" for session in json.load(answer))

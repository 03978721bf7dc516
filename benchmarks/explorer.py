"""How soon the explorer answers, in a browser, as one sees it; and its memory over an hour of a class.

    python benchmarks/explorer.py [--engine tensorflow] [--turns 30] [--only times]

Each time is from what the user does (a movement of the brush, another method, a click) to the change of the page, in
milliseconds, by the browser's own clock: the first, which compiles, then median and worst of those after it, and what
is wanted. The hour is used as fast as it goes: in each turn another photograph,
a sample or an upload of a size of its own, another class, method, layer and network, some strokes, RISE, an attack and
a dream, and a figure is saved. It needs Chromium or Chrome, and Playwright.
"""

import argparse
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time

import cv2
import numpy as np
import psutil
from playwright.sync_api import sync_playwright

BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"]
TIMED = """([wanted, act]) => new Promise((resolve) => {
  const isWanted = (node) => node.querySelector?.(wanted)?.offsetParent;
  const watching = new MutationObserver((changes) => {
    if (changes.some((change) => [...change.addedNodes].some(isWanted))) {
      watching.disconnect();
      requestAnimationFrame(() => resolve(performance.now() - start));
    }
  });
  watching.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => resolve(Infinity), 20000);
  const start = performance.now();
  new Function(act)();
})"""
CHOOSE = """
const select = [...document.querySelectorAll("select")].find((e) => e.labels[0]?.textContent === "Method");
select.value = "{}";
select.dispatchEvent(new Event("change", {{ bubbles: true }}));
"""
CHOOSE_NUMBER = """([label, number]) => {
  const select = [...document.querySelectorAll("select")].find((e) => e.labels[0]?.textContent === label);
  select.selectedIndex = number % select.options.length;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}"""
CLICK = '[...document.querySelectorAll("button")].find((e) => e.offsetParent && e.textContent === "{}").click();'
PICTURE, BARS = "img", "tr"  # what is new in the page
WANTED = {"a stroke, to the bars": 150, "gradient, to the map": 300, "grad_cam, to the map": 300}  # ms
WANTED["RISE, to its first map"] = 1000


TENTHS = 10
METHODS = ("gradient", "grad_cam", "group_cam", "smoothgrad", "cam", "gradient_times_input")


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--engine", default="tensorflow")
    options.add_argument("--turns", type=int, default=30, help="turns of the hour, of 16 requests each")
    options.add_argument("--only", choices=("times", "memory"), help="one of the two tables")
    given = options.parse_args()
    command = [sys.executable, "-m", "tp_visualisation.cli", "explore", "dalmatian", "--engine", given.engine]
    server = subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, text=True)
    try:
        visit(re.search(r"http\S+", server.stdout.readline())[0], server.pid, given)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def visit(address, pid, given):
    """Open the page, and print the tables."""
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1024, "height": 768})
        page.set_default_timeout(180_000)
        start = time.perf_counter()
        page.goto(address)
        page.locator(".tpv-picture img").first.wait_for()
        opened = 1000 * (time.perf_counter() - start)
        if given.only != "memory":
            print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, engine {given.engine}\n")
            print("| what | first, ms | median of the others | worst | of | wanted |\n| ---", 5 * "| --- ", "|")
            print(f"| a new page, to its first picture | {opened:.0f} | | | | |")
            for what, (first, *others) in measure(page):
                median, worst = statistics.median(others), max(others)
                wanted = WANTED.get(what, "")
                print(f"| {what} | {first:.0f} | {median:.0f} | {worst:.0f} | {len(others)} | {wanted} |", flush=True)
        if given.only != "times":
            print("\n| requests | memory of the page's process, MB |\n| --- | --- |")
            kernels = psutil.Process(pid).children(recursive=True)
            kernel = max(kernels, key=lambda process: process.memory_info().rss)
            for requests in use(page, given.turns):
                print(f"| {requests} | {kernel.memory_info().rss / 2**20:.0f} |", flush=True)
        browser.close()


def measure(page):
    """Yield (what, its times in milliseconds), the first time first."""
    for method in ("gradient", "grad_cam", "group_cam", "integrated_gradients"):
        times = []
        for _ in range(8):
            change(page, "gradient_times_input")
            times.append(change(page, method))
        yield f"{method}, to the map", times

    go_to(page, "Hide")
    yield "a stroke, to the bars", [stroke(page, number) for number in range(31)]
    times = [start_rise(page, "RISE, live")]  # the view begins when it is opened
    yield "RISE, to its first map", times + [start_rise(page, "Start") for _ in range(5)]


def start_rise(page, button):
    """Press a button that begins RISE; return the milliseconds to its first map, and stop it."""
    passed = page.evaluate(TIMED, [PICTURE, CLICK.format(button)])
    page.locator("button:visible", has_text="Stop").click()
    quiet(page)
    return passed


def go_to(page, view):
    page.get_by_role("button", name=view, exact=True).click()
    quiet(page)


def change(page, method):
    """Choose a method; return the milliseconds to its map."""
    passed = page.evaluate(TIMED, [PICTURE, CHOOSE.format(method)])
    quiet(page)
    return passed


def stroke(page, number):
    """Paint a stroke of two points; return the milliseconds from the second one to the bars."""
    box = page.locator(".tpv-brush").bounding_box()
    x, y = box["x"] + 30 + 8 * number, box["y"] + 60 + 6 * (number % 20)
    act = f"""
    const brush = document.querySelector(".tpv-brush");
    brush.setPointerCapture = () => {{}};
    const finger = {{ clientX: {x}, pointerId: 1, isPrimary: true, bubbles: true }};
    const event = (kind, y) => new PointerEvent(kind, {{ ...finger, clientY: y }});
    brush.dispatchEvent(event("pointerdown", {y}));
    brush.dispatchEvent(event("pointermove", {y} + 25));
    brush.dispatchEvent(event("pointerup", {y} + 25));
    """
    passed = page.evaluate(TIMED, [BARS, act])
    quiet(page)
    return passed


def use(page, turns):
    """Use the page as a class does; yield how much was asked: at the start, and after each tenth."""
    asked = 0
    yield asked
    for turn in range(turns):
        asked += one_turn(page, turn)
        if (turn + 1) * TENTHS // turns > turn * TENTHS // turns:
            yield asked


def one_turn(page, turn):
    """Do something in every view; return the number of requests."""
    go_to(page, "Ask")
    if turn % 3 == 2:
        page.locator("input[type=file]").set_input_files(photograph(turn))
        quiet(page)
    else:
        choose(page, "Photograph", turn)
    choose(page, "Class", turn % 2)
    for method in (METHODS[turn % len(METHODS)], "grad_cam"):
        page.get_by_label("Method", exact=True).select_option(method)
        quiet(page)
    choose(page, "layer", turn)
    choose(page, "Beside it", 3)
    choose(page, "Network 2", turn)
    choose(page, "Beside it", 0)
    go_to(page, "Hide")
    for number in range(3):
        stroke(page, 3 * turn % 20 + number)
    page.get_by_role("button", name="Clear").click()
    quiet(page)
    for view, button in (("RISE, live", "Start"), ("Dream", "Start")):
        page.get_by_role("button", name=view, exact=True).click()
        page.locator("button:visible", has_text=button).click()
        page.wait_for_timeout(2000)
        page.locator("button:visible", has_text="Stop").click()
        quiet(page)
    go_to(page, "Fool")
    page.get_by_role("button", name="All the way").click()
    quiet(page)
    with page.expect_download():
        page.get_by_role("button", name="Save as PNG").click()
    return 16


def choose(page, label, number):
    """Choose one of a list: by its number, counted on from the first again."""
    page.evaluate(CHOOSE_NUMBER, [label, number])
    quiet(page)


def photograph(number):
    """A file of noise, of a size that no other number has."""
    image = np.random.default_rng(number).integers(0, 256, (300 + 7 * number, 500 - 5 * number, 3), dtype=np.uint8)
    content = cv2.imencode(".jpg", image)[1].tobytes()
    return {"name": f"upload_{number}.jpg", "mimeType": "image/jpeg", "buffer": content}


def quiet(page):
    """Wait until the page computes nothing."""
    page.wait_for_timeout(120)
    while page.locator(".tpv-status").inner_text() == "computing…":
        page.wait_for_timeout(30)


if __name__ == "__main__":
    main()

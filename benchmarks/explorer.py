"""How soon the explorer answers, in a browser, as one sees it; and how its memory grows.

    python benchmarks/explorer.py [--minutes 2] [--engine tensorflow]

Each number is the median time from what the user does (a movement of the brush, another method, a click) to the change
of the page, in milliseconds, by the browser's own clock. It needs Chromium or Chrome, and Playwright.
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
  setTimeout(() => resolve(null), 20000);  // what is shown is as before
  const start = performance.now();
  new Function(act)();
})"""
CHOOSE = """
const select = [...document.querySelectorAll("select")].find((e) => e.labels[0]?.textContent === "Method");
select.value = "{}";
select.dispatchEvent(new Event("change", {{ bubbles: true }}));
"""
CLICK = '[...document.querySelectorAll("button")].find((e) => e.offsetParent && e.textContent === "{}").click();'
PICTURE, BARS = "img", "tr"  # what is new in the page


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--engine", default="tensorflow")
    options.add_argument("--minutes", type=float, default=2, help="how long the memory is watched")
    given = options.parse_args()
    command = [sys.executable, "-m", "tp_visualisation.cli", "explore", "dalmatian", "--engine", given.engine]
    server = subprocess.Popen([*command, "--no-browser"], stdout=subprocess.PIPE, text=True)
    try:
        rows, memory = visit(re.search(r"http\S+", server.stdout.readline())[0], server.pid, 60 * given.minutes)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, engine {given.engine}\n")
    print("| what | median, ms | worst, ms | of |\n| --- | --- | --- | --- |")
    for what, median, number, *worst in rows:
        print(f"| {what} | {median:.0f} | {worst[0] if worst else median:.0f} | {number} |")
    print(
        f"\nmemory of the page's process: {memory[0]:.0f} MB, after {given.minutes:g} minutes of use {memory[1]:.0f} MB"
    )


def visit(address, pid, seconds):
    """Return the rows of the table, and the memory before and after so many seconds of use."""
    executable = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1024, "height": 768})
        page.set_default_timeout(180_000)
        start = time.perf_counter()
        page.goto(address)
        page.locator(".tpv-picture img").first.wait_for()
        rows = [("first picture of a new page", 1000 * (time.perf_counter() - start), 1)]
        for row in measure(page):
            print(f"{row[0]}: {row[1]:.0f} ms", file=sys.stderr, flush=True)
            rows.append(row)
        memory = watch(page, pid, seconds)
        browser.close()
    return rows, memory


def measure(page):
    """Yield (what, median, number of times, worst), times in milliseconds."""
    for method in ("gradient", "grad_cam", "group_cam", "integrated_gradients"):
        times = []
        for _ in range(8):  # the first one compiles, and is not counted
            change(page, "gradient_times_input")
            times.append(change(page, method))
        yield summary(f"{method}, to the map", times[1:])

    go_to(page, "Hide")
    yield summary("a stroke, to the bars", [stroke(page, number) for number in range(31)][1:])
    times = []
    for _ in range(5):
        page.get_by_role("button", name="RISE, live", exact=True).click()
        page.get_by_text("random masks").wait_for()
        times.append(page.evaluate(TIMED, [PICTURE, CLICK.format("Start")]))
        page.locator("button:visible", has_text="Stop").click()
        quiet(page)
    yield summary("RISE, to its first map", times)


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
    const event = (kind, y) => new PointerEvent(kind, {{ clientX: {x}, clientY: y, pointerId: 1, bubbles: true }});
    brush.dispatchEvent(event("pointerdown", {y}));
    brush.dispatchEvent(event("pointermove", {y} + 25));
    brush.dispatchEvent(event("pointerup", {y} + 25));
    """
    passed = page.evaluate(TIMED, [BARS, act])
    quiet(page)
    return passed


def watch(page, pid, seconds):
    """Use the page for some time; return the megabytes of its process before and after."""
    kernels = psutil.Process(pid).children(recursive=True)
    kernel = max(kernels, key=lambda process: process.memory_info().rss)
    before, end, number = 0.0, time.monotonic() + seconds, 0
    while time.monotonic() < end:
        go_to(page, "Ask")
        for method in ("gradient", "grad_cam", "group_cam"):
            change(page, method)
        go_to(page, "Hide")
        page.get_by_role("button", name="Clear").click()
        quiet(page)
        for turn in range(10):
            stroke(page, turn)
        go_to(page, "Fool")
        page.get_by_role("button", name="One step more").click()
        quiet(page)
        number += 1
        if number == 2:
            before = kernel.memory_info().rss / 2**20
    return before, kernel.memory_info().rss / 2**20


def quiet(page):
    """Wait until the page computes nothing."""
    page.wait_for_timeout(120)
    while page.locator(".tpv-status").inner_text() == "computing…":
        page.wait_for_timeout(30)


def summary(what, times):
    times = [passed for passed in times if passed is not None]
    return what, statistics.median(times), len(times), max(times)


if __name__ == "__main__":
    main()

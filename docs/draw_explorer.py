"""Draw the pictures of the explorer: one of each view, and an animation of a brush. Chromium or Chrome is needed.

python docs/draw_explorer.py
"""

import io
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
from playwright.sync_api import sync_playwright

from tp_visualisation import plotting

FIGURES = Path(__file__).parent / "figures"
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"]
HEIGHTS = {"ask": 620, "hide": 660, "rise": 700, "fool": 640, "dream": 500}
ANIMATED = (640, 413)  # pixels of the animation: width, height


def main():
    server = subprocess.Popen(
        [sys.executable, "-m", "tp_visualisation.cli", "explore", "dalmatian", "--no-browser"],
        stdout=subprocess.PIPE,
        text=True,
    )
    address = re.search(r"http\S+", server.stdout.readline())[0]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, BROWSERS))), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1024, "height": 768})
        page.set_default_timeout(180_000)
        page.goto(address)
        page.get_by_label("Beside it", exact=True).select_option("another method")
        page.get_by_label("Method 2", exact=True).select_option("smoothgrad")
        for photograph in ("jeep", "dalmatian"):  # twice, as the first time compiles
            page.get_by_label("Photograph", exact=True).select_option(photograph)
            page.get_by_role("img", name=f"smoothgrad of {photograph}").wait_for()
        _draw(page, "ask")
        _open(page, "Hide")
        _paint(page)
        _draw(page, "hide")
        _open(page, "RISE, live")
        page.get_by_text(re.compile("^5.. masks")).first.wait_for()
        _draw(page, "rise")
        _open(page, "Fool")
        page.get_by_role("button", name="All the way").click()
        page.get_by_text("The network is fooled").wait_for()
        _draw(page, "fool")
        _open(page, "Dream")
        page.get_by_text("step 200").wait_for()
        _draw(page, "dream")
        browser.close()
    server.send_signal(signal.SIGINT)
    server.wait()


def _open(page, view):
    page.get_by_role("button", name=view, exact=True).click()
    page.wait_for_timeout(1000)


def _paint(page):
    """Paint over the head and make an animation of it."""
    box = page.locator(".tpv-brush").bounding_box()
    frames = [_picture(page, "hide")]
    page.mouse.move(box["x"] + 90, box["y"] + 75)
    page.mouse.down()
    for step in range(1, 41):
        y, back = divmod(step, 8)
        x = back if y % 2 == 0 else 8 - back
        page.mouse.move(box["x"] + 90 + 14 * x, box["y"] + 75 + 22 * y)
        if step % 2 == 0:
            page.wait_for_timeout(250)
            frames.append(_picture(page, "hide"))
    page.mouse.up()
    page.wait_for_timeout(1000)
    frames.append(_picture(page, "hide"))
    small = [np.asarray(frame.resize(ANIMATED, PIL.Image.Resampling.LANCZOS)) for frame in frames]
    plotting.save_gif(small, FIGURES / "explorer.gif", seconds=0.25)


def _draw(page, view):
    page.wait_for_timeout(500)
    _picture(page, view).save(FIGURES / f"explorer_{view}.jpg", quality=80)
    print(view)


def _picture(page, view):
    clip = {"x": 0, "y": 0, "width": 1024, "height": HEIGHTS[view]}
    return PIL.Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")


if __name__ == "__main__":
    main()

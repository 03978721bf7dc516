"""Pieces of a page: pictures and bars as HTML, controls with a label."""

import base64
import html
from collections.abc import Iterable

import cv2
import numpy as np
from ipywidgets import HTML, Box, Button, HBox, VBox

from tp_visualisation.explorer.language import Language
from tp_visualisation.images import Image
from tp_visualisation.labels import Prediction
from tp_visualisation.plotting.figure import as_drawn

LONGEST_SHOWN = 512  # pixels of a picture in the page
COLOURS = ("viridis", "cividis", "gray", "RdBu_r", "PuOr", "jet")  # the first five are readable by the colour-blind


def as_shown(picture: np.ndarray) -> np.ndarray:
    """Return a picture (H, W, 3), or a map (H, W), at the size at which a page shows it."""
    return as_drawn(picture, LONGEST_SHOWN)


def jpeg(image: Image) -> bytes:
    """Return the bytes of an image (H, W, 3) as JPEG."""
    pixels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()


def picture(image: Image, caption: str, description: str = "") -> str:
    """Return HTML of an image with a line below it; `description` is for those who do not see it."""
    source = base64.b64encode(jpeg(as_shown(image))).decode()
    alt = html.escape(description or caption)
    return (
        f'<figure class="tpv-picture"><img alt="{alt}" src="data:image/jpeg;base64,{source}">'
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
    )


def bars(
    predictions: Iterable[Prediction],
    language: Language,
    chosen: int | None = None,
    caption: str = "",
    *,
    are_scores: bool = False,
) -> str:
    """Return HTML of predictions as horizontal bars, the most probable on top.

    Args:
        predictions: what the bars are of.
        language: how numbers are written.
        chosen: index of the class that is in question: its bar has another colour, and a mark.
        caption: line above.
        are_scores: the numbers are no probabilities.
    """
    predictions = list(predictions)
    longest = max([1.0, *(abs(prediction.probability) for prediction in predictions)])
    rows = []
    for prediction in predictions:
        is_chosen = prediction.index == chosen
        mark = f' <span title="{html.escape(language("explained"))}">◀</span>' if is_chosen else ""
        width = 100 * max(0.0, prediction.probability) / longest
        rows.append(
            f'<tr{" class=tpv-chosen" * is_chosen}><th scope="row">{html.escape(spaced(prediction.label))}{mark}</th>'
            f'<td class="tpv-number">{answer(prediction.probability, language, are_scores)}</td>'
            f'<td class="tpv-bar"><div style="width: {width:.1f}%"></div></td></tr>'
        )
    return f'<table class="tpv-bars"><caption>{html.escape(caption)}</caption>{"".join(rows)}</table>'


CURVE = (310, 130)  # pixels of a curve, with its numbers
MARGINS = (66, 10, 24)  # of it: left, right and above, below


def curve(points: Iterable[tuple[int, float]], n_steps: int, language: Language, caption: str, is_score: bool) -> str:
    """Return HTML of a curve of answers that grows from left to right.

    Args:
        points: (step, answer), in order.
        n_steps: steps of the whole curve: where its axis ends.
        language: how numbers are written.
        caption: line above, and what a screen reader says.
        is_score: the answers are no probabilities: the axis goes from the least to the largest.
    """
    points = list(points)
    values = [value for _, value in points] if is_score else [0.0, 1.0]
    low, high = min(values), max(values)
    (width, height), (left, margin, below) = CURVE, MARGINS

    def place(step, value):
        x = left + (width - left - margin) * step / n_steps
        return x, height - below - (height - below - margin) * ((value - low) / (high - low) if high > low else 0.5)

    line = " ".join("{:.1f},{:.1f}".format(*place(*point)) for point in points)
    x, y = place(*points[-1])
    ends = "".join(
        f'<path d="M{left},{place(0, value)[1]:.1f}H{width - margin}"/>'
        f'<text x="{left - 6}" y="{place(0, value)[1] + 5:.1f}">{answer(value, language, is_score)}</text>'
        for value in dict.fromkeys((low, high))
    )
    steps = (
        f'<text x="{left + 6}" y="{height - 6}">0</text><text x="{width - margin}" y="{height - 6}">{n_steps}</text>'
    )
    return (
        f'<figure class="tpv-curve"><figcaption>{html.escape(caption)}</figcaption>'
        f'<svg role="img" aria-label="{html.escape(caption)}" viewBox="0 0 {width} {height}">{ends}{steps}'
        f'<polyline points="{line}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="5"/></svg></figure>'
    )


def answer(value: float, language: Language, is_score: bool) -> str:
    """Return an answer of a network as the page writes it: a probability in per cent, a score with two decimals."""
    return language.number(value) if is_score else language.percent(value)


def spaced(label: str) -> str:
    """Return a label as people write it: "African elephant"."""
    return label.replace("_", " ")


def note(sentence: str) -> str:
    """Return HTML of a sentence."""
    return f'<p class="tpv-note">{html.escape(sentence)}</p>'


def labelled(control, label: str, tooltip: str = "", width: str = "100%"):
    """Give a control a label, and return it; a control that is as wide as its column has a label of 7.5 em."""
    control.description = label
    control.tooltip = tooltip or label
    control.style.description_width = "7.5em" if width == "100%" else "auto"
    control.layout.width = width
    return control


def button(label: str, pressed) -> Button:
    """Return a button that calls `pressed()`."""
    made = Button(description=label, tooltip=label)
    made.on_click(lambda _: pressed())
    return made


def two_columns(controls: Iterable, pictures: Iterable) -> HBox:
    """Return controls on the left and what they show on the right."""
    left, right = VBox(list(controls)), VBox(list(pictures))
    left.add_class("tpv-controls")
    right.add_class("tpv-shown")
    return HBox([left, right]).add_class("tpv-columns")


def side_by_side(widgets: Iterable) -> Box:
    """Return widgets in a row, which goes on in the next line where there is no room."""
    row = Box(list(widgets))
    row.add_class("tpv-row")
    return row


def empty() -> HTML:
    """Return a place for HTML to come."""
    return HTML()

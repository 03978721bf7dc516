"""Hide: paint over the photograph, and see what the network answers then; the map foretells what it should cost."""

from typing import NamedTuple

import cv2
import ipywidgets as widgets
import numpy as np

from tp_visualisation import plotting
from tp_visualisation.explorer.browser import Brush
from tp_visualisation.explorer.controls import pick
from tp_visualisation.explorer.parts import button, jpeg, labelled, note, picture, side_by_side, two_columns
from tp_visualisation.explorer.session import has_probabilities
from tp_visualisation.explorer.view import View
from tp_visualisation.images import Image, resize
from tp_visualisation.maps import SaliencyMap, minmax
from tp_visualisation.saliency.registry import METHODS

GREY = 128  # the grey that hides
BLURRED = 20  # the blur that hides: its standard deviation is the shorter side divided by this
QUICK = ("grad_cam", "gradient_times_input", "gradient", "excitation_backprop", "group_cam", "rise", "occlusion")
Strokes = list  # of [radius, [[x, y], ...]], in pixels of the photograph


class Seen(NamedTuple):
    """What the network is shown, and its answers (K,): with the strokes and without them; the class in question."""

    hidden: np.ndarray
    picture: Image
    before: np.ndarray
    after: np.ndarray
    target: int


def hidden_pixels(size: tuple[int, int], strokes: Strokes, keeps: bool) -> np.ndarray:
    """Return which pixels (H, W) of a photograph are hidden: those painted over, or all the others."""
    painted = np.zeros(size, np.uint8)
    for radius, points in strokes:
        cv2.polylines(painted, [np.asarray([*points, points[-1]], np.int32)], False, 1, 2 * radius)
    return (painted == 0) if keeps and strokes else (painted > 0)


def cover(image: Image, by: str) -> Image:
    """Return what stands where an image is hidden: grey, or the image blurred, (H, W, 3)."""
    if by == "grey":
        return np.full_like(image, GREY)
    return cv2.GaussianBlur(image, (0, 0), min(image.shape[:2]) / BLURRED)


def answers_with_hidden(classifier, image: Image, hidden: np.ndarray, by: str) -> tuple[Image, np.ndarray]:
    """Return the image as it is shown to the network, and its answers (K,).

    Hidden "by" the network's zero, its own input is multiplied by 0 there, as RISE does.
    """
    keep = 1 - hidden[..., None].astype(np.float32)
    if by == "zero":
        x = classifier.prepare(image) * resize(keep, classifier.input_size)
        scores = classifier.input_scores(x)
        return image * keep, (classifier.probabilities_of(scores) if has_probabilities(classifier) else scores)[0]
    shown = np.where(hidden[..., None], cover(image, by), image)
    return shown, (classifier.probabilities if has_probabilities(classifier) else classifier.scores)(shown)[0]


def share_hidden(saliency_map: SaliencyMap, hidden: np.ndarray) -> float:
    """Return which share of a map is hidden: of what is positive in it, above its floor where nothing is negative."""
    positive = minmax(saliency_map) if saliency_map.min() >= 0 else np.maximum(saliency_map, 0)
    total = positive.sum(dtype=np.float64)
    return float(positive[hidden].sum(dtype=np.float64) / total) if total > 0 else 0.0


class Hide(View):
    """The view: a photograph to paint on, bars that follow, and what a map foretells."""

    name = "hide"

    def _build(self):
        say = self.say
        self.brush = Brush(label=say("paint"))
        self.mode = labelled(pick(say, ["hides", "keeps"]), say("brush"))
        self.by = labelled(pick(say, ["grey", "blur", "zero"]), say("with"))
        self.size = labelled(widgets.IntSlider(24, min=4, max=120, step=4), say("size"))
        self.method = labelled(widgets.Dropdown(options=QUICK), say("said_by"))
        self._bars, self._seen, self._cost = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._map: SaliencyMap | None = None
        self._map_image: Image | None = None
        self._map_of: tuple = ()
        self._painted_on: Image | None = None
        self.seen: Seen | None = None
        self.brush.observe(lambda _: self._ask(), "painted")
        self.mode.observe(lambda _: self._turn(), "value")
        self.size.observe(lambda _: setattr(self.brush, "radius", self.size.value), "value")
        for control in (self.by, self.method):
            control.observe(lambda _: self._ask(), "value")
        self.brush.radius = self.size.value
        buttons = widgets.HBox([button(say("undo"), self._undo), button(say("clear"), self.clear)])
        self._seen.add_class("tpv-small")
        shown = side_by_side([self.brush, widgets.VBox([self._bars, self._cost, self._seen])])
        return two_columns([self.mode, self.by, self.size, buttons, self.method], [shown])

    def refresh(self) -> None:
        size = list(self.session.image.shape[:2])
        if self.brush.size != size or self._painted_on is not self.session.image:
            self._painted_on = self.session.image
            self.brush.strokes = []
            self.brush.size = size
            self.brush.picture = jpeg(self.session.image)
        self._ask()

    def clear(self) -> None:
        """Hide nothing any more."""
        self.brush.strokes = []

    def _undo(self):
        self.brush.strokes = self.brush.strokes[:-1]

    def _turn(self):
        self.brush.keeps = self.mode.value == "keeps"
        self._ask()

    def _ask(self):
        strokes, keeps, by, method = self.brush.strokes, self.brush.keeps, self.by.value, self.method.value
        image, network = self.session.image, self.session.network

        def results(interrupt):
            classifier = interrupt(network.value)
            before = self.session.answers(classifier)
            target = self.session.target(classifier)
            hidden = hidden_pixels(image.shape[:2], strokes, keeps)
            shown, after = image, before
            if hidden.any():
                shown, after = answers_with_hidden(classifier, image, hidden, by)
            yield Seen(hidden, shown, before, after, target), None
            if self._map is None or self._map_image is not image or self._map_of != (network.name, method, target):
                self._map = METHODS[method](classifier, image, target)
                self._map_image, self._map_of = image, (network.name, method, target)
            yield Seen(hidden, shown, before, after, target), share_hidden(self._map, hidden)

        self.compute(results, self._show)

    def _show(self, result):
        self.seen, share = result
        classifier = self.session.classifier
        if share is None:
            self._bars.value = self.bars_of(classifier, self.seen.after, self.seen.target)
            return
        self._cost.value = note(self.cost(share))
        self._seen.value = picture(resize(self.seen.picture, classifier.input_size), self.say("sees"))
        self.changed()

    def cost(self, share: float) -> str:
        """Return the sentence that compares what the map foretells with what came; `share` is what is hidden of it."""
        seen, say = self.seen, self.say
        if seen is None or not seen.hidden.any():
            return say("nothing_hidden")
        before, after = (float(answers[seen.target]) for answers in (seen.before, seen.after))
        write = say.percent if has_probabilities(self.session.classifier) else say.number
        change = (before - after) / abs(before) if before else 0.0
        lost = say("lost", share=say.percent(change)) if change >= 0 else say("gained", share=say.percent(-change))
        return say(
            "cost",
            area=say.percent(seen.hidden.mean()),
            share=say.percent(share),
            label=self.label(seen.target),
            before=write(before),
            after=write(after),
            lost=lost,
        )

    def code(self) -> list[str]:
        if self.seen is None:
            return []
        answer = "probabilities" if has_probabilities(self.session.classifier) else "scores"
        strokes = [(radius, [tuple(point) for point in points]) for radius, points in self.brush.strokes]
        hidden = "painted == 0" if self.brush.keeps and strokes else "painted > 0"
        lines = [
            "import cv2",
            "import numpy as np",
            "painted = np.zeros(image.shape[:2], np.uint8)",
            f"for radius, points in {strokes!r}:",
            "    cv2.polylines(painted, [np.int32([*points, points[-1]])], False, 1, 2 * radius)",
            f"hidden = {hidden}",
        ]
        if self.by.value == "zero":
            keep = "tpv.images.resize(1 - hidden.astype(np.float32), clf.input_size)[..., None]"
            lines += [f"x = clf.prepare(image) * {keep}", f"answers = clf.input_{answer}(x)[0]"]
            lines += ["shown = image * (1 - hidden[..., None].astype(np.float32))"]
        else:
            sigma = f"min(image.shape[:2]) / {BLURRED}"
            by = str(GREY) if self.by.value == "grey" else f"cv2.GaussianBlur(image, (0, 0), {sigma})"
            lines += [f"shown = np.where(hidden[..., None], {by}, image).astype(np.uint8)"]
            lines += [f"answers = clf.{answer}(shown)[0]"]
        target = self.session.spelled(self.seen.target)
        lines += [
            "print(clf.predictions(answers))",
            f"first = tpv.saliency.{self.method.value}(clf, image, {target!r})",
            f"figure = tpv.plotting.plot_explanation(shown, first, map_title={self.method.value!r})",
        ]
        return lines

    def figure(self):
        if self.seen is None or self._map is None:
            return None
        return plotting.plot_explanation(self.seen.picture, self._map, map_title=self.method.value)

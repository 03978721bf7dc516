"""Ask: what does the network see, and where? The map of any method, and another one beside it."""

import inspect
import time
from typing import Any, NamedTuple

import ipywidgets as widgets
import numpy as np

from tp_visualisation import plotting
from tp_visualisation.explorer.controls import MethodControls, pick
from tp_visualisation.explorer.options import code_of
from tp_visualisation.explorer.parts import (
    COLOURS,
    answer,
    as_shown,
    empty,
    labelled,
    picture,
    side_by_side,
    two_columns,
)
from tp_visualisation.explorer.session import SECOND, Session, has_probabilities
from tp_visualisation.explorer.view import View
from tp_visualisation.maps import SaliencyMap
from tp_visualisation.saliency.registry import METHODS

BATCH = 8  # images a pass: it changes no map, takes less memory, and a pass is what a new request waits for


class Question(NamedTuple):
    """A method, its options, a class as the session names it, and a network by name: None for the session's."""

    method: str
    options: dict[str, Any]
    chosen: str
    network: str | None = None


class Map(NamedTuple):
    """What a question is answered with: the network's answers (K,), the class index, the map (H, W), its seconds."""

    classifier: Any
    answers: np.ndarray
    target: int
    saliency_map: SaliencyMap
    seconds: float


def ask(session: Session, classifier, question: Question) -> Map:
    """Return the map that answers a question about the session's photograph."""
    answers = session.answers(classifier)
    target = session.target_of(classifier, question.chosen)
    method, options = METHODS[question.method], question.options
    if "batch_size" in inspect.signature(method).parameters:
        options = {**options, "batch_size": BATCH}
    start = time.perf_counter()
    saliency_map = method(classifier, session.image, target, **options)
    return Map(classifier, answers, target, saliency_map, time.perf_counter() - start)


class Ask(View):
    """The view: bars, and one map or two on the photograph."""

    name = "ask"

    def _build(self):
        say = self.say
        self.method = MethodControls(self.session, say, self.refresh)
        self.compare = labelled(pick(say, ["nothing", "other_method", "other_class", "other_network"]), say("compare"))
        self.second_method = labelled(widgets.Dropdown(options=list(METHODS), value="gradient"), say("second_method"))
        self.second_class = labelled(
            widgets.Combobox(placeholder=say("second"), continuous_update=False), say("second_class")
        )
        self.second_network = labelled(widgets.Dropdown(options=self.session.others), say("second_network"))
        self.opacity = labelled(widgets.FloatSlider(0.5, min=0, max=1, step=0.05, readout_format=".2f"), say("opacity"))
        self.colours = labelled(
            widgets.Dropdown(options=[(say("automatic"), ""), *((name, name) for name in COLOURS)]), say("colours")
        )
        self._asked: list[Question] = []
        self.maps: list[Map] = []
        self._panels = [(empty(), empty()) for _ in range(2)]
        for control in (self.compare, self.second_method, self.second_class, self.second_network):
            control.observe(lambda _: self.refresh(), "value")
        for control in (self.opacity, self.colours):
            control.observe(lambda _: self._draw(), "value")
        self._show_compared()
        self._rows = [side_by_side(panel) for panel in self._panels]
        shown = side_by_side(self._rows)
        controls = [self.method.widget, self.compare, self.second_method, self.second_class, self.second_network]
        return two_columns([*controls, self.opacity, self.colours], [shown])

    def questions(self) -> list[Question]:
        """Return what is asked: one question, or two side by side."""
        first = Question(self.method.name, self.method.values(), self.session.chosen)
        match self.compare.value:
            case "other_method":
                return [first, Question(self.second_method.value, {}, first.chosen)]
            case "other_class":
                return [first, first._replace(chosen=self.second_class.value.strip() or SECOND)]
            case "other_network" if self.second_network.value:
                return [first, first._replace(network=self.second_network.value)]
        return [first]

    def refresh(self) -> None:
        self._show_compared()
        self._asked, self.maps = self.questions(), []
        questions = self._asked

        def results(interrupt):
            for number, question in enumerate(questions):
                network = self.session.network
                if question.network is not None:
                    network = self.session.other_network(question.network)
                yield number, ask(self.session, interrupt(network.value), question)

        self.compute(results, self._show)

    def _show(self, answered):
        number, found = answered
        self.maps[number:] = [found]
        self._draw()
        if number + 1 == len(self._asked):
            self.changed()

    def _draw(self):
        """Lay the maps on the photograph anew, as opacity and colours are now."""
        for number, (shown, bars) in enumerate(self._panels):
            if number < len(self.maps):
                self._draw_one(shown, bars, self._asked[number], self.maps[number])
            self._rows[number].layout.display = None if number < len(self._asked) else "none"
        self.changed()

    def _draw_one(self, shown, bars, question, found):
        label = self.label(found.target, found.classifier)
        laid = plotting.overlay(
            as_shown(self.session.image),
            as_shown(found.saliency_map),
            alpha=self.opacity.value,
            cmap=self.colours.value or None,
        )
        photograph, name = self.session.photograph.name, question.network or self.session.network.name
        probability = answer(found.answers[found.target], self.say, not has_probabilities(found.classifier))
        caption = f"{question.method}: {label} {probability}, {self.say.seconds(found.seconds)}"
        caption += f" ({name})" if question.network else ""
        described = self.say("map_of", method=question.method, label=label, photograph=photograph)
        shown.value = picture(laid, caption, described)
        bars.value = self.bars_of(found.classifier, found.answers, found.target)

    def _show_compared(self):
        """Show the control of what is beside it, and no other."""
        for name, control in (
            ("other_method", self.second_method),
            ("other_class", self.second_class),
            ("other_network", self.second_network),
        ):
            control.layout.display = None if self.compare.value == name else "none"
        self.second_class.options = [entry.label for entry in self.session.classifier.labels]

    def code(self) -> list[str]:
        if not self.maps:
            return []
        lines = []
        for question, found, result in zip(self._asked, self.maps, ("first", "second"), strict=False):
            clf = "clf"
            if question.network is not None:
                clf = "other"
                lines.append(self.session.other_network(question.network).code.replace("clf", clf, 1))
            target = self.session.spelled(found.target, found.classifier)
            options = code_of(question.options)
            lines.append(f"{result} = tpv.saliency.{question.method}({clf}, image, {target!r}{options})")
        titles, colours = self._titles(), f", cmap={self.colours.value!r}" if self.colours.value else ""
        if len(titles) == 1:
            drawn = f"plot_explanation(image, first, title={titles[0]!r}{colours})"
        else:
            drawn = f"plot_maps(image, {{{titles[0]!r}: first, {titles[1]!r}: second}}, overlays=True{colours})"
        return [*lines, f"figure = tpv.plotting.{drawn}"]

    def figure(self):
        if not self.maps:
            return None
        image, cmap, titles = self.session.image, self.colours.value or None, self._titles()
        maps = [found.saliency_map for found in self.maps]
        if len(maps) == 1:
            return plotting.plot_explanation(image, maps[0], title=titles[0], cmap=cmap)
        return plotting.plot_maps(image, dict(zip(titles, maps, strict=True)), overlays=True, cmap=cmap)

    def _titles(self):
        """A title for each map; two are never the same."""
        titles = []
        for question, found in zip(self._asked, self.maps, strict=False):
            network = f" ({question.network})" if question.network else ""
            titles.append(f"{question.method}, {self.label(found.target, found.classifier)}{network}")
        return titles if len(set(titles)) == len(titles) else [f"{title} ({n})" for n, title in enumerate(titles, 1)]

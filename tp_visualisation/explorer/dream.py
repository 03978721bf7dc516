"""Dream a class: the image that the network takes for a perfect example, as it grows."""

import time
from typing import Any

import ipywidgets as widgets
import numpy as np

from tp_visualisation import plotting
from tp_visualisation.class_model import Snapshot, visualise_class_steps
from tp_visualisation.class_model.parameterisations import PARAMETERISATIONS
from tp_visualisation.explorer.controls import pick
from tp_visualisation.explorer.options import code_of
from tp_visualisation.explorer.parts import answer, button, curve, labelled, picture, side_by_side, two_columns
from tp_visualisation.explorer.view import View
from tp_visualisation.images import resize

PICTURES = 40  # snapshots of a whole climb
KEPT = 5  # of them in the figure


class Dream(View):
    """The view: the image of the class, its bars, the curve of its probability, and Stop."""

    name = "dream"

    def _build(self):
        say = self.say
        self.n_steps = labelled(
            widgets.IntSlider(200, min=20, max=600, step=20, continuous_update=False), say("n_steps")
        )
        self.written = labelled(widgets.Dropdown(options=list(PARAMETERISATIONS), value="fourier"), say("written_in"))
        self.start = labelled(pick(say, ["noise", "this_photograph"]), say("from"))
        self.seed = labelled(widgets.IntSlider(0, min=0, max=9, continuous_update=False), say("seed"))
        self.snapshots: list[Snapshot] = []
        self.target: int | None = None
        self._options: dict[str, Any] = {}
        self._from_photograph = False
        self._image, self._bars, self._curve = widgets.HTML(), widgets.HTML(), widgets.HTML()
        for control in (self.n_steps, self.written, self.start, self.seed):
            control.observe(lambda _: self.refresh(), "value")
        buttons = widgets.HBox([button(say("start"), self.refresh), button(say("stop"), self.worker.stop)])
        controls = [self.n_steps, self.written, self.start, self.seed, buttons]
        shown = side_by_side([widgets.VBox([self._image]), widgets.VBox([self._bars, self._curve])])
        return two_columns(controls, [shown])

    def refresh(self) -> None:
        every = max(1, self.n_steps.value // PICTURES)
        self._options = {
            "n_steps": self.n_steps.value,
            "every": every,
            "parameterisation": self.written.value,
            "seed": self.seed.value,
        }
        self.snapshots, self.target = [], None
        snapshots = self.snapshots  # a request that is over may still write, but into its own
        self._from_photograph = self.start.value == "this_photograph"
        options, network, image = self._options, self.session.network, self.session.image
        from_photograph = self._from_photograph

        def results(interrupt):
            classifier = interrupt(network.value)
            target = self.session.target(classifier)
            start = np.rint(resize(image, classifier.input_size)) if from_photograph else None
            drawn = 0.0
            for snapshot in visualise_class_steps(classifier, target, init_image=start, **options):
                snapshots.append(snapshot)
                if snapshot.step == options["n_steps"] or time.perf_counter() - drawn > 0.2:
                    drawn = time.perf_counter()
                    yield snapshot, self.answers(classifier, snapshot.image), target

        self.compute(results, self._show)

    def _show(self, result):
        snapshot, answers, self.target = result
        label, is_score = self.label(self.target), np.isnan(snapshot.probability)
        value = answer(snapshot.score if is_score else snapshot.probability, self.say, is_score)
        caption = self.say("snapshot", step=snapshot.step, label=label, answer=value)
        self._image.value = picture(snapshot.image, caption, self.say("image_of", label=label))
        self._bars.value = self.bars_of(self.session.classifier, answers, self.target)
        said = self.say("score_of" if is_score else "probability_of", label=label)
        points = [(shot.step, shot.score if is_score else shot.probability) for shot in self.snapshots]
        self._curve.value = curve(points, self._options["n_steps"], self.say, said, is_score)
        self.changed()

    def code(self) -> list[str]:
        if not self.snapshots or self.target is None:
            return []
        target = self.session.spelled(self.target)
        start = []
        if self._from_photograph:
            start = ["import numpy as np", "start = np.rint(tpv.images.resize(image, clf.input_size))"]
        init = ", init_image=start" if start else ""
        call = f"tpv.class_model.visualise_class_steps(clf, {target!r}{init}{code_of(self._options)})"
        return [
            "import itertools",
            *start,
            f"snapshots = list(itertools.islice({call}, {len(self.snapshots)}))",
            f"figure = tpv.plotting.plot_progress(snapshots[:: -(-len(snapshots) // {KEPT})], curve=snapshots)",
        ]

    def figure(self):
        if not self.snapshots:
            return None
        snapshots = list(self.snapshots)
        return plotting.plot_progress(snapshots[:: -(-len(snapshots) // KEPT)], curve=snapshots)

"""RISE, live: masks as they come, the map that grows out of them, and two designs of masks that race each other."""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import ipywidgets as widgets
import numpy as np

from tp_visualisation import plotting
from tp_visualisation.explorer.parts import as_shown, button, empty, labelled, note, picture, side_by_side, two_columns
from tp_visualisation.explorer.view import View
from tp_visualisation.saliency.masks import BalancedBlocks, random_grids, upsampling
from tp_visualisation.saliency.rise import Estimate, correlation_with_limit, rise_estimates

DESIGNS = ("random", "balanced")  # the random one begins: it has something to show after the first pass
COARSE = 4  # every fourth pixel of a row and of a column is enough to tell how sure a map is
BATCH = 16  # masks a pass, of the random design: those of a block come at once


class Lap(NamedTuple):
    """Where a design is.

    Attributes:
        design: "random" or "balanced".
        estimate: its `Estimate`.
        r: estimated correlation of the map with its limit; None as long as too little is known of it.
        mask: a mask (h, w) of its last batch.
        seconds: that it has run.
        ended: whether it has settled, or used all its masks.
    """

    design: str
    estimate: Estimate
    r: float | None
    mask: np.ndarray
    seconds: float
    ended: bool


def race(classifier, image, target: int, *, n_masks: int, grid_size: int, seed: int) -> Iterator[Lap]:
    """Yield a `Lap` after each batch of masks: the design that has used fewer goes next, until both have ended.

    Arguments are those of `rise`.
    """
    options: dict[str, Any] = {"n_masks": n_masks, "grid_size": grid_size, "seed": seed, "batch_size": BATCH}
    runners = {design: rise_estimates(classifier, image, target, design=design, **options) for design in DESIGNS}
    masks = {design: _masks(design, classifier.input_size, n_masks, grid_size, seed) for design in DESIGNS}
    certainty = {design: Certainty() for design in DESIGNS}
    laps: dict[str, Lap] = {}
    seconds = dict.fromkeys(DESIGNS, 0.0)
    while runners:
        design = min(runners, key=lambda name: laps[name].estimate.n_masks if name in laps else 0)
        start = time.perf_counter()
        estimate = next(runners[design], None)
        seconds[design] += time.perf_counter() - start
        if estimate is None:
            del runners[design]
            laps[design] = laps[design]._replace(ended=True)
        else:
            r = certainty[design].after(estimate)
            laps[design] = Lap(design, estimate, r, next(masks[design]), seconds[design], False)
        yield laps[design]


class Certainty:
    """How well a growing map correlates with its own limit: what one batch's map differs from the next one's tells.

    What all pixels have in common, as the mean probability of a batch, is left out: it changes no correlation.
    """

    def __init__(self) -> None:
        self._n_masks, self._batches, self._before = 0, 0, np.zeros(())
        self._mean, self._squares = np.zeros(()), np.zeros(())  # of the batches' maps: Welford's

    def after(self, estimate: Estimate) -> float | None:
        """Return the estimated correlation after one more batch; None after fewer than four, as `rise` waits for."""
        coarse = estimate.saliency_map[::COARSE, ::COARSE].astype(np.float64)
        n_new = estimate.n_masks - self._n_masks
        batch = (estimate.n_masks * coarse - self._n_masks * self._before) / n_new
        batch -= batch.mean()
        self._n_masks, self._before, self._batches = estimate.n_masks, coarse, self._batches + 1
        change = batch - self._mean
        self._mean = self._mean + change / self._batches
        self._squares = self._squares + change * (batch - self._mean)
        if self._batches < 4:
            return None
        error = np.sqrt(self._squares / (self._batches - 1) / self._batches)
        return float(correlation_with_limit(self._mean, error))


def _masks(design, size, n_masks, grid_size, seed):
    """Yield the first mask (h, w) of each batch that `rise_estimates` goes through."""
    rows, columns = (upsampling(length, grid_size) for length in size)
    if design == "balanced" and BalancedBlocks.exists(grid_size):
        batches = ((cells[0], shift) for cells, shift in BalancedBlocks(grid_size, seed))
    else:
        batches = ((cells[0], shifts[0]) for cells, shifts in random_grids(n_masks, grid_size, 0.5, BATCH, seed))
    for cells, shift in batches:
        dy, dx = np.floor(shift * np.ceil(np.asarray(size) / grid_size)).astype(int)
        yield rows[dy : dy + size[0]] @ cells @ columns[dx : dx + size[1]].T


class LiveRise(View):
    """The view: for each design the last mask, the map so far, its standard error, and how sure it is."""

    name = "rise"

    def _build(self):
        say = self.say
        self.grid_size = labelled(widgets.IntSlider(7, min=2, max=15, continuous_update=False), say("cells"))
        self.n_masks = labelled(
            widgets.IntSlider(2048, min=128, max=8192, step=128, continuous_update=False), say("n_masks")
        )
        self.seed = labelled(widgets.IntSlider(0, min=0, max=9, continuous_update=False), say("seed"))
        self.laps: dict[str, Lap] = {}
        self.target: int | None = None
        self._places = {design: [empty() for _ in range(4)] for design in DESIGNS}
        for control in (self.grid_size, self.n_masks, self.seed):
            control.observe(lambda _: self.refresh(), "value")
        buttons = widgets.HBox([button(say("start"), self.refresh), button(say("stop"), self.worker.stop)])
        columns = []
        for design, (said, mask, saliency_map, error) in self._places.items():
            small = side_by_side([mask, error]).add_class("tpv-tiny")
            heading = widgets.HTML(f"<h2>{say(design)}</h2>")
            columns.append(widgets.VBox([heading, said, saliency_map, small]))
        return two_columns([self.grid_size, self.n_masks, self.seed, buttons], [side_by_side(columns)])

    def refresh(self) -> None:
        self.laps, self.target = {}, None
        laps = self.laps  # a request that is over may still write, but into its own
        options = {"n_masks": self.n_masks.value, "grid_size": self.grid_size.value, "seed": self.seed.value}
        image, network = self.session.image, self.session.network
        for place in (place for places in self._places.values() for place in places):
            place.value = ""

        def results(interrupt):
            classifier = interrupt(network.value)
            target = self.session.target(classifier)
            drawn = dict.fromkeys(DESIGNS, 0.0)
            for lap in race(classifier, image, target, **options):
                laps[lap.design] = lap
                if lap.ended or time.perf_counter() - drawn[lap.design] > 0.2:  # a page need not see every batch
                    drawn[lap.design] = time.perf_counter()
                    yield lap, target

        self.compute(results, self._show)

    def _show(self, result):
        lap, self.target = result
        said, mask, saliency_map, error = self._places[lap.design]
        say, image, estimate = self.say, as_shown(self.session.image), lap.estimate
        sentence = say(
            "so_far",
            number=estimate.n_masks,
            r=say("unknown") if lap.r is None else say.number(lap.r, ".3f"),
            seconds=say.seconds(lap.seconds),
        )
        has_settled = lap.ended and estimate.n_masks < self.n_masks.value
        said.value = note(f"{sentence}: {say('settled')}" if has_settled else sentence)
        saliency_map.value = picture(plotting.overlay(image, as_shown(estimate.saliency_map)), self.label(self.target))
        shown = np.repeat(255 * lap.mask[..., None], 3, axis=2)
        mask.value = picture(shown, say("mask"))
        if np.isfinite(estimate.standard_error).all():
            error.value = picture(plotting.colourise(as_shown(estimate.standard_error)), say("error"))
        self.changed()

    def code(self) -> list[str]:
        if not self.laps or self.target is None:
            return []
        target = self.session.spelled(self.target)
        n_masks = {design: lap.estimate.n_masks for design, lap in self.laps.items()}
        lines = []
        for design, number in n_masks.items():
            options = f'design="{design}", n_masks={number}, tolerance=0, grid_size={self.grid_size.value}'
            options += f", batch_size={BATCH}, seed={self.seed.value}"
            lines.append(f"{design} = tpv.saliency.rise(clf, image, {target!r}, {options})")
        maps = ", ".join(f'"{self._title(design)}": {design}' for design in n_masks)
        return [*lines, f"figure = tpv.plotting.plot_maps(image, {{{maps}}}, overlays=True)"]

    def figure(self):
        if not self.laps:
            return None
        maps = {self._title(design): lap.estimate.saliency_map for design, lap in self.laps.items()}
        return plotting.plot_maps(self.session.image, maps, overlays=True)

    def _title(self, design):
        return f"{design}, {self.laps[design].estimate.n_masks} masks"

"""Fool: a change that nobody sees and another answer, one step at a time or all the way; JPEG as a defence."""

import inspect
import io
from typing import Any

import ipywidgets as widgets
import numpy as np
import PIL.Image

from tp_visualisation import plotting
from tp_visualisation.adversarial import ATTACKS, AdversarialExample
from tp_visualisation.explorer.options import code_of
from tp_visualisation.explorer.parts import bars, button, empty, labelled, note, picture, side_by_side, two_columns
from tp_visualisation.explorer.view import View
from tp_visualisation.images import Image, load_image
from tp_visualisation.saliency.registry import METHODS

MAGNIFIED = 10


def options_of_attack(name: str, epsilon: float, n_steps: int | None) -> dict[str, Any]:
    """Return the options of an attack that the page sets: ε where it takes one, and steps at most.

    The step of PGD is that of all its steps, so that the first steps of a long attack are those of a short one.
    """
    parameters = inspect.signature(ATTACKS[name]).parameters
    options: dict[str, Any] = {}
    if "epsilon" in parameters:
        options["epsilon"] = epsilon
    if n_steps is not None and "n_steps" in parameters:
        if name == "pgd":
            options["step_size"] = 2.5 * epsilon / parameters["n_steps"].default
        options["n_steps"] = n_steps
    return options


def shown_steps(name: str) -> list[int | None]:
    """Return after how many steps an attack is shown on its way: 1, 2, 3, 4, 5, 6, 8, 10, ..., and all, which is None.

    Each time it begins anew, so that the numbers grow by a third: all together take four times as long as the last.
    """
    parameters = inspect.signature(ATTACKS[name]).parameters
    shown: list[int | None] = []
    step = 1
    while "n_steps" in parameters and step < parameters["n_steps"].default:
        shown.append(step)
        step = max(step + 1, 4 * step // 3)
    return [*shown, None]


def _with_map_made_once(name):
    """The option of an attack that a map confines: its own method, which takes longest, and is asked once only."""
    parameters = inspect.signature(ATTACKS[name]).parameters
    if "method" not in parameters:
        return {}
    maps = []

    def method(*arguments):
        if not maps:
            maps.append(METHODS[parameters["method"].default](*arguments))
        return maps[0]

    return {"method": method}


def compressed(image: Image, quality: int) -> Image:
    """Return an image as it comes back from a JPEG file of this quality."""
    stream = io.BytesIO()
    PIL.Image.fromarray(image).save(stream, format="JPEG", quality=quality)
    return load_image(stream.getvalue())


class Fool(View):
    """The view: what the network sees before, after, and after JPEG."""

    name = "fool"

    def _build(self):
        say = self.say
        self.target = labelled(
            widgets.Combobox(value="stingray", placeholder=say("class_hint"), continuous_update=False), say("target")
        )
        self.attack = labelled(widgets.Dropdown(options=list(ATTACKS)), say("attack"))
        self.epsilon = labelled(widgets.IntSlider(4, min=1, max=32, continuous_update=False), say("epsilon"))
        self.quality = labelled(widgets.IntSlider(75, min=1, max=100, continuous_update=False), say("jpeg"))
        self.example: AdversarialExample | None = None
        self._options: dict[str, Any] = {}
        self._asked: tuple = ()
        self._n_steps = 0  # that were asked for
        self._to_come: tuple = ()  # of them, what "All the way" has not shown yet
        self._said, self._original, self._image, self._difference = (empty() for _ in range(4))
        self._before, self._after, self._jpeg = (empty() for _ in range(3))
        for control in (self.target, self.attack, self.epsilon):
            control.observe(lambda _: self.refresh(), "value")
        self.quality.observe(lambda _: self._compress(), "value")
        steps = widgets.HBox([button(say("one_step"), self.one_step), button(say("all_steps"), self.all_steps)])
        more = widgets.HBox([button(say("again"), self.refresh), button(say("stop"), self.stop)])
        pictures = side_by_side([self._original, self._image, self._difference]).add_class("tpv-small")
        answers = side_by_side([self._before, self._after, self._jpeg]).add_class("tpv-narrow")
        controls = [self.target, self.attack, self.epsilon, steps, more, self.quality]
        return two_columns(controls, [self._said, pictures, answers])

    def refresh(self) -> None:
        self.target.options = [entry.label for entry in self.session.classifier.labels]
        self.epsilon.disabled = "epsilon" not in inspect.signature(ATTACKS[self.attack.value]).parameters
        self.example, self._n_steps, self._to_come, self._asked = None, 0, (), ()
        network = self.session.network

        def results(interrupt):
            yield self.session.answers(interrupt(network.value))

        self.compute(results, self._show_photograph)

    def one_step(self) -> None:
        """Take one step more than before."""
        if self.example is None or not (self.example.success or self.attack.value == "fgsm"):
            self._n_steps += 1
            self._attack(self._n_steps)

    def all_steps(self) -> None:
        """Take as many steps as the attack takes by itself, and show them as they come."""
        self._attack(*shown_steps(self.attack.value))

    def stop(self) -> None:
        """End the attack where it is."""
        self._to_come = ()
        self.worker.stop()

    def _attack(self, *numbers):
        self._to_come = numbers
        name, target, epsilon, quality = (
            self.attack.value,
            self.target.value.strip(),
            self.epsilon.value,
            self.quality.value,
        )
        image, network = self.session.image, self.session.network

        def results(interrupt):
            classifier = interrupt(network.value)
            index = classifier.class_index(target) if target else None
            own = _with_map_made_once(name)
            for number, n_steps in enumerate(numbers, start=1):
                options = options_of_attack(name, epsilon, n_steps)
                example = ATTACKS[name](classifier, image, index, **options, **own)
                self._asked = name, index, options
                has_ended = example.success or (n_steps and example.n_steps < n_steps)
                answers = self.answers(classifier, compressed(example.image, quality))
                yield example, quality, answers, () if has_ended else numbers[number:]
                if has_ended:
                    return

        self.compute(results, self._show)

    def _compress(self):
        example, quality, network = self.example, self.quality.value, self.session.network
        if self._to_come:
            self._attack(*self._to_come)
            return
        if example is None:
            return

        def results(interrupt):
            answers = self.answers(interrupt(network.value), compressed(example.image, quality))
            yield example, quality, answers, ()

        self.compute(results, self._show)

    def _show_photograph(self, answers):
        classifier, self.example = self.session.classifier, None
        for place in (self._after, self._jpeg, self._image, self._difference):
            place.value = ""
        self._said.value = note(self.say("not_attacked"))
        self._original.value = picture(self.session.image, self.say("before"))
        self._before.value = self.bars_of(classifier, answers, caption=self.say("before"))

    def _show(self, result):
        example, quality, answers, self._to_come = result
        say, classifier = self.say, self.session.classifier
        self.example, self._n_steps = example, max(self._n_steps, example.n_steps)
        aim = (example.target or example.adversarial).index
        said = say(
            "fooled" if example.success else "not_fooled", steps=say.steps(example.n_steps), reason=example.reason
        )
        said += " " + say("changed", linf=f"{example.linf:.0f}")
        if example.success:
            said += " " + say("survives" if self._still(example, answers) else "undone")
        self._said.value = note(said)
        self._image.value = picture(example.image, say("after"))
        shown = 128 + MAGNIFIED * example.perturbation
        self._difference.value = picture(np.clip(shown, 0, 255), say("difference"))
        self._before.value = bars(example.original_top, say, aim, say("before"))
        self._after.value = bars(example.adversarial_top, say, aim, say("after"))
        self._jpeg.value = bars(classifier.predictions(answers), say, aim, f"{say('after_jpeg')}, {quality}")
        self.changed()

    @staticmethod
    def _still(example, answers):
        seen = int(answers.argmax())
        return seen == example.target.index if example.target else seen != example.original.index

    def code(self) -> list[str]:
        if self.example is None or not self._asked:
            return []
        name, index, options = self._asked
        target = None if index is None else self.session.spelled(index)
        return [
            f"example = tpv.adversarial.{name}(clf, image, {target!r}{code_of(options)})",
            f"print(tpv.adversarial.survives_jpeg(example, clf, quality={self.quality.value}))",
            "figure = tpv.plotting.plot_adversarial(example)",
        ]

    def figure(self):
        return None if self.example is None else plotting.plot_adversarial(self.example)

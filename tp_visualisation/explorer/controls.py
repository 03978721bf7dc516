"""Controls that several views have: a choice among words, a class by its name, a method with its options."""

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import ipywidgets as widgets

from tp_visualisation.explorer.language import Language
from tp_visualisation.explorer.options import Option, options_of
from tp_visualisation.explorer.parts import labelled, note
from tp_visualisation.explorer.session import Session
from tp_visualisation.saliency.registry import METHODS


def pick(say: Language, keys: Iterable[str], value: str | None = None) -> widgets.Dropdown:
    """Return a list to choose from: its values are keys, and what it shows are their words."""
    keys = list(keys)
    return widgets.Dropdown(options=[(say(key), key) for key in keys], value=value or keys[0])


class MethodControls:
    """A method, and sliders for its options.

    Args:
        session: whose network has the layers to choose from.
        say: language of the page.
        changed: called when the method or an option is another one.
        method: the method at the beginning.
    """

    def __init__(self, session: Session, say: Language, changed: Callable[[], None], method: str = "grad_cam") -> None:
        self.session, self.say, self.changed = session, say, changed
        self.method = labelled(widgets.Dropdown(options=list(METHODS), value=method), say("method"))
        self._place = widgets.VBox()
        self._made: dict[tuple, _Made] = {}  # of each method and network: made once, since a kernel keeps all widgets
        self.method.observe(lambda _: self._chosen(), "value")
        self.widget = widgets.VBox([self.method, self._place])
        self.show_options()

    @property
    def name(self) -> str:
        """The method's name."""
        return self.method.value

    def values(self) -> dict[str, Any]:
        """Return the options that are not as the method has them by itself."""
        made = self._made_for()
        values = {option.name: _value(option, made.controls[option.name]) for option in made.options}
        return {option.name: values[option.name] for option in made.options if values[option.name] != option.default}

    def show_options(self) -> None:
        """Show the options of the method, for the network of the moment."""
        self._place.children = [self._made_for().widget]

    def _chosen(self):
        self.show_options()
        self.changed()

    def _made_for(self):
        key = self.name, self.session.network.name
        if key not in self._made:
            options = options_of(METHODS[self.name], self.session.classifier.feature_layers)
            controls = {option.name: self._control(option) for option in options}
            inside = list(controls.values()) or [widgets.HTML(note(self.say("no_options", name=self.name)))]
            accordion = widgets.Accordion([widgets.VBox(inside)], titles=[self.say("options", name=self.name)])
            accordion.selected_index = None
            self._made[key] = _Made(options, controls, accordion)
        return self._made[key]

    def _control(self, option):
        control = labelled(_CONTROLS[option.kind](option, self.say), option.name, option.description)
        control.observe(lambda _: self.changed(), "value")
        return control


class _Made(NamedTuple):
    """The options of a method, their controls by name, and the widget that they are in."""

    options: list[Option]
    controls: dict[str, Any]
    widget: widgets.Widget


def _value(option, control):
    if option.kind == "choice":
        return control.value or None
    if option.kind != "maybe":
        return control.value
    text = control.value.strip()
    return (
        int(text) if re.fullmatch(r"-?\d+", text) else text or None
    )  # the method says what is wrong with another text


def _whole(option, say):
    ends = {"min": int(option.low), "max": int(option.high)}
    return widgets.IntSlider(option.default, **ends, continuous_update=False)


def _number(option, say):
    ends = {"min": option.low, "max": option.high}
    return widgets.FloatSlider(option.default, **ends, step=option.step, continuous_update=False)


def _small(option, say):
    ends = {"min": option.low, "max": option.high}  # exponents of 10
    return widgets.FloatLogSlider(option.default, **ends, step=1, readout_format=".0e", continuous_update=False)


def _yes_or_no(option, say):
    return widgets.Checkbox(option.default, indent=False)


def _choice(option, say):
    shown = [(say("default"), "") if choice is None else (choice, choice) for choice in option.choices]
    return widgets.Dropdown(options=shown, value=option.default or "")


def _maybe(option, say):
    return widgets.Text(placeholder=say("default"), continuous_update=False)


_CONTROLS = {
    "whole": _whole,
    "number": _number,
    "small": _small,
    "yes_or_no": _yes_or_no,
    "choice": _choice,
    "maybe": _maybe,
}

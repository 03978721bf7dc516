"""The page: a photograph and a class, the views to choose from, what can be kept, and below it one of the views."""

import html
import io
from pathlib import Path

import ipywidgets as widgets

from tp_visualisation import networks
from tp_visualisation.checks import WrongKind, check_choice
from tp_visualisation.classifier import Classifier
from tp_visualisation.explorer.ask import Ask
from tp_visualisation.explorer.browser import Keep, Upload
from tp_visualisation.explorer.controls import pick
from tp_visualisation.explorer.dream import Dream
from tp_visualisation.explorer.fool import Fool
from tp_visualisation.explorer.hide import Hide
from tp_visualisation.explorer.language import Language
from tp_visualisation.explorer.live_rise import LiveRise
from tp_visualisation.explorer.parts import labelled, side_by_side
from tp_visualisation.explorer.session import (
    PREDICTED,
    SECOND,
    Named,
    Session,
    given_array,
    network_called,
    photograph_called,
    photograph_in,
    sample_called,
)
from tp_visualisation.explorer.worker import Worker, sentence_of
from tp_visualisation.images import Image
from tp_visualisation.samples import sample_images

VIEWS = {view.name: view for view in (Ask, Hide, LiveRise, Fool, Dream)}


def explore(
    classifier: Classifier | None = None,
    image: Image | str | None = None,
    *,
    target: int | str | None = None,
    view: str = "ask",
    language: str = "en",
) -> "Explorer":
    """Open the explorer in a notebook: what a network sees in a photograph, asked live.

    Args:
        classifier: `Classifier` under study; None for the embedded network.
        image: RGB array (H, W, 3), values in [0, 255]. Left unchanged. Or the path of a photograph, or the
            name of a sample; None for the dalmatian.
        target: class to explain: index, label or WordNet id; None for the predicted class.
        view: what is shown first: "ask", "hide", "rise", "fool" or "dream".
        language: "en" or "fr".

    Returns:
        `Explorer`, a widget: the last line of a cell shows it.

    Raises:
        ValueError: an argument is not as above.
    """
    check_choice(VIEWS, view=view)
    say = Language(language)
    if classifier is not None and not isinstance(classifier, Classifier):
        raise WrongKind(f"classifier must be a Classifier, as load_classifier gives it, got {classifier!r:.80}.")
    if classifier is None:
        network = network_called(networks.DEFAULT)
    else:
        network = Named(classifier, classifier.name, "clf = clf  # the classifier that was given to tpv.explore")
    photograph = photograph_called(image or "dalmatian") if isinstance(image, str | None) else given_array(image)
    session = Session(network, photograph)
    if target is not None:
        session.chosen = str(session.spelled(network.value.class_index(target)))
    return Explorer(session, say, view)


class Explorer(widgets.VBox):
    """The page of a session.

    Args:
        session: what is explored.
        say: language of the page.
        view: what is shown first.

    Attributes:
        session: the `Session`.
        views: name → `View`.
        worker: the `Worker` that computes.
    """

    def __init__(self, session: Session, say: Language, view: str = "ask") -> None:
        self.session, self.say, self.worker = session, say, Worker(self._tell)
        self.keep = Keep(
            {key: say(key) for key in ("save", "copy", "copied", "code", "died")}, self._save, self._say_again
        )
        self.views = {name: kind(session, self.worker, say) for name, kind in VIEWS.items()}
        self.shown = widgets.ToggleButtons(options=[(say(name), name) for name in VIEWS], value=view)
        self._stack = widgets.Stack([made.widget for made in self.views.values()])
        super().__init__([self._head(), side_by_side([self.shown, self.keep]), self._stack])
        self.add_class("tpv-explorer")
        for made in self.views.values():
            made.changed = self._show_code
        self.shown.observe(lambda _: self._open(), "value")
        self._open()

    def __repr__(self):
        return f"The explorer of {self.session.network.name}: run this cell to open it."

    def _repr_mimebundle_(self, **options):
        """As of any widget, with what anywidget adds for Colab, which asks the one that is shown, not those in it."""
        return super()._repr_mimebundle_(**options), self.keep._repr_mimebundle_(**options)[1]

    def _mime_(self):
        """What marimo shows, which has its own protocol, and shows no ipywidgets."""
        return "text/html", f'<p role="alert">{html.escape(self.say("marimo"))}</p>'

    @property
    def view(self):
        """The view that is shown."""
        return self.views[self.shown.value]

    def _head(self):
        say, session = self.say, self.session
        names = [sample.name for sample in sample_images()]
        here = session.photograph.name
        self._own = session.photograph  # what is no sample, and can be chosen again
        self.photograph = widgets.Dropdown(options=names if here in names else [here, *names], value=here)
        self.upload = Upload(say("open"), self._open_file, self._refuse_file)
        is_place = session.chosen in (PREDICTED, SECOND)
        self.chosen = pick(say, [PREDICTED, SECOND, "by_name"], session.chosen if is_place else "by_name")
        self.class_name = widgets.Combobox(
            value="" if is_place else session.chosen, placeholder=say("class_hint"), continuous_update=False
        )
        self._show_classes()
        self.photograph.observe(lambda _: self._choose_photograph(), "value")
        self.chosen.observe(lambda _: self._choose_class(), "value")
        self.class_name.observe(lambda _: self._choose_class(), "value")
        labelled(self.photograph, say("photograph"), width="auto")
        labelled(self.chosen, say("class"), width="auto")
        labelled(self.class_name, "", say("class_name"), width="20em")
        network = widgets.HTML(f"{say('network')}: <b>{html.escape(session.network.name)}</b>")
        row = side_by_side([self.photograph, self.upload, self.chosen, self.class_name, network])
        return row.add_class("tpv-head")

    def _open(self):
        self._stack.selected_index = list(self.views).index(self.shown.value)
        self.keep.problem = ""
        self.view.refresh()

    def _choose_photograph(self):
        name = self.photograph.value
        if name != self.session.photograph.name:
            self._take(lambda: self._own if name == self._own.name else sample_called(name))

    def _open_file(self, content, name):
        self._take(lambda: photograph_in(content, name))

    def _take(self, read):
        """Read a photograph, and ask anew; where it cannot be read, say why and keep the one that is there."""
        try:
            photograph = read()
        except (ValueError, OSError) as error:
            self.keep.problem = sentence_of(error)
            return
        self.session.photograph = photograph
        if photograph.name not in self.photograph.options:
            self._own = photograph
            self.photograph.options = [photograph.name, *(sample.name for sample in sample_images())]
        self.photograph.value = photograph.name
        self._open()

    def _refuse_file(self, name, size):
        self.keep.problem = self.say("too_large", name=name, size=size, limit=self.upload.limit)

    def _show_classes(self):
        self.class_name.options = [entry.label for entry in self.session.classifier.labels]
        self.class_name.layout.display = None if self.chosen.value == "by_name" else "none"

    def _choose_class(self):
        self._show_classes()
        by_name = self.chosen.value == "by_name"
        self.session.chosen = (self.class_name.value.strip() or PREDICTED) if by_name else self.chosen.value
        self._open()

    def _tell(self, state, sentence):
        self.keep.status = self.say("stopped" if state == "failed" else state)
        if state in ("busy", "failed"):
            self.keep.problem = sentence

    def _say_again(self):
        """Send what all widgets hold: what changed while a browser was loading them never reached it."""
        for widget in _inside(self):
            widget.send_state()

    def _show_code(self):
        lines = self.view.code()
        self.keep.code = self.session.script(lines, self._file) if lines else ""

    def _save(self):
        try:
            figure = self.view.figure()
            if figure is not None:
                png = io.BytesIO()
                figure.savefig(png, format="png")
                self.keep.download(png.getvalue(), self._file)
        except Exception as error:
            self.keep.problem = sentence_of(error)

    @property
    def _file(self):
        """The name of the figure's file."""
        return f"{Path(self.session.photograph.name).stem}_{self.view.name}.png"


def _inside(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from _inside(child)

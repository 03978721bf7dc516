"""What the five views have in common."""

from collections.abc import Callable, Iterable

from tp_visualisation.explorer.language import Language
from tp_visualisation.explorer.parts import bars, spaced
from tp_visualisation.explorer.session import Session, answers_of, has_probabilities
from tp_visualisation.explorer.worker import Worker


class View:
    """One thing to do with the session's photograph: controls, what they show, and the code that makes it.

    Args:
        session: what all views share.
        worker: what computes.
        language: of the page.

    Attributes:
        name: key of its title.
        widget: what the page shows.
        changed: called when the code has changed.
    """

    name = ""

    def __init__(self, session: Session, worker: Worker, language: Language) -> None:
        self.session, self.worker, self.say = session, worker, language
        self.changed: Callable[[], None] = lambda: None
        self.widget = self._build()

    def _build(self):
        raise NotImplementedError

    def refresh(self) -> None:
        """Show it anew: the view was opened, or the photograph, the class or the network has changed."""
        raise NotImplementedError

    def code(self) -> list[str]:
        """Return the lines of Python, after those of the session, that make `figure`."""
        raise NotImplementedError

    def figure(self):
        """Return the figure of what is shown; None where there is nothing yet."""
        raise NotImplementedError

    def compute(self, results: Callable[..., Iterable], show: Callable) -> None:
        """Compute in the worker, instead of what it is doing; tell the page that the code may have changed."""
        self.worker.request(results, show)
        self.changed()

    def bars_of(self, classifier, answers, chosen=None, caption=None) -> str:
        """Return HTML of the five most probable classes."""
        are_scores = not has_probabilities(classifier)
        predictions = classifier.predictions(answers)
        if caption is None:
            caption = self.say("scores" if are_scores else "bars", number=len(predictions))
        return bars(predictions, self.say, chosen, caption, are_scores=are_scores)

    def label(self, index: int, classifier=None) -> str:
        """Return the label of a class as people write it."""
        return spaced((classifier or self.session.classifier).labels[index].label)

    def answers(self, classifier, image):
        """Return what a network answers for an image (K,)."""
        return answers_of(classifier, image)

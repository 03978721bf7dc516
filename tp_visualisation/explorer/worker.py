"""One thread that computes for a page, one request at a time: a new request takes the place of the old one."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tp_visualisation.classifier import Classifier
from tp_visualisation.names import one_line

LONGEST_SENTENCE = 400  # letters of what a page says of an error, which may quote all that was typed


class Superseded(Exception):
    """What ends a request: a newer one came, or somebody said stop."""


class Interruptible(Classifier):
    """A classifier that asks before each pass through the network whether its answer is still wanted."""

    def __init__(self, classifier: Classifier, check: Callable[[], None]) -> None:
        self.__dict__.update(classifier.__dict__)
        self._check_wanted = check

    def run(self, step, *arrays, **options):
        self._check_wanted()
        return super().run(step, *arrays, **options)

    def run_each(self, step, batches, **options):
        def wanted():
            for arrays in batches:
                self._check_wanted()
                yield arrays

        return super().run_each(step, wanted(), **options)

    def run_exact(self, step, *arrays, **options):
        self._check_wanted()
        return super().run_exact(step, *arrays, **options)

    def run_backward(self, step, *arrays, **options):
        self._check_wanted()
        return super().run_backward(step, *arrays, **options)


Interrupt = Callable[[Classifier], Classifier]  # a classifier → the same one, interruptible


class Worker:
    """The thread. It lives as long as there is something to do.

    Args:
        tell: function of "busy", "done", "stopped" or "failed", and the sentence that says why it failed.
    """

    def __init__(self, tell: Callable[[str, str], None] = lambda state, sentence: None) -> None:
        self.tell = tell
        self._changed = threading.Condition()
        self._newest: _Request | None = None
        self._waiting: _Request | None = None
        self._thread: threading.Thread | None = None

    def request(self, results: Callable[[Interrupt], Iterable], show: Callable[[Any], None]) -> None:
        """Compute `results`, in the thread, instead of what it is doing; return at once.

        Args:
            results: function that gives an iterable of what there is to show, as it comes; what it calls of a
                classifier goes through the function that it is given, which makes the classifier interruptible.
            show: function that shows one of them; called in the thread, and never for a request that is not the newest.
        """
        with self._changed:
            self._newest = self._waiting = _Request(results, show)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="explorer", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """End the request of the moment; what it has shown stays."""
        with self._changed:
            self._newest = self._waiting = None

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until there is nothing to do any more; return whether that is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._thread is None, seconds)

    def _work(self):
        while True:
            with self._changed:
                request, self._waiting = self._waiting, None
                if request is None:
                    self._thread = None
                    self._changed.notify_all()
                    return
            self._answer(request)

    def _answer(self, request):
        def check():
            if self._newest is not request:
                raise Superseded

        state, sentence = "done", ""
        try:
            self.tell("busy", "")
            for result in _closing(request.results(lambda classifier: Interruptible(classifier, check))):
                check()
                request.show(result)
        except Superseded:
            state = "stopped"
        except Exception as error:
            state, sentence = "failed", sentence_of(error)
        if self._newest in (request, None):
            self.tell(state, sentence)


class _Request:
    def __init__(self, results, show):
        self.results, self.show = results, show


def _closing(results: Iterable) -> Iterator:
    """The same results; a generator that is left before its end is closed at once, with all that it holds."""
    try:
        yield from results
    finally:
        if hasattr(results, "close"):
            results.close()


def sentence_of(error: BaseException) -> str:
    """Return what a page says of an error: what was expected and what came, in one line."""
    if isinstance(error, MemoryError):
        return "the memory of this computer is not enough: take a smaller photograph."
    sentence = one_line(error)
    if len(sentence) > LONGEST_SENTENCE:
        sentence = f"{sentence[:LONGEST_SENTENCE]}…"
    if isinstance(error, ValueError | OSError | ImportError):
        return sentence
    return f"{type(error).__name__}: {sentence} (no mistake of yours, but of the explorer or of a library)"

"""One thread, the newest request only, and an end to what is no longer wanted."""

import threading

import numpy as np
import pytest

from tp_visualisation.explorer.worker import Interruptible, Superseded, Worker
from tp_visualisation.saliency import rise, rise_estimates

SECONDS = 60


@pytest.fixture
def told():
    return []


@pytest.fixture
def worker(told):
    return Worker(lambda state, sentence: told.append((state, sentence)))


def test_results_are_shown_as_they_come_in_another_thread(worker, told):
    shown, threads = [], set()

    def show(result):
        shown.append(result)
        threads.add(threading.current_thread())

    worker.request(lambda interrupt: range(3), show)
    assert worker.wait(SECONDS)
    assert shown == [0, 1, 2]
    assert threading.main_thread() not in threads
    assert told == [("busy", ""), ("done", "")]


def test_a_new_request_takes_the_place_of_the_old_one(worker, told):
    begun, go_on, closed, shown = threading.Event(), threading.Event(), [], []

    def old(interrupt):
        try:
            yield "old 1"
            begun.set()
            go_on.wait(SECONDS)
            yield "old 2"
        finally:
            closed.append(True)

    worker.request(old, shown.append)
    assert begun.wait(SECONDS)
    worker.request(lambda interrupt: ["in between"], shown.append)
    worker.request(lambda interrupt: ["new"], shown.append)
    go_on.set()
    assert worker.wait(SECONDS)
    assert shown == ["old 1", "new"]
    assert closed == [True]
    assert [state for state, _ in told] == ["busy", "busy", "done"]  # nothing is said of what nobody waits for


def test_a_request_returns_before_it_is_answered(worker):
    go_on = threading.Event()
    worker.request(lambda interrupt: [go_on.wait(SECONDS)], lambda result: None)
    assert not worker.wait(0)
    go_on.set()
    assert worker.wait(SECONDS)


def test_stop_keeps_what_was_shown(worker, told):
    shown = []

    def show(estimate):
        shown.append(estimate)
        worker.stop()

    worker.request(lambda interrupt: range(1000), show)
    assert worker.wait(SECONDS)
    assert shown == [0]
    assert told[-1] == ("stopped", "")


def test_a_method_is_stopped_between_two_passes(worker, small, photograph, told, monkeypatch):
    passes, run = [], type(small.engine).run

    def counted(self, *arrays, **options):
        passes.append(1)
        if len(passes) == 3:
            worker.stop()
        return run(self, *arrays, **options)

    monkeypatch.setattr(type(small.engine), "run", counted)
    worker.request(
        lambda interrupt: [rise(interrupt(small), photograph, 1, n_masks=4000, design="random")],
        lambda result: pytest.fail("nothing was to be shown"),
    )
    assert worker.wait(SECONDS)
    assert len(passes) == 3
    assert told[-1] == ("stopped", "")


def test_an_interruptible_classifier_asks_before_every_kind_of_pass_and_answers_the_same(small, photograph):
    wanted = []
    same = Interruptible(small, lambda: wanted.append(True))
    np.testing.assert_array_equal(same.probabilities(photograph), small.probabilities(photograph))
    images = photograph[None, :24, :32].astype(np.float32)
    np.testing.assert_allclose(same.gradient(images, 1), small.gradient(images, 1), atol=1e-7)
    estimates = [next(rise_estimates(clf, photograph, 1, n_masks=16)).saliency_map for clf in (same, small)]
    np.testing.assert_allclose(*estimates, atol=1e-6)
    assert len(wanted) >= 3

    def refuse():
        raise Superseded

    unwanted = Interruptible(small, refuse)
    for ask in (unwanted.scores, lambda image: unwanted.gradient(images, 1), lambda image: rise(unwanted, image, 1)):
        with pytest.raises(Superseded):
            ask(photograph)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("p must lie in (0, 1],\ngot 2."), "p must lie in (0, 1], got 2."),
        (FileNotFoundError("no file"), "no file"),
        (ValueError("x" * 401), "x" * 400 + "…"),
        (MemoryError(), "the memory of this computer is not enough: take a smaller photograph."),
        (KeyError("x"), "KeyError: 'x' (no mistake of yours, but of the explorer or of a library)"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_the_next_request_is_answered(worker, told, error, sentence):
    def fails(interrupt):
        yield 1
        raise error

    worker.request(fails, lambda result: None)
    assert worker.wait(SECONDS)
    assert told[-1] == ("failed", sentence)
    shown = []
    worker.request(lambda interrupt: ["next"], shown.append)
    assert worker.wait(SECONDS)
    assert shown == ["next"]


def test_what_fails_while_it_is_shown_is_said_too(worker, told):
    worker.request(lambda interrupt: [0], lambda number: 1 / number)
    assert worker.wait(SECONDS)
    assert told[-1][0] == "failed"
    assert "ZeroDivisionError" in told[-1][1]


def test_no_thread_is_left(worker):
    worker.request(lambda interrupt: [1], lambda result: None)
    assert worker.wait(SECONDS)
    for thread in threading.enumerate():
        if thread.name == "explorer":
            thread.join(SECONDS)
    assert "explorer" not in {thread.name for thread in threading.enumerate()}

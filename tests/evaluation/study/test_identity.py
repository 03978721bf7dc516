"""Rows belong to the code that made them: another function has another identity, and the same one the same."""

import os
import subprocess
import sys
import textwrap
from functools import partial

import numpy as np
import pytest

from tp_visualisation.course import small_classifier
from tp_visualisation.evaluation import METRICS, Metric, benchmark
from tp_visualisation.evaluation.study.identity import identify
from tp_visualisation.saliency import METHODS, gradient, rise


def function_of(text, **names):
    """The function `mine` that a script defines."""
    space = {"__name__": "script", "np": np, "gradient": gradient, **names}
    exec(textwrap.dedent(text), space)
    return space["mine"]


def of(text, **names):
    return identify(function_of(text, **names), "it")


def holds(value):
    return lambda c, i, t: value


class Scaled:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, classifier, image, target):
        return self.factor * gradient(classifier, image, target)

    def negative(self, classifier, image, target):
        return -self(classifier, image, target)


BIG = np.arange(5000.0)
CHANGED = BIG.copy()
CHANGED[2500] = -1  # that a repr does not show

DIFFERENT = {
    "sign": ["mine = lambda c, i, t: gradient(c, i, t)", "mine = lambda c, i, t: -gradient(c, i, t)"],
    "constant": ["mine = lambda c, i, t: 2 * gradient(c, i, t)", "mine = lambda c, i, t: 3 * gradient(c, i, t)"],
    "kind of constant": ["mine = lambda c, i, t: 1", "mine = lambda c, i, t: 1.0", "mine = lambda c, i, t: True"],
    "name": ["mine = lambda c, i, t: np.abs(i)", "mine = lambda c, i, t: np.sin(i)"],
    "inner": [f"def mine(c, i, t):\n    return [x + {k} for x in map(lambda y: y * {k}, i)]" for k in (1, 2)],
    "default": [f"def mine(c, i, t, k={k}): return k * i" for k in (1, 2)],
    "keyword": [f"def mine(c, i, t, *, k={k}): return k * i" for k in (1, 2)],
    "closure": [
        f"def make(k):\n    def mine(c, i, t): return k * i\n    return mine\nmine = make({k})" for k in (1, 2)
    ],
    "global": [f"K = {k}\ndef mine(c, i, t): return K * i" for k in (1, 2)],
    "helper": [f"def help(i): return {k} * i\ndef mine(c, i, t): return help(i)" for k in (1, 2)],
    "helper's helper": [
        f"def low(i): return {k} * i\ndef help(i): return low(i)\ndef mine(c, i, t): return help(i)" for k in (1, 2)
    ],
    "recursion": [f"def mine(c, i, t): return {k} if t else mine(c, i, 1)" for k in (1, 2)],
    "raised": [f"def mine(c, i, t):\n    try: return 1\n    except {e}: return 2" for e in ("OSError", "ValueError")],
    "method of a class": [
        f"class K:\n    def __call__(self, c, i, t): return {k}\nmine = K()" for k in ("i", "-i", "+i")
    ],
}
VALUES = {
    "array": [BIG, CHANGED, BIG[:, None], BIG.astype(np.float32), BIG.astype(np.int64)],
    "number": [0.1, 0.1 + 2**-55, 1, True, np.float32(0.1), 0.0, -0.0, 1j],
    "text": ["a", "b", b"a", "", "\udcff", "'a'"],
    "containers": [[1, 2], (1, 2), [1, [2]], [[1], 2], {1: 2}, {2: 1}, {1, 2}, {1, 3}, None, [], ()],
    "functions": [gradient, rise, np.abs, np.sin, len, sum, "gradient", [1].append, [2].append, str.lower],
    "partials": [partial(rise, n_masks=1), partial(rise, n_masks=2), partial(rise, seed=1), partial(rise, 1), rise],
    "objects": [Scaled(1), Scaled(2), Scaled(BIG), Scaled(CHANGED), Scaled(1).negative, Scaled(2).negative, Scaled],
    "object arrays": [np.array([1, None]), np.array([2, None])],
    "classifiers": [small_classifier(seed=0), small_classifier(seed=1)],
}


@pytest.mark.parametrize("texts", DIFFERENT.values(), ids=DIFFERENT)
def test_other_code_has_another_identity_and_the_same_code_the_same(texts):
    assert len({of(text) for text in texts}) == len(texts)
    for text in texts:
        assert of(text) == of("\n\n" + textwrap.dedent(text) + "\nlater = 1")


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_another_value_held_is_another_identity(values):
    for held in (holds, partial(partial, gradient), lambda value: partial(gradient, noise=[value])):
        assert len({identify(held(value), "it") for value in values}) == len(values)
        assert [identify(held(value), "it") for value in values] == [identify(held(value), "it") for value in values]


def test_a_module_of_the_users_is_looked_into(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    identities = set()
    for number in (1, 2, 1):
        (tmp_path / f"helpers{number}").mkdir(exist_ok=True)
        monkeypatch.syspath_prepend(tmp_path / f"helpers{number}")
        (tmp_path / f"helpers{number}" / "my_helpers.py").write_text(f"def turn(i): return {number} * i\nfile = open\n")
        import my_helpers

        identities.add(of("def mine(c, i, t): return my_helpers.turn(i)", my_helpers=my_helpers))
        del sys.modules["my_helpers"]
    assert len(identities) == 2


def test_names_of_the_package_and_of_libraries_are_what_they_were():
    assert identify(gradient, "it") == "tp_visualisation.saliency.gradients.gradient"
    assert len({identify(method, "it") for method in METHODS.values()}) == len(METHODS)
    assert len({identify(metric.measure, "it") for metric in METRICS.values()}) == len(METRICS)
    assert identify(None, "it") == "None"


def test_the_identity_is_the_same_in_another_process():
    """With hashes in another order, from a file and from text."""
    text = "mine = lambda c, i, t: ({'one', 'two', 'three'}, t in {'a', 'b', 'c'}, K)"
    script = (
        "from tp_visualisation.evaluation.study.identity import identify\nimport numpy as np\n"
        f"K = {{'x', 'y', 'z'}}, np.arange(9.0)\n{text}\nprint(identify(mine, 'it'))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], check=True, capture_output=True, env={**os.environ, **seed}
        ).stdout
        for seed in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2"})
    }
    assert len(outputs) == 1


def test_what_cannot_be_told_apart_is_refused_unless_it_says_what_it_is(tmp_path):
    class Slotted:
        __slots__ = ("factor",)

        def __call__(self, classifier, image, target):
            return image

    nest = []
    for _ in range(100_000):
        nest = [nest]
    for value in (object(), np.random.default_rng(0), (tmp_path / "f").open("w"), iter([1]), np.ma.masked, Slotted()):
        with pytest.raises(
            ValueError, match='the method "mine" holds .*, which cannot be told from another one.*identity'
        ):
            identify(holds(value), 'the method "mine"')
    with pytest.raises(ValueError, match="nested too deeply"):
        identify(holds(nest), "it")
    circle = [1]
    circle.append(circle)
    assert identify(holds(circle), "it") == identify(holds(circle), "it")

    one = holds(np.random.default_rng(0))
    identities = set()
    for one.identity in ("first", "second"):
        identities.add(identify(one, "it"))
    assert len(identities) == 2


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (lambda c, i, t: gradient(c, i, t), lambda c, i, t: -gradient(c, i, t)),
        (partial(rise, n_masks=32), partial(rise, n_masks=64)),
        (Scaled(1), Scaled(-1)),
    ],
)
def test_rows_of_another_method_of_the_same_name_are_not_reused(folder, tmp_path, before, after):
    def run(method):
        return benchmark(
            small_classifier(), folder, {"mine": method}, "deletion", output=tmp_path / "t.csv", step_size=400
        )

    first, content = run(before), (tmp_path / "t.csv").read_bytes()
    assert run(before) == first
    with pytest.raises(ValueError, match='rows of another run .methods other code called "mine".*give another output'):
        run(after)
    assert (tmp_path / "t.csv").read_bytes() == content


def test_a_metric_is_known_by_its_code_and_a_table_in_memory_needs_no_identity(folder, tmp_path):
    opened = (tmp_path / "log").open("w")

    def logged(subject):
        return opened.write("x")

    metric = Metric("logged", ("logged",), "↑", "", "mean", logged)
    assert benchmark(small_classifier(), folder, "gradient", metric).rows[0].value == 1
    with pytest.raises(ValueError, match='the metric "logged" holds TextIOWrapper'):
        benchmark(small_classifier(), folder, "gradient", metric, output=tmp_path / "t.csv")
    assert not (tmp_path / "t.csv").exists()
    opened.close()

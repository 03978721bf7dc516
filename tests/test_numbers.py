"""Numbers as options, in every public function: NumPy's are as good as Python's, and all that is no number is named."""

import copy
import inspect
import re
from typing import NamedTuple

import numpy as np
import pytest
from test_words import PUBLIC

import tp_visualisation as tpv
from tp_visualisation.saliency.sess import Window

NOT_HERE = {"load_image"}  # which has tests of its own
SUBJECTS = {"target", "index", "probability"}  # numbers that are no options
FINITE = (True, "3", np.array([3]), np.nan, -np.inf)  # what no option takes
WRONG = {int: (*FINITE, np.inf, -1, 1.5, np.float32(0.5), "nan", [3], 1j), float: (*FINITE, np.inf, [0.5], 1j)}
TAKES_INFINITY = {("decompose", "threshold")}  # cut nothing
MAYBE = {int: (0, np.int64(3), np.uint8(1)), float: (0, -1, 1.5, np.float32(0.5), np.int64(3), 1e300)}
GIVEN = {  # a value where the default is None or too slow
    **{"n_masks": 12, "patch_size": 4, "stride": 2, "n_passes": 12, "top_k": 1, "every": 1, "max_depth": 2, "limit": 1},
    **{"n_workers": 1, "step_size": 2, "rotation": 2, "zoom": 0.5, "epsilon": 2, "threshold": 3, "n_steps": 2},
    **{
        "n_scales": 2,
        "scale_step": 8,
        "n_samples": 2,
        "n_octaves": 1,
        "length": 12,
        "grid_size": 3,
        "p": 0.5,
        "seed": 0,
    },
    **{"batch_size": 4, "pre_filter": 0.5},
}


class Option(NamedTuple):
    """A numeric option of a public function."""

    function: str
    name: str
    kind: type
    may_be_none: bool
    may_be_several: bool


def _options():
    for function, thing in PUBLIC.items():
        if function in NOT_HERE or not inspect.isfunction(thing):
            continue
        for parameter in inspect.signature(thing).parameters.values():
            annotation = parameter.annotation
            words = annotation.__name__ if isinstance(annotation, type) else str(annotation)
            match = re.fullmatch(r"(int|float)( \| \S*Sequence\[\1\])?( \| None)?", words)
            if match and parameter.name not in SUBJECTS:
                kind = {"int": int, "float": float}[match[1]]
                yield Option(function, parameter.name, kind, bool(match[3]), bool(match[2]))


OPTIONS = list(_options())
IDS = [f"{option.function}-{option.name}" for option in OPTIONS]


class ReachedError(Exception):
    """The network was asked."""


@pytest.fixture(scope="module")
def stopped(pooled):
    """A classifier whose network may not be asked."""

    def run(*args, **options):
        raise ReachedError

    classifier = copy.copy(pooled)
    classifier.run = classifier.run_exact = classifier.run_backward = run
    return classifier


def subjects(classifier, image, tmp_path):
    """What functions need besides their options, by the name of the parameter."""

    def make():
        raise ReachedError

    saliency_map, snapshot = image[..., 0], tpv.class_model.Snapshot(1, image, 1.0, 0.5)
    ranks = np.arange(12 * 20).reshape(12, 20)
    window = Window(0, (12, 20), (0, 0, 12, 20), (0, 0, 12, 20), 0.5, saliency_map)
    x = classifier.prepare(image)
    return {
        **{"self": classifier, "classifier": classifier, "image": image, "images": image, "inputs": x, "x": x},
        **{"target": 1, "saliency_map": saliency_map, "method": "gradient", "path": tmp_path, "metric": "area"},
        **{"windows": [window], "explain": tpv.saliency.BATCHED["gradient"], "maps": {"a": saliency_map}},
        **{
            "attributions": saliency_map,
            "regions": [np.arange(40), np.arange(100, 180)],
            "size": (12, 20),
            "input_size": (12, 20),
        },
        **{"sizes": [(12, 20)], "image_size": (12, 20), "probabilities": np.array([0.1, 0.9]), "figure": image},
        **{"boxes": np.array([[0, 0, 4, 4]]), "snapshots": [snapshot], "results": [], "example": None, "make": make},
        **{"start": x, "finish": x, "ranks": ranks, "first": [0], "last": [9]},
    }


def call(option, value, given, **options):
    """Call the function with this value of the option; what an iterator does first belongs to it."""
    function = PUBLIC[option.function]
    arguments = dict(options)
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is parameter.empty and name not in arguments and name in {**GIVEN, **given}:
            arguments[name] = given[name] if name in given else GIVEN[name]
    if option.function == "benchmark":
        arguments["classifier"] = given["make"]
    if option.function == "pointing_game":
        arguments["boxes"] = [tpv.evaluation.Box(0, 0, 4, 4)]
    if option.function == "deep_dream":
        arguments["n_octaves"] = 1
    if option.function == "save_figure":
        arguments["path"] = given["path"] / "f.png"
    if option.function == "save_gif":
        arguments |= {"images": [given["image"]], "path": given["path"] / "f.gif"}
    result = function(**{**arguments, option.name: value})
    return next(result) if inspect.isgenerator(result) else result


@pytest.mark.parametrize("option", OPTIONS, ids=IDS)
def test_what_is_no_such_number_is_named_before_the_network_is_asked(option, stopped, image, tmp_path):
    given = subjects(stopped, image, tmp_path)
    wrong = list(WRONG[option.kind]) + ([] if option.may_be_none else [None])
    for value in wrong:
        if option.may_be_several and isinstance(value, (list, np.ndarray)):
            continue
        if value is np.inf and (option.function, option.name) in TAKES_INFINITY:
            continue
        with pytest.raises((ValueError, TypeError), match=rf"\b{option.name}\b"):
            call(option, value, given)


@pytest.mark.parametrize("option", OPTIONS, ids=IDS)
def test_a_number_is_taken_or_named(option, stopped, image, tmp_path):
    given = subjects(stopped, image, tmp_path)
    if option.function in ("survives_jpeg", "plot_adversarial", "plot_progress", "plot_randomization", "save_figure"):
        return  # what they need takes a network
    for value in MAYBE[option.kind]:
        try:
            call(option, value, given)
        except ReachedError:
            pass
        except ValueError as error:
            if not re.search(rf"\b{option.name}\b", str(error)):
                raise


METHODS = [
    *tpv.saliency.METHODS,
    *tpv.adversarial.ATTACKS,
    "visualise_class",
    "deep_dream",
    "deletion",
    "rank_corruption",
]


@pytest.mark.parametrize("name", METHODS)
def test_numbers_of_numpy_give_what_those_of_python_give(name, pooled, image):
    given = subjects(pooled, image, None)
    options = [option for option in OPTIONS if option.function == name]
    defaults = {option.name: PUBLIC[name].__kwdefaults__[option.name] for option in options}
    python = {option: GIVEN.get(option, default) for option, default in defaults.items()}
    numpy = {o.name: (np.int64 if o.kind is int else np.float64)(python[o.name]) for o in options}
    if name == "cameras":
        given.pop("sizes")
        python, numpy = {"sizes": [12, (24, 40)]}, {"sizes": [np.int64(12), (np.int32(24), np.int64(40))]}
    if name in tpv.adversarial.ATTACKS:
        given["target"] = 1 - int(pooled.scores(image)[0].argmax())
    arguments = {key: given[key] for key in inspect.signature(PUBLIC[name]).parameters if key in given}
    arguments.pop("method", None)
    if name == "meaningful_perturbation":
        arguments.pop("start")  # a word there
    results = [PUBLIC[name](**arguments, **numbers) for numbers in (python, numpy)]
    first, second = (numbers_in(result) for result in results)
    np.testing.assert_allclose(first, second, rtol=1e-3, atol=1e-5)  # NumPy's float64 stays in double precision


def numbers_in(result):
    """All the numbers of a map, an example, a curve or a list of snapshots in one row."""
    if isinstance(result, (np.ndarray, float, int)):
        return np.ravel(result).astype(float)
    result = getattr(result, "image", result)
    return (
        numbers_in(result) if isinstance(result, np.ndarray) else np.concatenate([numbers_in(part) for part in result])
    )


def test_every_number_is_walked():
    assert len(OPTIONS) > 100
    assert {"top", "rise", "pgd", "visualise_class", "benchmark", "decompose", "save_gif"} <= {
        option.function.removeprefix("Classifier.") for option in OPTIONS
    }

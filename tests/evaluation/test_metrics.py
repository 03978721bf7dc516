import numpy as np
import pytest

from tp_visualisation.evaluation import (
    METRICS,
    Box,
    Metric,
    Subject,
    box_overlap,
    deletion,
    energy_in_box,
    find_metric,
    insertion,
    localisation_error,
    map_density,
    metrics,
    pointing_game,
)
from tp_visualisation.evaluation.statistics import STATISTICS
from tp_visualisation.evaluation.study.rows import Row
from tp_visualisation.evaluation.study.summary import summarise

WHITE = np.full((4, 5, 3), 255, np.uint8)
SADDLE = np.outer(np.arange(4), [3, 1, 0, -1, 2]).astype(np.float32)
OWN = Metric("own", ("own",), "↑", "", "mean", lambda subject: 1)


@pytest.fixture
def subject(logistic):
    clf = logistic(np.random.default_rng(0).normal(0, 0.4, (4, 5, 3)).astype(np.float32))
    return Subject(clf, WHITE, SADDLE, 1, [Box(2, 0, 3, 1)], 0.25, step_size=3, batch_size=2, tolerance=0)


def test_metrics_are_found_in_the_order_of_the_lecture():
    assert list(METRICS) == [
        "deletion",
        "insertion",
        "overall",
        "pointing",
        "localisation",
        "energy",
        "density",
        "time",
    ]
    assert {name: metric.name for name, metric in METRICS.items()} == {name: name for name in METRICS}
    columns = [(column, arrow) for m in METRICS.values() for column, arrow in zip(m.columns, m.direction, strict=True)]
    assert columns == [
        ("deletion", "↓"),
        ("insertion", "↑"),
        ("overall", "↑"),
        ("pointing", "↑"),
        ("localisation_error", "↓"),
        ("box_overlap", "↑"),
        ("energy_in_box", "↑"),
        ("density_positive", "↑"),
        ("density_negative", "↓"),
        ("time", "↓"),
    ]


def test_a_metric_measures_what_its_function_says(subject):
    judged = subject.classifier, WHITE, SADDLE, 1
    measured = {name: metric.measure(subject) for name, metric in METRICS.items()}
    areas = {measure.__name__: measure(*judged, step_size=3, batch_size=2).auc for measure in (deletion, insertion)}
    assert measured == {
        **areas,
        "overall": areas["insertion"] - areas["deletion"],
        "pointing": pointing_game(SADDLE, subject.boxes, 0),
        "localisation": (localisation_error(SADDLE, subject.boxes), box_overlap(SADDLE, subject.boxes)),
        "energy": energy_in_box(SADDLE, subject.boxes),
        "density": map_density(*judged),
        "time": 0.25,
    }
    assert measured["pointing"] is False  # which it would not be with the default tolerance


def test_a_curve_is_computed_once_for_all_metrics_of_a_subject(subject, monkeypatch):
    calls = []

    def counted(subject, metric, curve_of=metrics.curve_of, **options):
        calls.append(metric)
        return curve_of(subject, metric, **options)

    monkeypatch.setattr(metrics, "curve_of", counted)
    for name in ("overall", "deletion", "insertion", "overall"):
        METRICS[name].measure(subject)
    assert calls == ["insertion", "deletion"]


def test_a_metric_is_found_by_its_name_or_given(monkeypatch):
    assert find_metric("Density") is METRICS["density"]
    assert find_metric(OWN) is OWN
    monkeypatch.setitem(METRICS, "own", OWN)
    assert find_metric("own") is OWN
    with pytest.raises(ValueError, match='no metric "deleton". Closest: "deletion"'):
        find_metric("deleton")
    with pytest.raises(ValueError, match="by its name or as a Metric"):
        find_metric(deletion)


def test_every_statistic_that_a_metric_may_name_is_one_of_the_summary():
    rows = [Row("a", "x", 0, None, "m", "own", 1.0), Row("b", "y", 0, None, "m", "own", 3.0)]
    values = {
        statistic: summarise(rows, [OWN._replace(statistic=statistic)])[0].value
        for statistic in STATISTICS
        if find_metric(OWN._replace(statistic=statistic))
    }
    assert values == {"mean": 2, "mean over categories": 2, "median": 2}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"columns": "own"}, r'columns of the metric "own" must be a tuple of names, such as \("own",\), got \'own\''),
        ({"columns": ()}, "columns of the metric"),
        ({"direction": ""}, "for each of its 1 column"),
        ({"direction": "up"}, "for each of its 1 column"),
        ({"direction": "↑↓"}, "for each of its 1 column"),
        ({"statistic": "mode"}, 'statistic must be "mean", "mean over categories" or "median", got \'mode\''),
        ({"measure": 1}, "measure of the metric"),
        ({"needs": "boxes"}, r'such as \("boxes",\)'),
        ({"needs": ("box",)}, 'needs must be "boxes" or "seconds"'),
    ],
)
def test_a_metric_that_is_not_one_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        find_metric(OWN._replace(**changed))

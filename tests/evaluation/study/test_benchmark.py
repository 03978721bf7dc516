import os
import shutil
import subprocess
import sys
from functools import partial

import numpy as np
import PIL.Image
import pytest
from scipy.special import expit

import tp_visualisation as tpv
from tp_visualisation.course import small_classifier
from tp_visualisation.engines import TensorFlowEngine
from tp_visualisation.evaluation import METRICS, Box, Metric, benchmark, deletion, insertion, map_density, read_coco
from tp_visualisation.saliency import grad_cam, gradient, rise

METHODS = ["gradient", "grad_cam"]
QUICK = {"step_size": 100}


def left_to_right(classifier, image, target):
    """A map that is largest in the top left corner."""
    height, width = image.shape[:2]
    return -np.add.outer(np.arange(height), np.arange(width)).astype(np.float32)


def other_gradient():
    def gradient(classifier, image, target):
        return left_to_right(classifier, image, target)

    return gradient


def spread_of(subject):
    return subject.saliency_map.std()


SPREAD = Metric("spread", ("spread",), "↓", "px", "median", spread_of)


def constant(classifier, image, target):
    return np.ones(image.shape[:2], np.float32)


def values(result):
    return {row.key: row.value for row in result.rows if row.metric != "time"}


def test_areas_are_those_on_paper(logistic, tmp_path, write_picture):
    """One step changes every pixel: deletion goes from p(x) to p(0) = 1/2, and the area is their mean."""
    weights = np.random.default_rng(0).normal(0, 0.01, (12, 20, 3))
    image = write_picture(tmp_path / "pictures" / "1.png", size=(12, 20))
    methods = {"left": left_to_right}
    (row,) = benchmark(logistic(weights), tmp_path / "pictures", methods, "deletion", step_size=240).rows
    probability = expit((weights * (image / 127.5 - 1)).sum())
    assert row[:6] == ("1.png", "", 1, None, "left", "deletion")
    assert row.value == pytest.approx((probability + 0.5) / 2, abs=1e-6)


def test_every_metric_is_what_its_function_says(small, coco):
    result = benchmark(small, coco, {"left": left_to_right}, METRICS, **QUICK)
    rows = {row.metric: row for row in result.rows if row.image == "2" and row.category == "class 1"}
    image = read_coco(coco)[1].load()
    saliency_map = left_to_right(small, image, 1)
    areas = [metric(small, image, saliency_map, 1, step_size=100).auc for metric in (deletion, insertion)]
    assert [rows["deletion"].value, rows["insertion"].value] == areas
    assert rows["overall"].value == areas[1] - areas[0]
    assert (rows["density_positive"].value, rows["density_negative"].value) == map_density(
        small, image, saliency_map, 1
    )
    assert rows["time"].value > 0
    assert {row.target for row in rows.values()} == {1}


def test_pointing_counts_boxes_and_the_difficult_part_and_leaves_crowds_out(small, coco):
    result = benchmark(small, coco, {"left": left_to_right}, "pointing", tolerance=2)
    assert [(row.image, row.category, row.difficult, row.value) for row in result.rows] == [
        ("1", "class 0", True, 1.0),
        ("2", "class 0", False, 0.0),
        ("2", "class 1", True, 0.0),
    ]
    summaries = {summary.metric: summary for summary in result.summaries}
    assert summaries["pointing"].value == pytest.approx((1 / 2 + 0) / 2)
    assert summaries["pointing_difficult"].value == pytest.approx((1 + 0) / 2)
    assert summaries["pointing_difficult"].n == 2


def test_voc_has_one_explanation_for_each_category(small, tmp_path, write_picture):
    voc = tmp_path / "VOCdevkit" / "VOC2007"
    things = "".join(
        f"<object><name>{name}</name><difficult>{difficult}</difficult>"
        "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>4</xmax><ymax>4</ymax></bndbox></object>"
        for name, difficult in (("class 2", 0), ("class 0", 0), ("class 1", 1), ("thing", 0))
    )
    write_picture(voc / "JPEGImages" / "7.png")
    (voc / "Annotations").mkdir()
    (voc / "ImageSets" / "Main").mkdir(parents=True)
    (voc / "ImageSets" / "Main" / "val.txt").write_text("7\n")
    (voc / "Annotations" / "7.xml").write_text(
        f"<annotation><filename>7.png</filename><size><height>24</height><width>32</width></size>{things}</annotation>"
    )
    for folder in (voc, voc.parent):
        result = benchmark(small, folder, {"left": left_to_right}, "pointing", split="val")
        assert [(row.category, row.target, row.value) for row in result.rows] == [("class 0", 0, 1), ("class 2", 2, 1)]


def test_a_category_is_explained_by_the_best_of_its_classes(small, coco):
    mapping = {"class 0": [1, 2, 3]}
    result = benchmark(small, coco, {"left": left_to_right}, "pointing", class_mapping=mapping)
    images = [photograph.load() for photograph in read_coco(coco)]
    assert [row.target for row in result.rows] == [1 + int(small.scores(image)[0, 1:].argmax()) for image in images]


def test_the_map_is_computed_once_for_all_metrics_and_once_more_to_warm_up_the_clock(small, folder):
    calls = []

    def counted(classifier, image, target):
        calls.append(target)
        return left_to_right(classifier, image, target)

    benchmark(small, folder, {"counted": counted}, ["deletion", "insertion", "density"], **QUICK)
    assert len(calls) == 4
    benchmark(small, folder, {"counted": counted}, "time")
    assert len(calls) == 4 + 5


def test_nothing_is_compiled_after_the_first_image(folder, monkeypatch, write_picture):
    compiled, compile_step = [], TensorFlowEngine._compile
    monkeypatch.setattr(TensorFlowEngine, "_compile", lambda *args: compiled.append(1) or compile_step(*args))
    clf = small_classifier()
    write_picture(folder / "class 0" / "0.png", size=(40, 30))
    counts = []
    watched = {"gradient": lambda *subject: counts.append(len(compiled)) or gradient(*subject), "grad_cam": grad_cam}
    without_boxes = [name for name, metric in METRICS.items() if "boxes" not in metric.needs]
    benchmark(clf, folder, watched, without_boxes, **QUICK)
    assert counts[-1] == counts[2] == len(compiled) > 0  # two calls to the first image


def test_methods_that_draw_at_random_get_the_seed(small, folder):
    def run(seed_of_run, **options):
        chosen = {"rise": partial(rise, n_masks=64, **options)}
        return values(benchmark(small, folder, chosen, "insertion", seed=seed_of_run, **QUICK))

    assert run(3) == run(3) == run(0, seed=3) != run(0)


def test_target_predicted_needs_no_class(small, folder, tmp_path, write_picture):
    write_picture(folder / "holiday.png", seed=9)
    with pytest.raises(ValueError, match=r'holiday.png": neither folder nor name says the class'):
        benchmark(small, folder, METHODS, "deletion")
    result = benchmark(small, folder, "gradient", "deletion", target="predicted", **QUICK)
    image = np.asarray(PIL.Image.open(folder / "holiday.png"))
    assert {row.image: row.target for row in result.rows}["holiday.png"] == small.top(image)[0].index


def test_a_limit_draws_images_and_a_larger_one_keeps_them(small, folder):
    few, more = ({row.image for row in benchmark(small, folder, "gradient", "time", limit=n).rows} for n in (2, 3))
    assert len(few) == 2
    assert len(more) == 3
    assert few < more


def test_methods_are_names_functions_or_both(small, folder):
    """A function is called by its own name; a dict gives names; a method that is named twice is computed once."""

    def methods_of(methods):
        rows = benchmark(small, folder, methods, "deletion", **QUICK).rows
        return {row.method: row.value for row in rows if row.image == rows[0].image}

    both = methods_of(["Grad-CAM".replace("-", "_"), left_to_right, gradient, "gradient"])
    assert list(both) == ["grad_cam", "left_to_right", "gradient"]
    assert methods_of(grad_cam) == methods_of("grad_cam") == {"grad_cam": both["grad_cam"]}
    assert methods_of({"mine": left_to_right, "named": "gradient"}) == {
        "mine": both["left_to_right"],
        "named": both["gradient"],
    }


# Metrics of one's own


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_metric_of_ones_own_is_one_entry(small, folder, tmp_path, suffix):
    """Rows, resume, settings, the tables and the figure."""
    calls = []

    def corners(subject):
        calls.append(subject.target)
        return subject.saliency_map[0, 0], subject.saliency_map[-1, -1]

    corners.identity = "corners"  # what it closes over grows
    corner = Metric("corners", ("top_left", "bottom_right"), "↓↑", "", "median", corners)
    options = {"output": tmp_path / f"t{suffix}", **QUICK}

    def run(metrics=(SPREAD, corner, "insertion", "deletion"), **changed):
        return benchmark(
            small, folder, {"left": left_to_right, "grad_cam": grad_cam}, metrics, **{**options, **changed}
        )

    result = run()
    first = {row.metric: row for row in result.rows if row.method == "left" and row.image == "class 0/0.png"}
    assert list(first) == ["deletion", "insertion", "spread", "top_left", "bottom_right"]  # METRICS, then one's own
    assert (first["top_left"].value, first["bottom_right"].value) == (0, -54)
    assert first["spread"].value == pytest.approx(np.add.outer(np.arange(24), np.arange(32)).std())
    summaries = {(summary.method, summary.metric): summary for summary in result.summaries}
    assert summaries["left", "spread"].column == "spread (px) ↓"
    assert summaries["left", "bottom_right"][2:] == (-54, -54, -54, 4, 0, "↑", "")

    n_calls = len(calls)
    assert n_calls == 4 * 2
    assert run() == result  # read from the table
    assert len(calls) == n_calls
    with pytest.raises(ValueError, match="rows of another run.*metrics"):
        run([SPREAD, corner._replace(measure=spread_of), "insertion", "deletion"])

    spread = f"{summaries['left', 'spread'].value:.3g}"
    assert "| method | deletion ↓ | insertion ↑ | spread (px) ↓ | top left ↓ | bottom right ↑ |" in result.markdown()
    assert f"{spread} [{spread}, {spread}]" in result.markdown()
    assert "**-54.000** [-54.000, -54.000]" not in result.markdown()  # more is better, and Grad-CAM has more
    assert r"spread (px) $\downarrow$ & top left $\downarrow$" in result.latex()
    assert [column.header for column in result.table().columns][3:5] == ["spread (px) ↓", "top left ↓"]
    assert "spread (px) ↓" in [axis.get_title() for axis in tpv.plotting.plot_benchmark(result.summaries).axes]


def test_a_metric_that_is_added_to_the_table_is_found_by_its_name(small, folder, monkeypatch):
    monkeypatch.setitem(METRICS, "spread", SPREAD)
    rows = benchmark(small, folder, {"left": left_to_right}, ["Spread", "deletion"], **QUICK).rows
    assert [row.metric for row in rows[:2]] == ["deletion", "spread"]


def test_a_metric_of_the_difficult_part_has_a_column_for_it(small, coco):
    halves = Metric("halves", ("halves",), "↑", "", "mean", lambda subject: len(subject.boxes) / 2, ("boxes",), True)
    result = benchmark(small, coco, {"left": left_to_right}, halves)
    assert [(summary.metric, summary.value, summary.n) for summary in result.summaries] == [
        ("halves", 0.5, 3),
        ("halves_difficult", 0.5, 2),
    ]


def test_a_metric_knows_what_it_measures(small, coco):
    subjects = []
    metric = Metric("seen", ("seen",), "↑", "", "mean", lambda subject: subjects.append(subject) or 1)
    benchmark(small, coco, {"left": left_to_right}, metric, step_size=7, tolerance=2, batch_size=5)
    image = read_coco(coco)[1]
    last = subjects[-1]
    np.testing.assert_array_equal(last.image, image.load())
    np.testing.assert_array_equal(last.saliency_map, left_to_right(small, last.image, 1))
    assert (last.classifier, last.target, last.boxes) == (small, 1, image.boxes("class 1"))
    assert (last.step_size, last.tolerance, last.batch_size) == (7, 2, 5)
    assert last.seconds > 0


def test_what_a_metric_cannot_measure_is_a_row_with_the_reason(small, folder):
    def refuses(subject):
        raise ValueError("the map is\n  too flat")

    def nothing(subject):
        return np.nan

    metrics = [
        SPREAD._replace(name=function.__name__, columns=(function.__name__,), measure=function)
        for function in (refuses, nothing)
    ]
    rows = benchmark(small, folder, {"left": left_to_right}, [SPREAD, *metrics]).rows[:3]
    assert [row.value is None for row in rows] == [False, True, True]
    assert [row.error for row in rows] == ["", "the map is too flat", "the metric gave nan."]


@pytest.mark.parametrize(
    ("measured", "error"),
    [
        ((1, 2), "the metric must give 1 number, one for each column, got 2 of them."),
        ([], "the metric gave [], which is no number."),
        (np.ones((1, 1)), "the metric must give 1 number, one for each column, got an array (1, 1)."),
        (None, "the metric gave None, which is no number."),
        ("0.5", "the metric gave '0.5', which is no number."),
        ((None,), "the metric gave (None,), which is no number."),
    ],
)
def test_a_metric_that_gives_no_number_for_each_column_has_rows_with_the_error(
    small, folder, tmp_path, measured, error
):
    """A long run goes on: every other number is there, and the table on disk has the reasons."""
    wrong = Metric("wrong", ("wrong",), "↑", "", "mean", lambda subject: measured)

    def run():
        return benchmark(small, folder, {"left": left_to_right}, [SPREAD, wrong], output=tmp_path / "t.csv")

    result = run()
    assert {row.error for row in result.rows if row.metric == "wrong"} == {error}
    assert {row.value for row in result.rows if row.metric == "wrong"} == {None}
    assert all(row.value > 0 for row in result.rows if row.metric == "spread")
    assert [(summary.n, summary.failed) for summary in result.summaries] == [(4, 0), (0, 4)]
    assert run() == result


def test_numbers_of_any_kind_are_numbers(small, folder):
    for number in (True, np.float32(0.1), np.array(3), np.array([2.5]), (7,)):
        (value,) = {
            row.value
            for row in benchmark(
                small, folder, {"left": left_to_right}, SPREAD._replace(measure=lambda subject, n=number: n)
            ).rows
        }
        assert type(value) is float
        assert value == np.ravel(number)[0]


@pytest.mark.parametrize("progress", [False, True])
def test_progress_is_a_bar_of_maps_on_stderr(small, folder, bars_at_once, capsys, progress):
    benchmark(small, folder, {"left": left_to_right}, SPREAD, progress=progress)
    out, err = capsys.readouterr()
    assert out == ""
    assert ("benchmark" in err and "4/4" in err) if progress else err == ""


# On disk


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_finished_table_is_read_and_nothing_is_computed_again(small, folder, tmp_path, suffix):
    calls = []

    def counted(classifier, image, target):
        calls.append(target)
        return left_to_right(classifier, image, target)

    counted.identity = "counted"  # what it closes over grows

    def run():
        return benchmark(small, folder, {"m": counted}, ["deletion", "time"], output=tmp_path / f"t{suffix}", **QUICK)

    first = run()
    n_calls = len(calls)
    assert run() == first
    assert len(calls) == n_calls


@pytest.mark.parametrize("n_whole", [1, 2, 3])
def test_only_the_missing_metric_of_a_map_is_computed_again(small, folder, tmp_path, n_whole):
    """A map has three rows: of deletion one, of density two."""
    output = tmp_path / "t.csv"

    def run():
        return benchmark(small, folder, METHODS, ["deletion", "density"], output=output, **QUICK)

    whole = run()
    lines = output.read_text(encoding="utf-8").splitlines(keepends=True)
    output.write_text("".join(lines[: 1 + n_whole]) + lines[1 + n_whole][:-3])  # a kill cut the next row
    assert run() == whole
    assert sorted(output.read_text(encoding="utf-8").splitlines()) == sorted("".join(lines).splitlines())


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are texts there")
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_photographs_with_names_of_any_bytes_are_judged_and_kept(small, folder, tmp_path, capsys, suffix):
    names = [b"caf\xe9.png", b"a\rb.png", b"a\nb.png", b'"a", b.png', b"=1.png", b" a  b .png", "é\u2028.png".encode()]
    for name in names:
        shutil.copy(folder / "class 0" / "0.png", os.fsencode(folder / "class 0") + b"/" + name)
    with open(os.fsencode(folder / "class 0") + b"/bad\xff\n.png", "wb") as damaged:
        damaged.write(b"no picture")

    def run():
        output = tmp_path / os.fsdecode(b"t\xe9" + suffix.encode())
        return benchmark(small, folder, "gradient", ["deletion"], output=output, progress=True, **QUICK)

    result = run()
    assert {os.fsencode(row.image) for row in result.rows} > {b"class 0/" + name for name in names}
    assert [os.fsencode(name) for name in result.skipped] == [b"class 0/bad\xff\n.png"]
    assert len([line for line in capsys.readouterr().err.splitlines() if "skipped" in line]) == 1
    assert run() == result


def test_what_is_named_twice_is_computed_once(small, folder, tmp_path):
    calls = []

    class Method:
        identity = "mine"

        def explain(self, classifier, image, target):
            calls.append(target)
            return left_to_right(classifier, image, target)

    method = Method()
    twice = [method.explain, method.explain]  # two objects, equal
    rows = benchmark(small, folder, twice, [SPREAD, SPREAD, "deletion", "deletion"], output=tmp_path / "t.csv").rows
    assert len(rows) == 4 * 2
    assert len(calls) == 4


SCRIPT = """
import os, signal, sys
from pathlib import Path
from tp_visualisation.course import small_classifier
from tp_visualisation.evaluation import benchmark
from tp_visualisation.saliency import grad_cam, gradient

folder, output, fatal = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
calls = Path(output + ".calls")

def logged(method):
    def explain(classifier, image, target):
        with calls.open("a") as file:
            file.write(method.__name__ + "\\n")
        if len(calls.read_text(encoding="utf-8").splitlines()) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return method(classifier, image, target)
    explain.identity = method.__name__  # whatever is fatal
    return explain

methods = {"gradient": logged(gradient), "grad_cam": logged(grad_cam)}
benchmark(small_classifier(), folder, methods, ["deletion", "insertion"], output=output, step_size=100)
"""


@pytest.mark.skipif(os.name == "nt", reason="kills are those of Unix")
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_run_that_is_killed_continues_and_computes_nothing_twice(small, folder, tmp_path, suffix):
    output = tmp_path / f"t{suffix}"
    command = [sys.executable, "-c", SCRIPT, folder, output]
    assert subprocess.run([*command, "4"], check=False, capture_output=True).returncode == -9
    subprocess.run([*command, "0"], check=True, capture_output=True)
    calls = (tmp_path / f"t{suffix}.calls").read_text(encoding="utf-8").splitlines()
    assert len(calls) == 4 * 2 + 1  # only the one that was running is computed again

    expected = benchmark(small, folder, METHODS, ["deletion", "insertion"], **QUICK)
    if suffix == ".csv":
        assert len(output.read_text(encoding="utf-8").splitlines()) == 1 + 4 * 2 * 2
    else:
        import pyarrow.parquet

        rows = pyarrow.parquet.read_table(output).to_pylist()
        assert {(row["image"], row["method"], row["metric"]): row["value"] for row in rows} == {
            (row.image, row.method, row.metric): row.value for row in expected.rows
        }
        assert len(rows) == 16


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"methods": ["gradient"]}, "methods"),
        ({"metrics": ["insertion"]}, "metrics"),
        ({"metrics": ["deletion", SPREAD]}, "metrics"),
        ({"step_size": 50}, "step_size 100, now 50"),
        ({"limit": 2}, "examples"),
        ({"seed": 1}, "seed 0, now 1"),
        ({"classifier": partial(small_classifier, seed=1)}, "network"),
        ({"dataset": "samples", "target": "predicted"}, "dataset"),
    ],
)
def test_another_run_does_not_continue_the_table(small, folder, tmp_path, changed, message):
    same = {
        "classifier": small,
        "dataset": folder,
        "methods": METHODS,
        "metrics": ["deletion"],
        "output": tmp_path / "t.csv",
    }
    benchmark(**same, **QUICK)
    before = (tmp_path / "t.csv").read_bytes()
    with pytest.raises(ValueError, match=f"rows of another run.*{message}.*give another output"):
        benchmark(**{**same, **QUICK, **changed})
    assert (tmp_path / "t.csv").read_bytes() == before


# What goes wrong


def test_a_corrupt_image_is_reported_skipped_and_recorded(small, folder, tmp_path, capsys):
    (folder / "class 0" / "0.png").write_bytes((folder / "class 0" / "0.png").read_bytes()[:500])
    (folder / "class 1" / "gone.png").symlink_to(tmp_path / "nowhere.png")

    def run():
        return benchmark(small, folder, METHODS, "deletion", output=tmp_path / "t.csv", progress=True, **QUICK)

    result = run()
    assert list(result.skipped) == ["class 0/0.png", "class 1/gone.png"]
    assert "damaged or cut short" in result.skipped["class 0/0.png"]
    assert {(summary.n, summary.failed) for summary in result.summaries} == {(3, 2)}
    assert capsys.readouterr().err.count("class 0/0.png: skipped") == 1
    assert "damaged or cut short" in (tmp_path / "t.csv").read_text(encoding="utf-8")
    assert run() == result


def test_a_map_that_ranks_nothing_has_rows_with_the_error_and_a_time(small, folder):
    result = benchmark(small, folder, {"constant": constant, "gradient": gradient}, ["deletion", "time"], **QUICK)
    summaries = {(summary.method, summary.metric): summary for summary in result.summaries}
    assert summaries["constant", "deletion"][2:7] == (None, None, None, 0, 4)
    assert summaries["constant", "time"].n == summaries["gradient", "deletion"].n == 4
    assert result.skipped == {}
    assert "constant" in next(row.error for row in result.rows if row.method == "constant")
    assert "| – |" in result.markdown()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"methods": ["grad_can"]}, 'no method "grad_can". Closest: "grad_cam"'),
        ({"methods": []}, "methods is empty"),
        ({"methods": 5}, "a saliency method is given by its name, or as a function .*, got 5"),
        ({"methods": None}, "a saliency method is given by its name, or as a function .*, got None"),
        ({"methods": [3]}, "a saliency method is given by its name, or as a function .*, got 3"),
        ({"methods": {"mine": 3}}, "a saliency method is given by its name, or as a function .*, got 3"),
        ({"methods": {3: gradient}}, "the name of a method is a text, got 3"),
        ({"methods": {"mine": "grad_can"}}, 'no method "grad_can"'),
        ({"methods": [partial(gradient)]}, "has no name: give a dict"),
        ({"methods": ["gradient", other_gradient()]}, 'two methods are called "gradient"'),
        ({"metrics": ["deleton"]}, 'no metric "deleton". Closest: "deletion"'),
        ({"metrics": []}, "metrics is empty"),
        ({"metrics": 5}, "a metric is given by its name or as a Metric, got 5"),
        ({"metrics": [3]}, "a metric is given by its name or as a Metric, got 3"),
        ({"metrics": ["pointing"]}, "pointing needs boxes"),
        ({"metrics": [SPREAD._replace(needs=("boxes",))]}, "spread needs boxes"),
        ({"metrics": [SPREAD._replace(direction="+")]}, 'direction of the metric "spread"'),
        ({"metrics": ["deletion", SPREAD._replace(name="deletion")]}, 'two metrics are called "deletion"'),
        ({"metrics": ["deletion", SPREAD._replace(columns=("deletion",))]}, 'both have a column "deletion"'),
        ({"dataset": "nowhere"}, 'no data set "nowhere"'),
        ({"dataset": []}, "empty"),
        ({"dataset": [1]}, "read_voc"),
        ({"dataset": __file__}, "is a file"),
        ({"dataset": None}, 'dataset must be "samples", the path of .*, got NoneType'),
        ({"dataset": np.zeros((2, 4, 4, 3))}, 'dataset must be "samples", the path of .*, got ndarray'),
        ({"output": "t.txt"}, "must end in .csv or .parquet"),
        ({"output": "nowhere/t.csv"}, "does not exist"),
        ({"target": "first"}, "target must be"),
        ({"limit": 0}, "limit must be"),
        ({"step_size": 0}, "step_size must be"),
        ({"step_size": 2.5}, "step_size must be a whole number"),
        ({"tolerance": -1}, "tolerance"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"seed": None}, "seed must be a whole number, got None"),
        ({"split": "test"}, "Pascal VOC"),
        ({"images": "."}, "COCO"),
        ({"classifier": 3}, "name of a network"),
        ({"classifier": "resnet51"}, '"resnet50"'),
        ({"classifier": list}, "must return a Classifier"),
        ({"n_workers": 2}, "workers make networks of their own"),
        ({"n_workers": 0}, "n_workers must be"),
        ({"n_workers": 2, "scheduler": "tcp://127.0.0.1:1"}, "not both"),
    ],
)
def test_bad_input_is_refused_before_any_map(small, folder, tmp_path, monkeypatch, changed, message):
    def never(classifier, image, target):
        raise AssertionError("a map was computed")

    monkeypatch.chdir(tmp_path)
    good = {"classifier": small, "dataset": folder, "methods": {"never": never}, "metrics": ["deletion"]}
    with pytest.raises((ValueError, OSError), match=message):
        benchmark(**{**good, **changed})
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


def test_an_empty_folder_unwritable_output_and_unknown_categories_are_refused(small, coco, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="is empty"):
        benchmark(small, tmp_path / "empty", METHODS)
    with pytest.raises(ValueError, match="none of the categories class 0, class 1 is a class of"):
        benchmark(small, coco, METHODS, class_mapping={"dog": [1]})
    with pytest.raises(ValueError, match='leave the target at "class"'):
        benchmark(small, coco, METHODS, "pointing", target="predicted")
    with pytest.raises(FileNotFoundError, match="none of the photographs is there"):
        benchmark(small, coco, METHODS, images=tmp_path / "empty")
    (tmp_path / "t.csv").mkdir()
    with pytest.raises(ValueError, match="is not a table of a benchmark"):
        benchmark(small, coco, METHODS, output=tmp_path / "t.csv")
    if getattr(os, "geteuid", int)():  # root may write anywhere, and Windows has other rights
        (tmp_path / "empty").chmod(0o500)
        with pytest.raises(PermissionError, match="cannot be written"):
            benchmark(small, coco, METHODS, output=tmp_path / "empty" / "t.csv")


def test_samples_and_annotated_images_can_be_given_as_a_list(small, coco):
    rows = benchmark(small, read_coco(coco)[1:], {"left": left_to_right}, "pointing").rows
    assert [row.category for row in rows] == ["class 0", "class 1"]
    assert read_coco(coco)[1].boxes("class 1") == [Box(20, 10, 28, 18)]

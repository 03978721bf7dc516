import io
import os
import sys

import PIL.Image
import pytest


def test_evaluate_prints_the_table_and_writes_rows_tables_and_figure_and_goes_on_where_it_was(tpvis, tmp_path):
    command = ["evaluate", "samples", "--methods", "gradient,grad_cam", "--metrics", "density,time", "--limit", 2]
    command += ["-o", "r.csv", "--figure", "f.png", "--markdown", "t.md", "--latex", "t.tex"]
    code, out, _ = tpvis(*command)
    assert code == 0
    assert "density positive ↑" in out
    assert "samples, 2 images" in out
    assert "means (of time: medians) with 95 % bootstrap intervals" in out
    rows = (tmp_path / "r.csv").read_text(encoding="utf-8")
    assert len(rows.splitlines()) == 1 + 2 * 2 * 3
    assert (tmp_path / "t.md").read_text(encoding="utf-8").startswith("| method | density positive ↑")
    assert r"\toprule" in (tmp_path / "t.tex").read_text(encoding="utf-8")
    assert PIL.Image.open("f.png").width > 300
    assert tpvis(*command)[1] == out
    assert (tmp_path / "r.csv").read_text(encoding="utf-8") == rows

    code, _, err = tpvis(*command, "--seed", 1)
    assert code == 2
    assert "rows of another run" in err


def test_a_metric_added_at_run_time_is_taken_by_name(tpvis, monkeypatch):
    from tp_visualisation.evaluation import METRICS, Metric

    def peak(subject):
        return subject.saliency_map.max() / subject.saliency_map.sum()

    monkeypatch.setitem(METRICS, "peak", Metric("peak", ("peak",), "↑", "", "mean", peak))
    code, out, _ = tpvis("evaluate", "samples", "-m", "gradient", "--metrics", "peak", "--limit", 1)
    assert code == 0
    assert "peak ↑" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], 'no data set "nowhere"'),
        (["."], "is empty"),
        (["samples", "-m", "grad_can"], '"grad_cam"'),
        (["samples", "-m", ","], "no method given"),
        (["samples", "--metrics", "deleton"], '"deletion"'),
        (["samples", "--metrics", "pointing"], "needs boxes"),
        (["samples", "--network", "resnet51"], '"resnet50"'),
        (["samples", "--engine", "auto"], 'engine must be "tensorflow"'),
        (["samples", "-o", "results"], ".csv or .parquet"),
        (["samples", "-o", "nowhere/r.csv"], "does not exist"),
        (["samples", "--figure", "f.foo"], "suffix"),
        (["samples", "--latex", "nowhere/t.tex"], "does not exist"),
        (["samples", "--limit", "0"], "limit"),
        (["samples", "--step-size", "0"], "--step-size must be at least 1"),
        (["samples", "--target", "first"], "predicted"),
        (["samples", "--workers", "0"], "workers"),
        (["samples", "--split", "val"], "Pascal VOC"),
        (["samples", "--seed", "-1", "--network", "not looked for"], "seed must be at least 0, got -1."),
    ],
)
def test_evaluate_refuses_bad_input_in_one_line_and_writes_nothing(refused, tmp_path, arguments, message):
    assert message in refused("evaluate", *arguments)
    assert list(tmp_path.iterdir()) == []


def test_lost_workers_end_in_one_line_and_so_does_an_error_of_the_program(refused, monkeypatch):
    from tp_visualisation import evaluation
    from tp_visualisation.evaluation.study.cluster import WorkersLost

    def ends_with(error):
        def benchmark(*args, **options):
            raise error

        monkeypatch.setattr(evaluation, "benchmark", benchmark)

    ends_with(WorkersLost("3 maps are missing, as every worker\nthat began one of them died."))
    assert "3 maps are missing, as every worker that began" in refused("evaluate", "samples", "--workers", 2)
    for error in (RuntimeError("a mistake of ours"), TypeError("a mistake of ours")):
        ends_with(error)
        assert f"{type(error).__name__}: a mistake of ours (no mistake of yours" in refused("evaluate", "samples")


def test_help_says_that_a_time_is_a_median(tpvis):
    words = " ".join(tpvis("evaluate", "--help")[1].split())
    assert "of times the median" in words
    assert "on average" not in words


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-16"])
def test_the_table_is_printed_in_any_encoding_of_the_console(tpvis, tmp_path, monkeypatch, encoding):
    """The folder's name is no text, and looks like a style of the console."""
    folder = os.fsdecode(b"caf\xe9[/b] \xc2\xb5")
    (tmp_path / folder / "251").mkdir(parents=True)
    PIL.Image.new("RGB", (64, 64), (90, 120, 30)).save(tmp_path / folder / "251" / "x.png")
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", console)
    output = os.fsdecode(b"r\xe9.csv")
    arguments = ["-m", "gradient", "--metrics", "density", "-o", output, "--markdown", "t.md", "--figure", "f.png"]
    assert tpvis("evaluate", folder, *arguments)[0] == 0
    console.flush()
    out = console.buffer.getvalue().decode(encoding)
    arrow = "↑" if encoding.startswith("utf") else r"\u2191"
    assert f"density positive {arrow}" in out
    assert r"caf\xe9[/b]" in out
    assert all(name in out for name in (r"r\udce9.csv", "t.md", "f.png"))
    assert (tmp_path / output).read_text(encoding="utf-8").count("251/x.png") == 2
    assert (tmp_path / "f.png").exists()


def test_the_second_process_on_an_output_is_told_in_one_line(refused, tmp_path):
    from tp_visualisation.files import open_alone

    with open_alone(tmp_path / "results.csv.settings.json"):
        said = refused("evaluate", "samples", "-m", "gradient", "--metrics", "density", "--limit", 1)
    assert 'results.csv" is being written by another process: wait for its end, or give another output.' in said
    assert not (tmp_path / "results.csv").exists()

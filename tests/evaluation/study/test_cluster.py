"""Two schedulers, one answer."""

import os
import signal
from functools import partial

import pytest

from tp_visualisation.course import small_classifier
from tp_visualisation.evaluation import Metric, benchmark
from tp_visualisation.evaluation.study import cluster
from tp_visualisation.saliency import gradient, rise

pytest.importorskip("distributed")


def dies_once(classifier, image, target, marker):
    """The gradient; the first process that computes it is killed on the way."""
    if not marker.exists():
        marker.write_text(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
    return gradient(classifier, image, target)


def spread(subject):
    return subject.saliency_map.std()


SPREAD = Metric("spread", ("spread",), "↓", "", "mean", spread)


def other_weights():
    return small_classifier(seed=os.getpid())


def table(result):
    return [row for row in result.rows if row.metric != "time"]


@pytest.mark.skipif(os.name == "nt", reason="kills are those of Unix")
def test_two_workers_one_of_them_killed_give_the_table_of_a_serial_run(folder, tmp_path):
    methods = {"fatal": partial(dies_once, marker=tmp_path / "marker"), "rise": partial(rise, n_masks=64)}

    def run(name, **where):
        metrics = ["deletion", "insertion", "density", "time", SPREAD]
        return benchmark(small_classifier, folder, methods, metrics, output=tmp_path / name, step_size=100, **where)

    parallel = run("parallel.csv", n_workers=2)
    assert int((tmp_path / "marker").read_text(encoding="utf-8")) != os.getpid()
    assert table(parallel) == table(run("serial.csv"))
    lines = [(tmp_path / name).read_text(encoding="utf-8").splitlines() for name in ("parallel.csv", "serial.csv")]
    assert len(lines[0]) == len(lines[1]) == 1 + 4 * 2 * 6
    assert run("parallel.csv", n_workers=2) == parallel


def test_the_address_of_a_scheduler_can_be_given_and_a_network_that_is_another_each_time_is_refused(folder):
    from distributed import LocalCluster

    with LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address="127.0.0.1:0") as local:
        options = {"scheduler": local.scheduler_address, "step_size": 100}
        result = benchmark(small_classifier, folder, "gradient", "deletion", **options)
        assert result == benchmark(small_classifier, folder, "gradient", "deletion", step_size=100)
        with pytest.raises(ValueError, match="other weights"):
            benchmark(other_weights, folder, "gradient", "deletion", **options)


@pytest.mark.skipif(os.name == "nt", reason="kills are those of Unix")
def test_a_map_that_takes_down_its_worker_is_left_out_and_said_and_tried_again_by_the_next_run(folder, tmp_path):
    import dask

    marker, output = tmp_path / "marker", tmp_path / "t.csv"
    options = {"output": output, "n_workers": 1, "step_size": 100}
    methods = {"fatal": partial(dies_once, marker=marker)}
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        pytest.raises(cluster.WorkersLost, match="missing"),
    ):
        benchmark(small_classifier, folder, methods, "deletion", **options)
    assert len(output.read_text(encoding="utf-8").splitlines()) < 1 + 4
    again = benchmark(small_classifier, folder, methods, "deletion", output=output, step_size=100)
    assert len(output.read_text(encoding="utf-8").splitlines()) == 1 + 4
    assert again == benchmark(small_classifier, folder, methods, "deletion", step_size=100)


def test_no_scheduler_there(folder, monkeypatch):
    monkeypatch.setattr(cluster, "_CONNECT_SECONDS", 0.2)
    with pytest.raises(OSError, match='no Dask scheduler answers at "tcp://127.0.0.1:9"'):
        benchmark(small_classifier, folder, "gradient", "deletion", scheduler="tcp://127.0.0.1:9")


def test_processes_that_do_not_start_are_said_in_one_sentence(folder, monkeypatch):
    import distributed

    def fails(**options):
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr(distributed, "LocalCluster", fails)
    with pytest.raises(OSError, match="could not be started on this machine: Nanny failed to start"):
        benchmark(small_classifier, folder, "gradient", "deletion", n_workers=2)


def test_what_is_lost_is_an_error_of_the_machines_and_still_a_runtime_error():
    assert issubclass(cluster.WorkersLost, OSError)
    assert issubclass(cluster.WorkersLost, RuntimeError)

